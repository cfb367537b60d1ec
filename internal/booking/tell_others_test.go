package booking

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Domain, Family data 5: who shares children learns that they were booked, moved, given up, and that the other guardian is gone,
// by one mail each, which says nothing of that guardian; a guest's booking tells nobody.
func TestTheOtherGuardianLearnsOfBookings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.session(4)
	actor, children := h.signedIn(first, "kanarienvogel@exemple.fr", "Zoé", "Łukasz")
	anh := h.shareChildren(h.text(`SELECT reference FROM booking_groups`), "Ánh Nguyễn", "anh@exemple.fr")
	h.exec(`UPDATE guardians SET proved_at = ?2, language = 'en' WHERE id = ?1`, anh, sqlite.Time(monday))
	h.exec(`UPDATE guardians SET name = 'Kanarienvogel' WHERE id = ?`, actor.ID)
	seen := 0
	wants := func(after string, want ...string) {
		t.Helper()
		got := h.text(`SELECT coalesce(group_concat(payload ->> '$.what' || ' ' || (payload ->> '$.children') || ' ' || coalesce(payload ->> '$.session.starts_at', '-'), ', ' ORDER BY id), '')
			FROM outbox WHERE guardian_id = ?1 AND kind = ?2 AND recipient = 'anh@exemple.fr' AND language = 'en' AND id > ?3`, anh, outbox.ChildChanged, seen)
		if got != strings.Join(want, ", ") {
			t.Errorf("after %s she learns %q, want %q", after, got, want)
		}
		seen = h.count(`SELECT max(id) FROM outbox`)
		if n := h.count(`SELECT count(*) FROM outbox WHERE guardian_id = ?1 AND lower(payload) LIKE '%kanari%'`, anh); n != 0 {
			t.Errorf("after %s: a mail says who the other guardian is", after)
		}
	}
	const saturday, next, later = " 2027-05-08T12:00:00Z", " 2027-05-15T12:00:00Z", " 2027-05-22T12:00:00Z"
	full, free := h.nextSaturday(1), h.published(heldOn(h.edition(4), "2027-05-22", "14:00", "16:00"))

	r := own(children, full)
	r.Sessions[0].IfFull = Split
	booked, err := h.BookOwn(t.Context(), actor, newKey(), r)
	h.must(err)
	wants("a booking", `booked ["Zoé"]`+next, `waiting ["Łukasz"]`+next)
	key := newKey()
	for range 2 {
		h.must(h.Move(t.Context(), actor, key, h.mailed(booked[0]), free))
	}
	wants("a move", `moved ["Zoé","Łukasz"]`+later)
	var lukasz int64
	for _, c := range h.group(booked[0]).Children {
		if c.FirstName == "Łukasz" {
			lukasz = c.BookingID
		}
	}
	for range 2 {
		h.must(h.cancel(booked[0], lukasz))
	}
	wants("a cancellation", `cancelled ["Łukasz"]`+later)
	h.book(request(free, "guest@exemple.fr", "李"))
	wants("the booking of a guest")
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
	h.must(h.erase(booked[0]))
	wants("the erasure of who booked", `cancelled ["Zoé","Łukasz"]`+saturday, `cancelled ["Zoé"]`+later, `left ["Zoé","Łukasz"] -`)
	if n := h.count(`SELECT count(*) FROM outbox WHERE guardian_id = ?1 AND recipient = ''`, anh); n != 0 {
		t.Errorf("%d mails to who stays are gone", n)
	}
	h.wantSound()
}

// othersMail are the messages to the other guardian of a child since the last look: what each says, and of whom.
type othersMail struct {
	h    *house
	who  int64
	seen int
}

// shared signs a guardian in whose children have a second one, and begins to read what that one gets.
func (h *house) shared(email string, firsts ...string) (account.Actor, []OwnChild, *othersMail) {
	h.t.Helper()
	actor, children := h.signedIn(h.session(4), email, firsts...)
	other := h.shareChildren(h.text(`SELECT max(reference) FROM booking_groups WHERE guardian_id = ?`, actor.ID), "Ánh Nguyễn", "anh@exemple.fr")
	h.exec(`UPDATE guardians SET proved_at = ?2 WHERE id = ?1`, other, sqlite.Time(monday))
	return actor, children, &othersMail{h: h, who: other, seen: h.count(`SELECT max(id) FROM outbox`)}
}

func (o *othersMail) want(after string, want ...string) {
	o.h.t.Helper()
	got := o.h.text(`SELECT coalesce(group_concat(payload ->> '$.what' || ' ' || (payload ->> '$.children'), ', ' ORDER BY id), '')
		FROM outbox WHERE guardian_id = ?1 AND kind = ?2 AND id > ?3`, o.who, outbox.ChildChanged, o.seen)
	if got != strings.Join(want, ", ") {
		o.h.t.Errorf("after %s the other guardian learns %q, want %q", after, got, want)
	}
	o.seen = o.h.count(`SELECT max(id) FROM outbox`)
}

// Domain, Family data 5: how a wait ends is news to the other guardian, once: the seat that is taken, given unasked or by the
// team, and the place on the list that is lost. An offer alone, and one that leaves the place, are none.
func TestTheOtherGuardianLearnsHowAWaitEnds(t *testing.T) {
	t.Parallel()
	// Each case begins with the siblings waiting for the two seats of a session that somebody else has.
	for name, c := range map[string]struct {
		unasked bool
		end     func(h *house, blocker, waiting string)
		want    []string
	}{
		"accepted": {end: func(h *house, blocker, waiting string) {
			h.must(h.cancel(blocker))
			for range 2 {
				h.must(h.accept(waiting))
			}
		}, want: []string{`seated ["Zoé","Łukasz"]`}},
		"accepted by phone": {end: func(h *house, blocker, waiting string) {
			h.must(h.cancel(blocker))
			h.must(h.AcceptFor(h.t.Context(), staff, newKey(), waiting))
		}, want: []string{`seated ["Zoé","Łukasz"]`}},
		"declined": {end: func(h *house, blocker, waiting string) {
			h.must(h.cancel(blocker))
			for range 2 {
				h.must(h.decline(waiting))
			}
		}, want: []string{`unlisted ["Zoé","Łukasz"]`}},
		"given unasked": {unasked: true, end: func(h *house, blocker, _ string) { h.must(h.cancel(blocker)) },
			want: []string{`seated ["Zoé","Łukasz"]`}},
		"given by the team": {end: func(h *house, _, waiting string) {
			h.must(h.Give(h.t.Context(), staff, newKey(), waiting, nil, "une chaise de plus"))
		}, want: []string{`seated ["Zoé","Łukasz"]`}},
		"a first answer missed": {end: func(h *house, blocker, waiting string) {
			h.must(h.cancel(blocker))
			h.expire(h.group(waiting).OfferUntil())
			h.wantSeats(waiting, "offered", "offered") // again: nobody else waits
		}},
		"the last answer missed": {end: func(h *house, blocker, waiting string) {
			h.exec(`UPDATE bookings SET unanswered_offers = 1 WHERE status = 'waiting'`)
			h.must(h.cancel(blocker))
			h.expire(h.group(waiting).OfferUntil())
			h.wantSeats(waiting, "lapsed", "lapsed")
		}, want: []string{`unlisted ["Zoé","Łukasz"]`}},
		"a no on the phone": {end: func(h *house, _, waiting string) {
			h.must(h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				g, err := groupByReference(tx, waiting)
				if err != nil {
					return err
				}
				v, err := viewGroup(tx, g.id)
				if err != nil {
					return err
				}
				return leaveList(tx, staff, v, v.waitingAmong(nil))
			}))
		}, want: []string{`unlisted ["Zoé","Łukasz"]`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			actor, children, others := h.shared("kanarienvogel@exemple.fr", "Zoé", "Łukasz")
			full := h.nextSaturday(2)
			blocker := h.book(request(full, "blocker@exemple.fr", "李", "محمد"))
			r := own(children, full)
			r.Sessions[0].IfFull, r.Sessions[0].Unasked = Wait, c.unasked
			booked, err := h.BookOwn(t.Context(), actor, newKey(), r)
			h.must(err)
			others.want("joining the list", `waiting ["Zoé","Łukasz"]`)
			c.end(h, blocker, booked[0])
			others.want(name, c.want...)
			h.wantSound()
		})
	}
}

// What the team does to a session is news to the other guardian too, by one message whoever booked its children and however often;
// that it is called off waits as long as the message to who booked.
func TestTheOtherGuardianLearnsWhatTheTeamDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	actor, children, others := h.shared("kanarienvogel@exemple.fr", "Zoé", "Łukasz")
	session := h.nextSaturday(4)
	for i := range children {
		_, err := h.BookOwn(t.Context(), actor, newKey(), own(children[i:i+1], session))
		h.must(err)
	}
	h.book(request(session, "guest@exemple.fr", "李"))
	others.want("two bookings", `booked ["Zoé"]`, `booked ["Łukasz"]`)

	r := h.edition(4)
	r.Date, r.Starts, r.Ends = "2027-05-15", "10:00", "12:00"
	h.must(h.EditSession(t.Context(), staff, newKey(), session, r))
	others.want("another hour", `rescheduled ["Zoé","Łukasz"]`)
	if at := h.text(`SELECT payload ->> '$.session.starts_at' FROM outbox ORDER BY id DESC LIMIT 1`); at != "2027-05-15T08:00:00Z" {
		t.Errorf("they are told %s", at)
	}
	r.Capacity = 5
	h.must(h.EditSession(t.Context(), staff, newKey(), session, r))
	others.want("another seat")

	h.clock.Set(monday.Add(time.Minute))
	h.must(h.CancelSession(t.Context(), staff, newKey(), session, "animateur malade"))
	others.want("the end of it", `called_off ["Zoé","Łukasz"]`)
	if n := h.count(`SELECT count(DISTINCT send_after) FROM outbox WHERE created_at = (SELECT max(created_at) FROM outbox) AND kind IN (?, ?)`,
		outbox.SessionCancelled, outbox.ChildChanged); n != 1 {
		t.Errorf("these messages leave at %d instants, want 1", n)
	}
	h.wantSound()
}

// What a guest booked is news to the other guardian once the mailbox is proved and the booking is of the family: before, it may be
// anybody's; and of what is over nobody is told.
func TestTheOtherGuardianLearnsOfAGuestsBookingOnceItIsProved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, _, others := h.shared("kanarienvogel@exemple.fr", "Zoé", "Łukasz")
	over, to := h.published(heldOn(h.edition(4), "2027-05-04", "14:00", "16:00")), h.nextSaturday(1)
	h.book(request(over, "kanarienvogel@exemple.fr", "Zoé"))
	r := joining(to, "kanarienvogel@exemple.fr", "Zoé", "Łukasz", "李")
	r.IfFull = Split
	guest := h.book(r)
	others.want("the booking of a guest")
	h.clock.Set(monday.Add(36 * time.Hour))
	for range 2 {
		h.must(h.Prove(t.Context(), newKey(), h.mailed(guest)))
	}
	others.want("the proof", `booked ["Zoé"]`, `waiting ["Łukasz"]`)
	h.wantSound()
}

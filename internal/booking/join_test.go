package booking

import (
	"context"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// later is the edition a week on, of the same workshop.
func (h *house) later(capacity int) catalog.SessionRequest {
	r := h.edition(capacity)
	r.Date = "2027-05-15"
	return r
}

func (h *house) join(reference string, session int64, w Wishes) (string, error) {
	return h.Join(h.t.Context(), account.Guest(), newKey(), h.screen(reference), JoinRequest{SessionID: session, Wishes: w})
}

// Waiting list 8: a second choice is an ordinary place with its own time of joining; winning one leaves the other only
// when the family says so.
func TestSecondChoice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.session(1), h.published(h.later(1))
	here, there := h.book(request(first, "a@exemple.fr", "Łukasz")), h.book(request(second, "b@exemple.fr", "李"))
	mine := h.book(joining(first, "zoe@exemple.fr", "Zoé"))
	h.book(joining(second, "c@exemple.fr", "محمد"))

	choices, err := h.SecondChoices(t.Context(), h.screen(mine))
	h.must(err)
	if len(choices) != 1 || choices[0].Session.ID != second || choices[0].Open != 0 {
		t.Fatalf("choices are %+v, want the later session, full", choices)
	}
	also, err := h.join(mine, second, Wishes{})
	h.must(err)
	h.wantSeats(also, "waiting")
	if rank := h.group(also).Rank(); rank != 2 {
		t.Errorf("rank %d on the other list, want 2: it joined after محمد", rank)
	}
	h.wantLetters(also, outbox.WaitingJoined)
	if choices, err := h.SecondChoices(t.Context(), h.screen(mine)); err != nil || len(choices) != 0 {
		t.Errorf("the same choice is offered again: %v, %v", choices, err)
	}
	if _, err := h.join(mine, second, Wishes{}); !fault.Is(err, fault.Conflict, "booking.join_nobody") {
		t.Errorf("joined twice: %v", err)
	}

	// The seat of the first list comes: accept it, and leave the second in the same transaction.
	h.must(h.cancel(here))
	linked := h.group(mine).Linked
	if len(linked) != 1 || linked[0].Link.Reference != also {
		t.Fatalf("linked is %+v, want %s", linked, also)
	}
	if err := h.Accept(t.Context(), account.Guest(), newKey(), h.screen(mine), []string{there}); !fault.Is(err, fault.Invalid, "booking.leave_unknown") {
		t.Errorf("left a stranger's place: %v", err)
	}
	h.wantSeats(mine, "offered")
	h.must(h.Accept(t.Context(), account.Guest(), newKey(), h.screen(mine), []string{also}))
	h.wantSeats(mine, "confirmed")
	h.wantSeats(also, "cancelled")
	h.wantSeats(there, "confirmed")
}

// A second choice that is kept lives on beside the seat; its mail and its page name the other.
func TestSecondChoiceKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.session(1), h.published(h.later(1))
	h.book(request(first, "a@exemple.fr", "Łukasz"))
	there := h.book(request(second, "b@exemple.fr", "李"))
	mine := h.book(joining(first, "zoe@exemple.fr", "Zoé"))
	also, err := h.join(mine, second, Wishes{Unasked: true})
	h.must(err)
	h.must(h.cancel(there))
	h.wantSeats(also, "confirmed") // unasked
	h.wantSeats(mine, "waiting")
	h.wantLetters(also, outbox.WaitingJoined, outbox.SeatGiven)
	if joined := h.letters(also)[0]; !joined.Unasked || len(joined.Also) != 1 {
		t.Errorf("the mail of the list says unasked %t, also %v", joined.Unasked, joined.Also)
	}
	g := h.group(also)
	if len(g.Linked) != 1 || len(g.Linked[0].Waiting) != 1 {
		t.Errorf("linked is %+v, want the first list, where Zoé waits", g.Linked)
	}
}

// Where seats are free a second choice is a booking (Waiting list 1).
func TestSecondChoiceWithSeats(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.session(1), h.published(h.later(1))
	h.book(request(first, "a@exemple.fr", "Łukasz"))
	mine := h.book(joining(first, "zoe@exemple.fr", "Zoé", "李"))
	also, err := h.join(mine, second, Wishes{})
	h.must(err)
	h.wantSeats(also, "confirmed", "waiting")
	h.wantLetters(also, outbox.BookingConfirmed)
}

func TestSecondChoiceOfAnotherWorkshop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.session(1)
	other, err := h.catalog.CreateWorkshop(t.Context(), staff, newKey(), catalog.Workshop{Title: "Musique", Level: "Initiation",
		Discipline: "musique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120})
	h.must(err)
	r := h.later(1)
	r.WorkshopID = other
	music := h.published(r)
	h.book(request(first, "a@exemple.fr", "Łukasz"))
	mine := h.book(joining(first, "zoe@exemple.fr", "Zoé"))
	if _, err := h.join(mine, music, Wishes{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("joined a session of another workshop: %v", err)
	}
}

// Waiting list 5: who declined may come back, at the end of the list.
func TestJoinAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
	mine := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	other := h.book(joining(session, "li@exemple.fr", "李"))
	if _, err := h.join(mine, session, Wishes{}); !fault.Is(err, fault.Conflict, "booking.join_nobody") {
		t.Errorf("joined while waiting: %v", err)
	}
	h.must(h.cancel(taken))
	h.must(h.decline(mine))
	h.wantSeats(other, "offered")
	again, err := h.join(mine, session, Wishes{Unasked: true})
	h.must(err)
	h.wantSeats(again, "waiting")
	h.must(h.decline(other))
	h.wantSeats(again, "confirmed")
	if _, err := h.join(mine, session, Wishes{}); !fault.Is(err, fault.Conflict, "booking.join_nobody") {
		t.Errorf("joined with a seat: %v", err)
	}
}

// Waiting list 3: theirs at once, until 18:00 of the day before at the venue; afterwards an offer as to others.
func TestUnasked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		at   time.Time
		want string
	}{
		{"days before", monday, "confirmed"},
		{"a second before", time.Date(2027, 5, 7, 15, 59, 59, 0, time.UTC), "confirmed"},
		{"at 18:00 in Paris", time.Date(2027, 5, 7, 16, 0, 0, 0, time.UTC), "offered"},
		{"on the day, early", time.Date(2027, 5, 8, 6, 0, 0, 0, time.UTC), "offered"},
		{"too late for anybody", time.Date(2027, 5, 8, 8, 0, 0, 0, time.UTC), "waiting"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := h.session(1)
			taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
			r := joining(session, "zoe@exemple.fr", "Zoé")
			r.Unasked = true
			mine := h.book(r)
			if joined := h.wantLetters(mine, outbox.WaitingJoined); !joined.Unasked {
				t.Error("the mail of the list does not tell what was asked for")
			}
			h.clock.Set(tt.at)
			h.must(h.cancel(taken))
			h.wantSeats(mine, tt.want)
			if tt.want == "confirmed" {
				h.wantLetters(mine, outbox.WaitingJoined, outbox.SeatGiven)
				h.must(h.accept(mine)) // a click on an old page finds the seat theirs
			}
		})
	}
}

// What a family wants may change while it waits; a seat it can use from now on is offered at once.
func TestSetWishes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
	h.book(request(session, "b@exemple.fr", "Nguyễn"))
	mine := h.book(together(session, "zoe@exemple.fr", "Zoé", "李"))
	h.must(h.cancel(taken))
	h.wantSeats(mine, "waiting", "waiting")
	set := func(w Wishes) error {
		return h.SetWishes(t.Context(), account.Guest(), newKey(), h.screen(mine), w)
	}
	h.must(set(Wishes{}))
	h.wantSeats(mine, "offered", "waiting")
	if err := set(Wishes{Together: true}); !fault.Is(err, fault.Conflict, "booking.wishes_offered") {
		t.Errorf("together while one is offered: %v", err)
	}
	h.must(h.accept(mine))
	h.must(set(Wishes{Unasked: true}))
	if g := h.group(mine); !g.Unasked || g.Together {
		t.Errorf("wishes are %v %v", g.Together, g.Unasked)
	}
	h.must(h.cancel(mine))
	if err := set(Wishes{}); !fault.Is(err, fault.Gone, "booking.wishes_late") {
		t.Errorf("nobody waits: %v", err)
	}
}

// A closed list takes nobody new, and still serves who is on it.
func TestClosedList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
	mine := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.catalog.CloseList(t.Context(), staff, newKey(), session, true))
	if _, err := h.Book(t.Context(), account.Guest(), newKey(), joining(session, "li@exemple.fr", "李")); !fault.Is(err, fault.Conflict, "booking.list_closed") {
		t.Errorf("joined a closed list: %v", err)
	}
	h.must(h.cancel(taken))
	h.wantSeats(mine, "offered")
	h.must(h.catalog.CloseList(t.Context(), staff, newKey(), session, false))
	h.wantSeats(h.book(joining(session, "li@exemple.fr", "李")), "waiting")
}

// Capacity 4: another session at the same time is pointed out when a seat is offered, to who may know of it.
func TestOverlaps(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.session(1)
	r := h.edition(3)
	r.Starts, r.Ends = "15:30", "17:30"
	sameTime := h.published(r)
	r.Starts, r.Ends = "16:00", "18:00"
	after := h.published(r)
	taken := h.book(request(first, "a@exemple.fr", "Łukasz"))
	h.book(request(sameTime, "zoe@exemple.fr", "Zoé"))
	h.book(request(after, "zoe@exemple.fr", "Zoé"))
	mine := h.book(joining(first, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(taken))
	if got := h.group(mine).Overlaps; len(got) != 0 {
		t.Errorf("a guest learns of %v", got)
	}
	g, err := h.Find(t.Context(), h.mailed(mine))
	h.must(err)
	if len(g.Overlaps) != 1 || g.Overlaps[0].Session.ID != sameTime || g.Overlaps[0].FirstName != "Zoé" {
		t.Errorf("overlaps are %+v, want the session of 15:30", g.Overlaps)
	}
}

// What the team does beyond the rules needs a reason, which stays with a name.
func TestGive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
	one := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	two := h.book(joining(session, "li@exemple.fr", "李"))
	giveTo := func(reference, reason string) error {
		return h.Give(t.Context(), staff, newKey(), reference, nil, reason)
	}
	if err := giveTo(two, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("overbooked without a reason: %v", err)
	}
	h.must(giveTo(two, "Animatrice d'accord, une chaise de plus"))
	h.wantSeats(two, "confirmed")
	h.wantLetters(two, outbox.WaitingJoined, outbox.SeatGiven)
	if n := h.count(`SELECT count(*) FROM bookings WHERE override_by = 99 AND override_reason <> ''`); n != 1 {
		t.Errorf("%d overrides are kept, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.override' AND actor = 'user:99'`); n != 1 {
		t.Errorf("%d audit lines of the override, want 1", n)
	}
	if err := giveTo(two, "encore"); !fault.Is(err, fault.Conflict, "booking.give_nobody") {
		t.Errorf("gave twice: %v", err)
	}

	// In order, when it is too late for a mail: no reason needed.
	h.clock.Set(time.Date(2027, 5, 8, 9, 0, 0, 0, time.UTC))
	h.must(h.cancel(taken))
	h.must(h.cancel(two))
	h.wantSeats(one, "waiting")
	h.must(giveTo(one, ""))
	h.wantSeats(one, "confirmed")
	if err := h.Give(t.Context(), account.Guest(), newKey(), one, nil, ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a guest gave a seat: %v", err)
	}
}

func TestOfferTo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	h.book(request(session, "a@exemple.fr", "Łukasz"))
	h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	two := h.book(joining(session, "li@exemple.fr", "李"))
	offerTo := func(reason string) error { return h.OfferTo(t.Context(), staff, newKey(), two, nil, reason) }
	if err := offerTo(""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("offered out of order without a reason: %v", err)
	}
	h.must(offerTo("Inscrite par erreur le mauvais jour"))
	h.wantSeats(two, "offered")
	h.must(h.accept(two))
	h.clock.Set(time.Date(2027, 5, 8, 9, 0, 0, 0, time.UTC))
	if err := offerTo("Trop tard"); !fault.Is(err, fault.Conflict, "booking.offer_short") {
		t.Errorf("offered without time to answer: %v", err)
	}
}

// An override ends with the offer that it was for: the next seat comes by the rules, and counts as one (I1).
func TestOverrideEndsWithItsOffer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.edition(1)
	r.Date = "2027-05-29"
	session := h.published(r)
	taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
	mine := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	overrides := func() int { return h.count(`SELECT count(*) FROM bookings WHERE override_by IS NOT NULL`) }
	h.must(h.OfferTo(t.Context(), staff, newKey(), mine, nil, "Une chaise de plus"))
	if n := overrides(); n != 1 {
		t.Fatalf("%d overrides, want 1", n)
	}
	h.expire(h.group(mine).OfferUntil())
	h.wantSeats(mine, "waiting")
	if n := overrides(); n != 0 {
		t.Errorf("%d overrides of who waits", n)
	}
	h.must(h.cancel(taken))
	h.must(h.accept(mine))
	if n := overrides(); n != 0 {
		t.Errorf("%d overrides after a seat by the rules", n)
	}
}

// What was overridden when a child was booked is not about the seat: it stays when an offer runs out.
func TestOverrideOfAgeStays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.edition(1)
	r.Date = "2027-05-29"
	session := h.published(r)
	taken := h.book(request(session, "a@exemple.fr", "Łukasz"))
	young := joining(session, "zoe@exemple.fr", "Zoé")
	young.Children[0].BirthDate = time.Date(2021, 12, 1, 0, 0, 0, 0, time.UTC)
	mine, err := h.BookFor(t.Context(), staff, newKey(), young, "Sa sœur l'accompagne")
	h.must(err)
	h.must(h.cancel(taken))
	h.expire(h.group(mine).OfferUntil())
	if got := h.text(`SELECT override_reason FROM bookings WHERE override_by IS NOT NULL`); got != "Sa sœur l'accompagne" {
		t.Errorf("the reason is %q", got)
	}
}

// When a session is moved so close that no time to answer is left, its offers are taken back and the override with them.
func TestOverrideEndsWithAMove(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(1)
	h.book(request(session, "a@exemple.fr", "Łukasz"))
	mine := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.OfferTo(t.Context(), staff, newKey(), mine, nil, "Une chaise de plus"))
	h.must(h.edit(session, func(_ *int, date *string) { *date = "2027-05-03" })) // today at 14 h, and it is ten
	h.wantSeats(mine, "waiting")
	h.wantOutcomes(mine, "withdrawn")
	if n := h.count(`SELECT count(*) FROM bookings WHERE override_by IS NOT NULL`); n != 0 {
		t.Errorf("%d overrides of who waits", n)
	}
	h.wantLetters(mine, outbox.WaitingJoined, outbox.SeatOffered, outbox.SessionMoved)
}

// Two linked places on one list: leaving the first passes its seat on to the second, which is then left as well.
func TestLeaveTwoPlacesOfOneList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, second := h.session(2), h.published(h.later(1))
	here, there := h.book(request(first, "a@exemple.fr", "Łukasz", "Nguyễn")), h.book(request(second, "b@exemple.fr", "李"))
	mine := h.book(joining(first, "zoe@exemple.fr", "Zoé", "محمد"))
	one, err := h.join(mine, second, Wishes{})
	h.must(err)
	h.must(h.cancel(one, h.group(one).Children[1].BookingID))
	two, err := h.join(mine, second, Wishes{}) // محمد again, who left
	h.must(err)
	h.must(h.cancel(there))
	h.must(h.cancel(here))
	h.wantSeats(mine, "offered", "offered")
	h.wantSeats(one, "offered", "cancelled")
	h.wantSeats(two, "waiting")
	h.must(h.Accept(t.Context(), account.Guest(), newKey(), h.screen(mine), []string{one, two}))
	h.wantSeats(mine, "confirmed", "confirmed")
	h.wantSeats(one, "cancelled", "cancelled")
	h.wantSeats(two, "cancelled")
	h.wantOutcomes(two, "declined")
	if n := h.count(`SELECT count(*) FROM offers WHERE outcome IS NULL`); n != 0 {
		t.Errorf("%d offers live to nobody", n)
	}
}

// The team too needs a reason to tear siblings apart who want all seats or none (Waiting list 4).
func TestGiveTearsNobodyApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	pair := h.book(together(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.clock.Set(time.Date(2027, 5, 8, 9, 0, 0, 0, time.UTC)) // too late for a mail
	h.must(h.cancel(taken[0]))
	h.must(h.cancel(taken[1]))
	one := []int64{h.group(pair).Children[0].BookingID}
	if err := h.Give(t.Context(), staff, newKey(), pair, one, ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("one of two who want to be together: %v", err)
	}
	h.must(h.Give(t.Context(), staff, newKey(), pair, nil, ""))
	h.wantSeats(pair, "confirmed", "confirmed")
}

// Issue 7, point 5: what an unproved address may hold binds a guest, not the team, who has the family on the phone.
func TestTheTeamJoinsBeyondTheCap(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	full, second := h.session(1), h.nextSaturday(5)
	h.book(request(full, "ali@exemple.fr", "Ali"))
	r := request(full, "zoe@exemple.fr", "Zoé")
	r.IfFull = Wait
	reference := h.book(r)
	h.must(h.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := settings.Set(tx, settings.UnprovedBookingsCap.Name, "1")
		return err
	}))
	_, err := h.Join(t.Context(), account.Guest(), newKey(), h.screen(reference), JoinRequest{SessionID: second})
	wantFault(t, err, fault.Conflict, "booking.too_many")
	joined, err := h.JoinFor(t.Context(), staff, newKey(), reference, JoinRequest{SessionID: second})
	h.must(err)
	h.wantSeats(joined, "confirmed")
}

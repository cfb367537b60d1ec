package booking

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// calls are the matters on the call list, in its order: « seat Zoé ».
func (h *house) calls() (list []string) {
	h.t.Helper()
	all, err := h.Calls(h.t.Context(), staff)
	h.must(err)
	for _, c := range all {
		line := string(c.About)
		for _, first := range c.Children {
			line += " " + first
		}
		if !c.SilentAt.IsZero() {
			line += " …"
		}
		list = append(list, line)
	}
	return list
}

func (h *house) wantCalls(want ...string) {
	h.t.Helper()
	if got := h.calls(); !equalLists(got, want) {
		h.t.Errorf("the call list is %q, want %q", got, want)
	}
}

// call records what came of the only call about a booking, twice with the same form.
func (h *house) call(reference string, outcome CallOutcome) CallResult {
	h.t.Helper()
	all, err := h.Calls(h.t.Context(), staff)
	h.must(err)
	i := slices.IndexFunc(all, func(c Call) bool { return c.Reference == reference })
	if i < 0 {
		h.t.Fatalf("nobody is to call about %s", reference)
	}
	key, calls := newKey(), h.count(`SELECT count(*) FROM calls`)
	did, err := h.RecordCall(h.t.Context(), staff, key, all[i].Subject, outcome)
	h.must(err)
	again, err := h.RecordCall(h.t.Context(), staff, key, all[i].Subject, outcome)
	if err != nil || again != did {
		h.t.Errorf("the same form again: %q, %v; want %q", again, err, did)
	}
	if n := h.count(`SELECT count(*) FROM calls`) - calls; n != 1 {
		h.t.Errorf("one call is kept %d times", n)
	}
	if n := h.count(`SELECT count(*) FROM audit a JOIN calls c ON a.record = 'call:' || c.id WHERE a.action = 'booking.call' AND a.actor = 'user:99' AND a.details ->> '$.outcome' = c.outcome`); n != calls+1 {
		h.t.Errorf("%d of %d calls are in the audit", n, calls+1)
	}
	return did
}

// fail gives up the last mail of a kind to a booking.
func (h *house) fail(reference, kind string) {
	h.t.Helper()
	h.exec(`UPDATE outbox SET state = 'failed', done_at = created_at, last_error = '550' WHERE id = (
		SELECT max(id) FROM outbox WHERE kind = ? AND payload ->> '$.reference' = ?)`, kind, reference)
}

// lateSeat is a session of Saturday whose only seat is given up at a quarter past ten of that day, and the families who
// wait for it.
func lateSeat(t *testing.T, waiting ...string) (h *house, families []string) {
	t.Helper()
	h = newHouse(t)
	session, taken := h.full(1)
	for i, first := range waiting {
		families = append(families, h.book(joining(session, fmt.Sprintf("attend.%d@exemple.fr", i), first)))
	}
	h.clock.Set(at(t, "2027-05-08 10:15"))
	h.wantCalls()
	h.must(h.cancel(taken[0]))
	return h, families
}

// TestCallAboutASeat: what no mail can offer any more is offered by phone, in the order of the list; who does not answer
// is passed over and may still call back (domain, Waiting list 2 and 9).
func TestCallAboutASeat(t *testing.T) {
	t.Parallel()
	h, families := lateSeat(t, "Zoé", "李", "محمد", "Łukasz")
	h.wantCalls("seat Zoé")
	if did := h.call(families[0], CallNoAnswer); did != CallSilent {
		t.Errorf("did %q", did)
	}
	h.wantCalls("seat 李", "seat Zoé …")
	h.clock.Advance(time.Minute)
	h.call(families[1], CallNoAnswer)
	h.wantCalls("seat محمد", "seat Zoé …", "seat 李 …")
	if did := h.call(families[2], CallDeclined); did != CallLeft {
		t.Errorf("did %q", did)
	}
	h.wantSeats(families[2], "declined")
	h.wantLetters(families[2], outbox.WaitingJoined, outbox.WaitingLeft)
	h.wantCalls("seat Łukasz", "seat Zoé …", "seat 李 …")
	if did := h.call(families[1], CallAccepted); did != CallSeated {
		t.Errorf("did %q", did)
	}
	h.wantSeats(families[1], "confirmed")
	h.wantLetters(families[1], outbox.WaitingJoined, outbox.SeatGiven)
	h.wantCalls()
	h.wantSeats(families[0], "waiting")
	if n := h.count(`SELECT count(*) FROM bookings WHERE override_by IS NOT NULL`); n != 0 {
		t.Error("a seat given in order needs no reason")
	}
	_, err := h.RecordCall(t.Context(), staff, newKey(), "group:2", CallAccepted)
	wantFault(t, err, fault.Conflict, "calls.over")
}

// TestCallAboutSeatsForSiblings: the seats that there are, and all of them or none for who wants so.
func TestCallAboutSeatsForSiblings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	pair := h.book(together(session, "pair@exemple.fr", "Zoé", "Łukasz"))
	single := h.book(joining(session, "single@exemple.fr", "李", "محمد"))
	h.clock.Set(at(t, "2027-05-08 10:15"))
	h.must(h.cancel(taken[0]))
	h.wantCalls("seat 李")
	h.call(single, CallAccepted)
	h.wantSeats(single, "confirmed", "waiting")
	h.must(h.cancel(taken[1]))
	h.wantCalls("seat محمد")
	h.call(single, CallDeclined)
	h.wantSeats(single, "confirmed", "declined")
	h.wantCalls()
	h.must(h.cancel(single))
	h.wantCalls("seat Zoé Łukasz")
	h.clock.Set(at(t, "2027-05-08 14:00"))
	h.wantCalls()
	h.wantSeats(pair, "waiting", "waiting")
}

// TestCallIsLeftToTheMail: as long as a mail can offer the seat nobody calls.
func TestCallIsLeftToTheMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.clock.Set(at(t, "2027-05-08 09:00"))
	h.must(h.cancel(taken[0]))
	h.wantCalls()
}

// TestCallAboutAnOffer: a family without e-mail, or whose mail did not arrive, is told of its offer by phone.
func TestCallAboutAnOffer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		email   string
		outcome CallOutcome
		did     CallResult
		status  string
		left    []string
	}{
		{"", CallAccepted, CallSeated, "confirmed", nil},
		{"", CallDeclined, CallLeft, "declined", nil},
		{"", CallNoAnswer, CallSilent, "offered", []string{"offer Zoé …"}},
		{"zoe@exemple.fr", CallAccepted, CallSeated, "confirmed", nil},
		{"zoe@exemple.fr", CallDeclined, CallLeft, "declined", nil},
		{"zoe@exemple.fr", CallNoAnswer, CallSilent, "offered", []string{"offer Zoé …"}},
	} {
		t.Run(c.email+string(c.outcome), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session, taken := h.full(1)
			zoe := h.book(joining(session, c.email, "Zoé"))
			h.must(h.cancel(taken[0]))
			if c.email != "" {
				h.wantCalls()
				h.fail(zoe, outbox.SeatOffered)
			}
			h.wantCalls("offer Zoé")
			if did := h.call(zoe, c.outcome); did != c.did {
				t.Errorf("did %q, want %q", did, c.did)
			}
			h.wantSeats(zoe, c.status)
			h.wantCalls(c.left...)
		})
	}
}

// TestNoCallAboutAnOfferOfThePast: the machine was off as the session began, and did not see yet that the offer is over.
func TestNoCallAboutAnOfferOfThePast(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	h.book(joining(session, "", "Zoé"))
	h.must(h.cancel(taken[0]))
	h.clock.Set(at(t, "2027-05-08 13:59"))
	h.wantCalls("offer Zoé")
	h.clock.Set(at(t, "2027-05-08 14:00"))
	h.wantCalls()
}

// TestCallAboutAnUnansweredOffer: once for each, while the session is to come and nothing happened since.
func TestCallAboutAnUnansweredOffer(t *testing.T) {
	t.Parallel()
	unanswered := func(t *testing.T) (h *house, session int64, zoe, next string) {
		h = newHouse(t)
		session, taken := h.full(1)
		zoe = h.book(joining(session, "zoe@exemple.fr", "Zoé"))
		next = h.book(joining(session, "li@exemple.fr", "李"))
		h.must(h.cancel(taken[0]))
		h.expire(firstDeadline)
		h.wantSeats(zoe, "waiting")
		h.wantSeats(next, "offered")
		h.wantCalls("unanswered Zoé")
		return h, session, zoe, next
	}
	t.Run("no answer", func(t *testing.T) {
		t.Parallel()
		h, _, zoe, _ := unanswered(t)
		h.call(zoe, CallNoAnswer)
		h.wantCalls()
		h.wantSeats(zoe, "waiting")
	})
	t.Run("they want it and it is gone", func(t *testing.T) {
		t.Parallel()
		h, _, zoe, _ := unanswered(t)
		if did := h.call(zoe, CallAccepted); did != CallKept {
			t.Errorf("did %q", did)
		}
		h.wantCalls()
		h.wantSeats(zoe, "waiting")
	})
	t.Run("they want no more", func(t *testing.T) {
		t.Parallel()
		h, _, zoe, _ := unanswered(t)
		if did := h.call(zoe, CallDeclined); did != CallLeft {
			t.Errorf("did %q", did)
		}
		h.wantSeats(zoe, "declined")
		h.wantCalls()
	})
	t.Run("twice, and they are off the list", func(t *testing.T) {
		t.Parallel()
		h, _, zoe, next := unanswered(t)
		h.must(h.decline(next))
		h.wantSeats(zoe, "offered")
		h.wantCalls()
		h.expire(h.group(zoe).OfferUntil())
		h.wantSeats(zoe, "lapsed")
		h.wantCalls("unanswered Zoé")
		all, err := h.Calls(t.Context(), staff)
		h.must(err)
		if !all[0].OffList {
			t.Error("the call does not know that they are off the list")
		}
		if did, err := h.RecordCall(t.Context(), staff, newKey(), all[0].Subject, CallAccepted); did != CallOff || err != nil {
			t.Errorf("did %q, %v", did, err)
		}
		h.wantCalls()
		h.wantSeats(zoe, "lapsed")
	})
	t.Run("they came back by themselves", func(t *testing.T) {
		t.Parallel()
		h, session, zoe, next := unanswered(t)
		h.must(h.decline(next))
		h.expire(h.group(zoe).OfferUntil())
		_, err := h.Join(t.Context(), account.Guest(), newKey(), h.screen(zoe), JoinRequest{SessionID: session})
		h.must(err)
		h.wantCalls()
	})
	t.Run("the session has begun", func(t *testing.T) {
		t.Parallel()
		h, _, _, _ := unanswered(t)
		h.clock.Set(at(t, "2027-05-08 14:00"))
		h.wantCalls()
	})
	t.Run("the seat is free again, too late for a mail", func(t *testing.T) {
		t.Parallel()
		h, _, zoe, next := unanswered(t)
		h.must(h.accept(next))
		h.clock.Set(at(t, "2027-05-08 10:15"))
		h.must(h.cancel(next))
		h.wantCalls("seat Zoé")
		h.call(zoe, CallAccepted)
		h.wantCalls()
		h.wantSeats(zoe, "confirmed")
	})
}

// TestCallAboutAMail: the last mail that did not arrive about a session to come.
func TestCallAboutAMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(3)
	zoe := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	h.wantCalls()
	h.fail(zoe, outbox.BookingConfirmed)
	h.wantCalls("mail Zoé")
	h.call(zoe, CallNoAnswer)
	h.wantCalls("mail Zoé …")
	h.call(zoe, CallTold)
	h.wantCalls()
	h.clock.Advance(time.Hour)
	h.must(h.CancelSession(t.Context(), staff, newKey(), session, "Grève"))
	h.fail(zoe, outbox.SessionCancelled)
	h.wantCalls("mail Zoé")
	_, err := h.RecordCall(t.Context(), staff, newKey(), fmt.Sprintf("mail:%d", h.count(`SELECT max(id) FROM outbox`)), CallAccepted)
	wantFault(t, err, fault.Invalid, "calls.outcome")
	h.clock.Set(at(t, "2027-05-08 14:00"))
	h.wantCalls()
}

// TestCallInsteadOfAMail: a family without e-mail is told by phone that its session moved, was cancelled, or that a seat
// is theirs as they asked.
func TestCallInsteadOfAMail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	zoe := joining(session, "", "Zoé")
	zoe.Unasked = true
	given := h.book(zoe)
	waits := h.book(joining(session, "", "李"))
	h.wantCalls()
	h.must(h.cancel(taken[0]))
	h.wantSeats(given, "confirmed")
	h.wantCalls("given Zoé")
	h.call(given, CallTold)
	h.wantCalls()
	h.clock.Advance(time.Hour)
	r := h.edition(1)
	r.PriceCents = 0
	h.must(h.EditSession(t.Context(), staff, newKey(), session, r))
	h.wantCalls() // nobody writes about a price
	r.Starts, r.Ends = "15:00", "17:00"
	h.must(h.EditSession(t.Context(), staff, newKey(), session, r))
	h.wantCalls("moved Zoé", "moved 李")
	h.call(given, CallTold)
	h.call(waits, CallNoAnswer)
	h.wantCalls("moved 李 …")
	h.clock.Advance(time.Hour)
	r.Starts, r.Ends = "16:00", "18:00"
	h.must(h.EditSession(t.Context(), staff, newKey(), session, r))
	h.wantCalls("moved Zoé", "moved 李")
	h.clock.Advance(time.Hour)
	h.must(h.CancelSession(t.Context(), staff, newKey(), session, ""))
	h.wantCalls("cancelled Zoé", "cancelled 李")
	h.call(given, CallTold)
	h.call(waits, CallTold)
	h.wantCalls()
}

// TestCallAboutSilence: who did not answer « toujours partants ? » is called within a day of the start.
func TestCallAboutSilence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		outcome CallOutcome
		did     CallResult
		status  string
		left    []string
	}{
		{CallAccepted, CallComing, "confirmed", nil},
		{CallDeclined, CallLeft, "cancelled", nil},
		{CallNoAnswer, CallSilent, "confirmed", []string{"reminder Zoé …"}},
	} {
		t.Run(string(c.outcome), func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			session := h.session(3)
			zoe := h.book(request(session, []string{"zoe@exemple.fr", ""}[len(c.outcome)%2], "Zoé"))
			comes := h.book(request(session, "li@exemple.fr", "李"))
			if n := h.remind(at(t, "2027-05-06 18:00")); n != 2 {
				t.Fatalf("reminded %d", n)
			}
			h.must(h.Coming(t.Context(), account.Guest(), newKey(), h.screen(comes), session))
			h.clock.Set(at(t, "2027-05-07 13:59"))
			h.wantCalls()
			h.clock.Set(at(t, "2027-05-07 14:00"))
			h.wantCalls("reminder Zoé")
			if did := h.call(zoe, c.outcome); did != c.did {
				t.Errorf("did %q, want %q", did, c.did)
			}
			h.wantSeats(zoe, c.status)
			h.wantCalls(c.left...)
			h.clock.Set(at(t, "2027-05-08 14:00"))
			h.wantCalls()
		})
	}
}

// TestCallsMostUrgentFirst: by what is nearest, and last who was called already.
func TestCallsMostUrgentFirst(t *testing.T) {
	t.Parallel()
	h, families := lateSeat(t, "Zoé", "李")
	later := h.edition(3)
	later.Date = "2027-05-15"
	other := h.book(request(h.published(later), "autre@exemple.fr", "Łukasz"))
	h.fail(other, outbox.BookingConfirmed)
	h.wantCalls("seat Zoé", "mail Łukasz")
	h.call(families[0], CallNoAnswer)
	h.wantCalls("seat 李", "mail Łukasz", "seat Zoé …")
}

// TestCallsAreForStaff (SEC-20).
func TestCallsAreForStaff(t *testing.T) {
	t.Parallel()
	h, _ := lateSeat(t, "Zoé")
	for _, actor := range []account.Actor{account.Guest(), account.Guardian(1),
		{Kind: account.KindUser, ID: 98, Role: account.Facilitator}, {Kind: account.KindUser, ID: 98, Role: account.Communication}} {
		_, err := h.Calls(t.Context(), actor)
		wantFault(t, err, fault.Forbidden, "error.forbidden")
		_, err = h.RecordCall(t.Context(), actor, newKey(), "group:2", CallAccepted)
		wantFault(t, err, fault.Forbidden, "error.forbidden")
	}
	_, err := h.RecordCall(t.Context(), staff, newKey(), "group:99", CallAccepted)
	wantFault(t, err, fault.Conflict, "calls.over")
	_, err = h.RecordCall(t.Context(), staff, newKey(), "group:2", "perhaps")
	wantFault(t, err, fault.Invalid, "calls.outcome")
}

// A mail that told of several bookings and did not arrive is a matter of each of them, the last one too when the first has begun.
func TestCallAboutAMailOfSeveral(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	actor, children := h.signedIn(h.session(5), "zoe@exemple.fr", "Zoé", "Łukasz")
	soon, later := h.nextSaturday(5), h.published(heldOn(h.edition(5), "2027-05-22", "14:00", "16:00"))
	references, err := h.BookOwn(t.Context(), actor, newKey(), own(children, soon, later))
	h.must(err)
	h.wantCalls()
	h.fail(references[0], outbox.BookingsConfirmed)
	h.wantCalls("mail Zoé Łukasz", "mail Zoé Łukasz")
	h.call(references[1], CallNoAnswer)
	h.call(references[0], CallTold)
	h.wantCalls("mail Zoé Łukasz …")
	h.clock.Set(h.group(references[0]).Session.StartsAt)
	h.call(references[1], CallTold)
	h.wantCalls()
}

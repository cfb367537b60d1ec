package booking

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// Seats that unproved addresses hold are listed, and given up in one step: each is told, and the seats pass on. What was proved meanwhile stays.
func TestReleaseUnproved(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(3)
	first, second, third := h.book(request(session, "a@exemple.fr", "Zoé")), h.book(request(session, "b@exemple.fr", "Łukasz")), h.book(request(session, "c@exemple.fr", "Ada"))
	waits := h.book(joining(session, "d@exemple.fr", "李"))
	h.must(h.Prove(t.Context(), newKey(), h.mailed(third)))
	list, err := h.Unproved(t.Context(), staff, 0)
	h.must(err)
	if len(list.Bookings) != 3 || list.Bookings[0].Reference != first || list.Cap != 8 {
		t.Fatalf("listed: %+v", list)
	}
	key := newKey()
	for range 2 {
		h.must(h.Release(t.Context(), staff, key, []string{first, third}))
	}
	h.wantSeats(first, "cancelled")
	h.wantSeats(second, "confirmed")
	h.wantSeats(third, "confirmed")
	h.wantSeats(waits, "offered")
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ? AND payload ->> '$.reference' = ?`, outbox.BookingCancelled, first); n != 1 {
		t.Errorf("%d mails tell it", n)
	}
	if n := h.count(`SELECT count(*) FROM bookings WHERE cancelled_by = 'team'`); n != 1 {
		t.Errorf("%d are given up by the team", n)
	}
	wantFault(t, h.Release(t.Context(), staff, newKey(), []string{"ADA-22222222"}), fault.NotFound, "error.not_found")
	wantFault(t, h.Release(t.Context(), account.Guest(), newKey(), []string{second}), fault.Forbidden, "error.forbidden")
	_, err = h.Unproved(t.Context(), account.Guardian(1), 0)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}

// Waiting list 9: the team moves a family without e-mail to another session, also before it opens; the seat passes on, and nobody is mailed.
func TestMoveByPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, other := h.session(1), h.nextSaturday(2)
	r := request(session, "", "Zoé")
	reference, err := h.BookFor(t.Context(), staff, newKey(), r, "")
	h.must(err)
	waits := h.book(joining(session, "d@exemple.fr", "李"))
	choices, err := h.MovesFor(t.Context(), staff, reference)
	h.must(err)
	if len(choices) != 1 || choices[0].Session.ID != other {
		t.Fatalf("choices: %+v", choices)
	}
	h.exec(`UPDATE sessions SET opens_at = ?2 WHERE id = ?1`, other, "2027-05-10T08:00:00Z")
	mails := h.count(`SELECT count(*) FROM outbox WHERE recipient = ''`)
	h.must(h.MoveFor(t.Context(), staff, newKey(), reference, session, other))
	wantFault(t, h.MoveFor(t.Context(), staff, newKey(), reference, session, other), fault.Conflict, "staff_booking.move.meanwhile")
	g, err := h.DeskGroup(t.Context(), staff, reference)
	h.must(err)
	if len(g.Steps) != 2 || g.Steps[0].Action != "booking.book" || g.Steps[1].Action != "booking.move" || !g.Steps[1].From.Before(g.Session.StartsAt) || g.Steps[1].From.IsZero() {
		t.Errorf("its story is %+v", g.Steps)
	}
	if got := h.group(reference); got.Session.ID != other || got.Children[0].Status != "confirmed" {
		t.Errorf("moved: %+v", got)
	}
	h.wantSeats(waits, "offered")
	if n := h.count(`SELECT count(*) FROM outbox WHERE recipient = ''`); n != mails {
		t.Errorf("%d mails to nobody", n-mails)
	}
	wantFault(t, h.MoveFor(t.Context(), account.Guest(), newKey(), reference, other, session), fault.Forbidden, "error.forbidden")
}

// Family data 7: the guardian, and nobody else, is named the address that a young person typed, and ends the copies to it.
func TestStopCopies(t *testing.T) {
	t.Parallel()
	h := newTeens(t)
	reference, err := h.Book(t.Context(), account.Guest(), newKey(), forThemselves(h.session(5)))
	h.must(err)
	address := h.text(`SELECT young_email FROM booking_groups`)
	seen, err := h.Find(t.Context(), h.mailed(reference))
	h.must(err)
	if seen.CopiesTo() != address {
		t.Errorf("the guardian is named %q", seen.CopiesTo())
	}
	if got := h.group(reference).CopiesTo(); got != "" {
		t.Errorf("who has the link of the screen is named %q", got)
	}
	list, err := h.SessionBookings(t.Context(), staff, seen.Session.ID)
	h.must(err)
	if !list.Bookings[0].ByYoung {
		t.Error("the team does not see that a young person booked")
	}
	wantFault(t, h.StopCopies(t.Context(), account.Guest(), newKey(), h.screen(reference)), fault.Forbidden, "error.forbidden")
	for range 2 {
		h.must(h.StopCopies(t.Context(), account.Guest(), newKey(), h.mailed(reference)))
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE recipient = ? AND state <> 'withdrawn'`, address); n != 0 {
		t.Errorf("%d copies still leave", n)
	}
	h.clock.Advance(time.Hour)
	h.must(h.cancel(reference))
	if n := h.count(`SELECT count(*) FROM outbox WHERE recipient = ? AND state <> 'withdrawn'`, address); n != 0 {
		t.Errorf("%d copies leave afterwards", n)
	}
}

package upkeep_test

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

// TestVerifyLetsCallsBe: whatever comes of calls breaks no promise, and each is in the audit (I1, I7, I9, I12).
func TestVerifyLetsCallsBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, staff := t.Context(), account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}
	sound := func(after string) {
		t.Helper()
		for _, b := range h.verify() {
			t.Errorf("after %s: %s", after, b)
		}
	}
	h.book(1, "Łucja")
	h.clock.Set(time.Date(2027, 5, 6, 16, 0, 0, 0, time.UTC))
	h.must(h.timers.Due(ctx))
	sound("reminders")
	h.clock.Set(time.Date(2027, 5, 8, 8, 15, 0, 0, time.UTC))
	h.must(h.timers.Due(ctx))
	call := func(about booking.CallAbout, outcome booking.CallOutcome) {
		t.Helper()
		list, err := h.bookings.Calls(ctx, staff)
		h.must(err)
		for _, c := range list {
			if c.About == about {
				_, err := h.bookings.RecordCall(ctx, staff, key(), c.Subject, outcome)
				h.must(err)
				sound(string(outcome) + " about " + string(about))
				return
			}
		}
		t.Fatalf("nobody is to call about %s", about)
	}
	call(booking.CallReminder, booking.CallDeclined) // Zoé: her seat is free
	call(booking.CallSeat, booking.CallNoAnswer)
	call(booking.CallSeat, booking.CallAccepted)
	h.breaks(`UPDATE guardians SET email = '', email_folded = '' WHERE id IN (SELECT g.guardian_id FROM booking_groups g JOIN bookings b ON b.group_id = g.id WHERE b.status = 'offered')`)
	call(booking.CallOffer, booking.CallDeclined)
	call(booking.CallSeat, booking.CallAccepted) // who did not answer calls back
	if n := h.count(`SELECT count(*) FROM calls`); n != 5 {
		t.Errorf("%d calls are kept, want 5", n)
	}
}

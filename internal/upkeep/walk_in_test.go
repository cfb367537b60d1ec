package upkeep_test

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
)

// TestVerifyLetsWalkInsBe: whoever is let in at the door, by what rule or beyond which, breaks no promise, and neither does
// what their guardians answer afterwards (I1, I3, I7, I9, I12, I13).
func TestVerifyLetsWalkInsBe(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}
	register := attendance.NewService(h.db, h.bookings)
	h.breaks(`UPDATE sessions SET capacity = 2 WHERE id = 1`)
	letIn := func(first, email string) int64 {
		t.Helper()
		done, err := register.AddWalkIn(t.Context(), staff, key(), attendance.WalkIn{
			EntryKey: rand.Text(), SessionID: 1, FirstName: first, LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2018, 2, 28, 0, 0, 0, 0, time.UTC),
			Phone: "06 12 34 56 78", GuardianName: "Responsable de " + first, Email: email, Health: family.Health{State: family.HealthToAsk},
			OverCapacity: true, OutOfAge: true, Reason: "accueil sur place"})
		h.must(err)
		return done.BookingID
	}
	verify := func(when string) {
		t.Helper()
		if breaches := h.verify(); len(breaches) > 0 {
			t.Errorf("%s: %q", when, breaches)
		}
	}
	h.clock.Set(time.Date(2027, 5, 8, 11, 0, 0, 0, time.UTC))
	h.must(h.timers.Due(t.Context()))
	letIn("Zoé", "")
	letIn("李", "")   // waits: its seat
	letIn("Ánh", "") // gave its seat up
	letIn("Salomé", "salome@example.org")
	letIn("Nguyễn", "")
	verify("at the door")
	scanned := h.text(`SELECT reference FROM booking_groups WHERE to_complete ORDER BY id DESC LIMIT 1`)
	h.clock.Advance(time.Minute)
	h.must(h.bookings.Complete(t.Context(), key(), h.bookings.Sign(booking.LinkComplete, scanned, 1), family.Completion{
		Guardian: family.NewGuardian{Name: "Łucja", Email: "late@example.org", Language: "en"}, Image: family.No, PickupPersons: []string{"Tonton محمد"},
		Health: family.Health{State: family.HealthDescribed, Text: "Asthme"}}))
	mailed := h.text(`SELECT reference FROM booking_groups g JOIN guardians p ON p.id = g.guardian_id WHERE p.email = 'salome@example.org'`)
	h.must(h.bookings.Complete(t.Context(), key(), h.bookings.Sign(booking.LinkMail, mailed, 1), family.Completion{
		Guardian: family.NewGuardian{Name: "Salomé"}, Image: family.Yes, LeavesAlone: true, Health: family.Health{State: family.HealthNone}}))
	verify("completed")
	if n := h.count(`SELECT count(*) FROM guardians WHERE email = 'salome@example.org' AND proved_at IS NOT NULL`); n != 1 {
		t.Error("a mailed link did not prove the mailbox")
	}
	h.clock.Set(time.Date(2027, 5, 8, 20, 0, 0, 0, time.UTC))
	letIn("محمد", "") // a line of the paper sheet, of a child who waited or had an offer
	verify("the evening after")
}

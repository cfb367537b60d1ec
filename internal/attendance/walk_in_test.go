package attendance_test

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// walkIn is a child at the door of the house, told apart by its name.
func (h *house) walkIn(first, last string) attendance.WalkIn {
	return attendance.WalkIn{
		EntryKey: rand.Text(), SessionID: h.session, FirstName: first, LastName: last, BirthDate: time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC),
		Phone: "06 12 34 56 78", GuardianName: "Responsable de " + first, Health: family.Health{State: family.HealthToAsk},
	}
}

// letIn adds a walk-in as nadia.
func (h *house) letIn(w attendance.WalkIn) attendance.WalkedIn {
	h.t.Helper()
	done, err := h.AddWalkIn(h.t.Context(), h.nadia, h.key(), w)
	if err != nil {
		h.t.Fatalf("%s %s: %v", w.FirstName, w.LastName, err)
	}
	return done
}

// room leaves the session of the house with n seats.
func (h *house) room(n int) {
	h.t.Helper()
	h.exec(`UPDATE sessions SET capacity = ? WHERE id = ?`, n, h.session)
}

func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

// UX-F6: a child who was not expected stands on the register, present, with all that was said; its mail asks for the rest.
// One entry key is one child, whatever form brings it (I4, I10).
func TestWalkIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	w := h.walkIn("Zoé", "D'Artagnan-N'Guyen")
	w.Email, w.ArrivedAt = "linh@example.org", paris(8, 14, 2)
	w.Health, w.HealthConsent = family.Health{State: family.HealthDescribed, Text: "Arachides"}, true
	done := h.letIn(w)
	again := h.letIn(w)
	if done.Known || again.BookingID != done.BookingID {
		t.Errorf("let in as %+v, and once more as %+v", done, again)
	}
	line := h.line(h.roster(h.nadia), done.BookingID)
	if fullName(line) != "Zoé D'Artagnan-N'Guyen" || line.State.Action != attendance.Present || !line.State.Arrived.Equal(paris(8, 14, 2)) ||
		line.Care.Health.Text != "Arachides" || line.Image != attendance.ImageUnknown || line.Care.LeavesAlone || line.Care.Guardians[0].Phone != "06 12 34 56 78" {
		t.Errorf("line = %+v", line)
	}
	if n := h.count(`SELECT count(*) FROM children`); n != 1 {
		t.Errorf("%d children, want 1", n)
	}
	if got := h.texts(`SELECT text_version FROM consents WHERE purpose = 'health' AND answer = 'yes'`); len(got) != 1 || got[0] != family.HealthSpokenTextVersion {
		t.Errorf("consent to the text about health: %q", got)
	}
	if got := h.texts(`SELECT kind FROM outbox`); len(got) != 1 || got[0] != outbox.WalkedIn {
		t.Errorf("mails: %q, want one (I9)", got)
	}
	trail := strings.Join(h.texts(`SELECT action || details FROM audit ORDER BY id`), "\n")
	if !strings.Contains(trail, "booking.walk_in") || !strings.Contains(trail, "mark.present") || strings.Contains(trail, "Zoé") || strings.Contains(trail, "Arachides") {
		t.Errorf("audit (I12): %s", trail)
	}
	for _, word := range h.texts(`SELECT payload FROM outbox`) {
		if strings.Contains(word, "Arachides") {
			t.Error("a mail holds health data (RGPD-3)")
		}
	}
}

// Capacity 1: the seat that is not there is asked for, and what was confirmed carries a name and a reason.
func TestWalkInBeyondTheRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seat("Łukasz", "Kowalczyk")
	h.room(1)
	w := h.walkIn("محمد", "علي")
	w.BirthDate = time.Date(2020, 6, 1, 0, 0, 0, 0, time.UTC) // six on 1 June, the session is in May: five
	_, err := h.AddWalkIn(t.Context(), h.nadia, h.key(), w)
	wantFault(t, err, fault.Conflict, "booking.walk_in_confirm")
	f, _ := fault.As(err)
	if f.Fields[booking.FieldOverCapacity].Key != "booking.walk_in_full" || f.Fields[booking.FieldOutOfAge].Key != "" {
		t.Errorf("asked %v of a child of six in a full session", f.Fields)
	}
	w.BirthDate = time.Date(2024, 6, 1, 0, 0, 0, 0, time.UTC)
	_, err = h.AddWalkIn(t.Context(), h.nadia, h.key(), w)
	if f, _ = fault.As(err); f == nil || len(f.Fields) != 2 {
		t.Fatalf("a child of two in a full session: %v", err)
	}
	if got := f.Fields[booking.FieldOverCapacity].Args; got[0] != 1 || got[1] != 2 {
		t.Errorf("asks for child %v of %v seats, want 2 of 1", got[1], got[0])
	}
	if n := h.count(`SELECT count(*) FROM children`); n != 1 {
		t.Errorf("asking left %d children", n)
	}
	w.OverCapacity, w.OutOfAge, w.Reason = true, true, "accueil sur place"
	done := h.letIn(w)
	if got := h.count(`SELECT override_by FROM bookings WHERE id = ?`, done.BookingID); int64(got) != h.nadia.ID {
		t.Errorf("overridden by user %d, want nadia", got)
	}
}

// Who waits comes first, until whoever stands at the door says that they do not (Capacity 3).
func TestWalkInPassesWhoWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := h.guardian("Linh", "06 12 34 56 78")
	h.room(1)
	h.book(h.session, g, h.child(g, family.NewChild{FirstName: "Linh", LastName: "Nguyễn"}), "waiting")
	w := h.walkIn("李", "娜")
	_, err := h.AddWalkIn(t.Context(), h.nadia, h.key(), w)
	wantFault(t, err, fault.Conflict, "booking.walk_in_confirm")
	f, _ := fault.As(err)
	if f.Fields[booking.FieldOverCapacity].Key != "booking.walk_in_waited" {
		t.Errorf("asked %v", f.Fields)
	}
	w.OverCapacity, w.Reason = true, "accueil sur place"
	h.letIn(w)
}

// I3: whoever is known to the session leads to the booking there is, whatever became of it.
func TestWalkInIsKnown(t *testing.T) {
	t.Parallel()
	for _, status := range []string{"confirmed", "waiting", "cancelled", "lapsed"} {
		t.Run(status, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			g := h.guardian("Linh Nguyễn", "06 98 76 54 32")
			child := h.child(g, family.NewChild{FirstName: "Zoé", LastName: "Nguyễn", Health: family.Health{State: family.HealthDescribed, Text: "Asthme"}})
			known := h.book(h.session, g, child, status)
			w := h.walkIn("ZOE", "nguyen")
			w.Health, w.HealthConsent = family.Health{State: family.HealthDescribed, Text: "Arachides"}, true
			done := h.letIn(w)
			if !done.Known || (done.BookingID != known) != (status == "cancelled" || status == "lapsed") {
				t.Errorf("let in as %+v, booked as %d", done, known)
			}
			if n := h.count(`SELECT count(*) FROM children`); n != 1 {
				t.Errorf("%d children, want 1", n)
			}
			if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'confirmed'`); n != 1 {
				t.Errorf("%d confirmed bookings, want 1", n)
			}
			line := h.line(h.roster(h.nadia), done.BookingID)
			if line.State.Action != attendance.Present || line.Care.Health.Text != "Asthme\nArachides" {
				t.Errorf("line = %+v", line)
			}
		})
	}
}

// I3: a child who gave its seat up and was marked all the same stands on the register once, whoever adds it by hand.
func TestWalkInWasMarked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := h.guardian("Linh Nguyễn", "06 98 76 54 32")
	known := h.book(h.session, g, h.child(g, family.NewChild{FirstName: "Zoé", LastName: "Nguyễn"}), "confirmed")
	h.mark(known, attendance.Present)
	h.exec(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = '2027-05-08T11:00:00Z' WHERE id = ?`, known)
	if done := h.letIn(h.walkIn("Zoé", "Nguyễn")); done.BookingID != known || !done.Known {
		t.Errorf("let in as %+v, booked as %d", done, known)
	}
	r := h.roster(h.nadia)
	if len(r.Children) != 1 || r.Children[0].Cancelled || r.Counts.Booked != 1 {
		t.Errorf("children = %+v", r.Children)
	}
}

// RGPD-3: that there is nothing to know, said by whoever stands at the door, closes no question of a known family; and
// what was not asked there is on no record, so that it overrules nothing that the family said (RGPD-5).
func TestWalkInAnswersNothingForTheFamily(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	g := h.guardian("Linh Nguyễn", "06 98 76 54 32")
	h.book(h.session, g, h.child(g, family.NewChild{FirstName: "Zoé", LastName: "Nguyễn", Health: family.Health{State: family.HealthToAsk}}), "confirmed")
	w := h.walkIn("Zoé", "Nguyễn")
	w.Health = family.Health{State: family.HealthNone}
	h.letIn(w)
	if got := h.texts(`SELECT health_state FROM children`); len(got) != 1 || got[0] != string(family.HealthToAsk) {
		t.Errorf("health = %q, want to ask", got)
	}
	before := h.count(`SELECT count(*) FROM consents`)
	h.letIn(h.walkIn("李", "娜"))
	if n := h.count(`SELECT count(*) FROM consents`); n != before {
		t.Errorf("%d consents of a child about whom nothing was asked", n-before)
	}
}

// Who may let children in, and when (SEC-21): whoever may mark, from two hours before the start to the day after.
func TestWhoLetsIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	refused := func(actor account.Actor, at time.Time, kind fault.Kind, key string) {
		t.Helper()
		h.clock.Set(at)
		_, err := h.AddWalkIn(t.Context(), actor, h.key(), h.walkIn("Zoé", "Nguyễn"))
		wantFault(t, err, kind, key)
	}
	refused(h.amine, paris(8, 14, 5), fault.NotFound, "error.not_found")
	refused(h.write, paris(8, 14, 5), fault.Forbidden, "error.forbidden")
	refused(account.Guest(), paris(8, 14, 5), fault.NotFound, "error.not_found")
	refused(h.nadia, paris(8, 11, 59), fault.Conflict, "booking.walk_in_early")
	refused(h.nadia, paris(10, 0, 0), fault.Forbidden, "attendance.error.too_far")
	late := h.walkIn("Zoé", "Nguyễn")
	late.ArrivedAt = paris(8, 14, 20)
	h.clock.Set(paris(9, 23, 59))
	done := h.letIn(late)
	if line := h.line(h.roster(h.nadia), done.BookingID); !line.State.Arrived.Equal(paris(8, 14, 20)) {
		t.Errorf("a line of the paper sheet arrived at %v", line.State.Arrived)
	}
	early := h.walkIn("李", "娜")
	early.ArrivedAt = h.clock.Now().Add(time.Hour)
	_, err := h.AddWalkIn(t.Context(), h.nadia, h.key(), early)
	wantFault(t, err, fault.Invalid, "attendance.error.future")
	unsaid := h.walkIn("李", "娜")
	unsaid.Health = family.Health{State: family.HealthDescribed, Text: "Asthme"}
	_, err = h.AddWalkIn(t.Context(), h.nadia, h.key(), unsaid)
	if f, _ := fault.As(err); f == nil || f.Fields["health_consent"].Key == "" {
		t.Errorf("health is written down without consent: %v", err)
	}
}

// I3: two facilitators who let the same child in at once make one booking, with a mark of each.
func TestWalkInRace(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() { _, _ = h.AddWalkIn(t.Context(), h.nadia, h.key(), h.walkIn("Zoé", "D'Artagnan-N'Guyen")) })
	}
	wait.Wait()
	if n := h.count(`SELECT count(*) FROM bookings`); n != 1 {
		t.Errorf("%d bookings, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM marks`); n != 8 {
		t.Errorf("%d marks, want one of each", n)
	}
}

// Capacity 1: of those who want the last seat at once, at the door and at home, one gets it unasked.
func TestWalkInAndLastSeat(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(paris(8, 13, 0))
	h.exec(`UPDATE sessions SET opens_at = '2027-05-01T00:00:00Z' WHERE id = ?`, h.session)
	h.room(1)
	secret, err := account.LoadSecret(t.TempDir())
	h.must(err)
	bookings := booking.NewService(h.db, secret)
	var wait sync.WaitGroup
	for _, name := range []string{"Zoé", "Łukasz", "李", "محمد"} {
		wait.Go(func() { _, _ = h.AddWalkIn(t.Context(), h.nadia, h.key(), h.walkIn(name, "Nguyễn")) })
		wait.Go(func() {
			_, _ = bookings.Book(t.Context(), account.Guest(), h.key(), booking.Request{SessionID: h.session,
				Guardian: family.NewGuardian{Name: "Linh", Email: rand.Text() + "@example.org", Phone: "06 12 34 56 78", Language: "fr"},
				Children: []family.NewChild{{FirstName: name, LastName: "D'Artagnan", BirthDate: time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC),
					Health: family.Health{State: family.HealthNone}, Image: family.No}}})
		})
	}
	wait.Wait()
	if n := h.count(`SELECT count(*) FROM bookings WHERE status = 'confirmed'`); n != 1 {
		t.Errorf("%d children have the one seat", n)
	}
}

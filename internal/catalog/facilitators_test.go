package catalog_test

import (
	"context"
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// leaders returns the names of who leads a session.
func (h *house) leaders(id int64) []string {
	h.t.Helper()
	people, err := h.Facilitators(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	var names []string
	for _, f := range people {
		names = append(names, f.Name)
	}
	return names
}

func TestAssign(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	zoe, li := h.user("Zoé D'Artagnan-N'Guyen", account.Facilitator), h.user("李", account.Staff)
	for _, u := range []account.Actor{zoe, zoe, li} {
		if err := h.Assign(t.Context(), staff, key(), id, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := h.leaders(id), []string{zoe.Name, li.Name}; !slices.Equal(got, want) {
		t.Errorf("led by %q, want %q", got, want)
	}
	led, err := h.FacilitatorsBetween(t.Context(), start, start.AddDate(0, 2, 0))
	if err != nil || len(led[id]) != 2 {
		t.Errorf("led %v, %v", led, err)
	}
	for range 2 {
		if err := h.Unassign(t.Context(), staff, key(), id, zoe.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := h.leaders(id), []string{li.Name}; !slices.Equal(got, want) {
		t.Errorf("led by %q, want %q", got, want)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action IN ('session.assign', 'session.unassign')`); n != 3 {
		t.Errorf("%d lines in the audit, want 3", n)
	}
}

func TestWhoCanLead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	gone := h.user("Łukasz", account.Facilitator)
	if err := h.write(func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE users SET disabled_at = created_at WHERE id = ?`, gone.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	zoe, writer := h.user("Zoé", account.Facilitator), h.user("Nguyễn", account.Communication)
	for _, user := range []int64{gone.ID, writer.ID, 12345} {
		wantFault(t, h.Assign(t.Context(), staff, key(), id, user), fault.Invalid, "facilitator=catalog.facilitator.cannot_lead")
	}
	can, err := h.Assignable(t.Context())
	if err != nil || !slices.Equal(can, []catalog.Facilitator{{ID: zoe.ID, Name: "Zoé"}}) {
		t.Errorf("assignable %v, %v", can, err)
	}
	h.clock.Set(time.Date(2027, 5, 8, 13, 59, 0, 0, time.UTC))
	if err := h.Assign(t.Context(), staff, key(), id, zoe.ID); err != nil {
		t.Errorf("during the session: %v", err)
	}
	h.clock.Set(time.Date(2027, 5, 8, 14, 0, 0, 0, time.UTC))
	wantFault(t, h.Assign(t.Context(), staff, key(), id, zoe.ID), fault.Conflict, "catalog.session.has_ended")
}

// Two places at once is a warning, not a refusal.
func TestClashes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.user("Zoé", account.Facilitator)
	id := h.draft("2027-05-08", "14:00", "16:00")
	overlapping, before, cancelled := h.draft("2027-05-08", "15:30", "17:00"), h.draft("2027-05-08", "12:00", "14:00"), h.draft("2027-05-08", "14:00", "16:00")
	for _, s := range []int64{id, overlapping, before, cancelled} {
		if err := h.Assign(t.Context(), staff, key(), s, zoe.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.write(func(tx *sqlite.Tx) error { _, err := catalog.CancelTx(tx, staff, cancelled, ""); return err }); err != nil {
		t.Fatal(err)
	}
	clashes, err := h.Clashes(t.Context(), id, zoe.ID)
	if err != nil || len(clashes) != 1 || clashes[0].ID != overlapping {
		t.Errorf("got %v, %v, want session %d", clashes, err, overlapping)
	}
	if none, err := h.Clashes(t.Context(), id, 12345); err != nil || len(none) != 0 {
		t.Errorf("somebody else: %v, %v", none, err)
	}
}

func TestHandOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	zoe, lukasz, li := h.user("Zoé D'Artagnan-N'Guyen", account.Facilitator), h.user("Łukasz", account.Facilitator), h.user("李", account.Facilitator)
	if err := h.Assign(t.Context(), staff, key(), id, zoe.ID); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.HandOver(t.Context(), lukasz, key(), id, zoe.ID, lukasz.ID), fault.Forbidden, "error.forbidden")
	wantFault(t, h.HandOver(t.Context(), lukasz, key(), id, lukasz.ID, li.ID), fault.NotFound, "catalog.session.not_found")
	wantFault(t, h.HandOver(t.Context(), zoe, key(), id, zoe.ID, zoe.ID), fault.Invalid, "facilitator=catalog.facilitator.same")
	wantFault(t, h.HandOver(t.Context(), zoe, key(), id, zoe.ID, 12345), fault.Invalid, "facilitator=catalog.facilitator.cannot_lead")
	if n := h.count(`SELECT count(*) FROM outbox`); n != 0 {
		t.Fatalf("%d mails after refusals", n)
	}
	once := key()
	for range 2 { // the phone sends twice
		if err := h.HandOver(t.Context(), zoe, once, id, zoe.ID, lukasz.ID); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := h.leaders(id), []string{"Łukasz"}; !slices.Equal(got, want) {
		t.Errorf("led by %q, want %q", got, want)
	}
	wantFault(t, h.HandOver(t.Context(), staff, key(), id, zoe.ID, li.ID), fault.Conflict, "catalog.facilitator.not_leading")

	// I9: one mail, in the transaction, with what the new facilitator needs.
	if n := h.count(`SELECT count(*) FROM outbox`); n != 1 {
		t.Fatalf("%d mails, want 1", n)
	}
	var payload string
	if err := h.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT payload FROM outbox WHERE kind = ? AND recipient = (SELECT email FROM users WHERE id = ?)`,
			outbox.SessionAssigned, lukasz.ID).Scan(&payload)
	}); err != nil {
		t.Fatal(err)
	}
	var told outbox.Assignment
	if err := json.Unmarshal([]byte(payload), &told); err != nil {
		t.Fatal(err)
	}
	want := outbox.Assignment{Facilitator: "Łukasz", By: zoe.Name, Session: outbox.Session{ID: id, Title: "Robotique", Level: "Initiation",
		StartsAt: "2027-05-08T12:00:00Z", EndsAt: "2027-05-08T14:00:00Z", Zone: "Europe/Paris", Venue: "Espace Altnet",
		Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon"}}
	if told != want {
		t.Errorf("told %+v, want %+v", told, want)
	}
}

// Handing over to somebody who leads it too leaves one of them.
func TestHandOverToACoFacilitator(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	zoe, li := h.user("Zoé", account.Facilitator), h.user("李", account.Facilitator)
	for _, u := range []account.Actor{zoe, li} {
		if err := h.Assign(t.Context(), staff, key(), id, u.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.HandOver(t.Context(), staff, key(), id, zoe.ID, li.ID); err != nil {
		t.Fatal(err)
	}
	if got, want := h.leaders(id), []string{"李"}; !slices.Equal(got, want) {
		t.Errorf("led by %q, want %q", got, want)
	}
}

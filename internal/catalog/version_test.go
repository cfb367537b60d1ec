package catalog_test

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Two of the team open one form: the second to send it is told, and nothing of the first is undone.
func TestEditOfWhatChangedMeanwhile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)

	w, err := h.Workshop(t.Context(), h.workshop.ID)
	if err != nil {
		t.Fatal(err)
	}
	first, second := w, w
	first.Summary, second.Capacity = "Zoé & Łukasz", 8
	if err := h.EditWorkshop(t.Context(), staff, key(), first, w.Version()); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.EditWorkshop(t.Context(), staff, key(), second, w.Version()), fault.Conflict, "catalog.changed_meanwhile")
	if got, err := h.Workshop(t.Context(), w.ID); err != nil || got != first {
		t.Errorf("workshop %+v, %v; want the first edit", got, err)
	}

	v, err := h.Venue(t.Context(), h.venue.ID)
	if err != nil {
		t.Fatal(err)
	}
	moved := v
	moved.Address = "8 place Louis Chazette"
	if err := h.EditVenue(t.Context(), staff, key(), moved, v.Version()); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.EditVenue(t.Context(), staff, key(), moved, v.Version()), fault.Conflict, "catalog.changed_meanwhile")

	id := h.draft("2027-05-08", "14:00", "16:00")
	s, err := h.Session(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	r := h.request("2027-05-08", "14:00", "17:00")
	r.Seen = s.Version()
	if err := h.EditSession(t.Context(), staff, key(), id, r); err != nil {
		t.Fatal(err)
	}
	wantFault(t, h.EditSession(t.Context(), staff, key(), id, r), fault.Conflict, "catalog.changed_meanwhile")
	// Publishing is no change of what the form shows.
	if s, err = h.Session(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := h.PublishSession(t.Context(), staff, key(), id); err != nil {
		t.Fatal(err)
	}
	if published, err := h.Session(t.Context(), id); err != nil || published.Version() != s.Version() {
		t.Errorf("publishing changed the version: %v", err)
	}
}

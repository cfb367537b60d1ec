package catalog_test

import (
	"context"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A series is named once and chosen afterwards; the same title is the same series, a copied session stays in it, and an edit
// may take a session out.
func TestSeriesOfSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	create := func(date string, id int64, title string) catalog.Session {
		t.Helper()
		r := h.request(date, "14:00", "16:00")
		r.SeriesID, r.NewSeries = id, title
		session, err := h.CreateSession(t.Context(), staff, key(), r)
		if err != nil {
			t.Fatal(err)
		}
		return h.session(session)
	}
	first := create("2027-05-12", 0, "  Les mercredis de Łukasz & 李 ")
	if first.Series.Title != "Les mercredis de Łukasz & 李" || first.Series.ID == 0 {
		t.Fatalf("got %+v", first.Series)
	}
	second := create("2027-05-19", 12345, "Les mercredis de Łukasz & 李") // a title goes before a choice
	third := create("2027-05-26", first.Series.ID, "")
	copied, err := h.DuplicateSession(t.Context(), staff, key(), third.ID, "2027-06-02", catalog.Assent{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []catalog.Session{second, third, h.session(copied)} {
		if s.Series != first.Series {
			t.Errorf("session %d is in %+v, want %+v", s.ID, s.Series, first.Series)
		}
	}
	before := third.Version()
	r := h.request("2027-05-26", "14:00", "16:00")
	if err := h.EditSession(t.Context(), staff, key(), third.ID, r); err != nil {
		t.Fatal(err)
	}
	if s := h.session(third.ID); s.Series.ID != 0 || s.Version() == before {
		t.Errorf("after the edit: %+v", s.Series)
	}
	all, err := h.Series(t.Context())
	if err != nil || len(all) != 1 || all[0] != first.Series {
		t.Errorf("got %+v, %v", all, err)
	}
	if err := h.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		sessions, err := catalog.SessionsOfSeriesTx(tx, first.Series.ID)
		if err == nil && (len(sessions) != 3 || sessions[0].ID != first.ID || sessions[2].ID != copied) {
			t.Errorf("got %d sessions", len(sessions))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'series.create'`); n != 1 {
		t.Errorf("%d audit lines, want 1 (I12)", n)
	}
}

// A refused form leaves no series behind.
func TestSeriesOfNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request("2027-05-12", "14:00", "16:00")
	r.SeriesID = 12345
	_, err := h.CreateSession(t.Context(), staff, key(), r)
	wantFault(t, err, fault.Invalid, "series=catalog.session.series")
	r.NewSeries = strings.Repeat("é", 121)
	_, err = h.CreateSession(t.Context(), staff, key(), r)
	wantFault(t, err, fault.Invalid, "new_series=catalog.too_long")
	r.NewSeries, r.Ends = "Les mercredis", "13:00"
	_, err = h.CreateSession(t.Context(), staff, key(), r)
	wantFault(t, err, fault.Invalid, "ends=catalog.session.order")
	if n := h.count(`SELECT count(*) FROM series`); n != 0 {
		t.Errorf("%d series", n)
	}
}

// A session joins a series after its start too, since that sessions were one is often seen when they are over; and it does not
// leave one that certificates are about.
func TestBegunSessionJoinsSeries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first, err := h.CreateSession(t.Context(), staff, key(), h.request("2027-05-12", "14:00", "16:00"))
	if err != nil {
		t.Fatal(err)
	}
	second, err := h.CreateSession(t.Context(), staff, key(), h.request("2027-05-19", "14:00", "16:00"))
	if err != nil {
		t.Fatal(err)
	}
	h.clock.Set(h.session(second).EndsAt)
	wantFault(t, h.EditSession(t.Context(), staff, key(), first, h.request("2027-05-12", "14:00", "16:00")), fault.Conflict, "catalog.session.has_started")
	wantFault(t, h.SetSeries(t.Context(), h.user("محمد", account.Facilitator), key(), first, 0, "Les mercredis"), fault.Forbidden, "error.forbidden")
	wantFault(t, h.SetSeries(t.Context(), staff, key(), first, 12345, ""), fault.Invalid, "series=catalog.session.series")
	wantFault(t, h.SetSeries(t.Context(), staff, key(), first, 0, strings.Repeat("é", 121)), fault.Invalid, "new_series=catalog.too_long")
	set := func(session, series int64, title string) error {
		return h.SetSeries(t.Context(), staff, key(), session, series, title)
	}
	form := key()
	for range 2 {
		if err := h.SetSeries(t.Context(), staff, form, first, 0, "Les mercredis de Łukasz"); err != nil {
			t.Fatal(err)
		}
	}
	series := h.session(first).Series
	if series.Title != "Les mercredis de Łukasz" {
		t.Fatalf("got %+v", series)
	}
	if err := set(second, series.ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := set(second, series.ID, ""); err != nil { // already in it: nothing to note
		t.Fatal(err)
	}
	if s := h.session(second); s.Series != series {
		t.Errorf("got %+v", s.Series)
	}
	if err := set(first, 0, ""); err != nil || h.session(first).Series.ID != 0 {
		t.Errorf("it cannot leave: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.edit' AND details LIKE '%"series"%'`); n != 3 {
		t.Errorf("%d audit lines, want 3 (I12)", n)
	}
	h.group(second, "any", "confirmed")
	if err := h.write(func(tx *sqlite.Tx) error {
		if _, err := tx.Exec(`INSERT INTO participants (session_id, booking_id) SELECT session_id, id FROM bookings`); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO certificates (participant_id, series_id, minutes, year, number, code, issued_at)
			SELECT id, ?, 240, 2027, 1, 'ABCDEFGHJKLM', '2027-05-20T08:00:00Z' FROM participants`, series.ID)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, set(second, 0, ""), fault.Conflict, "catalog.session.keeps_series")
	wantFault(t, set(second, 0, "Un autre"), fault.Conflict, "catalog.session.keeps_series")
	if err := set(first, series.ID, ""); err != nil {
		t.Errorf("what certificates are about takes no more sessions: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM series`); n != 1 {
		t.Errorf("%d series", n)
	}
}

package attendance_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// saturday is the day of the house's session; only its date counts.
var saturday = time.Date(2027, 5, 8, 23, 59, 0, 0, time.UTC)

func (h *house) set(query string, args ...any) {
	h.t.Helper()
	h.must(h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func (h *house) day(actor account.Actor, day time.Time) []int64 {
	h.t.Helper()
	sheets, err := h.DaySheets(h.t.Context(), actor, day)
	h.must(err)
	var ids []int64
	for _, s := range sheets {
		ids = append(ids, s.Session.ID)
	}
	return ids
}

// Issue 5, 5: a day is that of the venue; a facilitator has their own sessions, the desk all; what does not take place
// has no sheet.
func TestSheetsOfADay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	early := h.sessionAt(paris(8, 0, 30), paris(8, 2, 0), h.amine) // Friday in UTC
	late := h.sessionAt(paris(8, 23, 0), paris(8, 23, 59), h.nadia)
	camp := h.sessionAt(paris(7, 9, 0), paris(9, 17, 0), h.nadia) // three days
	h.sessionAt(paris(7, 20, 0), paris(8, 0, 0), h.nadia)         // over as the day begins
	h.sessionAt(paris(9, 0, 0), paris(9, 2, 0), h.nadia)
	for _, status := range []string{"draft", "cancelled"} {
		h.set(`UPDATE sessions SET status = ? WHERE id = ?`, status, h.sessionAt(paris(8, 10, 0), paris(8, 12, 0), h.nadia))
	}
	for name, c := range map[string]struct {
		actor account.Actor
		want  []int64
	}{
		"who leads some":  {h.nadia, []int64{camp, h.session, late}},
		"who leads one":   {h.amine, []int64{early}},
		"staff":           {h.staff, []int64{camp, early, h.session, late}},
		"communication":   {h.write, []int64{camp, early, h.session, late}},
		"the own program": {account.Command(), []int64{camp, early, h.session, late}},
	} {
		if got := h.day(c.actor, saturday); !slices.Equal(got, c.want) {
			t.Errorf("%s: sessions %d, want %d", name, got, c.want)
		}
	}
	if got := h.day(h.nadia, saturday.AddDate(0, 0, 30)); len(got) != 0 {
		t.Errorf("a day without sessions has %d", got)
	}
	_, err := h.DaySheets(t.Context(), account.Guest(), saturday)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}

// Issue 5, 5: a series has the sheets of its sessions; one without any that actor may print is not there.
func TestSheetsOfASeries(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seat("Zoé", "Lê")
	series := h.insert(`INSERT INTO series (title, created_at) VALUES ('Les samedis', ?)`, sqlite.Time(h.clock.Now()))
	next, foreign, draft := h.sessionAt(paris(15, 14, 0), paris(15, 16, 0), h.nadia), h.sessionAt(paris(22, 14, 0), paris(22, 16, 0), h.amine),
		h.sessionAt(paris(29, 14, 0), paris(29, 16, 0), h.nadia)
	h.set(`UPDATE sessions SET series_id = ?, status = iif(id = ?, 'draft', status)`, series, draft)
	for _, c := range []struct {
		actor account.Actor
		want  []int64
	}{{h.nadia, []int64{h.session, next}}, {h.amine, []int64{foreign}}, {h.staff, []int64{h.session, next, foreign}}} {
		sheets, err := h.SeriesSheets(t.Context(), c.actor, series)
		h.must(err)
		var got []int64
		for _, s := range sheets {
			if got = append(got, s.Session.ID); s.Session.Series.Title != "Les samedis" {
				t.Errorf("series %q", s.Session.Series.Title)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: sessions %d, want %d", c.actor.Name, got, c.want)
		}
	}
	if n := h.count(`SELECT count(*) FROM access_log WHERE action = 'sheet.read'`); n != 2 {
		t.Errorf("%d lines, want one for each who saw Zoé's care", n)
	}
	_, err := h.SeriesSheets(t.Context(), h.user("Inès", account.Facilitator), series)
	wantFault(t, err, fault.NotFound, "error.not_found")
	_, err = h.SeriesSheets(t.Context(), h.staff, 99)
	wantFault(t, err, fault.NotFound, "error.not_found")
	_, err = h.SeriesSheets(t.Context(), account.Guest(), series)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}

// SEC-21: in the file of a day too, what is for the team shows to who may see it and while they may, and each session that
// was read leaves a line.
func TestSheetsOfADayAreOnRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seat("Zoé", "Lê")
	second := h.sessionAt(paris(8, 17, 0), paris(8, 18, 0), h.nadia)
	guardian := h.guardian("Linh", "06")
	child := h.child(guardian, family.NewChild{FirstName: "Łukasz", LastName: "Nguyễn"})
	h.book(second, guardian, child, "confirmed")
	empty := h.sessionAt(paris(8, 19, 0), paris(8, 20, 0), h.nadia)
	care := func(actor account.Actor) (seen []int64) {
		t.Helper()
		sheets, err := h.DaySheets(t.Context(), actor, saturday)
		h.must(err)
		for _, s := range sheets {
			if s.BlankLines != 5 {
				t.Errorf("%d blank lines", s.BlankLines)
			}
			for _, c := range s.Children {
				if c.Care.Health.State != "" {
					seen = append(seen, s.Session.ID)
				}
			}
		}
		return seen
	}
	if got := care(h.write); len(got) != 0 {
		t.Errorf("communication sees the care of %d", got)
	}
	if n := h.count(`SELECT count(*) FROM access_log`); n != 0 {
		t.Fatalf("%d lines for nothing seen", n)
	}
	if got, want := care(h.nadia), []int64{h.session, second}; !slices.Equal(got, want) {
		t.Errorf("who leads sees the care of %d, want %d", got, want)
	}
	got := h.texts(`SELECT actor || ' ' || action || ' ' || record FROM access_log ORDER BY id`)
	want := []string{h.nadia.String() + " sheet.read session:1", h.nadia.String() + " sheet.read session:2"}
	if !slices.Equal(got, want) {
		t.Errorf("on record %q, want %q (nothing of session %d, where nobody is)", got, want, empty)
	}
	h.clock.Set(paris(10, 8, 0))
	if got := care(h.nadia); len(got) != 0 {
		t.Errorf("two days later who led sees the care of %d", got)
	}
}

// Issue 5: a file has a limit, and says so.
func TestTooManySheets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range attendance.MostSheets - 1 {
		h.sessionAt(paris(8, 14, 0), paris(8, 16, 0))
	}
	if got := h.day(h.staff, saturday); len(got) != attendance.MostSheets {
		t.Errorf("%d sheets", len(got))
	}
	h.sessionAt(paris(8, 14, 0), paris(8, 16, 0))
	_, err := h.DaySheets(t.Context(), h.staff, saturday)
	wantFault(t, err, fault.Invalid, "sheets.too_many")
	if got := h.day(h.nadia, saturday); !slices.Equal(got, []int64{h.session}) {
		t.Errorf("who leads one has %d", got)
	}
}

// What names nobody reads nobody: a sheet without its children, for who leads the session and for staff.
func TestBareSheet(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seat("Zoé", "Lê")
	for _, actor := range []account.Actor{h.nadia, h.staff} {
		bare, err := h.BareSheet(t.Context(), actor, h.session)
		h.must(err)
		if len(bare.Children) != 0 || bare.Care || bare.BlankLines != 5 || bare.Session.Capacity != 12 || len(bare.Facilitators) != 1 || !bare.ReadAt.Equal(h.clock.Now()) {
			t.Errorf("got %+v", bare)
		}
	}
	if n := h.count(`SELECT count(*) FROM access_log`); n != 0 {
		t.Errorf("%d lines for nothing seen", n)
	}
	_, err := h.BareSheet(t.Context(), h.write, h.session)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	for _, c := range []struct {
		actor account.Actor
		id    int64
	}{{h.amine, h.session}, {account.Guest(), h.session}, {h.staff, 99}} {
		_, err := h.BareSheet(t.Context(), c.actor, c.id)
		wantFault(t, err, fault.NotFound, "error.not_found")
	}
}

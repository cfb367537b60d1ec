package report_test

import (
	"context"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// facts is a database with the facts of four sessions, one of them in another school year.
func facts(t *testing.T) *sqlite.DB {
	t.Helper()
	db := sqlitetest.New(t)
	err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for _, query := range []string{
			`INSERT INTO workshops (id, title, level, discipline, min_age, max_age, created_at, updated_at) VALUES (1, 'Robotique', '', 'robotique', 6, 12, '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`,
			`INSERT INTO venues (id, name, address, postcode, city, created_at, updated_at) VALUES (1, 'École', '1 rue', '35580', 'Baulon', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')`,
			`INSERT INTO sessions (id, workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
				SELECT value, 1, 1, '2026-03-01T08:00:00Z', '2026-03-01T10:00:00Z', 30, 0, 'published', '2026-03-01T08:00:00Z', '2026-03-01T08:00:00Z', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'
				FROM json_each('[1,2,3,4]')`,
			`INSERT INTO group_facts (session_id, level, gender, held_on, minutes, children, discipline, kind, uai, sector, priority, commune_code, city, funding) VALUES
				(1, 'CM1', 'girl', '2025-09-01', 120, 7, 'robotique', 'school', '0350122T', 'public', 'REP', '35017', 'Baulon', 'own'),
				(1, 'CM1', 'boy', '2025-09-01', 120, 5, 'robotique', 'school', '0350122T', 'public', 'REP', '35017', 'Baulon', 'own'),
				(1, 'CM2', 'girl', '2025-09-01', 120, 3, 'robotique', 'school', '0350122T', 'public', 'REP', '35017', 'Baulon', 'own'),
				(2, 'CM1', 'unsaid', '2026-08-31', 90, 20, 'code', 'school', '0690001A', 'private', '', '69381', 'Lyon', 'pass_culture'),
				(3, '8 à 12 ans', 'other', '2026-03-02', 60, 4, 'code', 'library', '', '', '', '', 'Villeurbanne', 'free'),
				(4, 'CM1', 'girl', '2026-09-01', 120, 100, 'robotique', 'school', '0350122T', 'public', 'REP', '35017', 'Baulon', 'own')`,
		} {
			if _, err := tx.Exec(query); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// The total is the sum of each part, of both days that bound the period too.
func TestGroupFigures(t *testing.T) {
	t.Parallel()
	s := report.NewService(facts(t))
	f, err := s.GroupFigures(t.Context(), account.Actor{Kind: account.KindUser, ID: 1, Role: account.Communication}, day(2025, 9, 1), day(2026, 8, 31))
	if err != nil {
		t.Fatal(err)
	}
	if want := (report.Tally{Sessions: 3, Presences: 39, Minutes: 15*120 + 20*90 + 4*60}); f.Total != want || f.Schools != 2 {
		t.Fatalf("total %+v of %d schools, want %+v of 2", f.Total, f.Schools, want)
	}
	if len(f.Parts) != 8 {
		t.Errorf("%d parts", len(f.Parts))
	}
	for _, part := range f.Parts {
		var sum report.Tally
		for _, row := range part.Rows {
			sum.Sessions += row.Sessions
			sum.Presences += row.Presences
			sum.Minutes += row.Minutes
		}
		if sum.Presences != f.Total.Presences || sum.Minutes != f.Total.Minutes {
			t.Errorf("by %s: the rows come to %+v, the total is %+v", part.By, sum, f.Total)
		}
		if whole := part.By != report.ByLevel && part.By != report.ByGender; whole && sum.Sessions != f.Total.Sessions {
			t.Errorf("by %s: %d sessions, want %d", part.By, sum.Sessions, f.Total.Sessions)
		}
	}
	levels := f.Parts[0]
	if levels.By != report.ByLevel || levels.Rows[0] != (report.Row{Value: "CM1", Tally: report.Tally{Sessions: 2, Presences: 32, Minutes: 12*120 + 20*90}}) {
		t.Errorf("by level %+v", levels)
	}
	empty, err := s.GroupFigures(t.Context(), account.Command(), day(2020, 1, 1), day(2020, 12, 31))
	if err != nil || empty.Total != (report.Tally{}) {
		t.Errorf("nothing took place: %+v, %v", empty.Total, err)
	}
}

// The desk reads, staff export, and an export is on record.
func TestWhoReports(t *testing.T) {
	t.Parallel()
	db := facts(t)
	s := report.NewService(db)
	for _, tt := range []struct {
		role          account.Role
		reads, export bool
	}{{account.Facilitator, false, false}, {account.Communication, true, false}, {account.Staff, true, true}, {account.Admin, true, true}} {
		actor := account.Actor{Kind: account.KindUser, ID: 1, Role: tt.role}
		_, err := s.GroupFigures(t.Context(), actor, day(2025, 9, 1), day(2026, 8, 31))
		if (err == nil) != tt.reads || err != nil && !fault.Is(err, fault.Forbidden, "error.forbidden") {
			t.Errorf("%s reads: %v", tt.role, err)
		}
		rows, err := s.ExportGroups(t.Context(), actor, day(2025, 9, 1), day(2026, 8, 31))
		if (err == nil) != tt.export || tt.export && len(rows) != 5 {
			t.Errorf("%s exports: %d rows, %v", tt.role, len(rows), err)
		}
	}
	var logged int
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM access_log WHERE action = 'groups.export' AND record = '2025-09-01/2026-08-31'`).Scan(&logged)
	})
	if err != nil || logged != 2 {
		t.Errorf("%d lines of access, want 2 (%v)", logged, err)
	}
}

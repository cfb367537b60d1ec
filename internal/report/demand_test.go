package report_test

import (
	"context"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The demand of a period is that of its lists, of both days that bound it too; a session without a list is none.
func TestDemand(t *testing.T) {
	t.Parallel()
	db := facts(t)
	err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`INSERT INTO list_figures (session_id, held_on, discipline, city, families, children, seated, unmet, unmet_families, recorded_at) VALUES
			(1, '2025-09-01', 'code', 'Lyon', 10, 12, 3, 6, 4, '2025-09-01T16:00:00Z'), (2, '2026-08-31', 'code', 'Lille', 1, 2, 0, 2, 1, '2026-08-31T16:00:00Z'),
			(3, '2026-03-02', 'code', 'Lyon', 0, 0, 0, 0, 0, '2026-03-02T16:00:00Z'), (4, '2026-09-01', 'code', 'Lyon', 9, 9, 9, 0, 0, '2026-09-01T16:00:00Z')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s := report.NewService(db)
	desk := account.Actor{Kind: account.KindUser, ID: 1, Role: account.Communication}
	got, err := s.Demand(t.Context(), desk, day(2025, 9, 1), day(2026, 8, 31))
	if want := (report.Demand{Sessions: 2, Families: 11, Children: 14, Seated: 3, Unmet: 8, UnmetFamilies: 5}); err != nil || got != want {
		t.Errorf("demand = %+v, %v; want %+v", got, err, want)
	}
	if got, err := s.Demand(t.Context(), desk, day(2020, 1, 1), day(2020, 12, 31)); err != nil || got != (report.Demand{}) {
		t.Errorf("of a period without sessions: %+v, %v", got, err)
	}
	if _, err := s.Demand(t.Context(), account.Actor{Kind: account.KindUser, ID: 1, Role: account.Facilitator}, day(2025, 9, 1), day(2026, 8, 31)); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a facilitator reads it: %v", err)
	}
}

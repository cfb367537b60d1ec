package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// SetFigures keeps the optional answers for funders, by booking id of the children of the booking
// that link opens. The audit says that they were given, not what they are. NotFound by the link of a young person who booked for themselves: what a family
// tells of itself is for the guardian.
func (s *Service) SetFigures(ctx context.Context, actor account.Actor, key account.FormKey, link Link, answers map[int64]family.Figures) error {
	return s.change(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) error {
		if v.ByYoung && !v.ViaMail {
			return fault.New(fault.NotFound, "error.not_found")
		}
		known := 0
		for _, c := range v.Children {
			f, ok := answers[c.BookingID]
			if !ok {
				continue
			}
			known++
			if err := family.SetFigures(tx, c.ChildID, f); err != nil {
				return err
			}
		}
		if known != len(answers) {
			return fault.New(fault.Invalid, "booking.figures_unknown")
		}
		return audit.Add(tx, actor.String(), "booking.figures", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference})
	})
}

package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Wishes is how a family waits (domain, Waiting list 3 and 4).
type Wishes struct {
	Together bool // all its seats or none; otherwise any seat is fine
	Unasked  bool // a freed seat is theirs at once, until 18:00 of the day before
}

func (w Wishes) seating() string {
	if w.Together {
		return "together"
	}
	return "any"
}

const sqlSetWishes = `UPDATE booking_groups SET seating = ?2, unasked = ?3 WHERE id = ?1`

// SetWishes changes how the family behind link waits; its rank stays. A seat that it can use from now on is offered, or
// given, in the same transaction.
//
// Gone "booking.wishes_late" when none of its children waits; Conflict "booking.wishes_offered" when it wants its seats
// together while one is offered to a sibling: that offer has to be answered first.
func (s *Service) SetWishes(ctx context.Context, actor account.Actor, key account.FormKey, link Link, wishes Wishes) error {
	return s.change(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) error {
		return setWishes(tx, actor, v, wishes)
	})
}

// SetWishesFor is SetWishes by the team, for a family that said so by phone. Forbidden to all but staff.
func (s *Service) SetWishesFor(ctx context.Context, actor account.Actor, key account.FormKey, reference string, wishes Wishes) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error {
		return setWishes(tx, actor, v, wishes)
	})
}

func setWishes(tx *sqlite.Tx, actor account.Actor, v Group, wishes Wishes) error {
	switch {
	case len(v.With("waiting")) == 0 || !tx.Now().Before(v.Session.StartsAt):
		return fault.New(fault.Gone, "booking.wishes_late")
	case wishes.Together && len(v.With("offered")) > 0:
		return fault.New(fault.Conflict, "booking.wishes_offered")
	}
	if _, err := tx.Exec(sqlSetWishes, v.id, wishes.seating(), wishes.Unasked); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "booking.wishes", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "together": wishes.Together, "unasked": wishes.Unasked}); err != nil {
		return err
	}
	return offerFreeSeats(tx, v.Session.ID, nil)
}

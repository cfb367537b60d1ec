package school

import (
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Status is a request with what happened to it, oldest first, and what came of it.
type Status struct {
	Request
	Events []Event
	// Sessions are the private sessions that are not cancelled, in the zone of their venue, in their order.
	Sessions []catalog.Session
	// Begun tells that one of them has begun: the request cannot be withdrawn any more.
	Begun    bool
	Feedback Feedback
}

// fill reads what belongs to the request; notes only for the team.
func (s *Status) fill(tx *sqlite.Tx, withNotes bool) (err error) {
	if s.Events, err = events(tx, s.ID, withNotes); err != nil {
		return err
	}
	if s.Sessions, err = catalog.SessionsOfRequestTx(tx, s.ID); err != nil {
		return err
	}
	s.Begun = slices.ContainsFunc(s.Sessions, func(v catalog.Session) bool { return !v.StartsAt.After(tx.Now()) })
	s.Feedback, err = feedbackTx(tx, s.ID)
	return err
}

// Status returns the request that a contact's link opens, without the notes of the team. A wrong signature and an
// unknown reference are the same fault.NotFound.
func (s *Service) Status(ctx context.Context, link Link) (status Status, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if status.Request, err = s.openTx(tx, link); err != nil {
			return err
		}
		return status.fill(tx, false)
	})
	return status, err
}

// Desk returns a request with all that happened to it, notes included. Forbidden for who has no desk; an unknown id is
// NotFound.
func (s *Service) Desk(ctx context.Context, actor account.Actor, id int64) (status Status, err error) {
	if err := mayRead(actor); err != nil {
		return Status{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if status.Request, err = requestTx(tx, id); err != nil {
			return err
		}
		return status.fill(tx, true)
	})
	return status, err
}

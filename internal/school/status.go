package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Status is a request with what happened to it, oldest first.
type Status struct {
	Request
	Events []Event
}

// Status returns the request that a contact's link opens, without the notes of the team. A wrong signature and an
// unknown reference are the same fault.NotFound.
func (s *Service) Status(ctx context.Context, link Link) (status Status, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if status.Request, err = s.openTx(tx, link); err != nil {
			return err
		}
		status.Events, err = events(tx, status.ID, false)
		return err
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
		status.Events, err = events(tx, id, true)
		return err
	})
	return status, err
}

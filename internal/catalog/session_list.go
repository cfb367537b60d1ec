package catalog

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlCloseList = `UPDATE sessions SET list_closed_at = iif(?2, ?3, NULL), updated_at = ?3 WHERE id = ?1`

// CloseList closes the waiting list of a session to newcomers, or opens it again. Who is on it stays, and is still
// offered what is freed. Doing it twice is the same as once. Forbidden to all but staff; Conflict for a session that is
// private, cancelled or has started.
func (c *Catalog) CloseList(ctx context.Context, actor account.Actor, key account.FormKey, id int64, closed bool) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		s, err := SessionTx(tx, id)
		if err != nil {
			return err
		}
		if s.Private() {
			return fault.New(fault.Conflict, "catalog.session.is_private")
		}
		if err := s.changeable(tx); err != nil || s.ListClosed == closed {
			return err
		}
		if _, err := tx.Exec(sqlCloseList, id, closed, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		action := "session.open_list"
		if closed {
			action = "session.close_list"
		}
		return audit.Add(tx, actor.String(), action, record("session", id), map[string]any{"waiting": s.Waiting})
	})
}

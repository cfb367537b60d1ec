package catalog

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlPublishSession = `UPDATE sessions SET status = 'published', updated_at = ?2 WHERE id = ?1 AND status = 'draft'`

// PublishSession shows a draft to everybody. Publishing what is published changes nothing; a cancelled
// session, or one that has started, is Conflict.
func (c *Catalog) PublishSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		s, err := SessionTx(tx, id)
		if err != nil {
			return err
		}
		if err := s.changeable(tx); err != nil {
			return err
		}
		if s.Status == Published {
			return nil
		}
		if _, err := tx.Exec(sqlPublishSession, id, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "session.publish", record("session", id), nil)
	})
}

package catalog

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlCancelSession = `
UPDATE sessions SET status = 'cancelled', cancel_reason = ?2, cancelled_at = ?3, ical_sequence = ical_sequence + 1, updated_at = ?3
 WHERE id = ?1`

// CancelTx cancels a session and returns it as it was. It touches the session and the audit alone: what
// becomes of its bookings, and who is told, is package booking's. reason, which families will read, may be
// empty. A session that is cancelled or has started is Conflict; a reason too long is Invalid on reason.
func CancelTx(tx *sqlite.Tx, actor account.Actor, id int64, reason string) (Session, error) {
	if err := mayManage(actor); err != nil {
		return Session{}, err
	}
	t := typed{}
	t.text("reason", &reason)
	if err := t.invalid(); err != nil {
		return Session{}, err
	}
	s, err := SessionTx(tx, id)
	if err != nil {
		return Session{}, err
	}
	if err := s.changeable(tx); err != nil {
		return Session{}, err
	}
	return s, cancel(tx, actor, id, reason)
}

func cancel(tx *sqlite.Tx, actor account.Actor, id int64, reason string) error {
	if _, err := tx.Exec(sqlCancelSession, id, reason, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "session.cancel", record("session", id), nil)
}

package catalog

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlCancelSession = `
UPDATE sessions SET status = 'cancelled', cancel_reason = ?2, cancelled_at = ?3, ical_sequence = ical_sequence + 1, updated_at = ?3
 WHERE id = ?1`

// CancelTx cancels a session, tells who leads it and returns it as it was. What becomes of its bookings, and telling
// families or a group, is for the caller. reason, which families will read, may be
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
	_, err = cancel(tx, actor, s, reason)
	return s, err
}

// cancel cancels a session that was checked, tells who leads it and returns it as it is then.
func cancel(tx *sqlite.Tx, actor account.Actor, before Session, reason string) (Session, error) {
	if _, err := tx.Exec(sqlCancelSession, before.ID, reason, sqlite.Time(tx.Now())); err != nil {
		return Session{}, err
	}
	after, err := SessionTx(tx, before.ID)
	if err != nil {
		return Session{}, err
	}
	if before.Status == Published {
		if err := tellLeaders(tx, after, outbox.SessionCalledOff, reason); err != nil {
			return Session{}, err
		}
	}
	return after, audit.Add(tx, actor.String(), "session.cancel", record("session", before.ID), nil)
}

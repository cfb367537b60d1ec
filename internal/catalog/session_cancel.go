package catalog

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// UndoDelay is how long a session of the programme that was cancelled can be restored: the messages about it wait for as long
// (UX-A4).
const UndoDelay = 10 * time.Minute

const sqlCancelSession = `
UPDATE sessions SET status = 'cancelled', cancelled_from = status, cancel_reason = ?2, cancelled_at = ?3, ical_sequence = ical_sequence + 1, updated_at = ?3
 WHERE id = ?1`

// CancelTx cancels a session, tells who leads it (once nobody can restore it any more) and returns it as it was. What becomes of its bookings, and telling
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
		at := after.RestorableUntil
		if at.IsZero() {
			at = tx.Now()
		}
		if err := tellLeaders(tx, after, outbox.SessionCalledOff, reason, at); err != nil {
			return Session{}, err
		}
	}
	return after, audit.Add(tx, actor.String(), "session.cancel", record("session", before.ID), nil)
}

const sqlRestoreSession = `
UPDATE sessions SET status = cancelled_from, cancelled_from = NULL, cancelled_at = NULL, cancel_reason = '',
       ical_sequence = ical_sequence + 1, updated_at = ?2
 WHERE id = ?1 AND cancelled_from IS NOT NULL`

// RestoreTx makes a session that was cancelled less than UndoDelay ago what it was, and takes the messages to who leads it back.
// Its bookings are for the caller. A session that is not cancelled, was cancelled too long ago, is private or has started is
// Conflict, and so is one whose people, kits or room were promised to a group meanwhile.
func RestoreTx(tx *sqlite.Tx, actor account.Actor, id int64) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	s, err := SessionTx(tx, id)
	if err != nil {
		return err
	}
	switch {
	case s.Private():
		return fault.New(fault.Conflict, "catalog.session.is_private")
	case s.Status != Cancelled:
		return fault.New(fault.Conflict, "catalog.session.not_cancelled")
	case !s.StartsAt.After(tx.Now()):
		return fault.New(fault.Conflict, "catalog.session.has_started")
	case !tx.Now().Before(s.RestorableUntil):
		return fault.New(fault.Conflict, "catalog.session.restore_late")
	}
	if _, err := tx.Exec(sqlRestoreSession, id, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	if err := refuseHindered(tx, s); err != nil {
		return err
	}
	if _, err := outbox.Withdraw(tx, outbox.SessionCalledOff, id, ""); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "session.restore", record("session", id), nil)
}

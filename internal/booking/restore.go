package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// sqlRestorable is what comes back of what the session took away. Who was erased meanwhile comes no more, and of one child one
// booking does, the best (confirmed, offered, waiting: in that order by the alphabet), else the first: a mailbox that was proved
// meanwhile can have made one child of two.
const sqlRestorable = `
SELECT id FROM (
  SELECT b.id, row_number() OVER (PARTITION BY b.child_id ORDER BY b.called_off_from, b.id) AS nth
    FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
   WHERE b.session_id = ?1 AND b.called_off_from IS NOT NULL AND p.name <> '')
 WHERE nth = 1`

// An offer keeps its deadline: families were told of no other. What does not come back now never does.
const (
	sqlRestoreOffers = `
UPDATE offers SET outcome = NULL, ended_at = NULL WHERE outcome = 'withdrawn' AND id IN (
  SELECT max(o.id) FROM offers o JOIN bookings b ON b.id = o.booking_id
   WHERE b.called_off_from = 'offered' AND b.id IN (` + sqlRestorable + `) GROUP BY o.booking_id)`
	sqlRestoreBookings = `
UPDATE bookings SET status = called_off_from, called_off_from = NULL, cancelled_by = NULL, cancelled_at = NULL, updated_at = ?2,
       ical_sequence = ical_sequence + 1
 WHERE id IN (` + sqlRestorable + `)`
	sqlForgetCalledOff = `UPDATE bookings SET called_off_from = NULL WHERE session_id = ? AND called_off_from IS NOT NULL`
)

// RestoreSession takes back what CancelSession did less than catalog.UndoDelay ago: the session, its bookings, its offers with
// their deadlines and its list are as they were, and nobody gets a message. Seats of a family that was erased meanwhile go to the
// list, and so does the second one of a child that turned out to be booked twice.
// Forbidden to all but staff; Conflict as catalog.RestoreTx says.
func (s *Service) RestoreSession(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", restoreSession(tx, actor, sessionID) })
		return err
	})
}

func restoreSession(tx *sqlite.Tx, actor account.Actor, sessionID int64) error {
	if err := catalog.RestoreTx(tx, actor, sessionID); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlRestoreOffers, sessionID); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlRestoreBookings, sessionID, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlForgetCalledOff, sessionID); err != nil {
		return err
	}
	for _, kind := range []string{outbox.SessionCancelled, outbox.ChildChanged} {
		if _, err := outbox.Withdraw(tx, kind, sessionID, ""); err != nil {
			return err
		}
	}
	if err := audit.Add(tx, actor.String(), "booking.restore_all", record("session", sessionID), nil); err != nil {
		return err
	}
	restored, err := catalog.SessionTx(tx, sessionID)
	if err != nil || restored.Status != catalog.Published {
		return err
	}
	return offerFreeSeats(tx, sessionID, nil)
}

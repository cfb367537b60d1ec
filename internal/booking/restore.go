package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Who was erased meanwhile comes no more. An offer keeps its deadline: families were told of no other.
const (
	sqlRestoreOffers = `
UPDATE offers SET outcome = NULL, ended_at = NULL WHERE outcome = 'withdrawn' AND id IN (
  SELECT max(o.id) FROM offers o JOIN bookings b ON b.id = o.booking_id
    JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
   WHERE b.session_id = ?1 AND b.called_off_from = 'offered' AND p.name <> '' GROUP BY o.booking_id)`
	sqlRestoreBookings = `
UPDATE bookings SET status = called_off_from, called_off_from = NULL, cancelled_by = NULL, cancelled_at = NULL, updated_at = ?2,
       ical_sequence = ical_sequence + 1
 WHERE session_id = ?1 AND called_off_from IS NOT NULL
   AND group_id IN (SELECT g.id FROM booking_groups g JOIN guardians p ON p.id = g.guardian_id WHERE p.name <> '')`
)

// RestoreSession takes back what CancelSession did less than catalog.UndoDelay ago: the session, its bookings, its offers with
// their deadlines and its list are as they were, and nobody gets a message. Seats of a family that was erased meanwhile go to the list.
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
	for _, kind := range []string{outbox.SessionCancelled, outbox.ChildChanged} {
		if _, err := outbox.Withdraw(tx, kind, sessionID, ""); err != nil {
			return err
		}
	}
	if err := audit.Add(tx, actor.String(), "booking.restore_all", record("session", sessionID), nil); err != nil {
		return err
	}
	return offerFreeSeats(tx, sessionID, nil)
}

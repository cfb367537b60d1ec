package privacy

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// EraseFamily erases the guardian who made a booking, at the request of that guardian: see booking.EraseGuardian. Twice is the
// same as once. It returns the bookings that stay under the same address, as booking.Erasure.Others: nobody could tell
// afterwards.
//
// Forbidden to all but staff; NotFound for an unknown reference; Conflict "booking.erase_busy" while a child is at a session.
func (s *Service) EraseFamily(ctx context.Context, actor account.Actor, key account.FormKey, reference string) (others []string, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.erasing(ctx, func(tx *sqlite.Tx) error {
		left, _, err := account.Once(tx, key, func() (string, error) {
			guardianID, err := booking.GuardianOf(tx, reference)
			if err != nil {
				return "", err
			}
			e, err := booking.EraseGuardian(tx, actor, guardianID)
			if err != nil {
				return "", err
			}
			left, err := json.Marshal(e.Others)
			return string(left), err
		})
		if err != nil {
			return err
		}
		return json.Unmarshal([]byte(left), &others)
	})
	return others, err
}

// erasing runs what erases in one transaction, then lists the erasure beside the database and empties the write-ahead log,
// which may hold what was written before. Only then is it done. The log cannot be emptied while somebody reads; the timer of
// package sqlite empties it within a minute.
func (s *Service) erasing(ctx context.Context, erase func(tx *sqlite.Tx) error) error {
	if err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return erase(tx) }); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if err := s.NoteErasures(ctx); err != nil {
		return err
	}
	if err := s.db.Checkpoint(ctx); err != nil && fault.KindOf(err) != fault.Unavailable {
		return err
	}
	return nil
}

const sqlListed = `
SELECT id FROM guardians WHERE erasure_id = ?1 AND name <> ''
UNION SELECT g.id FROM merged_guardians m JOIN guardians g ON g.id = m.guardian_id WHERE m.erasure_id = ?1 AND g.name <> ''`

// Replay erases again, in a database that was restored, who was erased since it was copied, and returns how many guardians
// that were (RGPD-11). It waits for no session to end: they were erased already. Each is a transaction of its own.
func Replay(ctx context.Context, db *sqlite.DB, ids []string) (erased int, err error) {
	for _, id := range ids {
		err := db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
			var guardianID int64
			err := tx.QueryRow(sqlListed, id).Scan(&guardianID)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			erased++
			return booking.EraseAgain(tx, guardianID)
		})
		if err != nil {
			return erased, err
		}
	}
	return erased, nil
}

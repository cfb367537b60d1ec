package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Store is the outbox as its worker and the team see it. It is safe for concurrent use.
type Store struct {
	db   *sqlite.DB
	wake chan struct{}
}

// NewStore returns the outbox of db.
func NewStore(db *sqlite.DB) *Store {
	return &Store{db: db, wake: make(chan struct{}, 1)}
}

// Notify wakes the worker: messages were committed, or the clock of a demo was moved. It never blocks.
func (s *Store) Notify() {
	select {
	case s.wake <- struct{}{}:
	default: // it will wake anyway
	}
}

// Wake receives after a Notify. It is for the one worker.
func (s *Store) Wake() <-chan struct{} { return s.wake }

const sqlNextDue = `
SELECT due.send_after FROM outbox AS due
WHERE due.state IN ('pending', 'claimed') AND NOT EXISTS (SELECT 1 FROM outbox_pause) AND ` + isFirst + `
ORDER BY due.send_after LIMIT 1`

// NextDue returns the instant at which the first message can be claimed, in the past when one is due, and whether there is
// any; none during a pause. A message that waits for an earlier one to the same person is due no sooner than that one.
func (s *Store) NextDue(ctx context.Context) (at time.Time, found bool, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var text string
		err := tx.QueryRow(sqlNextDue).Scan(&text)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		found = true
		at, err = sqlite.ParseTime(text)
		return err
	})
	if err != nil {
		return time.Time{}, false, fmt.Errorf("outbox: next due: %w", err)
	}
	return at, found, nil
}

const sqlRecover = `UPDATE outbox SET state = 'pending', send_after = ? WHERE state = 'claimed'`

// Recover makes what a crashed process had claimed due again. Only the one process that serves
// the data folder may call it, before its worker's first Claim. It returns how many there were.
func (s *Store) Recover(ctx context.Context) (int, error) {
	return s.update(ctx, "recover", func(tx *sqlite.Tx) (sql.Result, error) {
		return tx.Exec(sqlRecover, sqlite.Time(tx.Now()))
	})
}

// The condition of the index outbox_due is repeated word for word: SQLite does not use a
// partial index otherwise.
const sqlRetryNow = `
UPDATE outbox SET send_after = ?1
WHERE state IN ('pending', 'claimed') AND state = 'pending' AND attempts > 0 AND send_after > ?1`

// RetryNow makes all that waits for another try due at once: the mail server is back.
// It returns how many there are.
func (s *Store) RetryNow(ctx context.Context) (int, error) {
	return s.update(ctx, "retry now", func(tx *sqlite.Tx) (sql.Result, error) {
		return tx.Exec(sqlRetryNow, sqlite.Time(tx.Now()))
	})
}

func (s *Store) update(ctx context.Context, what string, do func(*sqlite.Tx) (sql.Result, error)) (int, error) {
	var n int64
	err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		result, err := do(tx)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("outbox: %s: %w", what, err)
	}
	return int(n), nil
}

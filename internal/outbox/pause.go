package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlPause = `INSERT INTO outbox_pause (id, since) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET since = ?1`

// Pause keeps every message from leaving until Resume: after a restore of the database, what waits in it may have been sent
// before the loss (REL-14). Messages are added as ever.
func Pause(tx *sqlite.Tx) error {
	if _, err := tx.Exec(sqlPause, sqlite.Time(tx.Now())); err != nil {
		return fmt.Errorf("outbox: pause: %w", err)
	}
	return nil
}

const (
	sqlPaused  = `SELECT since FROM outbox_pause`
	sqlWaiting = `SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed') AND created_at <= ?`
	sqlResume  = `DELETE FROM outbox_pause`
	sqlGiveOld = `
UPDATE outbox SET state = 'withdrawn', done_at = ?2 WHERE state IN ('pending', 'claimed') AND created_at <= ?1`
)

// Break is a pause of the outbox.
type Break struct {
	Since time.Time // UTC
	// Waiting is how many messages are from before it, which somebody may have got already.
	Waiting int
}

// Paused returns the pause, or nil while messages leave.
func (s *Store) Paused(ctx context.Context) (b *Break, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		b, err = paused(tx)
		return err
	})
	return b, err
}

func paused(tx *sqlite.Tx) (*Break, error) {
	var since string
	err := tx.QueryRow(sqlPaused).Scan(&since)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("outbox: paused: %w", err)
	}
	b := &Break{}
	if b.Since, err = sqlite.ParseTime(since); err != nil {
		return nil, err
	}
	return b, tx.QueryRow(sqlWaiting, since).Scan(&b.Waiting)
}

// Resume lets messages leave again; those from before the pause too, or else they are withdrawn. It reports whether there was
// a pause, and how many were withdrawn. Whoever commits calls Store.Notify afterwards.
func Resume(tx *sqlite.Tx, withOld bool) (was bool, withdrawn int, err error) {
	b, err := paused(tx)
	if err != nil || b == nil {
		return false, 0, err
	}
	if !withOld {
		res, err := tx.Exec(sqlGiveOld, sqlite.Time(b.Since), sqlite.Time(tx.Now()))
		if err != nil {
			return true, 0, fmt.Errorf("outbox: resume: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return true, 0, err
		}
		withdrawn = int(n)
	}
	if _, err := tx.Exec(sqlResume); err != nil {
		return true, 0, fmt.Errorf("outbox: resume: %w", err)
	}
	return true, withdrawn, nil
}

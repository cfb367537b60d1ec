package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"
)

const sqlCheckpoint = `PRAGMA wal_checkpoint(TRUNCATE)`

// Checkpoint writes the WAL back into the database and empties it. SQLite does the
// first by itself, but beside busy readers the file only grows. It returns
// fault.Unavailable, and no harm is done, when readers or other processes kept it from
// finishing within 200 ms.
func (db *DB) Checkpoint(ctx context.Context) error {
	// Between two transactions our own writer cannot be in the way.
	return db.writer.between(ctx, func() error {
		var busy bool
		var inWAL, done int
		if err := db.checkpoint.QueryRowContext(ctx, sqlCheckpoint).Scan(&busy, &inWAL, &done); err != nil {
			return asFault(fmt.Errorf("sqlite: checkpoint: %w", err))
		}
		if busy {
			return unavailable(fmt.Errorf("sqlite: checkpoint: %d of %d pages written back", done, inWAL))
		}
		return nil
	})
}

// ErrInUse says that another process has a database open.
var ErrInUse = errors.New("another ateliers command, or Litestream, has the database open; try again when it has ended")

// Settle writes the WAL of a database that is not open here back into its file, which then holds everything. ErrInUse says that
// another process is in the way; other errors that the database cannot be read.
func Settle(ctx context.Context, path string) (err error) {
	db, err := pool(dsn(path, map[string]string{"mode": "rw", "_journal_mode": "WAL"}), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var busy bool
	var inWAL, done int
	err = db.QueryRowContext(ctx, sqlCheckpoint).Scan(&busy, &inWAL, &done)
	if cause, ok := errors.AsType[sqlite3.Error](err); busy || ok && (cause.Code == sqlite3.ErrBusy || cause.Code == sqlite3.ErrLocked) {
		return ErrInUse
	}
	return err
}

// checkpoints runs Checkpoint until ctx is done. What is in the way may stay, as Litestream does: it is told once.
func (db *DB) checkpoints(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	postponed := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			err := db.Checkpoint(ctx)
			if err != nil && !postponed && ctx.Err() == nil {
				db.log.Warn("checkpoint postponed", "error", err)
			}
			postponed = err != nil
		}
	}
}

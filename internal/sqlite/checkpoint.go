package sqlite

import (
	"context"
	"fmt"
	"time"
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

// checkpoints runs Checkpoint until ctx is done.
func (db *DB) checkpoints(ctx context.Context, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := db.Checkpoint(ctx); err != nil && ctx.Err() == nil {
				db.log.Warn("checkpoint postponed", "error", err)
			}
		}
	}
}

package sqlite

import (
	"context"
	"fmt"
	"time"
)

const (
	sqlBegin    = `BEGIN`
	sqlRollback = `ROLLBACK`
)

// Read runs fn on one unchanging state of the database. fn cannot write. When no
// connection is free within 5 s it returns fault.Unavailable; a ctx that is already
// inside a transaction gets ErrNested.
func (db *DB) Read(ctx context.Context, fn func(ctx context.Context, tx *Tx) error) error {
	if isInside(ctx) {
		return ErrNested
	}
	waiting, stop := context.WithTimeout(ctx, patience)
	defer stop()
	conn, err := db.readers.Conn(waiting)
	if err != nil {
		if waiting.Err() != nil {
			return unavailable(err)
		}
		return asFault(err)
	}
	defer func() { _ = conn.Close() }() // back to the pool
	// Without Done the driver needs no goroutine for BEGIN and ROLLBACK.
	quiet := context.WithoutCancel(ctx)
	if _, err := conn.ExecContext(quiet, sqlBegin); err != nil {
		return asFault(err)
	}
	ctx = inside(ctx)
	tx := &Tx{conn: conn, ctx: ctx, now: db.clock.instant()}
	defer func() {
		tx.end()
		_, _ = conn.ExecContext(quiet, sqlRollback) // nothing was written
	}()
	return asFault(fn(ctx, tx))
}

// patience is how long a transaction waits for its turn.
const patience = 5 * time.Second

const sqlDataVersion = `SELECT data_version FROM pragma_data_version`

// DataVersion returns a number that differs from its last answer when anything was
// committed in between, by this process or by another one.
func (db *DB) DataVersion(ctx context.Context) (int64, error) {
	var v int64
	if err := db.watcher.QueryRowContext(ctx, sqlDataVersion).Scan(&v); err != nil {
		return 0, fmt.Errorf("sqlite: data_version: %w", asFault(err))
	}
	return v, nil
}

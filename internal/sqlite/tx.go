package sqlite

import (
	"context"
	"database/sql"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/failpoint"
)

// Tx is one transaction. It is valid until the closure that received it returns, and
// only in the goroutine of that closure. The statements carry the ctx of the
// transaction, so its methods take none.
type Tx struct {
	conn *sql.Conn
	ctx  context.Context
	now  time.Time
	rows []*sql.Rows
	done bool
}

// Now is the instant of the transaction: UTC, whole seconds, the same for its whole life.
func (tx *Tx) Now() time.Time { return tx.now }

// Exec runs one statement that returns no row.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) {
	if tx.done {
		return nil, errTxDone
	}
	result, err := tx.conn.ExecContext(tx.ctx, query, args...)
	failpoint.Here(failpoint.AfterStatement)
	return result, err
}

// Query runs one statement and returns its rows, which the caller closes (reading
// them to the end does it too); what is left open is closed with the transaction.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) {
	if tx.done {
		return nil, errTxDone
	}
	rows, err := tx.conn.QueryContext(tx.ctx, query, args...)
	if err != nil {
		return nil, err
	}
	tx.rows = append(tx.rows, rows)
	return rows, nil
}

// QueryRow runs one statement of which at most one row is wanted. The caller must call
// Scan; it returns sql.ErrNoRows when there is none.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row {
	if tx.done {
		panic(errTxDone)
	}
	return tx.conn.QueryRowContext(tx.ctx, query, args...)
}

// end makes the Tx unusable and closes the rows that its closure forgot: an open
// SELECT would keep the connection in an old state of the database.
func (tx *Tx) end() {
	tx.done = true
	for _, rows := range tx.rows {
		_ = rows.Close() // the verdict is that of the closure, which has seen rows.Err
	}
}

type insideKey struct{}

// inside marks ctx as being inside a transaction, see ErrNested.
func inside(ctx context.Context) context.Context {
	return context.WithValue(ctx, insideKey{}, true)
}

func isInside(ctx context.Context) bool {
	return ctx.Value(insideKey{}) != nil
}

package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

const sqlIntegrity = `SELECT integrity_check FROM pragma_integrity_check`

// integrityDSN writes nothing, but is not read-only either: SQLite leaves the CHECK
// constraints out of a database that it opens read-only, and then does not check them.
func integrityDSN(path string) string {
	return dsn(path, map[string]string{"mode": "rw", "_query_only": "on"})
}

// Integrity lets SQLite check the whole database: its pages, indexes and constraints,
// and every foreign key. It returns one line per breach, none when all is well; what cannot
// be read is a breach. It reads the whole file.
func (db *DB) Integrity(ctx context.Context) (breaches []string, err error) {
	breaches, err = db.check(ctx)
	if isDamage(err) {
		return append(breaches, err.Error()), nil
	}
	return breaches, asFault(err)
}

// check is Integrity that ends with the first error, and returns what it found until then.
func (db *DB) check(ctx context.Context) (breaches []string, err error) {
	conn, err := pool(integrityDSN(db.path), 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	tx, err := conn.BeginTx(ctx, nil) // both checks see one state
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	if breaches, err = brokenPages(ctx, tx); err != nil {
		return breaches, err
	}
	keys, err := danglingRows(ctx, tx)
	return append(breaches, keys...), err
}

func brokenPages(ctx context.Context, tx *sql.Tx) (breaches []string, err error) {
	rows, err := tx.QueryContext(ctx, sqlIntegrity)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return breaches, err
		}
		if line != "ok" {
			breaches = append(breaches, strings.ReplaceAll(line, "\n", "; "))
		}
	}
	return breaches, rows.Err()
}

func danglingRows(ctx context.Context, tx *sql.Tx) (breaches []string, err error) {
	rows, err := tx.QueryContext(ctx, sqlBrokenKeys)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table, parent string
		var row int64
		if err := rows.Scan(&table, &row, &parent); err != nil {
			return breaches, err
		}
		breaches = append(breaches, fmt.Sprintf("row %d of %s points to no row of %s", row, table, parent))
	}
	return breaches, rows.Err()
}

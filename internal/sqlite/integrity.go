package sqlite

import (
	"context"
	"fmt"
)

const sqlIntegrity = `SELECT integrity_check FROM pragma_integrity_check`

// Integrity lets SQLite check the whole database: its pages, indexes and constraints,
// and every foreign key. It returns one line per breach, none when all is well. It reads the
// whole file.
func (db *DB) Integrity(ctx context.Context) (breaches []string, err error) {
	err = db.Read(ctx, func(_ context.Context, tx *Tx) error {
		rows, err := tx.Query(sqlIntegrity)
		if err != nil {
			return err
		}
		for rows.Next() {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			if line != "ok" {
				breaches = append(breaches, line)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if rows, err = tx.Query(sqlBrokenKeys); err != nil {
			return err
		}
		for rows.Next() {
			var table, parent string
			var row int64
			if err := rows.Scan(&table, &row, &parent); err != nil {
				return err
			}
			breaches = append(breaches, fmt.Sprintf("row %d of %s points to no row of %s", row, table, parent))
		}
		return rows.Err()
	})
	return breaches, err
}

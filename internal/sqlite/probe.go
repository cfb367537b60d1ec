package sqlite

import (
	"context"
	"fmt"
)

// Probe proves that the disk takes a commit, by writing what is there already: a transaction that changes nothing would succeed on a
// full disk too. It returns fault.Unavailable when it does not.
func (db *DB) Probe(ctx context.Context) error {
	return db.Write(ctx, func(_ context.Context, tx *Tx) error {
		var version int
		var objects int
		if err := tx.QueryRow(sqlUserVersion).Scan(&version, &objects); err != nil {
			return err
		}
		_, err := tx.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, version))
		return err
	})
}

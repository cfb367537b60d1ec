package account

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlPurgeSignIns  = `DELETE FROM sign_ins WHERE expires_at <= ?`
	sqlPurgeFormKeys = `DELETE FROM form_keys WHERE expires_at < ?`
)

// purgeMargin keeps used form keys a little longer than they are valid: a form checked
// in its last second may reach the database after that.
const purgeMargin = time.Hour

// Purge removes sign-ins and form keys that are over. It is for a timer.
func Purge(ctx context.Context, db *sqlite.DB) error {
	err := db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(sqlPurgeSignIns, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		_, err := tx.Exec(sqlPurgeFormKeys, sqlite.Time(tx.Now().Add(-purgeMargin)))
		return err
	})
	if err != nil {
		return fmt.Errorf("account: purge: %w", err)
	}
	return nil
}

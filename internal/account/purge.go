package account

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlPurgeSignIns   = `DELETE FROM sign_ins WHERE expires_at <= ?`
	sqlPurgeLinks     = `DELETE FROM sign_in_links WHERE expires_at < ?`
	sqlPurgePasswords = `DELETE FROM password_links WHERE expires_at < ?`
	sqlPurgeFormKeys  = `DELETE FROM form_keys WHERE expires_at < ?`
)

const (
	sqlEndSignIns      = `DELETE FROM sign_ins`
	sqlExpireLinks     = `UPDATE sign_in_links SET expires_at = ?1 WHERE outcome IS NULL AND expires_at > ?1`
	sqlExpirePasswords = `UPDATE password_links SET expires_at = ?1 WHERE outcome IS NULL AND expires_at > ?1`
	sqlUseSteps        = `UPDATE second_factors SET last_step = max(last_step, ?)`
	sqlUseAllRecovery  = `UPDATE recovery_codes SET used_at = ? WHERE used_at IS NULL`
)

// EndAllSignIns signs everybody out, on every browser, and lets every link to sign in or to choose a password expire that was not used: it is for a database
// that does not know who signed out since, or was signed out, nor which codes were used: those of apps until now are refused,
// and all recovery codes, which people make anew on their page with the app.
func EndAllSignIns(tx *sqlite.Tx) error {
	if _, err := tx.Exec(sqlEndSignIns); err != nil {
		return fmt.Errorf("account: end sign-ins: %w", err)
	}
	for _, expire := range []string{sqlExpireLinks, sqlExpirePasswords} {
		if _, err := tx.Exec(expire, sqlite.Time(tx.Now())); err != nil {
			return fmt.Errorf("account: end sign-ins: %w", err)
		}
	}
	if _, err := tx.Exec(sqlUseSteps, tx.Now().Unix()/int64(stepLength/time.Second)+stepsAround); err != nil {
		return fmt.Errorf("account: end codes: %w", err)
	}
	if _, err := tx.Exec(sqlUseAllRecovery, sqlite.Time(tx.Now())); err != nil {
		return fmt.Errorf("account: end recovery codes: %w", err)
	}
	return nil
}

// purgeMargin keeps used form keys a little longer than they are valid: a form checked
// in its last second may reach the database after that.
const purgeMargin = time.Hour

// linksKept is how long after its end a link can still say why it opens nothing any more.
const linksKept = 24 * time.Hour

// Purge removes sign-ins, links to sign in and form keys that are over. It is for a timer.
func Purge(ctx context.Context, db *sqlite.DB) error {
	err := db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(sqlPurgeSignIns, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		for _, purge := range []string{sqlPurgeLinks, sqlPurgePasswords} {
			if _, err := tx.Exec(purge, sqlite.Time(tx.Now().Add(-linksKept))); err != nil {
				return err
			}
		}
		_, err := tx.Exec(sqlPurgeFormKeys, sqlite.Time(tx.Now().Add(-purgeMargin)))
		return err
	})
	if err != nil {
		return fmt.Errorf("account: purge: %w", err)
	}
	return nil
}

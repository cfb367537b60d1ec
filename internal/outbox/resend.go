package outbox

import (
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A purged message has nothing left to say.
const sqlResend = `
UPDATE outbox SET state = 'pending', attempts = 0, send_after = ?2, last_error = '', done_at = NULL
WHERE id = ?1 AND state = 'failed' AND payload <> '{}'`

// Resend makes a message that was given up due again, as if it were new. It reports whether there was
// one. Who may, and the audit line, belong to account.Office.
func Resend(tx *sqlite.Tx, id int64) (bool, error) {
	result, err := tx.Exec(sqlResend, id, sqlite.Time(tx.Now()))
	if err != nil {
		return false, fmt.Errorf("outbox: resend: %w", err)
	}
	n, err := result.RowsAffected()
	return n == 1, err
}

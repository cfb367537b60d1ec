package outbox

import (
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The condition of the index outbox_due is repeated word for word: SQLite does not use a
// partial index otherwise.
const sqlWithdraw = `
UPDATE outbox SET state = 'withdrawn', done_at = ?1
WHERE state IN ('pending', 'claimed') AND state = 'pending' AND attempts = 0 AND send_after > ?1 AND kind = ?2
  AND payload ->> '$.session.id' = ?3 AND (?4 = '' OR payload ->> '$.reference' = ?4)`

// Withdraw takes back the messages of one kind about one session that were delayed on purpose and still are, those
// of one booking, or of all when reference is empty: a message that is due, or was tried, is not taken back. It returns how
// many: fewer than were added means that some are on their way, and the family needs another mail.
func Withdraw(tx *sqlite.Tx, kind string, sessionID int64, reference string) (int, error) {
	result, err := tx.Exec(sqlWithdraw, sqlite.Time(tx.Now()), kind, sessionID, reference)
	if err != nil {
		return 0, fmt.Errorf("outbox: withdraw %s: %w", kind, err)
	}
	n, err := result.RowsAffected()
	return int(n), err
}

const sqlRecall = `
UPDATE outbox SET state = 'withdrawn', done_at = ?3 WHERE guardian_id = ?1 AND recipient = ?2 AND state IN ('pending', 'failed')`

// Recall takes back the messages to a guardian that have not left for an address, or came back from it, because it is not theirs. What is
// being sent at this very moment may still arrive.
func Recall(tx *sqlite.Tx, guardianID int64, address string) error {
	if _, err := tx.Exec(sqlRecall, guardianID, address, sqlite.Time(tx.Now())); err != nil {
		return fmt.Errorf("outbox: recall messages to guardian %d: %w", guardianID, err)
	}
	return nil
}

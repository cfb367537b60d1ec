package outbox

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// kept is how long a message that is done keeps what it said and to whom.
const kept = 30 * 24 * time.Hour

const sqlPurge = `
UPDATE outbox SET payload = '{}', recipient = '', last_error = ''
WHERE id IN (SELECT id FROM outbox WHERE state IN ('sent', 'failed', 'withdrawn') AND done_at < ?
    AND (payload <> '{}' OR recipient <> '' OR last_error <> '') LIMIT ?)`

// Purge empties messages that were done 30 days ago or earlier, at most that many: address, content and answer of the server.
// Kind, guardian and dates stay as the proof that it was sent. It returns how many.
func Purge(tx *sqlite.Tx, most int) (int, error) {
	res, err := tx.Exec(sqlPurge, sqlite.Time(tx.Now().Add(-kept)), most)
	if err != nil {
		return 0, fmt.Errorf("outbox: purge: %w", err)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

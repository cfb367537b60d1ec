package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// kept is how long a message that is done keeps what it said and to whom.
const kept = 30 * 24 * time.Hour

const sqlPurge = `
UPDATE outbox SET payload = '{}', recipient = '', last_error = ''
WHERE state IN ('sent', 'failed', 'withdrawn') AND done_at < ? AND payload <> '{}'`

// Purge empties the messages that were done 30 days ago or earlier: address, content and answer of the
// server. Kind, guardian and dates stay as the proof that it was sent. It returns how many.
func (s *Store) Purge(ctx context.Context) (int, error) {
	var n int64
	err := s.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		result, err := tx.Exec(sqlPurge, sqlite.Time(tx.Now().Add(-kept)))
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("outbox: purge: %w", err)
	}
	return int(n), nil
}

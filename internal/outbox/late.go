package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A message that was tried waits since it was added; one that was not, since it was due.
const sqlLate = `
SELECT (SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed') AND send_after <= ?1 AND attempts = 0)
       + (SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed') AND attempts > 0 AND created_at <= ?1),
       EXISTS (SELECT 1 FROM outbox WHERE state = 'sent' AND done_at > ?1)
WHERE NOT EXISTS (SELECT 1 FROM outbox_pause)
UNION ALL SELECT 0, FALSE WHERE EXISTS (SELECT 1 FROM outbox_pause)`

// Late counts the messages that have waited for longer than limit, and reports whether any message at all left meanwhile: then the
// mail server is there, and it is the mailboxes that make them wait. During a pause none is late.
func (s *Store) Late(ctx context.Context, limit time.Duration) (waiting int, leaves bool, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlLate, sqlite.Time(tx.Now().Add(-limit))).Scan(&waiting, &leaves)
	})
	if err != nil {
		return 0, false, fmt.Errorf("outbox: late: %w", err)
	}
	return waiting, leaves, nil
}

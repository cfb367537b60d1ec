package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A message that was tried waits since it was added; one that was not, since it was due. One address alone whose mailbox takes nothing
// for now keeps its own messages waiting, and says nothing of the server; where several are refused so, it is the server that does.
const sqlLate = `
WITH late AS (
  SELECT recipient FROM outbox WHERE state IN ('pending', 'claimed') AND send_after <= ?1 AND attempts = 0
  UNION ALL SELECT recipient FROM outbox WHERE state IN ('pending', 'claimed') AND attempts > 0 AND created_at <= ?1),
refused AS (
  SELECT DISTINCT recipient FROM outbox WHERE state IN ('pending', 'claimed') AND attempts > 0 AND last_error GLOB '` + mailboxRefused + `*')
SELECT (SELECT count(*) FROM late WHERE (SELECT count(*) FROM refused) > 1 OR recipient NOT IN (SELECT recipient FROM refused)),
       EXISTS (SELECT 1 FROM outbox WHERE state = 'sent' AND done_at > ?1)
WHERE NOT EXISTS (SELECT 1 FROM outbox_pause)
UNION ALL SELECT 0, FALSE WHERE EXISTS (SELECT 1 FROM outbox_pause)`

// Late counts the messages that have waited for longer than limit, those to one full mailbox (ErrMailbox) left out, and reports
// whether any message at all left meanwhile: then the mail server is there. During a pause none is late.
func (s *Store) Late(ctx context.Context, limit time.Duration) (waiting int, leaves bool, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlLate, sqlite.Time(tx.Now().Add(-limit))).Scan(&waiting, &leaves)
	})
	if err != nil {
		return 0, false, fmt.Errorf("outbox: late: %w", err)
	}
	return waiting, leaves, nil
}

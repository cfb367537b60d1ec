package outbox

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// lease is how long a claimed message belongs to its claimer. It is longer than any sending
// takes; a crash does not wait for it (see Recover).
const lease = 10 * time.Minute

// Claimed is a message that its claimer must report with Sent or Failed.
type Claimed struct {
	ID       int64
	Kind     string
	Language string
	To       string
	Payload  json.RawMessage
	// MessageID is the left part of the Message-ID, the same at every try.
	MessageID string
	// Attempts counts the tries, this one included.
	Attempts  int
	CreatedAt time.Time
}

// A message waits while an earlier one to the same person is being sent or tried again. Those
// are the rows of the index outbox_retrying; a message that is delayed on purpose (attempts = 0)
// stops nobody.
const isFirst = `NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
    WHERE earlier.recipient = due.recipient AND earlier.attempts > 0 AND earlier.state IN ('pending', 'claimed')
      AND earlier.id <> due.id AND (due.attempts = 0 OR earlier.id < due.id))`

const sqlDue = `
SELECT due.id, due.recipient
FROM outbox AS due
WHERE due.state IN ('pending', 'claimed') AND due.send_after <= ? AND NOT EXISTS (SELECT 1 FROM outbox_pause) AND ` + isFirst + `
ORDER BY due.send_after, due.id`

const sqlClaim = `
UPDATE outbox SET state = 'claimed', attempts = attempts + 1, send_after = ?
WHERE id = ?
RETURNING id, kind, language, recipient, payload, message_id, attempts, created_at`

// Claim takes at most limit messages that are due, oldest first and one per person, so that each person
// gets theirs in order. When the claimer neither reports a message nor lives, it is
// due again after the lease.
func (s *Store) Claim(ctx context.Context, limit int) ([]Claimed, error) {
	var claimed []Claimed
	err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		claimed = nil
		ids, err := due(tx, limit)
		if err != nil {
			return err
		}
		until := sqlite.Time(tx.Now().Add(lease))
		for _, id := range ids {
			c, err := claim(tx, id, until)
			if err != nil {
				return err
			}
			claimed = append(claimed, c)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: claim: %w", err)
	}
	return claimed, nil
}

func due(tx *sqlite.Tx, limit int) ([]int64, error) {
	rows, err := tx.Query(sqlDue, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }() // what matters is rows.Err
	var ids []int64
	persons := map[string]bool{}
	for len(ids) < limit && rows.Next() {
		var id int64
		var person string
		if err := rows.Scan(&id, &person); err != nil {
			return nil, err
		}
		if !persons[person] {
			persons[person] = true
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

func claim(tx *sqlite.Tx, id int64, until string) (Claimed, error) {
	var c Claimed
	var payload, createdAt string
	err := tx.QueryRow(sqlClaim, until, id).
		Scan(&c.ID, &c.Kind, &c.Language, &c.To, &payload, &c.MessageID, &c.Attempts, &createdAt)
	if err != nil {
		return Claimed{}, err
	}
	c.Payload = json.RawMessage(payload)
	c.CreatedAt, err = sqlite.ParseTime(createdAt)
	return c, err
}

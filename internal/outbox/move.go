package outbox

import (
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlMoveGuardian = `UPDATE outbox SET guardian_id = ?2 WHERE guardian_id = ?1`

// MoveGuardian gives the messages to a guardian to another one, who turned out to be the same person: what
// erases that person must find them.
func MoveGuardian(tx *sqlite.Tx, from, to int64) error {
	if _, err := tx.Exec(sqlMoveGuardian, from, to); err != nil {
		return fmt.Errorf("outbox: move messages to guardian %d: %w", to, err)
	}
	return nil
}

const sqlMoveMessages = `UPDATE outbox SET guardian_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`

// MoveMessages gives messages, a JSON array of ids, to a guardian.
func MoveMessages(tx *sqlite.Tx, ids string, to int64) error {
	if _, err := tx.Exec(sqlMoveMessages, to, ids); err != nil {
		return fmt.Errorf("outbox: move messages to guardian %d: %w", to, err)
	}
	return nil
}

package outbox

import (
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlErase = `
UPDATE outbox SET state = iif(state IN ('pending', 'claimed'), 'withdrawn', state), done_at = coalesce(done_at, ?2),
       payload = '{}', recipient = '', last_error = ''
WHERE guardian_id = ?1`

// Their payloads or recipients may be of somebody else than the guardian whom they name, if any. The condition is word for word
// that of the index.
const (
	sqlToAddresses = `
SELECT id, recipient FROM outbox WHERE recipient <> '' AND kind IN ('draft_saved', 'sign_in_link', 'sign_in_unknown', 'guardian_invited', 'young_invited')`
	sqlEraseMessage = `
UPDATE outbox SET state = iif(state IN ('pending', 'claimed'), 'withdrawn', state), done_at = coalesce(done_at, ?2),
       payload = '{}', recipient = '', last_error = ''
WHERE id = ?1`
)

// EraseTo does what Erase does to the messages that went to whoever had typed an address or was named by others, and so are no
// guardian's: a form to finish later, a link to sign in, the answer to somebody unknown, an invitation. is tells the addresses that are meant.
func EraseTo(tx *sqlite.Tx, is func(address string) bool) error {
	ids, err := messagesTo(tx, is)
	if err != nil {
		return fmt.Errorf("outbox: messages to an address: %w", err)
	}
	for _, id := range ids {
		if _, err := tx.Exec(sqlEraseMessage, id, sqlite.Time(tx.Now())); err != nil {
			return fmt.Errorf("outbox: erase message %d: %w", id, err)
		}
	}
	return nil
}

func messagesTo(tx *sqlite.Tx, is func(address string) bool) (ids []int64, err error) {
	rows, err := tx.Query(sqlToAddresses)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var recipient string
		if err := rows.Scan(&id, &recipient); err != nil {
			return nil, err
		}
		if is(recipient) {
			ids = append(ids, id)
		}
	}
	return ids, rows.Err()
}

// Erase empties every message to a guardian who is erased, as Purge would one day, and takes back those that have not left:
// only what is being sent at this very moment may still arrive.
func Erase(tx *sqlite.Tx, guardianID int64) error {
	if _, err := tx.Exec(sqlErase, guardianID, sqlite.Time(tx.Now())); err != nil {
		return fmt.Errorf("outbox: erase messages to guardian %d: %w", guardianID, err)
	}
	return nil
}

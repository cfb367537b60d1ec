package outbox

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Message is one mail to one person.
type Message struct {
	Kind     string // one of the kinds of this package
	Language string // "fr" or "en"
	// To is the address. A message without one (a family booked by phone) is not kept:
	// that family is told by the team.
	To         string
	GuardianID int64 // 0: not to a guardian
	Payload    any   // what the kind carries, written as JSON
	// SendAfter delays the message, so that an undo can withdraw it; zero is at once.
	SendAfter time.Time
}

const sqlAdd = `
INSERT INTO outbox (kind, language, recipient, guardian_id, payload, message_id, created_at, send_after)
VALUES (?, ?, ?, NULLIF(?, 0), ?, ?, ?, ?)`

// Add keeps m to be sent once tx is committed. Whoever commits calls Store.Notify afterwards
// if the message should leave at once rather than within seconds.
func Add(tx *sqlite.Tx, m Message) error {
	_, err := Post(tx, m)
	return err
}

// Post is Add for who follows what becomes of the message: it returns its id, 0 where there is no address.
func Post(tx *sqlite.Tx, m Message) (id int64, err error) {
	if m.To == "" {
		return 0, nil
	}
	payload, err := json.Marshal(m.Payload)
	if err != nil {
		return 0, fmt.Errorf("outbox: payload of %s: %w", m.Kind, err)
	}
	now := sqlite.Time(tx.Now())
	sendAfter := now
	if !m.SendAfter.IsZero() {
		sendAfter = sqlite.Time(m.SendAfter)
	}
	// Only the left part of the Message-ID: the host is configuration, known to whoever sends.
	res, err := tx.Exec(sqlAdd, m.Kind, m.Language, m.To, m.GuardianID, string(payload), rand.Text(), now, sendAfter)
	if err != nil {
		return 0, fmt.Errorf("outbox: add %s: %w", m.Kind, err)
	}
	return res.LastInsertId()
}

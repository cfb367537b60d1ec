package outbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// backOff is the wait after each failed try; after the last one the message has failed. All waits
// together stay under 24 hours: who has not got a mail by then must be called.
var backOff = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour,
	2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour,
}

// The last message to who was erased leaves nothing behind, not even where it went.
const sqlSent = `
UPDATE outbox SET state = 'sent', last_error = '', done_at = ?, recipient = iif(kind = 'family_erased', '', recipient),
       payload = iif(kind = 'family_erased', '{}', payload)
WHERE id = ? AND state = 'claimed'`

// Sent reports that the server has taken the message over.
func (s *Store) Sent(ctx context.Context, id int64) error {
	_, err := s.update(ctx, "sent", func(tx *sqlite.Tx) (sql.Result, error) {
		return tx.Exec(sqlSent, sqlite.Time(tx.Now()), id)
	})
	return err
}

const (
	sqlAttempts = `SELECT attempts FROM outbox WHERE id = ?`
	sqlRetry    = `UPDATE outbox SET state = 'pending', send_after = ?, last_error = ? WHERE id = ? AND state = 'claimed'`
	sqlGiveUp   = `
UPDATE outbox SET state = iif(kind = 'family_erased', 'withdrawn', 'failed'), done_at = ?, recipient = iif(kind = 'family_erased', '', recipient),
       last_error = iif(kind = 'family_erased', '', ?), payload = iif(kind = 'family_erased', '{}', payload)
WHERE id = ? AND state = 'claimed'`
)

// ErrMailbox is, as errors.Is sees it, the cause of a failure that is one mailbox's, as when it is full: the mail server is there.
var ErrMailbox = errors.New("the mailbox takes nothing")

// mailboxRefused begins what is kept of such a cause.
const mailboxRefused = "mailbox: "

// Failed reports that the message could not be sent because of cause (see ErrMailbox). It is tried again later,
// unless the failure is permanent or it was the last try: then it is for the team (see
// FailedMessages).
func (s *Store) Failed(ctx context.Context, id int64, cause error, permanent bool) error {
	err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var attempts int
		if err := tx.QueryRow(sqlAttempts, id).Scan(&attempts); err != nil {
			return err
		}
		why := oneLine(cause.Error())
		if errors.Is(cause, ErrMailbox) {
			why = mailboxRefused + why
		}
		if permanent || attempts > len(backOff) {
			_, err := tx.Exec(sqlGiveUp, sqlite.Time(tx.Now()), why, id)
			return err
		}
		wait := backOff[max(attempts, 1)-1]
		_, err := tx.Exec(sqlRetry, sqlite.Time(tx.Now().Add(wait)), why, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("outbox: failed: %w", err)
	}
	return nil
}

// oneLine bounds what a foreign server said: it is stored, logged and shown to the team.
func oneLine(s string) string {
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "?")
	const most = 300
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

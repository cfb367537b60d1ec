package outbox

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// FailedMessage is a mail that its recipient will not get. The team calls.
type FailedMessage struct {
	ID         int64
	Kind       string
	To         string
	GuardianID int64  // 0: not to a guardian
	SessionID  int64  // what it was about
	Reference  string // of the booking; empty for messages to the team
	Error      string // the last answer of the mail server
	FailedAt   time.Time
}

const sqlFailed = `
SELECT id, kind, recipient, COALESCE(guardian_id, 0), COALESCE(payload ->> '$.session.id', 0),
  COALESCE(payload ->> '$.reference', ''), last_error, done_at
FROM outbox WHERE state = 'failed' AND payload <> '{}' ORDER BY id DESC`

// FailedMessages returns what was given up and not purged yet, newest first.
func (s *Store) FailedMessages(ctx context.Context) ([]FailedMessage, error) {
	var failed []FailedMessage
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlFailed)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // what matters is rows.Err
		failed = nil
		for rows.Next() {
			var f FailedMessage
			var at string
			err := rows.Scan(&f.ID, &f.Kind, &f.To, &f.GuardianID, &f.SessionID, &f.Reference, &f.Error, &at)
			if err != nil {
				return err
			}
			if f.FailedAt, err = sqlite.ParseTime(at); err != nil {
				return err
			}
			failed = append(failed, f)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: failed messages: %w", err)
	}
	return failed, nil
}

// Backlog is what has not left yet.
type Backlog struct {
	Count int
	// Oldest is since when the longest overdue message should have left; zero when none is overdue.
	Oldest time.Time
}

const sqlBacklog = `
SELECT COUNT(*), COALESCE(MIN(CASE WHEN attempts = 0 THEN send_after ELSE created_at END), '')
FROM outbox WHERE state IN ('pending', 'claimed') AND (attempts > 0 OR send_after <= ?)`

// Backlog returns what is due or being tried, without what is delayed on purpose.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var oldest string
		if err := tx.QueryRow(sqlBacklog, sqlite.Time(tx.Now())).Scan(&b.Count, &oldest); err != nil || oldest == "" {
			return err
		}
		var err error
		b.Oldest, err = sqlite.ParseTime(oldest)
		return err
	})
	if err != nil {
		return Backlog{}, fmt.Errorf("outbox: backlog: %w", err)
	}
	return b, nil
}

// OpenMessage is a mail that has not left yet.
type OpenMessage struct {
	ID        int64
	Kind      string
	To        string
	SessionID int64  // what it is about
	Attempts  int    // tries so far
	Error     string // of the last try; empty before the first
	NextTry   time.Time
}

const sqlOpen = `
SELECT id, kind, recipient, COALESCE(payload ->> '$.session.id', 0), attempts, last_error, send_after
FROM outbox WHERE state IN ('pending', 'claimed') ORDER BY send_after, id LIMIT ?`

// OpenMessages returns what has not left yet, delayed messages included, the next to leave first, at
// most limit of them.
func (s *Store) OpenMessages(ctx context.Context, limit int) ([]OpenMessage, error) {
	var open []OpenMessage
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlOpen, limit)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }() // what matters is rows.Err
		open = nil
		for rows.Next() {
			var m OpenMessage
			var next string
			if err := rows.Scan(&m.ID, &m.Kind, &m.To, &m.SessionID, &m.Attempts, &m.Error, &next); err != nil {
				return err
			}
			if m.NextTry, err = sqlite.ParseTime(next); err != nil {
				return err
			}
			open = append(open, m)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("outbox: open messages: %w", err)
	}
	return open, nil
}

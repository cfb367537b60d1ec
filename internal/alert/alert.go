// Package alert keeps what is wrong with the installation and tells the team of it: once when it begins, once when it is over.
package alert

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A Kind is what may be wrong. Its texts are alert.KIND.title, .what and .over.
type Kind string

// The kinds (REL-22).
const (
	MailsLate     Kind = "mails_late"      // no mail has left for a quarter of an hour, and some wait
	BackupLate    Kind = "backup_late"     // no verified copy of the database for 26 hours
	BackupNotSent Kind = "backup_not_sent" // no copy got to the other place for 26 hours
	DiskLow       Kind = "disk_low"        // under a tenth of the disk is free
	Breaches      Kind = "breaches"        // the database holds what must never be
)

// Alert is one thing that is or was wrong.
type Alert struct {
	Kind  Kind
	Count int       // of what there is more than one of: mails, breaches, percent free; 0 for the others
	Began time.Time // UTC
	Ended time.Time // zero while it lasts
}

const (
	sqlOpenAlert  = `SELECT id, count, began_at FROM alerts WHERE kind = ? AND ended_at IS NULL`
	sqlRaiseAlert = `INSERT INTO alerts (kind, count, began_at) VALUES (?, ?, ?)`
	sqlEndAlert   = `UPDATE alerts SET ended_at = ? WHERE id = ?`
)

// Note says how things stand. Where that is news the team is told by mail in the same transaction, and changed is true; while it
// lasts nobody is told again.
func Note(tx *sqlite.Tx, kind Kind, wrong bool, count int) (changed bool, err error) {
	var id int64
	var began string
	var was int
	err = tx.QueryRow(sqlOpenAlert, string(kind)).Scan(&id, &was, &began)
	open := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return false, fmt.Errorf("alert: %w", err)
	}
	if wrong == open {
		return false, nil
	}
	now := sqlite.Time(tx.Now())
	told, action := outbox.Alert{Kind: string(kind), Count: count, Began: now}, "alert.raise"
	if wrong {
		_, err = tx.Exec(sqlRaiseAlert, string(kind), count, now)
	} else {
		told, action = outbox.Alert{Kind: string(kind), Count: was, Began: began, Ended: now}, "alert.end"
		_, err = tx.Exec(sqlEndAlert, now, id)
	}
	if err != nil {
		return false, fmt.Errorf("alert: %s: %w", kind, err)
	}
	if err := tell(tx, told); err != nil {
		return false, err
	}
	return true, audit.Add(tx, "system", action, "alert:"+string(kind), map[string]any{"count": told.Count})
}

const sqlAdmins = `SELECT email FROM users WHERE role = 'admin' AND disabled_at IS NULL AND password_hash <> '' ORDER BY id`

// tell writes to every admin; where there is none, to the association.
func tell(tx *sqlite.Tx, told outbox.Alert) error {
	to, err := sqlite.Column[string](tx, sqlAdmins)
	if err == nil && len(to) == 0 {
		to = make([]string, 1)
		to[0], err = settings.Get(tx, settings.AssociationEmail)
	}
	if err != nil {
		return fmt.Errorf("alert: whom to tell: %w", err)
	}
	kind := outbox.AlertRaised
	if told.Ended != "" {
		kind = outbox.AlertEnded
	}
	for _, address := range to {
		if err := outbox.Add(tx, outbox.Message{Kind: kind, Language: "fr", To: address, Payload: told}); err != nil {
			return err
		}
	}
	return nil
}

// Store reads what is wrong.
type Store struct{ db *sqlite.DB }

// NewStore returns the alerts of db.
func NewStore(db *sqlite.DB) *Store { return &Store{db: db} }

const (
	sqlOpenAlerts = `SELECT kind, count, began_at, '' FROM alerts WHERE ended_at IS NULL ORDER BY id`
	sqlPastAlerts = `SELECT kind, count, began_at, ended_at FROM alerts WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id DESC LIMIT ?`
)

// Open returns what is wrong now, the first that began first.
func (s *Store) Open(ctx context.Context) ([]Alert, error) { return s.list(ctx, sqlOpenAlerts) }

// Past returns the last n that are over, the latest first.
func (s *Store) Past(ctx context.Context, n int) ([]Alert, error) {
	return s.list(ctx, sqlPastAlerts, n)
}

func (s *Store) list(ctx context.Context, query string, args ...any) (all []Alert, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all = nil
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a Alert
			var began, ended string
			if err := rows.Scan(&a.Kind, &a.Count, &began, &ended); err != nil {
				return err
			}
			if a.Began, err = sqlite.ParseTime(began); err == nil && ended != "" {
				a.Ended, err = sqlite.ParseTime(ended)
			}
			if err != nil {
				return err
			}
			all = append(all, a)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("alert: list: %w", err)
	}
	return all, nil
}

const sqlOldAlerts = `SELECT EXISTS (SELECT 1 FROM alerts WHERE ended_at < ?)`

const sqlPurge = `DELETE FROM alerts WHERE ended_at < ?`

// Purge forgets what has been over for a year.
func Purge(ctx context.Context, db *sqlite.DB) error {
	var old bool
	err := db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlOldAlerts, sqlite.Time(tx.Now().AddDate(-1, 0, 0))).Scan(&old)
	})
	if err != nil || !old {
		return err // an idle server writes nothing
	}
	return db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlPurge, sqlite.Time(tx.Now().AddDate(-1, 0, 0)))
		return err
	})
}

// Package audit keeps who changed or read what. Its rows are append-only: triggers of
// the schema refuse any change, and any removal before 12 months.
//
// Rows hold ids, names of fields and values that are not personal; never the name of
// a person, an address or anything about health (SEC-51).
package audit

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlAdd = `INSERT INTO audit (at, actor, action, record, details) VALUES (?, ?, ?, ?, ?)`

// Add notes that actor changed record, in the transaction of the change. actor is
// account.Actor.String ('user:3', 'guest', …), action names a use case
// ('booking.cancel'), record names a row ('session:12'). details may be nil; its
// values must be plain data that are not personal.
func Add(tx *sqlite.Tx, actor, action, record string, details map[string]any) error {
	text := "{}"
	if len(details) > 0 {
		b, err := json.Marshal(details)
		if err != nil {
			return fmt.Errorf("audit: %s of %s: %w", action, record, err)
		}
		text = string(b)
	}
	if _, err := tx.Exec(sqlAdd, sqlite.Time(tx.Now()), actor, action, record, text); err != nil {
		return fmt.Errorf("audit: %s of %s: %w", action, record, err)
	}
	return nil
}

const sqlAccess = `INSERT INTO access_log (at, actor, action, record) VALUES (?, ?, ?, ?)`

// Access notes that actor looked at record or took a copy of it (a sheet with health
// data, an export). It is the one thing that a GET may write.
func Access(tx *sqlite.Tx, actor, action, record string) error {
	if _, err := tx.Exec(sqlAccess, sqlite.Time(tx.Now()), actor, action, record); err != nil {
		return fmt.Errorf("audit: access %s of %s: %w", action, record, err)
	}
	return nil
}

// Entry is one change of one record.
type Entry struct {
	At      time.Time // UTC
	Actor   string
	Action  string
	Record  string
	Details map[string]any // never nil; numbers are float64
}

func scanEntry(scan func(...any) error) (Entry, error) {
	var e Entry
	var at string
	var details []byte
	if err := scan(&at, &e.Actor, &e.Action, &e.Record, &details); err != nil {
		return Entry{}, err
	}
	var err error
	if e.At, err = sqlite.ParseTime(at); err != nil {
		return Entry{}, err
	}
	if err := json.Unmarshal(details, &e.Details); err != nil {
		return Entry{}, fmt.Errorf("details: %w", err)
	}
	return e, nil
}

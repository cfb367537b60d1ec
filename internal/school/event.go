package school

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// By says on whose side somebody acts. Its name on screen is the text school.by.VALUE.
type By string

// The sides.
const (
	ByTeam    By = "team"
	ByContact By = "contact"
	ByPayer   By = "payer"
	BySystem  By = "system"
)

// Event is something that happened to a request, as people read it.
type Event struct {
	At   time.Time // UTC
	By   By
	User string // the member of the team, by name; empty for the others
	// Kind names the text school.event.KIND. Notes are for the team alone.
	Kind string
	Text string // what was written with it; may be empty
}

// KindNote is the kind of a note of the team.
const KindNote = "note"

// IsInternal reports whether an event is for the team alone.
func (e Event) IsInternal() bool {
	return e.Kind == KindNote || e.Kind == "assigned" || e.Kind == "planned"
}

const sqlAddEvent = `
INSERT INTO request_events (request_id, at, by, user_id, kind, text) VALUES (?, ?, ?, NULLIF(?, 0), ?, ?)`

// addEvent notes what happened, in the transaction of the change.
func addEvent(tx *sqlite.Tx, actor account.Actor, by By, requestID int64, kind, text string) error {
	_, err := tx.Exec(sqlAddEvent, requestID, sqlite.Time(tx.Now()), string(by), actor.MemberID(), kind, text)
	return err
}

const sqlEvents = `
SELECT e.at, e.by, coalesce(u.name, ''), e.kind, e.text FROM request_events e LEFT JOIN users u ON u.id = e.user_id
 WHERE e.request_id = ?1 AND (?2 OR e.kind NOT IN ('note', 'assigned', 'planned')) ORDER BY e.id`

// events returns the history of a request, oldest first; notes, and who of the team does what, only for the team.
func events(tx *sqlite.Tx, requestID int64, withNotes bool) ([]Event, error) {
	rows, err := tx.Query(sqlEvents, requestID, withNotes)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Event
	for rows.Next() {
		var e Event
		var at string
		if err := rows.Scan(&at, &e.By, &e.User, &e.Kind, &e.Text); err != nil {
			return nil, err
		}
		if e.At, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

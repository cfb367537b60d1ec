package attendance

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// longestIncident is how many signs a note about an incident may have.
const longestIncident = 4000

// Incident is a note about something that happened at a session, for staff.
type Incident struct {
	ID        int64
	SessionID int64
	Text      string
	WrittenAt time.Time // in UTC
	Author    string    // by name
	SeenAt    time.Time // zero until somebody of the staff has said so
	SeenBy    string
}

const sqlAddIncident = `INSERT INTO incidents (session_id, text, written_at, written_by) VALUES (?, ?, ?, ?)`

// WriteIncident keeps a note about what happened at a session. Whoever leads it writes it from the day before to the day
// after, staff at any time, closed or not; nobody but staff reads it. Invalid, by field "text".
func (s *Service) WriteIncident(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, text string) error {
	text = strings.TrimSpace(text)
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToTell(tx, actor, sessionID); err != nil {
			return err
		}
		_, _, err := account.Once(tx, key, func() (string, error) {
			switch {
			case text == "":
				return "", fault.InvalidFields(map[string]fault.Message{"text": {Key: "incident.text.missing"}})
			case len([]rune(text)) > longestIncident:
				return "", fault.InvalidFields(map[string]fault.Message{"text": {Key: "incident.text.long", Args: []any{longestIncident}}})
			}
			res, err := tx.Exec(sqlAddIncident, sessionID, text, sqlite.Time(tx.Now()), actor.MemberID())
			if err != nil {
				return "", err
			}
			id, err := res.LastInsertId()
			if err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "incident.write", record("incident", id), map[string]any{"session": sessionID})
		})
		return err
	})
}

// reachToTell is reachToMark for what a closed or cancelled session takes too.
func reachToTell(tx *sqlite.Tx, actor account.Actor, sessionID int64) error {
	a, _, err := reach(tx, actor, sessionID)
	if err != nil {
		return err
	}
	return a.toMark(actor)
}

const sqlOwnIncidents = `SELECT written_at FROM incidents WHERE session_id = ? AND written_by = ? ORDER BY id`

// OwnIncidents returns when actor sent notes about a session, in UTC; what they say is for staff. Who may write one may ask.
func (s *Service) OwnIncidents(ctx context.Context, actor account.Actor, sessionID int64) (sent []time.Time, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToTell(tx, actor, sessionID); err != nil {
			return err
		}
		rows, err := tx.Query(sqlOwnIncidents, sessionID, actor.MemberID())
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			at, err := sqlite.ParseTime(text)
			if err != nil {
				return err
			}
			sent = append(sent, at)
		}
		return rows.Err()
	})
	return sent, err
}

const sqlIncidents = `
SELECT i.id, i.session_id, i.text, i.written_at, u.name, coalesce(i.seen_at, ''), coalesce(s.name, '')
  FROM incidents i JOIN users u ON u.id = i.written_by LEFT JOIN users s ON s.id = i.seen_by
 WHERE i.session_id = ? ORDER BY i.id`

// Incidents returns the notes about a session. Forbidden to all but staff; reading them is noted in the access log.
func (s *Service) Incidents(ctx context.Context, actor account.Actor, sessionID int64) (list []Incident, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = incidents(tx, sessionID)
		return err
	})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Access(tx, actor.String(), "incident.read", record("session", sessionID))
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func incidents(tx *sqlite.Tx, sessionID int64) (list []Incident, err error) {
	rows, err := tx.Query(sqlIncidents, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i Incident
		var at, seen string
		if err := rows.Scan(&i.ID, &i.SessionID, &i.Text, &at, &i.Author, &seen, &i.SeenBy); err != nil {
			return nil, err
		}
		if i.WrittenAt, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		if seen != "" {
			if i.SeenAt, err = sqlite.ParseTime(seen); err != nil {
				return nil, err
			}
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

const (
	sqlSeeIncident = `UPDATE incidents SET seen_at = ?3, seen_by = ?4 WHERE id = ?1 AND session_id = ?2 AND seen_at IS NULL`
	sqlHasIncident = `SELECT count(*) FROM incidents WHERE id = ? AND session_id = ?`
)

// SeeIncident says that somebody of the staff has read a note and takes care of it; twice is the same as once. Forbidden to
// all but staff; NotFound for a note of another session.
func (s *Service) SeeIncident(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, incidentID int64) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var known int
		if err := tx.QueryRow(sqlHasIncident, incidentID, sessionID).Scan(&known); err != nil {
			return err
		}
		if known == 0 {
			return fault.New(fault.NotFound, "error.not_found")
		}
		_, _, err := account.Once(tx, key, func() (string, error) {
			if _, err := tx.Exec(sqlSeeIncident, incidentID, sessionID, sqlite.Time(tx.Now()), actor.MemberID()); err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "incident.see", record("incident", incidentID), nil)
		})
		return err
	})
}

const sqlUnseenIncidents = `SELECT i.session_id, count(*) OVER () FROM incidents i WHERE i.seen_at IS NULL ORDER BY i.id LIMIT 1`

// UnseenIncidents returns how many notes nobody of the staff has seen, and the session of the oldest; 0 when there is none.
// Forbidden to all but staff.
func (s *Service) UnseenIncidents(ctx context.Context, actor account.Actor) (sessionID int64, notes int, err error) {
	if !actor.CanManage() {
		return 0, 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		err := tx.QueryRow(sqlUnseenIncidents).Scan(&sessionID, &notes)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return sessionID, notes, err
}

const sqlForgetIncidents = `DELETE FROM incidents WHERE written_at < ?`

// ForgetIncidents deletes the notes that are older than settings.IncidentMonths, and returns how many.
func ForgetIncidents(tx *sqlite.Tx) (deleted int, err error) {
	months, err := settings.Get(tx, settings.IncidentMonths)
	if err != nil {
		return 0, err
	}
	res, err := tx.Exec(sqlForgetIncidents, sqlite.Time(tx.Now().AddDate(0, -months, 0)))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), audit.Add(tx, "system", "incident.forget", "incidents", map[string]any{"count": n})
}

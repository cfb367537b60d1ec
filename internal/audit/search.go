package audit

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Families is the actor of a Query that stands for guardians, young people and guests: who of them it was is nobody's to search.
const Families = "families"

// Query chooses lines. Empty fields choose all.
type Query struct {
	// Reading chooses what was looked at and exported (the access log) instead of what was changed.
	Reading  bool
	From, To time.Time // the instant To is left out
	Actor    string    // as in Add, or Families
	Areas    []string  // what stands before the dot of an action
	Record   string    // as in Add
	Before   int64     // lines older than the one of this id: for the next page
}

// Line is an entry as people read it.
type Line struct {
	ID int64
	Entry
	// ActorName is the name of whom of the team it was; empty for others.
	ActorName string
	// Name is what the record is called: the title of a workshop, the name of somebody of the team, of a venue. It is empty where
	// the record is of a family, or is no more.
	Name string
	// StartsAt is when a session begins, in UTC; zero for other records.
	StartsAt time.Time
	// UserName is the name of whom of the team Details name as user.
	UserName string
	// Other is the workshop, and OtherStartsAt the beginning in UTC, of the session that Details name: the one that was copied or left,
	// or the one that the record is about; zero for none.
	Other         string
	OtherStartsAt time.Time
	// Guardians are the ids of guardians that the record and Details name, of those whose row is still kept: never their names.
	Guardians []int64
}

// What a line says of its record: no names of families.
const (
	actorName = `coalesce(iif(a.actor GLOB 'user:*', (SELECT name FROM users WHERE id = CAST(substr(a.actor, 6) AS INTEGER)), ''), '')`
	recordID  = `CAST(substr(a.record, instr(a.record, ':') + 1) AS INTEGER)`
	nameOf    = `coalesce(CASE substr(a.record, 1, instr(a.record, ':') - 1)
  WHEN 'session' THEN (SELECT w.title || char(10) || s.starts_at FROM sessions s JOIN workshops w ON w.id = s.workshop_id WHERE s.id = ` + recordID + `)
  WHEN 'workshop' THEN (SELECT title FROM workshops WHERE id = ` + recordID + `)
  WHEN 'venue' THEN (SELECT name FROM venues WHERE id = ` + recordID + `)
  WHEN 'kit' THEN (SELECT name FROM kits WHERE id = ` + recordID + `)
  WHEN 'series' THEN (SELECT title FROM series WHERE id = ` + recordID + `)
  WHEN 'text' THEN (SELECT name FROM kept_texts WHERE id = ` + recordID + `)
  WHEN 'user' THEN (SELECT name FROM users WHERE id = ` + recordID + `)
  WHEN 'request' THEN (SELECT o.name FROM group_requests r JOIN organisations o ON o.id = r.organisation_id WHERE r.id = ` + recordID + `)
END, '')`
	guardians = `(SELECT coalesce(json_group_array(id), '[]') FROM guardians WHERE id IN (
    iif(a.record GLOB 'guardian:*', ` + recordID + `, NULL), a.details ->> '$.guardian', a.details ->> '$.from', a.details ->> '$.other'))`
	guardianRead = `(SELECT coalesce(json_group_array(id), '[]') FROM guardians WHERE id = iif(a.record GLOB 'guardian:*', ` + recordID + `, NULL))`
	chosen       = ` WHERE a.id < ?1 AND a.at >= ?2 AND a.at < ?3
  AND (?4 = '' OR a.actor = ?4 OR ?4 = 'families' AND (a.actor GLOB 'guardian:*' OR a.actor GLOB 'young:*' OR a.actor = 'guest'))
  AND (?5 = '[]' OR substr(a.action, 1, instr(a.action, '.') - 1) IN (SELECT value FROM json_each(?5)))`
	newestFirst = ` ORDER BY a.id DESC LIMIT ?6`

	changes = `SELECT a.id, a.at, a.actor, a.action, a.record, a.details, ` + actorName + `, ` + nameOf + `,
  coalesce((SELECT name FROM users WHERE id = a.details ->> '$.user'), ''),
  coalesce((SELECT w.title || char(10) || s.starts_at FROM sessions s JOIN workshops w ON w.id = s.workshop_id
    WHERE s.id = coalesce(a.details ->> '$.session', iif(a.action IN ('session.duplicate', 'booking.move'), a.details ->> '$.from', NULL))), ''), ` + guardians + ` FROM audit a` + chosen
	readings = `SELECT a.id, a.at, a.actor, a.action, a.record, '{}', ` + actorName + `, ` + nameOf + `, '', '', ` + guardianRead + ` FROM access_log a` + chosen

	sqlChanges          = changes + newestFirst
	sqlChangesOfRecord  = changes + ` AND a.record = ?7` + newestFirst
	sqlReadings         = readings + newestFirst
	sqlReadingsOfRecord = readings + ` AND a.record = ?7` + newestFirst
)

// Search gives do each line that q chooses, the newest first, at most that many. It reads from the newest line on: 400,000 lines,
// several years of what is kept for one, take 75 ms at most, so that no index is worth what every booking would pay for it.
func Search(tx *sqlite.Tx, q Query, most int, do func(Line) error) error {
	before, from, to := int64(math.MaxInt64), "", "9999"
	if q.Before > 0 {
		before = q.Before
	}
	if !q.From.IsZero() {
		from = sqlite.Time(q.From)
	}
	if !q.To.IsZero() {
		to = sqlite.Time(q.To)
	}
	areas, err := json.Marshal(append([]string{}, q.Areas...))
	if err != nil {
		return err
	}
	args := []any{before, from, to, q.Actor, string(areas), most}
	if q.Record != "" {
		args = append(args, q.Record)
	}
	statement := sqlChanges
	switch {
	case q.Reading && q.Record != "":
		statement = sqlReadingsOfRecord
	case q.Reading:
		statement = sqlReadings
	case q.Record != "":
		statement = sqlChangesOfRecord
	}
	rows, err := tx.Query(statement, args...)
	if err != nil {
		return fmt.Errorf("audit: search: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		line, err := scanLine(rows.Scan)
		if err != nil {
			return fmt.Errorf("audit: search: %w", err)
		}
		if err := do(line); err != nil {
			return err
		}
	}
	return rows.Err()
}

func scanLine(scan func(...any) error) (l Line, err error) {
	var guardians []byte
	l.Entry, err = scanEntry(func(entry ...any) error {
		return scan(append(append([]any{&l.ID}, entry...), &l.ActorName, &l.Name, &l.UserName, &l.Other, &guardians)...)
	})
	if err != nil {
		return Line{}, err
	}
	if err := json.Unmarshal(guardians, &l.Guardians); err != nil {
		return Line{}, err
	}
	for _, session := range []struct {
		title *string
		at    *time.Time
	}{{&l.Name, &l.StartsAt}, {&l.Other, &l.OtherStartsAt}} {
		if title, starts, dated := strings.Cut(*session.title, "\n"); dated {
			*session.title = title
			if *session.at, err = sqlite.ParseTime(starts); err != nil {
				return Line{}, err
			}
		}
	}
	return l, nil
}

// Bare columns beside max are those of the row that has it.
const sqlLatest = `SELECT a.record, max(a.id), a.at, ` + actorName + ` FROM audit a WHERE a.action = ? GROUP BY a.record`

// Latest returns, by record, when an action was last done in the months that are kept, and by whom.
func Latest(tx *sqlite.Tx, action string) (map[string]Line, error) {
	rows, err := tx.Query(sqlLatest, action)
	if err != nil {
		return nil, fmt.Errorf("audit: latest: %w", err)
	}
	defer rows.Close()
	latest := map[string]Line{}
	for rows.Next() {
		l := Line{Entry: Entry{Action: action}}
		var at string
		if err := rows.Scan(&l.Record, &l.ID, &at, &l.ActorName); err != nil {
			return nil, fmt.Errorf("audit: latest: %w", err)
		}
		if l.At, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		latest[l.Record] = l
	}
	return latest, rows.Err()
}

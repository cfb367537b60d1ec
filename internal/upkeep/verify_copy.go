package upkeep

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// changedByItself is the Invariant of a row that is not as it was, although nothing changed it.
const changedByItself = "REL-19"

// damagedFile is the Record of a breach that SQLite finds in the file itself.
const damagedFile = "database"

// ToRestore says what to do about a damaged file and about rows that changed by themselves, in one line; empty when none of the breaches is one.
func ToRestore(breaches []Breach) string {
	if slices.ContainsFunc(breaches, func(b Breach) bool { return b.Invariant != changedByItself && b.Record == damagedFile }) {
		return "the database file is damaged: " + sqlite.WayOut
	}
	if !slices.ContainsFunc(breaches, func(b Breach) bool { return b.Invariant == changedByItself }) {
		return ""
	}
	return "what changed by itself is right in that copy: stop the server and run ateliers restore with it, or write the right value again on its page " +
		"(docs/operations.md, A value that changed by itself)"
}

// changedSince compares the database with an older copy of it that was whole, and returns a breach for each row that differs or is gone although
// nothing tells of a change (REL-19): that is how a disk that alters a byte shows, or a hand that writes past the program. What the database says
// of an act counts, not the clock: lines of the audit that the copy has not, and stamps that are not those of the copy.
func changedSince(ctx context.Context, db *sqlite.DB, copied string) ([]Breach, error) {
	rules := map[string]change{}
	var tables []sqlite.Compared
	for _, c := range changes {
		if c.why == "" {
			rules[c.table] = c
			tables = append(tables, sqlite.Compared{Table: c.table, Except: append(strings.Fields(c.free), c.stamp)})
		}
	}
	_, at, _ := strings.Cut(filepath.Base(copied), comparedMark)
	name := copyBegin + at // of the one that was made with it, in the folder of copies
	var breaches []Breach
	add := func(record, text string) {
		breaches = append(breaches, Breach{changedByItself, record, text + " since the copy " + name + ", and nothing says why"})
	}
	err := db.Compare(ctx, copied, nil, func(d sqlite.Difference) {
		add(damagedFile, fmt.Sprint("what the schema says of ", d.Before["name"], " changed"))
	})
	if err != nil || len(breaches) > 0 {
		return breaches, err
	}
	acts, err := actsSince(ctx, db, copied)
	if err == nil {
		acts.since, err = time.Parse(copyInstant, at)
	}
	if err != nil {
		return nil, fmt.Errorf("upkeep: what was done since the last copy: %w", err)
	}
	err = db.Compare(ctx, copied, tables, func(d sqlite.Difference) {
		if text := rules[d.Table].unexplained(d, acts); text != "" {
			add(rowName(d), text)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("upkeep: compare with the last copy: %w", err)
	}
	return breaches, nil
}

// unexplained says in words what differs that may not; empty when all of it may. It tells no value.
func (c change) unexplained(d sqlite.Difference, a acts) string {
	isTold := a.about(c, d)
	switch {
	case c.rows == told && isTold, d.Gone && c.rows == freely, d.Gone && c.age != "" && a.olderThanAYear(d.Before[c.age]),
		d.Gone && c.hollow != "" && d.Before[c.hollow] == "":
		return ""
	case d.Gone:
		return "the row is gone"
	case c.born != "" && d.Before[c.born] != d.Now[c.born]:
		return "" // another row with the number of one that went
	}
	isTold = isTold || c.stamp != "" && (d.Before[c.stamp] != d.Now[c.stamp] || a.justThen(d.Now[c.stamp]))
	odd := slices.DeleteFunc(d.Columns, func(column string) bool {
		return isTold && slices.Contains(strings.Fields(c.traced), column) || slices.Contains(strings.Fields(c.emptied), column) && isEmpty(d.Now[column])
	})
	if len(odd) == 0 {
		return ""
	}
	return strings.Join(odd, ", ") + " changed"
}

// isEmpty says whether a value is one that an erasure leaves.
func isEmpty(value any) bool {
	return value == nil || value == "" || value == "{}"
}

// rowName names a row by table and number. A key that is text or bytes is not told: it may be what a link is made of.
func rowName(d sqlite.Difference) string {
	var key []string
	for _, column := range d.Key {
		if _, isNumber := d.Before[column].(int64); !isNumber && d.Table != "settings" {
			return d.Table
		}
		key = append(key, fmt.Sprint(d.Before[column]))
	}
	return d.Table + ":" + strings.Join(key, ",")
}

// acts are what the audit tells that happened since a copy, by what it was on: 'session:12'; all rows of a kind are 'child:*'.
type acts struct {
	on      map[string]bool
	present time.Time
	since   time.Time // when the copy was made
}

// justThen says whether a stamp is of about the second in which the copy was made: two changes in that second have the same one.
func (a acts) justThen(stamp any) bool {
	at, err := sqlite.ParseTime(fmt.Sprint(stamp))
	return err == nil && at.After(a.since.Add(-time.Minute))
}

func (a acts) about(c change, d sqlite.Difference) bool {
	named := func(kind string, id any) bool { return a.on[kind+":*"] || a.on[fmt.Sprint(kind, ":", id)] }
	if c.kind != "" && named(c.kind, d.Before[d.Key[0]]) {
		return true
	}
	for column, kind := range subjects {
		for _, row := range []map[string]any{d.Before, d.Now} {
			if id, has := row[column]; has && id != nil && named(kind, id) {
				return true
			}
		}
	}
	return false
}

func (a acts) olderThanAYear(value any) bool {
	at, err := sqlite.ParseTime(fmt.Sprint(value))
	return err == nil && at.Before(a.present.AddDate(0, -11, 0)) // purges follow calendars, and a machine that is off is late
}

const (
	sqlLastLine   = `SELECT coalesce(max(id), 0) FROM audit`
	sqlLinesSince = `SELECT actor, record, details FROM audit WHERE id > ?`
	// What was done to a session, a family or a booking may change rows of all that are in it.
	sqlConcerned = `
WITH said (kind, id) AS (SELECT substr(value, 1, instr(value, ':') - 1), substr(value, instr(value, ':') + 1) FROM json_each(?1)),
ids (kind, id) AS (SELECT kind, CAST(id AS INTEGER) FROM said),
in_sessions (id) AS (
  SELECT id FROM ids WHERE kind = 'session'
  UNION SELECT s.id FROM sessions s JOIN ids i ON i.kind = 'series' AND i.id = s.series_id
  UNION SELECT p.session_id FROM participants p JOIN ids i ON i.kind = 'participant' AND i.id = p.id
  UNION SELECT u.session_id FROM incidents u JOIN ids i ON i.kind = 'incident' AND i.id = u.id),
in_groups (id, guardian_id) AS (
  SELECT id, guardian_id FROM booking_groups WHERE session_id IN in_sessions
    OR guardian_id IN (SELECT id FROM ids WHERE kind = 'guardian')
    OR reference IN (SELECT id FROM said WHERE kind = 'reference')
    OR id IN (SELECT group_id FROM bookings WHERE child_id IN (SELECT id FROM ids WHERE kind = 'child') OR id IN (SELECT id FROM ids WHERE kind = 'booking'))
    OR id IN (SELECT group_id FROM calls WHERE id IN (SELECT id FROM ids WHERE kind = 'call'))),
guardians_in (id) AS (
  SELECT id FROM ids WHERE kind = 'guardian' UNION SELECT guardian_id FROM in_groups
  UNION SELECT guardian_id FROM payments WHERE guardian_id IS NOT NULL AND id IN (SELECT id FROM ids WHERE kind = 'payment')
  UNION SELECT guardian_id FROM guardianships WHERE child_id IN (SELECT id FROM ids WHERE kind = 'child')),
children_in (id) AS (
  SELECT id FROM ids WHERE kind = 'child' UNION SELECT child_id FROM bookings WHERE group_id IN (SELECT id FROM in_groups)
  UNION SELECT child_id FROM guardianships WHERE guardian_id IN guardians_in
  UNION SELECT child_id FROM former_guardianships WHERE guardian_id IN guardians_in),
requests_in (id) AS (
  SELECT id FROM ids WHERE kind = 'request'
  UNION SELECT request_id FROM sessions WHERE request_id IS NOT NULL AND id IN in_sessions
  UNION SELECT s.request_id FROM slots s JOIN ids i ON i.kind = 'slot' AND i.id = s.id
  UNION SELECT s.request_id FROM quotes s JOIN ids i ON i.kind = 'quote' AND i.id = s.id
  UNION SELECT s.request_id FROM invoices s JOIN ids i ON i.kind = 'invoice' AND i.id = s.id
  UNION SELECT s.request_id FROM agreements s JOIN ids i ON i.kind = 'agreement' AND i.id = s.id
  UNION SELECT s.request_id FROM acceptances s JOIN ids i ON i.kind = 'acceptance' AND i.id = s.id)
SELECT 'session:' || id FROM in_sessions
UNION SELECT 'group:' || id FROM in_groups
UNION SELECT 'guardian:' || id FROM guardians_in
UNION SELECT 'child:' || id FROM children_in
UNION SELECT 'request:' || id FROM requests_in
UNION SELECT 'booking:' || id FROM bookings WHERE group_id IN (SELECT id FROM in_groups) OR child_id IN children_in`
)

// actsSince collects what was done since a copy. Who is concerned is asked of both states: what a family was may be known by the older one alone.
func actsSince(ctx context.Context, db *sqlite.DB, copied string) (a acts, err error) {
	var last int64
	err = sqlite.ReadStill(ctx, copied, func(tx *sqlite.Tx) error { return tx.QueryRow(sqlLastLine).Scan(&last) })
	if err != nil {
		return a, err
	}
	a.on = map[string]bool{}
	err = db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		v := verification{tx: tx}
		if err := v.findPresent(); err != nil {
			return err
		}
		a.present = v.present
		return a.read(tx, last)
	})
	if err != nil {
		return a, err
	}
	said := []string{}
	for name := range a.on {
		said = append(said, name)
	}
	names, err := json.Marshal(said)
	if err != nil {
		return a, err
	}
	if err := db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error { return a.widen(tx, string(names)) }); err != nil {
		return a, err
	}
	return a, sqlite.ReadStill(ctx, copied, func(tx *sqlite.Tx) error { return a.widen(tx, string(names)) })
}

// read notes what lines after the last one of the copy are about.
func (a acts) read(tx *sqlite.Tx, last int64) error {
	rows, err := tx.Query(sqlLinesSince, last)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var actor, record string
		var details []byte
		if err := rows.Scan(&actor, &record, &details); err != nil {
			return err
		}
		a.note(record)
		if !strings.HasPrefix(actor, "user:") { // of the team most acts are on others
			a.note(actor)
		}
		said := map[string]any{}
		if err := json.Unmarshal(details, &said); err != nil {
			continue // a breach of its own
		}
		for key, value := range said {
			number, isNumber := value.(float64)
			reference, _ := value.(string)
			switch kind := inDetails[key]; {
			case kind != "" && isNumber:
				a.note(kind + ":" + strconv.FormatInt(int64(number), 10))
			case key == "reference":
				a.note("reference:" + reference)
			}
		}
	}
	return rows.Err()
}

func (a acts) note(record string) {
	if id, young := strings.CutPrefix(record, "young:"); young {
		record = "child:" + id
	}
	for _, kind := range ofAll[record] {
		a.on[kind+":*"] = true
	}
	if strings.Contains(record, ":") {
		a.on[record] = true
	}
}

func (a acts) widen(tx *sqlite.Tx, said string) error {
	rows, err := tx.Query(sqlConcerned, said)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		a.on[name] = true
	}
	return rows.Err()
}

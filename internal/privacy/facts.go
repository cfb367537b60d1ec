package privacy

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// fact is what is kept of one presence for good. It is as coarse as the reports of funders are, and no finer: who knows a
// child cannot tell its row by more than they know already.
type fact struct {
	ageBand, gender, department, qpv string
	zoning                           int
	first                            [scopes]span
	maybeKnown                       bool
}

// written says what closing a session wrote.
type written struct{ came, absent, excused int }

// span is a sum of the spans in which a presence was a child's first.
type span int

// The spans that reports count children over. Longer ones come first, so that facts sort by who is newest.
const (
	ever span = 1 << iota
	calendarYear
	schoolYear
	quarter
)

// scopes is how many sets of sessions a presence can be the first in: all, those of its city, of its discipline, of both.
const scopes = 4

// firstIn returns the spans in which nothing came before a presence on day, when the last one was at before; zero: never.
func firstIn(day, before time.Time) (first span) {
	if before.IsZero() {
		return ever | calendarYear | schoolYear | quarter
	}
	year, month := day.Year(), day.Month()
	school := year
	if month < time.September {
		school--
	}
	for _, s := range []struct {
		span
		from time.Time
	}{
		{calendarYear, time.Date(year, time.January, 1, 0, 0, 0, 0, day.Location())},
		{schoolYear, time.Date(school, time.September, 1, 0, 0, 0, 0, day.Location())},
		{quarter, time.Date(year, month-(month-1)%3, 1, 0, 0, 0, 0, day.Location())},
	} {
		if before.Before(s.from) {
			first |= s.span
		}
	}
	return first
}

// The same child may have come as a guest whom nobody has merged: it is known by its name and birth date, as a person
// would. Whether it came is its last mark that was not undone, as attendance.Fold has it. What came before is in the order of
// (start, session, booking), so that of two presences at the same hour one is the first. ?5 are pairs of bookings and children of
// nearly the same name.
const sqlChildrenOfFacts = `
WITH here AS (
  SELECT b.id AS booking, c.id AS child, c.name_folded, c.birth_date, c.gender, c.postal_code, c.qpv, c.qpv_zoning
    FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.session_id = ?1),
known AS (
  SELECT h.booking, o.id AS child, 0 AS nearly FROM children o JOIN here h ON h.name_folded = o.name_folded AND h.birth_date = o.birth_date WHERE o.name_folded <> ''
  UNION SELECT booking, child, 0 FROM here
  UNION SELECT value ->> 0, value ->> 1, 1 FROM json_each(?5)),
before AS (
  SELECT k.booking, k.nearly, s.starts_at, v.city = ?3 AS in_city, w.discipline = ?4 AS in_discipline
    FROM known k JOIN bookings b ON b.child_id = k.child JOIN participants p ON p.booking_id = b.id
    JOIN sessions s ON s.id = b.session_id JOIN venues v ON v.id = s.venue_id JOIN workshops w ON w.id = s.workshop_id
   WHERE (s.starts_at, s.id, b.id) < (?2, ?1, k.booking) AND (
         SELECT m.action FROM marks m WHERE m.participant_id = p.id AND m.action <> 'undo'
            AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key)
          ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) IN ('present', 'late', 'left'))
SELECT h.booking, h.birth_date, coalesce(h.gender, 'unsaid'), coalesce(h.postal_code, ''), coalesce(h.qpv, 'unknown'), coalesce(h.qpv_zoning, 0),
       coalesce(max(b.nearly), 0),
       coalesce(max(b.starts_at) FILTER (WHERE NOT b.nearly), ''),
       coalesce(max(b.starts_at) FILTER (WHERE NOT b.nearly AND b.in_city), ''),
       coalesce(max(b.starts_at) FILTER (WHERE NOT b.nearly AND b.in_discipline), ''),
       coalesce(max(b.starts_at) FILTER (WHERE NOT b.nearly AND b.in_city AND b.in_discipline), '')
  FROM here h LEFT JOIN before b ON b.booking = h.booking GROUP BY h.booking`

// factsOf returns what the children booked in a session would leave, by booking.
func factsOf(tx *sqlite.Tx, r attendance.Roster) (map[int64]fact, error) {
	near, err := nearlyKnown(tx, r.Session.ID)
	if err != nil {
		return nil, err
	}
	day := r.Session.StartsAt
	rows, err := tx.Query(sqlChildrenOfFacts, r.Session.ID, sqlite.Time(day), r.Session.Venue.City, string(r.Session.Workshop.Discipline), near)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	facts := map[int64]fact{}
	for rows.Next() {
		var booking int64
		var birth, postcode string
		var before [scopes]string
		var f fact
		if err := rows.Scan(&booking, &birth, &f.gender, &postcode, &f.qpv, &f.zoning, &f.maybeKnown, &before[0], &before[1], &before[2], &before[3]); err != nil {
			return nil, err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return nil, err
		}
		if f.qpv == "unknown" {
			f.zoning = 0
		}
		f.ageBand, f.department = ageBand(family.AgeOn(born, day)), department(postcode)
		for i, at := range before {
			var last time.Time
			if at != "" {
				if last, err = time.Parse(time.RFC3339, at); err != nil {
					return nil, err
				}
			}
			f.first[i] = firstIn(day, last)
		}
		facts[booking] = f
	}
	return facts, rows.Err()
}

// Brothers and sisters have a guardian in common, and twins a birth date: they are nobody's second record.
const sqlBornAlike = `
SELECT b.id, c.name_folded, o.id, o.name_folded
  FROM bookings b JOIN children c ON c.id = b.child_id JOIN children o ON o.birth_date = c.birth_date AND o.name_folded <> c.name_folded
 WHERE b.session_id = ? AND c.name_folded <> '' AND o.name_folded <> '' AND NOT EXISTS (
       SELECT 1 FROM guardianships x JOIN guardianships y ON y.guardian_id = x.guardian_id AND y.child_id = o.id WHERE x.child_id = c.id)`

// nearlyKnown returns, as JSON, the bookings of a session with the children who may be theirs under another spelling.
func nearlyKnown(tx *sqlite.Tx, sessionID int64) (string, error) {
	rows, err := tx.Query(sqlBornAlike, sessionID)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	near := [][2]int64{}
	for rows.Next() {
		var booking, other int64
		var name, spelt string
		if err := rows.Scan(&booking, &name, &other, &spelt); err != nil {
			return "", err
		}
		if nearlySame(name, spelt) {
			near = append(near, [2]int64{booking, other})
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	list, err := json.Marshal(near)
	return string(list), err
}

// nearlySame reports whether two folded names may be two spellings of one: the same words in another order, one of a compound
// name left out, or one letter more, less or other.
func nearlySame(a, b string) bool {
	if isPart(a, b) || isPart(b, a) {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	start := 0
	for start < len(a) && a[start] == b[start] {
		start++
	}
	switch len(b) - len(a) {
	case 0:
		return a[start+1:] == b[start+1:]
	case 1:
		return a[start:] == b[start+1:]
	}
	return false
}

// isPart reports whether all words of a name, two or more, are in another one.
func isPart(a, b string) bool {
	words := strings.Fields(a)
	others := strings.Fields(b)
	return len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(others, w) })
}

const (
	sqlWriteFact = `
INSERT INTO facts (closing_id, session_id, held_on, discipline, city, age_band, gender, department, qpv, qpv_zoning,
                   first, first_city, first_discipline, first_both, maybe_known, minutes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlWriteSessionFact = `
INSERT INTO session_facts (closing_id, session_id, held_on, discipline, city, minutes, capacity, came, absent, excused, late)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// Who left the waiting list gave no seat up.
const sqlGivenUpLate = `
SELECT count(*) FROM bookings b
 WHERE session_id = ? AND cancelled_by = 'family' AND cancelled_at >= ?
   AND (NOT joined_list OR EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.outcome IN ('accepted', 'given')))`

// writeFacts writes the facts of a register. Hours are those of the session, as funders count them.
func writeFacts(tx *sqlite.Tx, closing int64, r attendance.Roster) (w written, err error) {
	all, err := factsOf(tx, r)
	if err != nil {
		return written{}, err
	}
	var facts []fact
	for _, c := range r.Children {
		switch a := c.State.Action; {
		case a.Came():
			facts = append(facts, all[c.BookingID])
		case a == attendance.Excused:
			w.excused++
		case !c.Cancelled:
			w.absent++
		}
	}
	// In the order of the register the third row would be the third child.
	slices.SortFunc(facts, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.ageBand, b.ageBand), cmp.Compare(a.gender, b.gender), cmp.Compare(a.department, b.department), cmp.Compare(a.qpv, b.qpv),
			cmp.Compare(a.zoning, b.zoning), slices.Compare(a.first[:], b.first[:]), cmp.Compare(number(a.maybeKnown), number(b.maybeKnown)))
	})
	w.came = len(facts)
	v := r.Session
	heldOn, minutes := v.StartsAt.Format(time.DateOnly), minutesOf(v.StartsAt, v.EndsAt)
	for _, f := range facts {
		if _, err := tx.Exec(sqlWriteFact, closing, v.ID, heldOn, string(v.Workshop.Discipline), v.Venue.City, f.ageBand, f.gender, f.department, f.qpv, f.zoning,
			f.first[0], f.first[1], f.first[2], f.first[3], f.maybeKnown, minutes); err != nil {
			return written{}, err
		}
	}
	var late int
	if err := tx.QueryRow(sqlGivenUpLate, v.ID, sqlite.Time(v.StartsAt.Add(-booking.LateNotice))).Scan(&late); err != nil {
		return written{}, err
	}
	_, err = tx.Exec(sqlWriteSessionFact, closing, v.ID, heldOn, string(v.Workshop.Discipline), v.Venue.City, minutes, v.Capacity, w.came, w.absent, w.excused, late)
	return w, err
}

// ageBand is the group of ages that reports tell apart.
func ageBand(age int) string {
	switch {
	case age < 6:
		return "0-5"
	case age < 9:
		return "6-8"
	case age < 12:
		return "9-11"
	case age < 15:
		return "12-14"
	case age < 18:
		return "15-17"
	}
	return "18+"
}

// department is what is kept of a postcode: with age, gender and discipline beside it, a postcode would often be one
// child's. A department holds at least tens of thousands of children. Empty for what is no French postcode.
func department(postcode string) string {
	if len(postcode) != 5 || strings.ContainsFunc(postcode, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	switch two := postcode[:2]; {
	case two == "97" || two == "98":
		return postcode[:3]
	case two == "20" && postcode[2] < '2':
		return "2A"
	case two == "20":
		return "2B"
	default:
		return two
	}
}

func number(b bool) int {
	if b {
		return 1
	}
	return 0
}

// sessionRecord names a session in the audit.
func sessionRecord(id int64) string { return "session:" + strconv.FormatInt(id, 10) }

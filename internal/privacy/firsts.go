package privacy

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// span is a sum of the spans in which a presence was a child's first.
type span int

// The spans that reports count children over. Longer ones come first, so that facts sort by who is newest.
const (
	ever span = 1 << iota
	calendarYear
	schoolYear
	quarter
)

// spanBits is how many bits of facts.first each set of sessions takes.
const spanBits = 4

// The sets of sessions that a presence can be the first in: those of its city, of its discipline, of its funding, added up; 0
// are all.
const (
	ofCity = 1 << iota
	ofDiscipline
	ofFunding
	scopes
)

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

// presence is a fact whose child is known.
type presence struct {
	fact                      int64
	who                       string // a child, be it several records
	name, birth               string // name is empty once erased
	guardians                 []string
	heldOn                    time.Time
	city, discipline, funding string
	first                     int64
	maybeKnown                bool
	here, due                 bool // of the session that is counted; not before it
}

// Whoever is the same child, or may be, was born on the same day. Erased children are known by their number, as long as a
// session of theirs is open. What came before is in the order of (start, session, booking), so that of two presences at the same
// hour one is the first.
const sqlPresences = `
WITH here AS (SELECT DISTINCT c.id, c.name_folded, c.birth_date FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.session_id = ?1),
alike AS (
  SELECT id FROM here
  UNION SELECT o.id FROM children o JOIN here h ON o.birth_date = h.birth_date WHERE o.name_folded <> '' AND h.name_folded <> '')
SELECT f.id, iif(c.name_folded = '', '#' || c.id, c.name_folded || ' ' || c.birth_date), c.name_folded, c.birth_date,
       coalesce((SELECT group_concat(g.guardian_id, ' ') FROM guardianships g WHERE g.child_id = c.id), ''),
       f.held_on, f.city, f.discipline, f.funding, f.first, f.maybe_known, s.id = ?1, (s.starts_at, s.id) >= (SELECT starts_at, id FROM sessions WHERE id = ?1)
  FROM alike a JOIN children c ON c.id = a.id JOIN bookings b ON b.child_id = c.id JOIN fact_bookings l ON l.booking_id = b.id
  JOIN facts f ON f.id = l.fact_id JOIN sessions s ON s.id = f.session_id
 ORDER BY s.starts_at, s.id, b.id`

const sqlSetFirst = `UPDATE facts SET first = ?2, maybe_known = ?3 WHERE id = ?1`

// recount says anew of the facts of a session, and of what its children came to later, what they are the first of: it is called
// once its facts are written, and once they are taken back, so that the numbers of children agree with the facts whichever
// session is closed first. later is how many facts of other sessions it changed.
func recount(tx *sqlite.Tx, sessionID int64) (later int, err error) {
	presences, err := presencesAlike(tx, sessionID)
	if err != nil {
		return 0, err
	}
	last := map[string]time.Time{}
	for i, p := range presences {
		var first int64
		for scope := range scopes {
			set := p.who + p.in(scope)
			first |= int64(firstIn(p.heldOn, last[set])) << (spanBits * scope)
			last[set] = p.heldOn
		}
		maybeKnown := slices.ContainsFunc(presences[:i], p.maybe)
		if !p.due || first == p.first && maybeKnown == p.maybeKnown {
			continue
		}
		if _, err := tx.Exec(sqlSetFirst, p.fact, first, maybeKnown); err != nil {
			return 0, err
		}
		if !p.here {
			later++
		}
	}
	return later, nil
}

func presencesAlike(tx *sqlite.Tx, sessionID int64) (presences []presence, err error) {
	rows, err := tx.Query(sqlPresences, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p presence
		var guardians, heldOn string
		if err := rows.Scan(&p.fact, &p.who, &p.name, &p.birth, &guardians, &heldOn, &p.city, &p.discipline, &p.funding, &p.first, &p.maybeKnown, &p.here, &p.due); err != nil {
			return nil, err
		}
		p.guardians = strings.Fields(guardians)
		if p.heldOn, err = time.Parse(time.DateOnly, heldOn); err != nil {
			return nil, err
		}
		presences = append(presences, p)
	}
	return presences, rows.Err()
}

// in names the set of sessions that a scope is for this presence.
func (p presence) in(scope int) string {
	set := "\x00" + strconv.Itoa(scope)
	for _, part := range []struct {
		of   int
		name string
	}{{ofCity, p.city}, {ofDiscipline, p.discipline}, {ofFunding, p.funding}} {
		if scope&part.of != 0 {
			set += "\x00" + part.name
		}
	}
	return set
}

// maybe reports whether two presences may be one child's under two spellings. Brothers and sisters have a guardian in common, and
// twins a birth date: they are nobody's second record.
func (p presence) maybe(o presence) bool {
	sibling := slices.ContainsFunc(p.guardians, func(g string) bool { return slices.Contains(o.guardians, g) })
	return p.name != "" && o.name != "" && p.birth == o.birth && p.name != o.name && !sibling && family.NearlySame(p.name, o.name)
}

// Erasing a child makes its facts nobody's, but for who has a session that is still to be closed (schema.sql, children_erased).
const sqlForgetLinks = `
DELETE FROM fact_bookings WHERE booking_id IN (
  SELECT o.id FROM bookings b JOIN children c ON c.id = b.child_id JOIN bookings o ON o.child_id = c.id
   WHERE b.session_id = ? AND c.name_folded = '' AND NOT EXISTS (
    SELECT 1 FROM bookings x JOIN sessions s ON s.id = x.session_id WHERE x.child_id = c.id AND x.status = 'confirmed' AND s.status = 'published'
       AND NOT EXISTS (SELECT 1 FROM closings e WHERE e.session_id = s.id AND e.reopened_at IS NULL)))`

// forgetLinks makes nobody's the facts of the children of a session who are erased, when it was the last one to be closed.
func forgetLinks(tx *sqlite.Tx, sessionID int64) error {
	_, err := tx.Exec(sqlForgetLinks, sessionID)
	return err
}

package privacy

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// fact is what is kept of one presence for good. It is as coarse as the reports of funders are, and no finer: who knows a
// child cannot tell its row by more than they know already.
type fact struct {
	ageBand, gender, department, qpv string
	firstTime, firstOfYear           bool
}

// written says what closing a session wrote.
type written struct{ came, absent, excused int }

// The same child may have come as a guest whom nobody has merged: it is known by its name and birth date, as a person
// would. Whether it came is its last mark that was not undone, as attendance.Fold has it.
const sqlChildrenOfFacts = `
WITH here AS (
  SELECT b.id AS booking, c.id AS child, c.name_folded, c.birth_date, c.gender, c.postal_code, c.qpv
    FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.session_id = ?1),
same AS (
  SELECT h.booking, o.id AS child FROM children o JOIN here h ON h.name_folded = o.name_folded AND h.birth_date = o.birth_date WHERE o.name_folded <> ''
  UNION SELECT booking, child FROM here),
before AS (
  SELECT same.booking, max(s.starts_at) AS at
    FROM same JOIN bookings b ON b.child_id = same.child JOIN participants p ON p.booking_id = b.id JOIN sessions s ON s.id = b.session_id
   WHERE s.starts_at < ?2 AND (
         SELECT m.action FROM marks m WHERE m.participant_id = p.id AND m.action <> 'undo'
            AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key)
          ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) IN ('present', 'late', 'left')
   GROUP BY same.booking)
SELECT h.booking, h.birth_date, coalesce(h.gender, 'unsaid'), coalesce(h.postal_code, ''), coalesce(h.qpv, 'unknown'),
       before.at IS NULL, coalesce(before.at, '') < ?3
  FROM here h LEFT JOIN before ON before.booking = h.booking`

// factsOf returns what the children booked in a session would leave, by booking.
func factsOf(tx *sqlite.Tx, r attendance.Roster) (map[int64]fact, error) {
	day := r.Session.StartsAt
	rows, err := tx.Query(sqlChildrenOfFacts, r.Session.ID, sqlite.Time(day), strconv.Itoa(day.Year()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	facts := map[int64]fact{}
	for rows.Next() {
		var booking int64
		var birth, postcode string
		var f fact
		if err := rows.Scan(&booking, &birth, &f.gender, &postcode, &f.qpv, &f.firstTime, &f.firstOfYear); err != nil {
			return nil, err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return nil, err
		}
		f.ageBand, f.department = ageBand(family.AgeOn(born, day)), department(postcode)
		facts[booking] = f
	}
	return facts, rows.Err()
}

const (
	sqlWriteFact = `
INSERT INTO facts (closing_id, session_id, held_on, discipline, city, age_band, gender, department, qpv, first_time, first_of_year, minutes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlWriteSessionFact = `
INSERT INTO session_facts (closing_id, session_id, held_on, discipline, city, minutes, capacity, came, absent, excused)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

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
			cmp.Compare(number(a.firstTime), number(b.firstTime)), cmp.Compare(number(a.firstOfYear), number(b.firstOfYear)))
	})
	w.came = len(facts)
	v := r.Session
	heldOn, minutes := v.StartsAt.Format(time.DateOnly), minutesOf(v.StartsAt, v.EndsAt)
	for _, f := range facts {
		if _, err := tx.Exec(sqlWriteFact, closing, v.ID, heldOn, string(v.Workshop.Discipline), v.Venue.City, f.ageBand, f.gender, f.department, f.qpv,
			f.firstTime, f.firstOfYear, minutes); err != nil {
			return written{}, err
		}
	}
	_, err = tx.Exec(sqlWriteSessionFact, closing, v.ID, heldOn, string(v.Workshop.Discipline), v.Venue.City, minutes, v.Capacity, w.came, w.absent, w.excused)
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

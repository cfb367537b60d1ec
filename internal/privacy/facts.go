package privacy

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// fact is what is kept of one presence for good: as coarse as the reports of funders, and no finer than what at least fewest
// children have in common (ADR 9).
type fact struct {
	booking                    int64
	ageBand, gender, home, qpv string
	zoning                     int
	method                     string
}

// fewest is how many children of one age and gender must live under a postcode for it to be kept.
const fewest = 5

// written says what closing a session wrote. later is how many facts of sessions that were closed before it had to be put right.
type written struct{ came, absent, excused, later int }

const sqlChildrenOfFacts = `
SELECT b.id, c.birth_date, coalesce(c.gender, 'unsaid'), coalesce(c.postal_code, ''), coalesce(c.qpv, 'unknown'), coalesce(c.qpv_zoning, 0), coalesce(c.qpv_method, 'declared')
  FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.session_id = ?`

// Guests of one name and birth date are one child, as a person would say.
const sqlNeighbours = `
SELECT DISTINCT postal_code, coalesce(gender, 'unsaid'), birth_date, name_folded FROM children
 WHERE name_folded <> '' AND postal_code IN (SELECT c.postal_code FROM bookings b JOIN children c ON c.id = b.child_id WHERE b.session_id = ?)`

// neighbourhood is what children have in common who cannot be told apart.
type neighbourhood struct{ postcode, gender, ageBand string }

// neighbours counts the children who live where those of a session do, by their age on a day.
func neighbours(tx *sqlite.Tx, sessionID int64, day time.Time) (map[neighbourhood]int, error) {
	rows, err := tx.Query(sqlNeighbours, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	counted := map[neighbourhood]int{}
	for rows.Next() {
		var n neighbourhood
		var birth, name string
		if err := rows.Scan(&n.postcode, &n.gender, &birth, &name); err != nil {
			return nil, err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return nil, err
		}
		n.ageBand = ageBand(family.AgeOn(born, day))
		counted[n]++
	}
	return counted, rows.Err()
}

// factsOf returns what the children booked in a session would leave, by booking.
func factsOf(tx *sqlite.Tx, r attendance.Roster) (map[int64]fact, error) {
	day := r.Session.StartsAt
	near, err := neighbours(tx, r.Session.ID, day)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlChildrenOfFacts, r.Session.ID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	facts := map[int64]fact{}
	for rows.Next() {
		var birth, postcode string
		var f fact
		if err := rows.Scan(&f.booking, &birth, &f.gender, &postcode, &f.qpv, &f.zoning, &f.method); err != nil {
			return nil, err
		}
		born, err := time.Parse(time.DateOnly, birth)
		if err != nil {
			return nil, err
		}
		if f.qpv == "unknown" {
			f.zoning, f.method = 0, ""
		}
		f.ageBand, f.home = ageBand(family.AgeOn(born, day)), department(postcode)
		if f.home != "" && near[neighbourhood{postcode, f.gender, f.ageBand}] >= fewest {
			f.home += "/" + postcode
		}
		facts[f.booking] = f
	}
	return facts, rows.Err()
}

const (
	// What a presence is the first of is counted once all are there: see recount.
	sqlWriteFact = `
INSERT INTO facts (closing_id, session_id, held_on, discipline, city, funding, age_band, gender, home, qpv, qpv_zoning, qpv_method, first, maybe_known, minutes)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)`
	sqlLinkFact         = `INSERT INTO fact_bookings (booking_id, fact_id) VALUES (?, ?)`
	sqlWriteSessionFact = `
INSERT INTO session_facts (closing_id, session_id, held_on, discipline, city, funding, minutes, capacity, came, absent, excused, late)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlFundingOf = `SELECT funding FROM sessions WHERE id = ?`
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
	// In the order of the register the third row would be the third child, and of two that are alike the first the one before.
	rand.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] }) //nolint:gosec // without a seed of ours this is ChaCha8, seeded by the system
	slices.SortFunc(facts, func(a, b fact) int {
		return cmp.Or(cmp.Compare(a.ageBand, b.ageBand), cmp.Compare(a.gender, b.gender), cmp.Compare(a.home, b.home), cmp.Compare(a.qpv, b.qpv),
			cmp.Compare(a.zoning, b.zoning), cmp.Compare(a.method, b.method))
	})
	w.came = len(facts)
	v := r.Session
	heldOn, minutes := v.StartsAt.Format(time.DateOnly), minutesOf(v.StartsAt, v.EndsAt)
	var funding string
	if err := tx.QueryRow(sqlFundingOf, v.ID).Scan(&funding); err != nil {
		return written{}, err
	}
	for _, f := range facts {
		res, err := tx.Exec(sqlWriteFact, closing, v.ID, heldOn, string(v.Workshop.Discipline), v.Venue.City, funding, f.ageBand, f.gender, f.home, f.qpv, f.zoning, f.method, minutes)
		if err != nil {
			return written{}, err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return written{}, err
		}
		if _, err := tx.Exec(sqlLinkFact, f.booking, id); err != nil {
			return written{}, err
		}
	}
	if w.later, err = recount(tx, v.ID); err != nil {
		return written{}, err
	}
	if err := forgetLinks(tx, v.ID); err != nil {
		return written{}, err
	}
	var late int
	if err := tx.QueryRow(sqlGivenUpLate, v.ID, sqlite.Time(v.StartsAt.Add(-booking.LateNotice))).Scan(&late); err != nil {
		return written{}, err
	}
	_, err = tx.Exec(sqlWriteSessionFact, closing, v.ID, heldOn, string(v.Workshop.Discipline), v.Venue.City, funding, minutes, v.Capacity, w.came, w.absent, w.excused, late)
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

// department is what is kept of a postcode that few children share. A department holds at least tens of thousands of them.
// Empty for what is no French postcode.
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

// sessionRecord names a session in the audit.
func sessionRecord(id int64) string { return "session:" + strconv.FormatInt(id, 10) }

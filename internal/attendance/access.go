package attendance

import (
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// access is what somebody may do with the register of one session now.
type access struct {
	// care: read health, pick-up persons and phones.
	care bool
	// mark: write to the journal.
	mark bool
	// lead: print the sheet, give out certificates, hand the session over.
	lead bool
}

// decideAccess is the rule of SEC-21 and domain, Family data 3: staff see and mark always; a facilitator
// leads their own sessions, and sees care and marks from the day before to the day after. Communication
// sees the names of every session and nothing more. ok is false for who may not know that the session exists.
func decideAccess(actor account.Actor, leads bool, starts, ends, now time.Time) (a access, ok bool) {
	switch {
	case actor.CanManage():
		return access{care: true, mark: actor.IsTeam(), lead: true}, true
	case !actor.IsTeam():
		return access{}, false
	case leads:
		near := around(starts, ends, now)
		return access{care: near, mark: near, lead: true}, true
	}
	return access{}, actor.Role == account.Communication
}

// around reports whether now lies between the beginning of the day before starts and the end of the day
// after ends, on the calendar of their zone.
func around(starts, ends, now time.Time) bool {
	y, m, d := starts.Date()
	from := time.Date(y, m, d-1, 0, 0, 0, 0, starts.Location())
	y, m, d = ends.Date()
	until := time.Date(y, m, d+2, 0, 0, 0, 0, ends.Location())
	return !now.Before(from) && now.Before(until)
}

const sqlReach = `
SELECT s.starts_at, s.ends_at, s.status, v.time_zone,
       EXISTS (SELECT 1 FROM session_facilitators f WHERE f.session_id = s.id AND f.user_id = ?2)
  FROM sessions s JOIN venues v ON v.id = s.venue_id
 WHERE s.id = ?1`

// reach returns what actor may do with a session, and its status. A session that is not theirs to see is NotFound,
// the same as one that does not exist.
func reach(tx *sqlite.Tx, actor account.Actor, sessionID int64) (access, catalog.Status, error) {
	notFound := fault.New(fault.NotFound, "error.not_found")
	var starts, ends, zone string
	var status catalog.Status
	var leads bool
	err := tx.QueryRow(sqlReach, sessionID, actor.MemberID()).Scan(&starts, &ends, &status, &zone, &leads)
	if errors.Is(err, sql.ErrNoRows) {
		return access{}, "", notFound
	}
	if err != nil {
		return access{}, "", err
	}
	from, until, err := span(starts, ends, zone)
	if err != nil {
		return access{}, "", err
	}
	a, ok := decideAccess(actor, leads, from, until, tx.Now())
	if !ok {
		return access{}, "", notFound
	}
	return a, status, nil
}

// reachToLead is reach for who must lead the session, or run the programme; Forbidden for the others who see it.
func reachToLead(tx *sqlite.Tx, actor account.Actor, sessionID int64) error {
	a, _, err := reach(tx, actor, sessionID)
	if err == nil && !a.lead {
		err = fault.New(fault.Forbidden, "error.forbidden")
	}
	return err
}

// span reads the two instants of a session into the zone of its venue.
func span(starts, ends, zone string) (from, until time.Time, err error) {
	loc, err := catalog.LoadZone(zone)
	if err != nil {
		return from, until, err
	}
	if from, err = sqlite.ParseTime(starts); err != nil {
		return from, until, err
	}
	if until, err = sqlite.ParseTime(ends); err != nil {
		return from, until, err
	}
	return from.In(loc), until.In(loc), nil
}

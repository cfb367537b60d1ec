package attendance

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// recent is how many days back a session is still shown, for marks and certificates left to do.
const recent = 7

// Listed is a session in the list of who leads it.
type Listed struct {
	ID               int64
	Title, Level     string
	Discipline       catalog.Discipline
	StartsAt, EndsAt time.Time // in the venue's time zone
	Venue, City      string
	Status           catalog.Status
	Booked           int    // children with a confirmed seat; for a group those of the class list, or announced
	Group            string // the organisation that a private session is for; empty for a public one
	Mine             bool   // actor leads it
}

// Agenda is the sessions of somebody, each part in the order of time but Past, which goes back in time.
type Agenda struct {
	Today, Coming, Past []Listed
}

const sqlAgenda = `
SELECT s.id, w.title, w.level, w.discipline, s.starts_at, s.ends_at, v.time_zone, v.name, v.city, s.status,
       iif(s.request_id IS NULL, (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status = 'confirmed'),
           coalesce(nullif((SELECT count(*) FROM pupils u WHERE u.session_id = s.id), 0), r.children)),
       coalesce(o.name, ''),
       EXISTS (SELECT 1 FROM session_facilitators f WHERE f.session_id = s.id AND f.user_id = ?2) AS mine
  FROM sessions s JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id
  LEFT JOIN group_requests r ON r.id = s.request_id LEFT JOIN organisations o ON o.id = r.organisation_id
 WHERE s.starts_at >= ?1 AND s.status <> 'draft' AND (?3 OR mine)
 ORDER BY s.starts_at, s.id`

// ForFacilitator returns the sessions that actor leads: today's, those to come, and those of the last 7
// days, each day as the calendar of the venue has it. The rest of the team gets every session. Forbidden for
// who is not of the team.
func (s *Service) ForFacilitator(ctx context.Context, actor account.Actor) (Agenda, error) {
	if !actor.IsTeam() {
		return Agenda{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	var a Agenda
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		// A day more than needed: which day it is depends on the zone.
		since := tx.Now().AddDate(0, 0, -recent-1)
		rows, err := tx.Query(sqlAgenda, sqlite.Time(since), actor.ID, actor.Role != account.Facilitator)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var l Listed
			var starts, ends, zone string
			if err := rows.Scan(&l.ID, &l.Title, &l.Level, &l.Discipline, &starts, &ends, &zone, &l.Venue, &l.City,
				&l.Status, &l.Booked, &l.Group, &l.Mine); err != nil {
				return err
			}
			if l.StartsAt, l.EndsAt, err = span(starts, ends, zone); err != nil {
				return err
			}
			a.add(l, tx.Now())
		}
		slices.Reverse(a.Past)
		return rows.Err()
	})
	return a, err
}

func (a *Agenda) add(l Listed, now time.Time) {
	now = now.In(l.StartsAt.Location())
	switch today := midnight(now); {
	case !l.StartsAt.Before(today.AddDate(0, 0, 1)):
		a.Coming = append(a.Coming, l)
	case !l.EndsAt.Before(today):
		a.Today = append(a.Today, l)
	case !l.StartsAt.Before(today.AddDate(0, 0, -recent)):
		a.Past = append(a.Past, l)
	}
}

// midnight is the beginning of the day of t, in its zone.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}

// ToLead returns a session with who leads it, for one of them or for staff: what handing it over needs, and
// nothing of the children. NotFound and Forbidden as for a register.
func (s *Service) ToLead(ctx context.Context, actor account.Actor, sessionID int64) (session catalog.Session, led []catalog.Facilitator, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToLead(tx, actor, sessionID); err != nil {
			return err
		}
		if session, err = catalog.SessionTx(tx, sessionID); err != nil {
			return err
		}
		led, err = leaders(tx, sessionID)
		return err
	})
	return session, led, err
}

// ToMark returns a session with who leads it, for who may mark in it now and nothing of the children; the faults are those
// of Mark.
func (s *Service) ToMark(ctx context.Context, actor account.Actor, sessionID int64) (session catalog.Session, led []catalog.Facilitator, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToMark(tx, actor, sessionID); err != nil {
			return err
		}
		if session, err = catalog.SessionTx(tx, sessionID); err != nil {
			return err
		}
		led, err = leaders(tx, sessionID)
		return err
	})
	return session, led, err
}

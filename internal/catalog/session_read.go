package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// fromSessions reads sessions as scanSession wants them. The waiting families come as JSON that decodes into []WaitingGroup,
// first come first.
const fromSessions = `
SELECT s.id, s.starts_at, s.ends_at, s.capacity, s.reserved_seats, s.reserved_for, coalesce(s.reserved_until, ''),
       iif(s.reserved_until IS NULL, 0, (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status = 'confirmed' AND b.reserved = 1)), iif(s.pricing = 'series', (SELECT x.price_cents FROM series x WHERE x.id = s.series_id), s.price_cents),
       s.pricing, s.price_min_cents, s.price_steps, s.payment_url, s.funding, s.status,
       s.opens_at, s.closes_at, s.ical_sequence, s.cancel_reason, s.list_closed_at IS NOT NULL,
       iif(s.cancelled_from IS NOT NULL AND s.request_id IS NULL, s.cancelled_at, ''), max(s.updated_at, w.updated_at, v.updated_at),
       w.id, w.title, w.level, w.discipline, w.min_age, w.max_age, w.summary, w.description,
       w.skills, w.tools, w.bring, w.capacity, w.price_cents, w.duration_minutes,
       v.id, v.name, v.address, v.postcode, v.city, v.access, v.step_free, v.capacity, v.time_zone, v.listed = 0,
       coalesce(s.series_id, 0), coalesce((SELECT x.title FROM series x WHERE x.id = s.series_id), ''), coalesce(s.request_id, 0), coalesce(s.schedule_id, 0),
       coalesce((SELECT o.name FROM group_requests r JOIN organisations o ON o.id = r.organisation_id WHERE r.id = s.request_id), ''),
       coalesce((SELECT group_concat(f.user_id ORDER BY f.user_id) FROM session_facilitators f WHERE f.session_id = s.id), ''),
       (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status IN ('offered', 'confirmed')),
       (SELECT json_group_array(json_object('Seats', seats, 'Together', json(iif(seating = 'together', 'true', 'false'))))
          FROM (SELECT count(*) AS seats, g.seating AS seating
                  FROM bookings b JOIN booking_groups g ON g.id = b.group_id
                 WHERE b.session_id = s.id AND b.status = 'waiting'
                 GROUP BY b.group_id ORDER BY min(b.id)))
  FROM sessions s
  JOIN workshops w ON w.id = s.workshop_id
  JOIN venues v ON v.id = s.venue_id`

const sqlSessionsBetween = fromSessions + `
 WHERE s.starts_at >= ?1 AND s.starts_at < ?2 AND (?3 = '' OR s.status = ?3) AND (?4 OR s.request_id IS NULL)
 ORDER BY s.starts_at, w.title, w.level, s.id`

const sqlSessionByID = fromSessions + `
 WHERE s.id = ?1`

// endOfTime sorts after every instant that the database can hold.
const endOfTime = "9999"

// Coming returns the published sessions that have not started, in order of time, as everybody may see them.
func (c *Catalog) Coming(ctx context.Context) ([]Session, error) {
	var sessions []Session
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		// A session that starts at this very second has started.
		sessions, err = querySessions(tx, sqlite.Time(tx.Now().Add(time.Second)), endOfTime, Published, publicOnly)
		return err
	})
	return sessions, err
}

// ComingWithCancelled is Coming with the sessions that the team called off: for calendars, which strike them out.
func (c *Catalog) ComingWithCancelled(ctx context.Context) ([]Session, error) {
	var sessions []Session
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		sessions, err = querySessions(tx, sqlite.Time(tx.Now().Add(time.Second)), endOfTime, "", publicOnly)
		return err
	})
	return slices.DeleteFunc(sessions, func(s Session) bool { return s.Status == Draft }), err
}

// Between returns the sessions of any status that start from from (included) to to (excluded),
// in order of time. It is for the team: drafts and private sessions are among them.
func (c *Catalog) Between(ctx context.Context, from, to time.Time) ([]Session, error) {
	var sessions []Session
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		sessions, err = querySessions(tx, sqlite.Time(from), sqlite.Time(to), "", withPrivate)
		return err
	})
	return sessions, err
}

// audience says for whom sessions are read. The sessions of group requests are for the team alone.
type audience bool

const (
	withPrivate audience = true
	publicOnly  audience = false
)

func querySessions(tx *sqlite.Tx, from, to string, status Status, who audience) ([]Session, error) {
	rows, err := tx.Query(sqlSessionsBetween, from, to, string(status), bool(who))
	if err != nil {
		return nil, err
	}
	return allSessions(rows, tx.Now())
}

// allSessions reads rows that a statement on fromSessions gives at an instant, and closes them.
func allSessions(rows *sql.Rows, now time.Time) ([]Session, error) {
	defer rows.Close()
	var sessions []Session
	for rows.Next() {
		s, err := scanSession(rows, now)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, s)
	}
	return sessions, rows.Err()
}

// Session returns one session of any status. Drafts and private sessions are for the team alone: see PublicSession.
// An unknown id is NotFound.
func (c *Catalog) Session(ctx context.Context, id int64) (Session, error) {
	var s Session
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		s, err = SessionTx(tx, id)
		return err
	})
	return s, err
}

// PublicSession returns one session as everybody may see it: a draft or a private one is NotFound like an unknown id.
func (c *Catalog) PublicSession(ctx context.Context, id int64) (Session, error) {
	s, err := c.Session(ctx, id)
	if err == nil && (s.Status == Draft || s.Private()) {
		return Session{}, fault.New(fault.NotFound, "catalog.session.not_found")
	}
	return s, err
}

// SessionTx is Session inside a transaction.
func SessionTx(tx *sqlite.Tx, id int64) (Session, error) {
	s, err := scanSession(tx.QueryRow(sqlSessionByID, id), tx.Now())
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, fault.New(fault.NotFound, "catalog.session.not_found")
	}
	return s, err
}

// scanner is a row, alone or among others.
type scanner interface{ Scan(dest ...any) error }

// scanSession reads a row of sqlSessionsBetween or sqlSessionByID at now.
func scanSession(row scanner, now time.Time) (Session, error) {
	var s Session
	w, v := &s.Workshop, &s.Venue
	var starts, ends, opens, closes, cancelled, updated, waiting, steps, released string
	if err := row.Scan(&s.ID, &starts, &ends, &s.Capacity, &s.Reserved.Seats, &s.Reserved.Partner, &released, &s.Reserved.Used, &s.PriceCents, &s.Pricing.Way, &s.Pricing.MinCents, &steps, &s.PaymentURL, &s.Funding, &s.Status,
		&opens, &closes, &s.Sequence, &s.CancelReason, &s.ListClosed, &cancelled, &updated,
		&w.ID, &w.Title, &w.Level, &w.Discipline, &w.MinAge, &w.MaxAge, &w.Summary, &w.Description,
		&w.Skills, &w.Tools, &w.Bring, &w.Capacity, &w.PriceCents, &w.DurationMinutes,
		&v.ID, &v.Name, &v.Address, &v.Postcode, &v.City, &v.Access, &v.StepFree, &v.Capacity, &v.TimeZone, &v.Unlisted,
		&s.Series.ID, &s.Series.Title, &s.RequestID, &s.ScheduleID, &s.Organisation, &s.ledBy,
		&s.Taken, &waiting); err != nil {
		return Session{}, err
	}
	zone, err := LoadZone(v.TimeZone)
	if err != nil {
		return Session{}, err
	}
	for _, instant := range []struct {
		to   *time.Time
		text string
	}{{&s.StartsAt, starts}, {&s.EndsAt, ends}, {&s.OpensAt, opens}, {&s.ClosesAt, closes}, {&s.UpdatedAt, updated}} {
		t, err := sqlite.ParseTime(instant.text)
		if err != nil {
			return Session{}, err
		}
		*instant.to = t.In(zone)
	}
	if s.Pricing.Steps, err = ReadSteps(steps); err != nil {
		return Session{}, err
	}
	if released != "" {
		at, err := sqlite.ParseTime(released)
		if err != nil {
			return Session{}, err
		}
		s.Reserved.Until = at.In(zone)
		s.Held = s.Reserved.HeldAt(now)
	}
	if cancelled != "" {
		at, err := sqlite.ParseTime(cancelled)
		if err != nil {
			return Session{}, err
		}
		s.RestorableUntil = at.Add(UndoDelay).In(zone)
	}
	var groups []WaitingGroup
	if waiting != "[]" {
		if err := json.Unmarshal([]byte(waiting), &groups); err != nil {
			return Session{}, err
		}
	}
	for _, g := range groups {
		s.Waiting += g.Seats
	}
	s.PlacesOpen = PlacesOpen(s.Capacity-s.Held, s.Taken, groups)
	return s, nil
}

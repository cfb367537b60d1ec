package catalog

import (
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// GroupSession is a session to make for a group request. Who may make it is for the caller to say.
type GroupSession struct {
	RequestID, WorkshopID, VenueID int64
	StartsAt, EndsAt               time.Time
	Capacity                       int
	Facilitators                   []int64
	Kits                           []KitUse
	// By is who hands the session to its facilitators, by name, as they read it.
	By string
}

const sqlInsertGroupSession = `
INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, request_id,
                      created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, 0, 'published', ?7, ?3, ?6, ?7, ?7)`

// CreateGroupSessionTx makes a private session with its facilitators, who are told by mail, and its kits. What has begun
// is Conflict, and so is what anything hinders: the check and the session are one transaction, so that nobody and nothing
// is promised twice (UX-S3).
func CreateGroupSessionTx(tx *sqlite.Tx, actor account.Actor, g GroupSession) (Session, error) {
	if !g.StartsAt.After(tx.Now()) {
		return Session{}, fault.New(fault.Conflict, "catalog.session.in_the_past")
	}
	found, err := Hindrances(tx, Plan{VenueID: g.VenueID, From: g.StartsAt, To: g.EndsAt, Facilitators: g.Facilitators, Kits: g.Kits})
	if err != nil {
		return Session{}, err
	}
	if len(found) > 0 {
		return Session{}, found[0].Refusal()
	}
	res, err := tx.Exec(sqlInsertGroupSession, g.WorkshopID, g.VenueID, sqlite.Time(g.StartsAt), sqlite.Time(g.EndsAt), g.Capacity,
		g.RequestID, sqlite.Time(tx.Now()))
	if err != nil {
		return Session{}, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return Session{}, err
	}
	if err := audit.Add(tx, actor.String(), "session.create", record("session", id), map[string]any{
		"workshop": g.WorkshopID, "venue": g.VenueID, "starts_at": sqlite.Time(g.StartsAt), "request": g.RequestID}); err != nil {
		return Session{}, err
	}
	s, err := SessionTx(tx, id)
	if err != nil {
		return Session{}, err
	}
	for _, user := range g.Facilitators {
		email, name, err := leader(tx, user)
		if err != nil {
			return Session{}, err
		}
		if err := assign(tx, actor, id, user); err != nil {
			return Session{}, err
		}
		if err := tellLeader(tx, s, email, name, g.By); err != nil {
			return Session{}, err
		}
	}
	for _, kit := range g.Kits {
		if err := takeKit(tx, actor, id, kit); err != nil {
			return Session{}, err
		}
	}
	return s, nil
}

const sqlComingOfRequest = `
SELECT id FROM sessions WHERE request_id = ? AND status <> 'cancelled' AND starts_at > ? ORDER BY starts_at, id`

// CallOffTx cancels the sessions of a group request that have not begun, and returns them as they are then, in the order of
// time. Who leads them is told; who may, and telling the group, is for the caller.
func CallOffTx(tx *sqlite.Tx, actor account.Actor, requestID int64, reason string) ([]Session, error) {
	t := typed{}
	t.text("reason", &reason)
	if err := t.invalid(); err != nil {
		return nil, err
	}
	ids, err := idsOf(tx, sqlComingOfRequest, requestID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	var all []Session
	for _, id := range ids {
		s, err := SessionTx(tx, id)
		if err != nil {
			return nil, err
		}
		if s, err = cancel(tx, actor, s, reason); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

const sqlSessionsOfRequest = `SELECT id FROM sessions WHERE request_id = ? AND status <> 'cancelled' ORDER BY starts_at, id`

// SessionsOfRequestTx returns the private sessions of a group request that are not called off, in the order of time.
func SessionsOfRequestTx(tx *sqlite.Tx, requestID int64) ([]Session, error) {
	return sessionsOf(tx, sqlSessionsOfRequest, requestID)
}

// sessionsOf reads the sessions whose ids a query gives.
func sessionsOf(tx *sqlite.Tx, query string, args ...any) ([]Session, error) {
	ids, err := idsOf(tx, query, args...)
	if err != nil {
		return nil, err
	}
	var all []Session
	for _, id := range ids {
		s, err := SessionTx(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// idsOf reads the ids that a query gives.
func idsOf(tx *sqlite.Tx, query string, args ...any) ([]int64, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

const sqlOrganisationVenue = `
INSERT INTO venues (name, address, postcode, city, capacity, time_zone, listed, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, 500, ?5, 0, ?6, ?6)
ON CONFLICT (name, postcode) DO NOTHING RETURNING id`

const sqlVenueOf = `SELECT id FROM venues WHERE name = ? AND postcode = ? AND address = ? AND city = ?`

// OrganisationVenueTx returns the venue of an organisation's own place: the one of that name and address, or a new one that
// no list shows. Another address under a known name makes a place of its own, so that the sessions of earlier requests
// stay where they were.
func OrganisationVenueTx(tx *sqlite.Tx, actor account.Actor, name, address, postcode, city string) (int64, error) {
	for _, called := range []string{name, name + ", " + address + ", " + city} {
		var id int64
		err := tx.QueryRow(sqlOrganisationVenue, called, address, postcode, city, HomeZone, sqlite.Time(tx.Now())).Scan(&id)
		if err == nil {
			return id, audit.Add(tx, actor.String(), "venue.create", record("venue", id), map[string]any{"listed": false})
		}
		if !errors.Is(err, sql.ErrNoRows) {
			return 0, err
		}
		err = tx.QueryRow(sqlVenueOf, called, postcode, address, city).Scan(&id)
		if err == nil || !errors.Is(err, sql.ErrNoRows) {
			return id, err
		}
	}
	return 0, fault.New(fault.Conflict, "catalog.venue.exists")
}

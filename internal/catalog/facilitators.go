package catalog

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Facilitator is somebody who leads, or can lead, a session.
type Facilitator struct {
	ID   int64
	Name string
}

const sqlFacilitators = `
SELECT u.id, u.name FROM session_facilitators f JOIN users u ON u.id = f.user_id
 WHERE f.session_id = ? ORDER BY u.name, u.id`

// Facilitators returns who leads a session.
func (c *Catalog) Facilitators(ctx context.Context, sessionID int64) ([]Facilitator, error) {
	return c.people(ctx, sqlFacilitators, sessionID)
}

const sqlAssignable = `
SELECT id, name FROM users
 WHERE disabled_at IS NULL AND role IN ('facilitator', 'staff', 'admin') ORDER BY name, id`

// Assignable returns who can lead a session: every facilitator and member of the staff who may sign in.
func (c *Catalog) Assignable(ctx context.Context) ([]Facilitator, error) {
	return c.people(ctx, sqlAssignable)
}

func (c *Catalog) people(ctx context.Context, query string, args ...any) (people []Facilitator, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		people, err = peopleTx(tx, query, args...)
		return err
	})
	return people, err
}

func peopleTx(tx *sqlite.Tx, query string, args ...any) ([]Facilitator, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var people []Facilitator
	for rows.Next() {
		var f Facilitator
		if err := rows.Scan(&f.ID, &f.Name); err != nil {
			return nil, err
		}
		people = append(people, f)
	}
	return people, rows.Err()
}

const sqlFacilitatorsBetween = `
SELECT f.session_id, u.id, u.name
  FROM sessions s
  JOIN session_facilitators f ON f.session_id = s.id
  JOIN users u ON u.id = f.user_id
 WHERE s.starts_at >= ? AND s.starts_at < ? ORDER BY u.name, u.id`

// FacilitatorsBetween returns who leads the sessions that Between returns, by session.
func (c *Catalog) FacilitatorsBetween(ctx context.Context, from, to time.Time) (map[int64][]Facilitator, error) {
	led := map[int64][]Facilitator{}
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlFacilitatorsBetween, sqlite.Time(from), sqlite.Time(to))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var session int64
			var f Facilitator
			if err := rows.Scan(&session, &f.ID, &f.Name); err != nil {
				return err
			}
			led[session] = append(led[session], f)
		}
		return rows.Err()
	})
	return led, err
}

const sqlClashes = `
SELECT o.id
  FROM session_facilitators f
  JOIN sessions o ON o.id = f.session_id
  JOIN sessions s ON s.id = ?1
 WHERE f.user_id = ?2 AND o.id <> s.id AND o.status <> 'cancelled'
   AND o.starts_at < s.ends_at AND s.starts_at < o.ends_at
 ORDER BY o.starts_at, o.id`

// Clashes returns the other sessions that somebody leads while a session takes place. It is a warning for the
// page: who is right about two places at once is for people to say.
func (c *Catalog) Clashes(ctx context.Context, sessionID, userID int64) ([]Session, error) {
	var clashes []Session
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		ids, err := idsOf(tx, sqlClashes, sessionID, userID)
		if err != nil {
			return err
		}
		for _, id := range ids {
			s, err := SessionTx(tx, id)
			if err != nil {
				return err
			}
			clashes = append(clashes, s)
		}
		return nil
	})
	return clashes, err
}

const sqlLedByUser = fromSessions + `
  JOIN session_facilitators f ON f.session_id = s.id
 WHERE f.user_id = ?1 AND s.ends_at >= ?2 AND s.status <> 'draft'
 ORDER BY s.starts_at, s.id`

// LedBy returns the sessions that somebody leads and that end at an instant or later, those that were called off too: not drafts, which
// are nobody's to know yet. They come in order of time.
func (c *Catalog) LedBy(ctx context.Context, userID int64, since time.Time) (sessions []Session, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlLedByUser, userID, sqlite.Time(since))
		if err != nil {
			return err
		}
		sessions, err = allSessions(rows, tx.Now())
		return err
	})
	return sessions, err
}

const sqlAssign = `INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING`

// Assign makes somebody lead a session, also when they lead another one at that time: see Clashes; unless one of the two
// is private, which is Conflict (see Hindrance). Twice is once. Who cannot lead (unknown, disabled, of another role) is
// Invalid on facilitator; a session that is cancelled or has ended is Conflict.
func (c *Catalog) Assign(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, userID int64) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		s, err := sessionToLead(tx, sessionID)
		if err != nil {
			return err
		}
		if _, _, err := leader(tx, userID); err != nil {
			return err
		}
		if err := assign(tx, actor, sessionID, userID); err != nil {
			return err
		}
		return refuseHindered(tx, s)
	})
}

func assign(tx *sqlite.Tx, actor account.Actor, sessionID, userID int64) error {
	res, err := tx.Exec(sqlAssign, sessionID, userID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return audit.Add(tx, actor.String(), "session.assign", record("session", sessionID), map[string]any{"user": userID})
}

const sqlUnassign = `DELETE FROM session_facilitators WHERE session_id = ? AND user_id = ?`

// Unassign ends somebody's leading of a session, and tells them by mail if it is published. Whoever does not lead it is left as they are.
func (c *Catalog) Unassign(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, userID int64) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		s, err := sessionToLead(tx, sessionID)
		if err != nil {
			return err
		}
		led, err := unassign(tx, actor, sessionID, userID)
		if err != nil || !led || s.Status != Published {
			return err
		}
		return tellReplaced(tx, actor, s, userID)
	})
}

// unassign reports whether the user led the session.
func unassign(tx *sqlite.Tx, actor account.Actor, sessionID, userID int64) (bool, error) {
	res, err := tx.Exec(sqlUnassign, sessionID, userID)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	return true, audit.Add(tx, actor.String(), "session.unassign", record("session", sessionID), map[string]any{"user": userID})
}

const sqlLeader = `
SELECT email, name FROM users WHERE id = ? AND disabled_at IS NULL AND role IN ('facilitator', 'staff', 'admin')`

// leader returns the address and the name of somebody who can lead a session; anybody else is Invalid on
// facilitator.
func leader(tx *sqlite.Tx, userID int64) (email, name string, err error) {
	err = tx.QueryRow(sqlLeader, userID).Scan(&email, &name)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.InvalidFields(map[string]fault.Message{"facilitator": {Key: "catalog.facilitator.cannot_lead"}})
	}
	return email, name, err
}

// sessionToLead returns a session that can still change hands: until its end, so that a colleague can step
// in during it.
func sessionToLead(tx *sqlite.Tx, id int64) (Session, error) {
	s, err := SessionTx(tx, id)
	if err != nil {
		return Session{}, err
	}
	switch {
	case s.Status == Cancelled:
		return Session{}, fault.New(fault.Conflict, "catalog.session.is_cancelled")
	case !s.EndsAt.After(tx.Now()):
		return Session{}, fault.New(fault.Conflict, "catalog.session.has_ended")
	}
	return s, nil
}

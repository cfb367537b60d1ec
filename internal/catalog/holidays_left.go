package catalog

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LeftInside is a session that fell into holidays and that the team leaves where it is.
type LeftInside struct {
	Session Session
	By      string    // by name
	At      time.Time // UTC
}

// What was left is left at that hour, and of the holidays that were known then.
const (
	whereLeft = `
SELECT 1 FROM left_in_holidays l WHERE l.session_id = s.id AND l.starts_at = s.starts_at AND l.left_at >= h.known_since`
	sqlLeaveInside = `
INSERT INTO left_in_holidays (session_id, starts_at, left_at, left_by) SELECT id, starts_at, ?2, ?3 FROM sessions WHERE id = ?1
ON CONFLICT (session_id) DO UPDATE SET starts_at = excluded.starts_at, left_at = excluded.left_at, left_by = excluded.left_by`
	sqlTakeLeftBack = `DELETE FROM left_in_holidays WHERE session_id = ?`
	sqlLeftInside   = `
SELECT l.session_id, u.name, l.left_at FROM left_in_holidays l JOIN sessions s ON s.id = l.session_id AND s.starts_at = l.starts_at JOIN users u ON u.id = l.left_by
 WHERE s.status <> 'cancelled' AND s.starts_at > ? ORDER BY s.starts_at, s.id`
)

// LeaveInside notes that a session which FellInside lists stays where it is: it is listed no more, until it is moved or further holidays become known. Twice is the
// same as once. Forbidden to all but staff who are signed in; Conflict "plan.holidays.left.not" for a session that is not listed.
func (c *Catalog) LeaveInside(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64) error {
	return c.decideInside(ctx, actor, key, "session.leave_inside", sessionID, func(tx *sqlite.Tx) error {
		listed, err := fellInside(tx)
		if err != nil {
			return err
		}
		for _, f := range listed {
			if f.Session.ID == sessionID {
				_, err = tx.Exec(sqlLeaveInside, sessionID, sqlite.Time(tx.Now()), actor.MemberID())
				return err
			}
		}
		return fault.New(fault.Conflict, "plan.holidays.left.not")
	})
}

// TakeLeftBack ends what LeaveInside noted. Conflict "plan.holidays.left.not" for a session of which nothing is noted; Forbidden as in LeaveInside.
func (c *Catalog) TakeLeftBack(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64) error {
	return c.decideInside(ctx, actor, key, "session.list_inside", sessionID, func(tx *sqlite.Tx) error {
		res, err := tx.Exec(sqlTakeLeftBack, sessionID)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n > 0 {
			return err
		}
		return fault.New(fault.Conflict, "plan.holidays.left.not")
	})
}

func (c *Catalog) decideInside(ctx context.Context, actor account.Actor, key account.FormKey, action string, sessionID int64, decide func(*sqlite.Tx) error) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		if err := decide(tx); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), action, record("session", sessionID), nil)
	})
}

// LeftInside returns the sessions to come that the team leaves where they are, the first first. It is for the team.
func (c *Catalog) LeftInside(ctx context.Context) (all []LeftInside, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		all, err = leftInside(tx)
		return err
	})
	return all, err
}

func leftInside(tx *sqlite.Tx) (all []LeftInside, err error) {
	rows, err := tx.Query(sqlLeftInside, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var l LeftInside
		var at string
		if err := rows.Scan(&l.Session.ID, &l.By, &at); err != nil {
			return nil, err
		}
		if l.At, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		all = append(all, l)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Session, err = SessionTx(tx, all[i].Session.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

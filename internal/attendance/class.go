package attendance

import (
	"context"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// largestClass is how many first names a list may hold, whatever the session was planned for: on the day the team
// adds who is there.
const largestClass = 500

// Class is the class list of a private session: first names and nothing else of a child.
type Class struct {
	Session catalog.Session
	Group   Group
	Pupils  []Pupil
	// Limit is how many pupils who asks may put on the list.
	Limit int
	// Marked is true once the register says something of a pupil: then names are corrected and added, no more replaced.
	Marked bool
	// Erased is true once the first names are gone: the list is closed.
	Erased bool
	// Open is true while the list can be written.
	Open bool
	// KeptDays is how many days after the session the names are erased, if nobody does it before.
	KeptDays int
}

// Pupil is one line of a class list.
type Pupil struct {
	ID        int64
	Position  int    // from 1, as the teacher wrote it
	FirstName string // empty once erased
}

// ParseFirstName returns a first name ready to keep; ok is false for what cannot be one.
func ParseFirstName(typed string) (name string, ok bool) {
	name, problem := family.ParseName(typed)
	return name, problem == nil && !strings.ContainsAny(name[:1], "=+-@")
}

// Class returns the class list of a private session, for who leads it, for staff, and for the contact of its request.
// NotFound for everybody else and for any other session, Forbidden for who of the team only sees it.
func (s *Service) Class(ctx context.Context, w ClassWriter, sessionID int64) (c Class, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		c, err = class(tx, w, sessionID)
		return err
	})
	return c, err
}

const sqlPupils = `
SELECT u.id, u.position, u.first_name, p.id IS NOT NULL
  FROM pupils u LEFT JOIN participants p ON p.pupil_id = u.id
 WHERE u.session_id = ? ORDER BY u.position`

func class(tx *sqlite.Tx, w ClassWriter, sessionID int64) (c Class, err error) {
	if c.Group, err = reachGroup(tx, w, sessionID); err != nil {
		return Class{}, err
	}
	if c.Session, err = catalog.SessionTx(tx, sessionID); err != nil {
		return Class{}, err
	}
	if c.KeptDays, err = settings.Get(tx, settings.PupilNamesDays); err != nil {
		return Class{}, err
	}
	c.Limit = largestClass
	if w.isContact() {
		c.Limit = c.Session.Capacity
	}
	rows, err := tx.Query(sqlPupils, sessionID)
	if err != nil {
		return Class{}, err
	}
	defer rows.Close()
	for rows.Next() {
		var p Pupil
		var marked bool
		if err := rows.Scan(&p.ID, &p.Position, &p.FirstName, &marked); err != nil {
			return Class{}, err
		}
		c.Marked = c.Marked || marked
		c.Erased = c.Erased || p.FirstName == ""
		c.Pupils = append(c.Pupils, p)
	}
	c.Open = !c.Erased && c.Session.Status != catalog.Cancelled && tx.Now().Before(c.Session.EndsAt.AddDate(0, 0, c.KeptDays))
	return c, rows.Err()
}

// open refuses a list that cannot be written, and says why.
func (c Class) open() error {
	switch {
	case c.Session.Status == catalog.Cancelled:
		return fault.New(fault.Conflict, "attendance.error.session_cancelled")
	case c.Erased:
		return fault.New(fault.Conflict, "class.error.erased")
	case !c.Open:
		return fault.New(fault.Conflict, "class.error.too_late")
	}
	return nil
}

const (
	sqlDropPupils = `DELETE FROM pupils WHERE session_id = ?`
	sqlAddPupil   = `INSERT INTO pupils (session_id, position, first_name, created_at) VALUES (?, ?, ?, ?)`
	sqlRename     = `UPDATE pupils SET first_name = ? WHERE id = ? AND session_id = ?`
)

// WriteClass makes names the class list of a private session, in place of the one before; no names at all take it
// away. Conflict "class.error.marked" once a pupil is marked, and where the list is closed; Invalid for a name that is
// none and for more names than Class.Limit. Who may is as for Class.
func (s *Service) WriteClass(ctx context.Context, w ClassWriter, key account.FormKey, sessionID int64, names []string) error {
	return s.changeClass(ctx, w, key, sessionID, func(tx *sqlite.Tx, c Class) error {
		if c.Marked {
			return fault.New(fault.Conflict, "class.error.marked")
		}
		if _, err := tx.Exec(sqlDropPupils, sessionID); err != nil {
			return err
		}
		c.Pupils = nil
		if err := addPupils(tx, c, names); err != nil {
			return err
		}
		return noteClass(tx, w, "class.write", sessionID, map[string]any{"pupils": len(names)})
	})
}

// AmendClass corrects names by the id of their pupil, and adds others at the end: what can still be done once pupils
// are marked. A pupil of another list is NotFound; otherwise as WriteClass.
func (s *Service) AmendClass(ctx context.Context, w ClassWriter, key account.FormKey, sessionID int64, corrected map[int64]string, added []string) error {
	return s.changeClass(ctx, w, key, sessionID, func(tx *sqlite.Tx, c Class) error {
		for id, typed := range corrected {
			name, ok := ParseFirstName(typed)
			if !ok {
				return fault.New(fault.Invalid, "class.error.name")
			}
			res, err := tx.Exec(sqlRename, name, id, sessionID)
			if err != nil {
				return err
			}
			if n, err := res.RowsAffected(); err != nil {
				return err
			} else if n == 0 {
				return fault.New(fault.NotFound, "error.not_found")
			}
		}
		if err := addPupils(tx, c, added); err != nil {
			return err
		}
		return noteClass(tx, w, "class.amend", sessionID, map[string]any{"corrected": len(corrected), "added": len(added)})
	})
}

// changeClass runs do once for a form key, for who may write an open list.
func (s *Service) changeClass(ctx context.Context, w ClassWriter, key account.FormKey, sessionID int64, do func(*sqlite.Tx, Class) error) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err := class(tx, w, sessionID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if err := c.open(); err != nil {
				return "", err
			}
			return "", do(tx, c)
		})
		return err
	})
}

// addPupils puts names at the end of a list.
func addPupils(tx *sqlite.Tx, c Class, names []string) error {
	if len(c.Pupils)+len(names) > c.Limit {
		return fault.New(fault.Invalid, "class.error.too_many", c.Limit)
	}
	for i, typed := range names {
		name, ok := ParseFirstName(typed)
		if !ok {
			return fault.New(fault.Invalid, "class.error.name")
		}
		if _, err := tx.Exec(sqlAddPupil, c.Session.ID, len(c.Pupils)+i+1, name, sqlite.Time(tx.Now())); err != nil {
			return err
		}
	}
	return nil
}

// noteClass writes the audit line of a change, which names nobody.
func noteClass(tx *sqlite.Tx, w ClassWriter, action string, sessionID int64, details map[string]any) error {
	if w.isContact() {
		details["request"] = w.request
	}
	return audit.Add(tx, w.actor.String(), action, record("session", sessionID), details)
}

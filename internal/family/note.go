package family

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MaxNote is how long a note may be, in signs.
const MaxNote = 2000

// Note is what the team wrote about a guardian, or about a child of theirs. It is for staff, and of that guardian alone: a guardian sees it once it was
// released, in what they take away (domain, Family data 3 and 5).
type Note struct {
	ID       int64
	Child    string // first name; empty: about the guardian
	Text     string
	At       time.Time // UTC
	By       string    // by name
	Released time.Time // zero: it was not
}

const (
	sqlNotes = `
SELECT n.id, coalesce(c.first_name, ''), n.text, n.written_at, u.name, coalesce(n.released_at, '') FROM family_notes n
  JOIN users u ON u.id = n.written_by LEFT JOIN children c ON c.id = n.child_id WHERE n.guardian_id = ? ORDER BY n.id DESC`
	sqlAddNote     = `INSERT INTO family_notes (guardian_id, child_id, text, written_at, written_by) SELECT id, ?2, ?3, ?4, ?5 FROM guardians WHERE id = ?1 AND name <> ''`
	sqlReleaseNote = `UPDATE family_notes SET released_at = ?3, released_by = ?4 WHERE id = ?1 AND guardian_id = ?2 AND released_at IS NULL`
	sqlDropNote    = `DELETE FROM family_notes WHERE id = ?1 AND guardian_id = ?2`
	sqlNoteIsThere = `SELECT 1 FROM family_notes WHERE id = ? AND guardian_id = ?`
)

// Notes returns what the team noted about a guardian, the last one first. Forbidden to all but staff.
func (s *Service) Notes(ctx context.Context, actor account.Actor, guardianID int64) (list []Note, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlNotes, guardianID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n Note
			var at, released string
			if err := rows.Scan(&n.ID, &n.Child, &n.Text, &at, &n.By, &released); err != nil {
				return err
			}
			if n.At, err = sqlite.ParseTime(at); err != nil {
				return err
			}
			if released != "" {
				if n.Released, err = sqlite.ParseTime(released); err != nil {
					return err
				}
			}
			list = append(list, n)
		}
		return rows.Err()
	})
	return list, err
}

// AddNote keeps a note about a guardian, or about the child of theirs that childID names; 0 for none. Forbidden to all but staff who have a name; NotFound for
// who is unknown or was erased; Invalid, fields "text" and "child".
func (s *Service) AddNote(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, childID int64, text string) error {
	text = strings.TrimSpace(text)
	return s.onNotes(ctx, actor, key, func(tx *sqlite.Tx) error {
		wrong := map[string]fault.Message{}
		switch n := utf8.RuneCountInString(text); {
		case n == 0:
			wrong["text"] = fault.Message{Key: "family_note.missing"}
		case n > MaxNote:
			wrong["text"] = fault.Message{Key: "family_note.long", Args: []any{MaxNote}}
		case HasCardNumber(text):
			wrong["text"] = fault.Message{Key: "family_note.card"}
		}
		if childID != 0 {
			theirs, err := IsTheirs(tx, guardianID, childID)
			if err != nil {
				return err
			}
			if !theirs {
				wrong["child"] = fault.Message{Key: "family_note.child"}
			}
		}
		if len(wrong) > 0 {
			return fault.InvalidFields(wrong)
		}
		res, err := tx.Exec(sqlAddNote, guardianID, nullID(childID), text, sqlite.Time(tx.Now()), actor.MemberID())
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "family.note", noteRecord(id), map[string]any{"guardian": guardianID})
	})
}

// ReleaseNote lets the guardian have a note, at their request: it is in what they take away from now on. Twice is the same as once; NotFound for a note
// of somebody else.
func (s *Service) ReleaseNote(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, id int64) error {
	return s.onNotes(ctx, actor, key, func(tx *sqlite.Tx) error {
		if err := noteIsThere(tx, guardianID, id); err != nil {
			return err
		}
		res, err := tx.Exec(sqlReleaseNote, id, guardianID, sqlite.Time(tx.Now()), actor.MemberID())
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return audit.Add(tx, actor.String(), "family.release_note", noteRecord(id), map[string]any{"guardian": guardianID})
	})
}

// DropNote deletes a note. NotFound for a note of somebody else.
func (s *Service) DropNote(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, id int64) error {
	return s.onNotes(ctx, actor, key, func(tx *sqlite.Tx) error {
		if err := noteIsThere(tx, guardianID, id); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlDropNote, id, guardianID); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "family.drop_note", noteRecord(id), map[string]any{"guardian": guardianID})
	})
}

func noteRecord(id int64) string { return "note:" + strconv.FormatInt(id, 10) }

func noteIsThere(tx *sqlite.Tx, guardianID, id int64) error {
	var there int
	err := tx.QueryRow(sqlNoteIsThere, id, guardianID).Scan(&there)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return err
}

func (s *Service) onNotes(ctx context.Context, actor account.Actor, key account.FormKey, do func(*sqlite.Tx) error) error {
	if !actor.IsStaff() { // a note has a name behind it
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", do(tx) })
		return err
	})
}

package attendance

import (
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// BarredChild is a child of a booking, with whom it must not leave.
type BarredChild struct {
	ChildID             int64
	FirstName, LastName string
	Barred              []family.Barred
}

// Barred returns the children of a booking, each with whom it must not leave (domain, On the day 3). Forbidden to all but
// staff: the notes are theirs. NotFound for an unknown reference, or a family that was erased.
func (s *Service) Barred(ctx context.Context, actor account.Actor, reference string) (children []BarredChild, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		children, err = childrenOf(tx, reference)
		return err
	})
	return children, err
}

// Bar adds somebody whom a child of a booking must not leave with, wherever the child is from now on. note is for staff.
// Invalid, by field "name", "note" or "child".
func (s *Service) Bar(ctx context.Context, actor account.Actor, key account.FormKey, reference string, childID int64, name, note string) error {
	return s.changeBars(ctx, actor, key, reference, func(tx *sqlite.Tx, children []BarredChild) error {
		wrong := map[string]fault.Message{}
		name, problem := family.ParseName(name)
		if problem != nil {
			wrong["name"] = *problem
		}
		if len([]rune(note)) > longestReason {
			wrong["note"] = fault.Message{Key: "attendance.depart.reason.long", Args: []any{longestReason}}
		}
		if !slices.ContainsFunc(children, func(c BarredChild) bool { return c.ChildID == childID }) {
			wrong["child"] = fault.Message{Key: "attendance.barred.child.missing"}
		}
		if len(wrong) > 0 {
			return fault.InvalidFields(wrong)
		}
		if err := family.Bar(tx, childID, name, note, actor.ID); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "child.bar", record("child", childID), nil)
	})
}

// LiftBar ends a bar of a child of a booking. Twice is the same as once; NotFound for one of another booking's child.
func (s *Service) LiftBar(ctx context.Context, actor account.Actor, key account.FormKey, reference string, id int64) error {
	return s.changeBars(ctx, actor, key, reference, func(tx *sqlite.Tx, children []BarredChild) error {
		for _, c := range children {
			if !slices.ContainsFunc(c.Barred, func(b family.Barred) bool { return b.ID == id }) {
				continue
			}
			if err := family.LiftBar(tx, id, c.ChildID, actor.ID); err != nil {
				return err
			}
			return audit.Add(tx, actor.String(), "child.lift_bar", record("child", c.ChildID), nil)
		}
		return fault.New(fault.NotFound, "error.not_found")
	})
}

func (s *Service) changeBars(ctx context.Context, actor account.Actor, key account.FormKey, reference string, do func(*sqlite.Tx, []BarredChild) error) error {
	if !actor.IsStaff() { // a bar has a name behind it
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			children, err := childrenOf(tx, reference)
			if err != nil {
				return "", err
			}
			return "", do(tx, children)
		})
		return err
	})
}

const sqlChildrenOf = `
SELECT DISTINCT c.id, c.first_name, c.last_name FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN children c ON c.id = b.child_id
 WHERE bg.reference = ? AND c.name_folded <> '' ORDER BY c.id`

func childrenOf(tx *sqlite.Tx, reference string) ([]BarredChild, error) {
	rows, err := tx.Query(sqlChildrenOf, reference)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []BarredChild
	for rows.Next() {
		var c BarredChild
		if err := rows.Scan(&c.ChildID, &c.FirstName, &c.LastName); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fault.New(fault.NotFound, "error.not_found")
	}
	for i := range list {
		if list[i].Barred, err = family.BarredFor(tx, list[i].ChildID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// FamilyBooking is a booking as the space of a guardian lists it.
type FamilyBooking struct {
	Group
	// Link opens its page while they are signed in; zero for a booking that another guardian of the children made: it shows that one's address.
	Link Link
}

const sqlFamilyGroups = `
SELECT bg.id FROM booking_groups bg JOIN sessions s ON s.id = bg.session_id
WHERE bg.guardian_id = ?1 OR bg.id IN (
    SELECT b.group_id FROM guardianships x JOIN bookings b ON b.child_id = x.child_id
    JOIN booking_groups o ON o.id = b.group_id JOIN guardians g ON g.id = o.guardian_id AND g.proved_at IS NOT NULL
    WHERE x.guardian_id = ?1)
ORDER BY s.starts_at, bg.id`

const sqlOwnChildren = `SELECT child_id FROM guardianships WHERE guardian_id = ?`

// OfFamily returns what the guardian who is signed in booked, and what other guardians booked for the children they share, in the order of
// the sessions. Of the bookings of others it holds those children alone.
func (s *Service) OfFamily(ctx context.Context, actor account.Actor) (list []FamilyBooking, err error) {
	if actor.Kind != account.KindGuardian {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list = nil
		own, err := sqlite.Column[int64](tx, sqlOwnChildren, actor.ID)
		if err != nil {
			return err
		}
		groups, err := sqlite.Column[int64](tx, sqlFamilyGroups, actor.ID)
		if err != nil {
			return err
		}
		for _, id := range groups {
			g, err := viewGroup(tx, id)
			if err != nil {
				return err
			}
			v := FamilyBooking{Group: g}
			if g.guardianID == actor.ID {
				v.Link = OwnLink(actor, g.Reference)
			} else {
				v.Group = g.ofChildren(own)
			}
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

const sqlYoungGroups = `
SELECT DISTINCT b.group_id FROM bookings b JOIN sessions s ON s.id = b.session_id WHERE b.child_id = ? ORDER BY s.starts_at, b.group_id`

// OfYoung returns what was booked for the young person who is signed in, in the order of the sessions: their own places alone, with a link to those that they booked
// themselves.
func (s *Service) OfYoung(ctx context.Context, actor account.Actor) (list []FamilyBooking, err error) {
	if actor.Kind != account.KindYoung {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list = nil
		groups, err := sqlite.Column[int64](tx, sqlYoungGroups, actor.ID)
		if err != nil {
			return err
		}
		for _, id := range groups {
			g, err := viewGroup(tx, id)
			if err != nil {
				return err
			}
			v := FamilyBooking{Group: g.ofChildren([]int64{actor.ID})}
			if g.ByYoung {
				v.Link = OwnLink(actor, g.Reference)
			}
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

// ofChildren is the booking of another guardian as far as it is about some children: nothing of who made it.
func (g Group) ofChildren(ids []int64) Group {
	v := Group{Session: g.Session}
	for _, c := range g.Children {
		for _, id := range ids {
			if c.ChildID == id {
				v.Children = append(v.Children, c)
			}
		}
	}
	return v
}

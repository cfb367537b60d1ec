package catalog

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// CapacityProposal is how many children a session could take, and what says so. It is proposed, never imposed: how many children one
// person may look after is for the association to fix, and no rule of law is known here.
type CapacityProposal struct {
	Seats     int
	Room      int       // what the venue holds
	Kits      []KitRoom // those that say for how many children they are
	People    int       // who leads it; 0: nobody yet, and they do not limit it
	PerPerson int       // children, by the setting of the association
}

// KitRoom is for how many children the copies of a kit are.
type KitRoom struct {
	Name  string
	Seats int
}

// propose takes the least of what the room holds, the kits are for, and the people can look after.
func propose(room int, kits []KitRoom, people, perPerson int) CapacityProposal {
	p := CapacityProposal{Seats: room, Room: room, Kits: kits, People: people, PerPerson: perPerson}
	for _, k := range kits {
		p.Seats = min(p.Seats, k.Seats)
	}
	if people > 0 {
		p.Seats = min(p.Seats, people*perPerson)
	}
	return p
}

// ProposeCapacity proposes how many places a session should have at a venue, with kits and so many people to lead it. An unknown venue
// or kit is NotFound; Forbidden to all but staff.
func (c *Catalog) ProposeCapacity(ctx context.Context, actor account.Actor, venueID int64, uses []KitUse, people int) (p CapacityProposal, err error) {
	if err := mayManage(actor); err != nil {
		return CapacityProposal{}, err
	}
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		venue, err := venueTx(tx, venueID)
		if err != nil {
			return err
		}
		var kits []KitRoom
		for _, u := range uses {
			k, err := kitTx(tx, u.KitID)
			if err != nil {
				return err
			}
			if k.Children > 0 {
				kits = append(kits, KitRoom{Name: k.Name, Seats: k.Children * u.Copies})
			}
		}
		perPerson, err := settings.Get(tx, settings.ChildrenPerFacilitator)
		p = propose(venue.Capacity, kits, people, perPerson)
		return err
	})
	return p, err
}

// ChildrenPerFacilitator returns the setting: how many children one person who leads a session looks after.
func (c *Catalog) ChildrenPerFacilitator(ctx context.Context) (n int, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		n, err = settings.Get(tx, settings.ChildrenPerFacilitator)
		return err
	})
	return n, err
}

package booking

import (
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// tellOthers tells the other guardians of some children of a booking what became of it, and nobody where there is none: both
// learn of what is the child's (domain, Family data 5). what is as in outbox.ChildChange.
func tellOthers(tx *sqlite.Tx, v Group, children []Seat, what string, session Session) error {
	at := session.forMail()
	return family.TellOthers(tx, v.wards(children), outbox.ChildChange{What: what, Session: &at}, tx.Now())
}

// wards are some children of a booking as those of who booked.
func (g Group) wards(children []Seat) (wards []family.Ward) {
	for _, c := range children {
		wards = append(wards, family.Ward{ChildID: c.ChildID, GuardianID: g.guardianID})
	}
	return wards
}

// tellOthersBooked tells them of a booking that is news to them: who has a seat, and who waits for one. Whether a seat is
// offered they learn once it is taken.
func tellOthersBooked(tx *sqlite.Tx, v Group) error {
	if err := tellOthers(tx, v, v.those("confirmed"), "booked", v.Session); err != nil {
		return err
	}
	return tellOthers(tx, v, v.those("waiting", "offered"), "waiting", v.Session)
}

// tellOthersMerged tells them of what a guest booked, once it has joined the family and is still to come.
func tellOthersMerged(tx *sqlite.Tx, groups []int64) error {
	for _, id := range groups {
		v, err := viewGroup(tx, id)
		if err != nil {
			return err
		}
		if !tx.Now().Before(v.Session.EndsAt) {
			continue
		}
		if err := tellOthersBooked(tx, v); err != nil {
			return err
		}
	}
	return nil
}

// tellLeft tells the other guardians of all children of a guardian that the guardian is gone.
func tellLeft(tx *sqlite.Tx, guardianID int64) error {
	children, err := sqlite.Column[int64](tx, sqlOwnChildren, guardianID)
	if err != nil {
		return err
	}
	var wards []family.Ward
	for _, id := range children {
		wards = append(wards, family.Ward{ChildID: id, GuardianID: guardianID})
	}
	return family.TellOthers(tx, wards, outbox.ChildChange{What: "left"}, tx.Now())
}

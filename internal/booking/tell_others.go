package booking

import (
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// tellOthers tells the other guardians of some children of a booking what became of it, and nobody where there is none: both
// learn of what is the child's (domain, Family data 5). what is as in outbox.ChildChange.
func tellOthers(tx *sqlite.Tx, v Group, children []Seat, what string, session Session) error {
	ids := make([]int64, len(children))
	for i, c := range children {
		ids[i] = c.ChildID
	}
	at := session.forMail()
	return family.TellOthers(tx, v.guardianID, ids, what, &at)
}

// tellOthersBooked tells them of a new booking: who has a seat, and who waits for one.
func tellOthersBooked(tx *sqlite.Tx, v Group) error {
	var seated, waiting []Seat
	for _, c := range v.Children {
		if c.Status == "waiting" {
			waiting = append(waiting, c)
		} else {
			seated = append(seated, c)
		}
	}
	if err := tellOthers(tx, v, seated, "booked", v.Session); err != nil {
		return err
	}
	return tellOthers(tx, v, waiting, "waiting", v.Session)
}

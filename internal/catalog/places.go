package catalog

// WaitingGroup is one family on the waiting list of a session.
type WaitingGroup struct {
	// Seats is how many of its children wait.
	Seats int
	// Together is true when the family wants all these seats or none.
	Together bool
}

// fits reports whether the group can use free seats.
func (g WaitingGroup) fits(free int) bool {
	if g.Together {
		return g.Seats <= free
	}
	return free > 0
}

// PlacesOpen returns how many places of a session anybody may book now: capacity, without what is kept for a partner, less the seats
// taken (confirmed or under a live offer), never negative. While a waiting family can use one of
// the free seats they all belong to the list and none is open; seats that no waiting family can
// use (a single one, when all who wait want two together) are open to everybody.
// Source: domain.md, Capacity 1, 3 and 8.
func PlacesOpen(capacity, taken int, waiting []WaitingGroup) int {
	free := max(0, capacity-taken)
	for _, group := range waiting {
		if group.fits(free) {
			return 0
		}
	}
	return free
}

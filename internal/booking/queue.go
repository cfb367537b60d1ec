package booking

import (
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// waiter is one family on a list, with its children in the order of the list.
type waiter struct {
	groupID  int64
	together bool
	unasked  bool
	bookings []int64
}

const sqlQueue = `
SELECT b.id, b.group_id, bg.seating = 'together', bg.unasked FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id
WHERE b.session_id = ? AND b.status = 'waiting' ORDER BY b.id`

// queue reads who waits for a session, first come first.
func queue(tx *sqlite.Tx, sessionID int64) ([]waiter, error) {
	rows, err := tx.Query(sqlQueue, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []waiter
	at := map[int64]int{}
	for rows.Next() {
		var id, groupID int64
		var together, unasked bool
		if err := rows.Scan(&id, &groupID, &together, &unasked); err != nil {
			return nil, err
		}
		i, known := at[groupID]
		if !known {
			i = len(list)
			at[groupID] = i
			list = append(list, waiter{groupID: groupID, together: together, unasked: unasked})
		}
		list[i].bookings = append(list[i].bookings, id)
	}
	return list, rows.Err()
}

// openSeats counts the seats that a newcomer may take (domain, Capacity 3 and 8).
func openSeats(tx *sqlite.Tx, s Session) (int, error) {
	if s.Waiting == 0 {
		return max(0, s.free()), nil
	}
	list, err := queue(tx, s.ID)
	if err != nil {
		return 0, err
	}
	groups := make([]catalog.WaitingGroup, len(list))
	for i, w := range list {
		groups[i] = catalog.WaitingGroup{Seats: len(w.bookings), Together: w.together}
	}
	return catalog.PlacesOpen(s.Capacity-s.Held, s.Taken, groups), nil
}

// allot says which waiting bookings get the free seats, family by family in the order of the list; free is negative
// where more was given than there is. A family that waits for all its seats together is passed over, keeping its rank,
// when they do not all fit (domain, Waiting list 4). Families in passed get a seat only when nobody else can use it:
// they let an offer for it run out just now (Waiting list 5).
func allot(free int, list []waiter, passed map[int64]bool) (chosen []waiter) {
	for _, again := range []bool{false, true} {
		for _, w := range list {
			if passed[w.groupID] != again || free <= 0 {
				continue
			}
			n := len(w.bookings)
			if n > free {
				if w.together {
					continue
				}
				n = free
			}
			free -= n
			w.bookings = w.bookings[:n]
			chosen = append(chosen, w)
		}
	}
	return chosen
}

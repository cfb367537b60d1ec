package booking

import (
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// waiter is one family on a list, with its children in the order of the list.
type waiter struct {
	groupID  int64
	together bool
	bookings []int64
}

const sqlQueue = `
SELECT b.id, b.group_id, bg.seating FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id
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
		var seating string
		if err := rows.Scan(&id, &groupID, &seating); err != nil {
			return nil, err
		}
		i, known := at[groupID]
		if !known {
			i = len(list)
			at[groupID] = i
			list = append(list, waiter{groupID: groupID, together: seating == "together"})
		}
		list[i].bookings = append(list[i].bookings, id)
	}
	return list, rows.Err()
}

// openSeats counts the seats that a newcomer may take (domain, Capacity 3).
func openSeats(tx *sqlite.Tx, s Session) (int, error) {
	if s.Waiting == 0 {
		return max(0, s.Capacity-s.Taken), nil
	}
	list, err := queue(tx, s.ID)
	if err != nil {
		return 0, err
	}
	groups := make([]catalog.WaitingGroup, len(list))
	for i, w := range list {
		groups[i] = catalog.WaitingGroup{Seats: len(w.bookings), Together: w.together}
	}
	return catalog.PlacesOpen(s.Capacity, s.Taken, groups), nil
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
			chosen = append(chosen, waiter{groupID: w.groupID, together: w.together, bookings: w.bookings[:n]})
		}
	}
	return chosen
}

const sqlMakeOffer = `INSERT INTO offers (booking_id, made_at, expires_at) VALUES (?, ?, ?)`

// A seat taken again after it was given up must have a higher iCalendar sequence than its cancellation.
const sqlSetStatus = `
UPDATE bookings SET status = ?2, updated_at = ?3, ical_sequence = ical_sequence + (?2 = 'confirmed') WHERE id = ?1`

// offerFreeSeats offers every free seat of a session that waiting families can use, as far as the rule
// of deadlines lets it. It belongs in the transaction that freed the seats. passed names families
// whose offer just ran out.
func offerFreeSeats(tx *sqlite.Tx, sessionID int64, passed map[int64]bool) error {
	s, err := loadSession(tx, sessionID)
	if err != nil {
		return err
	}
	if s.Status != "published" || s.Waiting == 0 || s.Taken >= s.Capacity {
		return nil
	}
	deadline, ok := Deadline(tx.Now(), s.StartsAt)
	if !ok {
		return nil
	}
	list, err := queue(tx, s.ID)
	if err != nil {
		return err
	}
	now := sqlite.Time(tx.Now())
	for _, w := range allot(s.Capacity-s.Taken, list, passed) {
		for _, id := range w.bookings {
			if _, err := tx.Exec(sqlMakeOffer, id, now, sqlite.Time(deadline)); err != nil {
				return err
			}
			if _, err := tx.Exec(sqlSetStatus, id, "offered", now); err != nil {
				return err
			}
		}
		v, err := viewGroup(tx, w.groupID)
		if err != nil {
			return err
		}
		m := v.mail()
		m.Offered, m.OfferUntil = v.names(w.bookings), sqlite.Time(deadline)
		if err := send(tx, outbox.SeatOffered, v.guardianID, v.GuardianEmail, v.language, m); err != nil {
			return err
		}
		if err := audit.Add(tx, "system", "booking.offer", record("session", s.ID),
			map[string]any{"reference": v.Reference, "seats": len(w.bookings)}); err != nil {
			return err
		}
	}
	return nil
}

package booking

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// IfFull is what a parent chose when there are fewer seats than children.
type IfFull string

// The choices. Nobody is put on the list without one of the last two (domain, Capacity 2).
const (
	Ask   IfFull = ""      // not asked yet
	Split IfFull = "split" // take the seats there are, the other children wait
	Wait  IfFull = "wait"  // all children wait
)

// Bookable says whether the public may book or join the list of s at now.
// Gone: cancelled or over. Conflict: not open yet, with the opening instant.
func (s Session) Bookable(now time.Time) error {
	switch {
	case s.Status == "cancelled":
		return fault.New(fault.Gone, "booking.session_cancelled")
	case !now.Before(s.StartsAt):
		return fault.New(fault.Gone, "booking.session_past")
	case !now.Before(s.ClosesAt):
		return fault.New(fault.Gone, "booking.session_closed")
	case now.Before(s.OpensAt):
		return fault.New(fault.Conflict, "booking.session_not_open", s.OpensAt)
	}
	return nil
}

// fits reports whether a child born on birth has the age of the session on its day, where it takes place.
func fits(s Session, birth time.Time) bool {
	age := family.AgeOn(birth, s.StartsAt)
	return s.MinAge <= age && age <= s.MaxAge
}

// decide is the rule of the last POST: how many of the children, in the order given, are
// confirmed; the others join the list. open is the number of seats open to newcomers.
//
//   - Gone, Conflict: as Bookable.
//   - Conflict "booking.out_of_age": a child's age on the day is outside the range (Capacity 6).
//   - Conflict "booking.list_closed": there are fewer seats than children, and nobody new may join the list.
//   - Conflict "booking.full": no seat is open and the parent has not chosen the list.
//   - Conflict "booking.some_places": fewer seats than children, and the parent has not chosen (UX-P2).
func decide(s Session, births []time.Time, open int, choice IfFull, now time.Time) (confirmed int, err error) {
	if err := s.Bookable(now); err != nil {
		return 0, err
	}
	for _, birth := range births {
		if !fits(s, birth) {
			return 0, fault.New(fault.Conflict, "booking.out_of_age", s.MinAge, s.MaxAge)
		}
	}
	return seat(s, len(births), open, choice)
}

// seat is what decide says once a session may be booked for n children of its age.
func seat(s Session, n, open int, choice IfFull) (confirmed int, err error) {
	switch {
	case open >= n:
		return n, nil
	case s.ListClosed:
		return 0, fault.New(fault.Conflict, "booking.list_closed")
	case choice == Wait:
		return 0, nil
	case open == 0:
		return 0, fault.New(fault.Conflict, "booking.full")
	case choice == Split:
		return open, nil
	}
	return 0, fault.New(fault.Conflict, "booking.some_places")
}

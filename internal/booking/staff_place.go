package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Placing is what giving or offering seats to the waiting children of a booking would mean now.
type Placing struct {
	InOrder  bool      // the rules themselves would do it: no reason is needed
	Passes   int       // families of the list that were there first
	Nth      int       // the last of the children would be the nth in the session, …
	Capacity int       // … which has so many seats
	Partner  string    // whose kept seats would be given; empty for nearly all
	Deadline time.Time // of an offer made now; zero when too little time is left to answer
}

// Over reports whether there would be more children than seats.
func (p Placing) Over() bool { return p.Nth > p.Capacity }

// Placing says what Give and OfferTo would do for the children of bookingIDs, all who wait when there are none, before a
// person does it. Forbidden to all but staff; faults as in Give.
func (s *Service) Placing(ctx context.Context, actor account.Actor, reference string, bookingIDs []int64) (p Placing, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := byReference(actor, reference)(tx)
		if err != nil {
			return err
		}
		v, err := viewGroup(tx, g.id)
		if err != nil {
			return err
		}
		ids, err := placed(tx, v, bookingIDs)
		if err != nil {
			return err
		}
		p, err = place(tx, v, len(ids))
		return err
	})
	return p, err
}

func place(tx *sqlite.Tx, v Group, n int) (p Placing, err error) {
	p = Placing{Nth: v.Session.Taken + n, Capacity: v.Session.Capacity}
	if deadline, ok := v.Session.Deadline(tx.Now()); ok {
		p.Deadline = deadline
	}
	if p.InOrder, err = isNext(tx, v, n); err != nil || p.InOrder {
		return p, err
	}
	if !p.Over() && p.Nth > v.Session.Capacity-v.Session.Held {
		p.Partner = v.Session.Partner
	}
	list, err := queue(tx, v.Session.ID)
	if err != nil {
		return Placing{}, err
	}
	p.Passes = max(0, slices.IndexFunc(list, func(w waiter) bool { return w.groupID == v.id }))
	return p, nil
}

// placed returns which children of a booking would get seats: who waits, and is among bookingIDs or these are none.
func placed(tx *sqlite.Tx, v Group, bookingIDs []int64) (ids []int64, err error) {
	if v.Session.Status != "published" || !tx.Now().Before(v.Session.EndsAt) {
		return nil, fault.New(fault.Gone, "booking.give_late")
	}
	for _, c := range v.Children {
		if c.Status == "waiting" && (len(bookingIDs) == 0 || slices.Contains(bookingIDs, c.BookingID)) {
			ids = append(ids, c.BookingID)
		}
	}
	if len(ids) == 0 || len(bookingIDs) > len(ids) {
		return nil, fault.New(fault.Conflict, "booking.give_nobody")
	}
	return ids, nil
}

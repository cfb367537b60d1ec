package payment

import (
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// Seat is what one child's place in one session costs a guardian, and what of that is settled.
type Seat struct {
	BookingID int64
	GroupID   int64
	Reference string // of the booking
	SessionID int64
	Workshop  string // as the programme names it
	StartsAt  time.Time
	Series    string // its title, where a place in the whole series is what is paid
	ChildID   int64
	Child     string // first and last name; empty once erased
	Way       catalog.Way
	Cents     int
	Late      bool // given up late: it costs where the team counted it

	PaidCents int   // by money
	CarnetID  int64 // the payment that bought the carnet of which a unit pays it; 0: none does
}

// LeftCents is what is still to be paid.
func (s Seat) LeftCents() int {
	if s.CarnetID != 0 {
		return 0
	}
	return s.Cents - s.PaidCents
}

// Fund is one payment of a guardian that was not taken back.
type Fund struct {
	PaymentID int64
	Cents     int
	Parts     map[int64]int // cents by the booking they are for
	Units     int           // of the carnet that it bought; 0: it bought none
}

// Carnet is a carnet, and how many of its units are used.
type Carnet struct {
	PaymentID   int64
	Units, Used int
}

// Left is how many seats it still pays.
func (c Carnet) Left() int { return c.Units - c.Used }

// Balance is where one guardian stands.
type Balance struct {
	Seats       []Seat   // what costs, oldest booking first
	Carnets     []Carnet // oldest first
	CreditCents int      // what came in and pays nothing yet
}

// OwedCents is all that is still to be paid.
func (b Balance) OwedCents() (cents int) {
	for _, s := range b.Seats {
		cents += s.LeftCents()
	}
	return cents
}

// DueCents is what of it is for sessions that have begun.
func (b Balance) DueCents(now time.Time) (cents int) {
	for _, s := range b.Seats {
		if !s.StartsAt.After(now) {
			cents += s.LeftCents()
		}
	}
	return cents
}

// UnitsLeft is how many seats the carnets still pay.
func (b Balance) UnitsLeft() (n int) {
	for _, c := range b.Carnets {
		n += c.Left()
	}
	return n
}

// Settled is how far one booking is settled.
type Settled struct {
	Cents     int // what it costs
	LeftCents int // what of that is still to be paid
	PaidCents int // what of it money paid
	Units     int // its seats that a carnet pays
}

// OfGroup is how far one booking is settled.
func (b Balance) OfGroup(id int64) (v Settled) {
	for _, s := range b.Seats {
		if s.GroupID != id {
			continue
		}
		v.Cents, v.LeftCents, v.PaidCents = v.Cents+s.Cents, v.LeftCents+s.LeftCents(), v.PaidCents+s.PaidCents
		if s.CarnetID != 0 {
			v.Units++
		}
	}
	return v
}

// Settle says what of the seats of a guardian is paid by what they paid (issue 7, point 3). Seats come oldest booking first, funds in
// the order in which they came in.
//
//  1. Money that was paid for a booking pays that booking.
//  2. Units of carnets pay seats that are priced one by one and of which nothing is paid: the oldest seat by the oldest carnet.
//  3. The money that is left pays the rest, oldest first: what was for no booking, and what a booking costs no more since it was
//     cancelled. What is then left is the guardian's credit.
//
// Nothing of it is stored, so that whatever gives a seat back, or takes that back, needs to know nothing of money.
func Settle(seats []Seat, funds []Fund) Balance {
	b := Balance{Seats: slices.Clone(seats)}
	loose := 0
	for _, f := range funds {
		if f.Units > 0 {
			b.Carnets = append(b.Carnets, Carnet{PaymentID: f.PaymentID, Units: f.Units})
			continue
		}
		loose += f.Cents
		for group, cents := range f.Parts {
			loose -= b.pay(cents, func(s Seat) bool { return s.GroupID == group })
		}
	}
	for i := range b.Seats {
		s := &b.Seats[i]
		if s.Way != catalog.PerSession || s.PaidCents > 0 {
			continue
		}
		for j := range b.Carnets {
			if c := &b.Carnets[j]; c.Left() > 0 {
				c.Used, s.CarnetID = c.Used+1, c.PaymentID
				break
			}
		}
	}
	b.CreditCents = loose - b.pay(loose, func(Seat) bool { return true })
	return b
}

// pay gives cents to the seats that which names, oldest first, and returns how many of them it took.
func (b *Balance) pay(cents int, which func(Seat) bool) (taken int) {
	for i := range b.Seats {
		s := &b.Seats[i]
		if !which(*s) {
			continue
		}
		part := min(s.LeftCents(), cents-taken)
		s.PaidCents, taken = s.PaidCents+part, taken+part
	}
	return taken
}

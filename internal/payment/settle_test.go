package payment

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// seat is the seat n of booking n, priced one by one.
func seat(n int64, cents int) Seat {
	return Seat{BookingID: n, GroupID: n, Way: catalog.PerSession, Cents: cents}
}

func priced(way catalog.Way, s Seat) Seat { s.Way = way; return s }

// in makes several seats those of one booking.
func in(group int64, seats ...Seat) []Seat {
	for i := range seats {
		seats[i].GroupID = group
	}
	return seats
}

func money(id int64, cents int) Fund { return Fund{PaymentID: id, Cents: cents} }

func tagged(id int64, cents int, parts map[int64]int) Fund {
	return Fund{PaymentID: id, Cents: cents, Parts: parts}
}

func carnet(id int64, units int) Fund { return Fund{PaymentID: id, Cents: 5000, Units: units} }

// story tells a balance: « u9 » for a seat that a unit of carnet 9 pays, else what is paid of what it costs, then what is left.
func story(b Balance) string {
	var told []string
	for _, s := range b.Seats {
		if s.CarnetID != 0 {
			told = append(told, fmt.Sprintf("u%d", s.CarnetID))
			continue
		}
		told = append(told, fmt.Sprintf("%d/%d", s.PaidCents, s.Cents))
	}
	return fmt.Sprintf("%s owed %d, credit %d, units %d", strings.Join(told, " "), b.OwedCents(), b.CreditCents, b.UnitsLeft())
}

// Issue 7, point 3: what is owed, derived.
func TestSettle(t *testing.T) {
	t.Parallel()
	four := []Seat{seat(1, 1400), seat(2, 1400), seat(3, 1400), seat(4, 1400)}
	for _, tt := range []struct {
		name  string
		seats []Seat
		funds []Fund
		want  string
	}{
		{"nothing", nil, nil, " owed 0, credit 0, units 0"},
		{"nothing is paid", four[:2], nil, "0/1400 0/1400 owed 2800, credit 0, units 0"},
		{"for no booking, oldest first", four[:2], []Fund{money(9, 2000)}, "1400/1400 600/1400 owed 800, credit 0, units 0"},
		{"for the second one", four[:2], []Fund{tagged(9, 1400, map[int64]int{2: 1400})}, "0/1400 1400/1400 owed 1400, credit 0, units 0"},
		{"for a booking before what is for none, though it came later", four[:2], []Fund{money(8, 700), tagged(9, 1400, map[int64]int{1: 1400})}, "1400/1400 700/1400 owed 700, credit 0, units 0"},
		{"for a booking that costs nothing any more", four[:1], []Fund{tagged(9, 1400, map[int64]int{7: 1400})}, "1400/1400 owed 0, credit 0, units 0"},
		{"too much for a booking", four[:2], []Fund{tagged(9, 3000, map[int64]int{2: 1400})}, "1400/1400 1400/1400 owed 0, credit 200, units 0"},
		{"the same booking twice", four[:1], []Fund{tagged(8, 1400, map[int64]int{1: 1400}), tagged(9, 1400, map[int64]int{1: 1400})}, "1400/1400 owed 0, credit 1400, units 0"},
		{"in advance", nil, []Fund{money(9, 1400)}, " owed 0, credit 1400, units 0"},
		{"a carnet of four", four, []Fund{carnet(9, 4)}, "u9 u9 u9 u9 owed 0, credit 0, units 0"},
		{"a carnet for two seats", four[:2], []Fund{carnet(9, 4)}, "u9 u9 owed 0, credit 0, units 2"},
		{"a carnet too short", four, []Fund{carnet(9, 2)}, "u9 u9 0/1400 0/1400 owed 2800, credit 0, units 0"},
		{"the older carnet first", four[:3], []Fund{carnet(8, 2), carnet(9, 4)}, "u8 u8 u9 owed 0, credit 0, units 3"},
		{"money for a booking spares the carnet", four[:2], []Fund{carnet(8, 4), tagged(9, 1400, map[int64]int{1: 1400})}, "1400/1400 u8 owed 0, credit 0, units 3"},
		{"the carnet comes before money for none", four[:2], []Fund{money(8, 1400), carnet(9, 1)}, "u9 1400/1400 owed 0, credit 0, units 0"},
		{"what is begun in money is ended in money", four[:2], []Fund{tagged(8, 400, map[int64]int{1: 400}), carnet(9, 4)}, "400/1400 u9 owed 1000, credit 0, units 3"},
		{"a seat that was cancelled in time gave its unit to the next", four[1:], []Fund{carnet(9, 3)}, "u9 u9 u9 owed 0, credit 0, units 0"},
		{"a carnet pays no series", []Seat{priced(catalog.PerSeries, seat(1, 5000)), seat(2, 1400)}, []Fund{carnet(9, 4)}, "0/5000 u9 owed 5000, credit 0, units 3"},
		{"a carnet pays nothing that a family chose", []Seat{priced(catalog.Chosen, seat(1, 500)), seat(2, 1400)}, []Fund{carnet(9, 4), money(10, 500)}, "500/500 u9 owed 0, credit 0, units 3"},
		{"two children of one booking", in(1, seat(1, 1400), seat(2, 1400)), []Fund{tagged(9, 1400, map[int64]int{1: 1400})}, "1400/1400 0/1400 owed 1400, credit 0, units 0"},
		{"half of two children, and a carnet", in(1, seat(1, 1400), seat(2, 1400)), []Fund{tagged(8, 1400, map[int64]int{1: 1400}), carnet(9, 4)}, "1400/1400 u9 owed 0, credit 0, units 3"},
		{"one payment for two bookings", four[:3], []Fund{tagged(9, 2800, map[int64]int{2: 1400, 3: 1400})}, "0/1400 1400/1400 1400/1400 owed 1400, credit 0, units 0"},
		{"one payment for two bookings of which one is gone", four[:2], []Fund{tagged(9, 2800, map[int64]int{2: 1400, 3: 1400})}, "1400/1400 1400/1400 owed 0, credit 0, units 0"},
	} {
		if got := story(Settle(tt.seats, tt.funds)); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}

// Money is neither made nor lost: what came in pays seats, bought carnets or is credit, no seat is paid more than it costs, no unit is used
// twice, and nobody owes while there is something that could pay. Twice gives the same.
func TestSettleKeepsMoney(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		var seats []Seat
		for i := range rapid.IntRange(0, 8).Draw(r, "seats") {
			s := seat(int64(i+1), 100*rapid.IntRange(1, 20).Draw(r, "cents"))
			s.GroupID = int64(rapid.IntRange(1, 4).Draw(r, "group"))
			s.Way = rapid.SampledFrom([]catalog.Way{catalog.PerSession, catalog.PerSession, catalog.PerSeries, catalog.Chosen}).Draw(r, "way")
			seats = append(seats, s)
		}
		var funds []Fund
		in, units := 0, 0
		for i := range rapid.IntRange(0, 6).Draw(r, "funds") {
			f := Fund{PaymentID: int64(i + 1), Cents: 100 * rapid.IntRange(1, 60).Draw(r, "paid"), Parts: map[int64]int{}}
			if f.Units = rapid.SampledFrom([]int{0, 0, 1, 4}).Draw(r, "units"); f.Units == 0 {
				in += f.Cents
				rest := f.Cents
				for group := int64(1); group <= 5; group++ {
					if part := 100 * rapid.IntRange(0, rest/100).Draw(r, "part"); part > 0 {
						f.Parts[group], rest = part, rest-part
					}
				}
			}
			units += f.Units
			funds = append(funds, f)
		}
		b := Settle(seats, funds)
		paid, used := 0, 0
		for i, s := range b.Seats {
			paid += s.PaidCents
			if s.PaidCents < 0 || s.PaidCents > s.Cents || s.CarnetID != 0 && (s.PaidCents != 0 || s.Way != catalog.PerSession) {
				r.Fatalf("seat %d: %+v", i, s)
			}
			if s.CarnetID != 0 {
				used++
			}
			if b.UnitsLeft() > 0 && s.Way == catalog.PerSession && s.LeftCents() == s.Cents {
				r.Fatalf("seat %d is owed and %d units are left", i, b.UnitsLeft())
			}
		}
		if paid+b.CreditCents != in || b.CreditCents < 0 {
			r.Fatalf("%d came in, %d pays seats, %d is credit", in, paid, b.CreditCents)
		}
		if b.CreditCents > 0 && b.OwedCents() > 0 {
			r.Fatalf("%d owed beside a credit of %d", b.OwedCents(), b.CreditCents)
		}
		for _, c := range b.Carnets {
			if c.Used > c.Units {
				r.Fatalf("carnet %+v", c)
			}
		}
		if used+b.UnitsLeft() != units {
			r.Fatalf("%d units: %d used, %d left", units, used, b.UnitsLeft())
		}
		if again := Settle(seats, funds); story(again) != story(b) {
			r.Fatalf("%s, then %s", story(b), story(again))
		}
	})
}

package catalog

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Reservation is seats of a session that are kept for the families of a named partner, such as a social centre, until an
// instant; then those that are left join the others (domain, Capacity 8). The zero value keeps none.
type Reservation struct {
	Seats   int
	Partner string
	Until   time.Time // excluded, in the venue's time zone: the midnight that ends its last day
	Used    int       // seats that families of the partner have taken of it
}

// HeldAt returns how many seats nobody but the partner may have at now: those that its families have not taken.
func (r Reservation) HeldAt(now time.Time) int {
	if !now.Before(r.Until) {
		return 0
	}
	return max(0, r.Seats-r.Used)
}

// LastDay is the last day, at the venue, on which seats are kept; empty where none are.
func (r Reservation) LastDay() string {
	if r.Seats == 0 {
		return ""
	}
	return r.Until.AddDate(0, 0, -1).Format(DateLayout)
}

// reservation checks the seats that a request keeps for a partner, in a session that starts at starts and kept old so far. What
// is wrong is noted by the names of the form's fields: reserved_seats, reserved_for, reserved_until. A last day that has passed may
// stay as it is, and none may be later than the eve of the session: afterwards nobody could be offered what is left.
func (r *SessionRequest) reservation(t typed, zone *time.Location, starts, now time.Time, old Reservation) Reservation {
	t.line("reserved_for", &r.ReservedFor, false)
	if r.ReservedSeats == 0 && r.ReservedFor == "" && r.ReservedUntil == "" {
		if old.Used > 0 {
			t["reserved_seats"] = fault.Message{Key: "catalog.reserved.used", Args: []any{old.Used}}
		}
		return Reservation{}
	}
	t.number("reserved_seats", r.ReservedSeats, 1, MaxCapacity)
	switch _, wrong := t["reserved_seats"]; {
	case old.Used > 0 && r.ReservedSeats < old.Used:
		t["reserved_seats"] = fault.Message{Key: "catalog.reserved.used", Args: []any{old.Used}}
	case wrong:
		t["reserved_seats"] = fault.Message{Key: "catalog.reserved.seats"}
	}
	if r.ReservedFor == "" {
		t["reserved_for"] = fault.Message{Key: "catalog.reserved.partner"}
	}
	kept := Reservation{Seats: r.ReservedSeats, Partner: r.ReservedFor, Used: old.Used}
	day, err := time.Parse(DateLayout, r.ReservedUntil)
	if err != nil {
		t["reserved_until"] = fault.Message{Key: "catalog.date.format"}
		return kept
	}
	kept.Until, err = LocalTime(day.AddDate(0, 0, 1).Format(DateLayout), "00:00", zone)
	kept.Until = kept.Until.In(zone)
	switch {
	case t.put("reserved_until", err):
	case kept.Until.After(starts) && !starts.IsZero():
		t["reserved_until"] = fault.Message{Key: "catalog.reserved.late"}
	case !kept.Until.After(now) && !kept.Until.Equal(old.Until):
		t["reserved_until"] = fault.Message{Key: "catalog.reserved.past"}
	}
	return kept
}

// until is the end of a reservation as the database keeps it: nothing where there is none.
func (r Reservation) until() any {
	if r.Seats == 0 {
		return nil
	}
	return sqlite.Time(r.Until)
}

// refuseOverfull refuses to keep more seats for a partner than before where there are not so many left; capacity is what the session
// is about to have.
func refuseOverfull(before, after Session, capacity int) error {
	if after.Held <= before.Held || after.Taken+after.Held <= capacity {
		return nil
	}
	return fault.InvalidFields(map[string]fault.Message{
		"reserved_seats": {Key: "catalog.reserved.too_many", Args: []any{max(0, capacity-after.Taken)}}})
}

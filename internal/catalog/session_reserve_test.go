package catalog_test

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Domain, Capacity 8: a partner's seats are its own until an instant, as far as its families have not taken them.
func TestHeldAt(t *testing.T) {
	t.Parallel()
	until := time.Date(2027, 5, 2, 22, 0, 0, 0, time.UTC)
	tests := []struct {
		name string
		r    catalog.Reservation
		now  time.Time
		want int
	}{
		{"none", catalog.Reservation{}, until, 0},
		{"long before", catalog.Reservation{Seats: 3, Until: until}, until.AddDate(0, -1, 0), 3},
		{"a second before", catalog.Reservation{Seats: 3, Until: until}, until.Add(-time.Second), 3},
		{"at the instant", catalog.Reservation{Seats: 3, Until: until}, until, 0},
		{"after", catalog.Reservation{Seats: 3, Until: until}, until.AddDate(0, 0, 1), 0},
		{"some are taken", catalog.Reservation{Seats: 3, Used: 2, Until: until}, until.Add(-time.Hour), 1},
		{"all are taken", catalog.Reservation{Seats: 3, Used: 3, Until: until}, until.Add(-time.Hour), 0},
		{"more are taken, since a child is back on the register", catalog.Reservation{Seats: 3, Used: 4, Until: until}, until.Add(-time.Hour), 0},
	}
	for _, tt := range tests {
		if got := tt.r.HeldAt(tt.now); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// reserving is the session of Saturday 8 May with seats kept for a partner until a day.
func (h *house) reserving(seats int, until string) catalog.SessionRequest {
	r := h.request("2027-05-08", "14:00", "16:00")
	r.ReservedSeats, r.ReservedFor, r.ReservedUntil = seats, " Centre  social Łukasiewicz ", until
	return r
}

// What a form says of seats for a partner: all of it or nothing, in time for others to be offered what is left.
func TestReservationIsChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	with := func(change func(r *catalog.SessionRequest)) catalog.SessionRequest {
		r := h.reserving(3, "2027-05-02")
		change(&r)
		return r
	}
	tests := []struct {
		name string
		r    catalog.SessionRequest
		want string
	}{
		{"no seats", with(func(r *catalog.SessionRequest) { r.ReservedSeats = 0 }), "reserved_seats=catalog.reserved.seats"},
		{"no number", with(func(r *catalog.SessionRequest) { r.ReservedSeats = -1 }), "reserved_seats=catalog.reserved.seats"},
		{"more than there are", with(func(r *catalog.SessionRequest) { r.ReservedSeats = 13 }), "reserved_seats=catalog.reserved.too_many"},
		{"for nobody", with(func(r *catalog.SessionRequest) { r.ReservedFor = " " }), "reserved_for=catalog.reserved.partner"},
		{"until no day", with(func(r *catalog.SessionRequest) { r.ReservedUntil = "" }), "reserved_until=catalog.date.format"},
		{"until the day itself", with(func(r *catalog.SessionRequest) { r.ReservedUntil = "2027-05-08" }), "reserved_until=catalog.reserved.late"},
		{"until yesterday", with(func(r *catalog.SessionRequest) { r.ReservedUntil = "2027-04-04" }), "reserved_until=catalog.reserved.past"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := h.CreateSession(t.Context(), staff, key(), tt.r)
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
	if n := h.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("%d sessions", n)
	}
	for _, day := range []string{"2027-04-05", "2027-05-07"} { // today, and the eve
		if _, err := h.CreateSession(t.Context(), staff, key(), h.reserving(12, day)); err != nil {
			t.Errorf("until %s: %v", day, err)
		}
	}
}

// A reservation counts for everybody until its last day ends at the venue, then not; a page that shows it is made again at that instant.
func TestReservedSeats(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, err := h.CreateSession(t.Context(), staff, key(), h.reserving(3, "2027-05-02"))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.PublishSession(t.Context(), staff, key(), id); err != nil {
		t.Fatal(err)
	}
	until := time.Date(2027, 5, 2, 22, 0, 0, 0, time.UTC) // midnight in Lyon
	s := h.session(id)
	want := catalog.Reservation{Seats: 3, Partner: "Centre social Łukasiewicz", Until: s.Reserved.Until}
	if s.Reserved != want || !s.Reserved.Until.Equal(until) || s.Reserved.LastDay() != "2027-05-02" || s.Held != 3 || s.PlacesOpen != 9 {
		t.Errorf("kept %+v, %d held, %d open", s.Reserved, s.Held, s.PlacesOpen)
	}
	if next := s.NextChange(start); !next.Equal(until) {
		t.Errorf("it changes next at %v, want %v", next, until)
	}
	h.clock.Set(until.Add(-time.Second))
	if s = h.session(id); s.PlacesOpen != 9 {
		t.Errorf("a second before: %d open", s.PlacesOpen)
	}
	h.clock.Set(until)
	if s = h.session(id); s.PlacesOpen != 12 || s.Held != 0 || s.Reserved.Seats != 3 {
		t.Errorf("at the instant: %d open, %+v", s.PlacesOpen, s.Reserved)
	}
}

// Editing keeps what is promised: capacity and seats of a partner never add up to more than there is (Capacity 5 and 8).
func TestEditReservation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	h.group(id, "any", "confirmed", "confirmed", "confirmed", "offered")
	edit := func(r catalog.SessionRequest) error { return h.EditSession(t.Context(), staff, key(), id, r) }
	wantFault(t, edit(h.reserving(9, "2027-05-02")), fault.Invalid, "reserved_seats=catalog.reserved.too_many")
	seen := h.session(id).Version()
	if err := edit(h.reserving(8, "2027-05-02")); err != nil {
		t.Fatal(err)
	}
	stale := h.reserving(2, "2027-05-02")
	stale.Seen = seen
	wantFault(t, edit(stale), fault.Conflict, "catalog.changed_meanwhile")
	set := func(n int) error {
		return h.write(func(tx *sqlite.Tx) error { _, err := catalog.SetCapacityTx(tx, staff, id, n); return err })
	}
	wantFault(t, set(11), fault.Invalid, "capacity=catalog.session.capacity_held")
	if err := h.write(func(tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE bookings SET reserved = 1 WHERE id IN (SELECT id FROM bookings WHERE status = 'confirmed' LIMIT 2)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	wantFault(t, edit(h.reserving(1, "2027-05-02")), fault.Invalid, "reserved_seats=catalog.reserved.used")
	wantFault(t, edit(h.request("2027-05-08", "14:00", "16:00")), fault.Invalid, "reserved_seats=catalog.reserved.used")
	// An earlier day of the session asks for an earlier last day.
	moved := h.reserving(8, "2027-05-02")
	moved.Date = "2027-05-01"
	wantFault(t, edit(moved), fault.Invalid, "reserved_until=catalog.reserved.late")
	if err := edit(h.reserving(2, "2027-05-02")); err != nil {
		t.Fatal(err)
	}
	if s := h.session(id); s.Held != 0 || s.PlacesOpen != 8 {
		t.Errorf("%d held, %d open", s.Held, s.PlacesOpen)
	}
	// Once its day has passed a reservation stays as it is, or is prolonged.
	h.clock.Set(time.Date(2027, 5, 4, 8, 0, 0, 0, time.UTC))
	if err := edit(h.reserving(3, "2027-05-02")); err != nil {
		t.Errorf("as it was: %v", err)
	}
	wantFault(t, edit(h.reserving(3, "2027-05-03")), fault.Invalid, "reserved_until=catalog.reserved.past")
	if err := edit(h.reserving(3, "2027-05-06")); err != nil {
		t.Errorf("prolonged: %v", err)
	}
	if s := h.session(id); s.Held != 1 {
		t.Errorf("%d held", s.Held)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.edit' AND details LIKE '%reserved_seats%' AND details NOT LIKE '%Centre%'`); n != 3 {
		t.Errorf("%d audit lines tell of seats", n)
	}
	// A copy is for another day, and nothing was agreed for that.
	copied, err := h.DuplicateSession(t.Context(), staff, key(), id, "2027-05-22", catalog.Assent{})
	if err != nil {
		t.Fatal(err)
	}
	if s := h.session(copied); s.Reserved != (catalog.Reservation{}) {
		t.Errorf("the copy keeps %+v", s.Reserved)
	}
}

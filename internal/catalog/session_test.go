package catalog_test

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

func TestSessionRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, tt := range []struct {
		name string
		edit func(r *catalog.SessionRequest)
		want string
	}{
		{"as it should be", func(*catalog.SessionRequest) {}, ""},
		{"no such workshop", func(r *catalog.SessionRequest) { r.WorkshopID = 12345 }, "workshop=catalog.session.workshop"},
		{"no such venue", func(r *catalog.SessionRequest) { r.VenueID = 12345 }, "venue=catalog.session.venue"},
		{"no such day", func(r *catalog.SessionRequest) { r.Date = "2027-02-29" }, "date=catalog.date.format"},
		{"yesterday", func(r *catalog.SessionRequest) { r.Date = "2027-04-04" }, "date=catalog.session.in_the_past"},
		{"in two years", func(r *catalog.SessionRequest) { r.Date = "2029-04-05" }, ""},
		{"later than anybody plans", func(r *catalog.SessionRequest) { r.Date = "2029-04-06" }, "date=catalog.session.too_far"},
		{"the year 9999", func(r *catalog.SessionRequest) { r.Date = "9999-05-08" }, "date=catalog.session.too_far"},
		{"an hour ago", func(r *catalog.SessionRequest) { r.Date, r.Starts = "2027-04-05", "09:00" }, "date=catalog.session.in_the_past"},
		{"ends as it starts", func(r *catalog.SessionRequest) { r.Ends = r.Starts }, "ends=catalog.session.order"},
		{"ends before", func(r *catalog.SessionRequest) { r.Ends = "13:00" }, "ends=catalog.session.order"},
		{"words for hours", func(r *catalog.SessionRequest) { r.Starts, r.Ends = "midi", "" }, "ends=catalog.hour.format starts=catalog.hour.format"},
		{"skipped start", func(r *catalog.SessionRequest) { r.Date, r.Starts, r.Ends = "2028-03-26", "02:30", "04:00" }, "starts=catalog.hour.skipped"},
		{"doubled start", func(r *catalog.SessionRequest) { r.Date, r.Starts, r.Ends = "2027-10-31", "02:30", "04:00" }, "starts=catalog.hour.twice"},
		{"doubled start, answered", func(r *catalog.SessionRequest) { r.Date, r.Starts, r.Ends = "2027-10-31", "02:30+01:00", "04:00" }, ""},
		{"doubled from the first to the second", func(r *catalog.SessionRequest) { r.Date, r.Starts, r.Ends = "2027-10-31", "02:30+02:00", "02:30+01:00" }, ""},
		{"no seat", func(r *catalog.SessionRequest) { r.Capacity = 0 }, "capacity=catalog.number"},
		{"too many seats", func(r *catalog.SessionRequest) { r.Capacity = 501 }, "capacity=catalog.number"},
		{"free", func(r *catalog.SessionRequest) { r.PriceCents = 0 }, ""},
		{"negative price", func(r *catalog.SessionRequest) { r.PriceCents = -1 }, "price=catalog.price"},
		{"payment link", func(r *catalog.SessionRequest) { r.PaymentURL = "https://payer.example.org/ada?séance=1" }, ""},
		{"payment without a lock", func(r *catalog.SessionRequest) { r.PaymentURL = "http://payer.example.org" }, "payment_url=catalog.session.payment_url"},
		{"payment by script", func(r *catalog.SessionRequest) { r.PaymentURL = "javascript:alert(1)" }, "payment_url=catalog.session.payment_url"},
		{"payment to another than it looks", func(r *catalog.SessionRequest) { r.PaymentURL = "https://helloasso.com@evil.example" }, "payment_url=catalog.session.payment_url"},
		{"opens later", func(r *catalog.SessionRequest) { r.OpensDate, r.OpensHour = "2027-05-01", "18:00" }, ""},
		{"opens on a day without hour", func(r *catalog.SessionRequest) { r.OpensDate = "2027-05-01" }, "opens=catalog.hour.format"},
		{"closes after the start", func(r *catalog.SessionRequest) { r.ClosesDate, r.ClosesHour = "2027-05-08", "14:01" }, "closes=catalog.session.closes_after_start"},
		{"closes at the start", func(r *catalog.SessionRequest) { r.ClosesDate, r.ClosesHour = "2027-05-08", "14:00" }, ""},
		{"closes the day before", func(r *catalog.SessionRequest) { r.ClosesDate, r.ClosesHour = "2027-05-07", "18:00" }, ""},
		{"opens after it closes", func(r *catalog.SessionRequest) { r.OpensDate, r.OpensHour = "2027-05-08", "14:00" }, "opens=catalog.session.opens_after_close"},
		{"closed before today", func(r *catalog.SessionRequest) { r.ClosesDate, r.ClosesHour = "2027-04-01", "18:00" }, "opens=catalog.session.opens_after_close"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := h.request("2027-05-08", "14:00", "16:00")
			tt.edit(&r)
			_, err := h.CreateSession(t.Context(), staff, key(), r)
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
}

func TestCreateSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.session(h.draft("2027-05-08", "14:00", "16:00"))
	if got := s.StartsAt.Format(time.RFC3339) + " " + s.EndsAt.Format(time.RFC3339); got != "2027-05-08T14:00:00+02:00 2027-05-08T16:00:00+02:00" {
		t.Errorf("times %s", got)
	}
	if n := h.count(`SELECT count(*) FROM sessions WHERE starts_at = '2027-05-08T12:00:00Z'`); n != 1 { // I11
		t.Error("the start is not in the database as UTC")
	}
	if s.Status != catalog.Draft || !s.OpensAt.Equal(start) || !s.ClosesAt.Equal(s.StartsAt) || s.PlacesOpen != 12 || !s.UpdatedAt.Equal(start) {
		t.Errorf("got %+v", s)
	}
	if _, err := h.PublicSession(t.Context(), s.ID); err == nil {
		t.Error("everybody can see a draft")
	} else {
		wantFault(t, err, fault.NotFound, "catalog.session.not_found")
	}
	_, err := h.PublicSession(t.Context(), 12345)
	wantFault(t, err, fault.NotFound, "catalog.session.not_found")
}

// I11: the hour on the wall stays across both changes of clocks.
func TestDuplicateKeepsTheHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.clock.Set(time.Date(2027, 3, 1, 8, 0, 0, 0, time.UTC))
	winter := h.published("2027-03-27", "14:00", "16:30")
	for _, tt := range []struct{ date, want string }{
		{"2027-03-28", "2027-03-28T14:00:00+02:00"},
		{"2027-04-03", "2027-04-03T14:00:00+02:00"},
		{"2027-10-30", "2027-10-30T14:00:00+02:00"},
		{"2027-10-31", "2027-10-31T14:00:00+01:00"},
	} {
		id, err := h.DuplicateSession(t.Context(), staff, key(), winter, tt.date, catalog.Assent{})
		if err != nil {
			t.Fatal(err)
		}
		s := h.session(id)
		if got := s.StartsAt.Format(time.RFC3339); got != tt.want {
			t.Errorf("copy to %s starts %s, want %s", tt.date, got, tt.want)
		}
		if got := s.EndsAt.Sub(s.StartsAt); got != 150*time.Minute {
			t.Errorf("copy to %s lasts %v", tt.date, got)
		}
		if s.Status != catalog.Draft || s.Capacity != 12 || s.PriceCents != 1400 || !s.ClosesAt.Equal(s.StartsAt) {
			t.Errorf("copy %+v", s)
		}
	}
}

func TestDuplicateRefuses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	night := h.draft("2027-05-08", "02:30", "04:00")
	for _, tt := range []struct{ name, date, want string }{
		{"no day", "", "date=catalog.date.format"},
		{"the past", "2027-04-01", "date=catalog.session.in_the_past"},
		{"an hour that does not exist", "2028-03-26", "date=catalog.hour.skipped"},
		{"an hour that comes twice", "2027-10-31", "date=catalog.hour.twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := h.DuplicateSession(t.Context(), staff, key(), night, tt.date, catalog.Assent{})
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
	_, err := h.DuplicateSession(t.Context(), staff, key(), 12345, "2027-05-08", catalog.Assent{})
	wantFault(t, err, fault.NotFound, "catalog.session.not_found")
}

func TestPublish(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.draft("2027-05-08", "14:00", "16:00")
	for range 2 {
		if err := h.PublishSession(t.Context(), staff, key(), id); err != nil {
			t.Fatal(err)
		}
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.publish'`); n != 1 {
		t.Errorf("%d publications, want 1", n)
	}
	late := h.draft("2027-05-08", "14:00", "16:00")
	h.clock.Set(time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC))
	wantFault(t, h.PublishSession(t.Context(), staff, key(), late), fault.Conflict, "catalog.session.has_started")
}

func TestEditSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	edit := func(change func(r *catalog.SessionRequest)) error {
		r := h.request("2027-05-08", "14:00", "16:00")
		change(&r)
		return h.EditSession(t.Context(), staff, key(), id, r)
	}
	for _, tt := range []struct {
		name     string
		change   func(r *catalog.SessionRequest)
		sequence int
	}{
		{"price", func(r *catalog.SessionRequest) { r.PriceCents = 1000 }, 0},
		{"capacity, which is not edited here", func(r *catalog.SessionRequest) { r.Capacity = 3 }, 0},
		{"start", func(r *catalog.SessionRequest) { r.Starts = "14:30" }, 1},
		{"back", func(*catalog.SessionRequest) {}, 2},
		{"end", func(r *catalog.SessionRequest) { r.Ends = "17:00" }, 3},
		{"day", func(r *catalog.SessionRequest) { r.Date = "2027-05-15" }, 4},
	} {
		if err := edit(tt.change); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		if s := h.session(id); s.Sequence != tt.sequence || s.Capacity != 12 || !s.OpensAt.Equal(start) {
			t.Errorf("after %s: sequence %d, want %d; capacity %d, opens %s", tt.name, s.Sequence, tt.sequence, s.Capacity, s.OpensAt)
		}
	}

	other := h.workshop
	other.Title = "Musique"
	otherID, err := h.CreateWorkshop(t.Context(), staff, key(), other)
	if err != nil {
		t.Fatal(err)
	}
	otherWorkshop := func(r *catalog.SessionRequest) { r.WorkshopID, r.Date = otherID, "2027-05-15" }
	if err := edit(otherWorkshop); err != nil {
		t.Fatalf("another workshop for nobody: %v", err)
	}
	h.group(id, "any", "confirmed")
	wantFault(t, edit(func(r *catalog.SessionRequest) { r.Date = "2027-05-15" }), fault.Invalid, "workshop=catalog.session.keeps_workshop")
	wantFault(t, edit(func(r *catalog.SessionRequest) { r.WorkshopID = otherID }), fault.Conflict, "catalog.session.move_booked")
	if err := edit(func(r *catalog.SessionRequest) { otherWorkshop(r); r.PriceCents = 0 }); err != nil {
		t.Fatalf("another price for the booked: %v", err)
	}
	wantFault(t, edit(func(r *catalog.SessionRequest) { r.Date = "2027-04-01" }), fault.Invalid,
		"date=catalog.session.in_the_past workshop=catalog.session.keeps_workshop")
	h.clock.Set(time.Date(2027, 5, 15, 12, 0, 0, 0, time.UTC))
	wantFault(t, edit(otherWorkshop), fault.Conflict, "catalog.session.has_started")
}

// Whoever wraps an edit learns what moved, so that families can be told.
func TestEditSessionTells(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	h.group(id, "any", "confirmed")
	var edited catalog.Edited
	err := h.write(func(tx *sqlite.Tx) (err error) {
		edited, err = catalog.EditSessionTx(tx, staff, id, h.request("2027-05-08", "15:00", "17:00"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !edited.Moved || edited.Before.StartsAt.Hour() != 14 || edited.After.StartsAt.Hour() != 15 || edited.After.Sequence != 1 {
		t.Errorf("got %+v", edited)
	}
}

func TestCancelTx(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	cancel := func() error {
		return h.write(func(tx *sqlite.Tx) error {
			_, err := catalog.CancelTx(tx, staff, id, "  L'animatrice est malade. ")
			return err
		})
	}
	if err := cancel(); err != nil {
		t.Fatal(err)
	}
	s := h.session(id)
	if s.Status != catalog.Cancelled || s.CancelReason != "L'animatrice est malade." || s.Sequence != 1 {
		t.Errorf("got %+v", s)
	}
	wantFault(t, cancel(), fault.Conflict, "catalog.session.is_cancelled")
	wantFault(t, h.PublishSession(t.Context(), staff, key(), id), fault.Conflict, "catalog.session.is_cancelled")
	wantFault(t, h.EditSession(t.Context(), staff, key(), id, h.request("2027-05-08", "14:00", "16:00")), fault.Conflict, "catalog.session.is_cancelled")
	if n := h.count(`SELECT count(*) FROM audit WHERE details LIKE '%malade%'`); n != 0 {
		t.Error("the reason, which may speak of somebody's health, is in the audit")
	}
	if coming, err := h.Coming(t.Context()); err != nil || len(coming) != 0 {
		t.Errorf("coming: %v, %v", coming, err)
	}
}

// UX-A5, domain Capacity 5.
func TestSetCapacityTx(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	h.group(id, "any", "confirmed", "confirmed", "offered", "waiting", "cancelled")
	set := func(n int) error {
		return h.write(func(tx *sqlite.Tx) error { _, err := catalog.SetCapacityTx(tx, staff, id, n); return err })
	}
	wantFault(t, set(2), fault.Invalid, "capacity=catalog.session.capacity_taken")
	wantFault(t, set(0), fault.Invalid, "capacity=catalog.number")
	wantFault(t, set(501), fault.Invalid, "capacity=catalog.number")
	for _, n := range []int{3, 3, 20} {
		if err := set(n); err != nil {
			t.Fatal(err)
		}
		if got := h.session(id).Capacity; got != n {
			t.Errorf("capacity %d, want %d", got, n)
		}
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.capacity'`); n != 2 {
		t.Errorf("%d lines in the audit, want 2", n)
	}
}

// A session over its capacity, by an override, can stay so or come nearer to it.
func TestSetCapacityOfAnOverfullSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	set := func(n int) error {
		return h.write(func(tx *sqlite.Tx) error { _, err := catalog.SetCapacityTx(tx, staff, id, n); return err })
	}
	if err := set(2); err != nil {
		t.Fatal(err)
	}
	h.group(id, "any", "confirmed", "confirmed", "confirmed", "confirmed")
	for _, n := range []int{2, 3} {
		if err := set(n); err != nil {
			t.Errorf("capacity %d: %v", n, err)
		}
	}
	wantFault(t, set(2), fault.Invalid, "capacity=catalog.session.capacity_taken")
}

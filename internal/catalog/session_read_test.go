package catalog_test

import (
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

func TestComing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	late := h.published("2027-05-15", "14:00", "16:00")
	early := h.published("2027-05-08", "14:00", "16:00")
	h.draft("2027-05-09", "14:00", "16:00")
	h.group(early, "any", "confirmed", "confirmed", "offered", "cancelled", "declined", "lapsed")

	ids := func() []int64 {
		coming, err := h.Coming(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var ids []int64
		for _, s := range coming {
			ids = append(ids, s.ID)
		}
		return ids
	}
	if got, want := ids(), []int64{early, late}; !slices.Equal(got, want) {
		t.Errorf("coming %v, want %v", got, want)
	}
	if s := h.session(early); s.Taken != 3 || s.Waiting != 0 || s.PlacesOpen != 9 {
		t.Errorf("taken %d, waiting %d, open %d, want 3, 0, 9", s.Taken, s.Waiting, s.PlacesOpen)
	}
	h.clock.Set(time.Date(2027, 5, 8, 11, 59, 59, 0, time.UTC))
	if got, want := ids(), []int64{early, late}; !slices.Equal(got, want) {
		t.Errorf("a second before the first starts: %v, want %v", got, want)
	}
	h.clock.Advance(time.Second)
	if got, want := ids(), []int64{late}; !slices.Equal(got, want) {
		t.Errorf("when the first starts: %v, want %v", got, want)
	}
	all, err := h.Between(t.Context(), start, start.AddDate(1, 0, 0))
	if err != nil || len(all) != 3 {
		t.Errorf("the team sees %d sessions, %v, want 3", len(all), err)
	}
}

// UX-P20, domain Capacity 3, as the listing counts them: by family, not by child.
func TestComingCountsTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.published("2027-05-08", "14:00", "16:00")
	h.group(id, "any", slices.Repeat([]string{"confirmed"}, 11)...)
	for _, tt := range []struct {
		name          string
		seating       string
		statuses      []string
		waiting, open int
	}{
		{"one place", "", nil, 0, 1},
		{"a pair waits for two together", "together", []string{"waiting", "waiting"}, 2, 1},
		{"another pair", "together", []string{"waiting", "waiting"}, 4, 1},
		{"then siblings who take any", "any", []string{"waiting", "waiting"}, 6, 0},
	} {
		if tt.statuses != nil {
			h.group(id, tt.seating, tt.statuses...)
		}
		coming, err := h.Coming(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s := coming[0]; s.Waiting != tt.waiting || s.PlacesOpen != tt.open {
			t.Errorf("%s: waiting %d, open %d, want %d, %d", tt.name, s.Waiting, s.PlacesOpen, tt.waiting, tt.open)
		}
	}
}

func TestAvailability(t *testing.T) {
	t.Parallel()
	day := func(hour int) time.Time { return time.Date(2027, 5, 8, hour, 0, 0, 0, time.UTC) }
	s := catalog.Session{Status: catalog.Published, OpensAt: day(8), ClosesAt: day(10), StartsAt: day(12), EndsAt: day(14), PlacesOpen: 1}
	full, cancelled := s, s
	full.PlacesOpen = 0
	cancelled.Status = catalog.Cancelled
	for _, tt := range []struct {
		name string
		s    catalog.Session
		now  time.Time
		want catalog.Availability
		next time.Time
	}{
		{"before the opening", s, day(7), catalog.NotYetOpen, day(8)},
		{"at the opening", s, day(8), catalog.Open, day(10)},
		{"full before the opening", full, day(7), catalog.NotYetOpen, day(8)},
		{"full", full, day(9), catalog.Full, day(10)},
		{"a second before the closing", s, day(10).Add(-time.Second), catalog.Open, day(10)},
		{"at the closing", s, day(10), catalog.Closed, day(12)},
		{"at the start", s, day(12), catalog.Started, day(14)},
		{"at the end", s, day(14), catalog.Past, time.Time{}},
		{"cancelled", cancelled, day(9), catalog.CalledOff, time.Time{}},
		{"cancelled long ago", cancelled, day(20), catalog.CalledOff, time.Time{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := tt.s.Availability(tt.now); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := tt.s.NextChange(tt.now); !got.Equal(tt.next) {
				t.Errorf("next change %s, want %s", got, tt.next)
			}
		})
	}
}

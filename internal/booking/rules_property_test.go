package booking

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
)

// TestAllotProperties: whatever the list, freed seats go to exactly as many children as can use them, and nobody is
// overtaken but by the written exceptions (domain, Waiting list 1, 4, 5, 6).
func TestAllotProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		free := rapid.IntRange(0, 9).Draw(t, "free")
		passed := map[int64]bool{}
		var list []waiter
		for id := range int64(rapid.IntRange(0, 8).Draw(t, "families")) {
			w := waiter{groupID: id, together: rapid.Bool().Draw(t, "together")}
			for child := range int64(rapid.IntRange(1, 4).Draw(t, "children")) {
				w.bookings = append(w.bookings, id*10+child)
			}
			if rapid.IntRange(0, 3).Draw(t, "passed") == 0 {
				passed[id] = true
			}
			list = append(list, w)
		}

		got := map[int64]int{} // family → seats
		left := free
		for _, w := range allot(free, list, passed) {
			if len(w.bookings) == 0 || got[w.groupID] != 0 {
				t.Fatalf("family %d is chosen twice, or for nothing", w.groupID)
			}
			for i, id := range w.bookings {
				if id != list[w.groupID].bookings[i] {
					t.Fatalf("family %d gets seats for %v, not for its first", w.groupID, w.bookings)
				}
			}
			got[w.groupID] = len(w.bookings)
			left -= len(w.bookings)
		}
		if left < 0 {
			t.Fatalf("%d seats more than there are", -left)
		}
		for _, w := range list {
			wanted, seats := len(w.bookings), got[w.groupID]
			// What nobody before w took: w is served from it, whole or, if any seat is fine, in part.
			there := free
			for _, o := range list {
				if passed[o.groupID] == passed[w.groupID] && o.groupID < w.groupID || passed[w.groupID] && !passed[o.groupID] {
					there -= got[o.groupID]
				}
			}
			want := min(wanted, there)
			if w.together && wanted > there {
				want = 0
			}
			if seats != want {
				t.Errorf("family %d gets %d of %d seats, want %d", w.groupID, seats, there, want)
			}
			if seats < wanted && (!w.together && left > 0 || w.together && wanted <= left) {
				t.Errorf("family %d could use one of the %d seats left", w.groupID, left)
			}
		}
	})
}

// TestDeadlineProperties compares Deadline with a walk over every minute, in all seasons and over both changes of clocks.
func TestDeadlineProperties(t *testing.T) {
	t.Parallel()
	loc := paris(t)
	rapid.Check(t, func(t *rapid.T) {
		// Small numbers are drawn more often than large ones, so each part of an instant is drawn by itself.
		part := func(what string, least, most int) int { return rapid.IntRange(least, most).Draw(t, what) }
		now := time.Date(2027, time.Month(part("month", 1, 12)), part("day", 1, 31), part("hour", 0, 23), part("minute", 0, 59), 0, 0, loc)
		start := time.Date(now.Year(), now.Month(), now.Day()+part("days until", 0, 4), part("start hour", 0, 23), part("start minute", 0, 59), 0, 0, loc)

		waking := func(at time.Time) bool { // a minute that begins in waking hours
			return at.Hour() >= usual.WakingFrom && at.Hour() < usual.WakingUntil
		}
		limit := now.Add(48 * time.Hour)
		if last := start.Add(-2 * time.Hour); last.Before(limit) {
			limit = last
		}
		minutes, latest := 0, time.Time{}
		for at := now; at.Before(limit); at = at.Add(time.Minute) {
			if waking(at) {
				minutes++
				latest = at.Add(time.Minute)
			}
		}
		got, ok := usual.Deadline(now, start)
		if ok != (minutes >= 180) {
			t.Fatalf("offer at %v for %v: %v with %d waking minutes", now, start, ok, minutes)
		}
		if ok && !got.Equal(latest) && !(waking(got) && got.Equal(limit)) {
			t.Fatalf("offer at %v for %v until %v, want %v", now, start, got, latest)
		}
	})
}

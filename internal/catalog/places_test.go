package catalog_test

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// UX-P20: never negative, none while somebody waits who could use one; domain, Capacity 3.
func TestPlacesOpen(t *testing.T) {
	t.Parallel()
	anySeat := func(n int) catalog.WaitingGroup { return catalog.WaitingGroup{Seats: n} }
	together := func(n int) catalog.WaitingGroup { return catalog.WaitingGroup{Seats: n, Together: true} }
	for _, tt := range []struct {
		name            string
		capacity, taken int
		waiting         []catalog.WaitingGroup
		want            int
	}{
		{"empty", 12, 0, nil, 12},
		{"some taken", 12, 9, nil, 3},
		{"full", 12, 12, nil, 0},
		{"over capacity by an override", 12, 13, nil, 0},
		{"full with a list", 12, 12, []catalog.WaitingGroup{anySeat(1)}, 0},
		{"freed while one waits", 12, 11, []catalog.WaitingGroup{anySeat(1)}, 0},
		{"three freed while one waits", 12, 9, []catalog.WaitingGroup{anySeat(1)}, 0},
		{"freed while siblings take any seat", 12, 11, []catalog.WaitingGroup{anySeat(2)}, 0},
		{"one freed, two wanted together", 12, 11, []catalog.WaitingGroup{together(2)}, 1},
		{"one freed, only pairs wait", 12, 11, []catalog.WaitingGroup{together(2), together(3)}, 1},
		{"one freed, a pair then a single child", 12, 11, []catalog.WaitingGroup{together(2), anySeat(1)}, 0},
		{"one freed, a group of one together", 12, 11, []catalog.WaitingGroup{together(1)}, 0},
		{"two freed, two wanted together", 12, 10, []catalog.WaitingGroup{together(2)}, 0},
		{"two freed, three wanted together", 12, 10, []catalog.WaitingGroup{together(3)}, 2},
		{"over capacity with a pair waiting", 12, 14, []catalog.WaitingGroup{together(2)}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := catalog.PlacesOpen(tt.capacity, tt.taken, tt.waiting); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

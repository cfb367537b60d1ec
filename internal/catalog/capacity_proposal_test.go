package catalog

import "testing"

// Issue 7, point 2: the least of what room, kits and people allow; what is not said limits nothing.
func TestPropose(t *testing.T) {
	t.Parallel()
	thymio, arduino := KitRoom{"Valise Thymio", 12}, KitRoom{"Arduino", 6}
	tests := []struct {
		name      string
		room      int
		kits      []KitRoom
		people    int
		perPerson int
		want      int
	}{
		{"the room alone", 14, nil, 0, 8, 14},
		{"nobody leads it yet", 14, []KitRoom{thymio}, 0, 8, 12},
		{"kits are the least", 14, []KitRoom{thymio}, 2, 8, 12},
		{"the smaller kit", 14, []KitRoom{thymio, arduino}, 2, 8, 6},
		{"people are the least", 14, []KitRoom{thymio}, 1, 8, 8},
		{"the room is the least", 10, []KitRoom{thymio}, 2, 8, 10},
	}
	for _, tt := range tests {
		if got := propose(tt.room, tt.kits, tt.people, tt.perPerson); got.Seats != tt.want || got.Room != tt.room || got.People != tt.people {
			t.Errorf("%s: %+v, want %d", tt.name, got, tt.want)
		}
	}
}

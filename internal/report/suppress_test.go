package report

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/lesbricodeurs/ateliersdada/internal/rapidtest"
)

// UX-A7: no figure of one to four people leaves the team, nor follows from what does. Whoever has the paper knows the total, the
// rows that are shown, and that « < 5 » is one to four; another set of figures must fit all that for each hidden one.
func TestSmallFiguresCannotBeComputed(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 7).Draw(t, "rows")
		var lines []Line
		for i := range rows {
			presences := rapid.OneOf(rapid.IntRange(0, 6), rapid.IntRange(0, 60)).Draw(t, "presences")
			lines = append(lines, line(string(rune('a'+i)), rapid.IntRange(1, 9).Draw(t, "sessions"), rapid.IntRange(0, presences).Draw(t, "children"), presences, presences*120))
		}
		whole := newTable(ByCity, []Measure{Sessions, Children, Presences, Minutes}, lines...)
		b := Bilan{CountsChildren: true, Tables: []Table{
			newTable(ByFrame, []Measure{Sessions, Presences, Minutes}, line(Public, whole.Total[0].N, whole.Total[2].N, whole.Total[3].N)),
			newTable(ByAge, []Measure{Children, Presences, Minutes}, line("6-8", whole.Total[1].N, whole.Total[2].N, whole.Total[3].N)),
			whole,
		}}
		told := b.ForOthers().Table(ByCity, false)
		if told.Withheld {
			for _, m := range told.people() {
				if told.Total[m].Mask == Shown {
					t.Fatal("the total of what is withheld is told")
				}
			}
			return
		}
		for _, m := range told.people() {
			if isSmall(told.Total[m].N) {
				t.Fatalf("a total of %d is told", told.Total[m].N)
			}
			sum := 0
			for i, l := range told.Rows {
				sum += whole.Rows[i].Cells[m].N
				switch l.Cells[m].Mask {
				case Shown:
					if isSmall(l.Cells[m].N) || l.Cells[m].N != whole.Rows[i].Cells[m].N {
						t.Fatalf("row %d tells %d of %d", i, l.Cells[m].N, whole.Rows[i].Cells[m].N)
					}
				case Small, Hidden:
					if l.Cells[m].N != 0 {
						t.Fatal("a masked figure is there to be read")
					}
					if !another(told, whole, i, m) {
						t.Fatalf("row %d of %v follows from %v", i, whole.Rows, told.Rows)
					}
				}
			}
			if sum != told.Total[m].N {
				t.Fatalf("rows come to %d, the total is %d", sum, told.Total[m].N)
			}
		}
	})
}

// another reports whether a hidden figure could be one more or one less, with another hidden one making up for it.
func another(told, whole Table, row, m int) bool {
	fits := func(i, n int) bool {
		if told.Rows[i].Cells[m].Mask == Small {
			return 1 <= n && n <= 4
		}
		return 0 <= n && n < math.MaxInt
	}
	for i := range told.Rows {
		if i == row || told.Rows[i].Cells[m].Mask == Shown {
			continue
		}
		for _, by := range []int{1, -1} {
			if fits(row, whole.Rows[row].Cells[m].N+by) && fits(i, whole.Rows[i].Cells[m].N-by) {
				return true
			}
		}
	}
	return false
}

// The cases that a first try gets wrong.
func TestSuppression(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		numbers []int
		masks   []Mask
	}{
		{"nothing small", []int{5, 9}, []Mask{Shown, Shown}},
		{"one small takes the next smallest with it", []int{30, 3, 8}, []Mask{Shown, Small, Hidden}},
		{"two small that the total gives away", []int{30, 1, 1, 9}, []Mask{Shown, Small, Small, Hidden}},
		{"two small that it does not", []int{30, 3, 4}, []Mask{Shown, Small, Small}},
		{"four and four can be nothing else", []int{30, 4, 4, 9}, []Mask{Shown, Small, Small, Hidden}},
		{"nothing is left to see", []int{4, 4}, []Mask{Hidden, Hidden}},
	} {
		var lines []Line
		for i, n := range tt.numbers {
			lines = append(lines, line(string(rune('a'+i)), n))
		}
		got := newTable(ByGender, []Measure{Presences}, lines...).forOthers()
		for i, l := range got.Rows {
			if l.Cells[0].Mask != tt.masks[i] {
				t.Errorf("%s: row %d of %v has mask %d, want %d", tt.name, i, tt.numbers, l.Cells[0].Mask, tt.masks[i])
			}
		}
	}
}

// Postcodes of few children go with the rest of their département before anything is hidden: nothing is lost of the total, and no
// figure that is told is small.
func TestFewChildrenOfAPostcodeAreTheirDepartments(t *testing.T) {
	t.Parallel()
	whole := newTable(ByHome, []Measure{Children, Presences, Minutes}, line("69/69001", 20, 40, 4800), line("69/69540", 3, 9, 1080), line("69", 4, 4, 480),
		line("01/01000", 2, 30, 3600), line("", 6, 6, 720))
	told := whole.widen().forOthers()
	for value, want := range map[string]Cell{"69/69001": {N: 20}, "69/69540": {}, "69": {N: 7}, "01": {Mask: Small}, "01/01000": {}, "": {Mask: Hidden}} {
		if got := told.Of(&value, Children); got != want {
			t.Errorf("%q: %+v children are told, want %+v", value, got, want)
		}
	}
	if told.Total[0] != (Cell{N: 35}) || told.Of(nil, Presences) != (Cell{N: 89}) {
		t.Errorf("the total is %+v", told.Total)
	}
}

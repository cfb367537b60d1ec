package report

import "slices"

// fewest is the least number of people that is told outside the team (UX-A7).
const fewest = 5

func isSmall(n int) bool { return 0 < n && n < fewest }

// forOthers hides a figure of people that stands alone.
func (c Cell) forOthers() Cell {
	if isSmall(c.N) {
		return Cell{Mask: Small}
	}
	return c
}

// forOthers hides what of a table must not leave the team: figures of one to four people, and as many more as it takes that
// none of them follows from the total (UX-A7). The total of people must be shown, and not be small.
//
// A row is hidden as a whole, since its figures tell of each other. « Small » tells that a figure is one to four; where that
// would give one away, and where no row is left to see, it is hidden without a word.
func (t Table) forOthers() Table {
	hidden := make([]bool, len(t.Rows))
	some := false
	for i, l := range t.Rows {
		hidden[i] = slices.ContainsFunc(t.people(), func(m int) bool { return isSmall(l.Cells[m].N) })
		some = some || hidden[i]
	}
	if !some {
		return t
	}
	for t.gives(hidden) {
		next := t.smallest(hidden)
		if next < 0 {
			break
		}
		hidden[next] = true
	}
	silent := !slices.Contains(hidden, false)
	masked := t
	masked.Rows = make([]Line, len(t.Rows))
	for i, l := range t.Rows {
		masked.Rows[i] = Line{l.Value, slices.Clone(l.Cells)}
		if !hidden[i] {
			continue
		}
		for _, m := range t.people() {
			masked.Rows[i].Cells[m] = Cell{Mask: Hidden}
			if isSmall(l.Cells[m].N) && !silent {
				masked.Rows[i].Cells[m].Mask = Small
			}
		}
	}
	return masked
}

// widen puts the postcodes of few children together with the rest of their département: a wider figure says more than a hidden one.
func (t Table) widen() Table {
	if t.By != ByHome {
		return t
	}
	wide := newTable(t.By, t.Measures)
	wide.Total = t.Total
	for _, l := range t.Rows {
		if slices.ContainsFunc(t.people(), func(m int) bool { return isSmall(l.Cells[m].N) }) {
			l.Value, _ = Home(l.Value)
		}
		at := slices.IndexFunc(wide.Rows, func(there Line) bool { return there.Value == l.Value })
		if at < 0 {
			wide.Rows = append(wide.Rows, Line{l.Value, slices.Clone(l.Cells)})
			continue
		}
		for m := range l.Cells {
			wide.Rows[at].Cells[m].N += l.Cells[m].N
		}
	}
	wide.sort()
	return wide
}

// people are the places of the measures that count people.
func (t Table) people() []int {
	var places []int
	for i, m := range t.Measures {
		if m.ofPeople() {
			places = append(places, i)
		}
	}
	return places
}

// smallest is the row to hide next: the one that is missed least. -1 when none is left.
func (t Table) smallest(hidden []bool) int {
	found, m := -1, t.people()[0]
	for i, l := range t.Rows {
		if !hidden[i] && (found < 0 || l.Cells[m].N < t.Rows[found].Cells[m].N) {
			found = i
		}
	}
	return found
}

// gives reports whether a hidden figure follows from the total, the rows that are shown, and the bounds of what is small; or
// what is hidden comes to a few people in all.
func (t Table) gives(hidden []bool) bool {
	for _, m := range t.people() {
		var rest, low, high int // of the hidden figures: their sum, and what their bounds come to
		unbounded := 0
		for i, l := range t.Rows {
			if !hidden[i] {
				continue
			}
			rest += l.Cells[m].N
			if isSmall(l.Cells[m].N) {
				low, high = low+1, high+fewest-1
			} else {
				unbounded++
			}
		}
		if isSmall(rest) {
			return true
		}
		for i, l := range t.Rows {
			if !hidden[i] {
				continue
			}
			least, most, others := 0, rest-low, unbounded
			if isSmall(l.Cells[m].N) {
				least, most = 1, min(fewest-1, rest-(low-1))
				if others == 0 {
					least = max(1, rest-(high-(fewest-1)))
				}
			} else if others--; others == 0 {
				least = max(0, rest-high)
			}
			if least == most {
				return true
			}
		}
	}
	return false
}

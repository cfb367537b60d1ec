package report

// Measure is what a table counts.
type Measure string

// The measures. A presence is one child in one session; minutes are those of the session, once for each presence.
const (
	Sessions  Measure = "sessions"
	Children  Measure = "children" // different ones
	Presences Measure = "presences"
	Minutes   Measure = "minutes"
	Places    Measure = "places"
)

// ofPeople reports whether a small figure could tell of somebody.
func (m Measure) ofPeople() bool { return m != Sessions }

// Table is the figures by one dimension. Its rows add up to its total, as far as nothing is hidden.
type Table struct {
	By       Dimension
	Groups   bool // of group workshops; else of public sessions
	Measures []Measure
	Rows     []Line
	Total    []Cell // by measure
	Withheld bool   // too few people to tell any of them apart: there are no rows
}

// Line is one line of a table. Value is as it was written, a code for most dimensions; it may be empty.
type Line struct {
	Value string
	Cells []Cell // by measure
}

// Cell is one figure. Masked ones have no number.
type Cell struct {
	N    int
	Mask Mask
}

// Mask says how a figure is hidden.
type Mask int

// The masks. Small says that it is 1 to 4; Hidden says nothing, so that the small ones cannot be computed from it.
const (
	Shown Mask = iota
	Small
	Hidden
)

// line makes a line of numbers.
func line(value string, numbers ...int) Line {
	l := Line{Value: value}
	for _, n := range numbers {
		l.Cells = append(l.Cells, Cell{N: n})
	}
	return l
}

// newTable makes a table of lines, without those that hold nothing; its total is their sum.
func newTable(by Dimension, measures []Measure, lines ...Line) Table {
	t := Table{By: by, Measures: measures, Total: make([]Cell, len(measures))}
	for _, l := range lines {
		empty := true
		for i, c := range l.Cells {
			t.Total[i].N += c.N
			empty = empty && c.N == 0
		}
		if !empty {
			t.Rows = append(t.Rows, l)
		}
	}
	return t
}

// Of returns the figure of a measure of a line, or of the total where value is nil. It is a shown zero where there is no such line.
func (t Table) Of(value *string, m Measure) Cell {
	for i, measure := range t.Measures {
		if measure != m {
			continue
		}
		if value == nil {
			return t.Total[i]
		}
		for _, l := range t.Rows {
			if l.Value == *value {
				return l.Cells[i]
			}
		}
	}
	if t.Withheld {
		return Cell{Mask: Hidden}
	}
	return Cell{}
}

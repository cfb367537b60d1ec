package school

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// UX-S4: totals checked by hand, odd cents above all.
func TestLineTotal(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                          string
		quantity, unit, discount, sum int
	}{
		{"one session", 100, 15000, 0, 15000},
		{"one and a half", 150, 15001, 0, 22502},                        // 225,015 → 225,02
		{"a third off", 300, 3333, 3333, 6666},                          // 99,99 × 0,6667 = 66,663333 → 66,66
		{"half a cent goes up", 50, 1, 0, 1},                            // 0,005 → 0,01
		{"less than half a cent goes down", 49, 1, 0, 0},                // 0,0049 → 0,00
		{"12,5 % off 0,04 €", 100, 4, 1250, 4},                          // 0,035 → 0,04
		{"87,5 % off 0,04 €", 100, 4, 8750, 1},                          // 0,005 → 0,01
		{"kilometres", 3740, 55, 0, 2057},                               // 37,40 × 0,55 = 20,57
		{"kilometres with odd cents", 3733, 55, 0, 2053},                // 37,33 × 0,55 = 20,5315 → 20,53
		{"7 % off three of 33,35 €", 300, 3335, 700, 9305},              // 100,05 × 0,93 = 93,0465 → 93,05
		{"all off", 100, 15000, 10000, 0},                               //
		{"a hundredth of a percent off", 100, 5000, 1, 5000},            // 50,00 × 0,9999 = 49,995 → 50,00
		{"two hundredths of a percent off", 100, 5000, 2, 4999},         // 49,99
		{"the greatest", MaxQuantity, MaxUnitCents, 0, 100_000_000_000}, // 10 000 × 100 000 €
		{"the greatest, less a little", MaxQuantity, MaxUnitCents, 1, 99_990_000_000},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := LineTotal(tt.quantity, tt.unit, tt.discount); got != tt.sum {
				t.Errorf("LineTotal(%d, %d, %d) = %d, want %d", tt.quantity, tt.unit, tt.discount, got, tt.sum)
			}
		})
	}
}

// The sum is that of the rounded lines, as the reader adds them up: three times 0,005 € is 0,03 €, not 0,02 €.
func TestTotalIsTheSumOfWhatIsPrinted(t *testing.T) {
	t.Parallel()
	lines := []Line{{Quantity: 50, UnitCents: 1}, {Quantity: 50, UnitCents: 1}, {Quantity: 50, UnitCents: 1}}
	if got := Total(lines); got != 3 || lines[2].TotalCents != 1 {
		t.Errorf("Total = %d of %+v, want 3", got, lines)
	}
}

func TestCheckLines(t *testing.T) {
	t.Parallel()
	good := Line{Kind: LineService, Label: "Atelier Thymio, classe de Zoé D'Artagnan-N'Guyen, 李", Quantity: 100, UnitCents: 15000}
	with := func(change func(*Line)) Line { l := good; change(&l); return l }
	for _, tt := range []struct {
		name  string
		lines []Line
		field string // of the message; empty: a message about all
		key   string // empty: all is well
	}{
		{"good", []Line{good}, "", ""},
		{"free", []Line{with(func(l *Line) { l.UnitCents = 0 })}, "", ""},
		{"none", nil, "", "school_money.line.none"},
		{"too many", make41(good), "", "school_money.line.too_many"},
		{"no label", []Line{good, with(func(l *Line) { l.Label = " \t" })}, "label_2", "school_money.line.label_missing"},
		{"long label", []Line{with(func(l *Line) { l.Label = strings.Repeat("é", 301) })}, "label_1", "school_money.line.label_long"},
		{"label of two lines", []Line{with(func(l *Line) { l.Label = "a\nb" })}, "label_1", "school_money.line.label_long"},
		{"kind", []Line{with(func(l *Line) { l.Kind = "gift" })}, "kind_1", "school_money.line.kind_wrong"},
		{"nothing of it", []Line{with(func(l *Line) { l.Quantity = 0 })}, "quantity_1", "school_money.line.quantity_wrong"},
		{"too much of it", []Line{with(func(l *Line) { l.Quantity = MaxQuantity + 1 })}, "quantity_1", "school_money.line.quantity_wrong"},
		{"a price below nothing", []Line{with(func(l *Line) { l.UnitCents = -1 })}, "unit_1", "school_money.line.unit_wrong"},
		{"a price beyond all", []Line{with(func(l *Line) { l.UnitCents = MaxUnitCents + 1 })}, "unit_1", "school_money.line.unit_wrong"},
		{"more than all off", []Line{with(func(l *Line) { l.Discount = 10001 })}, "discount_1", "school_money.line.discount_wrong"},
		{"a discount that adds", []Line{with(func(l *Line) { l.Discount = -1 })}, "discount_1", "school_money.line.discount_wrong"},
		{"more than a million", []Line{with(func(l *Line) { l.Quantity, l.UnitCents = 100_01, 10_000_00*10 })}, "", "school_money.line.total_wrong"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := checkLines(tt.lines)
			f, wrong := fault.As(err)
			switch {
			case tt.key == "" && err != nil:
				t.Errorf("checkLines = %v", err)
			case tt.key != "" && !wrong, tt.key != "" && tt.field == "" && f.Message.Key != tt.key, tt.field != "" && f.Fields[tt.field].Key != tt.key:
				t.Errorf("checkLines = %v, want %s %s", err, tt.field, tt.key)
			}
		})
	}
}

func make41(l Line) (lines []Line) {
	for range MaxLines + 1 {
		lines = append(lines, l)
	}
	return lines
}

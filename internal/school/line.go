package school

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// LineKind is what a line of a quote or an invoice is about. Its name on screen is the text school_money.line.VALUE.
type LineKind string

// The kinds of line, in the order in which people choose.
const (
	LineService  LineKind = "service"
	LineTravel   LineKind = "travel"
	LineMaterial LineKind = "material"
)

// LineKinds lists every kind, in that order.
func LineKinds() []LineKind { return []LineKind{LineService, LineTravel, LineMaterial} }

// Line is one line of a quote, an invoice or a credit note.
type Line struct {
	Kind       LineKind `json:"kind"`
	Label      string   `json:"label"`
	Quantity   int      `json:"quantity"`   // in hundredths: 150 is one and a half
	UnitCents  int      `json:"unit_cents"` // the price of one, in cents
	Discount   int      `json:"discount"`   // in hundredths of a percent: 1250 is 12,5 %
	TotalCents int      `json:"total_cents"`
}

// The limits of a line. The product of the three greatest factors is 10¹⁷, far below what an int holds.
const (
	MaxQuantity  = 1_000_000  // ten thousand
	MaxUnitCents = 10_000_000 // 100 000 €
	wholePercent = 10_000
	maxLabel     = 300
	// MaxLines is how many lines a quote may have; MaxTotalCents what it may come to.
	MaxLines      = 40
	MaxTotalCents = 100_000_000 // a million euros
)

// LineTotal is quantity × unit × (1 − discount), rounded half up to the cent, once. Its arguments are within the
// limits of a line.
func LineTotal(quantity, unitCents, discount int) int {
	const scale = 100 * wholePercent
	return (quantity*unitCents*(wholePercent-discount) + scale/2) / scale
}

// Total fills in the total of each line and returns their sum.
func Total(lines []Line) (cents int) {
	for i := range lines {
		l := &lines[i]
		l.TotalCents = LineTotal(l.Quantity, l.UnitCents, l.Discount)
		cents += l.TotalCents
	}
	return cents
}

// LineField is the name of a field of the line at index i, in forms and faults: label_1 is of the first.
func LineField(name string, i int) string { return field(name, i+1) }

// checkLines trims the labels, fills in the totals and returns their sum. What is wrong is fault.Invalid, by the name
// of the field, see LineField. It needs at least one line.
func checkLines(lines []Line) (cents int, err error) {
	wrong := map[string]fault.Message{}
	for i := range lines {
		l := &lines[i]
		l.Label = strings.TrimSpace(l.Label)
		switch {
		case l.Label == "":
			wrong[LineField("label", i)] = fault.Message{Key: "school_money.line.label_missing"}
		case utf8.RuneCountInString(l.Label) > maxLabel || strings.ContainsFunc(l.Label, unicode.IsControl):
			wrong[LineField("label", i)] = fault.Message{Key: "school_money.line.label_long", Args: []any{maxLabel}}
		}
		if l.Kind != LineService && l.Kind != LineTravel && l.Kind != LineMaterial {
			wrong[LineField("kind", i)] = fault.Message{Key: "school_money.line.kind_wrong"}
		}
		if l.Quantity <= 0 || l.Quantity > MaxQuantity {
			wrong[LineField("quantity", i)] = fault.Message{Key: "school_money.line.quantity_wrong", Args: []any{MaxQuantity / 100}}
		}
		if l.UnitCents < 0 || l.UnitCents > MaxUnitCents {
			wrong[LineField("unit", i)] = fault.Message{Key: "school_money.line.unit_wrong", Args: []any{MaxUnitCents / 100}}
		}
		if l.Discount < 0 || l.Discount > wholePercent {
			wrong[LineField("discount", i)] = fault.Message{Key: "school_money.line.discount_wrong"}
		}
	}
	if len(wrong) > 0 {
		return 0, fault.InvalidFields(wrong)
	}
	if len(lines) == 0 {
		return 0, fault.New(fault.Invalid, "school_money.line.none")
	}
	if len(lines) > MaxLines {
		return 0, fault.New(fault.Invalid, "school_money.line.too_many", MaxLines)
	}
	if cents = Total(lines); cents > MaxTotalCents {
		return 0, fault.New(fault.Invalid, "school_money.line.total_wrong", MaxTotalCents/100)
	}
	return cents, nil
}

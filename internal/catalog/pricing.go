package catalog

import (
	"strconv"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Way is how a session is priced. The empty Way is PerSession.
type Way string

// The ways.
const (
	PerSession Way = "session" // each seat costs the same; 0 is free
	PerSeries  Way = "series"  // a child's place in the whole series is paid once
	Chosen     Way = "chosen"  // the family chooses what it pays, and nobody asks for a proof
)

// Pricing says how a session is priced, one way at a time. The price itself stands beside it: of a seat, of a place in the
// whole series, or what is suggested.
type Pricing struct {
	Way      Way
	MinCents int   // the least that a family may choose; with Chosen alone
	Steps    []int // what it is shown to choose among, ascending; with Chosen alone
}

// Free reports whether nothing is to be paid where the price is cents.
func (p Pricing) Free(cents int) bool { return p.Way != Chosen && cents == 0 }

// Choice says what is wrong with an amount that a family chose; nil for nothing.
func (p Pricing) Choice(cents int) *fault.Message {
	switch {
	case cents < p.MinCents && cents >= 0:
		return &fault.Message{Key: "price.choice.least"}
	case cents < 0 || cents > MaxPriceCents:
		return &fault.Message{Key: "catalog.price", Args: []any{MaxPriceCents / 100}}
	}
	return nil
}

// writeSteps is how the database keeps amounts.
func writeSteps(steps []int) string {
	texts := make([]string, len(steps))
	for i, step := range steps {
		texts[i] = strconv.Itoa(step)
	}
	return strings.Join(texts, " ")
}

// ReadSteps reads the column sessions.price_steps.
func ReadSteps(text string) (steps []int, err error) {
	for field := range strings.FieldsSeq(text) {
		step, err := strconv.Atoi(field)
		if err != nil {
			return nil, err
		}
		steps = append(steps, step)
	}
	return steps, nil
}

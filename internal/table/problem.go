package table

import (
	"strings"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Problem is one thing that is wrong in an imported file.
type Problem struct {
	// Line is the line of the file on which the row starts, from 1.
	Line int
	// Column is the name of the column; empty when the whole line is wrong.
	Column string
	// Value is what the cell holds, shortened to be shown; it is valid UTF-8, and empty
	// for an empty cell or a whole column.
	Value string
	// Want says what was expected instead, as a noun phrase.
	Want fault.Message
}

// Message says the whole problem in one sentence, for a page or a terminal.
func (p Problem) Message() fault.Message {
	switch {
	case p.Value != "" && p.Column == "":
		return fault.Message{Key: "table.problem_value", Args: []any{p.Line, p.Value, p.Want}}
	case p.Value != "":
		return fault.Message{Key: "table.problem", Args: []any{p.Line, p.Column, p.Value, p.Want}}
	case p.Column != "":
		return fault.Message{Key: "table.problem_column", Args: []any{p.Line, p.Column, p.Want}}
	default:
		return fault.Message{Key: "table.problem_line", Args: []any{p.Line, p.Want}}
	}
}

// shown is how many characters of a value a problem repeats.
const shown = 80

// show makes a value fit to be shown: valid UTF-8, no NUL, one line, not too long.
func show(value string) string {
	if len(value) > shown*utf8.UTFMax {
		value = value[:shown*utf8.UTFMax] // so that the work below is small too
	}
	value = strings.Join(strings.Fields(strings.ReplaceAll(strings.ToValidUTF8(value, "�"), "\x00", "�")), " ")
	if runes := []rune(value); len(runes) > shown {
		value = string(runes[:shown-1]) + "…"
	}
	return value
}

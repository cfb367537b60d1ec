package table

import (
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const (
	// maxListLines is the last line of a list that is looked at: beyond it, it is no list that somebody wrote.
	maxListLines = 1000
	// maxListColumns is how many columns a sheet may have.
	maxListColumns = 60
	// maxListProblems is how many problems ReadList names: who mends twenty lines sends the file again anyway.
	maxListProblems = 20
	// headerWithin is how many rows a title above the header may take.
	headerWithin = 5
)

// ListRules say what ReadList looks for.
type ListRules struct {
	// Column is the name of the column as people write it, for messages; Names are those that are recognised. Case,
	// accents and signs count for nothing: « Prénom(s) » is « prenoms ».
	Column string
	Names  []string
	// Max is the greatest number of values.
	Max int
	// Check says what was expected instead of a value that cannot be one, as a noun phrase; nil where it can. Nil checks
	// nothing.
	Check func(text string) *fault.Message
}

// List is one column of what people paste, type or send.
type List struct {
	Values []Value
	// Unread are the names of the columns that were left aside.
	Unread []string
}

// Value is one value of a list, without spaces around it; never empty.
type Value struct {
	Line   int    // from 1, in the file or in the text
	Column string // empty where there is no header
	Text   string
}

// Wrong is a problem with the value; want is a noun phrase.
func (v Value) Wrong(want fault.Message) Problem {
	return Problem{Line: v.Line, Column: v.Column, Value: show(v.Text), Want: want}
}

// ReadList reads one column out of a spreadsheet (XLSX), a CSV file, or a text with one value a line; it tells them
// apart by their content, not by a name. In a table the column is found by its header; a table without that header is
// read only if it has one column. In a text, commas, semicolons and tabs end a value too.
//
// All that is wrong is returned, by line and column, 20 problems at most: bytes that are not UTF-8, formulas, what
// rules.Check refuses, rows whose cell is empty, more values than rules.Max, columns that cannot be told apart. Then the list must not be used. The
// work is bounded whatever src holds: what unpacks to too much is refused.
func ReadList(src []byte, rules ListRules) (List, []Problem) {
	r := &listReader{rules: rules}
	switch {
	case isZip(src):
		r.readWorkbook(src)
	default:
		r.readText(src)
	}
	if len(r.problems) == 0 && len(r.list.Values) == 0 {
		r.report(Problem{Line: 1, Want: fault.Message{Key: "table.want_values"}})
	}
	if len(r.problems) > 0 {
		return List{}, r.problems
	}
	return r.list, nil
}

// cell is one cell of a table.
type cell struct {
	text    string
	formula bool
}

// line is one row of a table that holds any text.
type line struct {
	number int
	cells  []cell
}

type listReader struct {
	rules    ListRules
	list     List
	problems []Problem
}

// report adds a problem; beyond the last that fits they are not even counted.
func (r *listReader) report(p Problem) {
	switch {
	case len(r.problems) >= maxListProblems:
	case len(r.problems) == maxListProblems-1:
		r.problems = append(r.problems, Problem{Line: p.Line, Want: fault.Message{Key: "table.want_fewer"}})
	default:
		r.problems = append(r.problems, p)
	}
}

// add takes a value, unless it cannot be one. It reports whether to go on: a list that is too long has one problem.
func (r *listReader) add(v Value, formula bool) bool {
	if len(r.list.Values) == r.rules.Max {
		r.problems = nil
		r.report(Problem{Line: v.Line, Want: fault.Message{Key: "table.want_at_most", Args: []any{r.rules.Max}}})
		return false
	}
	r.list.Values = append(r.list.Values, v)
	if formula || beginsFormula(v.Text) {
		r.report(v.Wrong(fault.Message{Key: "table.want_no_formula"}))
	} else if r.rules.Check != nil {
		if want := r.rules.Check(v.Text); want != nil {
			r.report(v.Wrong(*want))
		}
	}
	return true
}

// readText reads what somebody pasted or typed, or a CSV file.
func (r *listReader) readText(src []byte) {
	text := strings.TrimPrefix(string(src), bom)
	if !r.isReadable(text) {
		return
	}
	separators := []rune{';', '\t', ','}
	for _, separator := range separators {
		lines, problems := readCSV(text, separator)
		if header := r.header(lines); header >= 0 && len(lines[header].cells) > 1 {
			for _, p := range problems {
				r.report(p)
			}
			r.readColumn(lines, header)
			return
		}
		if isTable(lines) {
			r.report(Problem{Line: lines[0].number, Want: fault.Message{Key: "table.want_named", Args: []any{r.rules.Column}}})
			return
		}
	}
	for i, row := range strings.Split(normalLines.Replace(text), "\n") {
		for _, part := range strings.FieldsFunc(row, func(c rune) bool { return slices.Contains(separators, c) }) {
			value := strings.TrimSpace(part)
			if unquoted, ok := strings.CutPrefix(value, `"`); ok {
				value = strings.TrimSpace(strings.TrimSuffix(unquoted, `"`))
			}
			if value == "" || len(r.list.Values) == 0 && r.isName(value) {
				continue
			}
			if !r.add(Value{Line: i + 1, Text: value}, false) {
				return
			}
		}
	}
}

var normalLines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// isReadable reports lines that are not UTF-8 text: a file of another encoding.
func (r *listReader) isReadable(text string) bool {
	if isText(text) {
		return true
	}
	for i, row := range strings.Split(text, "\n") {
		if !isText(row) {
			r.report(Problem{Line: i + 1, Value: show(row), Want: fault.Message{Key: "table.want_utf8"}})
		}
	}
	return false
}

// readCSV reads the rows that hold any text, and what is wrong with the others.
func readCSV(text string, separator rune) (lines []line, problems []Problem) {
	in := newCSV(strings.NewReader(text), separator)
	for len(lines) <= maxListLines && len(problems) < maxListProblems {
		row, err := in.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return lines, problems
		case errors.As(err, &parse):
			problems = append(problems, Problem{Line: parse.StartLine, Want: fault.Message{Key: "table.want_quotes"}})
		case err != nil: // a reader of strings has no other
			return lines, problems
		default:
			number, _ := in.FieldPos(0)
			if l := (line{number: number, cells: cells(row)}); !l.isEmpty() {
				lines = append(lines, l)
			}
		}
	}
	return lines, problems
}

func cells(row []string) []cell {
	all := make([]cell, len(row))
	for i, text := range row {
		all[i].text = strings.TrimSpace(text)
	}
	return all
}

func (l line) isEmpty() bool {
	return !slices.ContainsFunc(l.cells, func(c cell) bool { return c.text != "" || c.formula })
}

// isTable reports whether every row is filled with the same number of cells, two or more: names beside something else.
func isTable(lines []line) bool {
	if len(lines) < 2 || len(lines[0].cells) < 2 {
		return false
	}
	return !slices.ContainsFunc(lines, func(l line) bool {
		return len(l.cells) != len(lines[0].cells) || slices.ContainsFunc(l.cells, func(c cell) bool { return c.text == "" })
	})
}

// header returns the row that names the column, -1 where there is none near the top.
func (r *listReader) header(lines []line) int {
	for i, l := range lines[:min(len(lines), headerWithin)] {
		if slices.ContainsFunc(l.cells, func(c cell) bool { return r.isName(c.text) }) {
			return i
		}
	}
	return -1
}

// readColumn reads the column of a table that its header names.
func (r *listReader) readColumn(lines []line, header int) {
	column, name := -1, ""
	for i, c := range lines[header].cells {
		switch {
		case !r.isName(c.text):
			if c.text != "" {
				r.list.Unread = append(r.list.Unread, show(c.text))
			}
		case column >= 0:
			r.report(Problem{Line: lines[header].number, Column: show(c.text), Want: fault.Message{Key: "table.want_once"}})
			return
		default:
			column, name = i, show(c.text)
		}
	}
	for _, l := range lines[header+1:] {
		v := Value{Line: l.number, Column: name}
		formula := false
		if column < len(l.cells) {
			v.Text, formula = l.cells[column].text, l.cells[column].formula
		}
		if v.Text == "" && !formula {
			r.report(v.Wrong(fault.Message{Key: "table.want_filled"}))
			continue
		}
		if !r.add(v, formula) {
			return
		}
	}
}

// isName reports whether a header names the column.
func (r *listReader) isName(header string) bool {
	return len(header) <= shown && slices.Contains(r.rules.Names, letters(header))
}

// letters are the letters of s in lower case without accents.
func letters(s string) string {
	return strings.Map(func(c rune) rune {
		if !unicode.IsLetter(c) {
			return -1
		}
		return unicode.ToLower(c)
	}, norm.NFD.String(s))
}

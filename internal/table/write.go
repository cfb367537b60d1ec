package table

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Writer writes an export that a French spreadsheet opens with a double click: UTF-8
// with a byte order mark, semicolons, CRLF. It is the one writer of every export, so
// that no export forgets SEC-40.
type Writer struct {
	csv     *csv.Writer
	columns int
}

// NewWriter writes the header row, formula-safe like every text.
func NewWriter(dst io.Writer, columns ...string) (*Writer, error) {
	if _, err := io.WriteString(dst, bom); err != nil {
		return nil, err
	}
	w := &Writer{csv: csv.NewWriter(dst), columns: len(columns)}
	w.csv.Comma = ';'
	w.csv.UseCRLF = true
	header := make([]Cell, len(columns))
	for i, name := range columns {
		header[i] = Text(name)
	}
	return w, w.Write(header...)
}

// Write writes one row. It refuses another number of cells than the header has.
func (w *Writer) Write(cells ...Cell) error {
	if len(cells) != w.columns {
		return fmt.Errorf("table: %d cells under %d columns", len(cells), w.columns)
	}
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = cell.text
	}
	return w.csv.Write(row)
}

// Flush writes out what is buffered. It must be called at the end; it returns the first
// error that writing met.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// Cell is one value of an export, made by Text, Number, Euros or Hours.
type Cell struct {
	text       string
	kind       kind
	hundredths int // of a number
}

// kind is what a spreadsheet takes a cell for.
type kind int

const (
	textKind kind = iota
	wholeKind
	decimalKind
)

// Text is a cell of text, which a spreadsheet never computes (SEC-40): a value that
// begins like a formula gets an apostrophe before it. A phone « +33 6 12 34 56 78 »
// thus stays a phone, where a spreadsheet would make it a sum.
// Bytes that are not text become U+FFFD.
func Text(s string) Cell {
	formula := beginsFormula(s)
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	if formula {
		s = "'" + s
	}
	return Cell{text: s}
}

// Number is a cell that spreadsheets may add up. A negative one is no formula.
func Number(n int) Cell { return Cell{strconv.Itoa(n), wholeKind, 100 * n} }

// Euros is an amount of cents as a number of euros with the French decimal comma: 14,50.
func Euros(cents int) Cell {
	sign, absolute := "", cents
	if cents < 0 {
		sign, absolute = "-", -cents
	}
	return Cell{fmt.Sprintf("%s%d,%02d", sign, absolute/100, absolute%100), decimalKind, cents}
}

// Hours is a time in minutes, none of them negative, as a number of hours with two decimals: 1,50.
func Hours(minutes int) Cell { return Euros((100*minutes + 30) / 60) }

// beginsFormula reports whether a spreadsheet could take s for a formula. Spaces, quotes
// and invisible signs at the start count for nothing: some programs strip them first.
func beginsFormula(s string) bool {
	for _, r := range s {
		switch r {
		case '=', '+', '-', '@', '\t', '\r', '\n', 0,
			'＝', '＋', '－', '＠', // full width
			'﹦', '﹢', '﹣', '﹫': // small
			return true
		case '\'', '"', '`', '´', '«', '»', '‘', '’', '“', '”', '＇', '＂':
			continue
		}
		if !unicode.IsSpace(r) && !unicode.Is(unicode.Cf, r) && !unicode.IsControl(r) {
			return false
		}
	}
	return false
}

// Package table reads the CSV files that people import, and lists in whatever form they have
// them, spreadsheets too; it writes the CSV files that they export. It knows nothing of what the columns mean.
package table

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const (
	// MaxSize is the size of the largest file that Read accepts, in bytes.
	MaxSize = 64 << 20
	// MaxProblems is how many problems Read lists before it gives up on a file.
	MaxProblems = 10_000

	// headerSize bounds the part of the file in which the header is looked for.
	headerSize = 64 << 10
	bom        = "\ufeff"
)

// Header says which columns a file holds. Names are compared without regard to case
// and to the spaces around them.
type Header struct {
	Required []string
	Optional []string
	// Others lets columns pass that are neither required nor optional, such as the
	// sixty of the national directory of schools that nobody here needs.
	Others bool
}

func (h Header) known(name string) (string, bool) {
	for _, list := range [][]string{h.Required, h.Optional} {
		for _, column := range list {
			if strings.EqualFold(column, name) {
				return column, true
			}
		}
	}
	return "", false
}

// Row is one row of a file. It is valid only during the call that receives it.
type Row struct {
	// Line is the line of the file on which the row starts, from 1: rows whose quoted
	// cells hold line breaks take several.
	Line   int
	cells  []string
	at     map[string]int
	report func(Problem)
}

// Get returns the cell of a column of the Header, without spaces around it. It is
// empty if the file lacks that (optional) column.
func (r Row) Get(column string) string {
	if i, ok := r.at[column]; ok {
		return strings.TrimSpace(r.cells[i])
	}
	return ""
}

// Wrong adds a problem with the cell of a column to those that Read returns. want is
// a noun phrase: « une date comme 2027-05-08 ».
func (r Row) Wrong(column string, want fault.Message) {
	r.report(Problem{Line: r.Line, Column: column, Value: show(r.Get(column)), Want: want})
}

// Read reads a CSV file and calls each for every row that has the shape of the header,
// in order, without keeping them. The separator is ; or , whichever finds more of the
// header's columns; a byte order mark, CRLF and quoted cells over several lines are
// accepted; lines without any text are passed over.
//
// All that is wrong is returned, by line: columns that lack, come twice or are unknown
// (then no row is read), rows with another number of cells, stray quotes, bytes that
// are not UTF-8 text, NUL, a file larger than MaxSize, and what each reported with
// Row.Wrong. The error is that of src, nothing to do with the content.
func Read(src io.Reader, header Header, each func(Row)) ([]Problem, error) {
	limited := &io.LimitedReader{R: src, N: MaxSize + 1}
	in := &input{header: header}
	err := in.read(bufio.NewReaderSize(limited, headerSize), each)
	if limited.N <= 0 {
		in.report(Problem{Line: max(in.line, 1), Want: fault.Message{Key: "table.want_small", Args: []any{MaxSize >> 20}}})
	}
	slices.SortStableFunc(in.problems, func(a, b Problem) int { return a.Line - b.Line })
	return in.problems, err
}

// input is the state of one Read.
type input struct {
	header   Header
	csv      *csv.Reader
	names    []string       // of the file's columns
	at       map[string]int // column of the Header → index
	line     int            // where the last row started
	problems []Problem
}

func (in *input) read(src *bufio.Reader, each func(Row)) error {
	start, err := src.Peek(headerSize)
	if err != nil && err != io.EOF {
		return err
	}
	if bytes.HasPrefix(start, []byte(bom)) {
		start = start[len(bom):]
		if _, err := src.Discard(len(bom)); err != nil {
			return err
		}
	}
	in.csv = newCSV(src, in.separator(start))
	if ok, err := in.readHeader(); !ok || err != nil {
		return err
	}
	for len(in.problems) < MaxProblems {
		cells, err := in.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if in.sound(cells) {
			each(Row{Line: in.line, cells: cells, at: in.at, report: in.report})
		}
	}
	return nil
}

func newCSV(src io.Reader, separator rune) *csv.Reader {
	r := csv.NewReader(src)
	r.Comma = separator
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return r
}

// separator tells ; from , by the columns that each finds in the first row.
func (in *input) separator(start []byte) rune {
	best, found := ';', -1
	for _, candidate := range []rune{';', ','} {
		names, err := newCSV(bytes.NewReader(start), candidate).Read()
		if err != nil {
			continue
		}
		n := 0
		for _, name := range names {
			if _, ok := in.header.known(strings.TrimSpace(name)); ok {
				n++
			}
		}
		if n > found {
			best, found = candidate, n
		}
	}
	return best
}

// next returns the next row that has any text. Rows with stray quotes are reported and
// passed over; io.EOF ends the file.
func (in *input) next() ([]string, error) {
	for {
		cells, err := in.csv.Read()
		var parse *csv.ParseError
		switch {
		case errors.As(err, &parse):
			in.line = parse.StartLine
			in.report(Problem{Line: parse.StartLine, Want: fault.Message{Key: "table.want_quotes"}})
			if len(in.problems) >= MaxProblems {
				return nil, io.EOF
			}
		case err != nil:
			return nil, err
		case slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }):
			in.line, _ = in.csv.FieldPos(0)
			return cells, nil
		}
	}
}

// readHeader reports what is wrong with the columns and whether rows can be read.
func (in *input) readHeader() (bool, error) {
	names, err := in.next()
	if errors.Is(err, io.EOF) {
		if len(in.problems) == 0 {
			in.report(Problem{Line: 1, Want: fault.Message{Key: "table.want_rows"}})
		}
		return false, nil
	}
	if err != nil {
		return false, err
	}
	in.names, in.at = make([]string, len(names)), make(map[string]int, len(names))
	for i, name := range names {
		name = strings.TrimSpace(name)
		in.names[i] = strings.Clone(name)
		if !isText(name) {
			in.reportColumn(name, fault.Message{Key: "table.want_utf8"})
			return false, nil // a file in another encoding: every name would be unknown
		}
		column, known := in.header.known(name)
		if _, twice := in.at[column]; known && twice {
			in.reportColumn(name, fault.Message{Key: "table.want_once"})
		} else if known {
			in.at[column] = i
		} else if !in.header.Others {
			all := slices.Concat(in.header.Required, in.header.Optional)
			in.reportColumn(name, fault.Message{Key: "table.want_known", Args: []any{strings.Join(all, ", ")}})
		}
	}
	for _, column := range in.header.Required {
		if _, ok := in.at[column]; !ok {
			in.reportColumn(column, fault.Message{Key: "table.want_column"})
		}
	}
	return len(in.problems) == 0, nil
}

// sound reports whether cells have the number and the characters that each may rely on.
func (in *input) sound(cells []string) bool {
	if len(cells) != len(in.names) {
		in.report(Problem{Line: in.line, Want: fault.Message{Key: "table.want_cells", Args: []any{len(in.names), len(cells)}}})
		return false
	}
	ok := true
	for i, cell := range cells {
		if !isText(cell) {
			line, _ := in.csv.FieldPos(i)
			before := cell[:textLength(cell)]
			in.report(Problem{
				Line: line + strings.Count(before, "\n"), Column: in.names[i], Value: show(cell),
				Want: fault.Message{Key: "table.want_utf8"},
			})
			ok = false
		}
	}
	return ok
}

func isText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// textLength is how many bytes of s come before the first that is not text.
func textLength(s string) int {
	for i, r := range s {
		if r == 0 {
			return i
		}
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return len(s)
}

func (in *input) reportColumn(name string, want fault.Message) {
	in.report(Problem{Line: in.line, Column: show(name), Want: want})
}

// report adds a problem; the last one that fits says that there may be more.
func (in *input) report(p Problem) {
	if len(in.problems) >= MaxProblems {
		return
	}
	if len(in.problems) == MaxProblems-1 {
		p = Problem{Line: p.Line, Want: fault.Message{Key: "table.want_fewer"}}
	}
	in.problems = append(in.problems, p)
}

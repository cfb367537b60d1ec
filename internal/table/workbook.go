package table

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const (
	// maxUnpacked is what all parts of a workbook may come to, in bytes: a list of 500 names needs a tenth.
	maxUnpacked = 4 << 20
	// maxParts is how many files a workbook may consist of.
	maxParts = 200
)

// errTooLarge is what a sheet larger than any list comes to.
var errTooLarge = errors.New("table: too many rows or columns")

func isZip(src []byte) bool { return bytes.HasPrefix(src, []byte("PK\x03\x04")) }

// readWorkbook reads the first sheet of an XLSX file.
func (r *listReader) readWorkbook(src []byte) {
	lines, err := workbookLines(src, nil)
	switch {
	case errors.Is(err, errTooLarge):
		r.report(Problem{Line: 1, Want: fault.Message{Key: "table.want_at_most", Args: []any{r.rules.Max}}})
	case err != nil:
		r.report(Problem{Line: 1, Want: fault.Message{Key: "table.want_workbook"}})
	default:
		r.readSheet(lines)
	}
}

func (r *listReader) readSheet(lines []line) {
	if header := r.header(lines); header >= 0 {
		r.readColumn(lines, header)
		return
	}
	column := -1
	for _, l := range lines {
		for i, c := range l.cells {
			if c.text == "" && !c.formula || i == column {
				continue
			}
			if column >= 0 {
				r.report(Problem{Line: l.number, Want: fault.Message{Key: "table.want_named", Args: []any{r.rules.Column}}})
				return
			}
			column = i
		}
	}
	for _, l := range lines {
		if !r.add(Value{Line: l.number, Column: columnName(column), Text: l.cells[column].text}, l.cells[column].formula) {
			return
		}
	}
}

// columnName is how spreadsheets name a column: A, B, …
func columnName(i int) string {
	name, _ := excelize.ColumnNumberToName(i + 1) // fails beyond maxListColumns only
	return name
}

// workbookLines returns the rows of the first sheet that hold any text. With change, each row is changed first.
func workbookLines(src []byte, change func(book *excelize.File, sheet string, l *line) error) (lines []line, err error) {
	extent, err := measure(src)
	if err != nil {
		return nil, err
	}
	// The library has stumbled over broken files before; a list is not worth the program.
	defer func() {
		if reason := recover(); reason != nil {
			lines, err = nil, errors.New("table: broken workbook")
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(src), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked, RawCellValue: true, // one limit: nothing goes to temporary files
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return nil, errors.New("table: no sheet")
	}
	rows, err := book.GetRows(sheets[0])
	if err != nil {
		return nil, err
	}
	for i := range extent.rows {
		l := line{number: i + 1}
		if i < len(rows) {
			l.cells = cells(rows[i])
		}
		if change != nil {
			if err := change(book, sheets[0], &l); err != nil {
				return nil, err
			}
		}
		if extent.formulas {
			if err := findFormulas(book, sheets[0], &l, extent.columns); err != nil {
				return nil, err
			}
		}
		if !l.isEmpty() {
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// findFormulas marks the cells of a row that are calculated. Their last results are kept beside the formula or not: only
// the formula tells.
func findFormulas(book *excelize.File, sheet string, l *line, columns int) error {
	for i := range columns {
		formula, err := book.GetCellFormula(sheet, columnName(i)+strconv.Itoa(l.number))
		if err != nil {
			return err
		}
		if formula == "" {
			continue
		}
		for len(l.cells) <= i {
			l.cells = append(l.cells, cell{})
		}
		l.cells[i].formula = true
	}
	return nil
}

// extent is how far the sheets of a workbook reach, and whether any cell is calculated.
type extent struct {
	rows, columns int
	formulas      bool
}

// measure refuses what would cost too much to open: the library keeps a cell for every place up to the last one that a
// sheet names, and few bytes can name the millionth row.
func measure(src []byte) (extent, error) {
	var e extent
	archive, err := zip.NewReader(bytes.NewReader(src), int64(len(src)))
	if err != nil {
		return e, err
	}
	if len(archive.File) > maxParts {
		return e, errTooLarge
	}
	var unpacked uint64
	for _, part := range archive.File {
		if unpacked += part.UncompressedSize64; part.UncompressedSize64 > maxUnpacked || unpacked > maxUnpacked {
			return e, errTooLarge
		}
		if err := e.add(part); err != nil {
			return e, err
		}
	}
	return e, nil
}

// add reads the places that one part names: any part, since a workbook says itself which of them are its sheets. What
// is no XML, such as a picture, is read up to there, and no further by the library either.
func (e *extent) add(part *zip.File) error {
	in, err := part.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	tokens := xml.NewDecoder(io.LimitReader(in, maxUnpacked))
	foreign := false // the library reads other encodings than UTF-8, Excel writes none
	tokens.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		foreign = true
		return nil, errors.New("table: another encoding")
	}
	isXML := strings.HasSuffix(strings.ToLower(part.Name), ".xml")
	for row, column := 0, 0; ; {
		token, err := tokens.RawToken()
		switch {
		case errors.Is(err, io.EOF), err != nil && !isXML && !foreign:
			return nil
		case err != nil:
			return err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		place := attribute(start, "r")
		switch start.Name.Local {
		case "row":
			row, column = row+1, 0
			if place != "" {
				row, err = strconv.Atoi(place)
			}
		case "c":
			column++
			if place != "" {
				column, row, err = excelize.CellNameToCoordinates(place)
			}
		case "f":
			e.formulas = true
		}
		if err != nil {
			return err
		}
		e.rows, e.columns = max(e.rows, row), max(e.columns, column)
		if e.rows > maxListLines || e.columns > maxListColumns {
			return errTooLarge
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

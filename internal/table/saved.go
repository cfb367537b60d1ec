package table

import (
	"bytes"
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Saved returns as CSV in UTF-8, for Read, a table as spreadsheets save it: the first sheet of a workbook (XLSX), with semicolons, or a CSV
// file in UTF-8 or in Windows-1252, which is what Excel writes under « CSV ». It tells them apart by their content, not by a name.
//
// What is on line n of the result is on line n of the file. A cell that a spreadsheet takes for a date becomes 2027-05-08, one that it
// takes for an hour 14:00, and of a cell that is calculated the last result counts.
//
// A file that cannot be read at all has one problem, and then there is no table. The work is bounded whatever src holds: a workbook that
// unpacks to too much, or has more than 1,000 rows, is refused (SEC-26).
func Saved(src []byte) ([]byte, []Problem) {
	if !isZip(src) {
		return decoded(src), nil
	}
	sheet, err := sheetCSV(src)
	switch {
	case errors.Is(err, errTooLarge):
		return nil, []Problem{{Line: 1, Want: fault.Message{Key: "table.want_at_most", Args: []any{maxListLines}}}}
	case err != nil:
		return nil, []Problem{{Line: 1, Want: fault.Message{Key: "table.want_workbook"}}}
	}
	return sheet, nil
}

// decoded is src in UTF-8 if it is text in Windows-1252, and src if not: Read says then what is wrong with it.
func decoded(src []byte) []byte {
	if isText(string(src)) || slices.ContainsFunc(src, func(b byte) bool { return bytes.IndexByte(notWindows, b) >= 0 }) {
		return src
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(src)
	if err != nil {
		return src
	}
	return text
}

// notWindows are the bytes that stand for nothing in Windows-1252, and NUL.
var notWindows = []byte{0, 0x81, 0x8d, 0x8f, 0x90, 0x9d}

// sheetCSV writes the first sheet of a workbook, with an empty line for each row without text.
func sheetCSV(src []byte) (text []byte, err error) {
	lines, err := workbookLines(src, asWritten)
	if err != nil {
		return nil, err
	}
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	w.Comma = ';'
	written := 0
	for _, l := range lines {
		w.Flush()
		file.WriteString(strings.Repeat("\n", l.number-1-written))
		row := make([]string, max(len(l.cells), len(lines[0].cells))) // empty cells at the end are kept nowhere in a workbook
		for i, c := range l.cells {
			row[i] = strings.Join(strings.Fields(c.text), " ") // on one line
		}
		if err := w.Write(row); err != nil {
			return nil, err
		}
		written = l.number
	}
	w.Flush()
	return file.Bytes(), w.Error()
}

// asWritten marks the cells of a row that hold a date or an hour as people write them: a workbook has a number there.
func asWritten(book *excelize.File, sheet string, l *line) error {
	properties, err := book.GetWorkbookProps()
	if err != nil {
		return err
	}
	since1904 := properties.Date1904 != nil && *properties.Date1904
	for i := range l.cells {
		days, err := strconv.ParseFloat(l.cells[i].text, 64)
		if err != nil || days < 0 || days >= maxDays {
			continue
		}
		shows, err := showsTime(book, sheet, columnName(i)+strconv.Itoa(l.number))
		if err != nil {
			return err
		}
		if !shows {
			continue
		}
		t, err := excelize.ExcelDateToTime(days, since1904)
		if err != nil {
			return err
		}
		l.cells[i].text = writtenTime(t.Round(time.Second), days)
	}
	return nil
}

// maxDays is the day after 9999-12-31 as spreadsheets count days.
const maxDays = 2_958_466

// writtenTime writes what a number of days stands for: an hour without a day, a day, or both.
func writtenTime(t time.Time, days float64) string {
	clock := "15:04"
	if t.Second() != 0 {
		clock = time.TimeOnly
	}
	switch {
	case days < 1:
		return t.Format(clock)
	case t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0:
		return t.Format(time.DateOnly)
	default:
		return t.Format(time.DateOnly + " " + clock)
	}
}

// showsTime reports whether a cell shows its number as a date or as an hour.
func showsTime(book *excelize.File, sheet, place string) (bool, error) {
	id, err := book.GetCellStyle(sheet, place)
	if err != nil {
		return false, err
	}
	style, err := book.GetStyle(id)
	if err != nil {
		return false, err
	}
	if style.CustomNumFmt != nil {
		return isTimeFormat(*style.CustomNumFmt), nil
	}
	// The numbers of ECMA-376, part 1, 18.8.30: dates and hours, and those that only some languages have.
	n := style.NumFmt
	return 14 <= n && n <= 22 || 27 <= n && n <= 36 || 45 <= n && n <= 47 || 50 <= n && n <= 58, nil
}

// isTimeFormat reports whether a format of its own has a letter for a part of a date or of an hour, outside quotes and brackets ([Red],
// [$-40C]). French spreadsheets keep the English letters in the file.
func isTimeFormat(format string) bool {
	quoted, bracketed := false, false
	for i := 0; i < len(format); i++ {
		switch c := format[i]; {
		case c == '\\' || c == '_' || c == '*': // the next sign stands for itself
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[':
			bracketed = true
		case c == ']':
			bracketed = false
		case !bracketed && strings.IndexByte("dmyhsDMYHS", c) >= 0:
			return true
		}
	}
	return false
}

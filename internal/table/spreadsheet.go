package table

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Workbook writes an export as XLSX, row by row, so that its length costs little memory. Its cells are those of Writer: what
// begins like a formula is no formula here either (SEC-40), and every text is a typed string.
type Workbook struct {
	file    *excelize.File
	stream  *excelize.StreamWriter
	head    int // the style of header rows
	decimal int // the style of numbers with two decimals
	row     int
	columns int
}

// NewWorkbook returns a workbook without sheets. Discard must be called at the end.
func NewWorkbook() *Workbook { return &Workbook{file: excelize.NewFile()} }

// Discard lets go of what a large workbook keeps on disk. It may be called twice.
func (w *Workbook) Discard() { _ = w.file.Close() } // it is not read again

// Sheet begins the next sheet with its header row, which stays in sight.
func (w *Workbook) Sheet(name string, columns ...string) (err error) {
	if w.stream == nil {
		if w.head, err = w.file.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
			return err
		}
		if w.decimal, err = w.file.NewStyle(&excelize.Style{NumFmt: 2}); err != nil {
			return err
		}
		err = w.file.SetSheetName("Sheet1", name)
	} else if err = w.stream.Flush(); err == nil {
		_, err = w.file.NewSheet(name)
	}
	if err != nil {
		return err
	}
	if w.stream, err = w.file.NewStreamWriter(name); err != nil {
		return err
	}
	w.row, w.columns = 0, len(columns)
	if err := w.stream.SetColWidth(1, len(columns), 18); err != nil {
		return err
	}
	if err := w.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	header := make([]any, len(columns))
	for i, name := range columns {
		header[i] = excelize.Cell{StyleID: w.head, Value: Text(name).text}
	}
	return w.set(header)
}

// Write writes one row. It refuses another number of cells than the header has.
func (w *Workbook) Write(cells ...Cell) error {
	if len(cells) != w.columns {
		return fmt.Errorf("table: %d cells under %d columns", len(cells), w.columns)
	}
	row := make([]any, len(cells))
	for i, cell := range cells {
		switch cell.kind {
		case wholeKind:
			row[i] = cell.hundredths / 100
		case decimalKind:
			row[i] = excelize.Cell{StyleID: w.decimal, Value: float64(cell.hundredths) / 100}
		default:
			row[i] = cell.text
		}
	}
	return w.set(row)
}

func (w *Workbook) set(row []any) error {
	w.row++
	at, err := excelize.CoordinatesToCellName(1, w.row)
	if err != nil {
		return err
	}
	return w.stream.SetRow(at, row)
}

// Finish writes the workbook out. It needs a sheet.
func (w *Workbook) Finish(dst io.Writer) error {
	if err := w.stream.Flush(); err != nil {
		return err
	}
	return w.file.Write(dst)
}

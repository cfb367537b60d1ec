package table

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func export(t *testing.T, columns []string, rows ...[]Cell) string {
	t.Helper()
	var out bytes.Buffer
	w, err := NewWriter(&out, columns...)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// UX-A6, UX-P9.
func TestWriter(t *testing.T) {
	t.Parallel()
	got := export(t, []string{"prénom", "=âge", "prix"},
		[]Cell{Text("Zoé D'Artagnan-N'Guyen"), Number(9), Euros(1450)},
		[]Cell{Text("Łukasz; dit \"Łuk\""), Number(-9), Euros(-5)},
		[]Cell{Text("محمد, 李"), Text(""), Euros(-140000)},
		[]Cell{Text("Nguyễn\nVăn"), Text("n\x00\xff"), Euros(0)},
	)
	want := "\ufeffprénom;'=âge;prix\r\n" +
		"Zoé D'Artagnan-N'Guyen;9;14,50\r\n" +
		"\"Łukasz; dit \"\"Łuk\"\"\";-9;-0,05\r\n" +
		"محمد, 李;;-1400,00\r\n" +
		"\"Nguyễn\r\nVăn\";n\ufffd\ufffd;0,00\r\n"
	if got != want {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestWriterRefusesAnotherNumberOfCells(t *testing.T) {
	t.Parallel()
	w, err := NewWriter(&bytes.Buffer{}, "nom", "âge")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write(Text("Zoé")); err == nil {
		t.Error("one cell under two columns was written")
	}
}

func TestWriterTellsABrokenDestination(t *testing.T) {
	t.Parallel()
	if _, err := NewWriter(full{0}, "nom"); !errors.Is(err, errFull) {
		t.Errorf("NewWriter: %v", err)
	}
	w, err := NewWriter(full{len(bom)}, "nom")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); !errors.Is(err, errFull) {
		t.Errorf("Flush: %v", err)
	}
}

var errFull = errors.New("disk full")

// full is a disk that takes writes of at most so many bytes.
type full struct{ size int }

func (f full) Write(p []byte) (int, error) {
	if len(p) > f.size {
		return 0, errFull
	}
	return len(p), nil
}

// SEC-40: what a spreadsheet might compute gets an apostrophe; the rest stays as typed.
func TestFormulaSafe(t *testing.T) {
	t.Parallel()
	formulas := []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\tx", "\rx", "\nx", "\x00x", "\x00", "=", "-",
		" =1", "   +1", "\u00a0=1", "\u202f@x", "\u3000=1", "\v=1", "\u200b=1", "\ufeff=1", "\u202e=1", "\x1f=1",
		`"=1`, `'=1`, `" =1`, `«=1`, `« =1`, `“=1`, "`=1", `''"=1`,
		"＝1", "＋1", "－1", "＠x", " ＝1", "﹦1", "﹢1", "﹣1", "﹫x", "＂=1",
		`=cmd|'/c calc'!A0`, `=HYPERLINK("http://x")`, "-2+3+cmd|' /C calc'!D2",
		"+33 6 12 34 56 78",
	}
	for _, s := range formulas {
		if got, want := Text(s).text, "'"+strings.ReplaceAll(s, "\x00", "\ufffd"); got != want {
			t.Errorf("Text(%q) = %q, want %q", s, got, want)
		}
	}
	for _, s := range []string{
		"", " ", "Zoé", "D'Artagnan-N'Guyen", "'t Hooft", "« Zoé »", "李", "محمد", "1=1", "a+b", "06 12 34 56 78", "0033 6 12 34 56 78",
		"zoe@exemple.fr", "(+33) 6 12", "2027-05-08", "−3", "— note",
	} {
		if got := Text(s).text; got != s {
			t.Errorf("Text(%q) = %q, want it unchanged", s, got)
		}
	}
}

// FuzzWriter (REL-20): whatever is written can be read back as it was, cell by cell, and
// no cell begins like a formula.
func FuzzWriter(f *testing.F) {
	f.Add("Zoé", "9")
	f.Add("=1+1", "\"; \r\n")
	f.Add("\x00\xff", "+33 6 12 34 56 78")
	f.Add(`\.`, "﹦")
	f.Fuzz(func(t *testing.T, a, b string) {
		out := export(t, []string{"nom", "âge", "fin"}, []Cell{Text(a), Text(b), Text("fin")})
		rows := 0
		problems, err := Read(strings.NewReader(out), Header{Required: []string{"nom", "âge", "fin"}}, func(r Row) {
			rows++
			for column, typed := range map[string]string{"nom": a, "âge": b} {
				got := r.Get(column)
				// Line breaks are written as CRLF and read as \n; a lone \r is not kept.
				want := strings.TrimSpace(strings.ReplaceAll(Text(typed).text, "\r", ""))
				if got != want {
					t.Errorf("%s: wrote %q, read %q", column, want, got)
				}
				if !strings.HasPrefix(got, "'") && beginsFormula(got) {
					t.Errorf("%s: %q begins like a formula", column, got)
				}
			}
		})
		if err != nil || len(problems) > 0 || rows != 1 {
			t.Errorf("%d rows, problems %v, %v", rows, problems, err)
		}
	})
}

// UX-A6, SEC-40: a workbook holds the same cells, numbers as numbers and texts as texts; a formula is none.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	w := NewWorkbook()
	defer w.Discard()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.Sheet("Présences", "prénom", "=âge", "prix", "heures"))
	must(w.Write(Text("Zoé D'Artagnan-N'Guyen"), Number(9), Euros(-1450), Hours(90)))
	must(w.Write(Text("=HYPERLINK(1)"), Text("+33 6 12 34 56 78"), Text("李 محمد"), Text("n\x00")))
	if w.Write(Text("seul")) == nil {
		t.Error("one cell under four columns is written")
	}
	must(w.Sheet("Colonnes", "nom"))
	must(w.Write(Text("Łukasz")))
	var out bytes.Buffer
	must(w.Finish(&out))
	book, err := excelize.OpenReader(&out)
	must(err)
	defer func() { must(book.Close()) }()
	for at, want := range map[string]string{"A1": "prénom", "B1": "'=âge", "A2": "Zoé D'Artagnan-N'Guyen", "B2": "9", "C2": "-14.5", "D2": "1.5", "A3": "'=HYPERLINK(1)", "B3": "'+33 6 12 34 56 78", "C3": "李 محمد", "D3": "n\ufffd"} {
		got, err := book.GetCellValue("Présences", at, excelize.Options{RawCellValue: true})
		if must(err); got != want {
			t.Errorf("%s is %q, want %q", at, got, want)
		}
		formula, err := book.GetCellFormula("Présences", at)
		if must(err); formula != "" {
			t.Errorf("%s is a formula", at)
		}
	}
	if kind, err := book.GetCellType("Présences", "B2"); err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
		t.Errorf("a number is a %v (%v)", kind, err)
	}
	if got, err := book.GetCellValue("Colonnes", "A2"); err != nil || got != "Łukasz" {
		t.Errorf("the second sheet holds %q (%v)", got, err)
	}
}

func BenchmarkWorkbookOf40000(b *testing.B) {
	for range b.N {
		w := NewWorkbook()
		if err := w.Sheet("Présences", "jour", "séance", "ville", "âge", "genre", "département", "qpv", "heures"); err != nil {
			b.Fatal(err)
		}
		for i := range 40_000 {
			if err := w.Write(Text("2027-05-08"), Number(i/20), Text("Lyon"), Text("9 à 11 ans"), Text("Filles"), Text("69"), Text("Non"), Hours(120)); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Finish(io.Discard); err != nil {
			b.Fatal(err)
		}
		w.Discard()
	}
}

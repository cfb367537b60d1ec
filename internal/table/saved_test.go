package table

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
)

// What spreadsheets save comes out as the same text, each row on its line (UX-A2).
func TestSaved(t *testing.T) {
	t.Parallel()
	const want = "date;heure;thème\n2027-05-08;14:00;Éléctro\n"
	windows, err := charmap.Windows1252.NewEncoder().String(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, src := range map[string]string{"UTF-8": want, "Windows-1252": windows, "a workbook": string(workbook(t, []string{"date", "heure", "thème"}, []string{"2027-05-08", "14:00", "Éléctro"}))} {
		if got, problems := Saved([]byte(src)); string(got) != want || problems != nil {
			t.Errorf("%s: %q, problems %+v", name, got, problems)
		}
	}
	for _, binary := range []string{"date\x00;heure\xe9", "d\x81\xe9"} {
		if got, problems := Saved([]byte(binary)); string(got) != binary || problems != nil {
			t.Errorf("%q: %q, problems %+v", binary, got, problems)
		}
	}
}

// A workbook has numbers where people see dates and hours, whatever language they see them in.
func TestSavedCells(t *testing.T) {
	t.Parallel()
	book := excelize.NewFile()
	t.Cleanup(func() { _ = book.Close() })
	day := time.Date(2027, 5, 8, 0, 0, 0, 0, time.UTC)
	set := func(place string, value any, format any) {
		t.Helper()
		if err := book.SetCellValue("Sheet1", place, value); err != nil {
			t.Fatal(err)
		}
		style := excelize.Style{}
		switch format := format.(type) {
		case int:
			style.NumFmt = format
		case string:
			style.CustomNumFmt = &format
		}
		id, err := book.NewStyle(&style)
		if err != nil {
			t.Fatal(err)
		}
		if err := book.SetCellStyle("Sheet1", place, place, id); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"a", "b", "c", "d"} {
		set(columnName(i)+"1", name, nil)
	}
	set("A3", day, 14)                                                  // 08/05/2027 in French, 5-8-27 in English
	set("B3", day, `[$-40C]dddd\ d\ mmmm\ yyyy;@`)                      // samedi 8 mai 2027
	set("C3", 14.0/24, 20)                                              // 14:00
	set("D3", 14.5/24, `hh"h"mm`)                                       // 14h30
	set("A4", day.Add(14*time.Hour), 22)                                // both
	set("B4", 46150, nil)                                               // a number
	set("C4", 14.5, `0.00 "deux mots d'heures"`)                        // a price
	set("D4", "un;deux\n\"trois\"", nil)                                // a text with signs
	set("A5", 46150, `[Red]0`)                                          // a number in a colour
	set("B5", 12.0/24+1.0/86400, `[hh]:mm:ss`)                          // a span of time, with seconds
	set("C5", 1e9, 14)                                                  // no day
	if err := book.SetCellFormula("Sheet1", "D5", "A3+7"); err != nil { // without a result: nobody has opened it
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	got, problems := Saved(file.Bytes())
	if want := "a;b;c;d\n\n2027-05-08;2027-05-08;14:00;14:30\n2027-05-08 14:00;46150;14.5;\"un;deux \"\"trois\"\"\"\n46150;12:00:01;1000000000;\n"; string(got) != want || problems != nil {
		t.Errorf("got\n%s\nwant\n%s\nproblems %+v", got, want, problems)
	}
	since1904 := true
	if err := book.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &since1904}); err != nil {
		t.Fatal(err)
	}
	file.Reset()
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	if got, _ := Saved(file.Bytes()); !strings.Contains(string(got), "2031-05-09;") { // four years and a day later
		t.Errorf("a workbook of an old Macintosh: %s", got)
	}
}

// SEC-26: what is no list that somebody wrote is not opened.
func TestSavedRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		src  []byte
		want string
	}{
		"1,001 rows":  {workbook(t, slices.Repeat([][]string{{"x"}}, maxListLines+1)...), "table.want_at_most"},
		"half a file": {workbook(t, []string{"x"})[:300], "table.want_workbook"},
	} {
		if got, problems := Saved(tt.src); got != nil || len(problems) != 1 || problems[0].Want.Key != tt.want {
			t.Errorf("%s: %q, %+v", name, got, problems)
		}
	}
}

func FuzzSaved(f *testing.F) {
	f.Add([]byte("date;heure\n2027-05-08;14:00\n"))
	f.Add([]byte("d\xe9but\n"))
	f.Add(workbook(f, []string{"date"}, []string{"=A1"}))
	f.Fuzz(func(t *testing.T, src []byte) {
		got, problems := Saved(src)
		if len(problems) > 0 == (len(got) > 0) && len(src) > 0 && !isZip(src) {
			t.Errorf("%q: %q and %+v", src, got, problems)
		}
	})
}

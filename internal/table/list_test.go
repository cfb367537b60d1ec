package table

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

var firstNames = ListRules{Column: "prénom", Names: []string{"prenom", "prenoms"}, Max: 30}

// readList gives each value as "line text" and each problem as people would read it.
func readList(src []byte) (values, unread, problems []string) {
	list, found := ReadList(src, firstNames)
	for _, v := range list.Values {
		values = append(values, fmt.Sprintf("%d %s", v.Line, v.Text))
	}
	for _, p := range found {
		problems = append(problems, wordstest.Plain(words.For(words.French).Message(p.Message())))
	}
	return values, list.Unread, problems
}

func TestReadListAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		want      []string
		unread    []string
	}{
		{"one a line", "Zoé\nŁukasz\r\nNguyễn\rمحمد\n\n  李  \n", []string{"1 Zoé", "2 Łukasz", "3 Nguyễn", "4 محمد", "6 李"}, nil},
		{"one line of commas", "Zoé, Ali ; Li\tAnh", []string{"1 Zoé", "1 Ali", "1 Li", "1 Anh"}, nil},
		{"rows of different lengths", "Zoé, Ali\nLi\n", []string{"1 Zoé", "1 Ali", "2 Li"}, nil},
		{"a header over one column", "\ufeffPrénom(s)\nZoé\n", []string{"2 Zoé"}, nil},
		{"quotes around each", "\"Zoé\"\n\"Ali\"\n", []string{"1 Zoé", "2 Ali"}, nil},
		{"a table of French spreadsheets", "Nom;PRÉNOM;Classe\nMartin;Zoé;CM1\nD'Artagnan-N'Guyen;\"Łukasz\";CM2\n", []string{"2 Zoé", "3 Łukasz"}, []string{"Nom", "Classe"}},
		{"a pasted table", "Prénom\tNom\nZoé\tMartin\n", []string{"2 Zoé"}, []string{"Nom"}},
		{"a title above the header", "CM1 de Mme Li;;\n;;\nNom;Prénom;\nMartin;Zoé;\n", []string{"4 Zoé"}, []string{"Nom"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			values, unread, problems := readList([]byte(tt.src))
			if !slices.Equal(values, tt.want) || !slices.Equal(unread, tt.unread) || problems != nil {
				t.Errorf("values %q, unread %q, problems %q", values, unread, problems)
			}
		})
	}
}

func TestReadListRefuses(t *testing.T) {
	t.Parallel()
	windows, err := charmap.Windows1252.NewEncoder().String("Prénom\nAli\nZoé\n")
	if err != nil {
		t.Fatal(err)
	}
	const utf8Wanted = "Attendu : du texte en UTF-8 (dans votre tableur, choisissez « CSV UTF-8 »)."
	const textWanted = "Attendu : du texte qui ne commence ni par =, ni par +, - ou @, et qui n'est pas calculé."
	tests := []struct {
		name, src string
		want      []string
	}{
		{"nothing", " \n;;\n", []string{"Ligne 1. Attendu : au moins une ligne à lire."}},
		{"a header alone", "Nom;Prénom\n", []string{"Ligne 1. Attendu : au moins une ligne à lire."}},
		{"another encoding", windows, []string{"Ligne 1 : on y lit « Pr�nom ». " + utf8Wanted, "Ligne 3 : on y lit « Zo� ». " + utf8Wanted}},
		{"a formula", "Nom;Prénom\nMartin;Zoé\nLi;=HYPERLINK(\"x\")\n", []string{"Ligne 3. Attendu : des guillemets fermés, et doublés à l'intérieur d'une case."}},
		{"a formula in a cell", "Nom;Prénom\nMartin;\"=1+1\"\nLi;Wei\nX;@SUM\n", []string{"Ligne 2, colonne « Prénom » : on y lit « =1+1 ». " + textWanted, "Ligne 4, colonne « Prénom » : on y lit « @SUM ». " + textWanted}},
		{"a formula in a text", "Zoé\n=1+1\n", []string{"Ligne 2 : on y lit « =1+1 ». " + textWanted}},
		{"an empty cell", "Nom;Prénom\nMartin;\nLi\nWei;Anh\n", []string{"Ligne 2, colonne « Prénom ». Attendu : quelque chose dans cette case.", "Ligne 3, colonne « Prénom ». Attendu : quelque chose dans cette case."}},
		{"the column twice", "Prénom;Prénoms\nZoé;Zoé Marie\n", []string{"Ligne 1, colonne « Prénoms ». Attendu : une seule colonne de ce nom."}},
		{"last names beside first names", "Martin\tZoé\nLi\tWei\n", []string{"Ligne 1. Attendu : une colonne nommée « prénom », ou une seule colonne."}},
		{"10,000 lines", strings.Repeat("Zoé\n", 10_000), []string{"Ligne 31. Attendu : 30 lignes au plus."}},
		{"10,000 lines of a table", "Nom;Prénom\n" + strings.Repeat("Li;Wei\n", 10_000), []string{"Ligne 32. Attendu : 30 lignes au plus."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			values, _, problems := readList([]byte(tt.src))
			if !slices.Equal(problems, tt.want) || values != nil {
				t.Errorf("values %q, problems\n%q\nwant\n%q", values, problems, tt.want)
			}
		})
	}
	checked := firstNames
	checked.Check = func(text string) *fault.Message {
		if text == "42" {
			return &fault.Message{Key: "table.want_filled"}
		}
		return nil
	}
	if _, problems := ReadList([]byte("Zoé\n42\n=1\n"), checked); len(problems) != 2 || problems[0].Line != 2 || problems[0].Want.Key != "table.want_filled" || problems[1].Line != 3 {
		t.Errorf("checked: %+v", problems)
	}
	if _, _, problems := readList([]byte(strings.Repeat("=1\n", 25))); len(problems) != maxListProblems {
		t.Errorf("%d problems, want %d", len(problems), maxListProblems)
	}
}

// workbook makes an XLSX file; a text that starts with = is a formula.
func workbook(t testing.TB, rows ...[]string) []byte {
	t.Helper()
	book := excelize.NewFile()
	t.Cleanup(func() { _ = book.Close() })
	for i, row := range rows {
		for j, text := range row {
			place := fmt.Sprintf("%s%d", columnName(j), i+1)
			var err error
			if formula, ok := strings.CutPrefix(text, "="); ok {
				err = book.SetCellFormula("Sheet1", place, formula)
			} else if text != "" {
				err = book.SetCellStr("Sheet1", place, text)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func TestReadListOfWorkbooks(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		rows   [][]string
		values []string
		unread []string
		wrong  []string
	}{
		{"a column by its header", [][]string{{"Nom", "Prénom"}, {"Martin", "Zoé"}, {}, {"علي", "محمد"}}, []string{"2 Zoé", "4 محمد"}, []string{"Nom"}, nil},
		{"the only column", [][]string{{"", "Łukasz"}, {"", "李"}}, []string{"1 Łukasz", "2 李"}, nil, nil},
		{"two columns without a header", [][]string{{"Martin", "Zoé"}}, nil, nil, []string{"Ligne 1. Attendu : une colonne nommée « prénom », ou une seule colonne."}},
		{"formulas", [][]string{{"Nom", "Prénom"}, {"Martin", "=A2"}, {"=1", "Zoé"}}, nil, nil,
			[]string{"Ligne 2, colonne « Prénom ». Attendu : du texte qui ne commence ni par =, ni par +, - ou @, et qui n'est pas calculé."}},
		{"formulas in the only column", [][]string{{"Zoé"}, {"=A1"}, {"Ali"}}, nil, nil,
			[]string{"Ligne 2, colonne « A ». Attendu : du texte qui ne commence ni par =, ni par +, - ou @, et qui n'est pas calculé."}},
		{"nothing", nil, nil, nil, []string{"Ligne 1. Attendu : au moins une ligne à lire."}},
		{"too many", slices.Repeat([][]string{{"Zoé"}}, 31), nil, nil, []string{"Ligne 31. Attendu : 30 lignes au plus."}},
		{"10,000", slices.Repeat([][]string{{"Zoé"}}, 10_000), nil, nil, []string{"Ligne 1. Attendu : 30 lignes au plus."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			values, unread, problems := readList(workbook(t, tt.rows...))
			if !slices.Equal(values, tt.values) || !slices.Equal(unread, tt.unread) || !slices.Equal(problems, tt.wrong) {
				t.Errorf("values %q, unread %q, problems %q", values, unread, problems)
			}
		})
	}
}

// SEC-26: few bytes that would unpack to much, or name the last cell there is, are refused before they cost anything.
func TestReadListBombs(t *testing.T) {
	t.Parallel()
	zipped := func(sheet string) []byte {
		var file bytes.Buffer
		w := zip.NewWriter(&file)
		good, err := zip.NewReader(bytes.NewReader(workbook(t, []string{"Zoé"})), int64(len(workbook(t, []string{"Zoé"}))))
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range good.File {
			if part.Name != "xl/worksheets/sheet1.xml" {
				if err := w.Copy(part); err != nil {
					t.Fatal(err)
				}
			}
		}
		part, err := w.Create("xl/worksheets/sheet1.xml")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(sheet)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return file.Bytes()
	}
	const open, shut = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`, `</sheetData></worksheet>`
	for name, tt := range map[string]struct {
		src  []byte
		want string
	}{
		"unpacks to 64 MB":   {zipped(open + strings.Repeat(" ", 64<<20) + shut), "30 lignes au plus"},
		"the millionth row":  {zipped(open + `<row r="1048576"><c r="A1048576"><v>1</v></c></row>` + shut), "30 lignes au plus"},
		"the last column":    {zipped(open + strings.Repeat(`<row><c r="XFD1"/></row>`, 100) + shut), "30 lignes au plus"},
		"a place of nowhere": {zipped(open + `<row r="-1"><c r="ZZZZZZ99"/></row>` + shut), "un classeur Excel"},
		"broken XML":         {zipped(open + `<row`), "un classeur Excel"},
		"half a file":        {workbook(t, []string{"Zoé"})[:300], "un classeur Excel"},
		"another encoding":   {zipped(`<?xml version="1.0" encoding="windows-1252"?>` + open + shut), "un classeur Excel"},
		"only a mark":        {[]byte("PK\x03\x04"), "un classeur Excel"},
	} {
		_, _, problems := readList(tt.src)
		if len(problems) != 1 || !strings.Contains(problems[0], tt.want) {
			t.Errorf("%s: %q", name, problems)
		}
		if text, problems := Saved(tt.src); len(problems) != 1 || text != nil {
			t.Errorf("%s as a table: %q, %+v", name, text, problems)
		}
	}
	// The old format of Excel, and any other file of bytes.
	if _, _, problems := readList([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")); len(problems) != 1 || !strings.Contains(problems[0], "UTF-8") {
		t.Errorf("an old workbook: %q", problems)
	}
}

// Whatever comes in: no panic, never both values and problems, never more than asked for.
func FuzzReadList(f *testing.F) {
	for _, seed := range []string{"Zoé\nAli\n", "Nom;Prénom\nMartin;Zoé\n", "a,b\nc,d", "\"Zoé\n", "\xff\xfeZ\x00", "=1", "\ufeffprenom\t\n\t\n", ";;;", "PK\x03\x04x"} {
		f.Add([]byte(seed))
	}
	f.Add(workbook(f, []string{"Nom", "Prénom"}, []string{"Martin", "Zoé"}, []string{"", "=1+1"}))
	f.Fuzz(func(t *testing.T, src []byte) {
		list, problems := ReadList(src, firstNames)
		if len(problems) == 0 == (len(list.Values) == 0) || len(list.Values) > firstNames.Max || len(problems) > maxListProblems {
			t.Fatalf("%d values, problems %v", len(list.Values), problems)
		}
		for i, v := range list.Values {
			if v.Line < 1 || v.Text != strings.TrimSpace(v.Text) || v.Text == "" || !isText(v.Text) || i > 0 && v.Line < list.Values[i-1].Line {
				t.Fatalf("value %+v", v)
			}
		}
	})
}

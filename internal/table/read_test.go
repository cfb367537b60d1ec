package table

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

var children = Header{Required: []string{"nom", "âge"}, Optional: []string{"ville"}}

// readAll reads src and gives each row as "line nom|âge|ville" and each problem as
// people would read it.
func readAll(t *testing.T, src io.Reader, header Header) (rows, problems []string) {
	t.Helper()
	found, err := Read(src, header, func(r Row) {
		rows = append(rows, fmt.Sprintf("%d %s|%s|%s", r.Line, r.Get("nom"), r.Get("âge"), r.Get("ville")))
	})
	if err != nil {
		t.Fatal(err)
	}
	p := words.For(words.French)
	for _, problem := range found {
		problems = append(problems, wordstest.Plain(p.Message(problem.Message())))
	}
	return rows, problems
}

func TestReadAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, src string
		want      []string
	}{
		{"semicolons", "nom;âge\nZoé;9\nŁukasz;10\n", []string{"2 Zoé|9|", "3 Łukasz|10|"}},
		{"commas", "nom,âge\nD'Artagnan-N'Guyen,9\n", []string{"2 D'Artagnan-N'Guyen|9|"}},
		{"byte order mark and CRLF", "\ufeffnom;âge\r\nمحمد;9\r\n", []string{"2 محمد|9|"}},
		{"no last line break", "nom;âge\n李;9", []string{"2 李|9|"}},
		{"other order, case and spaces", " Âge ;VILLE; Nom\n9; Lyon ;  Nguyễn\n", []string{"2 Nguyễn|9|Lyon"}},
		{"quotes", "\"nom\";\"âge\"\n\"Zoé; dite \"\"Zo\"\"\";9\n", []string{`2 Zoé; dite "Zo"|9|`}},
		{"a comma in a header with semicolons", "nom;âge;ville\n\"a,b\";\"c,d\";e,f\n", []string{"2 a,b|c,d|e,f"}},
		{"a semicolon in a header with commas", "nom,âge,ville\na;b,c;d,e\n", []string{"2 a;b|c;d|e"}},
		{"cells over several lines", "nom;âge\n\"Zoé\nMartin\";9\nAli;10\n\"Li\r\n\r\nWei\";11\nLi;12\n",
			[]string{"2 Zoé\nMartin|9|", "4 Ali|10|", "5 Li\n\nWei|11|", "8 Li|12|"}},
		{"lines without text", "\n\nnom;âge\n\n;\n ; ;;\nZoé;9\n\n", []string{"7 Zoé|9|"}},
		{"a header alone", "nom;âge\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, problems := readAll(t, iotest.OneByteReader(strings.NewReader(tt.src)), children)
			if !slices.Equal(rows, tt.want) || len(problems) > 0 {
				t.Errorf("rows %q, want %q; problems %q", rows, tt.want, problems)
			}
		})
	}
}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	const utf8Wanted = "du texte en UTF-8 (dans votre tableur, choisissez « CSV UTF-8 »)."
	tests := []struct {
		name, src string
		rows      []string
		want      []string
	}{
		{"an empty file", "", nil, []string{"Ligne 1. Attendu : un en-tête puis des lignes."}},
		{"a mark alone", "\ufeff", nil, []string{"Ligne 1. Attendu : un en-tête puis des lignes."}},
		{"every wrong column", "prénom;nom;ville;Nom\nZoé;9;x;y\n", nil, []string{
			"Ligne 1, colonne « prénom ». Attendu : une des colonnes prévues (nom, âge, ville).",
			"Ligne 1, colonne « Nom ». Attendu : une seule colonne de ce nom.",
			"Ligne 1, colonne « âge ». Attendu : une colonne de ce nom.",
		}},
		{"a nameless column", "nom;âge;\nZoé;9;\n", nil, []string{"Ligne 1. Attendu : une des colonnes prévues (nom, âge, ville)."}},
		{"too few and too many cells", "nom;âge\nZoé\nAli;10\nLi;11;x\n", []string{"3 Ali|10|"}, []string{
			"Ligne 2. Attendu : 2 cases sur cette ligne, et non 1.",
			"Ligne 4. Attendu : 2 cases sur cette ligne, et non 3.",
		}},
		{"a stray quote, then good rows", "nom;âge\nZoé \"Zo\";9\nAli;10\n\"Li\"x;3\nWei;11\n", []string{"3 Ali|10|", "5 Wei|11|"}, []string{
			"Ligne 2. Attendu : des guillemets fermés, et doublés à l'intérieur d'une case.",
			"Ligne 4. Attendu : des guillemets fermés, et doublés à l'intérieur d'une case.",
		}},
		{"a quote left open", "nom;âge\nAli;10\n\"Zoé;9\nLi;3\n", []string{"2 Ali|10|"}, []string{
			"Ligne 3. Attendu : des guillemets fermés, et doublés à l'intérieur d'une case.",
		}},
		{"bytes of another encoding", "nom;âge\nAli;10\n\"Le\nna\xefs\";9\nZo\xe9;n\x00f\n", []string{"2 Ali|10|"}, []string{
			"Ligne 4, colonne « nom » : on y lit « Le na�s ». Attendu : " + utf8Wanted,
			"Ligne 5, colonne « nom » : on y lit « Zo� ». Attendu : " + utf8Wanted,
			"Ligne 5, colonne « âge » : on y lit « n�f ». Attendu : " + utf8Wanted,
		}},
		{"a header of another encoding", "nom;\xe2ge\nZoe;9\n", nil, []string{"Ligne 1, colonne « �ge ». Attendu : " + utf8Wanted}},
		{"UTF-16", "\xff\xfen\x00o\x00m\x00;\x00", nil, []string{"Ligne 1, colonne « �n�o�m� ». Attendu : " + utf8Wanted}},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00", nil, []string{"Ligne 1, colonne « �PNG ». Attendu : " + utf8Wanted}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			rows, problems := readAll(t, strings.NewReader(tt.src), children)
			if !slices.Equal(rows, tt.rows) {
				t.Errorf("rows %q, want %q", rows, tt.rows)
			}
			if !slices.Equal(problems, tt.want) {
				t.Errorf("problems:\n%q\nwant:\n%q", problems, tt.want)
			}
		})
	}
}

func TestRowWrong(t *testing.T) {
	t.Parallel()
	want := fault.Message{Key: "test.age"}
	long := strings.Repeat("é", 100)
	src := "nom;âge\nZoé;neuf\nAli;\nLi\n李;\"" + long + "\n\"\n"
	got, err := Read(strings.NewReader(src), children, func(r Row) { r.Wrong("âge", want) })
	if err != nil {
		t.Fatal(err)
	}
	expected := []Problem{
		{Line: 2, Column: "âge", Value: "neuf", Want: want},
		{Line: 3, Column: "âge", Want: want},
		{Line: 4, Want: fault.Message{Key: "table.want_cells", Args: []any{2, 1}}},
		{Line: 5, Column: "âge", Value: strings.Repeat("é", 79) + "…", Want: want},
	}
	if !reflect.DeepEqual(got, expected) {
		t.Errorf("got %+v\nwant %+v", got, expected)
	}
}

func TestReadLimits(t *testing.T) {
	t.Parallel()
	const line = "Zoé;9\n"
	const head = "nom;âge\n"
	t.Run("size", func(t *testing.T) {
		t.Parallel()
		fill := func(size int) io.Reader {
			body := strings.Repeat(" ", 1<<20-1) + "\n" // lines without text
			return io.LimitReader(io.MultiReader(strings.NewReader(head), &repeat{s: body}), int64(size))
		}
		if _, problems := readAll(t, fill(MaxSize), children); len(problems) > 0 {
			t.Errorf("%d bytes: %q", MaxSize, problems)
		}
		_, problems := readAll(t, fill(MaxSize+1), children)
		if len(problems) != 1 || !strings.HasSuffix(problems[0], "Attendu : un fichier de 64 Mo au plus.") {
			t.Errorf("%d bytes: %q", MaxSize+1, problems)
		}
	})
	t.Run("problems", func(t *testing.T) {
		t.Parallel()
		rows, problems := readAll(t, io.MultiReader(strings.NewReader(head), io.LimitReader(&repeat{s: "x\n"}, 4*MaxProblems)), children)
		if len(problems) != MaxProblems || len(rows) > 0 {
			t.Fatalf("%d problems, want %d", len(problems), MaxProblems)
		}
		if last := problems[MaxProblems-1]; last != "Ligne 10 001. Attendu : moins d'erreurs ; la lecture s'est arrêtée ici." {
			t.Errorf("last problem %q", last)
		}
	})
	t.Run("streams", func(t *testing.T) {
		t.Parallel()
		src := &repeat{s: line}
		first := 0
		_, err := Read(io.MultiReader(strings.NewReader(head), io.LimitReader(src, 4<<20)), children, func(Row) {
			if first == 0 {
				first = src.given
			}
		})
		if err != nil || first == 0 || first > 2*headerSize {
			t.Errorf("%d bytes were read before the first row came (%v)", first, err)
		}
	})
	t.Run("broken pipe", func(t *testing.T) {
		t.Parallel()
		broken := errors.New("broken")
		for _, src := range []string{"", "nom;âge\n", strings.Repeat(line, headerSize)} {
			_, err := Read(io.MultiReader(strings.NewReader(head+src), iotest.ErrReader(broken)), children, func(Row) {})
			if !errors.Is(err, broken) {
				t.Errorf("after %d bytes: error %v", len(src), err)
			}
		}
	})
}

// repeat gives s for ever and counts what it gave.
type repeat struct {
	s         string
	at, given int
}

func (r *repeat) Read(p []byte) (int, error) {
	n := copy(p, r.s[r.at:])
	r.at = (r.at + n) % len(r.s)
	r.given += n
	return n, nil
}

func TestReadRealFiles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file   string
		header Header
		rows   int
		column string
		last   string
	}{
		{"../../cmd/ateliers/demo/programme-2016.csv", Header{Required: strings.Split("date;start;end;theme;level;discipline;min_age;max_age;venue;address;postcode;city;price_eur", ";")},
			16, "theme", "Robotique 4"},
		{"testdata/annuaire-35-extrait.csv", Header{Required: []string{"Identifiant_de_l_etablissement", "Nom_etablissement", "Code postal"}, Others: true},
			30, "Code postal", ""},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(tt.file)
			if err != nil {
				t.Fatal(err)
			}
			n, last, line := 0, "", 0
			problems, err := Read(bytes.NewReader(src), tt.header, func(r Row) { n++; last = r.Get(tt.column); line = r.Line })
			if err != nil || len(problems) > 0 {
				t.Fatal(err, problems)
			}
			if n != tt.rows || line != tt.rows+1 {
				t.Errorf("%d rows, last on line %d", n, line)
			}
			if tt.last != "" && last != tt.last {
				t.Errorf("last %s %q, want %q", tt.column, last, tt.last)
			}
		})
	}
}

// FuzzRead (REL-20): no file may panic or hang the reader, hand over what is not text,
// or give a line outside of the file.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{"nom;âge\nZoé;9\n", "\ufeffnom,âge\r\n\"a\r\nb\",1\r\n", "nom;âge\n\"", "nom;âge\n\xff;\x00\n", "\n\n;;\nnom", "nom;nom;âge\n\"\"\";"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		lines := bytes.Count(src, []byte("\n")) + 1
		last := 0
		problems, err := Read(bytes.NewReader(src), children, func(r Row) {
			if r.Line <= last || r.Line > lines {
				t.Errorf("row on line %d after %d, of %d", r.Line, last, lines)
			}
			last = r.Line
			for _, column := range []string{"nom", "âge", "ville"} {
				if !isText(r.Get(column)) {
					t.Errorf("line %d: %q is not text", r.Line, r.Get(column))
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || !isText(p.Value) || !isText(p.Column) {
				t.Errorf("problem %+v in %d lines", p, lines)
			}
		}
	})
}

// BenchmarkRead reads 70,000 rows of 69 columns, the size of the national directory.
func BenchmarkRead(b *testing.B) {
	extract, err := os.ReadFile("testdata/annuaire-35-extrait.csv")
	if err != nil {
		b.Fatal(err)
	}
	head, body, _ := bytes.Cut(extract, []byte("\n"))
	rows := bytes.Count(body, []byte("\n"))
	header := Header{Required: []string{"Identifiant_de_l_etablissement", "Nom_etablissement"}, Others: true}
	for b.Loop() {
		n := 0
		src := io.MultiReader(bytes.NewReader(append(slices.Clone(head), '\n')), io.LimitReader(&repeat{s: string(body)}, int64(70_000/rows*len(body))))
		if _, err := Read(src, header, func(r Row) { n += len(r.Get("Nom_etablissement")) }); err != nil || n == 0 {
			b.Fatal(n, err)
		}
	}
}

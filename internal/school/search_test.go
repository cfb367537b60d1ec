package school

import (
	"encoding/csv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// realRows reads the directory of Ille-et-Vilaine, and fails at anything wrong in it.
func realRows(t testing.TB) []DirectoryRow {
	t.Helper()
	file, err := os.Open("../../cmd/ateliers/demo/annuaire-education-35.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	in := csv.NewReader(file)
	in.Comma = ';'
	lines, err := in.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	lines[0][0] = strings.TrimPrefix(lines[0][0], "\ufeff")
	var rows []DirectoryRow
	for i, line := range lines[1:] {
		rows = append(rows, parseRow(t, i+2, func(column string) string { return line[slices.Index(lines[0], column)] }))
	}
	return rows
}

func parseRow(t testing.TB, line int, get func(string) string) DirectoryRow {
	t.Helper()
	return ParseDirectoryRow(line, get, func(column string, want fault.Message) {
		t.Errorf("line %d, %s: %q, want %s", line, column, get(column), want.Key)
	})
}

func TestSearchTheRealDirectory(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	rows := realRows(t)
	done, err := ImportDirectory(t.Context(), o.db, account.Command(), rows, false)
	if err != nil || done.Added != 996 || done.Changed+done.Unchanged != 0 {
		t.Fatalf("it imported %+v, %v", done, err)
	}
	for _, tt := range []struct{ typed, first string }{
		{"lucioles baulon", "Ecole primaire publique les Lucioles"},
		{"BAULON Lucioles", "Ecole primaire publique les Lucioles"},
		{"0350122T", "Ecole primaire publique les Lucioles"},
		{" 0350122t ", "Ecole primaire publique les Lucioles"},
		{"035 0122 T", ""}, // three numbers, which no school has
		{"lucio 35580", "Ecole primaire publique les Lucioles"},
		{"école-primaire « lucioles »", "Ecole primaire publique les Lucioles"},
		{"college saint joseph 35171", "Collège Saint-Joseph"},
		{"collège st joseph 35171", "Collège Saint-Joseph"},
		{"saint-paul saint-erblon", "Collège Saint-Paul (annexe du collège Saint-Joseph, Bruz)"},
		{"rectorat", "Rectorat de l'académie de Rennes"},
		{"lucioles marseille", ""},
		{"", ""}, {"   ", ""}, {"😀", ""},
	} {
		found, err := o.Search(t.Context(), tt.typed, 10)
		if err != nil {
			t.Fatalf("%q: %v", tt.typed, err)
		}
		first := ""
		if len(found) > 0 {
			first = found[0].Name
		}
		if first != tt.first {
			t.Errorf("%q finds %q first, want %q", tt.typed, first, tt.first)
		}
	}
	found, err := o.Search(t.Context(), "rennes", 500)
	if err != nil || len(found) < 100 {
		t.Fatalf("Rennes has %d schools, %v", len(found), err)
	}
	office := slices.IndexFunc(found, func(e Entry) bool { return e.Type == "Service Administratif" })
	if last := slices.IndexFunc(found[office:], func(e Entry) bool { return e.Type == "Ecole" }); office < 0 || last >= 0 {
		t.Errorf("an office comes at %d, and a school after it: %v", office, last >= 0)
	}
	coeur, err := o.Search(t.Context(), "sacré-cœur", 50)
	if err != nil || len(coeur) == 0 {
		t.Fatalf("sacré-cœur finds %d, %v", len(coeur), err)
	}
	apart, err := o.Search(t.Context(), "SACRE COEUR", 50)
	if err != nil || !slices.Equal(coeur, apart) {
		t.Errorf("with and without accents %d and %d are found, %v", len(coeur), len(apart), err)
	}
	if n := o.count(`SELECT count(*) FROM directory WHERE uai = '0350852L'`); n != 2 {
		t.Errorf("a school on two places has %d rows", n)
	}
	if e, err := o.Entry(t.Context(), found[0].ID); err != nil || e != found[0] {
		t.Errorf("an entry alone is %+v, %v", e, err)
	}
}

// FuzzSearch: whatever is typed is looked for, never a part of a statement (SEC-19).
func FuzzSearch(f *testing.F) {
	for _, typed := range []string{`'"\0%_*^:()-`, "AND", "OR NOT", "NEAR(a b)", "a NEAR/2 b", `"`, `""`, "*", "names: x", "names:x", "-a", "+a", "^a",
		"{names places}: a", strings.Repeat("a", 300), strings.Repeat("a ", 300), "😀👩‍🏫", "\x00", "é\u0301", "\u0301", "²", "٣", "李", "a\u200cb", "'; DROP TABLE directory; --"} {
		f.Add(typed)
	}
	o := newOffice(f)
	if _, err := ImportDirectory(f.Context(), o.db, account.Command(), realRows(f)[:50], false); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		if _, err := o.Search(t.Context(), typed, 10); err != nil {
			t.Errorf("%q: %v", typed, err)
		}
	})
}

func TestImportFollowsTheFile(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	row := func(change map[string]string) DirectoryRow {
		cells := map[string]string{columnUAI: "0350122T", columnName: "Les Lucioles", columnCity: "Baulon", columnPostcode: "35580", columnState: "OUVERT", columnSites: "0"}
		for column, value := range change {
			cells[column] = value
		}
		return parseRow(t, 2, func(column string) string { return cells[column] })
	}
	other := map[string]string{columnUAI: "0350852L", columnName: "Collège Saint-Joseph", columnCity: "Bruz", columnSites: "1"}
	annexe := map[string]string{columnUAI: "0350852L", columnName: "Collège Saint-Paul", columnCity: "Saint-Erblon", columnSites: "1"}
	for _, step := range []struct {
		name  string
		rows  []DirectoryRow
		dry   bool
		want  [3]int
		found string // names of all that are open
	}{
		{"a dry run", []DirectoryRow{row(nil)}, true, [3]int{1, 0, 0}, ""},
		{"the first", []DirectoryRow{row(nil), row(other), row(annexe)}, false, [3]int{3, 0, 0}, "Collège Saint-Joseph, Collège Saint-Paul, Les Lucioles"},
		{"again", []DirectoryRow{row(nil), row(other), row(annexe)}, false, [3]int{0, 0, 3}, "Collège Saint-Joseph, Collège Saint-Paul, Les Lucioles"},
		{"another name", []DirectoryRow{row(map[string]string{columnName: "Les Cigales"})}, false, [3]int{0, 1, 0}, "Collège Saint-Joseph, Collège Saint-Paul, Les Cigales"},
		{"a place less", []DirectoryRow{row(other)}, false, [3]int{0, 1, 1}, "Collège Saint-Joseph, Les Cigales"},
		{"closed", []DirectoryRow{row(map[string]string{columnName: "Les Cigales", columnState: "FERME"})}, false, [3]int{0, 1, 0}, "Collège Saint-Joseph"},
	} {
		done, err := ImportDirectory(t.Context(), o.db, account.Command(), step.rows, step.dry)
		if err != nil || [3]int{done.Added, done.Changed, done.Unchanged} != step.want {
			t.Errorf("%s: %+v, %v, want %v", step.name, done, err, step.want)
		}
		var names []string
		for _, word := range []string{"college", "35580"} {
			found, err := o.Search(t.Context(), word, 10)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range found {
				if !slices.Contains(names, e.Name) {
					names = append(names, e.Name)
				}
			}
		}
		slices.Sort(names)
		if got := strings.Join(names, ", "); got != step.found {
			t.Errorf("%s: open are %s, want %s", step.name, got, step.found)
		}
	}
	_, err := ImportDirectory(t.Context(), o.db, account.Guest(), []DirectoryRow{row(nil)}, false)
	if err == nil || fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a guest imports: %v", err)
	}
}

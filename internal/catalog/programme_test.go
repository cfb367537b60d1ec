package catalog_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

// read reads a programme file as the command does.
func read(t testing.TB, csv string) ([]catalog.ProgrammeRow, []table.Problem) {
	t.Helper()
	var rows []catalog.ProgrammeRow
	problems, err := table.Read(strings.NewReader(csv), table.Header{Required: catalog.ProgrammeColumns}, func(r table.Row) {
		rows = append(rows, catalog.ParseProgrammeRow(r.Line, r.Get, r.Wrong))
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, problems
}

func programme2016(t testing.TB) string {
	t.Helper()
	file, err := os.ReadFile("../../cmd/ateliers/demo/programme-2016.csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(file)
}

func rightRows(t testing.TB, csv string) []catalog.ProgrammeRow {
	t.Helper()
	rows, problems := read(t, csv)
	if len(problems) > 0 {
		t.Fatalf("problems %+v", problems)
	}
	return rows
}

// The real programme, as it was, twice; then moved to the coming weeks.
func TestImportProgramme(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rows := rightRows(t, programme2016(t))
	for _, tt := range []struct {
		name string
		opts catalog.ImportOptions
		want catalog.Imported
	}{
		{"tried", catalog.ImportOptions{DryRun: true}, catalog.Imported{Created: 16}},
		{"for good", catalog.ImportOptions{}, catalog.Imported{Created: 16}},
		{"again", catalog.ImportOptions{}, catalog.Imported{Unchanged: 16}},
		{"shifted", catalog.ImportOptions{ShiftTo: "2027-04-10"}, catalog.Imported{Created: 16, Weeks: 576}},
		{"shifted again", catalog.ImportOptions{ShiftTo: "2027-04-10"}, catalog.Imported{Unchanged: 16, Weeks: 576}},
		{"shifted to an earlier day of that week", catalog.ImportOptions{ShiftTo: "2027-04-06"}, catalog.Imported{Unchanged: 16, Weeks: 576}},
	} {
		audited := h.count(`SELECT count(*) FROM audit`)
		got, err := h.ImportProgramme(t.Context(), staff, rows, tt.opts)
		if err != nil || got.Created != tt.want.Created || got.Unchanged != tt.want.Unchanged || got.Weeks != tt.want.Weeks {
			t.Fatalf("%s: got %+v, %v, want %+v", tt.name, got, err, tt.want)
		}
		if (tt.want.Created == 0 || tt.opts.DryRun) && h.count(`SELECT count(*) FROM audit`) != audited {
			t.Errorf("%s: something was written", tt.name)
		}
	}
	if n := h.count(`SELECT count(*) FROM sessions WHERE status = 'published' AND capacity = 12 AND price_cents = 1400`); n != 32 {
		t.Errorf("%d sessions, want 32", n)
	}
	// 8 themes at 2 levels; « Robotique – Initiation » and the venue were there.
	if w, v := h.count(`SELECT count(*) FROM workshops`), h.count(`SELECT count(*) FROM venues`); w != 16 || v != 1 {
		t.Errorf("%d workshops and %d venues, want 16 and 1", w, v)
	}
	coming, err := h.Coming(t.Context())
	if err != nil || len(coming) != 16 {
		t.Fatalf("%d coming, %v, want 16", len(coming), err)
	}
	if got := coming[0].StartsAt.Format(time.RFC3339); got != "2027-04-10T14:00:00+02:00" {
		t.Errorf("the first starts %s", got)
	}
	for _, s := range coming {
		if s.StartsAt.Weekday() != time.Saturday || s.Availability(start) != catalog.Open {
			t.Errorf("%s on %s is %s", s.Workshop.Name(), s.StartsAt, s.Availability(start))
		}
	}
}

// I11: the shift keeps the hour on the wall on both sides of a change of clocks.
func TestImportShiftKeepsTheHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.ImportProgramme(t.Context(), staff, rightRows(t, programme2016(t)), catalog.ImportOptions{ShiftTo: "2027-09-25"}); err != nil {
		t.Fatal(err)
	}
	coming, err := h.Coming(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	offsets := map[string]int{}
	for _, s := range coming {
		if hour := s.StartsAt.Format("15:04"); hour != "14:00" && hour != "16:00" {
			t.Errorf("%s starts at %s", s.StartsAt, hour)
		}
		offsets[s.StartsAt.Format("-07:00")]++
	}
	if offsets["+01:00"] == 0 || offsets["+02:00"] == 0 {
		t.Errorf("offsets %v, want summer and winter", offsets)
	}
}

func TestImportForms(t *testing.T) {
	t.Parallel()
	plain := programme2016(t)
	for name, csv := range map[string]string{
		"byte order mark and CRLF": "\ufeff" + strings.ReplaceAll(plain, "\n", "\r\n"),
		"commas":                   strings.ReplaceAll(plain, ";", ","),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			got, err := h.ImportProgramme(t.Context(), staff, rightRows(t, csv), catalog.ImportOptions{})
			if err != nil || got.Created != 16 {
				t.Errorf("got %+v, %v, want 16 sessions", got, err)
			}
		})
	}
}

const programmeHead = "date;start;end;theme;level;discipline;min_age;max_age;venue;address;postcode;city;price_eur\n"

// Every bad cell is named by line and column with what was expected.
func TestParseProgrammeRow(t *testing.T) {
	t.Parallel()
	good := strings.Split("2027-05-08;14:00;16:00;Musique;Initiation;musique;6;12;Espace Altnet;7 place Louis Chazette;69001;Lyon;14", ";")
	for _, tt := range []struct {
		column, value string
		want          string // column and key, empty when accepted
	}{
		{"date", "2027-02-29", "date catalog.import.date"},
		{"date", "09/05/2027", ""},
		{"date", "31/02/2027", "date catalog.import.date"},
		{"date", "05/13/2027", "date catalog.import.date"},
		{"date", "8/5/2027", "date catalog.import.date"},
		{"date", "08/05/27", "date catalog.import.date"},
		{"start", "14:00:00", ""},
		{"start", "14:00:30", "start catalog.import.hour"},
		{"start", "14h", "start catalog.import.hour"},
		{"end", "", "end catalog.import.hour"},
		{"end", "14:00", "end catalog.import.end"},
		{"theme", "", "theme catalog.import.text"},
		{"theme", "Étoile de Nguyễn & 李", ""},
		{"level", strings.Repeat("a", 121), "level catalog.import.text"},
		{"discipline", "Musique", "discipline catalog.import.discipline"},
		{"min_age", "six", "min_age catalog.import.number"},
		{"min_age", "13", "max_age catalog.import.number"},
		{"max_age", "99", "max_age catalog.import.number"},
		{"venue", "", "venue catalog.import.text"},
		{"postcode", "6900", "postcode catalog.import.postcode"},
		{"price_eur", "14.50", ""},
		{"price_eur", "0", ""},
		{"price_eur", "14,5", ""},
		{"price_eur", "14.505", "price_eur catalog.import.price"},
		{"price_eur", "-14", "price_eur catalog.import.price"},
		{"price_eur", "14 €", "price_eur catalog.import.price"},
		{"price_eur", "1400", "price_eur catalog.import.price"},
		{"price_eur", "", "price_eur catalog.import.price"},
		{"price_eur", "1.", "price_eur catalog.import.price"},
	} {
		t.Run(tt.column+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			cells := slices.Clone(good)
			cells[slices.Index(catalog.ProgrammeColumns, tt.column)] = tt.value
			_, problems := read(t, programmeHead+strings.Join(good, ";")+"\n"+strings.Join(cells, ";")+"\n")
			var got string
			for _, p := range problems {
				if p.Line != 3 {
					t.Errorf("problem at line %d, want 3", p.Line)
				}
				got += fmt.Sprintf(" %s %s", p.Column, p.Want.Key)
			}
			if strings.TrimSpace(got) != tt.want {
				t.Errorf("got %q, want %q", strings.TrimSpace(got), tt.want)
			}
		})
	}
}

// A name from a file or a form says nothing that nobody sees: what turns the direction of a line would turn what is printed after it. What
// joins letters stays.
func TestImportWithoutInvisibleSigns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	csv := "2027-05-08;14:00;16:00;Mus\u202eique\u2066 \u200bà \u0007deux;Initiation;musique;6;12;Espace \u200fAltnet;7 place Louis Chazette;69001;می\u200cخواهم;14\n"
	rows := rightRows(t, programmeHead+csv)
	if w, v := rows[0].Workshop, rows[0].Venue; w.Title != "Musique à deux" || v.Name != "Espace Altnet" || v.City != "می\u200cخواهم" {
		t.Errorf("read %+q, %+q, %+q", w.Title, v.Name, v.City)
	}
	_, err := h.CreateWorkshop(t.Context(), staff, key(), catalog.Workshop{Title: "Rob\u202eots", Level: "Avancé", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 8, DurationMinutes: 60})
	if n := h.count(`SELECT count(*) FROM workshops WHERE title = 'Robots'`); n != 1 || err != nil {
		t.Errorf("the form kept %d « Robots », %v", n, err)
	}
}

func TestParsePrice(t *testing.T) {
	t.Parallel()
	for price, want := range map[string]int{"14": 1400, "14,5": 1450, "14.05": 1405, "0": 0, "0,99": 99, "1000": 100_000} {
		rows := rightRows(t, programmeHead+"2027-05-08;14:00;16:00;Musique;Initiation;musique;6;12;Altnet;7 place;69001;Lyon;\""+price+"\"\n")
		if got := rows[0].Workshop.PriceCents; got != want {
			t.Errorf("%s is %d cents, want %d", price, got, want)
		}
	}
}

// All or nothing: what only the whole file shows is named too, and nothing is kept.
func TestImportRefuses(t *testing.T) {
	t.Parallel()
	row := func(date, start, end, theme string) string {
		return strings.Join([]string{date, start, end, theme, "Initiation", "musique", "6", "12", "Espace Altnet", "7 place Louis Chazette", "69001", "Lyon", "14"}, ";") + "\n"
	}
	for _, tt := range []struct {
		name, csv, shift string
		want             string
	}{
		{"a row twice", row("2027-05-08", "14:00", "16:00", "Musique") + row("2027-05-08", "14:00", "16:00", "Danse") + row("2027-05-08", "14:00", "17:00", "Musique"), "", "4 date catalog.import.twice"},
		{"a skipped hour", row("2027-05-08", "14:00", "16:00", "Musique") + row("2028-03-26", "02:30", "04:00", "Musique"), "", "3 start catalog.import.hour_skipped"},
		{"an hour skipped by the shift", row("2027-03-21", "02:30", "04:00", "Musique"), "2027-03-28", "2 start catalog.import.hour_skipped"},
		{"a day of five digits by the shift", row("2027-05-08", "14:00", "16:00", "Musique") + row("2027-06-08", "14:00", "16:00", "Danse"), "9999-12-25", "3 date catalog.import.date, 3 date catalog.import.date"},
		{"the year 9999", row("2027-05-08", "14:00", "16:00", "Musique") + row("9999-05-08", "14:00", "16:00", "Danse"), "", "3 date catalog.import.too_far"},
		{"four centuries by the shift", row("2016-03-26", "14:00", "16:00", "Musique"), "2416-03-26", "2 date catalog.import.too_far"},
		{"an end doubled by the shift", row("2027-10-24", "01:00", "02:30", "Musique"), "2027-10-31", "2 end catalog.import.hour_twice"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			done, err := h.ImportProgramme(t.Context(), staff, rightRows(t, programmeHead+tt.csv), catalog.ImportOptions{ShiftTo: tt.shift})
			wantFault(t, err, fault.Invalid, "catalog.import.problems")
			var got []string
			for _, p := range done.Problems {
				got = append(got, fmt.Sprint(p.Line, p.Column, p.Want.Key))
			}
			if want := strings.ReplaceAll(tt.want, " ", ""); strings.ReplaceAll(strings.Join(got, ","), " ", "") != want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if n := h.count(`SELECT count(*) FROM sessions`); n != 0 {
				t.Errorf("%d sessions were kept", n)
			}
		})
	}
	h := newHouse(t)
	_, err := h.ImportProgramme(t.Context(), staff, rightRows(t, programme2016(t)), catalog.ImportOptions{ShiftTo: "demain"})
	wantFault(t, err, fault.Invalid, "shift_to=catalog.date.format")
}

// The answer that a doubled hour asks for can be written in the file.
func TestImportSaysWhichDoubledHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	row := func(start string) string {
		return "2027-10-31;" + start + ";04:00;Musique;Initiation;musique;6;12;Espace Altnet;7 place Louis Chazette;69001;Lyon;14\n"
	}
	if _, err := h.ImportProgramme(t.Context(), staff, rightRows(t, programmeHead+row("02:30+02:00")+row("02:30+01:00")), catalog.ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, start := range []string{"2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z"} {
		if n := h.count(`SELECT count(*) FROM sessions WHERE starts_at = ?`, start); n != 1 {
			t.Errorf("%d sessions at %s, want 1", n, start)
		}
	}
}

// A shift is the smallest one that reaches the day, back too.
func TestImportShift(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rows := rightRows(t, programme2016(t)) // the first is Saturday 26 March 2016
	for shift, want := range map[string]int{"": 0, "2016-03-26": 0, "2016-03-27": 1, "2016-04-02": 1, "2016-04-03": 2, "2016-03-20": 0, "2016-03-19": -1} {
		got, err := h.ImportProgramme(t.Context(), staff, rows, catalog.ImportOptions{ShiftTo: shift, DryRun: true})
		if err != nil || got.Weeks != want {
			t.Errorf("to %q: %d weeks, %v, want %d", shift, got.Weeks, err, want)
		}
	}
}

package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

func TestFilterParse(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		form catalog.FilterForm
		want string // fields and keys, empty when accepted
	}{
		{"nothing", catalog.FilterForm{}, ""},
		{"everything", catalog.FilterForm{Age: "9", Discipline: "robotique", City: "LYON", Month: "2027-05", From: "2027-05-08", To: "2027-05-08", Places: "1"}, ""},
		{"age in words", catalog.FilterForm{Age: "neuf"}, "age=catalog.filter.age"},
		{"age of a baby", catalog.FilterForm{Age: "2"}, "age=catalog.filter.age"},
		{"age of an adult", catalog.FilterForm{Age: "26"}, "age=catalog.filter.age"},
		{"age too large for an int", catalog.FilterForm{Age: "99999999999999999999"}, "age=catalog.filter.age"},
		{"discipline", catalog.FilterForm{Discipline: "cuisine"}, "discipline=catalog.filter.discipline"},
		{"city that nobody has", catalog.FilterForm{City: "Ville-d'Avray"}, ""},
		{"endless city", catalog.FilterForm{City: strings.Repeat("a", 121)}, "city=catalog.filter.city"},
		{"city that is no text", catalog.FilterForm{City: "\xff"}, "city=catalog.filter.city"},
		{"month", catalog.FilterForm{Month: "2027-13"}, "month=catalog.filter.month"},
		{"from", catalog.FilterForm{From: "2027-02-30"}, "from=catalog.date.format"},
		{"to", catalog.FilterForm{To: "demain"}, "to=catalog.date.format"},
		{"reversed", catalog.FilterForm{From: "2027-05-09", To: "2027-05-08"}, "to=catalog.filter.order"},
		{"places", catalog.FilterForm{Places: "on"}, "places=catalog.filter.places"},
		{"all wrong at once", catalog.FilterForm{Age: "x", Discipline: "x", Month: "x", From: "x", To: "x", Places: "x"},
			"age=catalog.filter.age discipline=catalog.filter.discipline from=catalog.date.format month=catalog.filter.month places=catalog.filter.places to=catalog.date.format"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := tt.form.Parse()
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
}

func TestFilterSelect(t *testing.T) {
	t.Parallel()
	paris, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2027, 4, 5, 8, 0, 0, 0, time.UTC)
	session := func(id int64, discipline catalog.Discipline, city string, low, high int, at time.Time, open int) catalog.Session {
		return catalog.Session{ID: id, Status: catalog.Published, OpensAt: now, ClosesAt: at, StartsAt: at.In(paris), EndsAt: at.Add(time.Hour), PlacesOpen: open,
			Workshop: catalog.Workshop{Discipline: discipline, MinAge: low, MaxAge: high}, Venue: catalog.Venue{City: city}}
	}
	sessions := []catalog.Session{
		session(1, "code", "Lyon", 6, 12, time.Date(2027, 4, 30, 21, 59, 0, 0, time.UTC), 3), // still April in Lyon
		session(2, "robotique", "Lyon", 10, 18, time.Date(2027, 4, 30, 22, 0, 0, 0, time.UTC), 0),
		session(3, "robotique", "Saint-Étienne", 6, 12, time.Date(2027, 5, 31, 12, 0, 0, 0, time.UTC), 1),
	}
	for _, tt := range []struct {
		name string
		form catalog.FilterForm
		want []int64
	}{
		{"all", catalog.FilterForm{}, []int64{1, 2, 3}},
		{"youngest", catalog.FilterForm{Age: "6"}, []int64{1, 3}},
		{"both levels", catalog.FilterForm{Age: "12"}, []int64{1, 2, 3}},
		{"oldest", catalog.FilterForm{Age: "18"}, []int64{2}},
		{"too old", catalog.FilterForm{Age: "19"}, nil},
		{"discipline", catalog.FilterForm{Discipline: "robotique"}, []int64{2, 3}},
		{"city without accents", catalog.FilterForm{City: " saint-etienne "}, []int64{3}},
		{"part of a city", catalog.FilterForm{City: "Saint"}, nil},
		{"April at the venue", catalog.FilterForm{Month: "2027-04"}, []int64{1}},
		{"May at the venue", catalog.FilterForm{Month: "2027-05"}, []int64{2, 3}},
		{"from", catalog.FilterForm{From: "2027-05-01"}, []int64{2, 3}},
		{"to", catalog.FilterForm{To: "2027-05-01"}, []int64{1, 2}},
		{"a day", catalog.FilterForm{From: "2027-05-31", To: "2027-05-31"}, []int64{3}},
		{"a month cut short", catalog.FilterForm{Month: "2027-05", To: "2027-05-15"}, []int64{2}},
		{"only places", catalog.FilterForm{Places: "1"}, []int64{1, 3}},
		{"several", catalog.FilterForm{Age: "9", Discipline: "robotique", Places: "1"}, []int64{3}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			filter, err := tt.form.Parse()
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, s := range filter.Select(sessions, now) {
				got = append(got, s.ID)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

// SEC-19: whatever is typed is refused in words or chooses sessions; it never does harm.
func FuzzFilter(f *testing.F) {
	for _, s := range []string{"", "9", "lyon", "2027-05", "2027-05-08", "1", `'"\0%_`, "' OR 1=1 --", "\xff\x00", "+9", "9e0", "٩"} {
		f.Add(s, s, s, s, s)
	}
	sessions := []catalog.Session{{Status: catalog.Published, Workshop: catalog.Workshop{MinAge: 6, MaxAge: 12}, Venue: catalog.Venue{City: "Lyon"},
		StartsAt: start.Add(time.Hour), ClosesAt: start.Add(time.Hour), EndsAt: start.Add(2 * time.Hour), PlacesOpen: 1}}
	f.Fuzz(func(t *testing.T, age, city, month, from, to string) {
		filter, err := catalog.FilterForm{Age: age, City: city, Month: month, From: from, To: to}.Parse()
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Fatalf("got %v, want Invalid", err)
			}
			return
		}
		for _, s := range filter.Select(sessions, start) {
			if filter.Age != 0 && (filter.Age < 6 || filter.Age > 12) {
				t.Fatalf("age %d chose %+v", filter.Age, s.Workshop)
			}
		}
	})
}

package catalog_test

import (
	"reflect"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Public holidays are computed; those that follow Easter were looked up in almanacs.
func TestPublicHolidays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ day, want string }{
		{"2024-04-01", "easter_monday"}, {"2025-04-21", "easter_monday"}, {"2026-04-06", "easter_monday"}, {"2027-03-29", "easter_monday"},
		{"2008-03-24", "easter_monday"}, {"2038-04-26", "easter_monday"}, {"1981-04-20", "easter_monday"}, {"2076-04-20", "easter_monday"},
		{"2027-05-06", "ascension"}, {"2026-05-14", "ascension"}, {"2027-05-17", "whit_monday"}, {"2026-05-25", "whit_monday"},
		{"2027-01-01", "new_year"}, {"2027-05-01", "labour"}, {"2027-05-08", "victory"}, {"2027-07-14", "national"}, {"2027-08-15", "assumption"},
		{"2027-11-01", "all_saints"}, {"2027-11-11", "armistice"}, {"2027-12-25", "christmas"},
		{"2027-03-28", ""}, {"2027-05-05", ""}, {"2027-12-26", ""}, {"demain", ""},
	} {
		if got := catalog.PublicHolidayOn(tt.day); got != tt.want {
			t.Errorf("%s is %q, want %q", tt.day, got, tt.want)
		}
	}
	all := catalog.PublicHolidays(2008) // Ascension was on the first of May
	if len(all) != 11 || all[2].Day != "2008-05-01" || all[3].Day != "2008-05-01" {
		t.Errorf("got %v", all)
	}
}

func TestZoneOfVenue(t *testing.T) {
	t.Parallel()
	for postcode, want := range map[string]catalog.Zone{"69001": "A", "59000": "B", "75011": "C", "35000": "B", "31000": "C", "20000": "", "97400": "", "6900": ""} {
		if got := (catalog.Venue{Postcode: postcode}).Zone(); got != want {
			t.Errorf("%s is in zone %q, want %q", postcode, got, want)
		}
	}
}

// A file replaces what it tells of, between its first and its last day of each zone, and nothing else.
func TestImportHolidays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	winter := catalog.Holiday{Zone: "A", Name: "Vacances d'hiver", FirstDay: "2027-02-13", LastDay: "2027-02-28"}
	spring := catalog.Holiday{Zone: "A", Name: "Vacances de printemps", FirstDay: "2027-04-10", LastDay: "2027-04-25"}
	summer := catalog.Holiday{Zone: "A", Name: "Vacances d'été", FirstDay: "2027-07-03", LastDay: "2027-08-31"}
	lille := catalog.Holiday{Zone: "B", Name: "Vacances de printemps", FirstDay: "2027-04-17", LastDay: "2027-05-02"}
	run := func(dry bool, want catalog.HolidayImport, file ...catalog.Holiday) {
		t.Helper()
		got, err := h.ImportHolidays(t.Context(), staff, file, dry)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v, %v, want %+v", got, err, want)
		}
	}
	all := []catalog.Holiday{winter, spring, lille, summer} // by their first days
	run(true, catalog.HolidayImport{Added: all}, winter, spring, spring, summer, lille)
	if n := h.count(`SELECT (SELECT count(*) FROM school_holidays) + (SELECT count(*) FROM audit WHERE action = 'holidays.import')`); n != 0 {
		t.Fatalf("a dry run left %d rows", n)
	}
	run(false, catalog.HolidayImport{Added: all}, winter, spring, spring, summer, lille)
	run(false, catalog.HolidayImport{Unchanged: 4}, winter, spring, summer, lille)
	moved := spring
	moved.FirstDay, moved.LastDay = "2027-04-03", "2027-04-18"
	run(false, catalog.HolidayImport{Added: []catalog.Holiday{moved}, Removed: []catalog.Holiday{spring}}, moved)
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'holidays.import'`); n != 2 {
		t.Errorf("%d audit lines, want one per import that changed something (I12)", n)
	}

	known, err := h.Calendar(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		zone catalog.Zone
		day  string
		want string
	}{
		{"A", "2027-02-12", ""}, {"A", "2027-02-13", winter.Name}, {"A", "2027-02-28", winter.Name}, {"A", "2027-03-01", ""},
		{"A", "2027-04-03", spring.Name}, {"A", "2027-04-25", ""}, {"B", "2027-04-25", lille.Name}, {"C", "2027-04-25", ""}, {"", "2027-04-25", ""},
	} {
		if got, some := known.On(tt.zone, tt.day); got.Name != tt.want || some != (tt.want != "") {
			t.Errorf("zone %s on %s: %q, want %q", tt.zone, tt.day, got.Name, tt.want)
		}
	}
	if all := known.From("A", "2027-04-18"); len(all) != 2 || all[0] != moved || all[1] != summer {
		t.Errorf("from 18 April: %v", all)
	}
	for zone, want := range map[catalog.Zone]string{"A": "2027-08-31", "B": "2027-05-02", "C": "", "": ""} {
		if got := known.KnownUntil(zone); got != want {
			t.Errorf("zone %s is known until %q, want %q", zone, got, want)
		}
	}
	inside, beyond := h.draft("2027-08-31", "14:00", "16:00"), h.draft("2027-09-01", "14:00", "16:00")
	if got := known.Beyond([]catalog.Session{h.session(inside), h.session(beyond)}); len(got) != 1 || got[0].ID != beyond {
		t.Errorf("beyond what is known: %v", got)
	}
	_, err = h.ImportHolidays(t.Context(), h.user("李", account.Facilitator), nil, false)
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}

package family

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestParseBirthDate reads dates as people type them and says precisely what is wrong (UX-P8).
func TestParseBirthDate(t *testing.T) {
	t.Parallel()
	today := time.Date(2027, 5, 8, 10, 0, 0, 0, time.UTC)
	tests := []struct{ day, month, year, want, key string }{
		{"3", "9", "2017", "2017-09-03", ""},
		{"03", "09", "2017", "2017-09-03", ""},
		{" 3 ", "septembre", "2017", "2017-09-03", ""},
		{"1er", "AOÛT", "2016", "2016-08-01", ""},
		{"1", "févr.", "2016", "2016-02-01", ""},
		{"29", "2", "2016", "2016-02-29", ""},
		{"29", "2", "2017", "", "family.birth_impossible"},
		{"31", "02", "2017", "", "family.birth_impossible"},
		{"0", "2", "2017", "", "family.birth_impossible"},
		{"x", "2", "2017", "", "family.birth_impossible"},
		{"3", "13", "2017", "", "family.birth_month"},
		{"3", "brumaire", "2017", "", "family.birth_month"},
		{"3", "9", "17", "", "family.birth_year"},
		{"3", "9", "1890", "", "family.birth_year"},
		{"3", "9", "", "", "family.birth_incomplete"},
		{"", "", "", "", "family.birth_missing"},
		{"9", "5", "2027", "", "family.birth_future"},
		{"8", "5", "2027", "2027-05-08", ""},
	}
	for _, tt := range tests {
		t.Run(tt.day+"/"+tt.month+"/"+tt.year, func(t *testing.T) {
			t.Parallel()
			got, wrong := ParseBirthDate(tt.day, tt.month, tt.year, today)
			switch {
			case tt.key != "" && (wrong == nil || wrong.Key != tt.key):
				t.Errorf("message = %v, want %s", wrong, tt.key)
			case tt.key == "" && (wrong != nil || got.Format(time.DateOnly) != tt.want):
				t.Errorf("date = %v, %v; want %s", got, wrong, tt.want)
			}
		})
	}
}

// TestAgeOn counts whole years on a day; who is born on 29 February turns older on 1 March (UX-P8).
func TestAgeOn(t *testing.T) {
	t.Parallel()
	tests := []struct {
		birth, day string
		want       int
	}{
		{"2018-05-08", "2027-05-08", 9},
		{"2018-05-09", "2027-05-08", 8},
		{"2016-02-29", "2027-02-28", 10},
		{"2016-02-29", "2027-03-01", 11},
		{"2016-02-29", "2028-02-29", 12},
		{"2020-12-31", "2027-01-01", 6},
	}
	for _, tt := range tests {
		birth, _ := time.Parse(time.DateOnly, tt.birth)
		day, _ := time.Parse(time.DateOnly, tt.day)
		if got := AgeOn(birth, day); got != tt.want {
			t.Errorf("AgeOn(%s, %s) = %d, want %d", tt.birth, tt.day, got, tt.want)
		}
	}
}

// TestParsePhone accepts numbers however they are written and shows them back as typed (UX-P10).
func TestParsePhone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"06 12 34 56 78", "06.12.34.56.78", "0612345678", "06-12-34-56-78", "+33 6 12 34 56 78",
		"+33 (0)6 12 34 56 78", "0033612345678", "+41 22 345 67 89", "+1 415 555 2671", "01 23 45 67 89"} {
		got, wrong := ParsePhone(s)
		if wrong != nil || got != s {
			t.Errorf("ParsePhone(%q) = %q, %v", s, got, wrong)
		}
	}
	for _, s := range []string{"", "06 12 34", "06 12 34 56 7", "06 12 34 56 78 9", "mon numéro", "+33 6 12 34 56 78 (bureau)", "1234567"} {
		if got, wrong := ParsePhone(s); wrong == nil {
			t.Errorf("ParsePhone(%q) = %q, want a message", s, got)
		}
	}
}

// TestParseName keeps names from all over the world as they are (UX-P9).
func TestParseName(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"Zoé", "D'Artagnan-N'Guyen", "李", "O", "Łukasz", "Nguyễn", "محمد", "Jean-François de la Tour", strings.Repeat("é", 100)} {
		if got, wrong := ParseName(s); wrong != nil || got != s {
			t.Errorf("ParseName(%q) = %q, %v", s, got, wrong)
		}
	}
	if got, _ := ParseName("  Zoe\u0301  Marie "); got != "Zoé Marie" {
		t.Errorf("decomposed name = %q", got)
	}
	if got, wrong := ParseName("\u202eéoZ\u200b"); wrong != nil || got != "éoZ" {
		t.Errorf("name with invisible signs = %q, %v", got, wrong)
	}
	if got, wrong := ParseName("علی\u200cرضا"); wrong != nil || got != "علی\u200cرضا" {
		t.Errorf("a Persian name lost its joint: %q, %v", got, wrong)
	}
	for _, s := range []string{"", "  ", "123", "\u200b", "Gagnez sur https://exemple.com", "WWW.exemple.com", "zoe@exemple.fr", "<script>", "Zoé\x00", strings.Repeat("a", 101), "\u202e"} {
		if got, wrong := ParseName(s); wrong == nil && got == s {
			t.Errorf("ParseName(%q) is accepted", s)
		}
	}
}

// TestParseEmail wants an address that a mail can be sent to, and nothing that could become a header (SEC-41).
func TestParseEmail(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"zoe@exemple.fr", "z.o+e@sous.domaine.exemple.fr"} {
		if got, wrong := ParseEmail(s); wrong != nil || got != s {
			t.Errorf("ParseEmail(%q) = %q, %v", s, got, wrong)
		}
	}
	if got, wrong := ParseEmail(" zoe@exemple.fr\u200b"); wrong != nil || got != "zoe@exemple.fr" {
		t.Errorf("pasted address = %q, %v", got, wrong)
	}
	for _, s := range []string{"", "zoe", "zoe@[192.0.2.1]", "zoe@", "@exemple.fr", "zoe@exemple", "Zoé <zoe@exemple.fr>", "a@b.fr, c@d.fr", "a@b.fr\r\nBcc: x@y.fr", "a b@c.fr"} {
		if _, wrong := ParseEmail(s); wrong == nil {
			t.Errorf("ParseEmail(%q) is accepted", s)
		}
	}
}

// TestParsePickups: nobody who may take a child away is left out, and nothing that names nobody is taken.
func TestParsePickups(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string][]string{
		"Mamie Jeanne":                   {"Mamie Jeanne"},
		"Łucja Nguyễn, 李 ;\n محمد,":      {"Łucja Nguyễn", "李", "محمد"},
		" D'Artagnan-N'Guyen et Zoé , ,": {"D'Artagnan-N'Guyen et Zoé"},
	} {
		if got, wrong := ParsePickups(typed); wrong != nil || !slices.Equal(got, want) {
			t.Errorf("ParsePickups(%q) = %q, %v; want %q", typed, got, wrong, want)
		}
	}
	for typed, key := range map[string]string{
		"": "family.pickups_missing", " , ": "family.pickups_missing", "06 12 34 56 78": "family.pickups_signs",
		"Jeanne, 123": "family.pickups_signs", strings.Repeat("é", 201): "family.pickups_long", strings.Repeat("é", 101): "family.pickups_signs",
	} {
		if got, wrong := ParsePickups(typed); wrong == nil || wrong.Key != key {
			t.Errorf("ParsePickups(%q) = %q, %v; want %s", typed, got, wrong, key)
		}
	}
}

// TestFold: names are compared, sorted and searched without case and accents.
func TestFold(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{{"D'Artagnan-N'Guyen", "d'artagnan-n'guyen"}, {"Zoé", "zoe"}, {"Łukasz", "lukasz"}, {"NGUYỄN", "nguyen"},
		{"Œuvrard", "oeuvrard"}, {"  Jean   Paul ", "jean paul"}, {"D’Angelo", "d'angelo"}, {"李", "李"}} {
		if got := Fold(pair[0]); got != pair[1] {
			t.Errorf("Fold(%q) = %q, want %q", pair[0], got, pair[1])
		}
	}
}

// FuzzRules: whatever is typed, the rules answer (REL-20).
func FuzzRules(f *testing.F) {
	f.Add("Zoé", "06 12 34 56 78", "31", "02", "2017")
	f.Add("\xff\x00", "+", "1er", "févr.", "99999999999999999999")
	f.Fuzz(func(t *testing.T, name, phone, day, month, year string) {
		if got, wrong := ParseName(name); wrong == nil && strings.TrimSpace(got) == "" {
			t.Errorf("empty name accepted for %q", name)
		}
		_, _ = ParsePhone(phone)
		_, _ = ParseEmail(name)
		if date, wrong := ParseBirthDate(day, month, year, time.Date(2027, 5, 8, 0, 0, 0, 0, time.UTC)); wrong == nil && date.Year() < 1900 {
			t.Errorf("birth date %v accepted", date)
		}
		Fold(name)
	})
}

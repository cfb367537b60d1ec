package settings_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func get[T int | string](t *testing.T, db *sqlite.DB, s settings.Setting[T]) T {
	t.Helper()
	var value T
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		value, err = settings.Get(tx, s)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func set(t *testing.T, db *sqlite.DB, name, typed string) (before, after string, err error) {
	t.Helper()
	err = db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		before, after, err = settings.Set(tx, name, typed)
		return err
	})
	return before, after, err
}

func TestGetDefaults(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	if got := get(t, db, settings.SheetBlankLines); got != 5 {
		t.Errorf("blank lines = %d, want 5", got)
	}
	if got := get(t, db, settings.UnprovedBookingsCap); got != 8 {
		t.Errorf("cap = %d, want 8", got)
	}
	if got := get(t, db, settings.AssociationName); got != "Les Bricodeurs" {
		t.Errorf("name = %q", got)
	}
	if got := get(t, db, settings.VATSentence); got != "" {
		t.Errorf("VAT sentence = %q: the software chose it", got)
	}
	if _, _, err := set(t, db, "session_price", "150,05"); err != nil || get(t, db, settings.SessionPrice) != 15005 {
		t.Errorf("150,05 € = %d cents, %v", get(t, db, settings.SessionPrice), err)
	}
	if got := get(t, db, settings.AssociationSIRET); got != "" {
		t.Errorf("SIRET = %q, want none", got)
	}
}

// TestOfferHours: the hours of the domain, then what was chosen; what is out of bounds, and a day that ends before it begins, count as
// not chosen.
func TestOfferHours(t *testing.T) {
	t.Parallel()
	usual := settings.Hours{WakingFrom: 8, WakingUntil: 21, Longest: 48, BeforeStart: 2, Shortest: 3, UnaskedUntil: 18}
	with := func(change func(*settings.Hours)) settings.Hours {
		h := usual
		change(&h)
		return h
	}
	for _, tt := range []struct {
		name     string
		rows     map[string]string
		want     settings.Hours
		together bool
	}{
		{"none", nil, usual, true},
		{"all", map[string]string{"offer_waking_from": "9", "offer_waking_until": "20", "offer_longest_hours": "72", "offer_before_start_hours": "4", "offer_shortest_hours": "1",
			"offer_unasked_until": "12"}, settings.Hours{WakingFrom: 9, WakingUntil: 20, Longest: 72, BeforeStart: 4, Shortest: 1, UnaskedUntil: 12}, true},
		{"out of bounds", map[string]string{"offer_longest_hours": "23", "offer_shortest_hours": "4", "offer_before_start_hours": "deux"}, usual, true},
		{"the shortest day", map[string]string{"offer_waking_from": "14", "offer_waking_until": "18"}, with(func(h *settings.Hours) { h.WakingFrom, h.WakingUntil = 14, 18 }), true},
		{"too short a day", map[string]string{"offer_waking_from": "14", "offer_waking_until": "17"}, usual, false},
		{"a day that ends before it begins", map[string]string{"offer_waking_from": "14", "offer_waking_until": "12"}, usual, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			err := sqlitetest.New(t).Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				for name, value := range tt.rows {
					if _, err := tx.Exec(`INSERT INTO settings (name, value) VALUES (?, ?)`, name, value); err != nil {
						return err
					}
				}
				if got, err := settings.OfferHours(tx); err != nil || got != tt.want {
					t.Errorf("%+v, %v; want %+v", got, err, tt.want)
				}
				err := settings.CheckTogether(tx)
				if (err == nil) != tt.together || err != nil && fault.KindOf(err) != fault.Invalid {
					t.Errorf("together: %v", err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// A row that somebody edited by hand into nonsense counts as no row.
func TestGetIgnoresNonsense(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	for _, value := range []string{"", "neuf", "16", "-1", "5.5", "99999999999999999999"} {
		err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			_, err := tx.Exec(`INSERT OR REPLACE INTO settings (name, value) VALUES ('sheet_blank_lines', ?)`, value)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := get(t, db, settings.SheetBlankLines); got != 5 {
			t.Errorf("with %q stored: %d, want the default 5", value, got)
		}
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, typed string
		want        string // what is stored
		problem     string // or the message of its field
	}{
		{"sheet_blank_lines", " 0 ", "0", ""},
		{"sheet_blank_lines", "15", "15", ""},
		{"sheet_blank_lines", "007", "7", ""},
		{"sheet_blank_lines", "16", "", "settings.number"},
		{"sheet_blank_lines", "-1", "", "settings.number"},
		{"sheet_blank_lines", "", "", "settings.number"},
		{"unproved_bookings_cap", "0", "", "settings.number"},
		{"association_name", "Les Amis de Zoé D'Artagnan-N'Guyen & 李", "Les Amis de Zoé D'Artagnan-N'Guyen & 李", ""},
		{"association_name", "  ", "", "settings.empty"},
		{"association_name", "Zoé\r\nBcc: x@y.fr", "", "settings.one_line"},
		{"association_name", "Zoé\xff", "", "settings.one_line"},
		{"association_name", strings.Repeat("é", 120), strings.Repeat("é", 120), ""},
		{"association_name", strings.Repeat("é", 121), "", "settings.too_long"},
		{"association_address", "7 place Louis Chazette\r\n69001 Lyon", "7 place Louis Chazette\n69001 Lyon", ""},
		{"association_address", "", "", ""},
		{"association_address", "7 place\x00", "", "settings.one_line"},
		{"association_email", "łukasz@exemple.fr", "łukasz@exemple.fr", ""},
		{"association_email", "Zoé <zoe@exemple.fr>", "", "settings.email"},
		{"association_email", "zoe@exemple.fr, li@exemple.fr", "", "settings.email"},
		{"association_website", "https://lesbricodeurs.fr/", "https://lesbricodeurs.fr/", ""},
		{"association_website", "javascript:alert(1)", "", "settings.web"},
		{"association_website", "lesbricodeurs.fr", "", "settings.web"},
		{"association_siret", "732 829 320 00074", "73282932000074", ""},
		{"association_siret", "732 829 320 00075", "", "settings.siret"},
		{"association_siret", "7328293200007", "", "settings.siret"},
		{"association_siret", "7328293200007a", "", "settings.siret"},
		{"association_siret", "", "", ""},
		{"association_iban", "fr14 2004 1010 0505 0001 3m02 606", "FR1420041010050500013M02606", ""},
		{"association_iban", "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", ""},
		{"association_iban", "FR14 2004 1010 0505 0001 3M02 607", "", "settings.iban"},
		{"association_iban", "FR14 2004 1010 0505 0001 3M02", "", "settings.iban"},
		{"association_iban", "1234", "", "settings.iban"},
		{"session_price", "150", "150", ""},
		{"session_price", "1 150,5 €", "1150,50", ""},
		{"session_price", "0.05", "0,05", ""},
		{"session_price", "10000,01", "", "settings.euros"},
		{"session_price", "-1", "", "settings.euros"},
		{"session_price", "12,345", "", "settings.euros"},
		{"session_price", "", "", "settings.euros"},
		{"vat_sentence", "TVA non applicable, art. 293 B du CGI", "TVA non applicable, art. 293 B du CGI", ""},
		{"association_rna", "w691234567", "W691234567", ""},
		{"association_rna", "691234567", "", "settings.rna"},
	}
	for _, test := range tests {
		t.Run(test.name+"="+test.typed, func(t *testing.T) {
			t.Parallel()
			_, after, err := set(t, sqlitetest.New(t), test.name, test.typed)
			if test.problem == "" {
				if err != nil || after != test.want {
					t.Errorf("Set = %q, %v; want %q", after, err, test.want)
				}
				return
			}
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || f.Fields[test.name].Key != test.problem {
				t.Errorf("Set = %v, want Invalid with %s", err, test.problem)
			}
		})
	}
}

func TestSetTellsBeforeAndAfter(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	for _, step := range []struct{ typed, before string }{{"7", "5"}, {"9", "7"}} {
		before, after, err := set(t, db, "sheet_blank_lines", step.typed)
		if err != nil || before != step.before || after != step.typed {
			t.Errorf("Set %s = %q, %q, %v; want %q before", step.typed, before, after, err, step.before)
		}
	}
	if got := get(t, db, settings.SheetBlankLines); got != 9 {
		t.Errorf("Get = %d, want 9", got)
	}
	if _, _, err := set(t, db, "role", "admin"); !fault.Is(err, fault.NotFound, "error.not_found") {
		t.Errorf("Set of an undeclared name = %v, want NotFound", err)
	}
}

// Every default passes its own check, or All would give another value than Set takes.
func TestAllCanBeSetAgain(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	var all []settings.Value
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		all, err = settings.All(tx)
		return err
	})
	if err != nil || len(all) < 9 || all[0].Name != "sheet_blank_lines" {
		t.Fatalf("All = %v, %v", all, err)
	}
	for _, v := range all {
		if _, after, err := set(t, db, v.Name, v.Value); err != nil || after != v.Value {
			t.Errorf("%s: Set(%q) = %q, %v", v.Name, v.Value, after, err)
		}
	}
}

// The association's own kinds of funding stand among those that all know, cleaned, and each once.
func TestFundings(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	fundings := func() (all []settings.Funding) {
		t.Helper()
		err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
			all, err = settings.Fundings(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return all
	}
	if got := fundings(); len(got) != 5 {
		t.Errorf("by default there are %q", got)
	}
	for _, test := range []struct{ typed, want, problem string }{
		{" Métropole  de Lyon \r\n\nFondation « 李 » D'Artagnan-N'Guyen\n", "Métropole de Lyon\nFondation « 李 » D'Artagnan-N'Guyen", ""},
		{"CAF\ncaf", "", "settings.name_twice"},
		{strings.Repeat("é", 61), "", "settings.name_long"},
		{strings.Repeat("é", 60), strings.Repeat("é", 60), ""},
		{"CAF\x07", "", "settings.one_line"},
		{"", "", ""},
		{"Métropole de Lyon\nCAF", "Métropole de Lyon\nCAF", ""},
	} {
		_, after, err := set(t, db, "own_fundings", test.typed)
		if f, _ := fault.As(err); test.problem != "" && (f == nil || f.Fields["own_fundings"].Key != test.problem) || test.problem == "" && (err != nil || after != test.want) {
			t.Errorf("Set(%q) = %q, %v; want %q or %s", test.typed, after, err, test.want, test.problem)
		}
	}
	want := []settings.Funding{settings.OwnBudget, settings.PassCulture, settings.CiteEducative, "Métropole de Lyon", "CAF", settings.Free, settings.UnknownYet}
	if got := fundings(); !slices.Equal(got, want) {
		t.Errorf("Fundings = %q, want %q", got, want)
	}
}

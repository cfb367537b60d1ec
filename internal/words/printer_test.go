package words

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-playground/locales/fr"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

type level string

type state int

func (state) String() string { return "arrivé" }

func TestPrinter(t *testing.T) {
	t.Parallel()
	p, err := load(French, fr.New(), fstest.MapFS{"fr/test.json": {Data: []byte(`{
		"a.plain": "Bonjour",
		"a.two": "{1} puis {0}, encore {1}",
		"a.places": {"one": "Il reste {0} place", "other": "Il reste {0} places"},
		"a.for": {"one": "Une place pour {1}", "other": "{0} places pour {1}"},
		"a.wrap": "Bilan : {0}."
	}`)}, "fr/format.json": {Data: []byte(`{
		"format.date_hour": "{0} à {1}", "format.list": "{0} et {1}"
	}`)}})
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"plain", p.T("a.plain"), "Bonjour"},
		{"order and repetition", p.T("a.two", "Zoé", "Łukasz"), "Łukasz puis Zoé, encore Łukasz"},
		{"placeholders of an argument stay", p.T("a.two", "{1}", "{0}"), "{0} puis {1}, encore {0}"},
		{"names untouched", p.T("a.wrap", "Zoé D'Artagnan-N'Guyen : محمد, 李 ?"), "Bilan : Zoé D'Artagnan-N'Guyen : محمد, 李 ?."},
		{"zero is singular", p.N("a.places", 0), "Il reste 0 place"},
		{"one", p.N("a.places", 1), "Il reste 1 place"},
		{"two", p.N("a.places", 2), "Il reste 2 places"},
		{"many", p.N("a.places", 12345), "Il reste 12 345 places"},
		{"count unsaid", p.N("a.for", 1, "Nguyễn"), "Une place pour Nguyễn"},
		{"count said", p.N("a.for", 3, "Nguyễn"), "3 places pour Nguyễn"},
		{"message", p.Message(fault.Message{Key: "a.wrap", Args: []any{"oui"}}), "Bilan : oui."},
		{"plural message", p.Message(fault.Message{Key: "a.places", Args: []any{4}}), "Il reste 4 places"},
		{"message in a message", p.T("a.wrap", fault.Message{Key: "a.places", Args: []any{1}}), "Bilan : Il reste 1 place."},
		{"time", p.T("a.wrap", noon), "Bilan : samedi 8 mai 2027 à 12 h."},
		{"list", p.T("a.wrap", []string{"Zoé", "Ali"}), "Bilan : Zoé et Ali."},
		{"own string type", p.T("a.wrap", level("avancé")), "Bilan : avancé."},
		{"stringer before its int", p.T("a.wrap", state(1)), "Bilan : arrivé."},
		{"year", p.T("a.wrap", 2027), "Bilan : 2027."},
		{"unknown type", p.T("a.wrap", true), "Bilan : ⟦bool⟧."},
		{"missing key", p.T("a.absent"), "⟦a.absent⟧"},
		{"missing plural", p.N("a.absent", 2), "⟦a.absent⟧"},
		{"too few arguments", p.T("a.two", "Zoé"), "⟦a.two⟧"},
		{"plural without a count", p.T("a.places", "Zoé"), "⟦a.places⟧"},
		{"nil", p.T("a.wrap", nil), "Bilan : ⟦<nil>⟧."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := wordstest.Plain(tt.got); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for _, lang := range []Lang{French, English} {
		if p := For(lang); !p.Has("format.age") || p.Lang() != French {
			t.Errorf("For(%s) is not the French catalogue", lang)
		}
	}
}

package words

import (
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/fr"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

type level string

type state int

func (state) String() string { return "arrivé" }

func TestPrinter(t *testing.T) {
	t.Parallel()
	p, err := load(French, fr.New(), fstest.MapFS{"test.json": {Data: []byte(`{
		"a.plain": "Bonjour",
		"a.two": "{1} puis {0}, encore {1}",
		"a.places": {"one": "Il reste {0} place", "other": "Il reste {0} places"},
		"a.for": {"one": "Une place pour {1}", "other": "{0} places pour {1}"},
		"a.wrap": "Bilan : {0}.",
		"a.of": "L'inscription de {0}, plutôt que {0} : la demande {0} de {1}."
	}`)}, "format.json": {Data: []byte(`{
		"format.date_hour": "{0} à {1}", "format.list": "{0} et {1}"
	}`)}})
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	tests := []struct{ name, got, want string }{
		{"plain", p.T("a.plain"), "Bonjour"},
		{"order and repetition", p.T("a.two", "Zoé", "Łukasz"), "Łukasz puis Zoé, encore Łukasz"},
		{"elision", p.T("a.of", "Élie", "İpek"), "L'inscription d'Élie, plutôt qu'Élie : la demande Élie d'İpek."},
		{"no elision", p.T("a.of", "Łukasz", "Hugo"), "L'inscription de Łukasz, plutôt que Łukasz : la demande Łukasz de Hugo."},
		{"elision before several", p.T("a.of", []string{"Inès", "Zoé"}, level("arrivé")), "L'inscription d'Inès et Zoé, plutôt qu'Inès et Zoé : la demande Inès et Zoé d'arrivé."},
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
	for lang, want := range map[Lang]Lang{French: French, English: English, "xx": French, "": French} {
		if p := For(lang); !p.Has("format.age") || p.Lang() != want {
			t.Errorf("For(%q) is the catalogue %q, want %q", lang, p.Lang(), want)
		}
	}
}

// A further language is a folder of texts: internal/words/ar has a few, and is not offered before it has them all and
// says its own name. Its days, months and six plural forms come from its locale.
func TestFurtherLanguage(t *testing.T) {
	t.Parallel()
	p := For("ar")
	noon := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{p.DateHour(noon), "السبت 8 مايو 2027 الساعة 12:00"},
		{p.N("ui.seats.left", 1), "بقي مكان واحد"},
		{p.N("ui.seats.left", 2), "بقي مكانان"},
		{p.N("ui.seats.left", 5), "بقيت 5 أماكن"},
		{p.N("ui.seats.left", 12), "بقي 12 مكانا"},
		{p.N("ui.seats.left", 100), "بقي 100 مكان"},
		{p.List([]string{"Zoé", "محمد"}), "Zoé ومحمد"},
		{p.Money(1450), "14٫50\u00a0€"},
		{p.T("booking.next"), "Continuer"}, // not there yet: French
		{Lang("ar").Dir() + English.Dir(), "rtlltr"},
		{Lang("ar").Path("/seances") + English.Path("/") + French.Path("/"), "/ar/seances/en/"},
	} {
		if tt.got != tt.want {
			t.Errorf("got %q, want %q", tt.got, tt.want)
		}
	}
	if offered := Offered(); !slices.Equal(offered, []Lang{French, English}) {
		t.Errorf("people can choose %v", offered)
	}
	for _, files := range []fstest.MapFS{
		{"en/a.json": {Data: []byte(`{}`)}},
		{"fr/a.json": {Data: []byte(`{}`)}, "xx/a.json": {Data: []byte(`{}`)}},
		{"fr/a.json": {Data: []byte(`{}`)}, "de/a.json": {Data: []byte(`{`)}},
	} {
		if _, err := loadLanguages(files); err == nil {
			t.Errorf("loaded %v", files)
		}
	}
	added, err := loadLanguages(fstest.MapFS{"fr/a.json": {Data: []byte(`{"a.b": "Bonjour"}`)}, "tr/a.json": {Data: []byte(`{"language.name": "Türkçe"}`)}})
	if err != nil || !slices.Equal(added.offered, []Lang{French, "tr"}) {
		t.Errorf("with Turkish people can choose %v, %v", added.offered, err)
	}
}

// What English does not say yet, it says in French, all of it: no English day in a French sentence.
func TestFallback(t *testing.T) {
	t.Parallel()
	french, err := load(French, fr.New(), fstest.MapFS{"test.json": {Data: []byte(`{
		"a.both": "Bonjour", "a.one": "Rendez-vous {0}", "a.places": {"one": "{0} place", "other": "{0} places"},
		"format.date_hour": "{0} à {1}", "format.list": "{0} et {1}"
	}`)}})
	if err != nil {
		t.Fatal(err)
	}
	english, err := load(English, en.New(), fstest.MapFS{"test.json": {Data: []byte(`{
		"a.both": "Hello", "format.date_hour": "{0} at {1}", "format.list": "{0} and {1}"
	}`)}})
	if err != nil {
		t.Fatal(err)
	}
	english.fallback = french
	noon := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{english.T("a.both"), "Hello"},
		{english.T("a.one", noon), "Rendez-vous samedi 8 mai 2027 à 12 h"},
		{english.T("a.one", []string{"Zoé", "李"}), "Rendez-vous Zoé et 李"},
		{english.N("a.places", 0), "0 place"},
		{english.N("a.places", 2), "2 places"},
		{english.T("a.absent"), "⟦a.absent⟧"},
		{english.T("a.one"), "⟦a.one⟧"},
	} {
		if got := wordstest.Plain(tt.got); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	if !english.Has("a.one") || english.Has("a.absent") {
		t.Error("Has does not tell what there is a text for")
	}
}

package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

func TestPathsByLanguage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ path, french, english string }{
		{"/", "/", "/en"},
		{"/en", "/", "/en"},
		{"/seances", "/seances", "/en/seances"},
		{"/en/seances/3", "/seances/3", "/en/seances/3"},
		{"/seances?age=9", "/seances?age=9", "/en/seances?age=9"},
		{"/inscription/3/sante#child-1", "/inscription/3/sante#child-1", "/en/inscription/3/sante#child-1"},
		{"/enfants", "/enfants", "/en/enfants"}, // only a whole step is a language
		{"/equipe", "/equipe", "/equipe"},
		{"/equipe/demandes?etat=recue", "/equipe/demandes?etat=recue", "/equipe/demandes?etat=recue"},
		{"/connexion?next=%2Fequipe", "/connexion?next=%2Fequipe", "/connexion?next=%2Fequipe"},
		{"/api/v1/sessions", "/api/v1/sessions", "/api/v1/sessions"},
		{"https://example.org/payer", "https://example.org/payer", "https://example.org/payer"},
		{"//evil.example", "//evil.example", "//evil.example"},
		{"mailto:salut@lesbricodeurs.fr", "mailto:salut@lesbricodeurs.fr", "mailto:salut@lesbricodeurs.fr"},
		{"#main", "#main", "#main"},
		{"", "", ""},
	} {
		if fr, en := pathIn(words.French, tt.path), pathIn(words.English, tt.path); fr != tt.french || en != tt.english {
			t.Errorf("%q is %q in French and %q in English, want %q and %q", tt.path, fr, en, tt.french, tt.english)
		}
	}
}

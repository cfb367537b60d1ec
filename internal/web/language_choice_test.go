package web

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

func TestPreferredLanguage(t *testing.T) {
	t.Parallel()
	for accepted, want := range map[string]words.Lang{
		"fr": words.French, "fr-FR,fr;q=0.9,en-US;q=0.8,en;q=0.7": words.French, "fr-CH": words.French,
		"en": words.English, "en-US,en;q=0.9": words.English, "en-GB,fr;q=0.5": words.English,
		"en;q=0.3,fr;q=0.8": words.French, "de-DE,de;q=0.9,en;q=0.8,fr;q=0.2": words.English, "ar,fr;q=0.8": words.French,
		"de": words.French, "zh-CN": words.French, "*": words.French, "en;q=0": words.French, "<script>": words.French, "": words.French,
	} {
		if got := preferred(accepted); got != want {
			t.Errorf("%q asks for %s, want %s", accepted, got, want)
		}
	}
}

// A browser that prefers English is led to the English page when it comes from elsewhere, and nowhere else.
func TestBrowsersChooseTheLanguage(t *testing.T) {
	t.Parallel()
	h := newSite(t)
	const english = "en-GB,en;q=0.9,fr;q=0.5"
	for name, tt := range map[string]struct {
		method, path, accepted, from, referer, want string
	}{
		"typed":                   {"GET", "/seances?age=9", english, "none", "", "/en/seances?age=9"},
		"home, from another site": {"GET", "/", english, "cross-site", "https://search.example/", "/en"},
		"an old browser":          {"GET", "/ecoles", english, "", "", "/en/ecoles"},
		"an old browser, inside":  {"GET", "/ecoles", english, "", h.URL + "/en", ""},
		"French in one click":     {"GET", "/", english, "same-origin", h.URL + "/en", ""},
		"a French browser":        {"GET", "/", "fr-FR,fr;q=0.9,en;q=0.8", "none", "", ""},
		"a robot":                 {"GET", "/", "", "", "", ""},
		"English already":         {"GET", "/en/seances", "fr", "none", "", ""},
		"a feed":                  {"GET", "/agenda.ics", english, "none", "", ""},
		"the machine interface":   {"GET", "/api/v1/sessions", english, "none", "", ""},
		"the team":                {"GET", "/connexion", english, "none", "", ""},
		"what does not exist":     {"GET", "/seances/999999", english, "none", "", "/en/seances/999999"},
		"a head":                  {"HEAD", "/plan-du-site", english, "none", "", "/en/plan-du-site"},
	} {
		r := httptest.NewRequest(tt.method, h.URL+tt.path, nil)
		for key, value := range map[string]string{"Accept-Language": tt.accepted, "Sec-Fetch-Site": tt.from, "Referer": tt.referer} {
			if value != "" {
				r.Header.Set(key, value)
			}
		}
		w := httptest.NewRecorder()
		h.web.ServeHTTP(w, r)
		got := w.Result()
		if location := got.Header.Get("Location"); location != tt.want || (tt.want != "") != (got.StatusCode == http.StatusFound) {
			t.Errorf("%s: %d to %q, want %q", name, got.StatusCode, location, tt.want)
		}
		if len(got.Cookies()) > 0 {
			t.Errorf("%s: a cookie", name) // RGPD-12
		}
	}
}

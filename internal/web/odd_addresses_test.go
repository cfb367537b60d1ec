package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// odd are values that mean something to SQL, HTML, paths or numbers.
var odd = []string{
	`'`, `"`, "\x00", `%`, `_`, `' OR 1=1 --`, `<script>alert(1)</script>`, `../../etc/passwd`, "-1", "0", "9223372036854775808", "1e9", "1;2", "é\u202e",
	"\xff\xfe", strings.Repeat("9", 5000),
}

// TestOddAddresses puts odd values in every parameter of every path, and in every name of a query that pages read, as
// somebody who may go everywhere: no page breaks, and none shows markup that it was given (SEC-18, SEC-19).
func TestOddAddresses(t *testing.T) {
	t.Parallel()
	w := newAccessWorld(t)
	admin := w.people[len(w.people)-1]
	ask := func(method, path string) {
		t.Helper()
		a := w.ask(method, path, url.Values{}, nil, admin)
		if a.Status >= 500 {
			t.Errorf("%s %.200s = %d", method, path, a.Status)
		}
		if strings.Contains(a.Body, "<script>alert") {
			t.Errorf("%s %.200s shows markup that it was given", method, path)
		}
	}
	names := []string{"a", "age", "annee", "atelier", "au", "city", "code", "colonnes", "de", "discipline", "du", "effaces", "etat", "fait", "faites", "from", "jour",
		"lieu", "month", "page", "places", "q", askLost, "suite", "suivi", "to", "transmise", "vue"}
	for _, route := range w.web.Routes() {
		if route.Method == http.MethodHead {
			continue
		}
		for _, value := range odd {
			segments := strings.Split(route.Path, "/")
			changed := false
			for i, segment := range segments {
				if strings.HasPrefix(segment, ":") || strings.HasPrefix(segment, "*") {
					segments[i], changed = url.PathEscape(value), true
				}
			}
			if changed {
				ask(route.Method, strings.Join(segments, "/"))
			}
		}
		path, err := w.fill(route.Path, "X", admin)
		if err != nil {
			t.Fatal(err)
		}
		if route.Method != http.MethodGet || strings.HasSuffix(path, ".pdf") {
			continue
		}
		for _, value := range odd {
			query := url.Values{}
			for _, name := range names {
				query.Set(name, value)
			}
			ask(http.MethodGet, path+"?"+query.Encode())
		}
	}
	before := w.state()
	w.restore()
	if w.state() != before {
		t.Error("odd addresses changed something")
	}
}

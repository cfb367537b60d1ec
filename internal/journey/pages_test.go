package journey

import (
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// shot is one page in one state.
type shot struct {
	route string // as the router has it; the path itself where show is nil
	state string
	role  string // who looks: a role of the team, "family", "young", or empty for a visitor
	show  func(*tab)
	// status is that of the page; 200 where it is 0.
	status int64
}

// files are the routes that give no page in the demo: those of the second factor, which TestSecondFactor looks at, files, feeds, a mail as it is, and the gallery, which shows all
// pieces in all states at once and has tests of its own.
var files = []string{
	"/connexion/code", "/connexion/application", "/animation/compte/codes", "/animation/compte/application",
	"/assets/*file", "/sw.js", "/manifest.webmanifest", "/animation/seances/:id/etat.json", "/healthz", "/compte/donnees/copie", "/agenda.ics", "/api/v1/openapi.json", "/api/v1/sessions", "/api/v1/sessions/:id", "/robots.txt", "/sitemap.xml",
	"/seances/:id/agenda.ics", "/inscriptions/:reference/:signature/agenda.ics", "/animation/seances/:id/feuille.pdf", "/animation/seances/:id/feuille-vierge.pdf",
	"/animation/seances/:id/affiche.pdf", "/animation/feuilles.pdf", "/animation/feuille-vierge.pdf", "/animation/seances/:id/attestations.pdf",
	"/animation/cycles/:id/attestations.pdf", "/passeport/:reference/:signature/:code", "/compte/passeport/:code", "/equipe/reglages/signature.png", "/equipe/reglages/logo.png", "/equipe/journal.csv", "/agendas/:membre/:signature/seances.ics", "/equipe/journal.xlsx",
	"/equipe/seances/:id/inscriptions.csv", "/equipe/seances/importer/modele.xlsx", "/demandes/:reference/:signature/convention/:agreement/convention.pdf",
	"/equipe/demandes/:id/convention/:agreement/convention.pdf", "/demandes/:reference/:signature/agenda.ics", "/_mails.json", "/_galerie", "/_mails/:id/html",
	"/demandes/:reference/:signature/attestation.pdf", "/equipe/demandes/:id/attestation.pdf", "/equipe/bilan/groupes.csv", "/equipe/bilan.pdf", "/equipe/bilan.xlsx",
	"/equipe/bilan.csv", "/equipe/bilan/presences.xlsx", "/equipe/bilan/presences.csv",
	"/demandes/:reference/:signature/devis/:quote/devis.pdf", "/demandes/:reference/:signature/factures/:invoice/facture.pdf",
	"/payeurs/:reference/:signature/devis/:quote/devis.pdf", "/payeurs/:reference/:signature/factures/:invoice/facture.pdf",
	"/equipe/demandes/:id/devis/:quote/devis.pdf", "/equipe/demandes/:id/factures/:invoice/facture.pdf", "/equipe/demandes/:id/papiers/:upload", "/equipe/factures.csv",
	"/equipe/paiements/journal.csv", "/equipe/paiements/journal.xlsx", "/equipe/paiements/recus/:recu/recu.pdf", "/compte/paiements/:recu/recu.pdf", "/equipe/inscriptions/:reference/encaisser",
}

// TestEveryPageIsLookedAt: a page that nobody put on the list is a page that nobody checks.
func TestEveryPageIsLookedAt(t *testing.T) {
	t.Parallel()
	server, err := web.New(web.Config{
		BaseURL: &url.URL{Scheme: "http", Host: "127.0.0.1"}, Log: slog.New(slog.DiscardHandler), Now: time.Now, Demo: &web.Demo{},
	}, web.Features{})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, s := range shots() {
		listed[s.route] = true
	}
	for _, route := range server.Routes() {
		if route.Method != http.MethodGet {
			continue
		}
		if twin := strings.HasPrefix(route.Path, words.English.Path("")); !twin && !listed[route.Path] && !slices.Contains(files, route.Path) {
			t.Errorf("%s is on no list: add a shot of it to shots, or name it among the files", route.Path)
		}
		delete(listed, route.Path)
	}
	for path := range listed {
		t.Errorf("%s has a shot, and is not a route", path)
	}
}

// twoWays are pages that are another one too: by a mailed link, and for who is signed in.
var twoWays = map[string]string{"/compte/passeport": "/passeport/:reference/:signature"}

// TestPages looks at every page in its states. Each is whole HTML in its language (ACC-2, ACC-3), a child's fields never ask for the parent's data (ACC-4), no two have the same title, and none gives a cookie to who
// only looks (RGPD-12).
func TestPages(t *testing.T) {
	t.Parallel()
	var titles sync.Map // route by title
	known := map[string]bool{}
	for _, s := range shots() {
		at := widths
		if known[s.route] && os.Getenv("ATELIERS_TEST_NIGHTLY") == "" {
			at = usualWidths // the same page in another state: the others wait for the night
		}
		known[s.route] = true
		t.Run(strings.ReplaceAll(s.route, "/", " ")+" "+s.state, func(t *testing.T) {
			t.Parallel()
			b := borrowTab(t, s.role, 1280, 800)
			if s.show == nil {
				b.open(s.route)
			} else {
				s.show(b)
			}
			want := s.status
			if want == 0 {
				want = http.StatusOK
			}
			b.says(want)
			if s.show == nil && s.role == "" && len(b.cookies()) > 0 {
				t.Errorf("looking gives the cookies %v", b.cookies())
			}
			if want == http.StatusOK { // an answer that came too late shows the page of the booking
				lang := eval[string](b, "document.documentElement.lang") // the home page is called alike in all
				if other, taken := titles.LoadOrStore(lang+" "+b.title(), s.route); taken && other != s.route && twoWays[s.route] != other && twoWays[other.(string)] != s.route {
					t.Errorf("the title %q is that of %s too", b.title(), other)
				}
			}
			b.lookAt(at)
		})
	}
}

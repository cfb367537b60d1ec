package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// family books children for a session, or lets them wait, as one family of its own.
func (s *site) family(session int64, children int, together bool) {
	s.t.Helper()
	s.keys++
	req := booking.Request{SessionID: session, IfFull: booking.Wait, Together: together,
		Guardian: family.NewGuardian{Name: "Nguyễn", Email: fmt.Sprintf("famille%d@exemple.fr", s.keys), Phone: "06 12 34 56 78", Language: "fr"}}
	for i := range children {
		req.Children = append(req.Children, family.NewChild{FirstName: fmt.Sprintf("Zoé %d", i), LastName: "D'Artagnan-N'Guyen",
			BirthDate: time.Date(2014, 9, 3, 0, 0, 0, 0, time.UTC), Health: family.Health{State: family.HealthNone}, Image: family.Later})
	}
	if _, err := s.web.Bookings.Book(s.t.Context(), account.Guest(), s.key(), req); err != nil {
		s.t.Fatal(err)
	}
}

// on is a session of a workshop for some ages on a day, at 14:00.
func (s *site) on(date, title string, discipline catalog.Discipline, low, high, capacity int) int64 {
	s.t.Helper()
	return s.sessionOf(catalog.Workshop{Title: title, Level: "Initiation", Discipline: discipline, MinAge: low, MaxAge: high, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: date, Starts: "14:00", Ends: "16:00", Capacity: capacity, PriceCents: 1400})
}

// sql changes the database as nobody but a test would.
func (s *site) sql(query string, args ...any) {
	s.t.Helper()
	if err := s.db.Write(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}); err != nil {
		s.t.Fatal(err)
	}
}

// titles are the sessions of the list, in order.
func (a reply) titles() []string {
	var titles []string
	a.Find(".session h3").Each(func(_ int, h *goquery.Selection) { titles = append(titles, h.Text()) })
	return titles
}

func TestHome(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("2026-05-09", "Découverte", "code", 6, 12, 12)
	s.on("2026-06-13", "Étoile de Nguyễn & <Łukasz>, محمد, 李", "musique", 10, 18, 12)
	page := s.browser().get("/").want(200, "On code, on construit, on invente", "2 séances à venir", "mai 2026", "juin 2026", "sam. 9 mai", "14 h",
		"6–12 ans", "10–18 ans", "Espace Altnet, Lyon", "14 €", "Il reste 12 places")
	if got, want := page.titles(), []string{"Découverte", "Étoile de Nguyễn & <Łukasz>, محمد, 李"}; !slices.Equal(got, want) { // UX-P9
		t.Errorf("titles %q, want %q", got, want)
	}
	if got := page.Find("title").Text(); got != "Les Ateliers d'Ada" {
		t.Errorf("title %q", got)
	}
	if n := page.Find("h1").Length(); n != 1 {
		t.Errorf("%d h1", n)
	}
	if page.Find("form[method=post]").Length() > 0 || page.header.Get("Set-Cookie") != "" {
		t.Error("a page that everybody shares has a form or a cookie of its own")
	}
	for _, path := range []string{"/", "/seances"} {
		if canonical := s.browser().get(path).Find("link[rel=canonical]").AttrOr("href", ""); canonical != s.URL+path {
			t.Errorf("canonical of %s is %s", path, canonical)
		}
	}
}

func TestHomeWithoutSessions(t *testing.T) {
	t.Parallel()
	newSite(t).browser().get("/").want(200, "Aucune séance pour le moment", "Revenez bientôt")
}

// UX-P20: each card says how many places there are, never negative, none while somebody waits who could use one.
func TestCardsTellPlaces(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 5)
	b := s.browser()
	seats := func(says, holes string) {
		t.Helper()
		page := b.get("/seances").want(200)
		if got := strings.Join(strings.Fields(page.Find(".session .seats").Text()), " "); strings.ReplaceAll(got, "\u00a0", " ") != says {
			t.Errorf("the card says %q, want %q", got, says)
		}
		var got strings.Builder
		page.Find(".session .holes i").Each(func(_ int, hole *goquery.Selection) { got.WriteString(hole.AttrOr("class", "")[:1]) })
		if got.String() != holes {
			t.Errorf("holes %s, want %s", got.String(), holes)
		}
	}
	seats("Il reste 5 places", "fffff")
	s.family(session, 1, false)
	seats("Il reste 4 places", "tffff")
	s.family(session, 3, false)
	seats("Il reste 1 place", "ttttf")
	s.family(session, 1, false)
	seats("Complet", "ttttt")
	s.family(session, 2, false)
	seats("Complet – liste d'attente (2)", "tttttww")
	// A seat that is free but not yet offered belongs to the list.
	s.sql(`UPDATE bookings SET status = 'cancelled', cancelled_by = 'family', cancelled_at = created_at WHERE id = 1`)
	seats("Complet – liste d'attente (2)", "tttttww")
	// One that the list cannot use, since both want to come together, is open.
	s.sql(`UPDATE booking_groups SET seating = 'together'`)
	seats("Il reste 1 place", "ttttfww")
	// An override may go over the capacity.
	s.sql(`UPDATE sessions SET capacity = 1`)
	seats("Complet – liste d'attente (2)", "tww")
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.on("2026-05-09", "Découverte", "code", 6, 12, 12)
	s.on("2026-05-30", "Robotique", "robotique", 10, 18, 1)
	s.on("2026-06-13", "Musique", "musique", 6, 12, 12)
	s.family(2, 1, false)
	b := s.browser()
	for _, tt := range []struct {
		query, count string
		want         []string
	}{
		{"", "3 séances à venir", []string{"Découverte", "Robotique", "Musique"}},
		{"age=9", "2 séances correspondent", []string{"Découverte", "Musique"}},
		{"age=12&discipline=robotique", "1 séance correspond", []string{"Robotique"}},
		{"city=lyon", "3 séances correspondent", []string{"Découverte", "Robotique", "Musique"}},
		{"city=Lille", "Aucune séance ne correspond", nil},
		{"month=2026-05", "2 séances correspondent", []string{"Découverte", "Robotique"}},
		{"from=2026-05-10&to=2026-05-30", "1 séance correspond", []string{"Robotique"}},
		{"places=1", "2 séances correspondent", []string{"Découverte", "Musique"}},
		{"age=9&discipline=&city=&month=2026-06&places=1", "1 séance correspond", []string{"Musique"}}, // as a form sends it
		{"utm_source=lettre", "3 séances à venir", []string{"Découverte", "Robotique", "Musique"}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			page := b.get("/seances?"+tt.query).want(200, tt.count)
			if got := page.titles(); !slices.Equal(got, tt.want) {
				t.Errorf("titles %q, want %q", got, tt.want)
			}
			// The form shows what was asked, and sends the same again: the address can be shared.
			again := page.fill("/seances", nil)
			asked, err := url.ParseQuery(tt.query)
			if err != nil {
				t.Fatal(err)
			}
			for name := range asked {
				if name != "utm_source" && !strings.EqualFold(again.Get(name), asked.Get(name)) {
					t.Errorf("%s is %q in the form, want %q", name, again.Get(name), asked.Get(name))
				}
			}
			if same := b.get("/seances?" + again.Encode()).titles(); !slices.Equal(same, tt.want) {
				t.Errorf("sent again: %q, want %q", same, tt.want)
			}
		})
	}
}

// A filter that cannot be understood is said beside its field; nothing typed is lost.
func TestWrongFilters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	page := s.browser().get("/seances?age=neuf&discipline=cuisine&month=mai&from=2026-06-01&to=2026-05-01&city=Lyon").
		want(422, "4 points sont à corriger", "Écrivez un âge en années, de 3 à 25.", "Choisissez un thème de la liste.", "La fin vient avant le début.", "1 séance à venir")
	form := page.fill("/seances", nil)
	for name, want := range map[string]string{"age": "neuf", "discipline": "cuisine", "month": "mai", "from": "2026-06-01", "to": "2026-05-01", "city": "Lyon"} {
		if got := form.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(page.Find("title").Text(), "Erreur") || page.Find("#age[aria-invalid]").Length() != 1 {
		t.Error("the error is not told in the title and on the field")
	}
	if got := page.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("Cache-Control %q", got)
	}
}

// SEC-19: what is typed is data, in the query and on the page.
func TestFiltersOfABadVisitor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	for _, name := range []string{"age", "discipline", "city", "month", "from", "to", "places", "page"} {
		for _, value := range []string{`'"\0%_`, "' OR 1=1 --", "<script>alert(1)</script>", "\x00\xff", strings.Repeat("é", 3000), "-1", "99999999999999999999", "$(id)"} {
			for _, path := range []string{"/seances", "/agenda.ics", "/api/v1/sessions"} {
				page := b.get(path + "?" + url.Values{name: {value}}.Encode())
				if page.status >= 500 {
					t.Errorf("%s with %s=%q: status %d", path, name, value, page.status)
				}
				if strings.Contains(page.body, "<script>alert") {
					t.Errorf("%s with %s=%q repeats it as it is", path, name, value)
				}
			}
		}
	}
}

func TestPagesOfTheList(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	first := s.session("Robotique", 12)
	for range 20 {
		if _, err := s.web.Catalog.DuplicateSession(t.Context(), account.Command(), s.key(), first, "2026-06-13", catalog.Assent{}); err != nil {
			t.Fatal(err)
		}
	}
	s.sql(`UPDATE sessions SET status = 'published'`)
	b := s.browser()
	page := b.get("/").want(200, "21 séances à venir", "Page 1 sur 2", "Séances suivantes")
	if n := len(page.titles()); n != sessionsPerPage {
		t.Errorf("%d sessions on the first page", n)
	}
	next := b.get(page.Find("a[rel=next]").AttrOr("href", "")).want(200, "Page 2 sur 2", "Séances précédentes")
	if n := len(next.titles()); n != 1 || !strings.HasPrefix(next.Find("title").Text(), "Les séances, page 2") {
		t.Errorf("%d sessions on the page %q", n, next.Find("title").Text())
	}
	filtered := b.get("/seances?age=9").want(200, "Page 1 sur 2")
	b.get(filtered.Find("a[rel=next]").AttrOr("href", "")).want(200, "21 séances correspondent", "Page 2 sur 2")
	for _, number := range []string{"3", "0", "-1", "deux"} {
		b.get("/seances?page=" + number).want(404)
	}
}

// A ready page is asked for again each time, and sent again only when it has changed.
func TestCataloguePagesAreFresh(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 2)
	etag := func(path, known string) (tag string, status int) {
		t.Helper()
		req, err := http.NewRequest(http.MethodGet, s.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("If-None-Match", known)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		return res.Header.Get("ETag"), res.StatusCode
	}
	paths := []string{"/", "/seances", "/seances?age=9", "/seances/1", "/api/v1/sessions", "/api/v1/sessions/1"}
	known := map[string]string{}
	ask := func(what string, status int) {
		t.Helper()
		for _, path := range paths {
			tag, got := etag(path, known[path])
			if got != status || tag == "" {
				t.Errorf("%s: %s answers %d with tag %s, want %d", what, path, got, tag, status)
			}
			known[path] = tag
		}
	}
	ask("first", 200)
	ask("again", 304)
	s.family(session, 1, false)
	ask("after a booking", 200)
	ask("again", 304)

	// Another process, such as a command, writes to the same file.
	other := sqlitetest.Open(t, sqlite.Config{Path: s.db.Path(), Clock: s.clock.Now, Readers: 1})
	if err := other.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(`UPDATE sessions SET capacity = 3`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	ask("after a command", 200)
	ask("again", 304)

	// Time alone: the closing of the booking, which is the start.
	s.clock.Set(time.Date(2026, 5, 9, 11, 59, 59, 0, time.UTC))
	ask("a second before the start", 304)
	s.clock.Advance(time.Second)
	ask("at the start", 200)
	s.browser().get("/").want(200, "Aucune séance pour le moment")
	s.browser().get("/seances/1").want(200, "Cette séance est en cours")
}

// SEC-15: reading changes nothing.
func TestReadingTheCatalogueWritesNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.session("Robotique", 2)
	before := s.db.Changes()
	b := s.browser()
	for _, path := range []string{"/", "/seances", "/seances?age=9&places=1", "/seances/1", "/seances/2", "/seances/1/agenda.ics", "/agenda.ics",
		"/api/v1/sessions", "/api/v1/sessions/1", "/api/v1/openapi.json", "/plan-du-site", "/robots.txt", "/sitemap.xml"} {
		b.get(path)
	}
	if after := s.db.Changes(); after != before {
		t.Errorf("%d commits", after-before)
	}
}

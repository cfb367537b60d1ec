package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/alert"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/report"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// site is the real server on a database of its own, with a clock that the test moves.
type site struct {
	*httptest.Server
	t      testing.TB
	web    *Server
	db     *sqlite.DB
	clock  *sqlitetest.Clock
	secret account.Secret
	venue  int64
	keys   int
}

// testNow is a Monday afternoon in Lyon, in the spring of the tests.
var testNow = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func newSite(t testing.TB) *site {
	t.Helper()
	return startSite(t, "http")
}

// startSite starts the server with a base URL of this scheme; with https it has the strict cookies of the real
// thing.
func startSite(t testing.TB, scheme string) *site {
	t.Helper()
	s := &site{t: t, clock: sqlitetest.NewClock(testNow)}
	s.db = sqlitetest.NewAt(t, s.clock.Now)
	var err error
	if s.secret, err = account.LoadSecret(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	press, err := testPress()
	if err != nil {
		t.Fatal(err)
	}
	s.Server = httptest.NewUnstartedServer(nil)
	base := &url.URL{Scheme: scheme, Host: s.Listener.Addr().String()}
	bookings := booking.NewService(s.db, s.secret)
	mails, err := mail.NewRenderer(mail.Site{BaseURL: base.String()})
	if err != nil {
		t.Fatal(err)
	}
	preview := func(kind, language string, payload any) (subject, text string, err error) {
		m, err := mails.Preview(kind, language, payload, s.clock.Now())
		return m.Subject, m.Text, err
	}
	s.web, err = New(Config{Preview: preview, BaseURL: base, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)), Now: s.clock.Now, RenderEvery: 1}, Features{
		Door: account.NewDoor(s.db, s.secret, s.clock.Now, false), SignIns: account.NewSignIns(s.db, scheme == "https", s.clock.Now), Secret: s.secret,
		FamilyDoor: account.NewFamilyDoor(s.db, s.secret, s.clock.Now), FamilySignIns: account.NewFamilySignIns(s.db, scheme == "https", s.clock.Now), Families: family.NewService(s.db, s.secret),
		Catalog: catalog.New(s.db), Bookings: bookings,
		Attendance: attendance.NewService(s.db, bookings), School: school.NewService(s.db, s.secret), Privacy: privacy.NewService(s.db, s.secret), Payments: payment.NewService(s.db), Messages: message.NewService(s.db), Report: report.NewService(s.db), Numbers: numbering.NewService(s.db), Alerts: alert.NewStore(s.db), Press: press,
		Office: account.NewOffice(s.db, s.secret), Outbox: outbox.NewStore(s.db),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = s.web
	if scheme == "https" {
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s
}

// testPress cuts the fonts once for all tests.
var testPress = sync.OnceValues(document.New)

// testLog shows what the server logs beside the test that caused it.
type testLog struct{ t testing.TB }

func (l testLog) Write(p []byte) (int, error) {
	l.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// key is a form key for acting on a feature without its form.
func (s *site) key() account.FormKey {
	s.t.Helper()
	s.keys++
	key, err := s.secret.CheckFormKey(s.secret.FormKey("test", "", s.clock.Now()), "test", "", s.clock.Now())
	if err != nil {
		s.t.Fatal(err)
	}
	return key
}

// session publishes a session of a new workshop, for ages 6 to 12, on 9 May 2026 at 14:00 in Lyon.
func (s *site) session(title string, capacity int) int64 {
	s.t.Helper()
	return s.sessionOf(catalog.Workshop{
		Title: title, Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120,
	}, catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: capacity, PriceCents: 1400})
}

func (s *site) sessionOf(w catalog.Workshop, r catalog.SessionRequest) int64 {
	s.t.Helper()
	ctx, c, admin := s.t.Context(), s.web.Catalog, account.Command()
	must := func(id int64, err error) int64 {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
		return id
	}
	if s.venue == 0 {
		s.venue = must(c.CreateVenue(ctx, admin, s.key(), catalog.Venue{
			Name: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon", Capacity: 30, StepFree: "unknown", TimeZone: "Europe/Paris",
		}))
	}
	r.WorkshopID, r.VenueID = must(c.CreateWorkshop(ctx, admin, s.key(), w)), s.venue
	id := must(c.CreateSession(ctx, admin, s.key(), r))
	if err := c.PublishSession(ctx, admin, s.key(), id); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// browser is one person's browser: it keeps cookies and follows redirects.
type browser struct {
	site   *site
	client *http.Client
}

func (s *site) browser() *browser {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{site: s, client: &http.Client{Jar: jar}}
}

// reply is a page as it came back.
type reply struct {
	*goquery.Document
	t      testing.TB
	status int
	path   string
	header http.Header
	body   string
}

func (b *browser) get(path string) reply {
	b.site.t.Helper()
	res, err := b.client.Get(b.site.URL + path)
	return b.read(res, err)
}

func (b *browser) post(path string, form url.Values) reply {
	b.site.t.Helper()
	res, err := b.client.PostForm(b.site.URL+path, form)
	return b.read(res, err)
}

func (b *browser) read(res *http.Response, err error) reply {
	t := b.site.t
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	return reply{doc, t, res.StatusCode, res.Request.URL.Path, res.Header, string(body)}
}

// fill reads the fields of the page's form that ends in action (the first form when empty), as a browser
// would send them, and changes some.
func (a reply) fill(action string, change url.Values) url.Values {
	a.t.Helper()
	form := a.Find("main form")
	if action != "" {
		form = a.Find("form").FilterFunction(func(_ int, f *goquery.Selection) bool {
			return strings.HasSuffix(f.AttrOr("action", a.path), action)
		})
	}
	if form.Length() == 0 {
		a.t.Fatalf("%s has no form that ends in %q:\n%s", a.path, action, a.text())
	}
	values := url.Values{}
	form.First().Find("input, textarea, select").Each(func(_ int, in *goquery.Selection) {
		name, kind := in.AttrOr("name", ""), in.AttrOr("type", "")
		_, checked := in.Attr("checked")
		switch {
		case name == "" || (kind == "radio" || kind == "checkbox") && !checked:
		case goquery.NodeName(in) == "select":
			values.Add(name, in.Find("option[selected]").AttrOr("value", ""))
		case goquery.NodeName(in) == "textarea":
			values.Add(name, strings.TrimPrefix(in.Text(), "\n"))
		default:
			values.Add(name, in.AttrOr("value", ""))
		}
	})
	for name, v := range change {
		values[name] = v
	}
	return values
}

// text is what the page says, with plain spaces.
func (a reply) text() string {
	return strings.Join(strings.Fields(wordstest.Plain(a.Find("main").Text())), " ")
}

// wantNot reports every text that the page must not say.
func (a reply) wantNot(says ...string) {
	a.t.Helper()
	for _, text := range says {
		if strings.Contains(a.text(), text) {
			a.t.Errorf("%s says %q", a.path, text)
		}
	}
}

// want fails unless the page has a status and says every one of these.
func (a reply) want(status int, says ...string) reply {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("%s: status %d, want %d\n%s", a.path, a.status, status, a.text())
	}
	for _, want := range says {
		if !strings.Contains(a.text(), want) {
			a.t.Fatalf("%s does not say %q:\n%s", a.path, want, a.text())
		}
	}
	return a
}

// count runs a query that gives one number.
func (s *site) count(query string, args ...any) (n int) {
	s.t.Helper()
	err := s.db.Read(s.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(query, args...).Scan(&n)
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

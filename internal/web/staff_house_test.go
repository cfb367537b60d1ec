package web

import (
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

const housePassword = "quatre chevaux bleus dansent"

// house is the site with its team, over https.
type house struct {
	*site
	t     testing.TB
	users map[string]int64 // by e-mail
}

func newHouse(t testing.TB) *house {
	t.Helper()
	return &house{site: startSite(t, "https"), t: t, users: map[string]int64{}}
}

// user adds somebody to the team.
func (h *house) user(email, name string, role account.Role) int64 {
	h.t.Helper()
	id := accounttest.AddUser(h.t, h.db, account.NewUser{Email: email, Name: name, Role: role, Password: housePassword})
	h.users[email] = id
	return id
}

// teamBrowser is one browser with its cookies. It follows no redirect, so that tests see each answer.
type teamBrowser struct {
	h      *house
	client *http.Client
	jar    *cookiejar.Jar
}

func (h *house) teamBrowser() *teamBrowser {
	h.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		h.t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: h.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs}}
	h.t.Cleanup(transport.CloseIdleConnections)
	return &teamBrowser{h: h, jar: jar, client: &http.Client{Transport: transport, Jar: jar, Timeout: 20 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// member is a browser in which somebody of the team has signed in.
func (h *house) member(role account.Role) *teamBrowser {
	h.t.Helper()
	email := string(role) + "@exemple.fr"
	if _, known := h.users[email]; !known {
		h.user(email, "Zoé D'Artagnan-N'Guyen", role)
	}
	b := h.teamBrowser()
	b.signIn(email)
	return b
}

func (b *teamBrowser) signIn(email string) {
	b.h.t.Helper()
	form := b.get("/connexion").form("/connexion")
	form.Set("email", email)
	form.Set("password", housePassword)
	b.post("/connexion", form).wants(http.StatusSeeOther)
}

// answer is a response, read.
type answer struct {
	t      testing.TB
	what   string
	Status int
	Header http.Header
	Body   string
	doc    *goquery.Document
}

func (b *teamBrowser) get(path string) *answer {
	b.h.t.Helper()
	return b.send(http.MethodGet, path, nil, nil)
}

func (b *teamBrowser) post(path string, form url.Values) *answer {
	b.h.t.Helper()
	return b.send(http.MethodPost, path, form, http.Header{"Sec-Fetch-Site": {"same-origin"}})
}

func (b *teamBrowser) send(method, path string, form url.Values, header http.Header) *answer {
	b.h.t.Helper()
	return b.sendBody(method, path, form.Encode(), header)
}

// sendBody sends any body; a form unless header says what it is.
func (b *teamBrowser) sendBody(method, path, body string, header http.Header) *answer {
	b.h.t.Helper()
	r, err := http.NewRequestWithContext(b.h.t.Context(), method, b.h.URL+path, strings.NewReader(body))
	if err != nil {
		b.h.t.Fatal(err)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, values := range header {
		r.Header[name] = values
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.h.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	read, err := io.ReadAll(res.Body)
	if err != nil {
		b.h.t.Fatal(err)
	}
	a := &answer{t: b.h.t, what: method + " " + path, Status: res.StatusCode, Header: res.Header, Body: string(read)}
	page := a.Body
	if !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		page = "" // a file
	}
	if a.doc, err = goquery.NewDocumentFromReader(strings.NewReader(page)); err != nil {
		b.h.t.Fatal(err)
	}
	// The bytes of a PDF or a workbook may spell anything.
	if kind := res.Header.Get("Content-Type"); strings.Contains(a.Body, "⟦") && kind != "application/pdf" && kind != workbookType {
		b.h.t.Errorf("%s: a text is missing", a.what)
	}
	return a
}

// wants ends the test unless the answer has the status.
func (a *answer) wants(status int) *answer {
	a.t.Helper()
	if a.Status != status {
		a.t.Fatalf("%s = %d, want %d\n%s", a.what, a.Status, status, a.text("main"))
	}
	return a
}

// leadsTo ends the test unless the answer is a redirect to path.
func (a *answer) leadsTo(path string) *answer {
	a.t.Helper()
	a.wants(http.StatusSeeOther)
	if got := a.Header.Get("Location"); got != path {
		a.t.Fatalf("%s leads to %q, want %q", a.what, got, path)
	}
	return a
}

// text is what a reader sees in the parts that a selector finds, with ordinary spaces.
func (a *answer) text(selector string) string {
	return strings.Join(strings.Fields(wordstest.Plain(a.doc.Find(selector).Text())), " ")
}

// says reports as an error each part that the page lacks.
func (a *answer) says(parts ...string) *answer {
	a.t.Helper()
	text := a.text("body")
	for _, part := range parts {
		if !strings.Contains(text, part) {
			a.t.Errorf("%s does not say %q:\n%s", a.what, part, a.text("main"))
		}
	}
	return a
}

// hides reports as an error each part that the answer holds anywhere.
func (a *answer) hides(parts ...string) *answer {
	a.t.Helper()
	for _, part := range parts {
		if strings.Contains(a.Body, part) {
			a.t.Errorf("%s holds %q", a.what, part)
		}
	}
	return a
}

// form is what a browser would send from the form with this action, as the page shows it.
func (a *answer) form(action string) url.Values {
	a.t.Helper()
	form := a.doc.Find(`main form[method=post][action="` + action + `"]`)
	if form.Length() != 1 {
		a.t.Fatalf("%s has %d forms for %q", a.what, form.Length(), action)
	}
	values := url.Values{}
	form.Find("input[name], select[name], textarea[name]").Each(func(_ int, s *goquery.Selection) {
		name, value := s.AttrOr("name", ""), s.AttrOr("value", "")
		switch {
		case s.Is("textarea"):
			value = strings.TrimPrefix(s.Text(), "\n")
		case s.Is("select"):
			value = s.Find("option[selected]").AttrOr("value", s.Find("option").First().AttrOr("value", ""))
		case s.Is("[type=radio], [type=checkbox]") && !s.Is("[checked]"):
			return
		}
		values.Add(name, value)
	})
	return values
}

// cookies are what the browser would send to the site.
func (b *teamBrowser) cookies() map[string]string {
	u, err := url.Parse(b.h.URL)
	if err != nil {
		b.h.t.Fatal(err)
	}
	all := map[string]string{}
	for _, cookie := range b.jar.Cookies(u) {
		all[cookie.Name] = cookie.Value
	}
	return all
}

// must ends the test with err.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// scan reads one value of one row.
func (h *house) scan(to any, query string, args ...any) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(query, args...).Scan(to)
	}))
}

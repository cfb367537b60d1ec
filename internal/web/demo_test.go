package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// newDemo is a server with the pages of the demonstration and nothing else behind it.
func newDemo(t *testing.T, health func(context.Context) error) (http.Handler, *sqlitetest.Clock) {
	t.Helper()
	clock := sqlitetest.NewClock(testNow)
	mails := []DemoMail{
		{ID: 2, To: []string{"zoe@example.org"}, Subject: "C'est réservé <Zoé>", Text: "Votre inscription :\nhttps://example.org/inscriptions/A <b>", HTML: "<p style=\"color:red\">Zoé</p>",
			ReceivedAt: testNow, Attachments: []DemoAttachment{{Name: "seance.ics", Content: "BEGIN:VCALENDAR"}}},
		{ID: 1, To: []string{"li@example.org"}, Subject: "李", ReceivedAt: testNow},
	}
	s, err := New(Config{
		BaseURL: &url.URL{Scheme: "http", Host: "127.0.0.1"}, Log: slog.New(slog.NewTextHandler(testLog{t}, nil)), Now: clock.Now, Health: health,
		Demo: &Demo{
			Mails: func(context.Context) ([]DemoMail, error) { return mails, nil },
			Move: func(_ context.Context, to time.Time) error {
				clock.Set(to)
				return nil
			},
		},
	}, Features{})
	if err != nil {
		t.Fatal(err)
	}
	return s, clock
}

func ask(h http.Handler, method, path string, form url.Values, accept string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept", accept)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}

func TestDemoClock(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, accept string
		form         url.Values
		status       int
		moved        time.Duration
	}{
		{"by a duration", "*/*", url.Values{"by": {"48h"}}, http.StatusOK, 48 * time.Hour},
		{"to an instant", "*/*", url.Values{"to": {"2026-05-05T14:00:00+02:00"}}, http.StatusOK, 24 * time.Hour},
		{"by a browser", "text/html,*/*", url.Values{"by": {"1h"}}, http.StatusSeeOther, time.Hour},
		{"by nothing", "*/*", url.Values{}, http.StatusUnprocessableEntity, 0},
		{"by a word", "*/*", url.Values{"by": {"demain"}}, http.StatusUnprocessableEntity, 0},
		{"to a local time", "*/*", url.Values{"to": {"2026-05-05T14:00"}}, http.StatusUnprocessableEntity, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h, clock := newDemo(t, nil)
			got := ask(h, http.MethodPost, "/_horloge", c.form, c.accept)
			if got.Code != c.status {
				t.Errorf("status %d, want %d: %s", got.Code, c.status, got.Body)
			}
			if moved := clock.Now().Sub(testNow); moved != c.moved {
				t.Errorf("the clock moved by %v, want %v", moved, c.moved)
			}
		})
	}
	h, _ := newDemo(t, nil)
	if page := ask(h, http.MethodGet, "/_horloge", nil, "text/html"); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), "lundi 4\u00a0mai 2026") {
		t.Errorf("the page of the clock: %d %s", page.Code, page.Body)
	}
}

func TestDemoMails(t *testing.T) {
	t.Parallel()
	h, _ := newDemo(t, nil)
	list := ask(h, http.MethodGet, "/_mails", nil, "text/html").Body.String()
	if !strings.Contains(list, "zoe@example.org") || !strings.Contains(list, "李") || !strings.Contains(list, "C&#39;est réservé &lt;Zoé&gt;") {
		t.Errorf("the list of mails lacks one, or shows it raw: %s", list)
	}
	mail := ask(h, http.MethodGet, "/_mails/2", nil, "text/html").Body.String()
	for _, want := range []string{`<a href="https://example.org/inscriptions/A">`, "&lt;b&gt;", "seance.ics"} {
		if !strings.Contains(mail, want) {
			t.Errorf("the mail lacks %s: %s", want, mail)
		}
	}
	html := ask(h, http.MethodGet, "/_mails/2/html", nil, "text/html")
	if policy := html.Header().Get("Content-Security-Policy"); html.Body.String() != `<p style="color:red">Zoé</p>` || strings.Contains(policy, "script") {
		t.Errorf("the HTML of the mail: %s (%s)", html.Body, policy)
	}
	if got := ask(h, http.MethodGet, "/_mails/3", nil, "text/html"); got.Code != http.StatusNotFound {
		t.Errorf("a mail that nobody sent: %d", got.Code)
	}
	var mails []DemoMail
	if err := json.Unmarshal(ask(h, http.MethodGet, "/_mails.json", nil, "*/*").Body.Bytes(), &mails); err != nil || len(mails) != 2 || mails[0].To[0] != "zoe@example.org" {
		t.Errorf("the mails as JSON: %v, %v", mails, err)
	}
}

func TestDemoPagesExistInTheDemoOnly(t *testing.T) {
	t.Parallel()
	site := newSite(t)
	for _, path := range []string{"/_mails", "/_mails.json", "/_mails/1", "/_horloge", GalleryPath} {
		if got := site.browser().get(path); got.status != http.StatusNotFound {
			t.Errorf("%s answers %d without a demo", path, got.status)
		}
	}
	h, _ := newDemo(t, nil)
	if got := ask(h, http.MethodGet, GalleryPath, nil, "text/html"); got.Code != http.StatusOK {
		t.Errorf("the gallery answers %d", got.Code)
	}
}

func TestHealth(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err    error
		status int
		body   string
	}{
		{nil, http.StatusOK, "ok\n"},
		{errors.New("disk I/O error"), http.StatusServiceUnavailable, "unavailable\n"},
	} {
		h, _ := newDemo(t, func(context.Context) error { return c.err })
		if got := ask(h, http.MethodGet, "/healthz", nil, "*/*"); got.Code != c.status || got.Body.String() != c.body {
			t.Errorf("healthz with %v: %d %q", c.err, got.Code, got.Body)
		}
	}
}

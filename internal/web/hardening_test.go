package web

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// logBuffer keeps what the server logs.
type logBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// newLoggedSite is newSite with everything logged where the test can read it.
func newLoggedSite(t *testing.T) (*site, *logBuffer) {
	t.Helper()
	s, log := newSite(t), &logBuffer{}
	s.web.config.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	return s, log
}

// TestPanicIsAPage: a handler that panics is a page of the house with an id that the log knows too; nothing of the
// reason is shown, and the process lives (SEC-28).
func TestPanicIsAPage(t *testing.T) {
	t.Parallel()
	s, log := newLoggedSite(t)
	s.web.engine.GET("/panique", func(*gin.Context) { panic("SELECT secret FROM /var/lib/ateliers") })
	b := s.browser()
	page := b.get("/panique").want(500)
	for _, hidden := range []string{"SELECT", "/var/lib", "goroutine", ".go:"} {
		if strings.Contains(page.body, hidden) {
			t.Errorf("the page shows %q", hidden)
		}
	}
	id := regexp.MustCompile(`[0-9a-f]{12}`).FindString(page.text())
	if id == "" || !strings.Contains(log.String(), "request="+id) || !strings.Contains(log.String(), "SELECT secret") {
		t.Errorf("the page names %q; the log:\n%s", id, log)
	}
	// A page can be asked for again by a link, a form cannot.
	page.want(500, "Réessayer")
	s.web.engine.POST("/panique", func(*gin.Context) { panic("sent") })
	if sent := b.post("/panique", nil).want(500, "Une panne de notre côté"); strings.Contains(sent.text(), "Réessayer") {
		t.Error("a link offers to send a form again")
	}
	b.get("/").want(200)
}

// TestLogsHoldNoKeys: what opens a booking, or names a person, is in no line of the log (SEC-10).
func TestLogsHoldNoKeys(t *testing.T) {
	t.Parallel()
	s, log := newLoggedSite(t)
	s.session("Robotique", 12)
	b := s.browser()
	page := toCheck(b, "1", zoe)
	booked := b.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	b.post(booked.path+"/annuler", values("booking", "1")).want(403)
	b.get(booked.path + "x").want(404)
	parts := strings.Split(booked.path, "/")
	for _, secret := range []string{parts[2], parts[3], "camille", "Zoé", "06 12"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	if !strings.Contains(log.String(), "route=/inscriptions/:reference/:signature") {
		t.Errorf("the log does not name the route:\n%s", log)
	}
}

// TestAddressesArePeersOnly: a made-up X-Forwarded-For neither beats the throttle of an address nor harms another
// (SEC-27).
func TestAddressesArePeersOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.user("zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", account.Staff)
	b := h.teamBrowser()
	form := b.get("/connexion").form("/connexion")
	form.Set("email", "zoe@exemple.fr")
	form.Set("password", "mauvais mot de passe")
	for i := range 6 {
		want := http.StatusUnprocessableEntity
		if i == 5 {
			want = http.StatusTooManyRequests
		}
		b.send(http.MethodPost, "/connexion", form, http.Header{
			"X-Forwarded-For": {fmt.Sprintf("203.0.113.%d", i)}, "X-Real-Ip": {fmt.Sprintf("203.0.113.%d", i)}, "Forwarded": {fmt.Sprintf("for=203.0.113.%d", i)},
		}).wants(want)
	}
}

// TestNothingBesideTheRoutes: nothing of the workings is served, to nobody (SEC-53).
func TestNothingBesideTheRoutes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, b := range []*teamBrowser{h.teamBrowser(), h.member(account.Admin)} {
		for _, path := range []string{
			"/debug/pprof/", "/debug/vars", "/.git/config", "/.env", "/metrics", "/assets", "/assets/", "/assets/css/", "/ateliers.db", "/ateliers.secret",
			"/_galerie", "/_mails", "/_mails.json", "/_horloge", "/equipe/", "/seances/", "/..%2fschema.sql", "/assets/..%2f..%2fschema.sql",
		} {
			a := b.get(path).wants(http.StatusNotFound)
			for _, name := range []string{"Server", "X-Powered-By", "X-Version"} {
				if got := a.Header.Get(name); got != "" {
					t.Errorf("%s: %s = %q", path, name, got)
				}
			}
		}
		for _, method := range []string{http.MethodPut, http.MethodDelete, http.MethodPatch, http.MethodOptions, http.MethodTrace} {
			if a := b.send(method, "/", nil, nil); a.Status < 400 || a.Header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s / = %d", method, a.Status)
			}
		}
	}
}

// serveReal starts the server with the limits of the real thing, and slow headers given up after patience.
func serveReal(t *testing.T, s *site, patience time.Duration) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	server.Config = s.web.HTTPServer()
	server.Config.ReadHeaderTimeout = patience
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// TestLimits are those of SEC-29 as the real server has them.
func TestLimits(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	if real := s.web.HTTPServer(); real.ReadHeaderTimeout != 5*time.Second || real.MaxHeaderBytes != 32<<10 || real.ReadTimeout == 0 || real.WriteTimeout == 0 || real.IdleTimeout == 0 {
		t.Errorf("limits = %+v", real)
	}
	server := serveReal(t, s, time.Minute)
	s.session("Robotique", 12)

	ask := func(method string, header http.Header, body io.Reader) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/inscription/1", body)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range header {
			r.Header[name] = values
		}
		res, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res, string(text)
	}
	form := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	if res, body := ask(http.MethodPost, form, strings.NewReader("first_name_1="+strings.Repeat("a", 257<<10))); res.StatusCode != http.StatusRequestEntityTooLarge || !strings.Contains(body, "pas compris cet envoi") {
		t.Errorf("257 KB = %d", res.StatusCode)
	}
	// A body of unknown length is read no further than the limit.
	if res, body := ask(http.MethodPost, form, io.MultiReader(strings.NewReader("first_name_1="), strings.NewReader(strings.Repeat("a", 300<<10)))); res.StatusCode < 400 || res.StatusCode > 499 || !strings.Contains(body, "pas compris cet envoi") {
		t.Errorf("300 KB in pieces = %d", res.StatusCode)
	}
	if res, _ := ask(http.MethodGet, http.Header{"X-Long": {strings.Repeat("a", 40<<10)}}, nil); res.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a header of 40 KB = %d", res.StatusCode)
	}
	if res, _ := ask(http.MethodGet, nil, nil); res.StatusCode != http.StatusOK {
		t.Errorf("after that = %d", res.StatusCode)
	}
}

// TestSlowConnectionsStopNobody: 500 connections that never finish their headers do not keep a family from booking, and
// are closed (SEC-29).
func TestSlowConnectionsStopNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	server := serveReal(t, s, 2*time.Second)
	s.session("Robotique", 12)
	slow := make([]net.Conn, 500)
	for i := range slow {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "POST /inscription/1 HTTP/1.1\r\nHost: x\r\nX-Slow: "); err != nil {
			t.Fatal(err)
		}
		slow[i] = conn
	}
	behind := &site{Server: server, t: t, web: s.web, db: s.db, clock: s.clock, secret: s.secret}
	b := behind.browser()
	page := toCheck(b, "1", zoe)
	b.post(page.path, page.fill("", nil)).want(200, "C'est réservé pour Zoé")
	for _, conn := range slow {
		if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); err != nil {
			t.Fatalf("a slow connection was not closed: %v", err)
		}
	}
}

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
)

// mails are what /_mails.json shows.
func (p *process) mails() (mails []web.DemoMail) {
	p.t.Helper()
	status, body := p.get("/_mails.json")
	if err := json.Unmarshal([]byte(body), &mails); err != nil || status != http.StatusOK {
		p.t.Fatalf("/_mails.json: %d, %v", status, err)
	}
	return mails
}

func TestDemo(t *testing.T) {
	t.Parallel()
	p := start(t, "demo", "--addr", "127.0.0.1:0", "--now", "2027-05-03T09:30:00+02:00")
	for _, want := range []string{"facilitator", "aicha@example.org", "cartes-perforees-1843", p.url + "/_mails"} {
		if !strings.Contains(p.stdout.String(), want) {
			t.Errorf("the start does not print %q:\n%s", want, p.stdout)
		}
	}
	for path, want := range map[string]string{
		"/healthz": "ok\n", "/_mails": "zoe", "/_horloge": "3\u00a0mai 2027", "/_galerie": "<main", "/ecoles": "<main", "/connexion": "password",
	} {
		if status, body := p.get(path); status != http.StatusOK || !strings.Contains(strings.ToLower(body), strings.ToLower(want)) && path != "/_mails" {
			t.Errorf("%s answers %d without %q", path, status, want)
		}
	}

	mails := p.mails()
	// A seat came free this morning: one mail offers it, wherever it arrived among the others.
	free := func(m web.DemoMail) bool { return strings.HasPrefix(m.Subject, "Une place s'est libérée") }
	i := slices.IndexFunc(mails, free)
	if i < 0 || len(mails) < 30 || !strings.Contains(mails[i].Text, p.url+"/inscriptions/ADA-") {
		t.Fatalf("%d mails, none offers a seat with a link to here", len(mails))
	}
	offer := mails[i]
	// Organisations have asked too: one request went all its way, and each of its mails leads to its page.
	ended := func(m web.DemoMail) bool {
		return m.To[0] == "directrice@guillevic.example.org" && strings.Contains(m.Text, p.url+"/demandes/GRP-")
	}
	if n := len(slices.DeleteFunc(slices.Clone(mails), func(m web.DemoMail) bool { return !ended(m) })); n < 8 {
		t.Errorf("%d mails about the request that is closed, want one for each step", n)
	}

	// Two days and an hour later this offer, the second to that family, has run out too, and the next family has one.
	if status, body := p.post("/_horloge", url.Values{"by": {"49h"}}); status != http.StatusOK || !strings.HasPrefix(body, `{"now":"2027-05-05T08:3`) {
		t.Fatalf("the clock: %d %s", status, body)
	}
	var expired, next bool
	for _, m := range p.mails() {
		expired = expired || m.To[0] == offer.To[0] && m.ID > offer.ID && strings.Contains(m.Text, "deuxième proposition restée sans réponse")
		next = next || m.To[0] != offer.To[0] && m.ID > offer.ID && free(m)
	}
	if !expired || !next {
		t.Errorf("after two days: told that the offer ran out: %t; offered to the next: %t\n%s", expired, next, p.stderr)
	}
	if code := p.end(); code != 0 {
		t.Errorf("it ends with %d: %s", code, p.stderr)
	}
}

// TestDemoLeavesNothing: without --data everything is gone with the process.
func TestDemoLeavesNothing(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	p := start(t, "demo", "--addr", "127.0.0.1:0")
	if entries, err := os.ReadDir(temporary); err != nil || len(entries) != 1 {
		t.Fatalf("while it runs there is %v in the temporary folder, %v", entries, err)
	}
	if code := p.end(); code != 0 {
		t.Fatalf("it ends with %d: %s", code, p.stderr)
	}
	if entries, err := os.ReadDir(temporary); err != nil || len(entries) != 0 {
		t.Errorf("it leaves %v, %v", entries, err)
	}
}

// TestDemoTakesOnlyItsOwnFolder: the data of real families are never replaced by a demo (RGPD-13).
func TestDemoTakesOnlyItsOwnFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "demo")
	p := start(t, "demo", "--addr", "127.0.0.1:0", "--data", dir)
	ateliers(t, "demo", "--addr", "127.0.0.1:0", "--data", dir).wantLine(t, 1, "another ateliers is serving")
	ateliers(t, "verify", "--data", dir).want(t, 0)
	if code := p.end(); code != 0 {
		t.Fatalf("it ends with %d: %s", code, p.stderr)
	}
	ateliers(t, "serve", "--addr", "127.0.0.1:0", "--data", dir).wantLine(t, 1, "made-up people")

	// Its own database is replaced, whatever was done to it.
	ateliers(t, "import", "programme", programme2016, "--data", dir).want(t, 0)
	if n := count(t, dir, `SELECT count(*) FROM sessions WHERE schedule_id IS NULL`); n != 39 {
		t.Fatalf("%d sessions before, want 23 of the demo and 16", n)
	}
	p = start(t, "demo", "--addr", "127.0.0.1:0", "--data", dir)
	if n := count(t, dir, `SELECT count(*) FROM sessions WHERE schedule_id IS NULL`); n != 23 {
		t.Errorf("%d sessions in the second demo, want the 16 of the programme, one of today, two past and four of groups, beside the plan", n)
	}
	p.end()

	// A real one is not, even if the mark of a demo lies beside it.
	real := migrated(t)
	for range 2 {
		ateliers(t, "demo", "--addr", "127.0.0.1:0", "--data", real).wantLine(t, 1, "was not made by a demo")
		if err := os.WriteFile(filepath.Join(real, demoMark), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, real, `SELECT count(*) FROM audit`); n != 0 {
		t.Errorf("%d lines were written to a real database", n)
	}

	ateliers(t, "demo", "--addr", "127.0.0.1:0", "--data", filepath.Join(t.TempDir(), "a", "b")).wantLine(t, 1, "does not exist")
	ateliers(t, "demo", "--addr", "127.0.0.1:0", "--data", filepath.Join(real, databaseFile, "c")).wantLine(t, 1, "not a directory")
}

// furnished is the house of a demo that begins at the time of its clock, with its database, which is closed when the test ends.
func furnished(t *testing.T, clock *movingClock) (*sqlite.DB, *house) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(t.TempDir(), databaseFile), Clock: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	h, err := newHouse(db, clock.Now, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.furnish(t.Context(), clock); err != nil {
		t.Fatal(err)
	}
	return db, h
}

// TestDemoIsSoundAtAnyHour: whenever it starts, what it tells has happened by the rules.
func TestDemoIsSoundAtAnyHour(t *testing.T) {
	t.Parallel()
	for _, now := range []string{
		"2027-05-03T09:30:00+02:00", "2027-05-07T23:59:30+02:00", "2027-05-08T00:10:00+02:00", "2027-05-08T15:00:00+02:00", // around a Saturday
		"2027-03-28T01:30:00+01:00", "2027-10-31T02:30:00+02:00", // the change of clocks
		"2026-12-31T23:30:00Z", "2028-02-29T06:00:00Z",
	} {
		t.Run(now, func(t *testing.T) {
			t.Parallel()
			at, err := time.Parse(time.RFC3339, now)
			if err != nil {
				t.Fatal(err)
			}
			clock := newClock(at)
			db, _ := furnished(t, clock)
			if behind := clock.Now().Sub(at); behind < 0 || behind > time.Minute {
				t.Errorf("the clock is left %v after its start", behind)
			}
			if breaches, err := upkeep.Verify(t.Context(), db); err != nil || len(breaches) > 0 {
				t.Errorf("breaches: %q, %v", breaches, err)
			}
			check := func(what, query string, want int) {
				t.Helper()
				var n int
				err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
					return tx.QueryRow(query, sqlite.Time(at)).Scan(&n)
				})
				if err != nil || n != want {
					t.Errorf("%s: %d, want %d (%v)", what, n, want, err)
				}
			}
			check("sessions to come of the programme", `SELECT count(*) FROM sessions WHERE starts_at > ?1 AND id <= 16`, 16)
			check("full sessions that families wait for", `SELECT count(DISTINCT s.id) FROM sessions s JOIN bookings w ON w.session_id = s.id AND w.status = 'waiting'
				WHERE s.starts_at > ?1 AND s.capacity = (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.status IN ('confirmed', 'offered'))`, 1)
			check("sessions with seats kept for a partner, some of them left", `SELECT count(*) FROM sessions s WHERE s.reserved_until > ?1 AND s.starts_at > ?1
				AND s.reserved_seats > (SELECT count(*) FROM bookings b WHERE b.session_id = s.id AND b.reserved = 1)`, 1)
			check("live offers", `SELECT count(*) FROM offers WHERE outcome IS NULL AND expires_at > ?1`, 1)
			check("certificates", `SELECT count(*) FROM certificates WHERE issued_at < ?1 AND series_id IS NULL`, 14)
			check("certificates about a series", `SELECT count(*) FROM certificates WHERE issued_at < ?1 AND series_id IS NOT NULL`, 5)
			check("families told of certificates", `SELECT count(*) > 10 FROM outbox WHERE kind = 'certificates_issued' AND created_at < ?1`, 1)
			check("families of a message of the team", `SELECT count(*) > 2 FROM mailings m JOIN mailing_families f ON f.mailing_id = m.id JOIN outbox o ON o.id = f.outbox_id WHERE m.sent_at < ?1`, 1)
			check("sessions of today with a facilitator", `SELECT count(*) FROM sessions s JOIN session_facilitators f ON f.session_id = s.id
				WHERE s.id = 18 AND abs(julianday(s.starts_at) - julianday(?1)) < 1`, 1)
		})
	}
}

// TestClockRunsOn: the demo's clock is a clock, not a photograph of one.
func TestClockRunsOn(t *testing.T) {
	t.Parallel()
	at := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	c := newClock(at)
	first := c.Now()
	for c.Now().Equal(first) { // a tick of the machine's clock
	}
	if gone := c.Now().Sub(at); gone <= 0 || gone > time.Minute {
		t.Errorf("after a moment it has gone on by %v", gone)
	}
}

// TestLan: with --lan the address that is printed is one that others can reach, where this machine has such a one.
func TestLan(t *testing.T) {
	t.Parallel()
	c := demoCommand{Addr: "127.0.0.1:0", Lan: true}
	listener, base, err := c.listen()
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	if host := base.Hostname(); host != lanAddress().String() {
		t.Errorf("the address is %s, want %s", host, lanAddress())
	}
	if !listener.Addr().(*net.TCPAddr).IP.IsUnspecified() {
		t.Errorf("it listens on %s alone", listener.Addr())
	}
	conn, err := net.Dial("tcp", base.Host)
	if err != nil {
		t.Fatalf("nobody answers at the address that is printed: %v", err)
	}
	_ = conn.Close()
}

package storm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// world is a data folder that the real server serves, seen from beside: sessions and answers are put in
// through the features, and the database is read to judge what the server did.
type world struct {
	t        testing.TB
	dir      string
	db       *sqlite.DB
	secret   account.Secret
	catalog  *catalog.Catalog
	bookings *booking.Service
	venue    int64
	families int
	members  int
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir())
}

// newWorldIn makes the data folder in a place of its own, such as a small disk.
func newWorldIn(t testing.TB, dir string) *world {
	t.Helper()
	w := &world{t: t, dir: dir}
	if err := os.Chmod(w.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	var err error
	if w.secret, err = account.LoadSecret(w.dir); err != nil {
		t.Fatal(err)
	}
	if w.db, err = sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(w.dir, "ateliers.db"), Clock: time.Now}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.db.Close() })
	w.catalog, w.bookings = catalog.New(w.db), booking.NewService(w.db, w.secret)
	w.venue = w.must(w.catalog.CreateVenue(t.Context(), account.Command(), w.key(), catalog.Venue{
		Name: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon", Capacity: 500, StepFree: "unknown", TimeZone: "Europe/Paris",
	}))
	return w
}

func (w *world) must(id int64, err error) int64 {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

func (w *world) key() account.FormKey {
	w.t.Helper()
	now := time.Now()
	key, err := w.secret.CheckFormKey(w.secret.FormKey("storm", "", now), "storm", "", now)
	if err != nil {
		w.t.Fatal(err)
	}
	return key
}

// session publishes a session for ages 6 to 12 in about a month, of a workshop called name.
func (w *world) session(name string, capacity int) int64 {
	w.t.Helper()
	ctx := w.t.Context()
	workshop := w.must(w.catalog.CreateWorkshop(ctx, account.Command(), w.key(), catalog.Workshop{
		Title: name, Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120,
		Summary: "Piloter un robot qui suit une ligne.",
	}))
	return w.sessionOf(workshop, capacity, 30)
}

func (w *world) sessionOf(workshop int64, capacity, days int) int64 {
	w.t.Helper()
	ctx := w.t.Context()
	id := w.must(w.catalog.CreateSession(ctx, account.Command(), w.key(), catalog.SessionRequest{
		WorkshopID: workshop, VenueID: w.venue, Date: time.Now().AddDate(0, 0, days).Format(time.DateOnly),
		Starts: "14:00", Ends: "16:00", Capacity: capacity, PriceCents: 1400,
	}))
	if err := w.catalog.PublishSession(ctx, account.Command(), w.key(), id); err != nil {
		w.t.Fatal(err)
	}
	return id
}

// family is one parent at the last screen: what their browser sends when they confirm.
type family struct {
	email  string
	path   string
	cookie string
	form   url.Values
}

// familiesAt answers every screen but the last for n new families with one child each, at once: what they write shares its syncs.
func (w *world) familiesAt(session int64, n int) []family {
	w.t.Helper()
	list := make([]family, n)
	var all sync.WaitGroup
	var failed atomic.Bool
	for part := range min(n, 32) {
		all.Go(func() {
			for i := part; i < n; i += 32 {
				var err error
				if list[i], err = w.answer(session, w.families+1+i, "no"); err != nil {
					w.t.Error(err)
					failed.Store(true)
					return
				}
			}
		})
	}
	all.Wait()
	if failed.Load() {
		w.t.FailNow()
	}
	w.families += n
	return list
}

// draftAnswers is what the booking screens keep (web's answers).
type draftAnswers struct {
	Children []map[string]string
	Contact  map[string]string
}

// familySaying answers the screens; health is what the parent says of their child: no or yes.
func (w *world) familySaying(session int64, n int, health string) family {
	w.t.Helper()
	f, err := w.answer(session, n, health)
	if err != nil {
		w.t.Fatal(err)
	}
	return f
}

// answer is familySaying for a goroutine of its own, which may not end the test.
func (w *world) answer(session int64, n int, health string) (family, error) {
	f := family{email: fmt.Sprintf("parent%d@exemple.fr", n), path: "/inscription/" + strconv.FormatInt(session, 10) + "/verification"}
	answers, err := json.Marshal(draftAnswers{
		Children: []map[string]string{{
			"FirstName": "Zoé", "LastName": "D'Artagnan-N'Guyen", "Day": "3", "Month": "9",
			"Year": strconv.Itoa(time.Now().Year() - 9), "Health": health, "Leaves": "me",
		}},
		Contact: map[string]string{"Name": "Camille Łukasz", "Email": f.email, "Phone": "06 12 34 56 78", "Emergency": "me"},
	})
	if err != nil {
		return f, err
	}
	seed := sha256.Sum256(binary.AppendVarint([]byte("cookie"), int64(n)))
	token := base64.RawURLEncoding.EncodeToString(seed[:18])
	hash := sha256.Sum256([]byte(token))
	if err := w.bookings.SaveDraft(context.Background(), account.Guest(), hash[:], session, string(answers)); err != nil {
		return f, err
	}
	draft, err := w.bookings.Draft(context.Background(), hash[:], session)
	if err != nil {
		return f, err
	}
	f.cookie = "brouillon=" + token
	f.form = url.Values{"form_key": {w.secret.FormKey("booking", "", time.Now())}, "version": {strconv.Itoa(draft.Version)}}
	return f, nil
}

// confirm sends the last POST and returns the status and where it leads.
func confirm(client *http.Client, addr string, f family, form url.Values) (status int, location string, err error) {
	req, err := http.NewRequest(http.MethodPost, "http://"+addr+f.path, bytes.NewBufferString(form.Encode()))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", f.cookie)
	res, err := client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return 0, "", err // the answer did not arrive whole
	}
	return res.StatusCode, res.Header.Get("Location"), nil
}

// member is somebody of the team who has signed in: what their browser sends with every form.
type member struct {
	cookies string
	token   string // of the sign-in, that keys of forms are bound to
}

func (m member) family(path string) family { return family{path: path, cookie: m.cookies} }

// signIn lets staff in by the door of the real server.
func (w *world) signIn(addr string) member {
	w.t.Helper()
	const password = "trois souris vertes"
	w.members++
	email := fmt.Sprintf("lukasz%d@exemple.fr", w.members)
	w.must(account.AddUser(w.t.Context(), w.db, account.Command(), account.NewUser{Email: email, Name: "Łukasz", Role: account.Staff, Password: password}))
	form := url.Values{"form_key": {w.secret.FormKey("sign-in", "", time.Now())}, "email": {email}, "password": {password}}
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, "http://"+addr+"/connexion", strings.NewReader(form.Encode()))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := newClient().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		w.t.Fatalf("signing in: status %d", res.StatusCode)
	}
	var m member
	for _, cookie := range res.Cookies() {
		m.cookies += cookie.Name + "=" + cookie.Value + "; "
		if cookie.Name == "ateliers" {
			m.token = cookie.Value
		}
	}
	return m
}

// newClient follows no redirect and keeps many connections.
func newClient() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{MaxIdleConnsPerHost: 256, MaxConnsPerHost: 256},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Timeout:       20 * time.Second,
	}
}

// number runs a query that gives one whole number.
func (w *world) number(query string, args ...any) (n int) {
	w.t.Helper()
	err := w.db.Read(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(query, args...).Scan(&n)
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// verify fails the test for every invariant that is broken.
func (w *world) verify() {
	w.t.Helper()
	breaches, err := upkeep.Verify(context.Background(), w.db)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, b := range breaches {
		w.t.Errorf("verify: %v", b)
	}
}

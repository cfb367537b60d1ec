package account

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// house is a small site with a door: POST /in signs user in, POST /out out, GET /who
// tells who is there.
type house struct {
	db      *sqlite.DB
	clock   *sqlitetest.Clock
	user    User
	handler http.Handler
}

func newHouse(t *testing.T, secure bool, role Role) *house {
	t.Helper()
	h := &house{clock: sqlitetest.NewClock(noon)}
	h.db = sqlitetest.NewAt(t, h.clock.Now)
	h.user = addUser(t, h.db, "zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", role)
	s := NewSignIns(h.db, secure, h.clock.Now)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /in", func(_ http.ResponseWriter, r *http.Request) {
		if err := s.Start(r.Context(), h.user); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("POST /out", func(_ http.ResponseWriter, r *http.Request) {
		if err := s.End(r.Context()); err != nil {
			t.Error(err)
		}
	})
	mux.HandleFunc("GET /who", func(w http.ResponseWriter, r *http.Request) {
		actor, err := s.Current(r.Context())
		if err != nil {
			t.Error(err)
		}
		if (s.ID(r.Context()) == "") != (s.GetInt64(r.Context(), keyUser) == 0) {
			t.Error("ID is empty for a user, or not for a guest")
		}
		_, _ = io.WriteString(w, actor.String()+" "+actor.Name+" "+string(actor.Role))
	})
	h.handler = s.LoadAndSave(mux)
	return h
}

// visit sends a request with a cookie (nil: none) and returns the body and the cookie set.
func (h *house) visit(t *testing.T, method, path string, with *http.Cookie) (string, *http.Cookie) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	if with != nil {
		r.AddCookie(&http.Cookie{Name: with.Name, Value: with.Value})
	}
	w := httptest.NewRecorder()
	h.handler.ServeHTTP(w, r)
	res := w.Result()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s %s = %d %s", method, path, res.StatusCode, w.Body)
	}
	cookies := res.Cookies()
	if len(cookies) == 0 {
		return w.Body.String(), nil
	}
	return w.Body.String(), cookies[0]
}

func (h *house) who(t *testing.T, with *http.Cookie) string {
	t.Helper()
	body, _ := h.visit(t, "GET", "/who", with)
	return body
}

const (
	nobody      = "guest  "
	facilitator = "user:1 Zoé D'Artagnan-N'Guyen facilitator"
)

// SEC-1
func TestCookie(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name       string
		secure     bool
		cookieName string
	}{
		{"https", true, "__Host-ateliers"},
		{"http on loopback", false, "ateliers"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, test.secure, Facilitator)
			_, c := h.visit(t, "POST", "/in", nil)
			if c == nil {
				t.Fatal("no cookie")
			}
			if c.Name != test.cookieName || c.Secure != test.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("cookie = %s", c.Raw)
			}
			if c.MaxAge != 0 || !c.Expires.IsZero() {
				t.Errorf("the cookie outlives the browser: %s", c.Raw)
			}
			token, err := base64.RawURLEncoding.DecodeString(c.Value)
			if err != nil || len(token) < 16 {
				t.Errorf("token of %d bytes, %v; want 16 or more", len(token), err)
			}
			sum := sha256.Sum256([]byte(c.Value))
			var hash, data string
			err = h.db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				return tx.QueryRow(`SELECT token_hash, data FROM sign_ins`).Scan(&hash, &data)
			})
			if err != nil || hash != base64.RawURLEncoding.EncodeToString(sum[:]) || strings.Contains(data, c.Value) {
				t.Errorf("stored %q for token %q, %v; want its SHA-256 alone", hash, c.Value, err)
			}
		})
	}
}

// RGPD-12 and "GET writes nothing": looking round sets no cookie and writes no row.
func TestLookingRoundLeavesNoTrace(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true, Facilitator)
	_, signedIn := h.visit(t, "POST", "/in", nil)
	before := h.db.Changes()
	for name, with := range map[string]*http.Cookie{
		"no cookie": nil, "a made-up cookie": {Name: "__Host-ateliers", Value: "AAAA"}, "signed in": signedIn,
	} {
		if _, c := h.visit(t, "GET", "/who", with); c != nil {
			t.Errorf("%s: cookie %s", name, c.Raw)
		}
	}
	if _, c := h.visit(t, "POST", "/out", nil); c != nil {
		t.Errorf("signing out as a guest: cookie %s", c.Raw)
	}
	if after := h.db.Changes(); after != before {
		t.Errorf("%d writes", after-before)
	}
}

// SEC-2
func TestSignInLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true, Facilitator)
	planted := &http.Cookie{Name: "__Host-ateliers", Value: "cGxhbnRlZCBieSBzb21lYm9keSBlbHNl"}
	_, first := h.visit(t, "POST", "/in", planted)
	if first == nil || first.Value == planted.Value {
		t.Fatal("a planted id became a sign-in")
	}
	if got := h.who(t, first); got != facilitator {
		t.Errorf("after signing in: %q", got)
	}
	if got := h.who(t, planted); got != nobody {
		t.Errorf("with the planted id: %q", got)
	}
	_, second := h.visit(t, "POST", "/in", first)
	if second.Value == first.Value {
		t.Error("signing in again keeps the id")
	}
	if got := h.who(t, first); got != nobody {
		t.Errorf("with the id from before: %q", got)
	}
	_, cleared := h.visit(t, "POST", "/out", second)
	if cleared == nil || cleared.Value != "" || cleared.MaxAge >= 0 {
		t.Errorf("signing out sets %v, want the cookie removed", cleared)
	}
	if got := h.who(t, second); got != nobody {
		t.Errorf("a replayed cookie after signing out: %q", got)
	}
}

// SEC-2: what an admin changes counts at once, on every browser.
func TestChangesEndSignIns(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(ctx context.Context, db *sqlite.DB, id int64) error{
		"role": func(ctx context.Context, db *sqlite.DB, id int64) error {
			return NewOffice(db, teamSecret).SetRole(ctx, Command(), officeKey(), id, Staff)
		},
		"password": func(ctx context.Context, db *sqlite.DB, id int64) error {
			door := NewDoor(db, teamSecret, func() time.Time { return noon }, false)
			_, err := door.ChangePassword(ctx, officeKey(), Actor{Kind: KindUser, ID: id, Role: Facilitator}, goodPassword, "trois petits cochons", "192.0.2.1")
			return err
		},
		"disabled": func(ctx context.Context, db *sqlite.DB, id int64) error {
			return NewOffice(db, teamSecret).Disable(ctx, Command(), officeKey(), id)
		},
		"disabled and enabled": func(ctx context.Context, db *sqlite.DB, id int64) error {
			if err := NewOffice(db, teamSecret).Disable(ctx, Command(), officeKey(), id); err != nil {
				return err
			}
			return NewOffice(db, teamSecret).Enable(ctx, Command(), officeKey(), id)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, true, Facilitator)
			_, tablet := h.visit(t, "POST", "/in", nil)
			_, phone := h.visit(t, "POST", "/in", nil)
			if err := change(t.Context(), h.db, h.user.ID); err != nil {
				t.Fatal(err)
			}
			for _, c := range []*http.Cookie{tablet, phone} {
				if got := h.who(t, c); got != nobody {
					t.Errorf("%q", got)
				}
			}
		})
	}
}

// A change between the password and the cookie counts too.
func TestStartWithAStaleUser(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true, Admin)
	other := addUser(t, h.db, "ada@exemple.fr", "Ada", Admin)
	if err := NewOffice(h.db, teamSecret).SetRole(t.Context(), other.Actor(), officeKey(), h.user.ID, Facilitator); err != nil {
		t.Fatal(err)
	}
	_, c := h.visit(t, "POST", "/in", nil)
	if got := h.who(t, c); got != nobody {
		t.Errorf("signed in as %q by what is no longer true", got)
	}
}

// SEC-3: 12 hours, by the clock of the program.
func TestSignInEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, true, Facilitator)
	_, c := h.visit(t, "POST", "/in", nil)
	h.clock.Advance(12*time.Hour - time.Second)
	if got := h.who(t, c); got != facilitator {
		t.Errorf("a second before 12 h: %q", got)
	}
	h.clock.Advance(time.Second)
	if got := h.who(t, c); got != nobody {
		t.Errorf("after 12 h: %q", got)
	}
}

func TestSignInStore(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	store := signInStore{sqlitetest.NewAt(t, clock.Now)}
	find := func() string {
		data, found, err := store.Find("hash")
		if err != nil || !found && data != nil {
			t.Fatalf("Find = %q, %t, %v", data, found, err)
		}
		return string(data)
	}
	if got := find(); got != "" {
		t.Errorf("in an empty store: %q", got)
	}
	for _, data := range []string{"one", "two"} {
		if err := store.Commit("hash", []byte(data), noon.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		if got := find(); got != data {
			t.Errorf("found %q, want %q", got, data)
		}
	}
	clock.Advance(time.Hour)
	if got := find(); got != "" {
		t.Errorf("expired: found %q", got)
	}
	for range 2 {
		if err := store.Delete("hash"); err != nil {
			t.Fatal(err)
		}
	}
}

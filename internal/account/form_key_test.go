package account

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func TestCheckFormKey(t *testing.T) {
	t.Parallel()
	s := testSecret(t)
	key := s.FormKey("book", "sign-in", noon)
	tests := []struct {
		name, key, purpose, signIn string
		after                      time.Duration
		kind                       fault.Kind
		message                    string // "" if it is accepted
	}{
		{"at once", key, "book", "sign-in", 0, 0, ""},
		{"just in time", key, "book", "sign-in", 24*time.Hour - time.Second, 0, ""},
		{"too late", key, "book", "sign-in", 24 * time.Hour, fault.Gone, "error.form_expired"},
		{"much too late", key, "book", "sign-in", 1000 * time.Hour, fault.Gone, "error.form_expired"},
		{"another form", key, "cancel", "sign-in", 0, fault.Forbidden, "error.form_key"},
		{"another person", key, "book", "other", 0, fault.Forbidden, "error.form_key"},
		{"signed out", key, "book", "", 0, fault.Forbidden, "error.form_key"},
		{"parts cut elsewhere", key, "booksign", "-in", 0, fault.Forbidden, "error.form_key"},
		{"another secret", testSecret(t).FormKey("book", "sign-in", noon), "book", "sign-in", 0, fault.Forbidden, "error.form_key"},
		{"none", "", "book", "sign-in", 0, fault.Forbidden, "error.form_key"},
		{"a part", key[:47], "book", "sign-in", 0, fault.Forbidden, "error.form_key"},
		{"more", key + "AAAA", "book", "sign-in", 0, fault.Forbidden, "error.form_key"},
		{"a line break within", key[:20] + "\n" + key[21:], "book", "sign-in", 0, fault.Forbidden, "error.form_key"},
		{"not base64", key[:20] + "é" + key[22:], "book", "sign-in", 0, fault.Forbidden, "error.form_key"},
	}
	for _, test := range tests {
		got, err := s.CheckFormKey(test.key, test.purpose, test.signIn, noon.Add(test.after))
		if test.message == "" {
			if err != nil || !got.Expires.Equal(noon.Add(24*time.Hour)) || len(got.Nonce) != 32 {
				t.Errorf("%s: %+v, %v", test.name, got, err)
			}
			continue
		}
		if !fault.Is(err, test.kind, test.message) || got != (FormKey{}) {
			t.Errorf("%s: %+v, %v; want %s", test.name, got, err, test.message)
		}
	}
	for i := range key {
		c := "A"
		if key[i] == 'A' {
			c = "B"
		}
		if _, err := s.CheckFormKey(key[:i]+c+key[i+1:], "book", "sign-in", noon); !fault.Is(err, fault.Forbidden, "error.form_key") {
			t.Errorf("character %d changed: %v", i, err)
		}
	}
}

func TestNoncesDifferAndSortByExpiry(t *testing.T) {
	t.Parallel()
	s := testSecret(t)
	last := ""
	for i := range 100 {
		now := noon.Add(time.Duration(i) * time.Minute)
		first, err := s.CheckFormKey(s.FormKey("book", "", now), "book", "", now)
		if err != nil {
			t.Fatal(err)
		}
		second, err := s.CheckFormKey(s.FormKey("book", "", now), "book", "", now)
		if err != nil || first.Nonce == second.Nonce {
			t.Fatalf("two keys with nonce %q, %v", first.Nonce, err)
		}
		if min(first.Nonce, second.Nonce) <= last {
			t.Fatalf("nonces %q and %q do not come after %q", first.Nonce, second.Nonce, last)
		}
		last = max(first.Nonce, second.Nonce)
	}
}

func formKey(t testing.TB, s Secret, body string) FormKey {
	t.Helper()
	key, err := s.CheckFormKey(s.FormKey("book", "", noon), "book", "", noon)
	if err != nil {
		t.Fatal(err)
	}
	return key.WithBody(sha256.Sum256([]byte(body)))
}

// deed is something that must happen once: it leaves a line in the audit.
func deed(tx *sqlite.Tx, result string) func() (string, error) {
	return func() (string, error) {
		return result, audit.Add(tx, "guest", "booking.book", "booking:1", nil)
	}
}

// once runs the deed under key and returns what Once did.
func once(ctx context.Context, db *sqlite.DB, key FormKey, result string) (got string, repeated bool, err error) {
	err = db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		got, repeated, err = Once(tx, key, deed(tx, result))
		return err
	})
	return got, repeated, err
}

func deeds(t *testing.T, db *sqlite.DB) int { return len(actions(t, db, "booking:1")) }

// I4
func TestOnce(t *testing.T) {
	t.Parallel()
	db := sqlitetest.NewAt(t, func() time.Time { return noon })
	s := testSecret(t)
	key := formKey(t, s, "enfant=Zoé")
	steps := []struct {
		name     string
		key      FormKey
		result   string // that do would give
		want     string
		repeated bool
		deeds    int
	}{
		{"first", key, "ADA-1", "ADA-1", false, 1},
		{"sent twice", key, "ADA-2", "ADA-1", true, 1},
		{"and again", key, "ADA-3", "ADA-1", true, 1},
		{"another form, same answers", formKey(t, s, "enfant=Zoé"), "ADA-4", "ADA-4", false, 2},
	}
	for _, step := range steps {
		got, repeated, err := once(t.Context(), db, step.key, step.result)
		if err != nil || got != step.want || repeated != step.repeated {
			t.Errorf("%s: %q, %t, %v", step.name, got, repeated, err)
		}
		if n := deeds(t, db); n != step.deeds {
			t.Errorf("%s: done %d times, want %d", step.name, n, step.deeds)
		}
	}

	_, _, err := once(t.Context(), db, key.WithBody(sha256.Sum256([]byte("enfant=Łukasz"))), "ADA-5")
	if !fault.Is(err, fault.Conflict, "error.form_reused") {
		t.Errorf("other answers under the same key: %v", err)
	}
	if first, ok := FirstResult(err); !ok || first != "ADA-1" {
		t.Errorf("FirstResult = %q, %t", first, ok)
	}
	if _, ok := FirstResult(errors.New("other")); ok {
		t.Error("FirstResult of another error")
	}
	if n := deeds(t, db); n != 2 {
		t.Errorf("done %d times, want 2", n)
	}
}

// A key is consumed by success only: after an error the same form may be sent again,
// with other answers too.
func TestOnceAfterAFailure(t *testing.T) {
	t.Parallel()
	db := sqlitetest.NewAt(t, func() time.Time { return noon })
	key := formKey(t, testSecret(t), "enfant=Zoé")
	full := fault.New(fault.Conflict, "booking.full")
	err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (string, error) {
			if _, err := deed(tx, "")(); err != nil {
				return "", err
			}
			return "", full
		})
		return err
	})
	if !errors.Is(err, full) || deeds(t, db) != 0 {
		t.Fatalf("a failing form: %v, done %d times", err, deeds(t, db))
	}
	corrected := key.WithBody(sha256.Sum256([]byte("liste=oui")))
	if got, repeated, err := once(t.Context(), db, corrected, "ADA-1"); err != nil || got != "ADA-1" || repeated {
		t.Errorf("sent again: %q, %t, %v", got, repeated, err)
	}
}

// I4, REL-10: ten simultaneous posts of one form.
func TestOnceTogether(t *testing.T) {
	t.Parallel()
	db := sqlitetest.NewAt(t, func() time.Time { return noon })
	s := testSecret(t)
	const rounds, posts = 20, 10
	for range rounds {
		key := formKey(t, s, "enfant=محمد")
		var mu sync.Mutex
		results, firsts := map[string]int{}, 0
		var all sync.WaitGroup
		for i := range posts {
			all.Go(func() {
				got, repeated, err := once(t.Context(), db, key, fmt.Sprintf("ADA-%d", i))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				results[got]++
				if !repeated {
					firsts++
				}
			})
		}
		all.Wait()
		if len(results) != 1 || firsts != 1 {
			t.Fatalf("results %v, %d first ones; want one", results, firsts)
		}
	}
	if n := deeds(t, db); n != rounds {
		t.Errorf("done %d times, want %d", n, rounds)
	}
}

func TestPurge(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	store := signInStore{db}
	key := formKey(t, testSecret(t), "enfant=李")
	if _, _, err := once(t.Context(), db, key, "ADA-1"); err != nil {
		t.Fatal(err)
	}
	for token, life := range map[string]time.Duration{"short": time.Hour, "long": 12 * time.Hour} {
		if err := store.Commit(token, []byte("x"), noon.Add(life)); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		at            time.Duration
		signIns, keys int
	}{
		{time.Hour - time.Second, 2, 1},
		{time.Hour, 1, 1},
		{12 * time.Hour, 0, 1},
		{25 * time.Hour, 0, 1}, // an hour more than the form was valid
		{25*time.Hour + time.Second, 0, 0},
	} {
		clock.Set(noon.Add(step.at))
		if err := Purge(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		var signIns, keys int
		err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			return tx.QueryRow(`SELECT (SELECT count(*) FROM sign_ins), (SELECT count(*) FROM form_keys)`).Scan(&signIns, &keys)
		})
		if err != nil || signIns != step.signIns || keys != step.keys {
			t.Errorf("after %v: %d sign-ins, %d keys, %v; want %d and %d", step.at, signIns, keys, err, step.signIns, step.keys)
		}
	}
}

func BenchmarkFormKey(b *testing.B) {
	s := testSecret(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.CheckFormKey(s.FormKey("book", "", noon), "book", "", noon); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOnce(b *testing.B) {
	db := sqlitetest.NewAt(b, func() time.Time { return noon })
	s := testSecret(b)
	var body [sha256.Size]byte
	b.ReportAllocs()
	err := db.Write(b.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		for b.Loop() {
			key, err := s.CheckFormKey(s.FormKey("book", "", noon), "book", "", noon)
			if err != nil {
				return err
			}
			if _, _, err := Once(tx, key.WithBody(body), func() (string, error) { return "ADA-7K3M9QXW", nil }); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

package account

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	door := NewDoor(db, teamSecret, clock.Now, false)
	zoe := addUser(t, db, "Zoe@Exemple.fr", "Zoé D'Artagnan-N'Guyen", Facilitator)
	gone := addUser(t, db, "lukasz@exemple.fr", "Łukasz", Staff)
	if err := NewOffice(db, teamSecret).Disable(t.Context(), Command(), officeKey(), gone.ID); err != nil {
		t.Fatal(err)
	}

	got, err := door.SignIn(t.Context(), " zoe@exemple.FR", goodPassword, "192.0.2.1")
	if err != nil || got != zoe {
		t.Fatalf("SignIn = %+v, %v; want %+v", got, err, zoe)
	}
	want := []string{"command account.add_user", zoe.Actor().String() + " account.sign_in"}
	if got := actions(t, db, userRecord(zoe.ID)); !slices.Equal(got, want) {
		t.Errorf("audit = %q, want %q", got, want)
	}

	// SEC-7: one answer for every reason.
	tests := []struct{ name, email, password string }{
		{"wrong password", "zoe@exemple.fr", goodPassword + "!"},
		{"empty password", "zoe@exemple.fr", ""},
		{"unknown address", "nguyen@exemple.fr", goodPassword},
		{"disabled user", "lukasz@exemple.fr", goodPassword},
		{"no address", "", ""},
	}
	before := db.Changes()
	for i, test := range tests {
		u, err := door.SignIn(t.Context(), test.email, test.password, fmt.Sprintf("198.51.100.%d", i))
		f, ok := fault.As(err)
		if !ok || f.Error() != "invalid: account.sign_in_wrong" || len(f.Message.Args)+len(f.Fields) > 0 || u != (User{}) {
			t.Errorf("%s: %+v, %v", test.name, u, err)
		}
	}
	if db.Changes() != before {
		t.Error("a failed sign-in wrote to the database")
	}
}

func TestSignInThrottled(t *testing.T) {
	t.Parallel()
	for _, email := range []string{"zoe@exemple.fr", "inconnue@exemple.fr"} { // SEC-7: known or not
		t.Run(email, func(t *testing.T) {
			t.Parallel()
			clock := sqlitetest.NewClock(noon)
			db := sqlitetest.NewAt(t, clock.Now)
			door := NewDoor(db, teamSecret, clock.Now, false)
			addUser(t, db, "zoe@exemple.fr", "Zoé", Staff)
			for range 5 {
				if _, err := door.SignIn(t.Context(), email, "wrong", "192.0.2.1"); fault.KindOf(err) != fault.Invalid {
					t.Fatalf("SignIn = %v, want Invalid", err)
				}
			}
			clock.Advance(30 * time.Second)
			_, err := door.SignIn(t.Context(), email, goodPassword, "192.0.2.1")
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Unavailable || f.Message.Key != "account.throttled" || len(f.Message.Args) != 1 || f.Message.Args[0] != 15 {
				t.Errorf("try 6 = %v, want throttled for 15 minutes", err)
			}
			if after, ok := RetryAfter(err); !ok || after != 14*time.Minute+30*time.Second {
				t.Errorf("RetryAfter = %v, %t", after, ok)
			}
		})
	}
	if _, ok := RetryAfter(fault.New(fault.Unavailable, "error.unavailable")); ok {
		t.Error("RetryAfter of another fault")
	}
}

func TestSignInAfterThePause(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	door := NewDoor(db, teamSecret, clock.Now, false)
	addUser(t, db, "zoe@exemple.fr", "Zoé", Staff)
	for range 5 {
		_, _ = door.SignIn(t.Context(), "zoe@exemple.fr", "wrong", "192.0.2.1") // the answers are another test's
	}
	clock.Advance(15 * time.Minute)
	if _, err := door.SignIn(t.Context(), "zoe@exemple.fr", goodPassword, "192.0.2.1"); err != nil {
		t.Errorf("SignIn after the pause = %v", err)
	}
}

// A visitor who leaves while waiting for a turn has guessed nothing.
func TestSignInAbandoned(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	door := NewDoor(sqlitetest.NewAt(t, clock.Now), teamSecret, clock.Now, false)
	left, cancel := context.WithCancel(t.Context())
	cancel()
	for range 6 {
		if _, err := door.SignIn(left, "zoe@exemple.fr", "wrong", "192.0.2.1"); err == nil || fault.KindOf(err) == fault.Invalid {
			t.Fatalf("SignIn of a cancelled request = %v", err)
		}
	}
	if _, err := door.SignIn(t.Context(), "zoe@exemple.fr", "wrong", "192.0.2.1"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("SignIn = %v, want Invalid: nothing was counted", err)
	}
}

// SEC-7: an unknown address takes as long as a wrong password. Without the hash of
// nobody it would take a hundredth.
func TestSignInTellsNothingByTime(t *testing.T) {
	// Not parallel: other tests would take the processors away from one side.
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	door := NewDoor(db, teamSecret, clock.Now, false)
	addUser(t, db, "zoe@exemple.fr", "Zoé", Staff)
	took := func(email string, i int) time.Duration {
		start := time.Now()
		if _, err := door.SignIn(t.Context(), email, "wrong", fmt.Sprintf("192.0.2.%d", i)); fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
		return time.Since(start)
	}
	// The shortest of each is what the work costs; the rest is the machine. They are taken by turns, so that a busy
	// moment hits both, and for longer on a machine that never has a quiet one.
	wrong, unknown := time.Hour, time.Hour
	for i := range 100 {
		wrong = min(wrong, took("zoe@exemple.fr", i))
		unknown = min(unknown, took("inconnue@exemple.fr", i))
		if i >= 10 && unknown < 2*wrong && wrong < 2*unknown {
			return
		}
	}
	t.Errorf("wrong password: %v, unknown address: %v", wrong, unknown)
}

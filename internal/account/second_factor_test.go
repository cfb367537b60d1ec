package account

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// enrolled is somebody with an app: code makes its codes, at that many steps from now.
type enrolled struct {
	db       *sqlite.DB
	clock    *sqlitetest.Clock
	door     *Door
	user     User
	recovery []string
	code     func(steps int) string
}

func enrol(t *testing.T) *enrolled {
	t.Helper()
	e := &enrolled{clock: sqlitetest.NewClock(noon)}
	e.db = sqlitetest.NewAt(t, e.clock.Now)
	e.door = NewDoor(e.db, teamSecret, e.clock.Now, true)
	e.user = addUser(t, e.db, "zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", Admin)
	app, err := e.door.Enrolment(e.user, "half")
	if err != nil {
		t.Fatal(err)
	}
	e.code = func(steps int) string {
		// The app of the person: another implementation would do as well (RFC 6238).
		code, err := totp.GenerateCode(strings.ReplaceAll(app.Key, " ", ""), e.clock.Now().Add(time.Duration(steps)*stepLength))
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	if _, err := e.door.Enrol(t.Context(), officeKey(), e.user, "half", "000000"); fieldOf(err, "code") != "account.code_wrong" {
		t.Fatalf("a made-up first code: %v", err)
	}
	if _, err := e.door.Enrol(t.Context(), officeKey(), e.user, "another", e.code(0)); fieldOf(err, "code") != "account.code_wrong" {
		t.Fatalf("the first code of another browser's enrolment: %v", err)
	}
	key := officeKey()
	for range 2 { // a double click shows the same
		codes, err := e.door.Enrol(t.Context(), key, e.user, "half", e.code(0))
		if err != nil || e.recovery != nil && !slices.Equal(codes, e.recovery) {
			t.Fatalf("Enrol = %v, %v", codes, err)
		}
		e.recovery = codes
	}
	e.user = findUser(t, e.db, e.user.ID)
	if !e.user.HasFactor || e.user.Recovery != RecoveryCodes {
		t.Fatalf("user %+v", e.user)
	}
	return e
}

// SEC-5: a code is good a step around its own, once, and never again after a later one.
func TestCodes(t *testing.T) {
	t.Parallel()
	e := enrol(t)
	check := func(code string) error { return e.door.CheckCode(t.Context(), e.user, code) }
	wrong := func(what, code string) {
		t.Helper()
		if err := check(code); fieldOf(err, "code") != "account.code_wrong" {
			t.Errorf("%s: %v, want wrong", what, err)
		}
	}
	wrong("the code that enrolled", e.code(0))
	wrong("nothing", "")
	e.clock.Advance(5 * time.Minute)
	for _, steps := range []int{-2, 2} {
		wrong(fmt.Sprintf("%d steps away", steps), e.code(steps))
	}
	old := e.code(-1)
	if err := check(e.code(0)[:3] + " " + e.code(0)[3:]); err != nil {
		t.Errorf("the code of now: %v", err)
	}
	wrong("the same again", e.code(0))
	wrong("the one before, which nobody used", old)
	if err := check(e.code(1)); err != nil {
		t.Errorf("the next, on a phone that is fast: %v", err)
	}
	e.clock.Advance(2 * time.Minute)
	if err := check(e.code(-1)); err != nil {
		t.Errorf("the last, on a phone that is slow: %v", err)
	}
	want := "user:1 account.sign_in"
	if got := actions(t, e.db, userRecord(e.user.ID)); got[len(got)-1] != want {
		t.Errorf("audit %q", got)
	}
}

// SEC-5: each recovery code lets in once; they are kept as keyed hashes alone.
func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	e := enrol(t)
	if len(e.recovery) != RecoveryCodes || len(slices.Compact(slices.Sorted(slices.Values(e.recovery)))) != RecoveryCodes {
		t.Fatalf("recovery codes %q", e.recovery)
	}
	for _, code := range e.recovery {
		if err := e.door.CheckCode(t.Context(), e.user, strings.ToLower(" "+code)); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		if err := e.door.CheckCode(t.Context(), e.user, code); fieldOf(err, "code") != "account.code_wrong" {
			t.Errorf("%s again: %v, want wrong", code, err)
		}
	}
	if got := findUser(t, e.db, e.user.ID); got.Recovery != 0 {
		t.Errorf("%d codes are left", got.Recovery)
	}
	other := addUser(t, e.db, "li@exemple.fr", "李", Staff)
	if err := e.door.CheckCode(t.Context(), other, e.recovery[0]); fieldOf(err, "code") != "account.code_wrong" {
		t.Errorf("by somebody without an app: %v", err)
	}
	e.clock.Advance(time.Minute)
	if _, err := e.door.NewRecoveryCodes(t.Context(), officeKey(), e.user.Actor(), "123"); fieldOf(err, "code") != "account.code_wrong" {
		t.Errorf("new codes without proof: %v", err)
	}
	fresh, err := e.door.NewRecoveryCodes(t.Context(), officeKey(), e.user.Actor(), e.code(0))
	if err != nil || slices.Equal(fresh, e.recovery) {
		t.Fatalf("NewRecoveryCodes = %v, %v", fresh, err)
	}
	if err := e.door.CheckCode(t.Context(), e.user, fresh[3]); err != nil {
		t.Errorf("a new code: %v", err)
	}
}

// SEC-6: five wrong codes and a pause, wherever they come from.
func TestCodesAreThrottled(t *testing.T) {
	t.Parallel()
	e := enrol(t)
	e.clock.Advance(time.Minute)
	for range failuresPerAccount {
		if err := e.door.CheckCode(t.Context(), e.user, "000000"); fault.KindOf(err) != fault.Invalid {
			t.Fatal(err)
		}
	}
	if _, throttled := RetryAfter(e.door.CheckCode(t.Context(), e.user, e.code(0))); !throttled {
		t.Error("a sixth try was looked at")
	}
	e.clock.Advance(failureWindow)
	if err := e.door.CheckCode(t.Context(), e.user, e.code(0)); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

// SEC-5: of many tries with one code at the same moment one gets in.
func TestOneCodeOneSignIn(t *testing.T) {
	t.Parallel()
	e := enrol(t)
	e.clock.Advance(time.Minute)
	code := e.code(0)
	results := make([]error, 4) // fewer than the throttle lets through at once
	var tries sync.WaitGroup
	for i := range results {
		tries.Go(func() { results[i] = e.door.CheckCode(context.WithoutCancel(t.Context()), e.user, code) })
	}
	tries.Wait()
	in := 0
	for _, err := range results {
		if err == nil {
			in++
		}
	}
	if in != 1 {
		t.Errorf("%d got in by one code: %v", in, results)
	}
}

// SEC-5: who lost the app and the codes is helped by an admin or at the server, and told; what was open before ends.
func TestDropFactor(t *testing.T) {
	t.Parallel()
	for name, drop := range map[string]func(e *enrolled) error{
		"by an admin": func(e *enrolled) error {
			return NewOffice(e.db, teamSecret).DropFactor(t.Context(), Command(), officeKey(), e.user.ID)
		},
		"at the command line": func(e *enrolled) error { return DropFactor(t.Context(), e.db, Command(), "ZOE@exemple.fr") },
		"by themself": func(e *enrolled) error {
			return e.door.DropFactor(t.Context(), officeKey(), e.user.Actor(), e.recovery[9])
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := enrol(t)
			if err := drop(e); err != nil {
				t.Fatal(err)
			}
			got := findUser(t, e.db, e.user.ID)
			if got.HasFactor || got.Recovery != 0 || got.epoch != e.user.epoch+1 {
				t.Errorf("user %+v", got)
			}
			mails := teamMails(t, e.db)
			if len(mails) != 1 || mails[0].kind != outbox.FactorDropped {
				t.Errorf("mails %+v", mails)
			}
			e.clock.Advance(time.Minute)
			if err := e.door.CheckCode(t.Context(), got, e.code(0)); fieldOf(err, "code") != "account.code_wrong" {
				t.Errorf("a code of the old app: %v", err)
			}
		})
	}
	staff := Actor{Kind: KindUser, ID: 9, Role: Staff}
	e := enrol(t)
	if err := NewOffice(e.db, teamSecret).DropFactor(t.Context(), staff, officeKey(), e.user.ID); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("by staff: %v, want Forbidden", err)
	}
	if err := DropFactor(t.Context(), e.db, Command(), "li@exemple.fr"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("of nobody: %v, want NotFound", err)
	}
}

// A database that was restored does not know which codes were used since: none of before is taken.
func TestCodesAfterARestore(t *testing.T) {
	t.Parallel()
	e := enrol(t)
	e.clock.Advance(time.Minute)
	if err := e.db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return EndAllSignIns(tx) }); err != nil {
		t.Fatal(err)
	}
	for steps := -1; steps <= 1; steps++ {
		if err := e.door.CheckCode(t.Context(), e.user, e.code(steps)); fieldOf(err, "code") != "account.code_wrong" {
			t.Errorf("the code %d steps away: %v", steps, err)
		}
	}
	if err := e.door.CheckCode(t.Context(), e.user, e.recovery[0]); fieldOf(err, "code") != "account.code_wrong" {
		t.Errorf("a recovery code: %v", err)
	}
	if got := findUser(t, e.db, e.user.ID); got.Recovery != 0 {
		t.Errorf("%d recovery codes are said to be left", got.Recovery)
	}
	e.clock.Advance(2 * stepLength)
	if err := e.door.CheckCode(t.Context(), e.user, e.code(0)); err != nil {
		t.Errorf("the next code: %v", err)
	}
	e.clock.Advance(2 * stepLength)
	fresh, err := e.door.NewRecoveryCodes(t.Context(), officeKey(), e.user.Actor(), e.code(0))
	if err != nil {
		t.Fatalf("new recovery codes by the app: %v", err)
	}
	if err := e.door.CheckCode(t.Context(), e.user, fresh[0]); err != nil {
		t.Errorf("a new recovery code: %v", err)
	}
}

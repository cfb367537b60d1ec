package account

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

type teamMail struct {
	kind, to string
	access   outbox.TeamAccess
}

// teamMails are the messages to the team, in the order in which they were added.
func teamMails(t *testing.T, db *sqlite.DB) (mails []teamMail) {
	t.Helper()
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		mails = nil
		rows, err := tx.Query(`SELECT kind, recipient, payload FROM outbox ORDER BY id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var m teamMail
			var payload []byte
			if err := rows.Scan(&m.kind, &m.to, &payload); err != nil {
				return err
			}
			if err := json.Unmarshal(payload, &m.access); err != nil {
				return err
			}
			mails = append(mails, m)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return mails
}

// lastToken is that of the link in the last mail.
func lastToken(t *testing.T, db *sqlite.DB) string {
	t.Helper()
	mails := teamMails(t, db)
	if len(mails) == 0 || mails[len(mails)-1].access.Nonce == "" {
		t.Fatalf("no link in %+v", mails)
	}
	return teamSecret.PasswordToken(mails[len(mails)-1].access.Nonce)
}

// invited is an office with its door, where 李 has been invited by Zoé.
func invited(t *testing.T) (db *sqlite.DB, clock *sqlitetest.Clock, o *Office, door *Door, admin Actor, id int64) {
	t.Helper()
	clock = sqlitetest.NewClock(noon)
	db = sqlitetest.NewAt(t, clock.Now)
	o, door = NewOffice(db, teamSecret), NewDoor(db, teamSecret, clock.Now, false)
	admin = addUser(t, db, "zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", Admin).Actor()
	id, err := o.Invite(t.Context(), admin, officeKey(), NewUser{Email: "Li@Exemple.fr", Name: "李", Role: Staff})
	if err != nil {
		t.Fatal(err)
	}
	return db, clock, o, door, admin, id
}

func signsIn(t *testing.T, door *Door, email, password string) bool {
	t.Helper()
	_, err := door.SignIn(t.Context(), email, password, "192.0.2.9")
	if err != nil && fault.KindOf(err) != fault.Invalid {
		t.Fatal(err)
	}
	return err == nil
}

// SEC-8 for the team: an invitation opens nothing before its button, works once, and lets choose a password.
func TestInvitation(t *testing.T) {
	t.Parallel()
	db, _, _, door, admin, id := invited(t)
	if signsIn(t, door, "li@exemple.fr", "") || signsIn(t, door, "li@exemple.fr", goodPassword) {
		t.Error("somebody without a password got in")
	}
	mails := teamMails(t, db)
	if len(mails) != 1 || mails[0].kind != outbox.TeamInvited || mails[0].to != "Li@Exemple.fr" || mails[0].access.By != admin.Name {
		t.Fatalf("mails %+v", mails)
	}
	token := lastToken(t, db)
	before := db.Changes()
	for range 10 {
		if u, err := door.LookPassword(t.Context(), token); err != nil || u.ID != id || !u.Invited {
			t.Fatalf("LookPassword = %+v, %v", u, err)
		}
	}
	if db.Changes() != before {
		t.Error("looking wrote to the database")
	}
	for password, problem := range map[string]string{"court": "account.password_short", "motdepasse123": "account.password_common",
		"Li@exemple.fr": "account.password_own_name", strings.Repeat("é", 129): "account.password_long"} {
		err := door.ChoosePassword(t.Context(), officeKey(), token, password)
		if f, ok := fault.As(err); !ok || f.Fields["password"].Key != problem {
			t.Errorf("%q: %v, want %s", password, err, problem)
		}
	}
	key := officeKey()
	for range 2 { // a double click
		if err := door.ChoosePassword(t.Context(), key, token, "baleine carrousel violon"); err != nil {
			t.Fatal(err)
		}
	}
	if !signsIn(t, door, "li@exemple.fr", "baleine carrousel violon") {
		t.Error("the chosen password opens nothing")
	}
	if err := door.ChoosePassword(t.Context(), officeKey(), token, "trois petits cochons"); !fault.Is(err, fault.Gone, "account.password_link_used") {
		t.Errorf("a second time: %v, want Gone", err)
	}
	if got := findUser(t, db, id); got.Invited || !got.LinkUntil.IsZero() {
		t.Errorf("user %+v", got)
	}
	want := []string{"user:1 account.invite", "user:2 account.choose_password", "user:2 account.sign_in"}
	if got := actions(t, db, userRecord(id)); !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	if n := len(teamMails(t, db)); n != 1 {
		t.Errorf("%d mails: a first password is no news", n)
	}
}

// Why a link opens nothing any more, and that it says so.
func TestPasswordLinkEnds(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		end  func(t *testing.T, clock *sqlitetest.Clock, o *Office, admin Actor, id int64) error
		want string
	}{
		"a week later": {func(_ *testing.T, clock *sqlitetest.Clock, _ *Office, _ Actor, _ int64) error {
			clock.Advance(InvitationLife)
			return nil
		}, "account.password_link_expired"},
		"mailed again": {func(t *testing.T, _ *sqlitetest.Clock, o *Office, admin Actor, id int64) error {
			return o.MailPasswordLink(t.Context(), admin, officeKey(), id)
		}, "account.password_link_superseded"},
		"withdrawn": {func(t *testing.T, _ *sqlitetest.Clock, o *Office, admin Actor, id int64) error {
			return o.Disable(t.Context(), admin, officeKey(), id)
		}, "account.password_link_withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db, clock, o, door, admin, id := invited(t)
			token := lastToken(t, db)
			if err := test.end(t, clock, o, admin, id); err != nil {
				t.Fatal(err)
			}
			if _, err := door.LookPassword(t.Context(), token); !fault.Is(err, fault.Gone, test.want) {
				t.Errorf("LookPassword = %v, want %s", err, test.want)
			}
			if err := door.ChoosePassword(t.Context(), officeKey(), token, "baleine carrousel violon"); !fault.Is(err, fault.Gone, test.want) {
				t.Errorf("ChoosePassword = %v, want %s", err, test.want)
			}
			if signsIn(t, door, "li@exemple.fr", "baleine carrousel violon") {
				t.Error("the password was kept")
			}
		})
	}
	_, _, _, door, _, _ := invited(t)
	if _, err := door.LookPassword(t.Context(), "AAAAAAAAAAAAAAAAAAAAAA"); !fault.Is(err, fault.NotFound, "account.password_link_unknown") {
		t.Errorf("a made-up link: %v, want NotFound", err)
	}
}

// A withdrawn invitation is made again by letting the person in.
func TestEnableInvitesAgain(t *testing.T) {
	t.Parallel()
	db, _, o, door, admin, id := invited(t)
	if err := o.Disable(t.Context(), admin, officeKey(), id); err != nil {
		t.Fatal(err)
	}
	if err := o.MailPasswordLink(t.Context(), admin, officeKey(), id); !fault.Is(err, fault.Conflict, "account.is_disabled") {
		t.Errorf("a link to somebody kept out: %v, want Conflict", err)
	}
	if err := o.Enable(t.Context(), admin, officeKey(), id); err != nil {
		t.Fatal(err)
	}
	if err := door.ChoosePassword(t.Context(), officeKey(), lastToken(t, db), "baleine carrousel violon"); err != nil {
		t.Fatal(err)
	}
	if !signsIn(t, door, "li@exemple.fr", "baleine carrousel violon") {
		t.Error("who was let in again does not get in")
	}
}

// SEC-7: known, unknown and closed addresses get one answer; a stranger gets no mail. SEC-2: what was open before ends.
func TestForgottenPassword(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	o, door := NewOffice(db, teamSecret), NewDoor(db, teamSecret, clock.Now, false)
	zoe := addUser(t, db, "zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", Facilitator)
	gone := addUser(t, db, "lukasz@exemple.fr", "Łukasz", Staff)
	if err := o.Disable(t.Context(), Command(), officeKey(), gone.ID); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"inconnue@exemple.fr", "lukasz@exemple.fr", " ZOE@exemple.fr"} {
		key := officeKey()
		for range 2 {
			if err := door.Forgot(t.Context(), key, email, "192.0.2.1"); err != nil {
				t.Errorf("%s: %v", email, err)
			}
		}
	}
	mails := teamMails(t, db)
	if len(mails) != 1 || mails[0].kind != outbox.PasswordForgotten || mails[0].to != "zoe@exemple.fr" {
		t.Fatalf("mails %+v, want one", mails)
	}
	if !signsIn(t, door, "zoe@exemple.fr", goodPassword) {
		t.Error("asking alone took the password away")
	}
	first := lastToken(t, db)
	if err := door.Forgot(t.Context(), officeKey(), "zoe@exemple.fr", "192.0.2.2"); err != nil {
		t.Fatal(err)
	}
	if _, err := door.LookPassword(t.Context(), first); !fault.Is(err, fault.Gone, "account.password_link_superseded") {
		t.Errorf("the link from before: %v, want superseded", err)
	}
	clock.Advance(ForgottenLife - time.Second)
	if err := door.ChoosePassword(t.Context(), officeKey(), lastToken(t, db), "baleine carrousel violon"); err != nil {
		t.Fatal(err)
	}
	if signsIn(t, door, "zoe@exemple.fr", goodPassword) || !signsIn(t, door, "zoe@exemple.fr", "baleine carrousel violon") {
		t.Error("the password did not change")
	}
	if got := findUser(t, db, zoe.ID); got.epoch != zoe.epoch+1 {
		t.Errorf("epoch %d, want the sign-ins ended", got.epoch)
	}
	if mails := teamMails(t, db); mails[len(mails)-1].kind != outbox.PasswordChanged {
		t.Errorf("last mail %+v, want that the password changed", mails[len(mails)-1])
	}
}

// SEC-6: three links an hour for an address from one place, known or not.
func TestForgottenPasswordIsThrottled(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	door := NewDoor(db, teamSecret, clock.Now, false)
	addUser(t, db, "zoe@exemple.fr", "Zoé", Staff)
	for _, email := range []string{"zoe@exemple.fr", "inconnue@exemple.fr"} {
		for range 3 {
			if err := door.Forgot(t.Context(), officeKey(), email, "192.0.2.1"); err != nil {
				t.Fatal(err)
			}
		}
		if _, throttled := RetryAfter(door.Forgot(t.Context(), officeKey(), email, "192.0.2.1")); !throttled {
			t.Errorf("%s: a fourth link", email)
		}
	}
	if n := len(teamMails(t, db)); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
}

// SEC-3: who changes their password knows the one they have.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	clock := sqlitetest.NewClock(noon)
	db := sqlitetest.NewAt(t, clock.Now)
	door := NewDoor(db, teamSecret, clock.Now, false)
	zoe := addUser(t, db, "zoe@exemple.fr", "Zoé", Facilitator)
	change := func(current, password string) (User, error) {
		return door.ChangePassword(t.Context(), officeKey(), zoe.Actor(), current, password, "192.0.2.1")
	}
	if _, err := door.ChangePassword(t.Context(), officeKey(), Guest(), goodPassword, "trois petits cochons", "192.0.2.1"); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("a guest: %v, want Forbidden", err)
	}
	if _, err := change(goodPassword, "court"); fieldOf(err, "password") != "account.password_short" {
		t.Errorf("a short one: %v", err)
	}
	u, err := change(goodPassword, "trois petits cochons")
	if err != nil || u.epoch != zoe.epoch+1 {
		t.Fatalf("ChangePassword = %+v, %v", u, err)
	}
	for range 5 {
		if _, err := change(goodPassword, "baleine carrousel violon"); fieldOf(err, "current") != "account.password_wrong" {
			t.Fatalf("the old password: %v", err)
		}
	}
	if _, err := change("trois petits cochons", "baleine carrousel violon"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("after five failures: %v, want throttled", err)
	}
}

// fieldOf is the message of a field in a fault.Invalid.
func fieldOf(err error, field string) string {
	f, ok := fault.As(err)
	if !ok {
		return ""
	}
	return f.Fields[field].Key
}

package account

import (
	"context"
	"crypto/rand"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func officeKey() FormKey {
	return FormKey{Nonce: rand.Text(), Expires: noon.Add(24 * time.Hour)}
}

// I4: a form that is sent twice invites one user with one mail, and both answers name them.
func TestOfficeInvitesAUserOnce(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	o, key := NewOffice(db, teamSecret), officeKey()
	n := NewUser{Email: "zoe@exemple.fr", Name: "Zoé D'Artagnan-N'Guyen", Role: Facilitator}
	first, err := o.Invite(t.Context(), Command(), key, n)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := o.Invite(t.Context(), Command(), key, n); err != nil || again != first {
		t.Errorf("sent twice: %d, %v; want %d", again, err, first)
	}
	if users, err := o.Users(t.Context(), Command()); err != nil || len(users) != 1 || users[0].ID != first || !users[0].Invited {
		t.Errorf("users %v, %v", users, err)
	}
	if mails := teamMails(t, db); len(mails) != 1 || mails[0].kind != outbox.TeamInvited || mails[0].to != "zoe@exemple.fr" {
		t.Errorf("mails %+v", mails)
	}
	if _, err := o.Invite(t.Context(), Command(), officeKey(), n); fault.KindOf(err) != fault.Invalid {
		t.Errorf("another form with the same address: %v, want Invalid", err)
	}
}

func TestOfficeChangesUsers(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	o := NewOffice(db, teamSecret)
	admin := addUser(t, db, "li@exemple.fr", "李", Admin).Actor()
	u := addUser(t, db, "zoe@exemple.fr", "Zoé D'Artagnan-N'Guyen", Facilitator)
	for _, do := range []func() error{
		func() error { return o.SetRole(t.Context(), admin, officeKey(), u.ID, Staff) },
		func() error { return o.Disable(t.Context(), admin, officeKey(), u.ID) },
		func() error { return o.Enable(t.Context(), admin, officeKey(), u.ID) },
	} {
		if err := do(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := o.User(t.Context(), admin, u.ID)
	if err != nil || got.Role != Staff || got.Disabled() {
		t.Errorf("user %+v, %v", got, err)
	}
	want := []string{"command account.add_user", "user:1 account.set_role", "user:1 account.disable", "user:1 account.enable"}
	if got := actions(t, db, "user:2"); !slices.Equal(got, want) {
		t.Errorf("audit %q, want %q", got, want)
	}
	if err := o.Disable(t.Context(), admin, officeKey(), admin.ID); !fault.Is(err, fault.Conflict, "account.last_admin") {
		t.Errorf("the last admin: %v, want Conflict", err)
	}
}

// Accounts are for admins alone, settings and mails for staff.
func TestOfficeRefuses(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	o := NewOffice(db, teamSecret)
	addUser(t, db, "li@exemple.fr", "李", Admin)
	for _, role := range []Role{Facilitator, Communication, Staff} {
		a := Actor{Kind: KindUser, ID: 9, Role: role}
		ctx := t.Context()
		tries := map[string]error{
			"role":     o.SetRole(ctx, a, officeKey(), 1, Staff),
			"password": o.MailPasswordLink(ctx, a, officeKey(), 1),
			"disable":  o.Disable(ctx, a, officeKey(), 1),
			"enable":   o.Enable(ctx, a, officeKey(), 1),
		}
		_, tries["users"] = o.Users(ctx, a)
		_, tries["user"] = o.User(ctx, a, 1)
		_, tries["invite"] = o.Invite(ctx, a, officeKey(), NewUser{Email: "a@exemple.fr", Name: "A", Role: Admin})
		if role != Staff {
			tries["settings"] = o.ChangeSettings(ctx, a, officeKey(), map[string]string{"sheet_blank_lines": "7"}, nil)
			tries["mail"] = o.ResendMail(ctx, a, officeKey(), 1)
		}
		for what, err := range tries {
			if fault.KindOf(errorOrInternal(err)) != fault.Forbidden {
				t.Errorf("%s by %s: %v, want Forbidden", what, role, err)
			}
		}
	}
}

// errorOrInternal lets a nil error be told from Forbidden.
func errorOrInternal(err error) error {
	if err == nil {
		return fault.New(fault.Internal, "error.forbidden")
	}
	return err
}

func TestOfficeChangesSettingsTogether(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	o := NewOffice(db, teamSecret)
	staff := Actor{Kind: KindUser, ID: 3, Role: Staff}
	value := func(name string) string {
		all, err := o.Settings(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range all {
			if v.Name == name {
				return v.Value
			}
		}
		t.Fatalf("no setting %q", name)
		return ""
	}
	err := o.ChangeSettings(t.Context(), staff, officeKey(), map[string]string{"sheet_blank_lines": "7", "association_siret": "1", "association_rna": "2"}, nil)
	if f, ok := fault.As(err); !ok || f.Fields["association_siret"].Key != "settings.siret" || f.Fields["association_rna"].Key != "settings.rna" || len(f.Fields) != 2 {
		t.Errorf("two wrong values: %v", err)
	}
	if got := value("sheet_blank_lines"); got != "5" {
		t.Errorf("blank lines %s were stored beside a wrong value", got)
	}
	if err := o.ChangeSettings(t.Context(), staff, officeKey(), map[string]string{"sheet_blank_lines": "7", "association_phone": "04 78 00 00 00"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := value("sheet_blank_lines") + value("association_phone"); got != "704 78 00 00 00" {
		t.Errorf("stored %q", got)
	}
	if got := actions(t, db, "setting:sheet_blank_lines"); !slices.Equal(got, []string{"user:3 settings.set"}) {
		t.Errorf("audit %q", got)
	}
}

func TestOfficeResendsAMail(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	o, store := NewOffice(db, teamSecret), outbox.NewStore(db)
	staff := Actor{Kind: KindUser, ID: 3, Role: Staff}
	err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return outbox.Add(tx, outbox.Message{Kind: outbox.BookingConfirmed, Language: "fr", To: "zoe@exemple.fr", Payload: outbox.Booking{Guardian: "Zoé"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.ResendMail(t.Context(), staff, officeKey(), 1); !fault.Is(err, fault.Conflict, "account.mail_not_failed") {
		t.Errorf("a mail on its way: %v, want Conflict", err)
	}
	if _, err := store.Claim(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if err := store.Failed(t.Context(), 1, context.DeadlineExceeded, true); err != nil {
		t.Fatal(err)
	}
	key := officeKey()
	for range 2 { // a double click
		if err := o.ResendMail(t.Context(), staff, key, 1); err != nil {
			t.Fatal(err)
		}
	}
	if claimed, err := store.Claim(t.Context(), 1); err != nil || len(claimed) != 1 || claimed[0].Attempts != 1 {
		t.Errorf("claimed %v, %v", claimed, err)
	}
	if got := actions(t, db, "outbox:1"); !slices.Equal(got, []string{"user:3 outbox.resend"}) {
		t.Errorf("audit %q", got)
	}
}

package account

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

const goodPassword = "girafe parapluie trompette"

// teamSecret makes the links of the tests.
var teamSecret = newSecret([]byte(strings.Repeat("k", secretBytes)))

// addUser adds a user with goodPassword.
func addUser(t *testing.T, db *sqlite.DB, email, name string, role Role) User {
	t.Helper()
	id, err := AddUser(t.Context(), db, Command(), NewUser{Email: email, Name: name, Role: role, Password: goodPassword})
	if err != nil {
		t.Fatal(err)
	}
	return findUser(t, db, id)
}

func findUser(t *testing.T, db *sqlite.DB, id int64) User {
	t.Helper()
	var u User
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		u, err = FindUser(tx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// history is the audit of a record, oldest first.
func history(t *testing.T, db *sqlite.DB, record string) (entries []audit.Entry) {
	t.Helper()
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Search(tx, audit.Query{Record: record}, 100, func(l audit.Line) error {
			entries = slices.Insert(entries, 0, l.Entry)
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return entries
}

// actions lists the audit of a record as 'actor action'.
func actions(t *testing.T, db *sqlite.DB, record string) []string {
	t.Helper()
	var list []string
	for _, e := range history(t, db, record) {
		list = append(list, e.Actor+" "+e.Action)
	}
	return list
}

func TestAddUser(t *testing.T) {
	t.Parallel()
	now := time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)
	db := sqlitetest.NewAt(t, func() time.Time { return now })
	id, err := AddUser(t.Context(), db, Command(), NewUser{
		Email: " Zoe@Exemple.fr ", Name: " Zoé D'Artagnan-N'Guyen ", Phone: "06 12 34 56 78", Role: Facilitator, Password: goodPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
	want := User{ID: id, Email: "Zoe@Exemple.fr", Name: "Zoé D'Artagnan-N'Guyen", Phone: "06 12 34 56 78", Role: Facilitator, CreatedAt: now, epoch: 1, feedVersion: 1}
	if got := findUser(t, db, id); got != want {
		t.Errorf("user = %+v, want %+v", got, want)
	}
	if got := actions(t, db, userRecord(id)); !slices.Equal(got, []string{"command account.add_user"}) {
		t.Errorf("audit = %q", got)
	}

	_, err = AddUser(t.Context(), db, Command(), NewUser{Email: "zoe@EXEMPLE.fr", Name: "李", Role: Staff, Password: goodPassword})
	if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Fields["email"].Key != "account.email_taken" {
		t.Errorf("the same address in another case = %v, want email_taken", err)
	}
}

func TestAddUserRefuses(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	good := NewUser{Email: "li@exemple.fr", Name: "李", Role: Staff, Password: goodPassword}
	tests := []struct {
		name           string
		spoil          func(*NewUser)
		field, problem string
	}{
		{"no e-mail", func(n *NewUser) { n.Email = "" }, "email", "account.email_wrong"},
		{"two addresses", func(n *NewUser) { n.Email = "a@b.fr,c@d.fr" }, "email", "account.email_wrong"},
		{"no name", func(n *NewUser) { n.Name = " " }, "name", "account.name_empty"},
		{"long name", func(n *NewUser) { n.Name = strings.Repeat("é", 101) }, "name", "account.name_wrong"},
		{"two lines of name", func(n *NewUser) { n.Name = "Zoé\nBcc: x@y.fr" }, "name", "account.name_wrong"},
		{"long phone", func(n *NewUser) { n.Phone = strings.Repeat("1", 31) }, "phone", "account.phone_wrong"},
		{"a phone of letters", func(n *NewUser) { n.Phone = "abc" }, "phone", "account.phone_wrong"},
		{"a phone too short", func(n *NewUser) { n.Phone = "06 12 34 56" }, "phone", "account.phone_wrong"},
		{"unknown role", func(n *NewUser) { n.Role = "owner" }, "role", "account.role_wrong"},
		{"short password", func(n *NewUser) { n.Password = "secret" }, "password", "account.password_short"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := good
			test.spoil(&n)
			_, err := AddUser(t.Context(), db, Command(), n)
			f, ok := fault.As(err)
			if !ok || f.Kind != fault.Invalid || len(f.Fields) != 1 || f.Fields[test.field].Key != test.problem {
				t.Errorf("AddUser = %v, want %s: %s alone", err, test.field, test.problem)
			}
		})
	}
}

func TestUsersAreManagedByAdmins(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	u := addUser(t, db, "li@exemple.fr", "李", Facilitator)
	for _, actor := range []Actor{Guest(), Guardian(u.ID), u.Actor(), {Kind: KindUser, ID: 9, Role: Communication}, {Kind: KindUser, ID: 9, Role: Staff}} {
		for name, do := range map[string]func() error{
			"AddUser": func() error {
				_, err := AddUser(t.Context(), db, actor, NewUser{Email: "x@exemple.fr", Name: "X", Role: Admin, Password: goodPassword})
				return err
			},
			"SetRole": func() error { return NewOffice(db, teamSecret).SetRole(t.Context(), actor, officeKey(), u.ID, Admin) },
			"Invite": func() error {
				_, err := NewOffice(db, teamSecret).Invite(t.Context(), actor, officeKey(), NewUser{Email: "y@exemple.fr", Name: "Y", Role: Admin})
				return err
			},
			"MailPasswordLink": func() error {
				return NewOffice(db, teamSecret).MailPasswordLink(t.Context(), actor, officeKey(), u.ID)
			},
			"Disable": func() error { return NewOffice(db, teamSecret).Disable(t.Context(), actor, officeKey(), u.ID) },
			"Enable":  func() error { return NewOffice(db, teamSecret).Enable(t.Context(), actor, officeKey(), u.ID) },
		} {
			if err := do(); !fault.Is(err, fault.Forbidden, "error.forbidden") {
				t.Errorf("%s by %v %s = %v, want Forbidden", name, actor, actor.Role, err)
			}
		}
	}
	if got := findUser(t, db, u.ID); got != u {
		t.Errorf("user = %+v, was %+v", got, u)
	}
}

func TestChangeUser(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	admin := addUser(t, db, "ada@exemple.fr", "Ada", Admin).Actor()
	u := addUser(t, db, "nguyen@exemple.fr", "Nguyễn", Facilitator)
	steps := []struct {
		name  string
		do    func() error
		check func(User) bool
		epoch int64
	}{
		{"role", func() error { return NewOffice(db, teamSecret).SetRole(t.Context(), admin, officeKey(), u.ID, Staff) }, func(u User) bool { return u.Role == Staff }, 2},
		{"same role", func() error { return NewOffice(db, teamSecret).SetRole(t.Context(), admin, officeKey(), u.ID, Staff) }, func(u User) bool { return u.Role == Staff }, 2},
		{"disable", func() error { return NewOffice(db, teamSecret).Disable(t.Context(), admin, officeKey(), u.ID) }, User.Disabled, 3},
		{"disable again", func() error { return NewOffice(db, teamSecret).Disable(t.Context(), admin, officeKey(), u.ID) }, User.Disabled, 3},
		{"enable", func() error { return NewOffice(db, teamSecret).Enable(t.Context(), admin, officeKey(), u.ID) }, func(u User) bool { return !u.Disabled() }, 4},
		{"enable again", func() error { return NewOffice(db, teamSecret).Enable(t.Context(), admin, officeKey(), u.ID) }, func(u User) bool { return !u.Disabled() }, 4},
	}
	for _, step := range steps {
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if got := findUser(t, db, u.ID); !step.check(got) || got.epoch != step.epoch {
			t.Errorf("after %s: %+v, want epoch %d", step.name, got, step.epoch)
		}
	}
	by := admin.String() + " account."
	want := []string{"command account.add_user", by + "set_role", by + "disable", by + "enable"}
	if got := actions(t, db, userRecord(u.ID)); !slices.Equal(got, want) {
		t.Errorf("audit = %q, want %q", got, want)
	}

	for name, err := range map[string]error{
		"SetRole":          NewOffice(db, teamSecret).SetRole(t.Context(), admin, officeKey(), 99, Staff),
		"MailPasswordLink": NewOffice(db, teamSecret).MailPasswordLink(t.Context(), admin, officeKey(), 99),
		"Disable":          NewOffice(db, teamSecret).Disable(t.Context(), admin, officeKey(), 99),
	} {
		if !fault.Is(err, fault.NotFound, "error.not_found") {
			t.Errorf("%s of nobody = %v, want NotFound", name, err)
		}
	}
	if f, ok := fault.As(NewOffice(db, teamSecret).SetRole(t.Context(), admin, officeKey(), u.ID, "owner")); !ok || f.Fields["role"].Key != "account.role_wrong" {
		t.Errorf("an unknown role = %v", f)
	}
}

func TestTheLastAdminStays(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	first := addUser(t, db, "ada@exemple.fr", "Ada", Admin)
	second := addUser(t, db, "mohamed@exemple.fr", "محمد", Admin)
	if err := NewOffice(db, teamSecret).SetRole(t.Context(), first.Actor(), officeKey(), second.ID, Staff); err != nil {
		t.Fatal(err)
	}
	// Who is invited only may never come.
	invited, err := NewOffice(db, teamSecret).Invite(t.Context(), first.Actor(), officeKey(), NewUser{Email: "li@exemple.fr", Name: "李", Role: Admin})
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"SetRole": NewOffice(db, teamSecret).SetRole(t.Context(), first.Actor(), officeKey(), first.ID, Staff),
		"Disable": NewOffice(db, teamSecret).Disable(t.Context(), Command(), officeKey(), first.ID),
	} {
		if !fault.Is(err, fault.Conflict, "account.last_admin") {
			t.Errorf("%s of the last admin = %v, want Conflict", name, err)
		}
	}
	if got := findUser(t, db, first.ID); got != first {
		t.Errorf("the last admin = %+v, was %+v", got, first)
	}
	if err := NewOffice(db, teamSecret).Disable(t.Context(), first.Actor(), officeKey(), invited); err != nil {
		t.Errorf("withdrawing the invitation of an admin: %v", err)
	}
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	for i, name := range []string{"Zoé", "Élodie", "Łukasz", "Eric", "Nguyễn", "李"} {
		addUser(t, db, string(rune('a'+i))+"@exemple.fr", name, Facilitator)
	}
	users, err := ListUsers(t.Context(), db)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, u := range users {
		names = append(names, u.Name)
	}
	if want := []string{"Élodie", "Eric", "Łukasz", "Nguyễn", "Zoé", "李"}; !slices.Equal(names, want) {
		t.Errorf("names = %q, want %q", names, want)
	}
}

func TestChangeSettings(t *testing.T) {
	t.Parallel()
	db := sqlitetest.New(t)
	staff := Actor{Kind: KindUser, ID: 3, Role: Staff}
	for range 2 { // the second changes nothing
		if err := NewOffice(db, teamSecret).ChangeSettings(t.Context(), staff, officeKey(), map[string]string{"sheet_blank_lines": "7"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	entries := history(t, db, "setting:sheet_blank_lines")
	if len(entries) != 1 || entries[0].Actor != "user:3" || entries[0].Details["from"] != "5" || entries[0].Details["to"] != "7" {
		t.Errorf("audit = %+v", entries)
	}
	if err := NewOffice(db, teamSecret).ChangeSettings(t.Context(), staff, officeKey(), map[string]string{"sheet_blank_lines": "16"}, nil); fault.KindOf(err) != fault.Invalid {
		t.Errorf("16 = %v, want Invalid", err)
	}
	facilitator := Actor{Kind: KindUser, ID: 4, Role: Facilitator}
	if err := NewOffice(db, teamSecret).ChangeSettings(t.Context(), facilitator, officeKey(), map[string]string{"sheet_blank_lines": "3"}, nil); !fault.Is(err, fault.Forbidden, "error.forbidden") {
		t.Errorf("by a facilitator = %v, want Forbidden", err)
	}
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		if lines, err := settings.Get(tx, settings.SheetBlankLines); err != nil || lines != 7 {
			t.Errorf("lines = %d, %v; want 7", lines, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

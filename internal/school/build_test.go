package school

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// office is a Service on a database of its own, with a clock that the test moves.
type office struct {
	*Service
	t     testing.TB
	db    *sqlite.DB
	clock *sqlitetest.Clock
}

// testNow is a Monday afternoon in Lyon.
var testNow = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func newOffice(t testing.TB) *office {
	t.Helper()
	clock := sqlitetest.NewClock(testNow)
	db := sqlitetest.NewAt(t, clock.Now)
	secret, err := account.LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return &office{Service: NewService(db, secret), t: t, db: db, clock: clock}
}

// key is a form key for acting without a form.
func (o *office) key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: o.clock.Now().Add(24 * time.Hour)}
}

// workshop adds a workshop to the catalogue.
func (o *office) workshop(title string) int64 {
	o.t.Helper()
	id, err := catalog.New(o.db).CreateWorkshop(o.t.Context(), account.Command(), o.key(), catalog.Workshop{
		Title: title, Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120})
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

// request is what a library asks for, complete.
func request() NewRequest {
	return NewRequest{
		Organisation: Organisation{Kind: Library, Name: "Médiathèque « La Ruche »", Address: "3 place de la Paix", Postcode: "69100", City: "Villeurbanne"},
		Contact:      Contact{Name: "Zoé D'Artagnan-N'Guyen", Role: "Bibliothécaire", Email: "zoe@example.org", Phone: "06 39 98 01 02"},
		Wish:         "Une conférence sur Ada Lovelace", Level: "8 à 12 ans", Children: 24, Adults: 3,
		Wanted: []WantedDate{{Day: time.Date(2026, 6, 9, 0, 0, 0, 0, time.UTC), Half: "morning"}},
		Place:  Theirs, Funding: settings.UnknownYet,
	}
}

// count runs a query that gives one number.
func (o *office) count(query string, args ...any) (n int) {
	o.t.Helper()
	err := o.db.Read(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		o.t.Fatal(err)
	}
	return n
}

// user adds somebody to the team and returns them as they act.
func (o *office) user(name string, role account.Role) account.Actor {
	o.t.Helper()
	email := string(role) + rand.Text() + "@exemple.fr"
	id := accounttest.AddUser(o.t, o.db, account.NewUser{
		Email: email, Name: name, Role: role, Password: "quatre chevaux bleus dansent",
	})
	return account.Actor{Kind: account.KindUser, ID: id, Name: name, Role: role}
}

// write runs one statement, beside the service.
func (o *office) write(query string, args ...any) (id int64) {
	o.t.Helper()
	err := o.db.Write(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return id
}

// scan reads one value of one row.
func (o *office) scan(to any, query string, args ...any) {
	o.t.Helper()
	err := o.db.Read(o.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(query, args...).Scan(to)
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

// asked is a request of a school in a state, on which the team owes the next step; column by column, change says
// what differs from the usual one.
func (o *office) asked(state State, change map[string]any) Request {
	o.t.Helper()
	now := sqlite.Time(o.clock.Now())
	organisation := o.write(`INSERT INTO organisations (kind, uai, name, address, postcode, city, created_at)
		VALUES ('school', '0350122T', 'École élémentaire Marie-Curie', '3 rue des Lilas', '69001', 'Lyon', ?)`, now)
	columns := map[string]any{
		"reference": "GRP-" + rand.Text()[:8], "organisation_id": organisation, "contact_name": "Zoé D'Artagnan-N'Guyen",
		"contact_role": "Directrice", "contact_email": "zoe@ecole.exemple.fr", "contact_phone": "04 78 00 00 00",
		"wish": "Découvrir les robots", "level": "CM1", "children": 24, "adults": 2, "place": "theirs", "funding": "own",
		"state": string(state), "state_since": now, "waiting_since": now, "created_at": now, "updated_at": now,
	}
	for name, value := range change {
		columns[name] = value
	}
	var names, marks []string
	var values []any
	for name, value := range columns {
		names, marks, values = append(names, name), append(marks, "?"), append(values, value)
	}
	id := o.write("INSERT INTO group_requests ("+strings.Join(names, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
	return o.read(id)
}

// read returns a request as it stands.
func (o *office) read(id int64) (r Request) {
	o.t.Helper()
	r, err := o.Request(o.t.Context(), account.Command(), id)
	if err != nil {
		o.t.Fatal(err)
	}
	return r
}

// told returns how many messages of a kind wait for an address.
func (o *office) told(kind, to string) int {
	o.t.Helper()
	return o.count("SELECT count(*) FROM outbox WHERE kind = ? AND recipient = ?", kind, to)
}

// wantFault fails unless err is a fault with this message.
func (o *office) wantFault(err error, key string) {
	o.t.Helper()
	if f, ok := fault.As(err); !ok || f.Message.Key != key {
		o.t.Errorf("error = %v, want %s", err, key)
	}
}

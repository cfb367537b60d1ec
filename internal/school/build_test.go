package school

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
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
		Place:  Theirs, Funding: UnknownYet,
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

package upkeep_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/account/accounttest"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// start is a Monday evening; the sessions of a house are on the Saturday after it.
var start = time.Date(2027, 5, 3, 16, 0, 0, 0, time.UTC)

// house is a database in which things have happened, all by the rules: session 1 has two
// seats, taken by Zoé and by an offer to محمد, and 李 waits; session 2 has been, and Łukasz
// came and has a certificate.
type house struct {
	t        *testing.T
	db       *sqlite.DB
	clock    *sqlitetest.Clock
	secret   account.Secret
	catalog  *catalog.Catalog
	bookings *booking.Service
	timers   *upkeep.Timers
	links    map[string]booking.Link // by reference
	next     int
}

func newHouse(t *testing.T) *house {
	t.Helper()
	clock := sqlitetest.NewClock(start)
	db := sqlitetest.NewAt(t, clock.Now)
	secret, err := account.LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{t: t, db: db, clock: clock, secret: secret, catalog: catalog.New(db), bookings: booking.NewService(db, secret), links: map[string]booking.Link{}}
	h.timers = h.newTimers()
	accounttest.AddUser(t, db, account.NewUser{
		Email: "nguyen@example.org", Name: "Nguyễn Thị Ánh", Role: account.Staff, Password: "trois souris vertes"})
	workshop, err := h.catalog.CreateWorkshop(t.Context(), account.Command(), key(), catalog.Workshop{
		Title: "Robotique", Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 2, PriceCents: 1400, DurationMinutes: 120})
	h.must(err)
	venue, err := h.catalog.CreateVenue(t.Context(), account.Command(), key(), catalog.Venue{
		Name: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon",
		StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"})
	h.must(err)
	for _, date := range []string{"2027-05-08", "2027-05-04"} {
		id, err := h.catalog.CreateSession(t.Context(), account.Command(), key(), catalog.SessionRequest{
			WorkshopID: workshop, VenueID: venue, Date: date, Starts: "14:00", Ends: "16:00", Capacity: 2, PriceCents: 1400})
		h.must(err)
		h.must(h.catalog.PublishSession(t.Context(), account.Command(), key(), id))
	}
	zoe, anh := h.book(1, "Zoé"), h.book(1, "Ánh")
	h.book(1, "محمد")
	h.book(1, "李")
	h.book(2, "Łukasz")
	h.must(h.bookings.Cancel(t.Context(), account.Guest(), key(), h.links[anh], nil, ""))
	h.clock.Set(start.AddDate(0, 0, 1))
	h.breaks(`INSERT INTO participants (id, session_id, booking_id) VALUES (1, 2, 5)`,
		`INSERT INTO marks (id, entry_key, participant_id, action, at, recorded_at, author_id) VALUES (1, 'a', 1, 'present', '2027-05-04T12:05:00Z', '2027-05-04T12:05:10Z', 1)`,
		`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T12:05:10Z', 'user:1', 'mark.present', 'participant:1')`,
		`INSERT INTO certificates (id, participant_id, minutes, year, number, code, issued_at) VALUES (1, 1, 120, 2027, 1, 'K7QX', '2027-05-04T14:05:10Z')`,
		`INSERT INTO audit (at, actor, action, record) VALUES ('2027-05-04T14:05:10Z', 'command', 'certificate.issue', 'certificate:1')`)
	h.links["zoe"] = h.links[zoe]
	return h
}

func (h *house) newTimers() *upkeep.Timers {
	return &upkeep.Timers{DB: h.db, Bookings: booking.NewService(h.db, h.secret), School: school.NewService(h.db, h.secret),
		Privacy: privacy.NewService(h.db, h.secret), Outbox: outbox.NewStore(h.db), Log: slog.New(slog.DiscardHandler)}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: start.AddDate(1, 0, 0)}
}

// book books a child, or puts it on the list when the session is full, and returns the reference.
func (h *house) book(session int64, child string) string {
	h.t.Helper()
	h.next++
	reference, err := h.bookings.Book(h.t.Context(), account.Guest(), key(), booking.Request{
		SessionID: session, IfFull: booking.Wait,
		Guardian: family.NewGuardian{Name: "D'Artagnan-N'Guyen", Email: "p" + strconv.Itoa(h.next) + "@example.org", Phone: "06 12 34 56 78", Language: "fr"},
		Children: []family.NewChild{{FirstName: child, LastName: "D'Artagnan-N'Guyen", BirthDate: time.Date(2018, 2, 28, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthNone}, Image: family.Later}},
	})
	h.must(err)
	h.links[reference] = h.bookings.Sign(booking.LinkScreen, reference, 1)
	return reference
}

// breaks runs statements behind the back of every rule: no foreign keys, no checks.
func (h *house) breaks(statements ...string) {
	h.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+h.db.Path()+"?_busy_timeout=5000")
	h.must(err)
	defer db.Close()
	conn, err := db.Conn(h.t.Context())
	h.must(err)
	defer conn.Close()
	for _, s := range append([]string{`PRAGMA ignore_check_constraints = on`}, statements...) {
		if _, err := conn.ExecContext(h.t.Context(), s); err != nil {
			h.t.Fatalf("%s: %v", s, err)
		}
	}
}

func (h *house) verify() []upkeep.Breach {
	h.t.Helper()
	breaches, err := upkeep.Verify(h.t.Context(), h.db)
	h.must(err)
	return breaches
}

// count runs a query that gives one number.
func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&n) }))
	return n
}

// text runs a query that gives one text.
func (h *house) text(query string, args ...any) (s string) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&s) }))
	return s
}

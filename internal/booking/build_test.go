package booking

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// house is a booking service on a database of its own, with one workshop (6 to 12 years) and one venue.
type house struct {
	*Service
	t        testing.TB
	db       *sqlite.DB
	clock    *sqlitetest.Clock
	catalog  *catalog.Catalog
	workshop int64
	venue    int64
	sink     *mail.Sink // a mailbox for the auditor; nil for nearly all
}

// monday is when every house begins: ten o'clock in Paris, in the week of the sessions of Saturday 8 May 2027.
var monday = time.Date(2027, 5, 3, 8, 0, 0, 0, time.UTC)

var staff = account.Actor{Kind: account.KindUser, ID: 99, Name: "Łukasz", Role: account.Staff}

func newHouse(t testing.TB) *house {
	t.Helper()
	clock := sqlitetest.NewClock(monday)
	db := sqlitetest.NewAt(t, clock.Now)
	secret, err := account.LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Service: NewService(db, secret), t: t, db: db, clock: clock, catalog: catalog.New(db)}
	h.must(AddStaff(t.Context(), db))
	h.workshop, err = h.catalog.CreateWorkshop(t.Context(), staff, newKey(), catalog.Workshop{Title: "Robotique", Level: "Initiation",
		Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, PriceCents: 1400, DurationMinutes: 120, Bring: "un goûter"})
	if err != nil {
		t.Fatal(err)
	}
	h.venue, err = h.catalog.CreateVenue(t.Context(), staff, newKey(), catalog.Venue{Name: "Espace Altnet", Address: "7 place Louis Chazette",
		Postcode: "69001", City: "Lyon", StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

const sqlAddStaff = `
INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at)
VALUES (99, 'lukasz@exemple.fr', 'lukasz@exemple.fr', 'Łukasz', 'staff', '', ?)`

// AddStaff gives the actor staff a row to point to.
func AddStaff(ctx context.Context, db *sqlite.DB) error {
	return db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, err := tx.Exec(sqlAddStaff, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		return audit.Add(tx, "command", "user.add", "user:99", nil)
	})
}

// newKey is the key of a form that nobody has sent yet.
func newKey() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: monday.Add(24 * time.Hour)}
}

// edition is the session of Saturday 8 May, 14 h, as a form describes it.
func (h *house) edition(capacity int) catalog.SessionRequest {
	return catalog.SessionRequest{WorkshopID: h.workshop, VenueID: h.venue, Date: "2027-05-08", Starts: "14:00", Ends: "16:00",
		Capacity: capacity, PriceCents: 1400}
}

// session publishes the session of Saturday 8 May.
func (h *house) session(capacity int) int64 {
	h.t.Helper()
	return h.published(h.edition(capacity))
}

func (h *house) published(r catalog.SessionRequest) int64 {
	h.t.Helper()
	id := h.draft(r)
	if err := h.catalog.PublishSession(h.t.Context(), staff, newKey(), id); err != nil {
		h.t.Fatal(err)
	}
	return id
}

// draft creates a session that only the team sees.
func (h *house) draft(r catalog.SessionRequest) int64 {
	h.t.Helper()
	id, err := h.catalog.CreateSession(h.t.Context(), staff, newKey(), r)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// guardian is an adult with an address.
func guardian(name, email string) family.NewGuardian {
	return family.NewGuardian{Name: name, Email: email, Phone: "06 12 34 56 78", Language: "fr"}
}

// child is nine years old on the day.
func child(first, last string) family.NewChild {
	return family.NewChild{FirstName: first, LastName: last, BirthDate: time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC),
		Health: family.Health{State: family.HealthNone}, Image: family.Later}
}

// request is one family's wish, for children called after the first names.
func request(session int64, email string, firsts ...string) Request {
	r := Request{SessionID: session, Guardian: guardian("Nguyễn", email)}
	for _, first := range firsts {
		r.Children = append(r.Children, child(first, "D'Artagnan-N'Guyen"))
	}
	return r
}

// joining is request by a family that also takes a place on the list.
func joining(session int64, email string, firsts ...string) Request {
	r := request(session, email, firsts...)
	r.IfFull = Wait
	return r
}

// together is joining by a family that wants all its seats or none.
func together(session int64, email string, firsts ...string) Request {
	r := joining(session, email, firsts...)
	r.Together = true
	return r
}

// book books as a guest, with a form of its own, and returns the reference.
func (h *house) book(r Request) string {
	h.t.Helper()
	reference, err := h.Book(h.t.Context(), account.Guest(), newKey(), r)
	if err != nil {
		h.t.Fatalf("Book: %v", err)
	}
	return reference
}

func (h *house) screen(reference string) Link { return h.Sign(LinkScreen, reference, 1) }

func (h *house) mailed(reference string) Link { return h.Sign(LinkMail, reference, 1) }

// accept, decline and cancel act from the screen, each with a form of its own.
func (h *house) accept(reference string) error {
	return h.Accept(h.t.Context(), account.Guest(), newKey(), h.screen(reference), nil)
}

func (h *house) decline(reference string) error {
	return h.Decline(h.t.Context(), account.Guest(), newKey(), h.screen(reference))
}

func (h *house) cancel(reference string, bookings ...int64) error {
	return h.Cancel(h.t.Context(), account.Guest(), newKey(), h.screen(reference), bookings, "")
}

// expire moves the clock to just after an instant and ends what is overdue.
func (h *house) expire(after time.Time) int {
	h.t.Helper()
	h.clock.Set(after.Add(time.Minute))
	n, err := h.ExpireOffers(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// group is a booking as its family sees it.
func (h *house) group(reference string) Group {
	h.t.Helper()
	g, err := h.Find(h.t.Context(), h.screen(reference))
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

// wantSeats fails the test unless the children of a booking have these statuses, in their order.
func (h *house) wantSeats(reference string, statuses ...string) {
	h.t.Helper()
	var got []string
	for _, c := range h.group(reference).Children {
		got = append(got, c.Status)
	}
	if !equalLists(got, statuses) {
		h.t.Errorf("%s: children are %v, want %v", reference, got, statuses)
	}
}

func equalLists(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i] != want[i] {
			return false
		}
	}
	return true
}

// letter is a message in the outbox.
type letter struct {
	kind, to, sendAfter string
	guardianID          int64
	outbox.Booking
}

const sqlLetters = `
SELECT kind, recipient, send_after, coalesce(guardian_id, 0), payload FROM outbox
WHERE payload ->> '$.reference' = ? ORDER BY id`

// letters are all messages about a booking, oldest first.
func (h *house) letters(reference string) []letter {
	h.t.Helper()
	var all []letter
	h.read(func(tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlLetters, reference)
		if err != nil {
			return err
		}
		for rows.Next() {
			var l letter
			var payload []byte
			if err := rows.Scan(&l.kind, &l.to, &l.sendAfter, &l.guardianID, &payload); err != nil {
				return err
			}
			if err := json.Unmarshal(payload, &l.Booking); err != nil {
				return err
			}
			all = append(all, l)
		}
		return rows.Err()
	})
	return all
}

// wantLetters fails the test unless the messages about a booking are of these kinds, and returns the last.
func (h *house) wantLetters(reference string, kinds ...string) letter {
	h.t.Helper()
	all := h.letters(reference)
	var got []string
	for _, l := range all {
		got = append(got, l.kind)
	}
	if !equalLists(got, kinds) {
		h.t.Fatalf("%s: letters are %v, want %v", reference, got, kinds)
	}
	return all[len(all)-1]
}

func (h *house) read(do func(tx *sqlite.Tx) error) {
	h.t.Helper()
	if err := h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return do(tx) }); err != nil {
		h.t.Fatal(err)
	}
}

// exec runs one statement, for what other packages write.
func (h *house) exec(query string, args ...any) {
	h.t.Helper()
	h.must(h.try(query, args...))
}

// try is exec of what may be refused.
func (h *house) try(query string, args ...any) error {
	return h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
}

// count returns the number that a query gives, 0 for no row.
func (h *house) count(query string, args ...any) (n int) {
	h.t.Helper()
	h.read(func(tx *sqlite.Tx) error {
		err := tx.QueryRow(query, args...).Scan(&n)
		if err == sql.ErrNoRows {
			return nil
		}
		return err
	})
	return n
}

// text returns the text that a query gives.
func (h *house) text(query string, args ...any) (s string) {
	h.t.Helper()
	h.read(func(tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&s) })
	return s
}

// wantFault fails the test unless err is a fault of the kind with the key.
func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	if !fault.Is(err, kind, key) {
		t.Fatalf("error = %v, want %v %s", err, kind, key)
	}
}

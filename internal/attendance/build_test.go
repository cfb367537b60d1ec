package attendance_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"fmt"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// house is a register on a database of its own: a workshop in Lyon, a session on Saturday 8 May 2027 from
// 14 h to 16 h in Paris, led by nadia; amine leads nothing.
type house struct {
	*attendance.Service
	t                          testing.TB
	db                         *sqlite.DB
	clock                      *sqlitetest.Clock
	workshop, venue, session   int64
	nadia, amine, staff, write account.Actor
}

// paris is an instant of May 2027 on French clocks, two hours ahead of UTC.
func paris(day, hour, minute int) time.Time {
	return time.Date(2027, 5, day, hour-2, minute, 0, 0, time.UTC)
}

func newHouse(t testing.TB) *house {
	t.Helper()
	clock := sqlitetest.NewClock(paris(8, 14, 5))
	db := sqlitetest.NewAt(t, clock.Now)
	secret, err := account.LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Service: attendance.NewService(db, booking.NewService(db, secret)), t: t, db: db, clock: clock}
	h.workshop = h.insert(`INSERT INTO workshops (title, level, discipline, min_age, max_age, created_at, updated_at)
		VALUES ('Robotique', 'Initiation', 'robotique', 6, 12, ?1, ?1)`, sqlite.Time(clock.Now()))
	h.venue = h.insert(`INSERT INTO venues (name, address, postcode, city, created_at, updated_at)
		VALUES ('Espace Altnet', '7 place Louis Chazette', '69001', 'Lyon', ?1, ?1)`, sqlite.Time(clock.Now()))
	h.nadia, h.amine = h.user("Nadia Benali", account.Facilitator), h.user("Amine Şahin", account.Facilitator)
	h.staff, h.write = h.user("Łukasz", account.Staff), h.user("Camille", account.Communication)
	h.session = h.sessionAt(paris(8, 14, 0), paris(8, 16, 0), h.nadia)
	return h
}

// insert runs one INSERT and returns its id.
func (h *house) insert(query string, args ...any) int64 {
	h.t.Helper()
	var id int64
	err := h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(query, args...)
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) user(name string, role account.Role) account.Actor {
	h.t.Helper()
	id := h.insert(`INSERT INTO users (email, email_folded, name, role, password_hash, created_at) VALUES (?1, ?1, ?2, ?3, '-', ?4)`,
		rand.Text()+"@example.org", name, string(role), sqlite.Time(h.clock.Now()))
	return account.Actor{Kind: account.KindUser, ID: id, Name: name, Role: role}
}

func (h *house) sessionAt(starts, ends time.Time, leaders ...account.Actor) int64 {
	h.t.Helper()
	id := h.insert(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
		VALUES (?1, ?2, ?3, ?4, 12, 1400, 'published', ?3, ?3, ?3, ?3)`, h.workshop, h.venue, sqlite.Time(starts), sqlite.Time(ends))
	for _, l := range leaders {
		h.insert(`INSERT INTO session_facilitators (session_id, user_id) VALUES (?, ?)`, id, l.ID)
	}
	return id
}

// guardian adds a parent.
func (h *house) guardian(name, phone string) int64 {
	h.t.Helper()
	return h.insert(`INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at) VALUES (?1, 'p@example.org', 'p@example.org', ?2, ?3, ?3)`,
		name, phone, sqlite.Time(h.clock.Now()))
}

// child adds a child of a guardian as booking does, and returns the id.
func (h *house) child(guardian int64, c family.NewChild) int64 {
	h.t.Helper()
	if c.BirthDate.IsZero() {
		c.BirthDate = time.Date(2018, 3, 1, 0, 0, 0, 0, time.UTC)
	}
	if c.Health.State == "" {
		c.Health.State = family.HealthNone
	}
	if c.Image == "" {
		c.Image = family.Yes
	}
	var id int64
	err := h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) (err error) {
		id, err = family.AddChild(tx, guardian, c)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// book gives a child a booking in a status and returns its id.
func (h *house) book(session, guardian, child int64, status string) int64 {
	h.t.Helper()
	now := sqlite.Time(h.clock.Now())
	group := h.insert(`INSERT INTO booking_groups (reference, session_id, guardian_id, created_at) VALUES (?, ?, ?, ?)`,
		rand.Text(), session, guardian, now)
	return h.insert(`INSERT INTO bookings (group_id, session_id, child_id, status, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?5)`,
		group, session, child, status, now)
}

// seat books a child of a family of its own in the session of the house.
func (h *house) seat(first, last string) int64 {
	h.t.Helper()
	guardian := h.guardian("Parent "+last, "06 12 34 56 78")
	return h.book(h.session, guardian, h.child(guardian, family.NewChild{FirstName: first, LastName: last}), "confirmed")
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// referenceOf is the reference of a booking.
func (h *house) referenceOf(booking int64) (reference string) {
	h.t.Helper()
	h.must(h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(`SELECT reference FROM booking_groups WHERE id = (SELECT group_id FROM bookings WHERE id = ?)`, booking).Scan(&reference)
	}))
	return reference
}

// key is a new form key.
func (h *house) key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: h.clock.Now().Add(24 * time.Hour)}
}

// mark writes an entry as nadia, now.
func (h *house) mark(booking int64, action attendance.Action) {
	h.t.Helper()
	if err := h.Mark(h.t.Context(), h.nadia, h.key(), attendance.NewMark{
		EntryKey: rand.Text(), SessionID: h.session, BookingID: booking, Action: action, Taken: takenFor(action),
	}); err != nil {
		h.t.Fatal(err)
	}
}

// takenFor is how every child of these tests leaves.
func takenFor(action attendance.Action) attendance.Taken {
	if action != attendance.Left {
		return attendance.Taken{}
	}
	return attendance.Taken{By: attendance.Alone, Reason: "Linh, au téléphone : oui, il habite en face"}
}

// roster reads the register of the house as somebody.
func (h *house) roster(actor account.Actor) attendance.Roster {
	h.t.Helper()
	r, err := h.Roster(h.t.Context(), actor, h.session)
	if err != nil {
		h.t.Fatal(err)
	}
	return r
}

// line is the line of a booking.
func (h *house) line(r attendance.Roster, booking int64) attendance.Child {
	h.t.Helper()
	for _, c := range r.Children {
		if c.BookingID == booking {
			return c
		}
	}
	h.t.Fatalf("booking %d is not on the register", booking)
	return attendance.Child{}
}

// count returns the number that a query gives.
func (h *house) count(query string, args ...any) int {
	h.t.Helper()
	var n int
	err := h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// texts returns the first column of a query, in order.
func (h *house) texts(query string, args ...any) []string {
	h.t.Helper()
	var all []string
	err := h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(query, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var s sql.NullString
			if err := rows.Scan(&s); err != nil {
				return err
			}
			all = append(all, s.String)
		}
		return rows.Err()
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// wantFault fails the test unless err is a fault of the kind and key.
func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	if !fault.Is(err, kind, key) {
		t.Fatalf("got %v, want %v %s", err, kind, key)
	}
}

// fullName is a child as the tests compare it.
func fullName(c attendance.Child) string { return fmt.Sprintf("%s %s", c.FirstName, c.LastName) }

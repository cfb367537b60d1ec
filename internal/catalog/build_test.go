package catalog_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// house is a catalogue on a database of its own, with one workshop and one venue.
type house struct {
	*catalog.Catalog
	t        testing.TB
	db       *sqlite.DB
	clock    *sqlitetest.Clock
	workshop catalog.Workshop
	venue    catalog.Venue
}

// start is when every house begins: a Monday of April 2027, in the morning.
var start = time.Date(2027, 4, 5, 8, 0, 0, 0, time.UTC)

func newHouse(t testing.TB) *house {
	t.Helper()
	clock := sqlitetest.NewClock(start)
	db := sqlitetest.NewAt(t, clock.Now)
	h := &house{Catalog: catalog.New(db), t: t, db: db, clock: clock,
		workshop: catalog.Workshop{Title: "Robotique", Level: "Initiation", Discipline: "robotique", MinAge: 6, MaxAge: 12,
			Capacity: 12, PriceCents: 1400, DurationMinutes: 120},
		venue: catalog.Venue{Name: "Espace Altnet", Address: "7 place Louis Chazette", Postcode: "69001", City: "Lyon",
			StepFree: catalog.StepFreeUnknown, Capacity: 12, TimeZone: "Europe/Paris"}}
	var err error
	if h.workshop.ID, err = h.CreateWorkshop(t.Context(), staff, key(), h.workshop); err != nil {
		t.Fatal(err)
	}
	if h.venue.ID, err = h.CreateVenue(t.Context(), staff, key(), h.venue); err != nil {
		t.Fatal(err)
	}
	return h
}

var staff = account.Actor{Kind: account.KindUser, ID: 99, Name: "Łukasz", Role: account.Staff}

// key is a new form key.
func key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: start.Add(24 * time.Hour)}
}

// request is a session of two hours on a day.
func (h *house) request(date, starts, ends string) catalog.SessionRequest {
	return catalog.SessionRequest{WorkshopID: h.workshop.ID, VenueID: h.venue.ID, Date: date, Starts: starts, Ends: ends,
		Capacity: 12, PriceCents: 1400}
}

// draft creates a session on a day.
func (h *house) draft(date, starts, ends string) int64 {
	h.t.Helper()
	id, err := h.CreateSession(h.t.Context(), staff, key(), h.request(date, starts, ends))
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

// published creates and publishes a session on a day.
func (h *house) published(date, starts, ends string) int64 {
	h.t.Helper()
	id := h.draft(date, starts, ends)
	if err := h.PublishSession(h.t.Context(), staff, key(), id); err != nil {
		h.t.Fatal(err)
	}
	return id
}

func (h *house) session(id int64) catalog.Session {
	h.t.Helper()
	s, err := h.Session(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// write runs statements, for what other packages write.
func (h *house) write(do func(tx *sqlite.Tx) error) error {
	h.t.Helper()
	return h.db.Write(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return do(tx) })
}

// group books children of one family as package booking would: one row per status.
func (h *house) group(session int64, seating string, statuses ...string) {
	h.t.Helper()
	err := h.write(func(tx *sqlite.Tx) error {
		now := sqlite.Time(tx.Now())
		res, err := tx.Exec(`INSERT INTO guardians (name, email, email_folded, phone, last_contact_at, created_at)
			VALUES ('Nguyễn', 'n@example.org', 'n@example.org', '06 12 34 56 78', ?1, ?1)`, now)
		if err != nil {
			return err
		}
		guardian, _ := res.LastInsertId()
		res, err = tx.Exec(`INSERT INTO booking_groups (reference, session_id, guardian_id, seating, created_at) VALUES (?, ?, ?, ?, ?)`,
			rand.Text(), session, guardian, seating, now)
		if err != nil {
			return err
		}
		group, _ := res.LastInsertId()
		for _, status := range statuses {
			res, err := tx.Exec(`INSERT INTO children (first_name, last_name, name_folded, birth_date, health_state, created_at)
				VALUES ('Zoé', 'D''Artagnan-N''Guyen', 'd''artagnan-n''guyen zoe', '2018-03-01', 'none', ?)`, now)
			if err != nil {
				return err
			}
			child, _ := res.LastInsertId()
			if _, err := tx.Exec(`INSERT INTO bookings (group_id, session_id, child_id, status, created_at, updated_at)
				VALUES (?1, ?2, ?3, ?4, ?5, ?5)`, group, session, child, status, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
}

// user adds a member of the team.
func (h *house) user(name string, role account.Role) account.Actor {
	h.t.Helper()
	var id int64
	err := h.write(func(tx *sqlite.Tx) error {
		address := fmt.Sprintf("%s@example.org", rand.Text())
		res, err := tx.Exec(`INSERT INTO users (email, email_folded, name, role, password_hash, created_at) VALUES (?1, ?1, ?2, ?3, '-', ?4)`,
			address, name, string(role), sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		id, err = res.LastInsertId()
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return account.Actor{Kind: account.KindUser, ID: id, Name: name, Role: role}
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

// wantFault fails the test unless err is a fault of the kind and key; for Invalid, key is "field=key".
func wantFault(t testing.TB, err error, kind fault.Kind, key string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind {
		t.Fatalf("got %v, want a fault of kind %v", err, kind)
	}
	got := f.Message.Key
	if len(f.Fields) > 0 {
		got = ""
		for _, field := range sortedFields(f) {
			got += " " + field + "=" + f.Fields[field].Key
		}
		got = got[1:]
	}
	if got != key {
		t.Fatalf("got %q, want %q", got, key)
	}
}

package catalog_test

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// fiveYears fills a house with 2,000 sessions, 40 of them to come, and 40,000 bookings.
func fiveYears(b *testing.B) *house {
	b.Helper()
	h := newHouse(b)
	if err := h.write(func(tx *sqlite.Tx) error {
		for _, statement := range []string{
			`INSERT INTO guardians (id, name, email, email_folded, phone, last_contact_at, created_at) VALUES (1, 'N', 'n', 'n', '1', '', '')`,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
			 INSERT INTO children (id, first_name, last_name, name_folded, birth_date, health_state, created_at)
			 SELECT i, 'Zoé', 'N', 'n zoe', '2018-03-01', 'none', '' FROM n`,
			`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
			 INSERT INTO sessions (id, workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
			 SELECT i, 1, 1, strftime('%Y-%m-%dT12:00:00Z', '2027-04-05', (i - 1960) || ' days'), strftime('%Y-%m-%dT14:00:00Z', '2027-04-05', (i - 1960) || ' days'),
			        12, 1400, 'published', '2020-01-01T00:00:00Z', strftime('%Y-%m-%dT12:00:00Z', '2027-04-05', (i - 1960) || ' days'), '2027-01-01T00:00:00Z', '2027-01-01T00:00:00Z' FROM n`,
			`INSERT INTO booking_groups (id, reference, session_id, guardian_id, created_at) SELECT id, id, 1 + id % 2000, 1, '' FROM children`,
			`INSERT INTO bookings (group_id, session_id, child_id, status, created_at, updated_at)
			 SELECT id, 1 + id % 2000, id, iif(id <= 24000, 'confirmed', 'waiting'), '', '' FROM children`,
		} {
			if _, err := tx.Exec(statement); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	return h
}

func BenchmarkComing(b *testing.B) {
	h := fiveYears(b)
	for b.Loop() {
		coming, err := h.Coming(b.Context())
		if err != nil || len(coming) == 0 || coming[0].Taken != 12 || coming[0].Waiting != 8 {
			b.Fatalf("%d sessions, %v", len(coming), err)
		}
	}
}

func BenchmarkBetweenFiveYears(b *testing.B) {
	h := fiveYears(b)
	for b.Loop() {
		all, err := h.Between(b.Context(), start.AddDate(-6, 0, 0), start.Add(365*24*time.Hour))
		if err != nil || len(all) != 2000 {
			b.Fatalf("%d sessions, %v", len(all), err)
		}
	}
}

package booking

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlManySessions = `
WITH RECURSIVE n (i) AS (VALUES (2) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
SELECT workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at
FROM sessions, n WHERE id = 1`

// BenchmarkBook measures durable bookings of one child, by 32 families at once in 2,000 sessions: everything
// of the last POST that is not HTTP.
func BenchmarkBook(b *testing.B) {
	const families, sessions = 32, 2000
	h := newHouse(b)
	h.session(catalog.MaxCapacity)
	if err := h.db.Bulk(b.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlManySessions, sessions)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range families {
		all.Go(func() {
			ctx, stop := context.WithCancel(b.Context()) // as a request's
			defer stop()
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				r := request(1+n%sessions, fmt.Sprintf("zoe.%d@exemple.fr", n), "Zoé")
				key, err := h.secret.CheckFormKey(h.secret.FormKey("booking", "", monday), "booking", "", monday)
				if err != nil {
					b.Error(err)
					return
				}
				if _, err := h.Book(ctx, account.Guest(), key, r); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "bookings/s")
}

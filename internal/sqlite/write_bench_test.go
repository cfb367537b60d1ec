package sqlite

import (
	"context"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

const benchSchema = `
CREATE TABLE session (id INTEGER PRIMARY KEY, capacity INTEGER NOT NULL) STRICT;
CREATE TABLE booking (id INTEGER PRIMARY KEY, session_id INTEGER NOT NULL REFERENCES session, child TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
CREATE INDEX booking_session ON booking (session_id);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
PRAGMA user_version = 1;`

const (
	sqlBenchSession = `INSERT INTO session (id, capacity) VALUES (?, 1000000)`
	sqlBenchTaken   = `SELECT capacity, (SELECT count(*) FROM booking WHERE session_id = session.id) FROM session WHERE id = ?`
	sqlBenchBook    = `INSERT INTO booking (session_id, child, created_at) VALUES (?, ?, ?)`
	sqlBenchMail    = `INSERT INTO outbox (kind, data, created_at) VALUES (?, ?, ?)`
)

// BenchmarkWrite measures durable bookings (count, insert, mail) from many callers and
// from one, who pays a sync for each.
func BenchmarkWrite(b *testing.B) {
	b.Run("32 callers", func(b *testing.B) { benchmarkWrite(b, 32) })
	b.Run("1 caller", func(b *testing.B) { benchmarkWrite(b, 1) })
}

func benchmarkWrite(b *testing.B, callers int) {
	db, err := Open(b.Context(), Config{Path: filepath.Join(b.TempDir(), "ateliers.db"), Schema: benchSchema})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	const sessions = 2000
	err = db.Bulk(b.Context(), func(_ context.Context, tx *Tx) error {
		for id := range sessions {
			if _, err := tx.Exec(sqlBenchSession, id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var all sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	for range callers {
		all.Go(func() {
			ctx, stop := context.WithCancel(b.Context()) // as a request's
			defer stop()
			for n := next.Add(1); n <= int64(b.N); n = next.Add(1) {
				if err := db.Write(ctx, benchBooking(n%sessions)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
}

func benchBooking(session int64) func(context.Context, *Tx) error {
	return func(_ context.Context, tx *Tx) error {
		var capacity, taken int
		if err := tx.QueryRow(sqlBenchTaken, session).Scan(&capacity, &taken); err != nil {
			return err
		}
		now := Time(tx.Now())
		if _, err := tx.Exec(sqlBenchBook, session, "Zoé D'Artagnan-N'Guyen", now); err != nil {
			return err
		}
		_, err := tx.Exec(sqlBenchMail, "booked", `{"child":"محمد"}`, now)
		return err
	}
}

package outbox_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// Add is in the last POST of every booking: see the speed that design.md asks of it.
func BenchmarkAdd(b *testing.B) {
	db := sqlitetest.NewAt(b, time.Now)
	n := 0
	for b.Loop() {
		err := db.Write(b.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			for range 1000 { // one commit for many, to see the row and not the disk
				n++
				err := outbox.Add(tx, outbox.Message{
					Kind: outbox.BookingConfirmed, Language: "fr", To: fmt.Sprintf("parent%d@example.org", n),
					Payload: outbox.Booking{Reference: "ADA-7K3M9QXW", Guardian: "Nguyễn Thị Hồng", Confirmed: []string{"Zoé"}},
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(n), "µs/message")
}

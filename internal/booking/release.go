package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A free seat here may be one that nobody who waits can use: then the session is found again each time, and nothing comes of it.
const sqlReleased = `
SELECT s.id FROM sessions s
WHERE s.starts_at > ?1 AND s.status = 'published'
  AND EXISTS (SELECT 1 FROM bookings w WHERE w.session_id = s.id AND w.status = 'waiting')
  AND s.capacity > (SELECT count(*) FROM bookings t WHERE t.session_id = s.id AND t.status IN ('confirmed', 'offered'))
ORDER BY s.starts_at, s.id`

// ReleaseReserved offers to the waiting lists the seats that came free by no transaction of theirs: those that were kept for a partner
// until an instant that has passed (domain, Capacity 8), and those of which a change of the hours of offers lets an offer be made that
// came too late before (settings.Hours). It is for a timer.
// It may run at any time, any number of times.
func (s *Service) ReleaseReserved(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		sessions, err := sqlite.Column[int64](tx, sqlReleased, sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		for _, id := range sessions {
			if err := offerFreeSeats(tx, id, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

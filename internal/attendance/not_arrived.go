package attendance

import (
	"context"
	"crypto/rand"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// RecordNotArrived keeps what came of calling about children who have not come, and excuses those of them, by booking, who will
// not: by one mark for each. Who may, and when, is as for Mark; otherwise as booking.RecordNotArrivedTx.
func (s *Service) RecordNotArrived(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, subject string, outcome booking.CallOutcome, about []int64) error {
	return s.write(ctx, actor, key, sessionID, func(tx *sqlite.Tx) error {
		away, err := booking.RecordNotArrivedTx(tx, actor, sessionID, subject, outcome, about)
		if err != nil {
			return err
		}
		for _, id := range away {
			m := NewMark{EntryKey: rand.Text(), SessionID: sessionID, BookingID: id, Action: Excused}
			participant, err := seat(tx, m)
			if err != nil {
				return err
			}
			if err := add(tx, actor, participant, m); err != nil {
				return err
			}
		}
		return nil
	})
}

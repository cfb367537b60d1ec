package attendance

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlDisownTablets = `INSERT INTO tablets (id, since) VALUES (1, ?1) ON CONFLICT (id) DO UPDATE SET since = ?1`
	sqlTabletsSince  = `SELECT coalesce(max(since), '') FROM tablets`
)

// DisownTablets lets nothing in that was noted on a register from before now: it names children by numbers that others may have by
// then, in a database that an older copy was put in place of.
func DisownTablets(tx *sqlite.Tx) error {
	_, err := tx.Exec(sqlDisownTablets, sqlite.Time(tx.Now()))
	return err
}

// TabletsSince is the instant from which on registers that are open on a tablet count; zero for all.
func (s *Service) TabletsSince(ctx context.Context) (since time.Time, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		since, err = tabletsSince(tx)
		return err
	})
	return since, err
}

func tabletsSince(tx *sqlite.Tx) (time.Time, error) {
	var text string
	if err := tx.QueryRow(sqlTabletsSince).Scan(&text); err != nil || text == "" {
		return time.Time{}, err
	}
	return sqlite.ParseTime(text)
}

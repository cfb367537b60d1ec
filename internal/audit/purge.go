package audit

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// monthsKept is how long lines are kept: long enough to look into what happened, as the CNIL advises, and no longer.
const monthsKept = 12

const (
	sqlHasOld      = `SELECT EXISTS (SELECT 1 FROM audit WHERE at < ?1) OR EXISTS (SELECT 1 FROM access_log WHERE at < ?1)`
	sqlPurge       = `DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < ? ORDER BY id LIMIT ?)`
	sqlPurgeAccess = `DELETE FROM access_log WHERE id IN (SELECT id FROM access_log WHERE at < ? ORDER BY id LIMIT ?)`
)

// Purge deletes lines that are older than 12 months, of what was changed and of what was read, at most that many of each. It
// returns how many.
func Purge(tx *sqlite.Tx, most int) (deleted int, err error) {
	before := sqlite.Time(keptSince(tx.Now()))
	var old bool
	if err := tx.QueryRow(sqlHasOld, before).Scan(&old); err != nil || !old {
		return 0, err
	}
	// The trigger that keeps younger lines measures from the last one.
	if err := Add(tx, "system", "audit.purge", "audit", map[string]any{"before": before}); err != nil {
		return 0, err
	}
	for _, statement := range []string{sqlPurge, sqlPurgeAccess} {
		res, err := tx.Exec(statement, before, most)
		if err != nil {
			return 0, fmt.Errorf("audit: purge: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return 0, err
		}
		deleted += int(n)
	}
	return deleted, nil
}

func keptSince(now time.Time) time.Time { return now.AddDate(0, -monthsKept, 0) }

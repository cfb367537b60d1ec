package family

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// HealthRetention is how long a text about health is kept after the child's last session
// (domain, Family data 2; RGPD-3).
const HealthRetention = 30 * 24 * time.Hour

const sqlForgetHealth = `
UPDATE children SET health_state = 'to_ask', health_text = ''
WHERE health_state = 'described' AND created_at < ?1 AND NOT EXISTS (
    SELECT 1 FROM bookings b JOIN sessions s ON s.id = b.session_id
    WHERE b.child_id = children.id AND b.status IN ('waiting', 'offered', 'confirmed') AND s.ends_at >= ?1)`

// ForgetHealth erases texts about health 30 days after the last session; from then on the question is
// asked again, and never answered with "none". It returns how many were erased.
func ForgetHealth(ctx context.Context, db *sqlite.DB) (erased int64, err error) {
	err = db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(sqlForgetHealth, sqlite.Time(tx.Now().Add(-HealthRetention)))
		if err != nil {
			return err
		}
		if erased, err = res.RowsAffected(); err != nil || erased == 0 {
			return err
		}
		return audit.Add(tx, "system", "family.forget_health", "children", map[string]any{"count": erased})
	})
	return erased, err
}

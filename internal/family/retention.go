package family

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// healthSince is since when the text about the health of child c is kept for nothing to come: its last session, or the last
// time that a guardian said it.
const healthSince = `max(c.created_at,
    coalesce((SELECT max(o.given_at) FROM consents o WHERE o.child_id = c.id AND o.purpose = 'health'), ''),
    coalesce((SELECT max(s.ends_at) FROM bookings b JOIN sessions s ON s.id = b.session_id
              WHERE b.child_id = c.id AND (b.status = 'waiting' OR b.status = 'offered' OR b.status = 'confirmed')), ''))`

const sqlForgetHealth = `
UPDATE children SET health_state = 'to_ask', health_text = ''
WHERE id IN (SELECT c.id FROM children c WHERE c.health_state = 'described' AND ` + healthSince + ` < ?)`

// ForgetHealth erases texts about health as many days after the last session as settings.HealthDays says (domain, Family data
// 2; RGPD-3); from then on the question is asked again, and never answered with "none". It returns how many were erased.
func ForgetHealth(tx *sqlite.Tx) (erased int, err error) {
	days, err := settings.Get(tx, settings.HealthDays)
	if err != nil {
		return 0, err
	}
	res, err := tx.Exec(sqlForgetHealth, sqlite.Time(tx.Now().AddDate(0, 0, -days)))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), audit.Add(tx, "system", "family.forget_health", "children", map[string]any{"count": n})
}

// KeptHealth is a child about whose health something is written, and since when that is kept for nothing to come; in the
// future while a session is.
type KeptHealth struct {
	ChildID   int64
	FirstName string
	Since     time.Time
}

const sqlHealthKept = `
SELECT c.id, c.first_name, ` + healthSince + ` FROM guardianships x JOIN children c ON c.id = x.child_id
 WHERE x.guardian_id = ? AND c.health_state = 'described' ORDER BY c.name_folded, c.id`

// HealthKept returns the children of a guardian about whose health something is written.
func HealthKept(tx *sqlite.Tx, guardianID int64) (list []KeptHealth, err error) {
	rows, err := tx.Query(sqlHealthKept, guardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var k KeptHealth
		var since string
		if err := rows.Scan(&k.ChildID, &k.FirstName, &since); err != nil {
			return nil, err
		}
		if k.Since, err = sqlite.ParseTime(since); err != nil {
			return nil, err
		}
		list = append(list, k)
	}
	return list, rows.Err()
}

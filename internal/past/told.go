package past

import "github.com/lesbricodeurs/ateliersdada/internal/sqlite"

// What an audit and an outbox would still know of it, so that ateliers verify finds what it wants (I9, I12): lines of 12 months, mails
// of 30 days, each emptied but for the booking that it was about.
const (
	sqlOnRecord = `
INSERT INTO audit (at, actor, action, record, details)
SELECT at, actor, action, record, details FROM (
  SELECT created_at AS at, 'system' AS actor, 'account.add' AS action, 'user:' || id AS record, '{}' AS details FROM users WHERE id = ?3
  UNION ALL SELECT created_at, 'user:' || ?3, 'workshop.create', 'workshop:' || id, '{}' FROM workshops WHERE id IN (SELECT workshop_id FROM sessions WHERE id BETWEEN ?1 AND ?2)
  UNION ALL SELECT created_at, 'user:' || ?3, 'venue.create', 'venue:' || id, '{}' FROM venues WHERE id IN (SELECT venue_id FROM sessions WHERE id BETWEEN ?1 AND ?2)
  UNION ALL SELECT created_at, 'user:' || ?3, 'session.create', 'session:' || id, '{}' FROM sessions WHERE id BETWEEN ?1 AND ?2
  UNION ALL SELECT created_at, 'guardian:' || guardian_id, 'booking.book', 'session:' || session_id, json_object('reference', reference)
    FROM booking_groups WHERE session_id BETWEEN ?1 AND ?2
  UNION ALL SELECT DISTINCT b.cancelled_at, 'guardian:' || g.guardian_id, 'booking.cancel', 'session:' || b.session_id, json_object('reference', g.reference)
    FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.session_id BETWEEN ?1 AND ?2 AND b.cancelled_at IS NOT NULL
  UNION ALL SELECT m.recorded_at, 'user:' || ?3, 'mark.' || m.action, 'participant:' || m.participant_id, '{}'
    FROM marks m JOIN participants p ON p.id = m.participant_id WHERE p.session_id BETWEEN ?1 AND ?2)
WHERE at >= ?4 ORDER BY at`
	sqlTold = `
INSERT INTO outbox (kind, language, recipient, guardian_id, payload, message_id, created_at, send_after, state, done_at)
SELECT kind, 'fr', email, guardian, json_object('reference', reference), 'past-' || kind || '-' || reference || '-' || at, at, at, 'sent', at FROM (
  SELECT 'booking_confirmed' AS kind, p.email, p.id AS guardian, g.reference, g.created_at AS at
    FROM booking_groups g JOIN guardians p ON p.id = g.guardian_id WHERE g.session_id BETWEEN ?1 AND ?2
  UNION ALL SELECT DISTINCT 'booking_cancelled', p.email, p.id, g.reference, b.cancelled_at
    FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
   WHERE b.session_id BETWEEN ?1 AND ?2 AND b.cancelled_at IS NOT NULL)
WHERE at >= ?3 ORDER BY at`
)

// told writes what is kept of how it came about.
func (m *maker) told() {
	m.add(sqlOnRecord, m.firstSession, m.end, m.leader, sqlite.Time(m.plan.Until.AddDate(-1, 0, -1)))
	m.add(sqlTold, m.firstSession, m.end, sqlite.Time(m.plan.Until.AddDate(0, 0, -31)))
}

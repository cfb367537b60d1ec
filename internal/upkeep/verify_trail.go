package upkeep

// A result that names a booking was shown to somebody as done.
const sqlKeysWithoutResult = `
SELECT 'form_keys', 'a form was answered with booking ' || result || ', which is not there' FROM form_keys
WHERE result GLOB 'ADA-*' AND result NOT IN (SELECT reference FROM booking_groups)
UNION ALL
SELECT 'drafts', 'a draft led to booking ' || result || ', which is not there' FROM drafts
WHERE result GLOB 'ADA-*' AND result NOT IN (SELECT reference FROM booking_groups)`

// I4: what a form or a draft was answered with is there.
func keysWithoutResult(v *verification) error { return v.each("I4", sqlKeysWithoutResult) }

// The outbox forgets what a message said 30 days after it was done.
const messageDays = 30

// At one instant a family may both book and accept an offer, but gets no more than that. Reference and instant make
// one key, so that SQLite finds a message by both: many families book in one second.
const sqlMessagesOfBookings = `
WITH told AS (
  SELECT payload ->> '$.reference' || ' ' || created_at AS change, count(*) AS n FROM outbox
  WHERE kind IN ('booking_confirmed', 'waiting_joined') AND created_at >= ?1 GROUP BY change)
SELECT 'booking_group:' || g.id, 'it has ' || coalesce(told.n, 0) || ' messages that tell it was made'
FROM booking_groups g JOIN guardians p ON p.id = g.guardian_id
LEFT JOIN told ON told.change = g.reference || ' ' || g.created_at
WHERE g.created_at >= ?1 AND p.email <> '' AND coalesce(told.n, 0) NOT BETWEEN 1 AND 1 + (
  SELECT count(DISTINCT o.ended_at) FROM bookings b JOIN offers o ON o.booking_id = b.id
  WHERE b.group_id = g.id AND o.outcome = 'accepted' AND o.ended_at = g.created_at)`

// I9: every booking was told to its family, once.
func messagesOfBookings(v *verification) error {
	return v.each("I9", sqlMessagesOfBookings, v.daysAgo(messageDays))
}

const sqlMessagesOfOffers = `
WITH told AS (
  SELECT DISTINCT payload ->> '$.reference' AS reference, created_at, kind FROM outbox
  WHERE kind IN ('seat_offered', 'booking_confirmed', 'offer_expired') AND created_at >= ?1 AND payload ->> '$.reference' IS NOT NULL)
SELECT DISTINCT 'booking_group:' || g.id, 'nothing tells of its offer made at ' || o.made_at
FROM offers o JOIN bookings b ON b.id = o.booking_id JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
WHERE o.made_at >= ?1 AND p.email <> '' AND (g.reference, o.made_at, 'seat_offered') NOT IN (SELECT reference, created_at, kind FROM told)
UNION
SELECT DISTINCT 'booking_group:' || g.id, 'nothing tells that its offer was ' || o.outcome || ' at ' || o.ended_at
FROM offers o JOIN bookings b ON b.id = o.booking_id JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
WHERE o.ended_at >= ?1 AND o.outcome IN ('accepted', 'expired') AND p.email <> ''
  AND (g.reference, o.ended_at, iif(o.outcome = 'accepted', 'booking_confirmed', 'offer_expired')) NOT IN (SELECT reference, created_at, kind FROM told)`

// I9: every offer, and how it ended, was told.
func messagesOfOffers(v *verification) error {
	return v.each("I9", sqlMessagesOfOffers, v.daysAgo(messageDays))
}

const sqlMessagesOfCancellations = `
WITH told AS (
  SELECT DISTINCT payload ->> '$.reference' AS reference, created_at FROM outbox
  WHERE kind IN ('booking_cancelled', 'waiting_left', 'session_cancelled') AND created_at >= ?1 AND payload ->> '$.reference' IS NOT NULL)
SELECT DISTINCT 'booking_group:' || g.id, 'nothing tells that it was cancelled at ' || b.cancelled_at
FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
WHERE b.cancelled_at >= ?1 AND p.email <> '' AND (g.reference, b.cancelled_at) NOT IN (SELECT reference, created_at FROM told)`

// I9: every cancellation was told.
func messagesOfCancellations(v *verification) error {
	return v.each("I9", sqlMessagesOfCancellations, v.daysAgo(messageDays))
}

const sqlMessagesTwice = `
SELECT 'outbox:' || max(id), 'its Message-ID is also that of message ' || min(id) FROM outbox GROUP BY message_id HAVING count(*) > 1`

// I9: a Message-ID belongs to one message, so that a copy sent after a crash collapses into it.
func messagesTwice(v *verification) error { return v.each("I9", sqlMessagesTwice) }

// The audit may forget after 12 months.
const auditDays = 365

const sqlAuditOfBookings = `
WITH noted AS (SELECT DISTINCT details ->> '$.reference' AS reference FROM audit WHERE details ->> '$.reference' IS NOT NULL)
SELECT 'booking_group:' || g.id, 'the audit does not know how it was made' FROM booking_groups g
WHERE g.created_at >= ?1 AND g.reference NOT IN (SELECT reference FROM noted)
UNION ALL
SELECT DISTINCT 'session:' || b.session_id, 'the audit does not know of a cancellation at ' || b.cancelled_at FROM bookings b
WHERE b.cancelled_at >= ?1 AND ('session:' || b.session_id, b.cancelled_at) NOT IN (SELECT record, at FROM audit WHERE action GLOB 'booking.cancel*')`

// I12: booking and cancelling left a line in the audit.
func auditOfBookings(v *verification) error {
	return v.each("I12", sqlAuditOfBookings, v.daysAgo(auditDays))
}

const sqlAuditOfRecords = `
WITH made (record, created_at) AS (
  SELECT 'workshop:' || id AS record, created_at FROM workshops
  UNION ALL SELECT 'venue:' || id, created_at FROM venues
  UNION ALL SELECT 'kit:' || id, created_at FROM kits
  UNION ALL SELECT 'slot:' || id, created_at FROM slots
  UNION ALL SELECT 'session:' || id, created_at FROM sessions
  UNION ALL SELECT 'quote:' || id, issued_at FROM quotes WHERE issued_at IS NOT NULL
  UNION ALL SELECT 'invoice:' || id, issued_at FROM invoices
  UNION ALL SELECT 'payment:' || id, recorded_at FROM payments
  UNION ALL SELECT 'acceptance:' || id, stated_at FROM acceptances
  UNION ALL SELECT 'acceptance:' || id, confirmed_at FROM acceptances WHERE confirmed_at IS NOT NULL
  UNION ALL SELECT 'user:' || id, created_at FROM users
  UNION ALL SELECT 'participant:' || participant_id, recorded_at FROM marks
  UNION ALL SELECT 'certificate:' || id, issued_at FROM certificates
  UNION ALL SELECT 'certificate:' || id, revoked_at FROM certificates WHERE revoked_at IS NOT NULL)
SELECT record, 'the audit does not know what happened to it at ' || created_at FROM made
WHERE created_at >= ?1 AND (record, created_at) NOT IN (SELECT record, at FROM audit)`

// I12: what the team made or marked left a line in the audit.
func auditOfRecords(v *verification) error {
	return v.each("I12", sqlAuditOfRecords, v.daysAgo(auditDays))
}

const sqlAuditTriggers = `
WITH wanted (name) AS (VALUES ('audit_never_changes'), ('audit_kept_12_months'))
SELECT 'database', 'the trigger ' || name || ' is missing' FROM wanted
WHERE name NOT IN (SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit')`

// I12: what keeps the audit from being changed is in place.
func auditTriggers(v *verification) error { return v.each("I12", sqlAuditTriggers) }

package upkeep

// A result that names a booking was shown to somebody as done; erasing is answered with a list of bookings, in JSON.
const sqlKeysWithoutResult = `
SELECT 'form_keys', 'a form was answered with booking ' || result || ', which is not there' FROM form_keys
WHERE result GLOB 'ADA-*' AND result NOT IN (SELECT reference FROM booking_groups)
UNION ALL
SELECT 'form_keys', 'a form was answered with booking ' || named.value || ', which is not there' FROM form_keys, json_each(iif(result LIKE '["ADA-%', result, '[]')) AS named
WHERE named.value NOT IN (SELECT reference FROM booking_groups)
UNION ALL
SELECT 'drafts', 'a draft led to booking ' || result || ', which is not there' FROM drafts
WHERE result GLOB 'ADA-*' AND result NOT IN (SELECT reference FROM booking_groups)`

// I4: what a form or a draft was answered with is there.
func keysWithoutResult(v *verification) error { return v.each("I4", sqlKeysWithoutResult) }

// The outbox forgets what a message said 30 days after it was done.
const messageDays = 30

// A copy to a young person who booked for themselves tells no guardian. Who gave its address only when it completed a booking made at the door was there, and told nothing.
// Several sessions that were booked at once are told by one message.
// At one instant a family may both book and accept an offer, but gets no more than that; the offer stays with what the
// booking left behind where it moved since. Reference and instant make
// one key, so that SQLite finds a message by both: many families book in one second.
const sqlMessagesOfBookings = `
WITH told AS (
  SELECT reference || ' ' || created_at AS change, count(*) AS n FROM (
    SELECT payload ->> '$.reference' AS reference, created_at FROM outbox
    WHERE kind IN ('booking_confirmed', 'bookings_confirmed', 'waiting_joined', 'walked_in') AND payload ->> '$.copy' IS NULL AND created_at >= ?1
    UNION ALL SELECT other.value ->> '$.reference', created_at FROM outbox, json_each(payload, '$.others') AS other
    WHERE kind = 'bookings_confirmed' AND payload ->> '$.copy' IS NULL AND created_at >= ?1) GROUP BY change)
SELECT 'booking_group:' || g.id, 'it has ' || coalesce(told.n, 0) || ' messages that tell it was made'
FROM booking_groups g JOIN guardians p ON p.id = g.guardian_id
LEFT JOIN told ON told.change = g.reference || ' ' || g.created_at
WHERE g.created_at >= ?1 AND p.email <> '' AND g.completed_at IS NULL AND g.moved_id IS NULL AND coalesce(told.n, 0) NOT BETWEEN 1 AND 1 + (
  SELECT count(DISTINCT o.ended_at) FROM booking_groups own JOIN bookings b ON b.group_id = own.id JOIN offers o ON o.booking_id = b.id
  WHERE (own.id = g.id OR own.moved_id = g.id) AND o.outcome = 'accepted' AND o.ended_at = g.created_at)`

// I9: every booking was told to its family, once.
func messagesOfBookings(v *verification) error {
	return v.each("I9", sqlMessagesOfBookings, v.daysAgo(messageDays))
}

// An offer is withdrawn when its session is moved or called off, and then the families are told that.
const sqlMessagesOfOffers = `
WITH told AS (
  SELECT DISTINCT payload ->> '$.reference' AS reference, created_at, iif(kind = 'session_cancelled', 'session_moved', kind) AS kind FROM outbox
  WHERE kind IN ('seat_offered', 'seat_given', 'booking_confirmed', 'offer_expired', 'session_moved', 'session_cancelled')
    AND created_at >= ?1 AND payload ->> '$.reference' IS NOT NULL),
changes (booking_id, at, what, kind) AS (
  SELECT booking_id, made_at, 'made', iif(outcome = 'given', 'seat_given', 'seat_offered') FROM offers WHERE made_at >= ?1
  UNION ALL SELECT booking_id, ended_at, outcome, CASE outcome
    WHEN 'accepted' THEN 'booking_confirmed' WHEN 'expired' THEN 'offer_expired' ELSE 'session_moved' END
  FROM offers WHERE ended_at >= ?1 AND outcome IN ('accepted', 'expired', 'withdrawn'))
SELECT DISTINCT 'booking_group:' || g.id, 'nothing tells that its offer was ' || c.what || ' at ' || c.at
FROM changes c JOIN bookings b ON b.id = c.booking_id JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
LEFT JOIN booking_groups m ON m.id = g.moved_id
WHERE p.email <> '' AND (coalesce(m.reference, g.reference), c.at, c.kind) NOT IN (SELECT reference, created_at, kind FROM told)`

// I9: every offer, and how it ended, was told.
func messagesOfOffers(v *verification) error {
	return v.each("I9", sqlMessagesOfOffers, v.daysAgo(messageDays))
}

const sqlMessagesOfCancellations = `
WITH told AS (
  SELECT DISTINCT payload ->> '$.reference' AS reference, created_at FROM outbox
  WHERE kind IN ('booking_cancelled', 'waiting_left', 'session_cancelled', 'booking_moved') AND created_at >= ?1 AND payload ->> '$.reference' IS NOT NULL)
SELECT DISTINCT 'booking_group:' || g.id, 'nothing tells that it was cancelled at ' || b.cancelled_at
FROM bookings b JOIN booking_groups g ON g.id = b.group_id JOIN guardians p ON p.id = g.guardian_id
LEFT JOIN booking_groups m ON m.id = g.moved_id
WHERE b.cancelled_at >= ?1 AND p.email <> '' AND (coalesce(m.reference, g.reference), b.cancelled_at) NOT IN (SELECT reference, created_at FROM told)`

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
  UNION ALL SELECT 'session:' || b.session_id, k.charged_at FROM late_charges k JOIN bookings b ON b.id = k.booking_id
  UNION ALL SELECT 'acceptance:' || id, stated_at FROM acceptances
  UNION ALL SELECT 'acceptance:' || id, confirmed_at FROM acceptances WHERE confirmed_at IS NOT NULL
  UNION ALL SELECT 'call:' || id, at FROM calls
  UNION ALL SELECT 'user:' || id, created_at FROM users
  UNION ALL SELECT 'mailing:' || id, sent_at FROM mailings
  UNION ALL SELECT 'text:' || id, created_at FROM kept_texts
  UNION ALL SELECT 'participant:' || participant_id, recorded_at FROM marks
  UNION ALL SELECT 'session:' || session_id, noted_at FROM team_presences
  UNION ALL SELECT 'session:' || session_id, closed_at FROM closings
  UNION ALL SELECT 'session:' || session_id, reopened_at FROM closings WHERE reopened_at IS NOT NULL
  UNION ALL SELECT 'incident:' || id, written_at FROM incidents
  UNION ALL SELECT 'note:' || id, written_at FROM family_notes
  UNION ALL SELECT 'note:' || id, released_at FROM family_notes WHERE released_at IS NOT NULL
  UNION ALL SELECT 'guardian:' || guardian_id, merged_at FROM merges
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

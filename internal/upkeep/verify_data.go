package upkeep

// An undo may come before what it undoes: tablets send what they have in any order.
const sqlMarksUndone = `
SELECT 'mark:' || u.id, 'it undoes an entry of another participant, or another undo' FROM marks u
JOIN marks m ON m.entry_key = u.undoes AND (m.participant_id <> u.participant_id OR m.action = 'undo')
WHERE u.action = 'undo'`

// I10: the journal folds: an undo is about an entry of the same child.
func marksUndone(v *verification) error { return v.each("I10", sqlMarksUndone) }

// A mark undone after the certificate was given is for the team to look at; no mark at all is a mistake of ours.
const sqlCertificatesWithoutPresence = `
SELECT 'certificate:' || x.id, 'the register never said that the child came' FROM certificates x
WHERE x.participant_id NOT IN (SELECT participant_id FROM marks WHERE action IN ('present', 'late', 'left'))`

// I10: a certificate follows from the journal.
func certificatesWithoutPresence(v *verification) error {
	return v.each("I10", sqlCertificatesWithoutPresence)
}

const sqlParticipantsElsewhere = `
SELECT 'participant:' || p.id, 'it is of session ' || p.session_id || ' and its booking of session ' || b.session_id
FROM participants p JOIN bookings b ON b.id = p.booking_id WHERE p.session_id <> b.session_id
UNION ALL
SELECT 'participant:' || p.id, 'it is of session ' || p.session_id || ' and its pupil of session ' || u.session_id
FROM participants p JOIN pupils u ON u.id = p.pupil_id WHERE p.session_id <> u.session_id
UNION ALL
SELECT 'session:' || s.id, 'it has a class list or a headcount and is for no group' FROM sessions s
WHERE s.request_id IS NULL AND (s.id IN (SELECT session_id FROM pupils) OR s.id IN (SELECT session_id FROM headcounts))
UNION ALL
SELECT 'booking:' || b.id, 'it is of session ' || b.session_id || ' and its group of session ' || g.session_id
FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.session_id <> g.session_id`

// I13: who takes part does so in the session they booked.
func participantsElsewhere(v *verification) error { return v.each("I13", sqlParticipantsElsewhere) }

// strftime gives back only what is a real instant in this very shape.
const sqlInstants = `
WITH written (place, value) AS (
  SELECT 'users.created_at', created_at FROM users
  UNION ALL SELECT 'users.disabled_at', disabled_at FROM users
  UNION ALL SELECT 'sign_ins.expires_at', expires_at FROM sign_ins
  UNION ALL SELECT 'form_keys.expires_at', expires_at FROM form_keys
  UNION ALL SELECT 'outbox.created_at', created_at FROM outbox
  UNION ALL SELECT 'outbox.send_after', send_after FROM outbox
  UNION ALL SELECT 'outbox.done_at', done_at FROM outbox
  UNION ALL SELECT 'audit.at', at FROM audit
  UNION ALL SELECT 'access_log.at', at FROM access_log
  UNION ALL SELECT 'workshops.created_at', created_at FROM workshops
  UNION ALL SELECT 'workshops.updated_at', updated_at FROM workshops
  UNION ALL SELECT 'venues.created_at', created_at FROM venues
  UNION ALL SELECT 'venues.updated_at', updated_at FROM venues
  UNION ALL SELECT 'sessions.starts_at', starts_at FROM sessions
  UNION ALL SELECT 'sessions.ends_at', ends_at FROM sessions
  UNION ALL SELECT 'sessions.opens_at', opens_at FROM sessions
  UNION ALL SELECT 'sessions.closes_at', closes_at FROM sessions
  UNION ALL SELECT 'sessions.cancelled_at', cancelled_at FROM sessions
  UNION ALL SELECT 'sessions.created_at', created_at FROM sessions
  UNION ALL SELECT 'sessions.updated_at', updated_at FROM sessions
  UNION ALL SELECT 'guardians.proved_at', proved_at FROM guardians
  UNION ALL SELECT 'guardians.last_contact_at', last_contact_at FROM guardians
  UNION ALL SELECT 'guardians.created_at', created_at FROM guardians
  UNION ALL SELECT 'children.created_at', created_at FROM children
  UNION ALL SELECT 'consents.given_at', given_at FROM consents
  UNION ALL SELECT 'drafts.expires_at', expires_at FROM drafts
  UNION ALL SELECT 'booking_groups.created_at', created_at FROM booking_groups
  UNION ALL SELECT 'bookings.cancelled_at', cancelled_at FROM bookings
  UNION ALL SELECT 'bookings.created_at', created_at FROM bookings
  UNION ALL SELECT 'bookings.updated_at', updated_at FROM bookings
  UNION ALL SELECT 'offers.made_at', made_at FROM offers
  UNION ALL SELECT 'offers.expires_at', expires_at FROM offers
  UNION ALL SELECT 'offers.ended_at', ended_at FROM offers
  UNION ALL SELECT 'marks.at', at FROM marks
  UNION ALL SELECT 'marks.recorded_at', recorded_at FROM marks
  UNION ALL SELECT 'certificates.issued_at', issued_at FROM certificates
  UNION ALL SELECT 'certificates.revoked_at', revoked_at FROM certificates
  UNION ALL SELECT 'kits.created_at', created_at FROM kits
  UNION ALL SELECT 'kits.updated_at', updated_at FROM kits
  UNION ALL SELECT 'pupils.created_at', created_at FROM pupils
  UNION ALL SELECT 'headcounts.recorded_at', recorded_at FROM headcounts
  UNION ALL SELECT 'organisations.created_at', created_at FROM organisations
  UNION ALL SELECT 'group_requests.state_since', state_since FROM group_requests
  UNION ALL SELECT 'group_requests.waiting_since', waiting_since FROM group_requests
  UNION ALL SELECT 'group_requests.created_at', created_at FROM group_requests
  UNION ALL SELECT 'group_requests.updated_at', updated_at FROM group_requests
  UNION ALL SELECT 'group_requests.forgotten_at', forgotten_at FROM group_requests
  UNION ALL SELECT 'request_events.at', at FROM request_events
  UNION ALL SELECT 'request_drafts.expires_at', expires_at FROM request_drafts
  UNION ALL SELECT 'slots.created_at', created_at FROM slots
  UNION ALL SELECT 'slots.ended_at', ended_at FROM slots
  UNION ALL SELECT 'slot_times.starts_at', starts_at FROM slot_times
  UNION ALL SELECT 'slot_times.ends_at', ends_at FROM slot_times
  UNION ALL SELECT 'payers.created_at', created_at FROM payers
  UNION ALL SELECT 'payers.updated_at', updated_at FROM payers
  UNION ALL SELECT 'quotes.issued_at', issued_at FROM quotes
  UNION ALL SELECT 'quotes.created_at', created_at FROM quotes
  UNION ALL SELECT 'quotes.updated_at', updated_at FROM quotes
  UNION ALL SELECT 'invoices.issued_at', issued_at FROM invoices
  UNION ALL SELECT 'agreements.issued_at', issued_at FROM agreements
  UNION ALL SELECT 'acceptances.stated_at', stated_at FROM acceptances
  UNION ALL SELECT 'acceptances.confirmed_at', confirmed_at FROM acceptances
  UNION ALL SELECT 'uploads.uploaded_at', uploaded_at FROM uploads
  UNION ALL SELECT 'feedbacks.given_at', given_at FROM feedbacks
  UNION ALL SELECT 'payments.recorded_at', recorded_at FROM payments)
SELECT place, count(*) || ' values are not instants in UTC' FROM written
WHERE value IS NOT NULL AND strftime('%Y-%m-%dT%H:%M:%SZ', value) IS NOT value GROUP BY place
UNION ALL
SELECT 'children.birth_date', count(*) || ' values are not dates' FROM children WHERE date(birth_date) IS NOT birth_date HAVING count(*) > 0`

// I11: instants are RFC 3339 in UTC, to the second.
func instants(v *verification) error { return v.each("I11", sqlInstants) }

const sqlOrphans = `
SELECT 'child:' || id, 'it has no guardian' FROM children WHERE id NOT IN (SELECT child_id FROM guardianships)
UNION ALL
SELECT 'guardian:' || id, 'it has neither a child nor a booking' FROM guardians
WHERE id NOT IN (SELECT guardian_id FROM guardianships) AND id NOT IN (SELECT guardian_id FROM booking_groups)
UNION ALL
SELECT 'pickup_person:' || id, 'whoever named them is no guardian of the child' FROM pickup_persons
WHERE (guardian_id, child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships)
UNION ALL
SELECT 'consent:' || id, 'whoever gave it is no guardian of the child' FROM consents
WHERE (guardian_id, child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships)
UNION ALL
SELECT 'booking_group:' || id, 'it has no booking' FROM booking_groups WHERE id NOT IN (SELECT group_id FROM bookings)
UNION ALL
SELECT 'booking:' || b.id, 'its child is not of the family that booked' FROM bookings b JOIN booking_groups g ON g.id = b.group_id
WHERE (g.guardian_id, b.child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships)`

// I13: nothing personal is left that belongs to nobody.
func orphans(v *verification) error { return v.each("I13", sqlOrphans) }

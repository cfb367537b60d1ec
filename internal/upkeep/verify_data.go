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
  UNION ALL SELECT 'users.honorability_told_at', honorability_told_at FROM users
  UNION ALL SELECT 'sign_ins.expires_at', expires_at FROM sign_ins
  UNION ALL SELECT 'form_keys.expires_at', expires_at FROM form_keys
  UNION ALL SELECT 'sign_in_links.expires_at', expires_at FROM sign_in_links
  UNION ALL SELECT 'sign_in_links.ended_at', ended_at FROM sign_in_links
  UNION ALL SELECT 'password_links.expires_at', expires_at FROM password_links
  UNION ALL SELECT 'password_links.ended_at', ended_at FROM password_links
  UNION ALL SELECT 'second_factors.since', since FROM second_factors
  UNION ALL SELECT 'recovery_codes.used_at', used_at FROM recovery_codes
  UNION ALL SELECT 'outbox.created_at', created_at FROM outbox
  UNION ALL SELECT 'outbox.send_after', send_after FROM outbox
  UNION ALL SELECT 'outbox.done_at', done_at FROM outbox
  UNION ALL SELECT 'outbox_pause.since', since FROM outbox_pause
  UNION ALL SELECT 'tablets.since', since FROM tablets
  UNION ALL SELECT 'alerts.began_at', began_at FROM alerts
  UNION ALL SELECT 'alerts.ended_at', ended_at FROM alerts
  UNION ALL SELECT 'number_locks.since', since FROM number_locks
  UNION ALL SELECT 'void_numbers.voided_at', voided_at FROM void_numbers
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
  UNION ALL SELECT 'sessions.reserved_until', reserved_until FROM sessions WHERE reserved_until IS NOT NULL
  UNION ALL SELECT 'sessions.cancelled_at', cancelled_at FROM sessions
  UNION ALL SELECT 'sessions.list_closed_at', list_closed_at FROM sessions
  UNION ALL SELECT 'signature.updated_at', updated_at FROM signature
  UNION ALL SELECT 'logo.updated_at', updated_at FROM logo
  UNION ALL SELECT 'schedules.created_at', created_at FROM schedules
  UNION ALL SELECT 'school_holidays.known_since', known_since FROM school_holidays
  UNION ALL SELECT 'left_in_holidays.starts_at', starts_at FROM left_in_holidays
  UNION ALL SELECT 'left_in_holidays.left_at', left_at FROM left_in_holidays
  UNION ALL SELECT 'series.created_at', created_at FROM series
  UNION ALL SELECT 'sessions.created_at', created_at FROM sessions
  UNION ALL SELECT 'sessions.updated_at', updated_at FROM sessions
  UNION ALL SELECT 'guardians.proved_at', proved_at FROM guardians
  UNION ALL SELECT 'guardians.last_contact_at', last_contact_at FROM guardians
  UNION ALL SELECT 'guardians.created_at', created_at FROM guardians
  UNION ALL SELECT 'children.created_at', created_at FROM children
  UNION ALL SELECT 'consents.given_at', given_at FROM consents
  UNION ALL SELECT 'former_guardianships.left_at', left_at FROM former_guardianships
  UNION ALL SELECT 'young_holders.proved_at', proved_at FROM young_holders
  UNION ALL SELECT 'young_holders.created_at', created_at FROM young_holders
  UNION ALL SELECT 'different_families.said_at', said_at FROM different_families
  UNION ALL SELECT 'merges.merged_at', merged_at FROM merges
  UNION ALL SELECT 'guardians_before_merge.proved_at', proved_at FROM guardians_before_merge
  UNION ALL SELECT 'guardians_before_merge.last_contact_at', last_contact_at FROM guardians_before_merge
  UNION ALL SELECT 'family_notes.written_at', written_at FROM family_notes
  UNION ALL SELECT 'family_notes.released_at', released_at FROM family_notes
  UNION ALL SELECT 'invitations.created_at', created_at FROM invitations
  UNION ALL SELECT 'invitations.expires_at', expires_at FROM invitations
  UNION ALL SELECT 'invitations.ended_at', ended_at FROM invitations
  UNION ALL SELECT 'email_changes.expires_at', expires_at FROM email_changes
  UNION ALL SELECT 'drafts.expires_at', expires_at FROM drafts
  UNION ALL SELECT 'booking_groups.created_at', created_at FROM booking_groups
  UNION ALL SELECT 'booking_groups.reminded_at', reminded_at FROM booking_groups
  UNION ALL SELECT 'booking_groups.coming_at', coming_at FROM booking_groups
  UNION ALL SELECT 'booking_groups.completed_at', completed_at FROM booking_groups
  UNION ALL SELECT 'bookings.cancelled_at', cancelled_at FROM bookings
  UNION ALL SELECT 'bookings.created_at', created_at FROM bookings
  UNION ALL SELECT 'bookings.updated_at', updated_at FROM bookings
  UNION ALL SELECT 'offers.made_at', made_at FROM offers
  UNION ALL SELECT 'offers.expires_at', expires_at FROM offers
  UNION ALL SELECT 'offers.ended_at', ended_at FROM offers
  UNION ALL SELECT 'offers.reminded_at', reminded_at FROM offers
  UNION ALL SELECT 'calls.at', at FROM calls
  UNION ALL SELECT 'barred_persons.set_at', set_at FROM barred_persons
  UNION ALL SELECT 'barred_persons.lifted_at', lifted_at FROM barred_persons
  UNION ALL SELECT 'list_figures.recorded_at', recorded_at FROM list_figures
  UNION ALL SELECT 'mailings.sent_at', sent_at FROM mailings
  UNION ALL SELECT 'kept_texts.created_at', created_at FROM kept_texts
  UNION ALL SELECT 'kept_texts.updated_at', updated_at FROM kept_texts
  UNION ALL SELECT 'marks.at', at FROM marks
  UNION ALL SELECT 'marks.recorded_at', recorded_at FROM marks
  UNION ALL SELECT 'team_presences.noted_at', noted_at FROM team_presences
  UNION ALL SELECT 'incidents.written_at', written_at FROM incidents
  UNION ALL SELECT 'incidents.seen_at', seen_at FROM incidents
  UNION ALL SELECT 'closings.closed_at', closed_at FROM closings
  UNION ALL SELECT 'closings.reopened_at', reopened_at FROM closings
  UNION ALL SELECT 'retention_reports.at', at FROM retention_reports
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
  UNION ALL SELECT 'payments.recorded_at', recorded_at FROM payments
  UNION ALL SELECT 'receipts.issued_at', issued_at FROM receipts
  UNION ALL SELECT 'late_charges.charged_at', charged_at FROM late_charges
  UNION ALL SELECT 'payments.recorded_at', recorded_at FROM payments)
SELECT place, count(*) || ' values are not instants in UTC' FROM written
WHERE value IS NOT NULL AND strftime('%Y-%m-%dT%H:%M:%SZ', value) IS NOT value GROUP BY place
UNION ALL
SELECT 'children.birth_date', count(*) || ' values are not dates' FROM children WHERE date(birth_date) IS NOT birth_date HAVING count(*) > 0`

// I11: instants are RFC 3339 in UTC, to the second.
func instants(v *verification) error { return v.each("I11", sqlInstants) }

// Who proved their mailbox may have no child yet, or none any more; of who was erased the row stays, nameless.
const sqlOrphans = `
SELECT 'child:' || id, 'it has no guardian' FROM children
WHERE id NOT IN (SELECT child_id FROM guardianships) AND NOT (name_folded = '' AND id IN (SELECT child_id FROM children_before_merge))
UNION ALL
SELECT 'guardian:' || id, 'it has neither a child nor a booking' FROM guardians
WHERE id NOT IN (SELECT guardian_id FROM guardianships) AND id NOT IN (SELECT guardian_id FROM booking_groups) AND proved_at IS NULL AND name <> ''
UNION ALL
SELECT 'pickup_person:' || id, 'whoever named them is no guardian of the child' FROM pickup_persons
WHERE (guardian_id, child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships)
UNION ALL
SELECT 'consent:' || id, 'whoever gave it is no guardian of the child' FROM consents
WHERE child_id IS NOT NULL AND (guardian_id, child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships UNION SELECT guardian_id, child_id FROM former_guardianships)
UNION ALL
SELECT 'booking_group:' || id, 'it has no booking' FROM booking_groups WHERE id NOT IN (SELECT group_id FROM bookings)
UNION ALL
SELECT 'booking:' || b.id, 'its child is not of the family that booked' FROM bookings b JOIN booking_groups g ON g.id = b.group_id
WHERE (g.guardian_id, b.child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships UNION SELECT guardian_id, child_id FROM former_guardianships)`

// I13: nothing personal is left that belongs to nobody.
func orphans(v *verification) error { return v.each("I13", sqlOrphans) }

// A child of whom another guardian remains is not erased: its name tells.
const sqlErased = `
SELECT 'guardian:' || id, 'it is erased, and something of it is left' FROM guardians
WHERE name = '' AND (email <> '' OR email_folded <> '' OR phone <> '' OR emergency_name <> '' OR emergency_phone <> '' OR proved_at IS NOT NULL)
UNION ALL
SELECT 'guardian:' || g.id, 'it is erased, and named somebody who may pick up a child' FROM guardians g JOIN pickup_persons p ON p.guardian_id = g.id WHERE g.name = ''
UNION ALL
SELECT 'family_note:' || n.id, 'it is about who is erased' FROM family_notes n JOIN guardians g ON g.id = n.guardian_id WHERE g.name = ''
UNION ALL
SELECT 'guardian:' || g.id, 'it is erased, and told apart from another one' FROM guardians g JOIN different_families d ON g.id IN (d.guardian_id, d.other_id) WHERE g.name = ''
UNION ALL
SELECT 'merge:' || m.id, 'it keeps records of who is erased' FROM merges m JOIN guardians g ON g.id = m.guardian_id WHERE g.name = ''
UNION ALL
SELECT 'outbox:' || o.id, 'it still says something to a guardian who is erased' FROM outbox o JOIN guardians g ON g.id = o.guardian_id
WHERE g.name = '' AND (o.payload <> '{}' OR o.recipient <> '' OR o.last_error <> '')
UNION ALL
SELECT 'child:' || c.id, 'none of its guardians is left, and something of it is' FROM children c
WHERE (c.first_name <> '' OR c.last_name <> '' OR c.name_folded <> '' OR c.health_text <> '')
  AND NOT EXISTS (SELECT 1 FROM guardianships x JOIN guardians g ON g.id = x.guardian_id WHERE x.child_id = c.id AND g.name <> '')
UNION ALL
SELECT 'child:' || c.id, 'it is erased, and somebody is barred from taking it' FROM children c JOIN barred_persons p ON p.child_id = c.id WHERE c.name_folded = ''
UNION ALL
SELECT 'mark:' || m.id, 'it names with whom a child left who is erased' FROM children c JOIN bookings b ON b.child_id = c.id
JOIN participants p ON p.booking_id = b.id JOIN marks m ON m.participant_id = p.id WHERE c.name_folded = '' AND (m.taken_name <> '' OR m.taken_reason <> '')`

// I13: of who was erased nothing is left.
func erased(v *verification) error { return v.each("I13", sqlErased) }

package privacy

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Dossier is everything kept of a guardian and of what is theirs, as the database has it (RGPD-7). What belongs to another guardian of the
// same child is not in it, nor what the team notes for itself.
type Dossier struct {
	At       time.Time
	Sections []Section
}

// Section is what one table holds. Its title is the text export.TABLE, those of its columns export.TABLE.COLUMN.
type Section struct {
	Table string
	Rows  []Record
}

// Record is one row.
type Record []Cell

// Cell is one value of a row; nil where there is none. Columns named for_… come from other tables, and say what the row is about.
type Cell struct {
	Column string
	Value  any // string, int64 or nil
}

// MarshalJSON writes a row as an object with its columns in order.
func (r Record) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, cell := range r {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(cell.Column)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(cell.Value)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// MarshalJSON writes the sections by the name of their table, in order.
func (d Dossier) MarshalJSON() ([]byte, error) {
	all := Record{{"exported_at", sqlite.Time(d.At)}}
	for _, s := range d.Sections {
		all = append(all, Cell{s.Table, s.Rows})
	}
	return json.Marshal(all)
}

// What belongs to whom: rows that name a guardian are theirs; a booking, a mark and a certificate are the child's, and so both
// guardians'. With whom a child left is shown to who named that person, and to a guardian who always was alone.
const (
	sqlExportGuardian = `
SELECT name, email, phone, language, emergency_name, emergency_phone, proved_at, last_contact_at, created_at FROM guardians WHERE id = ? AND name <> ''`
	sqlExportChildren = `
SELECT c.first_name, c.last_name, c.birth_date, c.health_state, c.health_text, c.gender, c.postal_code, c.qpv, c.qpv_zoning, c.qpv_method, c.created_at
  FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? ORDER BY c.name_folded, c.id`
	sqlExportPickups = `
SELECT c.first_name AS for_child, p.name FROM pickup_persons p JOIN children c ON c.id = p.child_id WHERE p.guardian_id = ? ORDER BY p.id`
	sqlExportConsents = `
SELECT c.first_name AS for_child, o.purpose, o.answer, o.text_version, o.given_at
  FROM consents o LEFT JOIN guardianships x ON x.child_id = o.child_id AND x.guardian_id = o.guardian_id LEFT JOIN children c ON c.id = x.child_id WHERE o.guardian_id = ? ORDER BY o.id`
	sqlExportYoung = `
SELECT c.first_name AS for_child, y.email, y.created_at, y.proved_at FROM guardianships x JOIN young_holders y ON y.child_id = x.child_id
  JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? ORDER BY c.id`
	sqlExportFormer = `SELECT left_at FROM former_guardianships WHERE guardian_id = ? ORDER BY left_at, child_id`
	// A note of the team is theirs once somebody released it.
	sqlExportNotes = `
SELECT (SELECT first_name FROM children WHERE id = n.child_id) AS for_child, n.text, n.written_at, n.released_at FROM family_notes n
 WHERE n.guardian_id = ? AND n.released_at IS NOT NULL ORDER BY n.id`
	// For as long as a merge of two records can be undone. Where both guardians stay, each has the record that was theirs.
	sqlExportGuardiansBefore = `
SELECT b.name, b.email, b.phone, b.language, b.emergency_name, b.emergency_phone, b.proved_at, b.last_contact_at
  FROM merges m JOIN guardians_before_merge b ON b.merge_id = m.id WHERE m.guardian_id = ? ORDER BY m.id, b.guardian_id`
	sqlExportChildrenBefore = `
SELECT b.first_name, b.last_name, b.birth_date, b.health_state, b.health_text, b.gender, b.postal_code, b.qpv, b.qpv_zoning, b.qpv_method
  FROM merges m JOIN children_before_merge b ON b.merge_id = m.id
 WHERE m.guardian_id = ?1 AND (m.same_person OR b.child_id = b.became) OR m.from_id = ?1 AND b.child_id <> b.became ORDER BY m.id, b.child_id`
	sqlExportInvitations = `SELECT name, email, created_at, expires_at, outcome, ended_at FROM invitations WHERE guardian_id = ? ORDER BY id`
	sqlExportNewEmail    = `SELECT email, expires_at FROM email_changes WHERE guardian_id = ?`
	sqlExportGroups      = `
SELECT bg.reference, w.title AS for_workshop, s.starts_at AS for_session, bg.seating, bg.unasked, bg.seat_cents, bg.to_complete, bg.created_at, bg.reminded_at, bg.coming_at, bg.completed_at, bg.young_email
  FROM booking_groups bg JOIN sessions s ON s.id = bg.session_id JOIN workshops w ON w.id = s.workshop_id WHERE bg.guardian_id = ? ORDER BY bg.id`
	sqlExportBookings = `
SELECT c.first_name AS for_child, w.title AS for_workshop, s.starts_at AS for_session, b.status, iif(bg.guardian_id = ?1, b.reserved, NULL) AS reserved, b.joined_list, b.unanswered_offers,
       b.cancelled_by, b.cancelled_at, iif(bg.guardian_id = ?1, b.cancel_reason, '') AS cancel_reason, b.created_at, b.updated_at
  FROM guardianships x JOIN children c ON c.id = x.child_id JOIN bookings b ON b.child_id = c.id JOIN booking_groups bg ON bg.id = b.group_id
  JOIN sessions s ON s.id = b.session_id JOIN workshops w ON w.id = s.workshop_id WHERE x.guardian_id = ?1 ORDER BY b.id`
	sqlExportOffers = `
SELECT c.first_name AS for_child, w.title AS for_workshop, s.starts_at AS for_session, o.made_at, o.expires_at, o.outcome, o.ended_at, o.reminded_at
  FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN offers o ON o.booking_id = b.id JOIN children c ON c.id = b.child_id
  JOIN sessions s ON s.id = b.session_id JOIN workshops w ON w.id = s.workshop_id WHERE bg.guardian_id = ? ORDER BY o.id`
	sqlExportCalls = `
SELECT w.title AS for_workshop, s.starts_at AS for_session, k.outcome, k.at FROM booking_groups bg JOIN calls k ON k.group_id = bg.id
  JOIN sessions s ON s.id = bg.session_id JOIN workshops w ON w.id = s.workshop_id WHERE bg.guardian_id = ? ORDER BY k.id`
	sqlExportMarks = `
SELECT c.first_name AS for_child, w.title AS for_workshop, m.action, m.at, m.recorded_at, m.taken_by,
       CASE WHEN m.taken_name = '' THEN ''
            WHEN m.taken_by = 'guardian' AND m.taken_name = g.name THEN m.taken_name
            WHEN m.taken_by = 'person' AND m.taken_name IN (SELECT name FROM pickup_persons WHERE guardian_id = g.id) THEN m.taken_name
            WHEN (SELECT count(*) FROM guardianships y WHERE y.child_id = c.id) = 1
             AND NOT EXISTS (SELECT 1 FROM former_guardianships f WHERE f.child_id = c.id AND f.guardian_id <> g.id) THEN m.taken_name
            ELSE '–' END AS taken_name
  FROM guardians g JOIN guardianships x ON x.guardian_id = g.id JOIN children c ON c.id = x.child_id JOIN bookings b ON b.child_id = c.id
  JOIN participants p ON p.booking_id = b.id JOIN marks m ON m.participant_id = p.id
  JOIN sessions s ON s.id = b.session_id JOIN workshops w ON w.id = s.workshop_id WHERE g.id = ? ORDER BY m.id`
	sqlExportCertificates = `
SELECT c.first_name AS for_child, w.title AS for_workshop, t.year, t.number, t.code, t.minutes, t.issued_at, t.revoked_at
  FROM guardianships x JOIN children c ON c.id = x.child_id JOIN bookings b ON b.child_id = c.id JOIN participants p ON p.booking_id = b.id
  JOIN certificates t ON t.participant_id = p.id JOIN sessions s ON s.id = p.session_id JOIN workshops w ON w.id = s.workshop_id
 WHERE x.guardian_id = ? ORDER BY t.id`
	sqlExportPayments = `
SELECT p.received_on, p.cents, p.mode, p.reference, p.reason, p.recorded_at FROM payments p WHERE p.guardian_id = ? ORDER BY p.id`
	sqlExportParts = `
SELECT p.received_on AS for_day, w.title AS for_workshop, s.starts_at AS for_session, t.cents FROM payments p JOIN payment_parts t ON t.payment_id = p.id
  JOIN booking_groups bg ON bg.id = t.group_id JOIN sessions s ON s.id = bg.session_id JOIN workshops w ON w.id = s.workshop_id WHERE p.guardian_id = ? ORDER BY p.id, bg.id`
	sqlExportCarnets     = `SELECT p.received_on AS for_day, k.units FROM payments p JOIN carnets k ON k.payment_id = p.id WHERE p.guardian_id = ? ORDER BY p.id`
	sqlExportLateCharges = `
SELECT c.first_name AS for_child, w.title AS for_workshop, s.starts_at AS for_session, k.charged_at FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id
  JOIN late_charges k ON k.booking_id = b.id JOIN children c ON c.id = b.child_id JOIN sessions s ON s.id = b.session_id JOIN workshops w ON w.id = s.workshop_id WHERE bg.guardian_id = ? ORDER BY b.id`
	sqlExportReceipts = `
SELECT t.year, t.number, t.total_cents, t.content, t.issued_at FROM payments p JOIN receipts t ON t.payment_id = p.id WHERE p.guardian_id = ? ORDER BY p.id`
	sqlExportDrafts = `
SELECT w.title AS for_workshop, s.starts_at AS for_session, d.answers, d.expires_at FROM drafts d JOIN sessions s ON s.id = d.session_id
  JOIN workshops w ON w.id = s.workshop_id WHERE d.guardian_id = ? ORDER BY d.rowid`
	sqlExportMails = `
SELECT kind, language, recipient, payload, created_at, send_after, state, attempts, last_error, done_at FROM outbox WHERE guardian_id = ? ORDER BY id`
)

// Export returns everything kept of the guardian who asks, and notes in the access log that they took it. Forbidden to all but
// guardians; NotFound for who is gone.
func (s *Service) Export(ctx context.Context, actor account.Actor) (d Dossier, err error) {
	if actor.Kind != account.KindGuardian {
		return Dossier{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if d, err = dossier(tx, actor.ID); err != nil {
			return err
		}
		return audit.Access(tx, actor.String(), "family.export", actor.String())
	})
	if err != nil {
		return Dossier{}, err
	}
	return d, nil
}

func dossier(tx *sqlite.Tx, guardianID int64) (d Dossier, err error) {
	d = Dossier{At: tx.Now()}
	add := func(table string, rows []Record, err error) error {
		if err == nil {
			d.Sections = append(d.Sections, Section{table, rows})
		}
		return err
	}
	guardian, err := records(tx, sqlExportGuardian, guardianID)
	if err == nil && len(guardian) == 0 {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	if err = add("guardians", guardian, err); err != nil {
		return Dossier{}, err
	}
	children, err := records(tx, sqlExportChildren, guardianID)
	if err = add("children", children, err); err != nil {
		return Dossier{}, err
	}
	pickups, err := records(tx, sqlExportPickups, guardianID)
	if err = add("pickup_persons", pickups, err); err != nil {
		return Dossier{}, err
	}
	consents, err := records(tx, sqlExportConsents, guardianID)
	if err = add("consents", consents, err); err != nil {
		return Dossier{}, err
	}
	young, err := records(tx, sqlExportYoung, guardianID)
	if err = add("young_holders", young, err); err != nil {
		return Dossier{}, err
	}
	former, err := records(tx, sqlExportFormer, guardianID)
	if err = add("former_guardianships", former, err); err != nil {
		return Dossier{}, err
	}
	notes, err := records(tx, sqlExportNotes, guardianID)
	if err = add("family_notes", notes, err); err != nil {
		return Dossier{}, err
	}
	guardiansBefore, err := records(tx, sqlExportGuardiansBefore, guardianID)
	if err = add("guardians_before_merge", guardiansBefore, err); err != nil {
		return Dossier{}, err
	}
	childrenBefore, err := records(tx, sqlExportChildrenBefore, guardianID)
	if err = add("children_before_merge", childrenBefore, err); err != nil {
		return Dossier{}, err
	}
	invitations, err := records(tx, sqlExportInvitations, guardianID)
	if err = add("invitations", invitations, err); err != nil {
		return Dossier{}, err
	}
	email, err := records(tx, sqlExportNewEmail, guardianID)
	if err = add("email_changes", email, err); err != nil {
		return Dossier{}, err
	}
	groups, err := records(tx, sqlExportGroups, guardianID)
	if err = add("booking_groups", groups, err); err != nil {
		return Dossier{}, err
	}
	bookings, err := records(tx, sqlExportBookings, guardianID)
	if err = add("bookings", bookings, err); err != nil {
		return Dossier{}, err
	}
	offers, err := records(tx, sqlExportOffers, guardianID)
	if err = add("offers", offers, err); err != nil {
		return Dossier{}, err
	}
	calls, err := records(tx, sqlExportCalls, guardianID)
	if err = add("calls", calls, err); err != nil {
		return Dossier{}, err
	}
	marks, err := records(tx, sqlExportMarks, guardianID)
	if err = add("marks", marks, err); err != nil {
		return Dossier{}, err
	}
	certificates, err := records(tx, sqlExportCertificates, guardianID)
	if err = add("certificates", certificates, err); err != nil {
		return Dossier{}, err
	}
	payments, err := records(tx, sqlExportPayments, guardianID)
	if err = add("payments", payments, err); err != nil {
		return Dossier{}, err
	}
	parts, err := records(tx, sqlExportParts, guardianID)
	if err = add("payment_parts", parts, err); err != nil {
		return Dossier{}, err
	}
	carnets, err := records(tx, sqlExportCarnets, guardianID)
	if err = add("carnets", carnets, err); err != nil {
		return Dossier{}, err
	}
	charges, err := records(tx, sqlExportLateCharges, guardianID)
	if err = add("late_charges", charges, err); err != nil {
		return Dossier{}, err
	}
	receipts, err := records(tx, sqlExportReceipts, guardianID)
	if err = add("receipts", receipts, err); err != nil {
		return Dossier{}, err
	}
	drafts, err := records(tx, sqlExportDrafts, guardianID)
	if err = add("drafts", drafts, err); err != nil {
		return Dossier{}, err
	}
	mails, err := records(tx, sqlExportMails, guardianID)
	return d, add("outbox", mails, err)
}

// records runs a query and returns its rows with the names of their columns.
func records(tx *sqlite.Tx, query string, args ...any) (list []Record, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		values := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		r := make(Record, len(columns))
		for i, column := range columns {
			r[i] = Cell{column, values[i]}
			if text, ok := values[i].([]byte); ok {
				r[i].Value = string(text)
			}
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

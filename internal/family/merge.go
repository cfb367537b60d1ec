package family

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MergeUndoable is how long a merge can be undone.
const MergeUndoable = 30 * 24 * time.Hour

// Merger joins two records by the hand of the team, and notes what moves so that it can be undone (UX-A9). Who stays, Into, is as before
// but for what Take and Pairs say; who joins, From, is left as an empty row, as one that was erased is. Other guardians of the children stay,
// with whom they named (domain, Family data 5).
//
// Its steps are called by package booking, in the order Start, JoinChildren, JoinGuardian, Finish and in one transaction. It moves what was booked
// after Start: names beside marks are emptied with the records they are of.
type Merger struct {
	Into, From int64 // guardians; the same one where a child of theirs has two records
	// SamePerson: From is another record of Into. Otherwise both stay, and have the children of Pairs in common from now on.
	SamePerson bool
	Pairs      []MergedPair
	Take       []string // what of From's contacts is kept in the place of Into's: some of ContactParts

	tx         *sqlite.Tx
	into, from guardianRow
	children   []childRow // of each pair From's, then Into's
	rows       []movedRow
	err        error // of move
}

// MergedPair are two records of one child.
type MergedPair struct {
	From, Into int64
	// TakeIdentity keeps names and birth date of From's record.
	TakeIdentity bool
}

// ContactParts are the parts of two contacts of which one is kept.
func ContactParts() []string { return []string{"name", "email", "phone", "emergency", "language"} }

type guardianRow struct {
	id                                                                       int64
	name, email, phone, emergencyName, emergency, language, contact, erasure string
	proved                                                                   *string
}

type childRow struct {
	id, became                      int64
	first, last, birth, state, text string
	gender, postcode, qpv, method   *string
	zoning                          *int64
}

// movedRow is a row by its id, and the guardian or child that it was of.
type movedRow struct {
	kind string
	id   any
	was  int64
}

// Kinds of rows that move. Groups and bookings are those of package booking.
const (
	movedConsentChild, movedConsent, madeConsent = "consent_child", "consent", "consent_made"
	movedPickupChild, movedPickup                = "pickup_child", "pickup"
	samePickupChild, samePickup                  = "pickup_same_child", "pickup_same"
	guardianOfFrom, guardianOfInto               = "guardian_of_from", "guardian_of_into"
	childOfFrom, childOfBoth                     = "child_of_from", "child_of_both"
	movedBarred, movedYoung, movedYoungBy        = "barred", "young", "young_by"
	movedNoteChild, movedNote                    = "note_child", "note"
	formerOfFrom                                 = "former_of_from"
	movedFormer, movedInvitation                 = "former", "invitation"
	movedInviting, newInviting                   = "inviting_child", "inviting_new"
	movedMail, movedErasure                      = "mail", "erasure"
	MovedGroup, MovedBooking                     = "group", "booking"
)

const (
	sqlGuardianRow = `
SELECT id, name, email, phone, emergency_name, emergency_phone, language, proved_at, last_contact_at, erasure_id FROM guardians WHERE id = ? AND name <> ''`
	sqlChildRow = `
SELECT id, first_name, last_name, birth_date, health_state, health_text, gender, postal_code, qpv, qpv_zoning, qpv_method FROM children WHERE id = ? AND name_folded <> ''`
	// A merge of what was merged before makes that one final.
	sqlEndMerges        = `DELETE FROM merges WHERE guardian_id IN (?1, ?2) OR from_id IN (?1, ?2)`
	sqlEndMergesOfChild = `DELETE FROM merges WHERE id IN (SELECT merge_id FROM children_before_merge WHERE became = ?)`
)

// Start reads the records, and makes earlier merges of them final. sql.ErrNoRows for who is unknown or was erased.
func (m *Merger) Start(tx *sqlite.Tx) (err error) {
	m.tx = tx
	if _, err := tx.Exec(sqlEndMerges, m.Into, m.From); err != nil {
		return err
	}
	if m.into, err = readGuardian(tx, m.Into); err != nil {
		return err
	}
	if m.from, err = readGuardian(tx, m.From); err != nil {
		return err
	}
	for _, p := range m.Pairs {
		for _, id := range []int64{p.From, p.Into} {
			if _, err := tx.Exec(sqlEndMergesOfChild, id); err != nil {
				return err
			}
			c := childRow{became: p.Into}
			if err := tx.QueryRow(sqlChildRow, id).Scan(&c.id, &c.first, &c.last, &c.birth, &c.state, &c.text, &c.gender, &c.postcode, &c.qpv, &c.zoning, &c.method); err != nil {
				return err
			}
			m.children = append(m.children, c)
		}
	}
	return nil
}

func readGuardian(tx *sqlite.Tx, id int64) (g guardianRow, err error) {
	err = tx.QueryRow(sqlGuardianRow, id).Scan(&g.id, &g.name, &g.email, &g.phone, &g.emergencyName, &g.emergency, &g.language, &g.proved, &g.contact, &g.erasure)
	return g, err
}

// Moved notes rows that were of the guardian or child was.
func (m *Merger) Moved(kind string, ids []int64, was int64) {
	for _, id := range ids {
		m.rows = append(m.rows, movedRow{kind, id, was})
	}
}

// move notes the rows that find finds of the guardian or child was, and makes them those of to. After a failure it does nothing.
func (m *Merger) move(kind string, was, to int64, find, move string) {
	if m.err != nil {
		return
	}
	var ids []int64
	if ids, m.err = sqlite.Column[int64](m.tx, find, was); m.err != nil {
		return
	}
	m.Moved(kind, ids, was)
	_, m.err = m.tx.Exec(move, was, to)
}

const (
	sqlConsentsOfChild = `SELECT id FROM consents WHERE child_id = ?`
	sqlConsentsToChild = `UPDATE consents SET child_id = ?2 WHERE child_id = ?1`
	sqlPickupsOfChild  = `SELECT id FROM pickup_persons WHERE child_id = ?`
	sqlPickupsToChild  = `UPDATE pickup_persons SET child_id = ?2 WHERE child_id = ?1`
	sqlNotesOfChild    = `SELECT id FROM family_notes WHERE child_id = ?`
	sqlNotesToChild    = `UPDATE family_notes SET child_id = ?2 WHERE child_id = ?1`
	sqlBarredOfChild   = `SELECT id FROM barred_persons WHERE child_id = ?`
	sqlYoungOfChild    = `SELECT child_id FROM young_holders WHERE child_id = ?`
	sqlYoungToChild    = `UPDATE young_holders SET child_id = ?2 WHERE child_id = ?1`
	sqlFormerOfChild   = `SELECT guardian_id FROM former_guardianships WHERE child_id = ?`
	sqlFormerToChild   = `INSERT OR IGNORE INTO former_guardianships (guardian_id, child_id, left_at) SELECT guardian_id, ?2, left_at FROM former_guardianships f
WHERE child_id = ?1 AND NOT EXISTS (SELECT 1 FROM guardianships x WHERE x.guardian_id = f.guardian_id AND x.child_id = ?2)`
	sqlGuardiansOfChild = `SELECT guardian_id FROM guardianships WHERE child_id = ?`
	sqlGuardiansToChild = `INSERT OR IGNORE INTO guardianships (guardian_id, child_id) SELECT guardian_id, ?2 FROM guardianships WHERE child_id = ?1`
	sqlDropFormer       = `DELETE FROM former_guardianships WHERE child_id = ?`
	sqlJoinChild        = `UPDATE children SET first_name = ?2, last_name = ?3, name_folded = ?4, birth_date = ?5, health_state = ?6, health_text = ?7 WHERE id = ?1`
	sqlEmptyChild       = `
UPDATE children SET first_name = '', last_name = '', name_folded = '', birth_date = substr(birth_date, 1, 4) || '-01-01', health_state = 'to_ask', health_text = '',
       gender = NULL, postal_code = NULL, qpv = NULL, qpv_zoning = NULL, qpv_method = NULL WHERE id = ?`
	// What the record that stays leaves open, the other one answers: of where the child lives only within one household, which ?3 says.
	sqlTakeMissingFigures = `
UPDATE children SET gender = coalesce(children.gender, g.gender), postal_code = iif(?3, coalesce(children.postal_code, g.postal_code), children.postal_code),
       qpv = iif(?3, coalesce(children.qpv, g.qpv), children.qpv), qpv_zoning = iif(?3 AND children.qpv IS NULL, g.qpv_zoning, children.qpv_zoning),
       qpv_method = iif(?3 AND children.qpv IS NULL, g.qpv_method, children.qpv_method)
FROM (SELECT gender, postal_code, qpv, qpv_zoning, qpv_method FROM children WHERE id = ?1) AS g WHERE children.id = ?2`
	sqlInvitingOfChild = `SELECT invitation_id FROM invitation_children WHERE child_id = ?`
	sqlInvitingFirst   = `SELECT invitation_id FROM invitation_children WHERE child_id = ?1 AND invitation_id NOT IN (SELECT invitation_id FROM invitation_children WHERE child_id = ?2)`
	sqlInvitingToChild = `INSERT OR IGNORE INTO invitation_children (invitation_id, child_id) SELECT invitation_id, ?2 FROM invitation_children WHERE child_id = ?1`
	sqlDropInviting    = `DELETE FROM invitation_children WHERE child_id = ?`
)

// JoinChildren makes each pair one child, once what was booked has moved: whatever is known of the health of either stays (see joinHealth), who may pick
// up either may pick up the one, and its guardians are those of both.
func (m *Merger) JoinChildren() error {
	for i, p := range m.Pairs {
		had, err := sqlite.Column[int64](m.tx, sqlGuardiansOfChild, p.Into)
		if err != nil {
			return err
		}
		m.Moved(guardianOfInto, had, p.Into)
		invited, err := sqlite.Column[int64](m.tx, sqlInvitingFirst, p.From, p.Into)
		if err != nil {
			return err
		}
		m.Moved(newInviting, invited, p.Into)
		m.move(movedConsentChild, p.From, p.Into, sqlConsentsOfChild, sqlConsentsToChild)
		m.move(movedPickupChild, p.From, p.Into, sqlPickupsOfChild, sqlPickupsToChild)
		m.move(movedNoteChild, p.From, p.Into, sqlNotesOfChild, sqlNotesToChild)
		m.move(movedBarred, p.From, p.Into, sqlBarredOfChild, sqlMoveBarred)
		m.move(movedYoung, p.From, p.Into, sqlYoungOfChild, sqlYoungToChild)
		m.move(movedFormer, p.From, p.Into, sqlFormerOfChild, sqlFormerToChild)
		m.move(guardianOfFrom, p.From, p.Into, sqlGuardiansOfChild, sqlGuardiansToChild)
		m.move(movedInviting, p.From, p.Into, sqlInvitingOfChild, sqlInvitingToChild)
		if m.err != nil {
			return m.err
		}
		if _, err := m.tx.Exec(sqlTakeMissingFigures, p.From, p.Into, m.SamePerson || m.From == m.Into); err != nil {
			return err
		}
		for _, empty := range []string{sqlDropFormer, sqlDropInviting, sqlDropGuardianshipsOfChild, sqlEmptyChild} {
			if _, err := m.tx.Exec(empty, p.From); err != nil {
				return err
			}
		}
		from, into := m.children[2*i], m.children[2*i+1]
		health := joinHealth(Health{HealthState(into.state), into.text}, Health{HealthState(from.state), from.text})
		if p.TakeIdentity {
			into.first, into.last, into.birth = from.first, from.last, from.birth
		}
		if _, err := m.tx.Exec(sqlJoinChild, p.Into, into.first, into.last, SortName(into.last, into.first), into.birth, string(health.State), health.Text); err != nil {
			return err
		}
	}
	return nil
}

// joinHealth is what two records know of a child's health: whatever was described stays, one text below the other unless one holds it already;
// where they differ and neither describes anything it is asked again, and never "none" (domain, Family data 2).
func joinHealth(a, b Health) Health {
	switch {
	case a.State == HealthDescribed && b.State == HealthDescribed && strings.Contains(b.Text, a.Text):
		return b
	case a.State == HealthDescribed && b.State == HealthDescribed && !strings.Contains(a.Text, b.Text):
		return Health{HealthDescribed, a.Text + "\n" + b.Text}
	case a.State == HealthDescribed, a.State == b.State:
		return a
	case b.State == HealthDescribed:
		return b
	}
	return Health{State: HealthToAsk}
}

const (
	sqlChildrenOfFrom    = `SELECT child_id FROM guardianships WHERE guardian_id = ?1 AND child_id NOT IN (SELECT child_id FROM guardianships WHERE guardian_id = ?2)`
	sqlChildrenOfBoth    = `SELECT child_id FROM guardianships WHERE guardian_id = ?1 AND child_id IN (SELECT child_id FROM guardianships WHERE guardian_id = ?2)`
	sqlGuardianshipsTo   = `INSERT OR IGNORE INTO guardianships (guardian_id, child_id) SELECT ?2, child_id FROM guardianships WHERE guardian_id = ?1`
	sqlDropGuardianships = `DELETE FROM guardianships WHERE guardian_id = ?`
	sqlFormerTo          = `INSERT OR IGNORE INTO former_guardianships (guardian_id, child_id, left_at) SELECT ?2, child_id, left_at FROM former_guardianships f
WHERE guardian_id = ?1 AND NOT EXISTS (SELECT 1 FROM guardianships x WHERE x.guardian_id = ?2 AND x.child_id = f.child_id)`
	sqlNotesOf       = `SELECT id FROM family_notes WHERE guardian_id = ?`
	sqlNotesTo       = `UPDATE family_notes SET guardian_id = ?2 WHERE guardian_id = ?1`
	sqlFormerOf      = `SELECT child_id FROM former_guardianships WHERE guardian_id = ?`
	sqlDropFormerOf  = `DELETE FROM former_guardianships WHERE guardian_id = ?`
	sqlConsentsOf    = `SELECT id FROM consents WHERE guardian_id = ?`
	sqlPickupIDsOf   = `SELECT id FROM pickup_persons WHERE guardian_id = ?`
	sqlInvitationsOf = `SELECT id FROM invitations WHERE guardian_id = ?`
	sqlInvitationsTo = `UPDATE invitations SET guardian_id = ?2 WHERE guardian_id = ?1`
	sqlYoungGivenBy  = `SELECT child_id FROM young_holders WHERE guardian_id = ?`
	sqlYoungGivenTo  = `UPDATE young_holders SET guardian_id = ?2 WHERE guardian_id = ?1`
	sqlMergedInto    = `SELECT erasure_id FROM merged_guardians WHERE guardian_id = ?`
	sqlMailsOf       = `SELECT id FROM outbox WHERE guardian_id = ?`
	sqlKeepContacts  = `
UPDATE guardians SET name = ?2, email = ?3, email_folded = ?4, phone = ?5, emergency_name = ?6, emergency_phone = ?7, language = ?8, proved_at = ?9,
       last_contact_at = max(last_contact_at, ?10) WHERE id = ?1`
)

// JoinGuardian gives all of From to Into, and leaves From empty. It does nothing where both stay.
func (m *Merger) JoinGuardian() error {
	if !m.SamePerson || m.From == m.Into {
		return nil
	}
	from, err := sqlite.Column[int64](m.tx, sqlChildrenOfFrom, m.From, m.Into)
	if err != nil {
		return err
	}
	both, err := sqlite.Column[int64](m.tx, sqlChildrenOfBoth, m.From, m.Into)
	if err != nil {
		return err
	}
	m.Moved(childOfFrom, from, m.From)
	m.Moved(childOfBoth, both, m.From)
	erasures, err := sqlite.Column[string](m.tx, sqlMergedInto, m.From)
	if err != nil {
		return err
	}
	for _, id := range erasures {
		m.rows = append(m.rows, movedRow{movedErasure, id, m.From})
	}
	former, err := sqlite.Column[int64](m.tx, sqlFormerOf, m.From)
	if err != nil {
		return err
	}
	m.Moved(formerOfFrom, former, m.From)
	for _, statement := range []string{sqlGuardianshipsTo, sqlFormerTo, sqlMoveMerged, sqlKeepErasureID} {
		if _, err := m.tx.Exec(statement, m.From, m.Into); err != nil {
			return err
		}
	}
	m.move(movedConsent, m.From, m.Into, sqlConsentsOf, sqlMoveConsentsOfGuardian)
	m.move(movedPickup, m.From, m.Into, sqlPickupIDsOf, sqlMovePickupsOfGuardian)
	m.move(movedNote, m.From, m.Into, sqlNotesOf, sqlNotesTo)
	m.move(movedInvitation, m.From, m.Into, sqlInvitationsOf, sqlInvitationsTo)
	m.move(movedYoungBy, m.From, m.Into, sqlYoungGivenBy, sqlYoungGivenTo)
	if m.err != nil {
		return m.err
	}
	mails, err := sqlite.Column[int64](m.tx, sqlMailsOf, m.From)
	if err != nil {
		return err
	}
	m.Moved(movedMail, mails, m.From)
	if err := outbox.MoveGuardian(m.tx, m.From, m.Into); err != nil {
		return err
	}
	for _, statement := range []string{sqlDropGuardianships, sqlDropFormerOf, sqlDropEmailChange, sqlEraseGuardian, sqlSignOutEverywhere} {
		if _, err := m.tx.Exec(statement, m.From); err != nil {
			return err
		}
	}
	return m.keepContacts()
}

// keepContacts writes what is kept of the contacts of both. Whoever was signed in under an address that goes is signed out.
func (m *Merger) keepContacts() error {
	g := m.merged()
	if _, err := m.tx.Exec(sqlKeepContacts, m.Into, g.name, g.email, account.FoldEmail(g.email), g.phone, g.emergencyName, g.emergency, g.language, g.proved, m.from.contact); err != nil {
		return err
	}
	if !slices.Contains(m.Take, "email") || account.FoldEmail(m.from.email) == account.FoldEmail(m.into.email) {
		return nil
	}
	if _, err := m.tx.Exec(sqlDropEmailChange, m.Into); err != nil {
		return err
	}
	return SignOutEverywhere(m.tx, m.Into)
}

// merged is the contact that stays. Of two records under one address the proof of either counts.
func (m *Merger) merged() guardianRow {
	g := m.into
	for _, part := range m.Take {
		switch part {
		case "name":
			g.name = m.from.name
		case "email":
			g.email, g.proved = m.from.email, m.from.proved
		case "phone":
			g.phone = m.from.phone
		case "emergency":
			g.emergencyName, g.emergency = m.from.emergencyName, m.from.emergency
		case "language":
			g.language = m.from.language
		}
	}
	if g.proved == nil && account.FoldEmail(m.from.email) == account.FoldEmail(m.into.email) {
		g.proved = m.from.proved
		if m.into.proved != nil {
			g.proved = m.into.proved
		}
	}
	return g
}

const (
	sqlInsertMerge = `INSERT INTO merges (guardian_id, from_id, same_person, merged_at, merged_by) VALUES (?, ?, ?, ?, ?)`
	sqlInsertRow   = `INSERT OR IGNORE INTO merge_rows (merge_id, kind, row_id, was) VALUES (?, ?, ?, ?)`
	sqlGuardianWas = `
INSERT INTO guardians_before_merge (merge_id, guardian_id, name, email, phone, emergency_name, emergency_phone, language, proved_at, last_contact_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	sqlChildWas = `
INSERT INTO children_before_merge (merge_id, child_id, became, first_name, last_name, birth_date, health_state, health_text, gender, postal_code, qpv, qpv_zoning, qpv_method)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
)

// Finish lets refusals win over older and newer answers of the same guardian, names nobody twice, and keeps what Undo needs. It returns the id of the merge.
func (m *Merger) Finish(by int64) (id int64, err error) {
	if err := m.keepRefusals(); err != nil {
		return 0, err
	}
	if err := m.dropDoublePickups(); err != nil {
		return 0, err
	}
	res, err := m.tx.Exec(sqlInsertMerge, m.Into, m.From, m.SamePerson, sqlite.Time(m.tx.Now()), by)
	if err != nil {
		return 0, err
	}
	if id, err = res.LastInsertId(); err != nil {
		return 0, err
	}
	for _, r := range m.rows {
		if _, err := m.tx.Exec(sqlInsertRow, id, r.kind, r.id, r.was); err != nil {
			return 0, err
		}
	}
	if m.SamePerson && m.From != m.Into {
		for _, g := range []guardianRow{m.into, m.from} {
			if _, err := m.tx.Exec(sqlGuardianWas, id, g.id, g.name, g.email, g.phone, g.emergencyName, g.emergency, g.language, g.proved, g.contact); err != nil {
				return 0, err
			}
		}
	}
	for _, c := range m.children {
		if _, err := m.tx.Exec(sqlChildWas, id, c.id, c.became, c.first, c.last, c.birth, c.state, c.text, c.gender, c.postcode, c.qpv, c.zoning, c.method); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// ids are the noted rows of a kind, with whose they were.
func (m *Merger) ids(kind string) map[int64]int64 {
	was := map[int64]int64{}
	for _, r := range m.rows {
		if id, ok := r.id.(int64); ok && r.kind == kind {
			was[id] = r.was
		}
	}
	return was
}

const sqlAnswersAfter = `
SELECT id, guardian_id, coalesce(child_id, 0), purpose, answer, text_version FROM consents
WHERE purpose <> 'health' AND (guardian_id = ?1 OR child_id IN (SELECT value FROM json_each(?2))) ORDER BY given_at, id`

// keepRefusals says no once more, in the words of the refusal, where one of two records of the same guardian refused and the other one answered
// later: any refusal wins.
func (m *Merger) keepRefusals() error {
	type question struct {
		guardian, child int64
		purpose         string
	}
	type last struct{ answer, version string }
	moved, movedToo := m.ids(movedConsent), m.ids(movedConsentChild)
	answers := [2]map[question]last{{}, {}}
	latest := map[question]string{}
	var asked []question
	rows, err := m.tx.Query(sqlAnswersAfter, m.Into, m.childrenThatStay())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var q question
		var l last
		if err := rows.Scan(&id, &q.guardian, &q.child, &q.purpose, &l.answer, &l.version); err != nil {
			return err
		}
		side := 0
		if moved[id] != 0 || movedToo[id] != 0 {
			side = 1
		}
		if _, known := latest[q]; !known {
			asked = append(asked, q)
		}
		answers[side][q], latest[q] = l, l.answer
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, q := range asked {
		for _, side := range answers {
			if l := side[q]; l.answer == string(No) && latest[q] != string(No) {
				if err := m.refuse(q.guardian, q.child, q.purpose, l.version); err != nil {
					return err
				}
				latest[q] = l.answer
			}
		}
	}
	return nil
}

func (m *Merger) refuse(guardian, child int64, purpose, version string) error {
	res, err := m.tx.Exec(sqlInsertConsent, nullID(child), guardian, purpose, string(No), version, sqlite.Time(m.tx.Now()))
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	m.Moved(madeConsent, []int64{id}, 0)
	return err
}

// nullID is NULL for 0.
func nullID(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

func (m *Merger) childrenThatStay() string {
	var ids []int64
	for _, p := range m.Pairs {
		ids = append(ids, p.Into)
	}
	return jsonIDs(ids)
}

// jsonIDs writes ids as SQL reads them.
func jsonIDs(ids []int64) string {
	text := "["
	for i, id := range ids {
		if i > 0 {
			text += ","
		}
		text += strconv.FormatInt(id, 10)
	}
	return text + "]"
}

const (
	sqlDoublePickups = `
SELECT max(id), min(id) FROM pickup_persons WHERE guardian_id = ?1 OR child_id IN (SELECT value FROM json_each(?2))
GROUP BY guardian_id, child_id, name HAVING count(*) > 1`
	sqlPickupIs   = `SELECT child_id, guardian_id FROM pickup_persons WHERE id = ?`
	sqlDropPickup = `DELETE FROM pickup_persons WHERE id = ?`
)

// dropDoublePickups leaves of the same name, by the same guardian for the same child, one. Two records have it twice at most.
func (m *Merger) dropDoublePickups() error {
	var doubles [][2]int64
	rows, err := m.tx.Query(sqlDoublePickups, m.Into, m.childrenThatStay())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var d [2]int64
		if err := rows.Scan(&d[0], &d[1]); err != nil {
			return err
		}
		doubles = append(doubles, d)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	children, guardians := m.ids(movedPickupChild), m.ids(movedPickup)
	for _, d := range doubles {
		drop, stays := d[0], d[1]
		if children[drop] == 0 && guardians[drop] == 0 { // the older one moved
			drop, stays = stays, drop
		}
		var child, guardian int64
		if err := m.tx.QueryRow(sqlPickupIs, drop).Scan(&child, &guardian); err != nil {
			return err
		}
		if was := children[drop]; was != 0 {
			child = was
		}
		if was := guardians[drop]; was != 0 {
			guardian = was
		}
		m.rows = slices.DeleteFunc(m.rows, func(r movedRow) bool {
			return (r.kind == movedPickupChild || r.kind == movedPickup) && r.id == drop
		})
		m.Moved(samePickupChild, []int64{stays}, child)
		m.Moved(samePickup, []int64{stays}, guardian)
		if _, err := m.tx.Exec(sqlDropPickup, drop); err != nil {
			return err
		}
	}
	return nil
}

const sqlJoined = `SELECT i.id FROM merged_guardians m JOIN guardians i ON i.id = m.guardian_id WHERE m.was_id = ? AND i.name <> ''`

// Joined returns the guardian whom the record of another one joined, by the team or since a guest proved the address; 0 where it joined none. Forbidden to all but staff.
func (s *Service) Joined(ctx context.Context, actor account.Actor, guardianID int64) (into int64, err error) {
	if !actor.CanManage() {
		return 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		err := tx.QueryRow(sqlJoined, guardianID).Scan(&into)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return into, err
}

// A record of a child that joined another one, whose record may have joined a third.
const sqlBecame = `
WITH RECURSIVE became (id, step) AS (
  SELECT ?1, 0 UNION ALL SELECT c.became, b.step + 1 FROM became b JOIN children_before_merge c ON c.child_id = b.id AND c.became <> b.id WHERE b.step < 20)
SELECT id FROM became ORDER BY step DESC LIMIT 1`

// Became returns the record that the record of a child joined: its own id where it joined none, or where that is forgotten (ForgetMerges). Forbidden to all
// but staff.
func (s *Service) Became(ctx context.Context, actor account.Actor, childID int64) (now int64, err error) {
	if !actor.CanManage() {
		return 0, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlBecame, childID).Scan(&now)
	})
	return now, err
}

const sqlForgetMerges = `DELETE FROM merges WHERE merged_at < ?`

// ForgetMerges forgets what was kept to undo merges, once it is over. It returns how many merges that were.
func ForgetMerges(tx *sqlite.Tx) (int, error) {
	res, err := tx.Exec(sqlForgetMerges, sqlite.Time(tx.Now().Add(-MergeUndoable)))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

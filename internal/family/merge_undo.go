package family

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Merge is one that can still be undone.
type Merge struct {
	ID         int64
	Into, From int64 // guardians
	SamePerson bool
	At         time.Time
	By         string // who did it, by name
	// Name is From's as it was, empty where both stayed.
	Name string
}

const (
	sqlMerges = `
SELECT m.id, m.guardian_id, m.from_id, m.same_person, m.merged_at, u.name, coalesce((SELECT name FROM guardians_before_merge b WHERE b.merge_id = m.id AND b.guardian_id = m.from_id), '')
FROM merges m JOIN users u ON u.id = m.merged_by`
	sqlMergesOf = sqlMerges + ` WHERE (m.guardian_id = ?1 OR m.from_id = ?1) AND m.merged_at > ?2 ORDER BY m.id DESC`
	sqlMerge    = sqlMerges + ` WHERE m.id = ?1 AND m.merged_at > ?2`
)

// MergesOf returns the merges of a guardian that can still be undone, the last one first.
func MergesOf(tx *sqlite.Tx, guardianID int64) ([]Merge, error) {
	return merges(tx, sqlMergesOf, guardianID)
}

// mergeOf returns a merge of a guardian that can still be undone. Gone "merge.over" for any other id.
func mergeOf(tx *sqlite.Tx, guardianID, id int64) (Merge, error) {
	list, err := merges(tx, sqlMerge, id)
	if err == nil && (len(list) == 0 || guardianID != list[0].Into && guardianID != list[0].From) {
		err = fault.New(fault.Gone, "merge.over")
	}
	if err != nil {
		return Merge{}, err
	}
	return list[0], nil
}

func merges(tx *sqlite.Tx, query string, id int64) (list []Merge, err error) {
	rows, err := tx.Query(query, id, sqlite.Time(tx.Now().Add(-MergeUndoable)))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Merge
		var at string
		if err := rows.Scan(&m.ID, &m.Into, &m.From, &m.SamePerson, &at, &m.By, &m.Name); err != nil {
			return nil, err
		}
		if m.At, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// Undoing takes a merge back: what moved goes back by its id. Package booking gives back what was booked, with Rows, between Restore and Return.
type Undoing struct {
	Merge
	Pairs []MergedPair // the records of one child each: From's comes back
	// Readdressed: who stays had the address of who comes back, or the other way round, so that links in a mailbox open what is the other's.
	Readdressed bool

	tx         *sqlite.Tx
	into, from *guardianRow
	children   map[int64]childRow
	rows       []movedRow
	err        error // of back
}

const (
	sqlRowsMoved     = `SELECT kind, row_id, was FROM merge_rows WHERE merge_id = ?`
	sqlGuardiansWere = `
SELECT guardian_id, name, email, phone, emergency_name, emergency_phone, language, proved_at FROM guardians_before_merge WHERE merge_id = ?`
	sqlChildrenWere = `
SELECT child_id, became, first_name, last_name, birth_date, health_state, health_text, gender, postal_code, qpv, qpv_zoning, qpv_method FROM children_before_merge WHERE merge_id = ?`
	sqlAnsweredSince = `
SELECT EXISTS (SELECT 1 FROM consents o JOIN children_before_merge c ON c.became = o.child_id WHERE c.merge_id = ?1 AND o.given_at > ?2
               AND o.id NOT IN (SELECT row_id FROM merge_rows WHERE merge_id = ?1 AND kind = '` + madeConsent + `'))`
	sqlDropMerge = `DELETE FROM merges WHERE id = ?`
)

// Undo begins to take a merge of a guardian back. Gone "merge.over" for any that is not theirs, or can be undone no more; Conflict "merge.answered" where a guardian gave another consent about a child
// since: nobody could say of which record.
func Undo(tx *sqlite.Tx, guardianID, id int64) (*Undoing, error) {
	m, err := mergeOf(tx, guardianID, id)
	if err != nil {
		return nil, err
	}
	var answered bool
	if err := tx.QueryRow(sqlAnsweredSince, id, sqlite.Time(m.At)).Scan(&answered); err != nil {
		return nil, err
	}
	if answered {
		return nil, fault.New(fault.Conflict, "merge.answered")
	}
	u := &Undoing{Merge: m, tx: tx, children: map[int64]childRow{}}
	for _, read := range []func() error{u.readRows, u.readGuardians, u.readChildren} {
		if err := read(); err != nil {
			return nil, err
		}
	}
	return u, nil
}

func (u *Undoing) readRows() error {
	rows, err := u.tx.Query(sqlRowsMoved, u.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var r movedRow
		if err := rows.Scan(&r.kind, &r.id, &r.was); err != nil {
			return err
		}
		u.rows = append(u.rows, r)
	}
	return rows.Err()
}

func (u *Undoing) readGuardians() error {
	rows, err := u.tx.Query(sqlGuardiansWere, u.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		g := &guardianRow{}
		if err := rows.Scan(&g.id, &g.name, &g.email, &g.phone, &g.emergencyName, &g.emergency, &g.language, &g.proved); err != nil {
			return err
		}
		if g.id == u.Into {
			u.into = g
		} else {
			u.from = g
		}
	}
	if u.into != nil && u.from != nil {
		u.Readdressed = account.FoldEmail(u.into.email) != account.FoldEmail(u.from.email)
	}
	return rows.Err()
}

func (u *Undoing) readChildren() error {
	rows, err := u.tx.Query(sqlChildrenWere, u.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c childRow
		if err := rows.Scan(&c.id, &c.became, &c.first, &c.last, &c.birth, &c.state, &c.text, &c.gender, &c.postcode, &c.qpv, &c.zoning, &c.method); err != nil {
			return err
		}
		u.children[c.id] = c
		if c.id != c.became {
			u.Pairs = append(u.Pairs, MergedPair{From: c.id, Into: c.became})
		}
	}
	return rows.Err()
}

// Rows are the ids of a kind that moved, by whose they were, as a JSON array.
func (u *Undoing) Rows(kind string) map[int64]string {
	ids, lists := map[int64][]int64{}, map[int64]string{}
	for _, r := range u.rows {
		if id, ok := r.id.(int64); ok && r.kind == kind {
			ids[r.was] = append(ids[r.was], id)
		}
	}
	for was, list := range ids {
		lists[was] = jsonIDs(list)
	}
	return lists
}

const (
	sqlFillChild = `
UPDATE children SET first_name = ?2, last_name = ?3, name_folded = ?4, birth_date = ?5, health_state = ?6, health_text = ?7, gender = ?8, postal_code = ?9, qpv = ?10, qpv_zoning = ?11, qpv_method = ?12 WHERE id = ?1`
	sqlFillGuardian = `
UPDATE guardians SET name = ?2, email = ?3, email_folded = ?4, phone = ?5, emergency_name = ?6, emergency_phone = ?7, language = ?8, proved_at = ?9, last_contact_at = ?10 WHERE id = ?1`
	sqlProvedElsewhere = `SELECT EXISTS (SELECT 1 FROM guardians WHERE email_folded = ? AND proved_at IS NOT NULL AND id <> ?)`
	sqlNotMerged       = `DELETE FROM merged_guardians WHERE erasure_id = (SELECT erasure_id FROM guardians WHERE id = ?)`
	sqlMergedBack      = `UPDATE merged_guardians SET guardian_id = ?2 WHERE erasure_id = ?1`
)

// Restore brings back the records that went, and takes from those that stayed what they had from them: contacts and names that were changed since the
// merge stay as they are.
func (u *Undoing) Restore() error {
	for _, p := range u.Pairs { // first: an empty record goes with the merge
		if err := u.fill(u.children[p.From]); err != nil {
			return err
		}
	}
	oneHousehold := u.SamePerson || u.From == u.Into
	for _, p := range u.Pairs {
		from, into := u.children[p.From], u.children[p.Into]
		now := childRow{id: p.Into}
		if err := u.tx.QueryRow(sqlChildRow, p.Into).Scan(&now.id, &now.first, &now.last, &now.birth, &now.state, &now.text, &now.gender, &now.postcode, &now.qpv, &now.zoning, &now.method); err != nil {
			return err
		}
		if now.first == from.first && now.last == from.last && now.birth == from.birth { // not corrected since
			now.first, now.last, now.birth = into.first, into.last, into.birth
		}
		if into.gender == nil && equal(now.gender, from.gender) {
			now.gender = nil
		}
		if oneHousehold && into.postcode == nil && equal(now.postcode, from.postcode) {
			now.postcode = nil
		}
		if oneHousehold && into.qpv == nil && equal(now.qpv, from.qpv) {
			now.qpv, now.zoning, now.method = nil, nil, nil
		}
		now.state, now.text = into.state, into.text // nobody said anything of it since: that would have ended the merge
		if err := u.fill(now); err != nil {
			return err
		}
	}
	if _, err := u.tx.Exec(sqlDropMerge, u.ID); err != nil {
		return err
	}
	if u.from == nil {
		return nil
	}
	return u.restoreContacts()
}

func (u *Undoing) fill(c childRow) error {
	_, err := u.tx.Exec(sqlFillChild, c.id, c.first, c.last, SortName(c.last, c.first), c.birth, c.state, c.text, c.gender, c.postcode, c.qpv, c.zoning, c.method)
	return err
}

func equal(a, b *string) bool { return a != nil && b != nil && *a == *b }

func (u *Undoing) restoreContacts() error {
	now, err := readGuardian(u.tx, u.Into)
	if err != nil {
		return err
	}
	for _, part := range []struct{ now, from, into *string }{
		{&now.name, &u.from.name, &u.into.name}, {&now.phone, &u.from.phone, &u.into.phone}, {&now.language, &u.from.language, &u.into.language},
		{&now.emergencyName, &u.from.emergencyName, &u.into.emergencyName}, {&now.emergency, &u.from.emergency, &u.into.emergency},
	} {
		if *part.now == *part.from {
			*part.now = *part.into
		}
	}
	if account.FoldEmail(now.email) == account.FoldEmail(u.from.email) {
		now.email, now.proved = u.into.email, u.into.proved
	}
	at := sqlite.Time(u.tx.Now())
	// Who stays gives the address back first: among proved guardians it is unique.
	for _, g := range []*guardianRow{&now, u.from} {
		var taken bool
		if err := u.tx.QueryRow(sqlProvedElsewhere, account.FoldEmail(g.email), g.id).Scan(&taken); err != nil {
			return err
		}
		if taken {
			g.proved = nil
		}
		if _, err := u.tx.Exec(sqlFillGuardian, g.id, g.name, g.email, account.FoldEmail(g.email), g.phone, g.emergencyName, g.emergency, g.language, g.proved, at); err != nil {
			return err
		}
	}
	if _, err := u.tx.Exec(sqlNotMerged, u.From); err != nil {
		return err
	}
	for _, r := range u.rows {
		if r.kind != movedErasure {
			continue
		}
		if _, err := u.tx.Exec(sqlMergedBack, r.id, u.From); err != nil {
			return err
		}
	}
	if !u.Readdressed {
		return nil
	}
	return SignOutEverywhere(u.tx, u.Into)
}

const (
	sqlConsentsBackToChild = `UPDATE consents SET child_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlConsentsBack        = `UPDATE consents SET guardian_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlConsentsUnmade      = `DELETE FROM consents WHERE ?1 = 0 AND id IN (SELECT value FROM json_each(?2))`
	sqlPickupsBackToChild  = `UPDATE pickup_persons SET child_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlPickupsBack         = `UPDATE pickup_persons SET guardian_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlNotesBackToChild    = `UPDATE family_notes SET child_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlNotesBack           = `UPDATE family_notes SET guardian_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	// A note about a child that was written since goes where the child goes.
	sqlNotesSince           = `UPDATE family_notes SET guardian_id = ?3 WHERE guardian_id = ?1 AND child_id IN (SELECT value FROM json_each(?2))`
	sqlBarredBack           = `UPDATE barred_persons SET child_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlInvitationsBack      = `UPDATE invitations SET guardian_id = ?1 WHERE id IN (SELECT value FROM json_each(?2))`
	sqlInvitingBack         = `INSERT OR IGNORE INTO invitation_children (invitation_id, child_id) SELECT value, ?1 FROM json_each(?2) WHERE value IN (SELECT id FROM invitations)`
	sqlInvitingGone         = `DELETE FROM invitation_children WHERE child_id = ?1 AND invitation_id IN (SELECT value FROM json_each(?2))`
	sqlGuardiansBackOfChild = `INSERT OR IGNORE INTO guardianships (guardian_id, child_id) SELECT value, ?1 FROM json_each(?2)`
	sqlFormerBackOfChild    = `INSERT OR IGNORE INTO former_guardianships (guardian_id, child_id, left_at) SELECT guardian_id, ?1, left_at FROM former_guardianships WHERE child_id = ?3 AND guardian_id IN (SELECT value FROM json_each(?2))`
	// The copy of who stays tells when it was left.
	sqlFormerBack = `INSERT OR IGNORE INTO former_guardianships (guardian_id, child_id, left_at)
SELECT ?1, value, coalesce((SELECT max(left_at) FROM former_guardianships WHERE child_id = value), (SELECT created_at FROM guardians WHERE id = ?1)) FROM json_each(?2)`
	sqlGuardiansGone    = `DELETE FROM guardianships WHERE child_id = ?1 AND guardian_id IN (SELECT value FROM json_each(?2)) AND guardian_id NOT IN (SELECT value FROM json_each(?3))`
	sqlChildrenBack     = `INSERT OR IGNORE INTO guardianships (guardian_id, child_id) SELECT ?1, value FROM json_each(?2) WHERE value IN (SELECT id FROM children)`
	sqlChildrenGone     = `DELETE FROM guardianships WHERE guardian_id = ?1 AND child_id IN (SELECT value FROM json_each(?2))`
	sqlYoungBackToChild = `UPDATE OR IGNORE young_holders SET child_id = ?1 WHERE child_id = ?2`
	sqlYoungBack        = `UPDATE young_holders SET guardian_id = ?1 WHERE guardian_id = ?3 AND child_id IN (SELECT value FROM json_each(?2))`
	sqlSamePickup       = `INSERT INTO pickup_persons (child_id, guardian_id, name) SELECT ?1, ?2, name FROM pickup_persons WHERE id = ?3`
)

// back gives the rows of a kind back to whose they were. After a failure it does nothing.
func (u *Undoing) back(kind, statement string) {
	for was, ids := range u.Rows(kind) {
		if u.err == nil {
			_, u.err = u.tx.Exec(statement, was, ids)
		}
	}
}

// Return gives everything else back: consents, who may pick a child up, who is barred, guardians, messages.
func (u *Undoing) Return() error {
	u.back(movedConsentChild, sqlConsentsBackToChild)
	u.back(movedConsent, sqlConsentsBack)
	u.back(madeConsent, sqlConsentsUnmade)
	u.back(movedPickupChild, sqlPickupsBackToChild)
	u.back(movedPickup, sqlPickupsBack)
	u.back(movedNoteChild, sqlNotesBackToChild)
	u.back(movedNote, sqlNotesBack)
	u.back(movedBarred, sqlBarredBack)
	u.back(movedInvitation, sqlInvitationsBack)
	u.back(movedInviting, sqlInvitingBack)
	u.back(newInviting, sqlInvitingGone)
	u.back(guardianOfFrom, sqlGuardiansBackOfChild)
	u.back(childOfFrom, sqlChildrenBack)
	u.back(childOfBoth, sqlChildrenBack)
	u.back(formerOfFrom, sqlFormerBack)
	if u.err != nil {
		return u.err
	}
	for was, ids := range u.Rows(movedMail) {
		if err := outbox.MoveMessages(u.tx, ids, was); err != nil {
			return err
		}
	}
	for was, ids := range u.Rows(movedYoungBy) {
		if _, err := u.tx.Exec(sqlYoungBack, was, ids, u.Into); err != nil {
			return err
		}
	}
	had := u.Rows(guardianOfInto)
	for _, p := range u.Pairs {
		if ids, ok := u.Rows(movedFormer)[p.From]; ok {
			if _, err := u.tx.Exec(sqlFormerBackOfChild, p.From, ids, p.Into); err != nil {
				return err
			}
		}
		if _, ok := u.Rows(movedYoung)[p.From]; ok {
			if _, err := u.tx.Exec(sqlYoungBackToChild, p.From, p.Into); err != nil {
				return err
			}
		}
		if _, err := u.tx.Exec(sqlGuardiansGone, p.Into, u.Rows(guardianOfFrom)[p.From], had[p.Into]); err != nil {
			return err
		}
	}
	if ids, ok := u.Rows(childOfFrom)[u.From]; ok {
		if _, err := u.tx.Exec(sqlNotesSince, u.Into, ids, u.From); err != nil {
			return err
		}
		if _, err := u.tx.Exec(sqlChildrenGone, u.Into, ids); err != nil {
			return err
		}
	}
	return u.namedTwice()
}

// namedTwice names again whom both had named, and one record names since.
func (u *Undoing) namedTwice() error {
	guardians := map[int64]int64{}
	for _, r := range u.rows {
		if id, ok := r.id.(int64); ok && r.kind == samePickup {
			guardians[id] = r.was
		}
	}
	for _, r := range u.rows {
		id, ok := r.id.(int64)
		if !ok || r.kind != samePickupChild {
			continue
		}
		if _, err := u.tx.Exec(sqlSamePickup, r.was, guardians[id], id); err != nil {
			return err
		}
	}
	return nil
}

const sqlTangled = `
SELECT EXISTS (SELECT 1 FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE (g.guardian_id IN (?1, ?2) OR b.child_id IN (SELECT value FROM json_each(?3)))
                 AND (g.guardian_id, b.child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships UNION SELECT guardian_id, child_id FROM former_guardianships))
    OR EXISTS (SELECT 1 FROM pickup_persons WHERE guardian_id IN (?1, ?2) AND (guardian_id, child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships))
    OR EXISTS (SELECT 1 FROM consents WHERE guardian_id IN (?1, ?2) AND child_id IS NOT NULL
                 AND (guardian_id, child_id) NOT IN (SELECT guardian_id, child_id FROM guardianships UNION SELECT guardian_id, child_id FROM former_guardianships))`

// Check refuses what cannot be taken apart any more, so that the transaction leaves everything as it is: Conflict "merge.tangled".
func (u *Undoing) Check() error {
	var ids []int64
	for id := range u.children {
		ids = append(ids, id)
	}
	var tangled bool
	if err := u.tx.QueryRow(sqlTangled, u.Into, u.From, jsonIDs(ids)).Scan(&tangled); err != nil {
		return err
	}
	if tangled {
		return fault.New(fault.Conflict, "merge.tangled")
	}
	return nil
}

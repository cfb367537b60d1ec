package family

import (
	"database/sql"
	"errors"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlKnownGuardian = `
SELECT k.id FROM guardians g JOIN guardians k ON k.email_folded = g.email_folded
WHERE g.id = ? AND g.proved_at IS NULL AND g.email_folded <> '' AND k.proved_at IS NOT NULL`

const sqlProveGuardian = `UPDATE guardians SET proved_at = ?2, last_contact_at = ?2 WHERE id = ?1 AND proved_at IS NULL`

// Prove records that a guardian reads the mailbox they gave. When another guardian has already proved the
// same address, nothing is recorded and known is that guardian's id: the caller merges the two.
func Prove(tx *sqlite.Tx, guardianID int64) (known int64, err error) {
	err = tx.QueryRow(sqlKnownGuardian, guardianID).Scan(&known)
	if err == nil {
		return known, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, err
	}
	res, err := tx.Exec(sqlProveGuardian, guardianID, sqlite.Time(tx.Now()))
	if err != nil {
		return 0, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return 0, err
	}
	id := strconv.FormatInt(guardianID, 10)
	return 0, audit.Add(tx, "guardian:"+id, "family.prove", "guardian:"+id, nil)
}

// SameChild is a guest's child and the family's child of the same name and birth date.
type SameChild struct{ Guest, Known int64 }

const sqlSameChildren = `
SELECT a.id, min(b.id) FROM guardianships ga JOIN children a ON a.id = ga.child_id
JOIN guardianships gb ON gb.guardian_id = ?2
JOIN children b ON b.id = gb.child_id AND b.id <> a.id AND b.name_folded = a.name_folded AND b.birth_date = a.birth_date
WHERE ga.guardian_id = ?1 GROUP BY a.id`

// SameChildren pairs the children of a guest with those of the known guardian.
func SameChildren(tx *sqlite.Tx, guest, known int64) ([]SameChild, error) {
	rows, err := tx.Query(sqlSameChildren, guest, known)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []SameChild
	for rows.Next() {
		var s SameChild
		if err := rows.Scan(&s.Guest, &s.Known); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// No merge takes away what somebody described: of two descriptions both stay, unless one says all of the other.
const sqlTakeHealth = `
UPDATE children SET health_state = g.health_state, health_text = CASE
    WHEN children.health_state <> 'described' OR instr(g.health_text, children.health_text) > 0 THEN g.health_text
    WHEN instr(children.health_text, g.health_text) > 0 THEN children.health_text
    ELSE children.health_text || char(10) || g.health_text END
FROM (SELECT health_state, health_text FROM children WHERE id = ?1) AS g
WHERE children.id = ?2 AND g.health_state <> 'to_ask' AND (children.health_state <> 'described' OR g.health_state = 'described')`

const sqlTakeFigures = `
UPDATE children SET gender = coalesce(g.gender, children.gender), postal_code = coalesce(g.postal_code, children.postal_code),
       qpv = coalesce(g.qpv, children.qpv), qpv_zoning = iif(g.qpv IS NULL, children.qpv_zoning, g.qpv_zoning),
       qpv_method = iif(g.qpv IS NULL, children.qpv_method, g.qpv_method)
FROM (SELECT gender, postal_code, qpv, qpv_zoning, qpv_method FROM children WHERE id = ?1) AS g WHERE children.id = ?2`

const sqlMoveConsents = `UPDATE consents SET child_id = ?2, guardian_id = ?3 WHERE child_id = ?1`

const sqlMovePickups = `
UPDATE pickup_persons SET child_id = ?2, guardian_id = ?3
WHERE child_id = ?1 AND NOT EXISTS (SELECT 1 FROM pickup_persons p WHERE p.child_id = ?2 AND p.name = pickup_persons.name)`

const sqlMoveBarred = `UPDATE barred_persons SET child_id = ?2 WHERE child_id = ?1`

const sqlDropPickups = `DELETE FROM pickup_persons WHERE child_id = ?`

const sqlDropGuardianshipsOfChild = `DELETE FROM guardianships WHERE child_id = ?`

const sqlDropChild = `DELETE FROM children WHERE id = ?`

// MergeChild makes a guest's child one with the family's: what the guest wrote (health, consents, pick-up persons,
// figures) joins the family's record and the guest's row goes. A described allergy is never lost. No booking
// may point to the guest's child any more.
func MergeChild(tx *sqlite.Tx, guest, known, guardianID int64) error {
	if _, err := tx.Exec(sqlTakeHealth, guest, known); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlTakeFigures, guest, known); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlMoveConsents, guest, known, guardianID); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlMovePickups, guest, known, guardianID); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlMoveBarred, guest, known); err != nil {
		return err
	}
	for _, statement := range []string{sqlDropPickups, sqlDropGuardianshipsOfChild, sqlDropChild} {
		if _, err := tx.Exec(statement, guest); err != nil {
			return err
		}
	}
	return nil
}

const sqlMoveGuardianships = `UPDATE guardianships SET guardian_id = ?2 WHERE guardian_id = ?1`

const sqlMovePickupsOfGuardian = `UPDATE pickup_persons SET guardian_id = ?2 WHERE guardian_id = ?1`

const sqlMoveConsentsOfGuardian = `UPDATE consents SET guardian_id = ?2 WHERE guardian_id = ?1`

const sqlTakeContacts = `
UPDATE guardians SET phone = g.phone, emergency_name = g.emergency_name, emergency_phone = g.emergency_phone
FROM (SELECT phone, emergency_name, emergency_phone FROM guardians WHERE id = ?1) AS g WHERE guardians.id = ?2`

// A guardian who signed in before anybody was known under the address is named by it, until they say who they are.
const (
	sqlTakeName = `
UPDATE guardians SET name = g.name, language = g.language
FROM (SELECT name, language FROM guardians WHERE id = ?1) AS g WHERE guardians.id = ?2 AND guardians.name = guardians.email`
	sqlNamed = `SELECT name <> email FROM guardians WHERE id = ?`
)

// A number that somebody else typed counts where there is none.
const sqlTakePhone = `
UPDATE guardians SET phone = g.phone FROM (SELECT phone FROM guardians WHERE id = ?1) AS g WHERE guardians.id = ?2 AND guardians.phone = ''`

const sqlTouchGuardian = `UPDATE guardians SET last_contact_at = ?2 WHERE id = ?1`

const (
	sqlMoveMerged    = `UPDATE merged_guardians SET guardian_id = ?2 WHERE guardian_id = ?1`
	sqlKeepErasureID = `INSERT INTO merged_guardians (erasure_id, was_id, guardian_id) SELECT erasure_id, id, ?2 FROM guardians WHERE id = ?1`
	sqlDropGuardian  = `DELETE FROM guardians WHERE id = ?`
)

// MergeGuardian gives a guest's children, consents, messages and, when they are newer, contacts to the guardian who
// proved the same address, and removes the guest's row. No booking may point to it any more. byYoung says that a young person typed the guest's contacts: of
// those only a number counts, where the guardian has none.
func MergeGuardian(tx *sqlite.Tx, guest, known int64, byYoung bool) error {
	for _, statement := range []string{sqlMoveGuardianships, sqlMovePickupsOfGuardian, sqlMoveConsentsOfGuardian, sqlMoveMerged, sqlKeepErasureID} {
		if _, err := tx.Exec(statement, guest, known); err != nil {
			return err
		}
	}
	var named bool
	if err := tx.QueryRow(sqlNamed, known).Scan(&named); err != nil {
		return err
	}
	take := []string{sqlTakeName}
	switch newer := guest > known; { // ids grow with time
	case byYoung:
		take = append(take, sqlTakePhone)
	case newer || !named:
		take = append(take, sqlTakeContacts)
	}
	for _, statement := range take {
		if _, err := tx.Exec(statement, guest, known); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(sqlTouchGuardian, known, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	if err := outbox.MoveGuardian(tx, guest, known); err != nil {
		return err
	}
	_, err := tx.Exec(sqlDropGuardian, guest)
	return err
}

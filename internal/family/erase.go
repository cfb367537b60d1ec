package family

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlEraseGuardian = `
UPDATE guardians SET name = '', email = '', email_folded = '', phone = '', emergency_name = '', emergency_phone = '',
       language = 'fr', proved_at = NULL
WHERE id = ?`

const sqlFoldedAddress = `SELECT email_folded FROM guardians WHERE id = ?`

// The space of a young person goes with what is known of them.
const (
	sqlErasedYoung = `SELECT email_folded FROM young_holders WHERE child_id IN (SELECT id FROM children WHERE name_folded = '')`
	sqlEraseYoung  = `DELETE FROM young_holders WHERE child_id IN (SELECT id FROM children WHERE name_folded = '')`
)

const (
	sqlErasePickups     = `DELETE FROM pickup_persons WHERE guardian_id = ?`
	sqlEraseInvitations = `DELETE FROM invitations WHERE guardian_id = ?`
	sqlEraseEmailChange = `DELETE FROM email_changes WHERE guardian_id = ?`
)

// The year of birth stays: it makes the age of figures.
const sqlEraseChildren = `
UPDATE children SET first_name = '', last_name = '', name_folded = '', birth_date = substr(birth_date, 1, 4) || '-01-01',
       health_state = 'to_ask', health_text = ''
WHERE id IN (SELECT child_id FROM guardianships WHERE guardian_id = ?) AND name_folded <> '' AND NOT EXISTS (
    SELECT 1 FROM guardianships o JOIN guardians g ON g.id = o.guardian_id WHERE o.child_id = children.id AND g.name <> '')`

// Until a session is closed nothing else knows the figures of who came to it.
const (
	sqlEraseAllFigures = `
UPDATE children SET gender = NULL, postal_code = NULL, qpv = NULL, qpv_zoning = NULL, qpv_method = NULL
WHERE name_folded = '' AND (gender IS NOT NULL OR postal_code IS NOT NULL OR qpv IS NOT NULL) AND NOT EXISTS (
    SELECT 1 FROM bookings b JOIN sessions s ON s.id = b.session_id
    WHERE b.child_id = children.id AND b.status = 'confirmed' AND s.status = 'published' AND s.starts_at <= ?1
      AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.session_id = s.id AND c.reopened_at IS NULL))`
	sqlEraseFigures = sqlEraseAllFigures + ` AND id IN (SELECT child_id FROM guardianships WHERE guardian_id = ?2)`
)

// ForgetFigures empties what funders ask of children who are erased, once the sessions that they came to are closed. It returns
// how many children that were.
func ForgetFigures(tx *sqlite.Tx) (int, error) {
	res, err := tx.Exec(sqlEraseAllFigures, sqlite.Time(tx.Now()))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

const sqlEraseConsents = `
DELETE FROM consents
WHERE guardian_id = ?1 AND child_id IS NULL OR guardian_id = ?1 AND NOT (child_id IN (SELECT id FROM children WHERE name_folded <> '') AND (purpose = 'health' OR answer = 'no')
    AND NOT EXISTS (SELECT 1 FROM consents l WHERE l.guardian_id = ?1 AND l.child_id = consents.child_id AND l.purpose = consents.purpose
        AND (l.given_at, l.id) > (consents.given_at, consents.id)))
   OR child_id IN (SELECT c.id FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ?1 AND c.name_folded = '')`

// Erase empties what is kept of a guardian: name, contacts, the pick-up persons they named, their consents, the messages to
// them, under their name or to their address alone. Each of their children is erased too when no other guardian remains: names, day of birth, health, and the figures
// unless a session that the child came to is still to be closed (ForgetFigures then has them); children is how many. A child
// who stays keeps what protects it, without the name of who said it: the last refusals of this guardian, and the consent under
// which its health is known.
//
// The rows stay, nameless, under what was booked and marked; a guardian and a child are erased when they have no name. Who
// calls Erase has cancelled what the guardian had booked. Twice is the same as once.
func Erase(tx *sqlite.Tx, guardianID int64) (children int, err error) {
	var folded string
	if err := tx.QueryRow(sqlFoldedAddress, guardianID).Scan(&folded); err != nil {
		return 0, err
	}
	for _, statement := range []string{sqlEraseGuardian, sqlErasePickups, sqlEraseInvitations, sqlEraseEmailChange} {
		if _, err := tx.Exec(statement, guardianID); err != nil {
			return 0, err
		}
	}
	res, err := tx.Exec(sqlEraseChildren, guardianID)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	young, err := sqlite.Column[string](tx, sqlErasedYoung)
	if err != nil {
		return 0, err
	}
	if err := forgetMails(tx, young); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(sqlEraseYoung); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(sqlEraseFigures, sqlite.Time(tx.Now()), guardianID); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(sqlEraseConsents, guardianID); err != nil {
		return 0, err
	}
	if folded != "" {
		if err := outbox.EraseTo(tx, func(address string) bool { return account.FoldEmail(address) == folded }); err != nil {
			return 0, err
		}
	}
	return int(n), outbox.Erase(tx, guardianID)
}

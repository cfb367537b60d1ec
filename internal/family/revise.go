package family

import (
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Revision is what a guardian said of a child of theirs while booking again: what is as it was changes nothing.
type Revision struct {
	// Health is nil where it is still known and was not asked.
	Health        *Health
	Image         Answer
	LeavesAlone   bool
	PickupPersons []string
}

const (
	sqlIsTheirs    = `SELECT EXISTS (SELECT 1 FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? AND x.child_id = ? AND c.name_folded <> '')`
	sqlTheirs      = `SELECT coalesce(min(c.id), 0) FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = ? AND c.name_folded = ? AND c.birth_date = ?`
	sqlReviseSelf  = `UPDATE guardians SET name = ?2, phone = ?3, emergency_name = ?4, emergency_phone = ?5, language = ?6, last_contact_at = ?7 WHERE id = ?1`
	sqlLastConsent = `
SELECT answer, text_version FROM consents WHERE guardian_id = ? AND child_id = ? AND purpose = ? ORDER BY given_at DESC, id DESC LIMIT 1`
	sqlTheirPickups     = `SELECT name FROM pickup_persons WHERE guardian_id = ? AND child_id = ? ORDER BY id`
	sqlDropTheirPickups = `DELETE FROM pickup_persons WHERE guardian_id = ? AND child_id = ?`
)

// IsTheirs reports whether a child is one of a guardian's.
func IsTheirs(tx *sqlite.Tx, guardianID, childID int64) (theirs bool, err error) {
	err = tx.QueryRow(sqlIsTheirs, guardianID, childID).Scan(&theirs)
	return theirs, err
}

// Theirs returns the child of a guardian that has the names and the birth date of c, or 0.
func Theirs(tx *sqlite.Tx, guardianID int64, c NewChild) (childID int64, err error) {
	err = tx.QueryRow(sqlTheirs, guardianID, SortName(c.LastName, c.FirstName), c.BirthDate.Format(time.DateOnly)).Scan(&childID)
	return childID, err
}

// ReviseGuardian keeps how to reach a guardian, as they said while booking. Their address stays: another one is confirmed first.
func ReviseGuardian(tx *sqlite.Tx, guardianID int64, g NewGuardian) error {
	_, err := tx.Exec(sqlReviseSelf, guardianID, g.Name, g.Phone, g.EmergencyName, g.EmergencyPhone, g.Language, sqlite.Time(tx.Now()))
	return err
}

// ReviseChild keeps what a guardian said anew of a child of theirs, each answer with its consent, and returns what of health,
// departure and image is another than before. The other guardians of the child learn that it was changed, never to what.
func ReviseChild(tx *sqlite.Tx, guardianID, childID int64, r Revision) (changed []string, err error) {
	note := func(what string, did bool, err error) error {
		if did && !slices.Contains(changed, what) {
			changed = append(changed, what)
		}
		return err
	}
	did, err := reviseHealth(tx, guardianID, childID, r.Health)
	if err := note("health", did, err); err != nil {
		return nil, err
	}
	did, err = reviseConsent(tx, guardianID, childID, "leave_alone", yesOrNo(r.LeavesAlone), LeaveAloneTextVersion)
	if err := note("departure", did, err); err != nil {
		return nil, err
	}
	did, err = revisePickups(tx, guardianID, childID, r.PickupPersons)
	if err := note("departure", did, err); err != nil {
		return nil, err
	}
	did, err = reviseConsent(tx, guardianID, childID, "image", r.Image, ImageTextVersion)
	if err := note("image", did, err); err != nil {
		return nil, err
	}
	for _, what := range changed {
		if err := tellOthers(tx, guardianID, childID, what); err != nil {
			return nil, err
		}
	}
	return changed, nil
}

func reviseHealth(tx *sqlite.Tx, guardianID, childID int64, told *Health) (bool, error) {
	if told == nil || told.State == HealthToAsk { // what leaves the question open takes nothing away
		return false, nil
	}
	var known Health
	if err := tx.QueryRow(sqlHealth, childID).Scan(&known.State, &known.Text); err != nil {
		return false, err
	}
	if told.State == HealthDescribed && known.State == HealthDescribed { // the box was empty: what is known was not shown to be corrected
		return *told != known, AddHealth(tx, childID, guardianID, *told, HealthTextVersion)
	}
	if _, err := tx.Exec(sqlSetHealth, childID, string(told.State), told.Text); err != nil {
		return false, err
	}
	answer := Answer("")
	switch {
	case told.State == HealthDescribed:
		answer = Yes
	case known.State == HealthDescribed:
		answer = No // with the text goes the consent to keep it
	default:
		return *told != known, nil
	}
	_, err := tx.Exec(sqlInsertConsent, childID, guardianID, "health", string(answer), HealthTextVersion, sqlite.Time(tx.Now()))
	return true, err
}

// reviseConsent notes an answer that is another than the last one, or to a text that has changed since; a first answer changes
// nothing that the other guardians must learn of.
func reviseConsent(tx *sqlite.Tx, guardianID, childID int64, purpose string, answer Answer, version string) (bool, error) {
	rows, err := tx.Query(sqlLastConsent, guardianID, childID, purpose)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var last Answer
	var of string
	if rows.Next() {
		if err := rows.Scan(&last, &of); err != nil {
			return false, err
		}
	}
	if err := rows.Err(); err != nil || answer == "" || last == answer && of == version {
		return false, err
	}
	_, err = tx.Exec(sqlInsertConsent, childID, guardianID, purpose, string(answer), version, sqlite.Time(tx.Now()))
	return last != "" && last != answer, err
}

func revisePickups(tx *sqlite.Tx, guardianID, childID int64, names []string) (bool, error) {
	known, err := sqlite.Column[string](tx, sqlTheirPickups, guardianID, childID)
	if err != nil || slices.Equal(known, names) {
		return false, err
	}
	if _, err := tx.Exec(sqlDropTheirPickups, guardianID, childID); err != nil {
		return false, err
	}
	for _, name := range names {
		if _, err := tx.Exec(sqlInsertPickup, childID, guardianID, name); err != nil {
			return false, err
		}
	}
	return true, nil
}

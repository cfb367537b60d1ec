package family

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Completion is what a guardian answers afterwards whose child was let in at the door.
type Completion struct {
	// Guardian holds what is still wanted of the guardian; what is empty stays as it was, and so does a known address.
	Guardian NewGuardian
	// Health is to ask where nothing is to be added to what was said at the door.
	Health        Health
	Image         Answer // empty where it was left open
	LeavesAlone   bool
	PickupPersons []string
}

const (
	sqlCompleteGuardian = `
UPDATE guardians SET name = coalesce(nullif(?2, ''), name), email = iif(email = '', ?3, email), email_folded = iif(email = '', ?4, email_folded),
       emergency_name = coalesce(nullif(?5, ''), emergency_name), emergency_phone = coalesce(nullif(?6, ''), emergency_phone),
       language = coalesce(nullif(?7, ''), language), last_contact_at = ?8
 WHERE id = ?1`
	sqlAddPickup = `
INSERT INTO pickup_persons (child_id, guardian_id, name) SELECT ?1, ?2, ?3
 WHERE NOT EXISTS (SELECT 1 FROM pickup_persons WHERE child_id = ?1 AND guardian_id = ?2 AND name = ?3)`
)

// Complete keeps the answers of a guardian about a child of theirs, with their consents. A question that was left open
// changes nothing that the family said before, and who may pick the child up is added to those it named.
func Complete(tx *sqlite.Tx, guardianID, childID int64, c Completion) error {
	now, g := sqlite.Time(tx.Now()), c.Guardian
	if _, err := tx.Exec(sqlCompleteGuardian, guardianID, g.Name, g.Email, account.FoldEmail(g.Email), g.EmergencyName, g.EmergencyPhone, g.Language, now); err != nil {
		return err
	}
	for _, name := range c.PickupPersons {
		if _, err := tx.Exec(sqlAddPickup, childID, guardianID, name); err != nil {
			return err
		}
	}
	if c.Image != "" {
		if _, err := tx.Exec(sqlInsertConsent, childID, guardianID, "image", string(c.Image), ImageTextVersion, now); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(sqlInsertConsent, childID, guardianID, "leave_alone", string(yesOrNo(c.LeavesAlone)), LeaveAloneTextVersion, now); err != nil {
		return err
	}
	return AddHealth(tx, childID, guardianID, c.Health, HealthTextVersion)
}

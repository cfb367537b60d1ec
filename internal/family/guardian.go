// Package family owns guardians, children, who may pick them up, what the team
// must know of their health, and what guardians have allowed.
package family

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// NewGuardian is an adult responsible for children, as they typed it.
// Name, Email and Phone have passed Name, Email and Phone's rules of this package;
// Email is empty only for a family booked by phone.
type NewGuardian struct {
	Name  string
	Email string
	Phone string
	// EmergencyName and EmergencyPhone are empty when the guardian is the emergency contact.
	EmergencyName  string
	EmergencyPhone string
	Language       string // "fr" or "en"
}

const sqlInsertGuardian = `
INSERT INTO guardians (name, email, email_folded, phone, emergency_name, emergency_phone, language, last_contact_at, created_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)`

// AddGuardian stores a guardian whose mailbox is not proved, and returns the id.
// An address already known changes nothing: the rows meet only in Prove.
func AddGuardian(tx *sqlite.Tx, g NewGuardian) (int64, error) {
	res, err := tx.Exec(sqlInsertGuardian, g.Name, g.Email, account.FoldEmail(g.Email), g.Phone,
		g.EmergencyName, g.EmergencyPhone, g.Language, sqlite.Time(tx.Now()))
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

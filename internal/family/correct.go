package family

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlCorrect     = `UPDATE guardians SET name = ?2, phone = ?3, language = ?4 WHERE id = ?1`
	sqlSetUnproved = `UPDATE guardians SET email = ?2, email_folded = ?3, proved_at = NULL, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?1`
)

// Correct writes how a guardian is reached, as the team heard it from them. With readdressed the address is another one, which nobody has
// proved yet: every sign-in ends, and a change of address that was under way is given up.
func Correct(tx *sqlite.Tx, guardianID int64, g NewGuardian, readdressed bool) error {
	if _, err := tx.Exec(sqlCorrect, guardianID, g.Name, g.Phone, g.Language); err != nil || !readdressed {
		return err
	}
	if _, err := tx.Exec(sqlSetUnproved, guardianID, g.Email, account.FoldEmail(g.Email)); err != nil {
		return err
	}
	_, err := tx.Exec(sqlDropEmailChange, guardianID)
	return err
}

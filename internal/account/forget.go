package account

import (
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// nameless is what stands for somebody who left the team long ago.
const nameless = "–"

const (
	sqlLongGone     = `SELECT id FROM users WHERE disabled_at < ?1 AND name <> ?2 ORDER BY id`
	sqlForgetMember = `
UPDATE users SET name = ?2, email = '', email_folded = '#' || id, phone = '', password_hash = '', honorability_on = NULL, honorability_told_at = NULL,
  sign_in_epoch = sign_in_epoch + 1, feed_version = feed_version + 1 WHERE id = ?1`
	sqlForgetAvailabilities = `DELETE FROM availabilities WHERE user_id = ?`
	sqlForgetAbsences       = `DELETE FROM absences WHERE user_id = ?`
	sqlForgetPasswordLinks  = `DELETE FROM password_links WHERE user_id = ?`
)

// ForgetMembers erases who has not been of the team for as many months as settings.MemberMonths says: the sessions they led
// stay, without a name. It returns how many they were.
func ForgetMembers(tx *sqlite.Tx) (forgotten int, err error) {
	months, err := settings.Get(tx, settings.MemberMonths)
	if err != nil {
		return 0, err
	}
	ids, err := sqlite.Column[int64](tx, sqlLongGone, sqlite.Time(tx.Now().AddDate(0, -months, 0)), nameless)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := tx.Exec(sqlForgetMember, id, nameless); err != nil {
			return 0, err
		}
		for _, statement := range []string{sqlForgetAvailabilities, sqlForgetAbsences, sqlForgetPasswordLinks, sqlDropRecovery, sqlDropFactor} {
			if _, err := tx.Exec(statement, id); err != nil {
				return 0, err
			}
		}
		if err := audit.Add(tx, System().String(), "user.forget", "user:"+strconv.FormatInt(id, 10), nil); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

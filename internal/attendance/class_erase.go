package attendance

import (
	"context"
	"database/sql"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlEraseNames = `UPDATE pupils SET first_name = '' WHERE session_id = ? AND first_name <> ''`

// EraseNames empties the first names of a class list for good, once its certificates are printed. Marks, certificates
// and figures stay. A second time changes nothing. For who leads the session and for staff, from the session's end
// on; before that Conflict "class.error.not_over". NotFound and Forbidden as for a class list.
func (s *Service) EraseNames(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		c, err := class(tx, ForTeam(actor), sessionID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if tx.Now().Before(c.Session.EndsAt) {
				return "", fault.New(fault.Conflict, "class.error.not_over")
			}
			res, err := tx.Exec(sqlEraseNames, sessionID)
			if err != nil {
				return "", err
			}
			return "", noteErased(tx, actor, record("session", sessionID), res)
		})
		return err
	})
}

const sqlForgetPupils = `
UPDATE pupils SET first_name = ''
 WHERE first_name <> '' AND session_id IN (SELECT id FROM sessions WHERE request_id IS NOT NULL AND ends_at < ?)`

// ForgetPupils empties the first names of every class list whose session ended as many days ago as
// settings.PupilNamesDays says, printed or not (RGPD-10). It returns how many.
func ForgetPupils(tx *sqlite.Tx) (erased int, err error) {
	days, err := settings.Get(tx, settings.PupilNamesDays)
	if err != nil {
		return 0, err
	}
	res, err := tx.Exec(sqlForgetPupils, sqlite.Time(tx.Now().AddDate(0, 0, -days)))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, err
	}
	return int(n), noteErased(tx, account.System(), "pupils", res)
}

// noteErased writes the audit line where any name was erased.
func noteErased(tx *sqlite.Tx, actor account.Actor, erased string, res sql.Result) error {
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return err
	}
	return audit.Add(tx, actor.String(), "class.erase", erased, map[string]any{"pupils": n})
}

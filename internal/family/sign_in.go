package family

import (
	"database/sql"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlOfMailbox = `
SELECT k.id, k.email, k.email_folded, k.language, count(*) OVER (), k.proved_at IS NOT NULL
FROM guardians g JOIN guardians k ON k.email_folded = g.email_folded
WHERE g.id = ? AND g.email_folded <> '' ORDER BY k.proved_at IS NULL, k.id DESC LIMIT 1`
	sqlAddMailbox = `
INSERT INTO guardians (name, email, email_folded, phone, language, proved_at, last_contact_at, created_at) VALUES (?1, ?1, ?2, '', ?3, ?4, ?4, ?4)`
	sqlEpoch = `SELECT sign_in_epoch FROM guardians WHERE id = ?`
)

// Enter returns the guardian whose space opens to who reads the mailbox of a guardian: the one who proved the address; else the only one who
// gave it, who has proved it now. Where several gave it and none has proved it, they may be several people: a new guardian without
// children, named by the address, is to say which of them it is (see MergeGuardian).
func Enter(tx *sqlite.Tx, guardianID int64) (id, epoch int64, err error) {
	var email, folded, language string
	var rows int
	var proved bool
	err = tx.QueryRow(sqlOfMailbox, guardianID).Scan(&id, &email, &folded, &language, &rows, &proved)
	switch now := sqlite.Time(tx.Now()); {
	case err != nil:
		return 0, 0, err
	case proved:
		_, err = tx.Exec(sqlTouchGuardian, id, now)
	case rows == 1:
		_, err = Prove(tx, id)
	default:
		var res sql.Result
		if res, err = tx.Exec(sqlAddMailbox, email, folded, language, now); err == nil {
			id, err = res.LastInsertId()
		}
	}
	if err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(sqlEpoch, id).Scan(&epoch)
	return id, epoch, err
}

const sqlSignOutEverywhere = `UPDATE guardians SET sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

// SignOutEverywhere ends every sign-in of a guardian.
func SignOutEverywhere(tx *sqlite.Tx, guardianID int64) error {
	_, err := tx.Exec(sqlSignOutEverywhere, guardianID)
	return err
}

// Stranger is a guardian who gave the address of another one, and has not proved that it is theirs.
type Stranger struct {
	ID      int64
	Name    string
	Pickups []string
	Health  bool // something was described
}

const (
	sqlStrangers = `
SELECT s.id, s.name, EXISTS (SELECT 1 FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = s.id AND c.health_state = 'described')
FROM guardians g JOIN guardians s ON s.email_folded = g.email_folded AND s.proved_at IS NULL
WHERE g.id = ? AND g.proved_at IS NOT NULL AND g.email_folded <> '' ORDER BY s.id`
	sqlPickupsOf = `SELECT DISTINCT name FROM pickup_persons WHERE guardian_id = ? ORDER BY id`
)

// Strangers are those who gave the address of a guardian who proved it.
func Strangers(tx *sqlite.Tx, guardianID int64) ([]Stranger, error) {
	rows, err := tx.Query(sqlStrangers, guardianID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Stranger
	for rows.Next() {
		var s Stranger
		if err := rows.Scan(&s.ID, &s.Name, &s.Health); err != nil {
			return nil, err
		}
		list = append(list, s)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for i := range list {
		if list[i].Pickups, err = sqlite.Column[string](tx, sqlPickupsOf, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

const sqlDisown = `UPDATE guardians SET email = '', email_folded = '' WHERE id = ? AND proved_at IS NULL`

// Disown takes an address from a guardian who has not proved it, because who reads it said that they do not know them. The team reaches
// that family by phone, as one without e-mail.
func Disown(tx *sqlite.Tx, guardianID int64) error {
	_, err := tx.Exec(sqlDisown, guardianID)
	return err
}

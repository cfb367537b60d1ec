package family

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Barred is somebody whom a child must not leave with (domain, On the day 3). It is for the team: no guardian sees it.
type Barred struct {
	ID      int64
	ChildID int64
	Name    string
	Note    string // why, and who said so; for staff
	SetBy   string // by name
	SetAt   time.Time
}

const sqlBarred = `
SELECT b.id, b.child_id, b.name, b.note, u.name, b.set_at FROM barred_persons b JOIN users u ON u.id = b.set_by
WHERE b.child_id = ? AND b.lifted_at IS NULL ORDER BY b.id`

// BarredFor returns whom a child must not leave with now.
func BarredFor(tx *sqlite.Tx, childID int64) ([]Barred, error) {
	rows, err := tx.Query(sqlBarred, childID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Barred
	for rows.Next() {
		var b Barred
		var at string
		if err := rows.Scan(&b.ID, &b.ChildID, &b.Name, &b.Note, &b.SetBy, &at); err != nil {
			return nil, err
		}
		if b.SetAt, err = sqlite.ParseTime(at); err != nil {
			return nil, err
		}
		list = append(list, b)
	}
	return list, rows.Err()
}

const sqlBar = `INSERT INTO barred_persons (child_id, name, note, set_by, set_at) VALUES (?, ?, ?, ?, ?)`

// Bar adds somebody whom a child must not leave with, on the word of the user setBy. The name has passed ParseName.
func Bar(tx *sqlite.Tx, childID int64, name, note string, setBy int64) error {
	_, err := tx.Exec(sqlBar, childID, name, note, setBy, sqlite.Time(tx.Now()))
	return err
}

const sqlLiftBar = `UPDATE barred_persons SET lifted_by = ?3, lifted_at = ?4 WHERE id = ?1 AND child_id = ?2 AND lifted_at IS NULL`

// LiftBar ends a bar of a child; one that is lifted already, or of another child, changes nothing.
func LiftBar(tx *sqlite.Tx, id, childID, liftedBy int64) error {
	_, err := tx.Exec(sqlLiftBar, id, childID, liftedBy, sqlite.Time(tx.Now()))
	return err
}

package message

import (
	"encoding/json"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Audience is which families of a session are meant.
type Audience string

// The audiences. A seat under offer is still waited for.
const (
	Confirmed Audience = "confirmed"
	Waiting   Audience = "waiting"
	All       Audience = "all"
)

// Audiences lists them in the order in which a page does.
func Audiences() []Audience { return []Audience{Confirmed, Waiting, All} }

// mostSessions is how many sessions one mailing may be about: a whole term.
const mostSessions = 60

// Contact is a family that no mail reaches.
type Contact struct{ Name, Phone string }

// family is one family of an audience: everybody with the same address is one, and gets one mail.
type family struct {
	guardianID                   int64
	name, email, phone, language string
	children                     []string
	sessions                     []int64
}

// Whoever was erased has no name. Proved guardians come first, so that a family is called as it calls itself.
const sqlFamilies = `
SELECT g.id, g.name, g.email, g.email_folded, g.phone, g.language, c.first_name, b.session_id
FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
JOIN children c ON c.id = b.child_id JOIN sessions s ON s.id = b.session_id
WHERE b.session_id IN (SELECT value FROM json_each(?1)) AND g.name <> ''
  AND (?2 <> 'waiting' AND b.status = 'confirmed' OR ?2 <> 'confirmed' AND b.status IN ('waiting', 'offered'))
ORDER BY g.proved_at IS NULL, g.id, s.starts_at, s.id, b.id`

// families returns who is meant, each once, in the order in which they first came.
func families(tx *sqlite.Tx, sessions []int64, audience Audience) ([]family, error) {
	ids, err := json.Marshal(sessions)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlFamilies, string(ids), string(audience))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []family
	at := map[string]int{} // by folded address
	for rows.Next() {
		var f family
		var folded, child string
		var session int64
		if err := rows.Scan(&f.guardianID, &f.name, &f.email, &folded, &f.phone, &f.language, &child, &session); err != nil {
			return nil, err
		}
		if folded == "" {
			folded = record("guardian", f.guardianID) // without an address nobody is told to be the same
		}
		i, known := at[folded]
		if !known {
			i, at[folded] = len(all), len(all)
			all = append(all, f)
		}
		if !slices.Contains(all[i].children, child) {
			all[i].children = append(all[i].children, child)
		}
		if !slices.Contains(all[i].sessions, session) {
			all[i].sessions = append(all[i].sessions, session)
		}
	}
	return all, rows.Err()
}

// told returns what mails say of sessions, by id. NotFound for one that is not there; a private session has no families,
// and a draft is nobody's to know yet.
func told(tx *sqlite.Tx, sessions []int64) (map[int64]outbox.Session, error) {
	all := map[int64]outbox.Session{}
	for _, id := range sessions {
		s, err := catalog.SessionTx(tx, id)
		if err != nil {
			return nil, err
		}
		if s.Private() || s.Status == catalog.Draft {
			return nil, fault.New(fault.NotFound, "error.not_found")
		}
		all[id] = s.Told()
	}
	return all, nil
}

// letter is what the mail to a family holds.
func (f family) letter(text Text, sessions map[int64]outbox.Session) outbox.TeamLetter {
	l := outbox.TeamLetter{Guardian: f.name, Children: f.children, Subject: text.Subject, Body: text.Body}
	for _, id := range f.sessions {
		l.Sessions = append(l.Sessions, sessions[id])
	}
	return l
}

package attendance

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// thankWithin is how long after a session its families are thanked: later it would be odd.
const thankWithin = 7 * 24 * time.Hour

// A booking of the guardian signs the link to the family's passport, as in sqlGuardiansOf.
const sqlToThank = `
SELECT g.id, g.name, g.email, g.language, c.first_name, coalesce(r.reference, ''), coalesce(r.link_version, 0), coalesce(x.code, ''), coalesce(x.minutes, 0)
  FROM bookings b
  JOIN children c ON c.id = b.child_id
  JOIN guardianships h ON h.child_id = c.id
  JOIN guardians g ON g.id = h.guardian_id
  LEFT JOIN participants p ON p.booking_id = b.id
  LEFT JOIN certificates x ON x.participant_id = p.id AND x.series_id IS NULL AND x.revoked_at IS NULL
  LEFT JOIN booking_groups r ON r.id = (SELECT max(id) FROM booking_groups o WHERE o.guardian_id = g.id)
 WHERE b.id = ? AND c.first_name <> '' AND g.name <> '' AND g.email <> ''
 ORDER BY g.id`

// Thank thanks the families of the children who came to a session that is closed for the first time: one message for each
// guardian with an e-mail, about their own children, with the certificates that there are and the way to what was done. Who has
// got the certificates of all their children already was thanked by that message. Where the session was over when the database was restored,
// nobody is: it may have been closed since the copy was made, and its families thanked then (REL-14). It returns how many messages it added.
func Thank(tx *sqlite.Tx, r Roster) (messages int, err error) {
	if tx.Now().After(r.Session.EndsAt.Add(thankWithin)) {
		return 0, nil
	}
	restored, err := tabletsSince(tx)
	if err != nil || r.Session.EndsAt.Before(restored) {
		return 0, err
	}
	var letters []*letter
	byGuardian := map[int64]*letter{}
	for _, child := range r.Children {
		if !child.State.Action.Came() {
			continue
		}
		to, err := toThank(tx, child.BookingID)
		if err != nil {
			return 0, err
		}
		for _, l := range to {
			if first := byGuardian[l.GuardianID]; first != nil {
				first.told.Children = append(first.told.Children, l.told.Children...)
				continue
			}
			l.told.Session = r.Session.Told()
			byGuardian[l.GuardianID] = l
			letters = append(letters, l)
		}
	}
	for _, l := range letters {
		if !l.misses() {
			continue
		}
		l.Kind, l.Payload = outbox.SessionThanked, l.told
		if err := outbox.Add(tx, l.Message); err != nil {
			return 0, err
		}
		messages++
	}
	return messages, nil
}

// misses reports whether a child of the letter has no certificate yet.
func (l *letter) misses() bool {
	for _, child := range l.told.Children {
		if child.Code == "" {
			return true
		}
	}
	return false
}

func toThank(tx *sqlite.Tx, bookingID int64) ([]*letter, error) {
	rows, err := tx.Query(sqlToThank, bookingID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*letter
	for rows.Next() {
		l := &letter{}
		var child outbox.CertifiedChild
		if err := rows.Scan(&l.GuardianID, &l.told.Guardian, &l.To, &l.Language, &child.FirstName, &l.told.Reference, &l.told.LinkVersion,
			&child.Code, &child.Minutes); err != nil {
			return nil, err
		}
		l.told.Children = []outbox.CertifiedChild{child}
		list = append(list, l)
	}
	return list, rows.Err()
}

package attendance

import (
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// awarded is a certificate that was just given.
type awarded struct {
	award
	code string
}

// letter is what one guardian is told.
type letter struct {
	outbox.Message
	told outbox.Certified
}

// tellFamilies adds one message for each guardian with an e-mail, about their own children alone (I9). The pupils of a class
// have no guardian here.
func tellFamilies(tx *sqlite.Tx, session catalog.Session, given []awarded) error {
	var letters []*letter
	byGuardian := map[int64]*letter{}
	for _, a := range given {
		to, err := guardiansOf(tx, a)
		if err != nil {
			return err
		}
		for _, l := range to {
			if first := byGuardian[l.GuardianID]; first != nil {
				first.told.Children = append(first.told.Children, l.told.Children...)
				continue
			}
			l.told.Series, l.told.Session = a.series.Title, session.Told()
			byGuardian[l.GuardianID] = l
			letters = append(letters, l)
		}
	}
	for _, l := range letters {
		l.Kind, l.Payload = outbox.CertificatesIssued, l.told
		if err := outbox.Add(tx, l.Message); err != nil {
			return err
		}
	}
	return nil
}

// A booking of the guardian signs the link to the family's passport; a guardian who never booked has none.
const sqlGuardiansOf = `
SELECT g.id, g.name, g.email, g.language, c.first_name, coalesce(r.reference, ''), coalesce(r.link_version, 0)
  FROM participants p
  JOIN bookings b ON b.id = p.booking_id
  JOIN children c ON c.id = b.child_id
  JOIN guardianships x ON x.child_id = c.id
  JOIN guardians g ON g.id = x.guardian_id
  LEFT JOIN booking_groups r ON r.id = (SELECT max(id) FROM booking_groups o WHERE o.guardian_id = g.id)
 WHERE p.id = ? AND g.name <> '' AND g.email <> ''
 ORDER BY g.id`

// guardiansOf returns the guardians of a child with an e-mail, and what each is told of the child.
func guardiansOf(tx *sqlite.Tx, a awarded) ([]*letter, error) {
	rows, err := tx.Query(sqlGuardiansOf, a.participant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*letter
	for rows.Next() {
		l := &letter{}
		child := outbox.CertifiedChild{Code: a.code, Minutes: a.minutes}
		if err := rows.Scan(&l.GuardianID, &l.told.Guardian, &l.To, &l.Language, &child.FirstName, &l.told.Reference,
			&l.told.LinkVersion); err != nil {
			return nil, err
		}
		l.told.Children = []outbox.CertifiedChild{child}
		list = append(list, l)
	}
	return list, rows.Err()
}

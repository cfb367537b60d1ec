package attendance

import (
	"encoding/json"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// What a guest wrote hangs on the booking's own child and guardian until the mailbox is proved, so
// it shows on this booking's register and nowhere else (domain, Family data 6).
const sqlCare = `
SELECT b.id, c.health_state, c.health_text, g.name, g.phone, g.emergency_name, g.emergency_phone,
       (SELECT json_group_array(json_object('Name', o.name, 'Phone', o.phone)) FROM (
            SELECT o.name, o.phone FROM guardianships x JOIN guardians o ON o.id = x.guardian_id
             WHERE x.child_id = c.id AND o.id <> g.id AND o.name <> '' ORDER BY o.id) AS o),
       (SELECT json_group_array(name) FROM (
            SELECT name, min(id) FROM pickup_persons WHERE child_id = c.id GROUP BY name ORDER BY min(id))),
       (SELECT json_group_array(answer) FROM (
            SELECT iif(answer = 'yes' AND text_version <> ?2, 'later', answer) AS answer, row_number() OVER (PARTITION BY guardian_id ORDER BY given_at DESC, id DESC) AS nth
              FROM consents WHERE child_id = c.id AND purpose = 'leave_alone') WHERE nth = 1),
       (SELECT json_group_array(purpose) FROM (
            SELECT purpose FROM (
                SELECT purpose, answer = 'yes' AND text_version = ?3 AS agreed, row_number() OVER (PARTITION BY guardian_id, purpose ORDER BY given_at DESC, id DESC) AS nth
                  FROM consents WHERE child_id = c.id AND purpose IN ('image_site', 'image_social', 'image_press', 'image_print'))
             WHERE nth = 1 GROUP BY purpose HAVING min(agreed) = 1)),
       (SELECT json_group_array(name) FROM (SELECT name FROM barred_persons WHERE child_id = c.id AND lifted_at IS NULL ORDER BY id))
  FROM bookings b
  JOIN booking_groups bg ON bg.id = b.group_id
  JOIN guardians g ON g.id = bg.guardian_id
  JOIN children c ON c.id = b.child_id
 WHERE b.session_id = ?1`

// careBySeat reads what the team must know of the children of a session, by booking.
func careBySeat(tx *sqlite.Tx, sessionID int64) (map[int64]Care, error) {
	rows, err := tx.Query(sqlCare, sessionID, family.LeaveAloneTextVersion, family.MediaTextVersion)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	cares := map[int64]Care{}
	for rows.Next() {
		var booking int64
		var c Care
		var first Contact
		var others, pickUp, alone, media, barred string
		if err := rows.Scan(&booking, &c.Health.State, &c.Health.Text, &first.Name, &first.Phone,
			&c.Emergency.Name, &c.Emergency.Phone, &others, &pickUp, &alone, &media, &barred); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(others), &c.Guardians); err != nil {
			return nil, err
		}
		if first.Name != "" { // erased, while the child stays with another guardian
			c.Guardians = slices.Insert(c.Guardians, 0, first)
		}
		if err := json.Unmarshal([]byte(pickUp), &c.PickUp); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(media), &c.Media); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(barred), &c.Barred); err != nil {
			return nil, err
		}
		answers, err := parseAnswers(alone)
		if err != nil {
			return nil, err
		}
		c.LeavesAlone = mayLeaveAlone(answers)
		c.PickUp = slices.DeleteFunc(c.PickUp, c.IsBarred) // whatever the family wrote
		cares[booking] = c
	}
	return cares, rows.Err()
}

// mayLeaveAlone needs a guardian who allows it and none who refuses.
func mayLeaveAlone(answers []family.Answer) bool {
	return slices.Contains(answers, family.Yes) && !slices.Contains(answers, family.No)
}

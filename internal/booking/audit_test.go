package booking

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// reply is what one POST of a form was answered.
type reply struct {
	reference string
	err       error
}

// sqlBreaches names every invariant of the bookings that the database breaks: "invariant: how often".
// Each address of a test books one family in one session with one form.
const sqlBreaches = `
WITH live AS (SELECT * FROM bookings WHERE status IN ('waiting', 'offered', 'confirmed')),
told (reference, n) AS (
    SELECT reference, count(*) FROM (
        SELECT payload ->> '$.reference' AS reference FROM outbox WHERE kind <> 'booking_repeated'
        UNION ALL SELECT other.value ->> '$.reference' FROM outbox, json_each(payload, '$.others') AS other) GROUP BY 1),
noted (reference, n) AS (
    SELECT details ->> '$.reference', count(*) FROM audit
    WHERE action IN ('booking.book', 'booking.accept', 'booking.decline', 'booking.cancel', 'booking.move', 'booking.offer', 'booking.give', 'booking.expire_offer') GROUP BY 1),
found (what, n) AS (
    SELECT 'I1 sold too often', count(*) FROM sessions s
    WHERE (SELECT count(*) FROM live b WHERE b.session_id = s.id AND b.status <> 'waiting' AND b.override_by IS NULL) > s.capacity
  UNION ALL
    SELECT 'I3 one child twice in a session', count(*) FROM (
        SELECT 1 FROM live b JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id JOIN children c ON c.id = b.child_id
        GROUP BY b.session_id, g.email_folded, c.name_folded, c.birth_date HAVING count(*) > 1)
  UNION ALL
    SELECT 'I4 two bookings from one form', count(*) FROM (
        SELECT 1 FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id WHERE bg.moved_id IS NULL GROUP BY bg.session_id, g.email_folded HAVING count(*) > 1)
  UNION ALL
    SELECT 'I6 a booking without its audit line', count(*) FROM booking_groups bg
    WHERE NOT EXISTS (SELECT 1 FROM audit WHERE action = iif(bg.moved_id IS NULL, 'booking.book', 'booking.cancel_move') AND details ->> '$.reference' = bg.reference)
  UNION ALL
    SELECT 'I6 a booking without children', count(*) FROM booking_groups bg WHERE NOT EXISTS (SELECT 1 FROM bookings WHERE group_id = bg.id)
  UNION ALL
    SELECT 'I7 a newcomer before who waits', count(DISTINCT c.id) FROM live c JOIN live w ON w.session_id = c.session_id AND w.id < c.id
    WHERE c.status = 'confirmed' AND w.status = 'waiting' AND NOT EXISTS (SELECT 1 FROM offers WHERE booking_id = c.id)
      AND NOT EXISTS (SELECT 1 FROM booking_groups WHERE session_id = c.session_id AND seating = 'together')
  UNION ALL
    SELECT 'I8 accepted or cancelled more than once', count(*) FROM bookings b JOIN booking_groups bg ON bg.id = b.group_id
    WHERE coalesce(bg.moved_id, bg.id) NOT IN (SELECT moved_id FROM booking_groups WHERE moved_id IS NOT NULL) AND ical_sequence <>
        (status = 'cancelled') + (SELECT count(*) FROM offers WHERE booking_id = b.id AND outcome IN ('accepted', 'given'))
  UNION ALL
    SELECT 'I9 changes and messages differ', count(*) FROM booking_groups bg
    LEFT JOIN told ON told.reference = bg.reference LEFT JOIN noted ON noted.reference = bg.reference WHERE told.n IS NOT noted.n
  UNION ALL
    SELECT 'an offer without its child, or a child without offer', count(*) FROM bookings b
    WHERE (b.status = 'offered') <> EXISTS (SELECT 1 FROM offers WHERE booking_id = b.id AND outcome IS NULL))
SELECT what || ': ' || n FROM found WHERE n > 0`

// breaches is the auditor: what is wrong in the database, and with the replies, one list per form.
func (h *house) breaches(replies [][]reply) []string {
	h.t.Helper()
	wrong, err := h.db.Integrity(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	h.read(func(tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlBreaches)
		if err != nil {
			return err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			wrong = append(wrong, s)
		}
		return rows.Err()
	})
	wrong = append(append(wrong, h.unsold()...), h.toldOfNothing()...)
	for _, form := range replies {
		var references []string
		for _, r := range form {
			if r.err == nil {
				references = append(references, r.reference)
			}
		}
		slices.Sort(references)
		switch references = slices.Compact(references); {
		case len(references) > 1:
			wrong = append(wrong, "I4 one form, several answers: "+strings.Join(references, " "))
		case len(references) == 1 && h.count(`SELECT count(*) FROM booking_groups WHERE reference = ?`, references[0]) != 1:
			wrong = append(wrong, "I5 acknowledged, but not there: "+references[0])
		}
	}
	return wrong
}

// unsold is I2: a seat that a waiting family can use, wherever an offer may still be made, is under offer; and I1 of the seats that
// are kept for a partner.
func (h *house) unsold() (wrong []string) {
	h.t.Helper()
	err := h.db.Read(h.t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		var sessions int64
		if err := tx.QueryRow(`SELECT coalesce(max(id), 0) FROM sessions`).Scan(&sessions); err != nil {
			return err
		}
		for id := range sessions {
			s, err := loadSession(tx, id+1)
			if err != nil {
				return err
			}
			list, err := queue(tx, s.ID)
			if err != nil {
				return err
			}
			if _, ok := s.Deadline(tx.Now()); ok && len(allot(s.free(), list, nil)) > 0 {
				wrong = append(wrong, fmt.Sprintf("I2 session %d: %d seats free while %d children wait", s.ID, s.free(), s.Waiting))
			}
			if s.Held > 0 && s.free() < 0 {
				wrong = append(wrong, fmt.Sprintf("I1 session %d: %d seats are taken and %d kept for a partner, of %d", s.ID, s.Taken, s.Held, s.Capacity))
			}
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return wrong
}

package upkeep

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlOversold = `
SELECT 'session:' || s.id, count(b.id) || ' seats are taken without an override, of ' || s.capacity
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status IN ('confirmed', 'offered') AND b.override_by IS NULL
GROUP BY s.id HAVING count(*) > s.capacity
UNION ALL
SELECT 'session:' || id, taken || ' seats are taken without an override and ' || held || ' are kept for a partner, of ' || capacity FROM (
  SELECT s.id, s.capacity, count(*) FILTER (WHERE b.override_by IS NULL) AS taken,
         s.reserved_seats - count(*) FILTER (WHERE b.reserved = 1 AND b.status = 'confirmed') AS held
  FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status IN ('confirmed', 'offered')
  WHERE s.reserved_until > ?1 GROUP BY s.id)
WHERE taken <= capacity AND held > 0 AND taken + held > capacity`

// I1: no session has more seats taken, or kept for a partner, than it has, but by a named override.
func seatsTaken(v *verification) error { return v.each("I1", sqlOversold, v.daysAgo(0)) }

const sqlOffersAndSeats = `
SELECT 'booking:' || b.id, 'its state is ' || b.status || ', and it has ' || iif(o.id IS NULL, 'no live offer', 'a live offer')
FROM bookings b LEFT JOIN offers o ON o.booking_id = b.id AND o.outcome IS NULL
WHERE (b.status = 'offered') <> (o.id IS NOT NULL)`

// I1: a seat is kept for somebody if and only if they have a live offer.
func offersAndSeats(v *verification) error { return v.each("I1", sqlOffersAndSeats) }

const sqlFreeAndWaitedFor = `
SELECT s.id FROM sessions s
WHERE s.status = 'published' AND s.starts_at > ?
  AND EXISTS (SELECT 1 FROM bookings w WHERE w.session_id = s.id AND w.status = 'waiting')
  AND s.capacity > (SELECT count(*) FROM bookings t WHERE t.session_id = s.id AND t.status IN ('confirmed', 'offered'))`

// I2: a free seat that a waiting family can use is under offer, wherever the rule of deadlines
// still allows one. (Once it does not, it never will again, but by other settings: the wait for it would only get shorter.)
func freeSeats(v *verification) error {
	rows, err := v.tx.Query(sqlFreeAndWaitedFor, v.daysAgo(0))
	if err != nil {
		return err
	}
	defer rows.Close()
	var sessions []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		sessions = append(sessions, id)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	hours, err := booking.OfferHours(v.tx)
	if err != nil {
		return err
	}
	changed, err := hoursChanged(v)
	if err != nil {
		return err
	}
	for _, id := range sessions {
		s, err := catalog.SessionTx(v.tx, id)
		if err != nil {
			return err
		}
		// Seats that nobody who waits can use are open to everybody; the others are not.
		if _, ok := hours.Deadline(v.present, s.StartsAt); ok && s.PlacesOpen == 0 && s.Capacity-s.Reserved.HeldAt(v.present) > s.Taken && !changed {
			just, err := v.justReleased(s)
			if err != nil {
				return err
			}
			if just {
				continue
			}
			v.add("I2", record("session", id), "%d of %d seats are free, %d children wait, and a family that could use one has no offer",
				s.Capacity-s.Held-s.Taken, s.Capacity, s.Waiting)
		}
	}
	return nil
}

// A restore itself changes the database in the minutes before mails are paused.
const sqlMailsLeave = `
SELECT coalesce((SELECT max(at) FROM audit WHERE action = 'outbox.resume'), ''), EXISTS (SELECT 1 FROM outbox_pause),
       coalesce((SELECT max(a.at) FROM audit a, outbox_pause p WHERE unixepoch(a.at) < unixepoch(p.since) - 600), '')`

// justSince reports whether nobody could offer yet what may be offered since an instant. The timers do within a minute, but not while mails are paused after a
// restore, nor while no program runs. When one began the database does not show, but what was done in it last, before the restore: a copy from before the instant,
// verified afterwards, has had no minute.
func (v *verification) justSince(at time.Time) (bool, error) {
	var paused bool
	var resumed, before string
	if err := v.tx.QueryRow(sqlMailsLeave).Scan(&resumed, &paused, &before); err != nil {
		return false, err
	}
	if paused {
		acted, err := sqlite.ParseTime(before)
		return err != nil || acted.Sub(at) < time.Minute, nil //nolint:nilerr // an instant that cannot be read is a breach of its own, see instants
	}
	since := at
	if back, err := sqlite.ParseTime(resumed); err == nil && back.After(since) {
		since = back
	}
	return v.present.Sub(since) < time.Minute || v.changed.Sub(since) < time.Minute, nil
}

// justReleased reports whether seats of a session joined the others and nobody could offer them yet.
func (v *verification) justReleased(s catalog.Session) (bool, error) {
	if s.Reserved.Seats == 0 || v.present.Before(s.Reserved.Until) {
		return false, nil
	}
	return v.justSince(s.Reserved.Until)
}

const sqlHoursChanged = `SELECT coalesce(max(at), '') FROM audit WHERE action = 'settings.set' AND record GLOB 'setting:offer_*'`

// hoursChanged reports whether the hours of offers changed and nobody could offer yet what they allow.
func hoursChanged(v *verification) (bool, error) {
	var at string
	if err := v.tx.QueryRow(sqlHoursChanged).Scan(&at); err != nil || at == "" {
		return false, err
	}
	changed, err := sqlite.ParseTime(at)
	if err != nil {
		return false, nil //nolint:nilerr // a breach of its own, see instants
	}
	return v.justSince(changed)
}

const sqlChildTwice = `
SELECT 'session:' || session_id, count(*) || ' live bookings of child ' || child_id FROM bookings
WHERE status IN ('waiting', 'offered', 'confirmed') GROUP BY session_id, child_id HAVING count(*) > 1
UNION ALL
SELECT 'session:' || session_id, count(*) || ' live bookings of the child of booking ' || min(id) || ', unproved' FROM bookings
WHERE status IN ('waiting', 'offered', 'confirmed') AND guest_key IS NOT NULL GROUP BY session_id, guest_key HAVING count(*) > 1`

// I3: a child has at most one live booking in a session.
func childTwice(v *verification) error { return v.each("I3", sqlChildTwice) }

// A waiting child was there first: a later id took a seat that an earlier one could have used. The written exceptions
// (domain, Waiting list 4 and 5): families that wanted their seats together when that one went, those that left an offer or
// a call about a free seat unanswered, be it for a sibling, and those whose offer a moved session took back. What the team
// gives is either against the order and then an override, or there were seats for who came before as well. What is kept for a
// partner was never the list's. What is noted of a child who was there, once the session is over, takes no seat from anybody.
const sqlOvertaken = `
WITH wished AS (
  SELECT details ->> '$.reference' AS reference, max(at) AS at FROM audit WHERE action = 'booking.wishes' GROUP BY 1)
SELECT 'booking:' || w.id, 'waits for session ' || w.session_id || ', and booking ' || min(b.id) || ', which came later, has a seat'
FROM bookings w
JOIN booking_groups g ON g.id = w.group_id AND g.seating = 'any'
JOIN bookings b ON b.session_id = w.session_id AND b.id > w.id AND b.group_id <> w.group_id
  AND b.status IN ('offered', 'confirmed') AND b.override_by IS NULL AND b.reserved = 0
JOIN sessions s ON s.id = b.session_id AND b.updated_at < s.ends_at
LEFT JOIN wished ON wished.reference = g.reference
WHERE w.status = 'waiting'
  AND coalesce(wished.at, '') < coalesce((SELECT max(o.made_at) FROM offers o WHERE o.booking_id = b.id), b.created_at)
  AND NOT EXISTS (
    SELECT 1 FROM bookings k JOIN offers o ON o.booking_id = k.id WHERE k.group_id = w.group_id AND o.outcome IN ('expired', 'withdrawn'))
  AND NOT EXISTS (
    SELECT 1 FROM calls c WHERE c.group_id = w.group_id AND c.outcome = 'no_answer' AND c.subject = 'group:' || w.group_id)
  AND NOT EXISTS (SELECT 1 FROM offers o WHERE o.booking_id = b.id AND o.made_by IS NOT NULL
    AND (o.outcome IS NULL OR o.outcome IN ('accepted', 'given')))
GROUP BY w.id`

// I7: nobody overtakes but by the written exceptions. Ranks themselves are counted, never stored.
func overtaking(v *verification) error { return v.each("I7", sqlOvertaken) }

const sqlTornApart = `
SELECT 'booking_group:' || g.id, 'it waits for its seats together, and has an offer for ' || count(DISTINCT o.id) || ' while ' || count(DISTINCT w.id) || ' still wait'
FROM booking_groups g
JOIN bookings o ON o.group_id = g.id AND o.status = 'offered' AND o.override_by IS NULL
JOIN bookings w ON w.group_id = g.id AND w.status = 'waiting'
WHERE g.seating = 'together' GROUP BY g.id`

// I7: who waits for seats together is offered all or none, unless the team had a reason.
func tornApart(v *verification) error { return v.each("I7", sqlTornApart) }

const sqlUnansweredOffers = `
SELECT 'booking:' || b.id, 'it counts ' || b.unanswered_offers || ' unanswered offers of '
  || (SELECT count(*) FROM offers o WHERE o.booking_id = b.id AND o.outcome = 'expired') || ', and its state is ' || b.status
FROM bookings b
WHERE b.unanswered_offers <> (SELECT count(*) FROM offers o WHERE o.booking_id = b.id AND o.outcome = 'expired')
   OR b.unanswered_offers >= 2 AND b.status IN ('waiting', 'offered')`

// I7: a place on the list outlives one unanswered offer and ends with the second.
func unansweredOffers(v *verification) error { return v.each("I7", sqlUnansweredOffers) }

package booking

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// CallAbout is why a family is called.
type CallAbout string

// What families are called about. A matter ends with what comes of the call, or by itself: nobody has to tick it off.
const (
	// CallSeat: a seat is free and too little time is left for a mail (domain, Waiting list 2).
	CallSeat CallAbout = "seat"
	// CallOffer: a seat is offered, and no mail says so: there is no address, or it did not arrive.
	CallOffer CallAbout = "offer"
	// CallUnanswered: an offer was left unanswered. Once for each.
	CallUnanswered CallAbout = "unanswered"
	// CallMail: another mail about a session to come did not arrive.
	CallMail CallAbout = "mail"
	// CallCancelled, CallMoved, CallGiven: what a mail would have told a family that has no address.
	CallCancelled CallAbout = "cancelled"
	CallMoved     CallAbout = "moved"
	CallGiven     CallAbout = "given"
	// CallDisowned: who reads the mails said that they did not make this booking: its address was wrong.
	CallDisowned CallAbout = "disowned"
	// CallReminder: no answer to « toujours partants ? », and the session is within a day.
	CallReminder CallAbout = "reminder"
	// CallNotArrived: the session goes on, and a child with a seat has not come (domain, On the day 3).
	CallNotArrived CallAbout = "not_arrived"
)

// Call is a family to call.
type Call struct {
	// Subject names the matter in RecordCall: 'offer:12', 'mail:7', 'mail:7:1' for the second booking that mail 7 told of, 'group:3'.
	Subject   string
	About     CallAbout
	Reference string
	Guardian  Contact
	Children  []string // first names of those it is about
	Session   Session
	// Since is when the matter came up; of CallSeat, since when they have waited.
	Since time.Time
	// Until is the deadline of CallOffer, else zero.
	Until time.Time
	// OffList tells, of CallUnanswered, that it was the second offer: they wait no longer.
	OffList bool
	// Kind is what the message of CallMail was about, as the outbox names it.
	Kind string
	// SilentAt is when they were called last and did not answer; zero before.
	SilentAt time.Time

	// Bookings are those that it is about; nil for all of the booking.
	Bookings []int64

	groupID int64
}

// urgent is the instant by which the call should have been made.
func (c Call) urgent() time.Time {
	if !c.Until.IsZero() {
		return c.Until
	}
	return c.Session.StartsAt
}

// Calls returns whom the team should call, the most urgent first, and last those who were called already and did not
// answer. It is derived from how things stand; only what came of calls is kept. Forbidden to all but staff.
func (s *Service) Calls(ctx context.Context, actor account.Actor) (list []Call, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		list, err = calls(tx)
		return err
	})
	return list, err
}

// matters find the families to call; of two matters of one family about a seat the first one counts.
var matters = []func(*sqlite.Tx) ([]Call, error){
	seatsToCall, offersToCall, unansweredToCall, mailsToCall, cancelledToCall, movedToCall, givenToCall, disownedToCall, remindersToCall, notArrivedToCall,
}

// calls returns the calls to make.
func calls(tx *sqlite.Tx) (list []Call, err error) {
	aboutSeat := map[int64]bool{}
	for _, find := range matters {
		found, err := find(tx)
		if err != nil {
			return nil, err
		}
		for _, c := range found {
			if c.About == CallUnanswered && aboutSeat[c.groupID] {
				continue
			}
			done, err := c.complete(tx)
			if err != nil {
				return nil, err
			}
			if done {
				continue
			}
			if c.About == CallSeat || c.About == CallOffer {
				aboutSeat[c.groupID] = true
			}
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Call) int {
		if a.SilentAt.IsZero() == b.SilentAt.IsZero() {
			return a.urgent().Compare(b.urgent())
		}
		return a.SilentAt.Compare(b.SilentAt)
	})
	return list, nil
}

const (
	sqlPhone   = `SELECT g.phone FROM booking_groups bg JOIN guardians g ON g.id = bg.guardian_id WHERE bg.id = ?`
	sqlCallsOf = `SELECT outcome, at FROM calls WHERE group_id = ? AND subject = ? ORDER BY id`
)

// complete reads who it is about, and what came of earlier calls. done is true when nothing is left to call about: it was
// told, or the family was erased.
func (c *Call) complete(tx *sqlite.Tx) (done bool, err error) {
	v, err := viewGroup(tx, c.groupID)
	if err != nil || v.GuardianName == "" {
		return true, err
	}
	c.Reference, c.Session = v.Reference, v.Session
	c.Guardian = Contact{Name: v.GuardianName, Email: v.GuardianEmail}
	if err := tx.QueryRow(sqlPhone, c.groupID).Scan(&c.Guardian.Phone); err != nil {
		return false, err
	}
	for _, child := range v.Children {
		if c.Bookings == nil && c.concerns(child) || slices.Contains(c.Bookings, child.BookingID) {
			c.Children = append(c.Children, child.FirstName)
		}
	}
	zone := v.Session.StartsAt.Location()
	c.Since = c.Since.In(zone)
	if !c.Until.IsZero() {
		c.Until = c.Until.In(zone)
	}
	rows, err := tx.Query(sqlCallsOf, c.groupID, c.Subject)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	for rows.Next() {
		var outcome, text string
		if err := rows.Scan(&outcome, &text); err != nil {
			return false, err
		}
		at, err := instant(text, zone)
		if err != nil {
			return false, err
		}
		switch {
		case at.Before(c.Since.Truncate(time.Second)): // about something else then
		case c.About == CallUnanswered, outcome == "told":
			return true, rows.Err()
		case c.About == CallNotArrived && outcome == "accepted" && tx.Now().Before(at.Add(onTheWay)):
			return true, rows.Err()
		case outcome == "no_answer":
			c.SilentAt = at
		}
	}
	return false, rows.Err()
}

// concerns reports whether a call about a whole booking is about a child of it.
func (c Call) concerns(child Seat) bool {
	switch c.About {
	case CallOffer:
		return child.Status == "offered"
	case CallUnanswered:
		return child.Status == "waiting" || child.Status == "lapsed"
	case CallMail:
		return true
	case CallReminder, CallGiven:
		return child.Status == "confirmed"
	case CallCancelled:
		return child.CancelledBy == "organiser"
	}
	return child.Live()
}

// callAhead is further from a start than the last instant at which an offer can still be made: it ends BeforeStart before, and the
// day until then, be it of 25 hours, has Shortest waking hours (settings.Hours).
func (h Hours) callAhead() time.Duration { return hours(h.BeforeStart + 25) }

const sqlSeatsLeft = `
SELECT s.id FROM sessions s
WHERE s.starts_at > ?1 AND s.starts_at < ?2 AND s.status = 'published' AND s.request_id IS NULL
  AND EXISTS (SELECT 1 FROM bookings w WHERE w.session_id = s.id AND w.status = 'waiting')
  AND s.capacity > (SELECT count(*) FROM bookings t WHERE t.session_id = s.id AND t.status IN ('confirmed', 'offered'))
ORDER BY s.starts_at, s.id`

const sqlWaitsSince = `SELECT min(created_at) FROM bookings WHERE group_id = ? AND status = 'waiting'`

// seatsToCall finds who is next for the seats that no mail can offer any more.
func seatsToCall(tx *sqlite.Tx) ([]Call, error) {
	now := tx.Now()
	h, err := OfferHours(tx)
	if err != nil {
		return nil, err
	}
	sessions, err := sqlite.Column[int64](tx, sqlSeatsLeft, sqlite.Time(now), sqlite.Time(now.Add(h.callAhead())))
	if err != nil {
		return nil, err
	}
	var found []Call
	for _, id := range sessions {
		session, err := loadSession(tx, id)
		if err != nil {
			return nil, err
		}
		if _, ok := session.Deadline(now); ok {
			continue
		}
		list, err := queue(tx, id)
		if err != nil {
			return nil, err
		}
		silent, err := silentOnPhone(tx, id)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			next, ok := nextByPhone(session.free(), list, silent, w.groupID)
			if !ok {
				continue
			}
			c := Call{Subject: record("group", w.groupID), About: CallSeat, groupID: w.groupID, Bookings: next.bookings}
			var since string
			if err := tx.QueryRow(sqlWaitsSince, w.groupID).Scan(&since); err != nil {
				return nil, err
			}
			if c.Since, err = sqlite.ParseTime(since); err != nil {
				return nil, err
			}
			found = append(found, c)
		}
	}
	return found, nil
}

// nextByPhone returns which seats of the free ones a family on the list gets when it answers the phone now: those who did
// not answer are passed over.
func nextByPhone(free int, list []waiter, silent map[int64]bool, groupID int64) (waiter, bool) {
	passed := maps.Clone(silent)
	delete(passed, groupID)
	for _, w := range allot(free, list, passed) {
		if w.groupID == groupID {
			return w, true
		}
	}
	return waiter{}, false
}

// One call for all that a family is offered; a message about the end of the offer tells of it as well. Nothing is left to say once the session
// has begun, even where the end of the offer was not noted yet: after an hour without power, say.
const sqlOffersUntold = `
SELECT 'offer:' || min(o.id), b.group_id, min(o.made_at), min(o.expires_at), '', 0
FROM offers o JOIN bookings b ON b.id = o.booking_id JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
JOIN sessions s ON s.id = b.session_id
WHERE o.outcome IS NULL AND s.starts_at > ?1 AND (g.email = '' OR EXISTS (
  SELECT 1 FROM outbox m WHERE m.state = 'failed' AND m.kind IN ('seat_offered', 'offer_soon') AND m.payload ->> '$.copy' IS NULL
    AND m.payload ->> '$.reference' = bg.reference AND m.created_at >= o.made_at))
GROUP BY b.group_id ORDER BY b.group_id`

func offersToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallOffer, sqlOffersUntold, sqlite.Time(tx.Now()))
}

// As long as nothing came of it since: no other offer, no way back by themselves.
const sqlOffersUnanswered = `
SELECT 'unanswered:' || min(o.id), b.group_id, o.ended_at, '', '', min(b.status) = 'lapsed'
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status IN ('waiting', 'lapsed')
JOIN offers o ON o.booking_id = b.id AND o.outcome = 'expired'
WHERE s.starts_at > ?1 AND s.status = 'published'
  AND NOT EXISTS (SELECT 1 FROM offers l WHERE l.booking_id = b.id AND l.id > o.id)
  AND NOT EXISTS (SELECT 1 FROM bookings r WHERE r.child_id = b.child_id AND r.session_id = b.session_id AND r.id <> b.id
    AND r.status IN ('waiting', 'offered', 'confirmed'))
GROUP BY b.group_id, o.ended_at ORDER BY b.group_id, o.ended_at`

func unansweredToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallUnanswered, sqlOffersUnanswered, sqlite.Time(tx.Now()))
}

// The last one of each booking: who is called is told how things stand, and so all that the others said. Offers and
// reminders have their own calls. A mail that told of several bookings is a matter of each: they begin, and are told, apart.
const sqlMailsFailed = `
WITH failed AS (
  SELECT id, kind, done_at, payload FROM outbox
  WHERE state = 'failed' AND payload <> '{}' AND kind NOT IN ('seat_offered', 'offer_soon', 'reminder') AND payload ->> '$.copy' IS NULL),
untold AS (
  SELECT id, kind, done_at, payload ->> '$.reference' AS reference, 'mail:' || id AS subject FROM failed
  UNION ALL SELECT f.id, f.kind, f.done_at, other.value ->> '$.reference', 'mail:' || f.id || ':' || (other.key + 1)
  FROM failed f, json_each(f.payload, '$.others') AS other WHERE f.kind = 'bookings_confirmed')
SELECT subject, group_id, done_at, '', kind, 0 FROM (
  SELECT u.subject, bg.id AS group_id, u.done_at, u.kind, max(u.id)
  FROM untold u JOIN booking_groups bg ON bg.reference = u.reference JOIN sessions s ON s.id = bg.session_id
  WHERE s.starts_at > ?1 GROUP BY bg.id)
ORDER BY group_id`

func mailsToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallMail, sqlMailsFailed, sqlite.Time(tx.Now()))
}

// What the mails to families without an address would have told, of sessions to come. That a session was moved is in the
// audit, with what was changed.
const (
	sqlCancelledUntold = `
SELECT 'change:' || b.group_id, b.group_id, max(b.cancelled_at), '', '', 0
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.cancelled_by = 'organiser'
JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
WHERE s.starts_at > ?1 AND s.status = 'cancelled' AND g.email = ''
GROUP BY b.group_id ORDER BY b.group_id`
	sqlMovedUntold = `
SELECT 'change:' || b.group_id, b.group_id, max(a.at), '', '', 0
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status IN ('waiting', 'offered', 'confirmed')
JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
JOIN audit a ON a.record = 'session:' || s.id AND a.action = 'session.edit' AND a.at >= bg.created_at
  AND (a.details ->> '$.starts_at' IS NOT NULL OR a.details ->> '$.ends_at' IS NOT NULL OR a.details ->> '$.venue' IS NOT NULL)
WHERE s.starts_at > ?1 AND s.status = 'published' AND s.ical_sequence > 0 AND g.email = ''
GROUP BY b.group_id ORDER BY b.group_id`
	sqlGivenUntold = `
SELECT 'given:' || max(o.id), b.group_id, max(o.ended_at), '', '', 0
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status = 'confirmed'
JOIN offers o ON o.booking_id = b.id AND o.outcome = 'given' AND o.made_by IS NULL
JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
WHERE s.starts_at > ?1 AND s.status = 'published' AND g.email = ''
GROUP BY b.group_id ORDER BY b.group_id`
)

const sqlDisowned = `
SELECT 'disowned:' || min(b.id), b.group_id, max(a.at), '', '', 0
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status IN ('waiting', 'offered', 'confirmed')
JOIN booking_groups bg ON bg.id = b.group_id JOIN guardians g ON g.id = bg.guardian_id
JOIN audit a ON a.record = 'guardian:' || g.id AND a.action = 'family.disown'
WHERE s.starts_at > ?1 AND s.status = 'published' AND g.email = ''
GROUP BY b.group_id ORDER BY b.group_id`

func disownedToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallDisowned, sqlDisowned, sqlite.Time(tx.Now()))
}

func cancelledToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallCancelled, sqlCancelledUntold, sqlite.Time(tx.Now()))
}

func movedToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallMoved, sqlMovedUntold, sqlite.Time(tx.Now()))
}

func givenToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallGiven, sqlGivenUntold, sqlite.Time(tx.Now()))
}

const sqlRemindersSilent = `
SELECT 'reminder:' || bg.id, bg.id, bg.reminded_at, '', '', 0
FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status = 'confirmed' JOIN booking_groups bg ON bg.id = b.group_id
WHERE s.starts_at > ?1 AND s.starts_at <= ?2 AND s.status = 'published' AND bg.reminded_at IS NOT NULL AND bg.coming_at IS NULL
GROUP BY bg.id ORDER BY bg.id`

func remindersToCall(tx *sqlite.Tx) ([]Call, error) {
	return foundCalls(tx, CallReminder, sqlRemindersSilent, sqlite.Time(tx.Now()), sqlite.Time(tx.Now().Add(lastReminder)))
}

// foundCalls reads the calls that a query finds: subject, booking, since, deadline, kind of message, and whether they left
// the list.
func foundCalls(tx *sqlite.Tx, about CallAbout, query string, args ...any) ([]Call, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var found []Call
	for rows.Next() {
		c := Call{About: about}
		var since, until string
		if err := rows.Scan(&c.Subject, &c.groupID, &since, &until, &c.Kind, &c.OffList); err != nil {
			return nil, err
		}
		if c.Since, err = sqlite.ParseTime(since); err != nil {
			return nil, err
		}
		if c.Until, err = instant(until, time.UTC); err != nil {
			return nil, err
		}
		found = append(found, c)
	}
	return found, rows.Err()
}

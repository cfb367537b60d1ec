package booking

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlMakeOffer = `INSERT INTO offers (booking_id, made_at, expires_at, made_by, reason) VALUES (?, ?, ?, nullif(?, 0), ?)`
	// What is given at once was an offer too: it stands in the history of the list.
	sqlGive = `INSERT INTO offers (booking_id, made_at, expires_at, outcome, ended_at, made_by, reason) VALUES (?1, ?2, ?2, 'given', ?2, nullif(?3, 0), ?4)`
)

// A seat taken again after it was given up must have a higher iCalendar sequence than its cancellation.
const sqlSetStatus = `
UPDATE bookings SET status = ?2, updated_at = ?3, ical_sequence = ical_sequence + (?2 = 'confirmed') WHERE id = ?1`

// Back on the list nothing is left of the override that an offer was: the next seat may come by the rules. What the team
// overrode when it booked, such as an age, stays.
const sqlForgetOverride = `
UPDATE bookings SET override_by = NULL, override_reason = ''
WHERE id = ?1 AND override_by IS NOT NULL
  AND (SELECT reason FROM offers WHERE booking_id = ?1 ORDER BY id DESC LIMIT 1) = override_reason`

// UnaskedUntil is until when a family that asked for it gets a freed seat of s without being asked (domain, Waiting list 3).
func (s Session) UnaskedUntil() time.Time {
	y, m, d := s.StartsAt.Date()
	return time.Date(y, m, d-1, s.Hours.UnaskedUntil, 0, 0, 0, s.StartsAt.Location())
}

// givenAt reports whether a seat freed at now is the family's at once.
func (g Group) givenAt(now time.Time) bool { return g.Unasked && now.Before(g.Session.UnaskedUntil()) }

// offerFreeSeats offers every free seat of a session that waiting families can use, as far as the rule
// of deadlines lets it, and gives it at once to those who asked not to be asked. It belongs in the
// transaction that freed the seats. passed names families whose offer just ran out.
func offerFreeSeats(tx *sqlite.Tx, sessionID int64, passed map[int64]bool) error {
	s, err := loadSession(tx, sessionID)
	if err != nil {
		return err
	}
	if s.Status != "published" || s.Waiting == 0 || s.free() <= 0 {
		return nil
	}
	unasked := tx.Now().Before(s.UnaskedUntil())
	deadline, ok := s.Deadline(tx.Now())
	if !ok && !unasked {
		return nil
	}
	list, err := queue(tx, s.ID)
	if err != nil {
		return err
	}
	for _, w := range allot(s.free(), list, passed) {
		switch {
		case w.unasked && unasked:
			err = give(tx, w.groupID, w.bookings, byRules)
		case ok:
			err = offer(tx, w.groupID, w.bookings, deadline, byRules)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// maker is who makes an offer or gives a seat: a member of the team, with a reason where it is against the order of the
// list or the capacity.
type maker struct {
	actor  string
	userID int64
	reason string
}

var byRules = maker{actor: "system"}

// offer keeps seats for waiting children of one booking until a deadline, and tells the family.
func offer(tx *sqlite.Tx, groupID int64, bookings []int64, deadline time.Time, by maker) error {
	now := sqlite.Time(tx.Now())
	for _, id := range bookings {
		if _, err := tx.Exec(sqlMakeOffer, id, now, sqlite.Time(deadline), by.userID, by.reason); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetStatus, id, "offered", now); err != nil {
			return err
		}
	}
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return err
	}
	m := v.mail()
	v.offering(&m, bookings, deadline)
	if m.Also, err = stillWaiting(tx, v); err != nil {
		return err
	}
	if err := send(tx, outbox.SeatOffered, v, m); err != nil {
		return err
	}
	return audit.Add(tx, by.actor, "booking.offer", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(bookings)})
}

// give makes seats theirs at once for waiting children of one booking, and tells the family.
func give(tx *sqlite.Tx, groupID int64, bookings []int64, by maker) error {
	now := sqlite.Time(tx.Now())
	for _, id := range bookings {
		if _, err := tx.Exec(sqlGive, id, now, by.userID, by.reason); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetStatus, id, "confirmed", now); err != nil {
			return err
		}
	}
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return err
	}
	m := v.mail()
	m.Given = v.names(bookings)
	if m.Also, err = stillWaiting(tx, v); err != nil {
		return err
	}
	if err := send(tx, outbox.SeatGiven, v, m); err != nil {
		return err
	}
	if err := tellOthers(tx, v, v.among(bookings), "seated", v.Session); err != nil {
		return err
	}
	return audit.Add(tx, by.actor, "booking.give", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(bookings)})
}

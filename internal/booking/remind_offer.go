package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A family is told once that its offer ends soon.
const (
	soonBefore = 6 * time.Hour // before the deadline at least, and after the offer was made
	soonAtBest = time.Hour     // what must be left of it when the program was stopped at that time
	// soonAhead is more than lies between telling of an offer and its deadline: those six hours and the night before them, which is
	// shorter than a day.
	soonAhead = soonBefore + 24*time.Hour
)

// offerSoonAt returns when a family is told that its offer ends soon: at the latest waking instant at least six hours
// before the deadline, or, where the program was stopped then, at once, but never at night. ok is false for an offer that
// is too short for it, or when less than an hour would be left. Instants are in the venue's zone.
func offerSoonAt(h Hours, now, made, deadline time.Time) (at time.Time, ok bool) {
	at = h.lastWaking(deadline.Add(-soonBefore))
	if at.Before(made.Add(soonBefore)) {
		return at, false
	}
	switch late := now.Sub(at); {
	case late > stoppedAfter:
		at = h.nextWaking(now.In(deadline.Location()))
	case late > 0: // the ordinary delay of the worker
		at = now
	}
	return at, !at.After(deadline.Add(-soonAtBest))
}

const sqlUntoldOffers = `
SELECT o.booking_id, b.group_id, o.made_at, o.expires_at, v.time_zone
FROM offers o JOIN bookings b ON b.id = o.booking_id JOIN sessions s ON s.id = b.session_id JOIN venues v ON v.id = s.venue_id
WHERE o.outcome IS NULL AND o.reminded_at IS NULL AND o.expires_at > ?1 AND o.expires_at < ?2
ORDER BY b.group_id, o.expires_at, o.id`

// upcomingOffers returns the offers that end before an instant and whose families were not told so yet: one entry for all
// seats of a family with the same deadline.
func upcomingOffers(tx *sqlite.Tx, before time.Time) ([]upcoming, error) {
	now := tx.Now()
	h, err := OfferHours(tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlUntoldOffers, sqlite.Time(now), sqlite.Time(before))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []upcoming
	for rows.Next() {
		var u upcoming
		var bookingID int64
		var made, expires, zone string
		if err := rows.Scan(&bookingID, &u.groupID, &made, &expires, &zone); err != nil {
			return nil, err
		}
		since, err := sqlite.ParseTime(made)
		if err != nil {
			return nil, err
		}
		if u.deadline, err = venueTime(expires, zone); err != nil {
			return nil, err
		}
		var ok bool
		if u.at, ok = offerSoonAt(h, now, since, u.deadline); !ok {
			continue
		}
		i := slices.IndexFunc(list, func(other upcoming) bool { return other.groupID == u.groupID && other.deadline.Equal(u.deadline) })
		if i < 0 {
			i = len(list)
			list = append(list, u)
		}
		list[i].offered = append(list[i].offered, bookingID)
	}
	return list, rows.Err()
}

// RemindOffers tells every family whose offer ends soon, once for each offer; it returns how many. It may run at any time,
// any number of times.
func (s *Service) RemindOffers(ctx context.Context) (told int, err error) {
	return s.tellDue(ctx, func(tx *sqlite.Tx) ([]upcoming, error) {
		return upcomingOffers(tx, tx.Now().Add(soonAhead))
	}, tellOfferSoon)
}

const sqlOfferTold = `UPDATE offers SET reminded_at = ?2 WHERE booking_id = ?1 AND outcome IS NULL`

func tellOfferSoon(tx *sqlite.Tx, u upcoming) error {
	for _, id := range u.offered {
		if _, err := tx.Exec(sqlOfferTold, id, sqlite.Time(tx.Now())); err != nil {
			return err
		}
	}
	v, err := viewGroup(tx, u.groupID)
	if err != nil {
		return err
	}
	m := v.mail()
	v.offering(&m, u.offered, u.deadline)
	if err := send(tx, outbox.OfferSoon, v, m); err != nil {
		return err
	}
	return audit.Add(tx, "system", "booking.remind_offer", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(u.offered)})
}

// someYears is further ahead than anything is planned.
const someYears = 20

// NextReminder returns the first instant at which Remind or RemindOffers has something to tell, and whether there is any.
func (s *Service) NextReminder(ctx context.Context) (at time.Time, found bool, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for _, list := range []func(*sqlite.Tx, time.Time) ([]upcoming, error){upcomingReminders, upcomingOffers} {
			all, err := list(tx, tx.Now().AddDate(someYears, 0, 0))
			if err != nil {
				return err
			}
			for _, u := range all {
				if !found || u.at.Before(at) {
					at, found = u.at, true
				}
			}
		}
		return nil
	})
	return at, found, err
}

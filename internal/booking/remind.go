package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// « Toujours partants ? » is asked two days before, in the evening (UX-P14).
const (
	remindHour    = 18             // of the day before the day before, at the venue
	lastReminder  = 24 * time.Hour // before the start: a later one would be of no use
	bookedLongAgo = 24 * time.Hour // before the reminder: who booked since knows
	// longestNotice is the most that lies between a reminder and the end of the day it is about: two days, six hours, and
	// the hour that October has twice.
	longestNotice = 55 * time.Hour
)

// reminderAt returns when a family is asked whether it still comes: at 18:00 two days before, or, where the program was
// stopped then, at once, but never at night. ok is false for who has had a seat too short a time to need it, and when
// the start is too near. start is in the venue's zone.
func reminderAt(h Hours, now, start, seated time.Time) (at time.Time, ok bool) {
	at = time.Date(start.Year(), start.Month(), start.Day()-2, remindHour, 0, 0, 0, start.Location())
	if seated.After(at.Add(-bookedLongAgo)) {
		return at, false
	}
	if now.After(at) {
		at = h.nextWaking(now.In(start.Location()))
	}
	return at, at.Before(start.Add(-lastReminder))
}

// A seat from the list counts from when it was theirs, of siblings the first.
const sqlUnreminded = `
SELECT b.group_id, s.starts_at, v.time_zone,
       min(coalesce((SELECT max(o.ended_at) FROM offers o WHERE o.booking_id = b.id AND o.outcome IN ('accepted', 'given')), b.created_at))
FROM sessions s JOIN venues v ON v.id = s.venue_id JOIN bookings b ON b.session_id = s.id AND b.status = 'confirmed'
JOIN booking_groups bg ON bg.id = b.group_id
WHERE s.starts_at > ?1 AND s.starts_at < ?2 AND s.status = 'published' AND s.request_id IS NULL AND bg.reminded_at IS NULL
GROUP BY b.group_id ORDER BY b.group_id`

// upcoming is something to tell a family when its time comes.
type upcoming struct {
	groupID  int64
	at       time.Time
	offered  []int64   // the bookings whose offers end soon
	deadline time.Time // theirs
}

// isDue reports whether it is to be told now.
func (u upcoming) isDue(now time.Time) bool { return !u.at.After(now) }

// upcomingReminders returns the reminders still to send for sessions that start before an instant.
func upcomingReminders(tx *sqlite.Tx, before time.Time) ([]upcoming, error) {
	now := tx.Now()
	h, err := OfferHours(tx)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlUnreminded, sqlite.Time(now.Add(lastReminder)), sqlite.Time(before))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []upcoming
	for rows.Next() {
		var u upcoming
		var starts, zone, seated string
		if err := rows.Scan(&u.groupID, &starts, &zone, &seated); err != nil {
			return nil, err
		}
		start, err := venueTime(starts, zone)
		if err != nil {
			return nil, err
		}
		since, err := sqlite.ParseTime(seated)
		if err != nil {
			return nil, err
		}
		var ok bool
		if u.at, ok = reminderAt(h, now, start, since); ok {
			list = append(list, u)
		}
	}
	return list, rows.Err()
}

// Remind asks « toujours partants ? » of every family whose time has come, once for each booking; it returns how many.
// It may run at any time, any number of times.
func (s *Service) Remind(ctx context.Context) (reminded int, err error) {
	return s.tellDue(ctx, func(tx *sqlite.Tx) ([]upcoming, error) {
		return upcomingReminders(tx, tx.Now().Add(longestNotice))
	}, remind)
}

// tellDue tells what is due of a list; nothing is written when nothing is.
func (s *Service) tellDue(ctx context.Context, list func(*sqlite.Tx) ([]upcoming, error), tell func(*sqlite.Tx, upcoming) error) (told int, err error) {
	each := func(do func(*sqlite.Tx, upcoming) error) func(context.Context, *sqlite.Tx) error {
		return func(_ context.Context, tx *sqlite.Tx) error {
			told = 0
			all, err := list(tx)
			if err != nil {
				return err
			}
			for _, u := range all {
				if !u.isDue(tx.Now()) {
					continue
				}
				told++
				if err := do(tx, u); err != nil {
					return err
				}
			}
			return nil
		}
	}
	err = s.db.Read(ctx, each(func(*sqlite.Tx, upcoming) error { return nil }))
	if err != nil || told == 0 {
		return 0, err
	}
	err = s.db.Bulk(ctx, each(tell))
	return told, err
}

const sqlReminded = `UPDATE booking_groups SET reminded_at = ?2 WHERE id = ?1`

// remind asks one family. One without e-mail is asked by phone: the call list sees that it has not answered.
func remind(tx *sqlite.Tx, u upcoming) error {
	if _, err := tx.Exec(sqlReminded, u.groupID, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	v, err := viewGroup(tx, u.groupID)
	if err != nil {
		return err
	}
	if err := send(tx, outbox.Reminder, v, v.mail()); err != nil {
		return err
	}
	return audit.Add(tx, "system", "booking.remind", record("session", v.Session.ID), map[string]any{"reference": v.Reference})
}

const sqlAskAnew = `
UPDATE booking_groups SET reminded_at = NULL, coming_at = NULL
WHERE session_id = ? AND (reminded_at IS NOT NULL OR coming_at IS NOT NULL)`

// askAnew forgets who still comes to a session that was moved: yes to Saturday is not yes to Sunday. The same day at
// another hour is.
func askAnew(tx *sqlite.Tx, sessionID int64, before, after time.Time) error {
	if sameDay(before, after) {
		return nil
	}
	_, err := tx.Exec(sqlAskAnew, sessionID)
	return err
}

const sqlComing = `UPDATE booking_groups SET coming_at = ?2 WHERE id = ?1`

// Coming notes that the family behind link still comes to a session, the one that they were asked about. Twice is once. Gone
// "coming.late" once the session has begun, or when nobody of the booking has a seat in it: the booking may have moved since.
func (s *Service) Coming(ctx context.Context, actor account.Actor, key account.FormKey, link Link, sessionID int64) error {
	return s.change(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) error {
		if v.Session.ID != sessionID {
			return fault.New(fault.Gone, "coming.late")
		}
		return coming(tx, actor, v)
	})
}

func coming(tx *sqlite.Tx, actor account.Actor, v Group) error {
	switch {
	case len(v.With("confirmed")) == 0 || v.Session.Status != "published" || !tx.Now().Before(v.Session.StartsAt):
		return fault.New(fault.Gone, "coming.late")
	case v.Coming:
		return nil
	}
	if _, err := tx.Exec(sqlComing, v.id, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "booking.coming", record("session", v.Session.ID), map[string]any{"reference": v.Reference})
}

package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Hours are the figures of the rule of deadlines (domain, Waiting list 2 and 3) as the association set them: nobody is woken up, and
// nobody loses a seat to a mail that came too late to be read. A change of them is for offers to come: each offer keeps its deadline.
type Hours settings.Hours

// graceAfterStop is the waking time for offers overdue after a stop of the program.
const graceAfterStop = 3 * time.Hour

// OfferHours returns the hours in force.
func OfferHours(tx *sqlite.Tx) (Hours, error) {
	h, err := settings.OfferHours(tx)
	return Hours(h), err
}

// OfferHours returns the hours in force.
func (s *Service) OfferHours(ctx context.Context) (h Hours, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		h, err = OfferHours(tx)
		return err
	})
	return h, err
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

// Deadline returns until when an offer made at now can be accepted: see Hours.Deadline.
func (s Session) Deadline(now time.Time) (deadline time.Time, ok bool) {
	return s.Hours.Deadline(now, s.StartsAt)
}

// Deadline returns until when an offer made at now for a session that starts at start (both in the
// venue's zone) can be accepted: the latest waking instant at most Longest ahead and at least BeforeStart before
// the start. ok is false when fewer than Shortest waking hours remain: the team calls the family instead.
func (h Hours) Deadline(now, start time.Time) (deadline time.Time, ok bool) {
	now = now.In(start.Location())
	limit := now.Add(hours(h.Longest))
	if last := start.Add(-hours(h.BeforeStart)); last.Before(limit) {
		limit = last
	}
	deadline = h.lastWaking(limit).Truncate(time.Second)
	return deadline, h.wakingTime(now, deadline) >= hours(h.Shortest)
}

// overdueDeadline is the new deadline of an offer whose own passed while the program was stopped:
// three more waking hours, never past BeforeStart before the start. It may be in the past.
func (h Hours) overdueDeadline(now, start time.Time) time.Time {
	now = now.In(start.Location())
	left, at := graceAfterStop, now
	for {
		from, until := h.wakingDay(at)
		if at.Before(from) {
			at = from
		}
		if room := until.Sub(at); room >= left {
			at = at.Add(left)
			break
		} else if room > 0 {
			left -= room
		}
		at = time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, at.Location())
	}
	if last := h.lastFor(start); last.Before(at) {
		at = last
	}
	return at.Truncate(time.Second)
}

// lastFor returns the latest waking instant for an answer, whenever the offer was made.
func (h Hours) lastFor(start time.Time) time.Time {
	return h.lastWaking(start.Add(-hours(h.BeforeStart)))
}

// wakingDay returns the waking hours of the day of t.
func (h Hours) wakingDay(t time.Time) (from, until time.Time) {
	y, m, d := t.Date()
	return time.Date(y, m, d, h.WakingFrom, 0, 0, 0, t.Location()), time.Date(y, m, d, h.WakingUntil, 0, 0, 0, t.Location())
}

// lastWaking returns the latest waking instant that is not after t.
func (h Hours) lastWaking(t time.Time) time.Time {
	from, until := h.wakingDay(t)
	switch {
	case t.Before(from):
		_, until = h.wakingDay(time.Date(t.Year(), t.Month(), t.Day()-1, 12, 0, 0, 0, t.Location()))
		return until
	case t.After(until):
		return until
	}
	return t
}

// nextWaking returns t, or the next morning when t is at night.
func (h Hours) nextWaking(t time.Time) time.Time {
	from, until := h.wakingDay(t)
	switch {
	case t.Before(from):
		return from
	case t.Before(until):
		return t
	}
	from, _ = h.wakingDay(time.Date(t.Year(), t.Month(), t.Day()+1, 12, 0, 0, 0, t.Location()))
	return from
}

// wakingTime adds up the waking hours between two instants.
func (h Hours) wakingTime(from, to time.Time) time.Duration {
	var sum time.Duration
	for day := from; !day.After(to); day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location()) {
		start, end := h.wakingDay(day)
		if start.Before(from) {
			start = from
		}
		if end.After(to) {
			end = to
		}
		if end.After(start) {
			sum += end.Sub(start)
		}
	}
	return sum
}

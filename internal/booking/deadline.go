package booking

import "time"

// The rule of deadlines (domain, Waiting list 2): nobody is woken up, and nobody loses a
// seat to a mail that came too late to be read.
const (
	wakingFrom     = 8  // hours of the day at the venue
	wakingUntil    = 21 //
	longestOffer   = 48 * time.Hour
	beforeStart    = 2 * time.Hour
	shortestOffer  = 3 * time.Hour // of waking time
	graceAfterStop = 3 * time.Hour // of waking time, for offers overdue after a stop of the program
)

// Deadline returns until when an offer made at now for a session that starts at start (both in the
// venue's zone) can be accepted: the latest waking instant at most 48 h ahead and at least 2 h before
// the start. ok is false when fewer than 3 waking hours remain: the team calls the family instead.
func Deadline(now, start time.Time) (deadline time.Time, ok bool) {
	now = now.In(start.Location())
	limit := now.Add(longestOffer)
	if last := start.Add(-beforeStart); last.Before(limit) {
		limit = last
	}
	deadline = lastWaking(limit).Truncate(time.Second)
	return deadline, wakingTime(now, deadline) >= shortestOffer
}

// overdueDeadline is the new deadline of an offer whose own passed while the program was stopped:
// three more waking hours, never past two hours before the start. It may be in the past.
func overdueDeadline(now, start time.Time) time.Time {
	now = now.In(start.Location())
	left, at := graceAfterStop, now
	for {
		from, until := wakingDay(at)
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
	if last := lastWaking(start.Add(-beforeStart)); last.Before(at) {
		at = last
	}
	return at.Truncate(time.Second)
}

// wakingDay returns the waking hours of the day of t.
func wakingDay(t time.Time) (from, until time.Time) {
	y, m, d := t.Date()
	return time.Date(y, m, d, wakingFrom, 0, 0, 0, t.Location()), time.Date(y, m, d, wakingUntil, 0, 0, 0, t.Location())
}

// lastWaking returns the latest waking instant that is not after t.
func lastWaking(t time.Time) time.Time {
	from, until := wakingDay(t)
	switch {
	case t.Before(from):
		_, until = wakingDay(time.Date(t.Year(), t.Month(), t.Day()-1, 12, 0, 0, 0, t.Location()))
		return until
	case t.After(until):
		return until
	}
	return t
}

// wakingTime adds up the waking hours between two instants.
func wakingTime(from, to time.Time) time.Duration {
	var sum time.Duration
	for day := from; !day.After(to); day = time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, day.Location()) {
		start, end := wakingDay(day)
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

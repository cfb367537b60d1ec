package sqlite

import (
	"fmt"
	"time"
)

// Clock tells the present instant. The program gives time.Now; tests and the demo
// give a clock that they can move.
type Clock func() time.Time

// Time writes an instant as the database keeps it: RFC 3339, UTC, whole seconds.
// Such texts sort in the order of time, so SQL may compare them.
func Time(t time.Time) string {
	return t.UTC().Format(time.RFC3339)
}

// ParseTime reads what Time wrote, and nothing else: an offset other than Z in the
// database means that somebody stored a local time.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("sqlite: instant: %w", err)
	}
	if Time(t) != s {
		return time.Time{}, fmt.Errorf("sqlite: instant %q is not in UTC and whole seconds", s)
	}
	return t, nil
}

// instant is the present as transactions see it: what is compared in memory is then
// equal to what was stored.
func (c Clock) instant() time.Time {
	return c().UTC().Truncate(time.Second)
}

package catalog

import (
	"sync"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// DateLayout is how a day is written in forms, filters and files: 2027-05-08.
const DateLayout = "2006-01-02"

// HourLayout is how a wall-clock hour is written in forms and files: 14:30.
const HourLayout = "15:04"

// hourWithOffset is an hour that says which of two equal ones is meant: 02:30+02:00.
const hourWithOffset = "15:04-07:00"

// LocalTime returns the instant at which clocks in zone show hour (14:30) on date (2027-05-08).
//
// It never guesses. An hour that the change of clocks skips is refused with the two hours
// around the hole (catalog.hour.skipped). An hour that comes twice is refused with the two
// ways to say which one is meant, 02:30+02:00 and 02:30+01:00, both of which LocalTime
// accepts (catalog.hour.twice). A date or hour that cannot be read is catalog.date.format or
// catalog.hour.format. All are Invalid faults whose Message is for the field of the hour.
func LocalTime(date, hour string, zone *time.Location) (time.Time, error) {
	day, err := time.Parse(DateLayout, date)
	if err != nil {
		return time.Time{}, fault.Wrap(err, fault.Invalid, "catalog.date.format")
	}
	clock, meant, err := parseHour(hour)
	if err != nil {
		return time.Time{}, err
	}
	naive := day.Add(clock)
	// Zones change their offset at most once around one day, so the offsets of the day
	// before and the day after are all that the wall clock can have meant.
	before := naive.Add(-offset(naive.Add(-24*time.Hour), zone))
	after := naive.Add(-offset(naive.Add(24*time.Hour), zone))
	beforeShows, afterShows := showsWall(before, naive, zone), showsWall(after, naive, zone)
	switch {
	case beforeShows && afterShows && !before.Equal(after):
		for _, t := range []time.Time{before, after} {
			if meant != "" && t.In(zone).Format("-07:00") == meant {
				return t.UTC(), nil
			}
		}
		return time.Time{}, fault.New(fault.Invalid, "catalog.hour.twice",
			naive.Format(HourLayout), before.In(zone).Format(hourWithOffset), after.In(zone).Format(hourWithOffset))
	case !beforeShows && !afterShows:
		return time.Time{}, fault.New(fault.Invalid, "catalog.hour.skipped",
			naive.Format(HourLayout), after.In(zone).Format(HourLayout), before.In(zone).Format(HourLayout))
	}
	t := before
	if !beforeShows {
		t = after
	}
	if meant != "" && t.In(zone).Format("-07:00") != meant {
		return time.Time{}, fault.New(fault.Invalid, "catalog.hour.offset", naive.Format(HourLayout))
	}
	return t.UTC(), nil
}

// parseHour reads 14:30 or 14:30+02:00 and returns the time since midnight and the offset, if one is given.
func parseHour(hour string) (clock time.Duration, meant string, err error) {
	t, err := time.Parse(HourLayout, hour)
	if err != nil {
		t, err = time.Parse(hourWithOffset, hour)
		if err != nil {
			return 0, "", fault.Wrap(err, fault.Invalid, "catalog.hour.format")
		}
		meant = t.Format("-07:00")
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, meant, nil
}

func offset(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// showsWall reports whether clocks in zone show at t what naive shows in UTC.
func showsWall(t, naive time.Time, zone *time.Location) bool {
	return t.In(zone).Format(time.DateTime) == naive.Format(time.DateTime)
}

// loaded keeps the time zones that venues use: reading one takes longer than the query that names it.
var loaded sync.Map // string → *time.Location

// HomeZone is where the association is: its days and its years begin there. It is also the zone of the hours of a
// programme file and of the places of organisations.
const HomeZone = "Europe/Paris"

// LoadZone returns the time zone of an IANA name.
func LoadZone(name string) (*time.Location, error) {
	if zone, ok := loaded.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	loaded.Store(name, zone)
	return zone, nil
}

package calendar

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"
)

// zoneName is what the names of the time zone database look like.
var zoneName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]*$`)

const (
	wallClock = "20060102T150405"
	inUTC     = "20060102T150405Z"
)

// setTime writes an instant as the wall clock of its zone. An instant that the wall
// clock cannot name, the second of two equal hours in autumn, is written in UTC.
func setTime(v *ics.VEvent, property ics.ComponentProperty, t time.Time) {
	if isUTC(t.Location()) || isSecondOfTwo(t) {
		v.SetProperty(property, t.UTC().Format(inUTC))
		return
	}
	v.SetProperty(property, t.Format(wallClock), ics.WithTZID(t.Location().String()))
}

func isUTC(loc *time.Location) bool { return loc == time.UTC || loc.String() == "UTC" }

// isSecondOfTwo reports whether the clock was put back less than that much before t.
// RFC 5545 3.3.5: a wall clock time that comes twice means the first one.
func isSecondOfTwo(t time.Time) bool {
	since, _ := t.ZoneBounds()
	if since.IsZero() {
		return false
	}
	_, before := since.Add(-time.Second).Zone()
	_, now := t.Zone()
	return t.Sub(since) < time.Duration(before-now)*time.Second
}

// zone is a time zone and the years for which its rules are wanted.
type zone struct {
	loc         *time.Location
	first, last int
}

// zonesOf gives the zones of the events in order of name, each with the years of its
// events and one more on both sides.
func zonesOf(events []Event) []zone {
	var zones []zone
	for _, event := range events {
		loc := event.Start.Location()
		if isUTC(loc) {
			continue
		}
		first, last := event.Start.Year()-1, max(event.Start.Year(), event.End.In(loc).Year())+1
		i := slices.IndexFunc(zones, func(z zone) bool { return z.loc.String() == loc.String() })
		if i < 0 {
			zones = append(zones, zone{loc, first, last})
			continue
		}
		zones[i].first, zones[i].last = min(zones[i].first, first), max(zones[i].last, last)
	}
	slices.SortFunc(zones, func(a, b zone) int { return strings.Compare(a.loc.String(), b.loc.String()) })
	return zones
}

// change is a moment at which a zone puts its clocks to another offset or name.
type change struct {
	wall     time.Time // the clock just before it, as if it were UTC
	from, to int       // seconds east of UTC
	name     string
	daylight bool
}

// changes lists those of the years of z in order.
func (z zone) changes() []change {
	var all []change
	at := time.Date(z.first, 1, 1, 0, 0, 0, 0, z.loc)
	for {
		_, next := at.ZoneBounds()
		if next.IsZero() || next.In(z.loc).Year() > z.last {
			return all
		}
		_, from := at.Zone()
		name, to := next.Zone()
		wall := next.UTC().Add(time.Duration(from) * time.Second)
		all = append(all, change{wall, from, to, name, next.IsDST()})
		at = next
	}
}

// component writes the rules of z. A zone that does the same every year, such as
// Europe/Paris, gets the two yearly rules that every calendar program understands; any
// other one gets each of its changes.
func (z zone) component() *ics.VTimezone {
	v := ics.NewTimezone(z.loc.String())
	changes := z.changes()
	if rules := z.yearly(changes); rules != nil {
		for _, rule := range rules {
			addChange(v, rule.change, rule.rrule)
		}
		return v
	}
	start := time.Date(z.first, 1, 1, 0, 0, 0, 0, z.loc)
	name, offset := start.Zone()
	wall := start.UTC().Add(time.Duration(offset) * time.Second)
	addChange(v, change{wall, offset, offset, name, start.IsDST()}, "")
	for _, c := range changes {
		addChange(v, c, "")
	}
	return v
}

func addChange(v *ics.VTimezone, c change, rrule string) {
	var observance *ics.ComponentBase
	if c.daylight {
		daylight := &ics.Daylight{}
		v.Components = append(v.Components, daylight)
		observance = &daylight.ComponentBase
	} else {
		observance = &v.AddStandard().ComponentBase
	}
	observance.SetProperty(ics.ComponentPropertyDtStart, c.wall.Format(wallClock))
	observance.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetfrom), offset(c.from))
	observance.SetProperty(ics.ComponentProperty(ics.PropertyTzoffsetto), offset(c.to))
	observance.SetProperty(ics.ComponentProperty(ics.PropertyTzname), c.name)
	if rrule != "" {
		observance.SetProperty(ics.ComponentPropertyRrule, rrule)
	}
}

// offset writes seconds east of UTC as +0100, with seconds only where a zone has them.
func offset(seconds int) string {
	sign := '+'
	if seconds < 0 {
		sign, seconds = '-', -seconds
	}
	s := fmt.Sprintf("%c%02d%02d", sign, seconds/3600, seconds/60%60)
	if seconds%60 != 0 {
		s += fmt.Sprintf("%02d", seconds%60)
	}
	return s
}

type rule struct {
	change
	rrule string
}

// yearly returns one rule for the change to summer and one for the change back, if each
// comes once in every year of z, on the same weekday of the month and at the same hour;
// nil otherwise.
func (z zone) yearly(changes []change) []rule {
	years := z.last - z.first + 1
	if len(changes) != 2*years {
		return nil
	}
	var rules []rule
	for turn := range 2 {
		var same []change
		for i := turn; i < len(changes); i += 2 {
			same = append(same, changes[i])
		}
		rrule, ok := yearlyRule(same)
		if !ok {
			return nil
		}
		rules = append(rules, rule{same[0], rrule})
	}
	return rules
}

var weekdays = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// yearlyRule finds the RRULE that gives exactly these changes, one a year.
func yearlyRule(changes []change) (string, bool) {
	first := changes[0]
	last, nth := true, (first.wall.Day()-1)/7+1
	for i, c := range changes {
		sameClock := c.wall.Sub(c.wall.Truncate(24*time.Hour)) == first.wall.Sub(first.wall.Truncate(24*time.Hour))
		if !sameClock || c.wall.Year() != first.wall.Year()+i || c.wall.Month() != first.wall.Month() || c.wall.Weekday() != first.wall.Weekday() ||
			c.from != first.from || c.to != first.to || c.name != first.name || c.daylight != first.daylight {
			return "", false
		}
		last = last && c.wall.AddDate(0, 0, 7).Month() != c.wall.Month()
		if nth != (c.wall.Day()-1)/7+1 {
			nth = 0
		}
	}
	if last {
		nth = -1
	}
	if nth == 0 {
		return "", false
	}
	return fmt.Sprintf("FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", first.wall.Month(), nth, weekdays[first.wall.Weekday()]), true
}

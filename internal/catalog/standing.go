package catalog

import (
	"slices"
	"strings"
	"time"
)

// WeekHours is a span of hours in which somebody can lead sessions every week, on the clock of the association.
type WeekHours struct {
	Weekday      int    // 1 is Monday, 7 Sunday
	Starts, Ends string // 09:00
}

// Absence is days on which somebody cannot, both included, as 2027-05-08.
type Absence struct {
	ID                int64
	FirstDay, LastDay string
}

// Period is from one instant (included) to another (excluded).
type Period struct{ From, To time.Time }

// Standing says whether somebody can lead a session at a time.
type Standing string

// The standings. Only Busy keeps anybody from being proposed: the others are what people said, and may be talked over.
const (
	Available   Standing = "available"   // said so
	Unsaid      Standing = "unsaid"      // has not said when they can
	Unavailable Standing = "unavailable" // said other hours
	Absent      Standing = "absent"      // said that they are away
	Busy        Standing = "busy"        // leads something else
)

// availableAt returns how somebody stands from from to to, both in the zone of the association: Busy if any of busy
// overlaps, then Absent if any day of it is one of an absence, then Unsaid without any hours, and Available only if the
// hours of each of its days cover all of it. Two spans of hours that touch count as one.
func availableAt(weekly []WeekHours, absences []Absence, busy []Period, from, to time.Time) Standing {
	for _, p := range busy {
		if p.From.Before(to) && from.Before(p.To) {
			return Busy
		}
	}
	// A session that ends at midnight takes nothing of the next day.
	first, last := from.Format(DateLayout), to.Add(-time.Second).Format(DateLayout)
	for _, a := range absences {
		if a.FirstDay <= last && first <= a.LastDay {
			return Absent
		}
	}
	if len(weekly) == 0 {
		return Unsaid
	}
	hours := joined(weekly)
	for day := from; ; day = day.AddDate(0, 0, 1) {
		date := day.Format(DateLayout)
		starts, ends := "00:00", "24:00"
		if date == first {
			starts = from.Format(HourLayout)
		}
		if date == last && to.Format(DateLayout) == last {
			ends = to.Format(HourLayout)
		}
		covered := slices.ContainsFunc(hours, func(h WeekHours) bool {
			return h.Weekday == weekday(day) && h.Starts <= starts && ends <= h.Ends
		})
		if !covered {
			return Unavailable
		}
		if date == last {
			return Available
		}
	}
}

// weekday is the day of the week of t as WeekHours counts it.
func weekday(t time.Time) int { return (int(t.Weekday())+6)%7 + 1 }

// joined returns the same hours in order, with those that overlap or touch made into one.
func joined(weekly []WeekHours) []WeekHours {
	sorted := slices.Clone(weekly)
	slices.SortFunc(sorted, func(a, b WeekHours) int {
		if a.Weekday != b.Weekday {
			return a.Weekday - b.Weekday
		}
		return strings.Compare(a.Starts, b.Starts)
	})
	var all []WeekHours
	for _, h := range sorted {
		if n := len(all); n > 0 && all[n-1].Weekday == h.Weekday && h.Starts <= all[n-1].Ends {
			all[n-1].Ends = max(all[n-1].Ends, h.Ends)
			continue
		}
		all = append(all, h)
	}
	return all
}

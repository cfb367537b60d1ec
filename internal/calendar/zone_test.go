package calendar

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"
)

// reader reads the times of a feed as a calendar program does: it knows no time zone
// but the VTIMEZONE parts of the file.
type reader struct {
	t     *testing.T
	zones map[string][]onset
}

// onset is one change of offset: from the wall clock on, by the old offset.
type onset struct {
	wall     time.Time
	from, to time.Duration
}

func newReader(t *testing.T, cal *ics.Calendar) reader {
	t.Helper()
	r := reader{t, map[string][]onset{}}
	for _, zone := range cal.Timezones() {
		id := zone.GetProperty(ics.ComponentPropertyTzid).Value
		for _, component := range zone.Components {
			value := func(name ics.ComponentProperty) string {
				var p *ics.IANAProperty
				switch c := component.(type) {
				case *ics.Standard:
					p = c.GetProperty(name)
				case *ics.Daylight:
					p = c.GetProperty(name)
				}
				if p == nil {
					return ""
				}
				return p.Value
			}
			wall, err := time.Parse(wallClock, value(ics.ComponentPropertyDtStart))
			if err != nil {
				t.Fatal(err)
			}
			from, to := r.offset(value("TZOFFSETFROM")), r.offset(value("TZOFFSETTO"))
			for _, wall := range r.repeated(wall, value(ics.ComponentPropertyRrule)) {
				r.zones[id] = append(r.zones[id], onset{wall, from, to})
			}
		}
	}
	return r
}

func (r reader) offset(s string) time.Duration {
	r.t.Helper()
	if len(s) != 5 || (s[0] != '+' && s[0] != '-') {
		r.t.Fatalf("offset %q", s)
	}
	d, err := time.ParseDuration(s[:3] + "h" + s[3:] + "m")
	if err != nil {
		r.t.Fatal(err)
	}
	return d
}

// repeated gives the first ten years of a rule like FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU.
func (r reader) repeated(first time.Time, rrule string) []time.Time {
	r.t.Helper()
	if rrule == "" {
		return []time.Time{first}
	}
	var month, nth int
	var day string
	if _, err := fmt.Sscanf(rrule, "FREQ=YEARLY;BYMONTH=%d;BYDAY=%d%s", &month, &nth, &day); err != nil {
		r.t.Fatalf("rule %q: %v", rrule, err)
	}
	var all []time.Time
	for year := first.Year(); year < first.Year()+10; year++ {
		var days []time.Time // of the month, on that weekday
		d := time.Date(year, time.Month(month), 1, first.Hour(), first.Minute(), first.Second(), 0, time.UTC)
		for ; d.Month() == time.Month(month); d = d.AddDate(0, 0, 1) {
			if strings.EqualFold(d.Weekday().String()[:2], day) {
				days = append(days, d)
			}
		}
		if nth > 0 {
			all = append(all, days[nth-1])
		} else {
			all = append(all, days[len(days)+nth])
		}
	}
	return all
}

// instant gives the instant that a DTSTART or DTEND names.
func (r reader) instant(p *ics.IANAProperty) time.Time {
	r.t.Helper()
	if strings.HasSuffix(p.Value, "Z") {
		at, err := time.Parse(inUTC, p.Value)
		if err != nil {
			r.t.Fatal(err)
		}
		return at
	}
	wall, err := time.Parse(wallClock, p.Value)
	if err != nil {
		r.t.Fatal(err)
	}
	onsets := r.zones[p.ICalParameters["TZID"][0]]
	var latest *onset
	for i, o := range onsets {
		// An onset counts from the moment it names, by the old clock; after a jump
		// back a wall clock time that comes twice is the first one.
		if !wall.Before(o.wall) && (latest == nil || o.wall.After(latest.wall)) {
			latest = &onsets[i]
		}
	}
	if latest == nil {
		r.t.Fatalf("%s comes before all rules of its zone", p.Value)
	}
	return wall.Add(-latest.to)
}

// UX-P12: a program that knows no zone but those in the file finds the right instants,
// on both sides of the changes of clocks, in zones of every kind.
func TestTimesAreRightByTheFileAlone(t *testing.T) {
	t.Parallel()
	tests := []struct{ zone, from, utc string }{
		{"Europe/Paris", "2027-03-27 14:00", "13:00"},
		{"Europe/Paris", "2027-03-28 01:30", "00:30"},
		{"Europe/Paris", "2027-03-28 03:00", "01:00"},
		{"Europe/Paris", "2027-03-28 14:00", "12:00"},
		{"Europe/Paris", "2027-10-30 14:00", "12:00"},
		{"Europe/Paris", "2027-10-31 14:00", "13:00"},
		{"Europe/Paris", "2027-10-31 03:00", "02:00"},
		{"Europe/Paris", "2027-01-01 00:00", "23:00"},
		{"Europe/Paris", "2027-12-31 23:30", "22:30"},
		{"Europe/Paris", "2031-07-14 14:00", "12:00"},
		{"America/New_York", "2027-03-14 14:00", "18:00"}, // second Sunday
		{"America/Martinique", "2027-05-08 14:00", "18:00"},
		{"Indian/Reunion", "2027-05-08 14:00", "10:00"},
		{"Asia/Kathmandu", "2027-05-08 14:00", "08:15"},
		{"America/St_Johns", "2027-11-07 14:00", "17:30"},
		{"Australia/Lord_Howe", "2027-01-10 14:00", "03:00"}, // half an hour of summer time, southern
		{"Africa/Casablanca", "2027-02-20 14:00", "14:00"},   // Ramadan: no yearly rule
		{"Africa/Casablanca", "2027-05-08 14:00", "13:00"},
		{"America/Miquelon", "2027-05-08 14:00", "16:00"},
		{"Pacific/Apia", "2011-12-31 14:00", "00:00"}, // skipped 30 December 2011
		{"UTC", "2027-05-08 14:00", "14:00"},
	}
	var events []Event
	for _, tt := range tests {
		e := session(t, tt.zone, tt.from)
		if got := e.Start.UTC().Format("15:04"); got != tt.utc {
			t.Fatalf("%s %s is %s in UTC, want %s: check the table", tt.zone, tt.from, got, tt.utc)
		}
		events = append(events, e)
	}
	check := func(name string, src string, events []Event) {
		cal := parse(t, src)
		r := newReader(t, cal)
		for i, v := range cal.Events() {
			start, end := r.instant(v.GetProperty(ics.ComponentPropertyDtStart)), r.instant(v.GetProperty(ics.ComponentPropertyDtEnd))
			if !start.Equal(events[i].Start) || !end.Equal(events[i].End) {
				t.Errorf("%s: %s reads as %s to %s", name, events[i].Start, start, end)
			}
		}
	}
	for i, e := range events {
		check("alone", feed(t, e), events[i:i+1])
	}
	check("all", feed(t, events...), events)
}

// UX-P12: DTSTART carries TZID=Europe/Paris and the file its yearly rules.
func TestParisIsWrittenAsEveryProgramKnowsIt(t *testing.T) {
	t.Parallel()
	src := feed(t, session(t, "Europe/Paris", "2027-03-28 14:00"))
	for _, want := range []string{
		"DTSTART;TZID=Europe/Paris:20270328T140000\r\n", "DTEND;TZID=Europe/Paris:20270328T160000\r\n",
		"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n" +
			"BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nRRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
	} {
		if !strings.Contains(src, want) {
			t.Errorf("%q is not in\n%s", want, src)
		}
	}
}

// The hour that comes twice on 31 October 2027: its second time has no wall clock of its
// own, so it is in UTC.
func TestDoubledHour(t *testing.T) {
	t.Parallel()
	paris := zoneOf(t, "Europe/Paris")
	e := session(t, "Europe/Paris", "2027-10-31 12:00")
	for _, tt := range []struct{ utc, start, end string }{
		{"00:30", "DTSTART;TZID=Europe/Paris:20271031T023000", "DTEND:20271031T013000Z"},
		{"01:30", "DTSTART:20271031T013000Z", "DTEND;TZID=Europe/Paris:20271031T033000"},
	} {
		at, err := time.Parse("2006-01-02 15:04", "2027-10-31 "+tt.utc)
		if err != nil {
			t.Fatal(err)
		}
		e.Start, e.End = at.In(paris), at.Add(time.Hour)
		src := feed(t, e)
		if !strings.Contains(src, tt.start+"\r\n") || !strings.Contains(src, tt.end+"\r\n") {
			t.Errorf("%s UTC: want %s and %s in\n%s", tt.utc, tt.start, tt.end, src)
		}
	}
}

func TestOffset(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]string{0: "+0000", 3600: "+0100", -12600: "-0330", 20700: "+0545", -2670: "-004430"} {
		if got := offset(seconds); got != want {
			t.Errorf("offset(%s) = %s, want %s", strconv.Itoa(seconds), got, want)
		}
	}
}

package catalog

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Zone is a zone of the school holidays; empty where there is none, as in Corsica and overseas.
type Zone string

// Zones are those of the national calendar.
var Zones = []Zone{"A", "B", "C"}

// zoneOfDepartment follows the académies of the national calendar (code de l'éducation, art. L. 521-1; arrêté du 7 décembre 2022).
var zoneOfDepartment = map[string]Zone{
	"01": "A", "03": "A", "07": "A", "15": "A", "16": "A", "17": "A", "19": "A", "21": "A", "23": "A", "24": "A", "25": "A", "26": "A", "33": "A",
	"38": "A", "39": "A", "40": "A", "42": "A", "43": "A", "47": "A", "58": "A", "63": "A", "64": "A", "69": "A", "70": "A", "71": "A", "73": "A",
	"74": "A", "79": "A", "86": "A", "87": "A", "89": "A", "90": "A",
	"02": "B", "04": "B", "05": "B", "06": "B", "08": "B", "10": "B", "13": "B", "14": "B", "18": "B", "22": "B", "27": "B", "28": "B", "29": "B",
	"35": "B", "36": "B", "37": "B", "41": "B", "44": "B", "45": "B", "49": "B", "50": "B", "51": "B", "52": "B", "53": "B", "54": "B", "55": "B",
	"56": "B", "57": "B", "59": "B", "60": "B", "61": "B", "62": "B", "67": "B", "68": "B", "72": "B", "76": "B", "80": "B", "83": "B", "84": "B",
	"85": "B", "88": "B",
	"09": "C", "11": "C", "12": "C", "30": "C", "31": "C", "32": "C", "34": "C", "46": "C", "48": "C", "65": "C", "66": "C", "75": "C", "77": "C",
	"78": "C", "81": "C", "82": "C", "91": "C", "92": "C", "93": "C", "94": "C", "95": "C",
}

// Zone returns the zone of the school holidays where the venue is, from its postcode.
func (v Venue) Zone() Zone {
	if !IsPostcode(v.Postcode) {
		return ""
	}
	return zoneOfDepartment[v.Postcode[:2]]
}

// Holiday is school holidays of one zone, from a first day to a last one, both included, as 2027-05-08.
type Holiday struct {
	Zone              Zone
	Name              string // Vacances de la Toussaint
	FirstDay, LastDay string
}

// Calendar is what is known of the school holidays.
type Calendar struct {
	holidays []Holiday // by first day
}

const sqlHolidays = `SELECT zone, name, first_day, last_day FROM school_holidays ORDER BY first_day, zone, last_day`

// Calendar returns what is known of the school holidays.
func (c *Catalog) Calendar(ctx context.Context) (known Calendar, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		known, err = calendarTx(tx)
		return err
	})
	return known, err
}

func calendarTx(tx *sqlite.Tx) (Calendar, error) {
	rows, err := tx.Query(sqlHolidays)
	if err != nil {
		return Calendar{}, err
	}
	defer rows.Close()
	var known Calendar
	for rows.Next() {
		var h Holiday
		if err := rows.Scan(&h.Zone, &h.Name, &h.FirstDay, &h.LastDay); err != nil {
			return Calendar{}, err
		}
		known.holidays = append(known.holidays, h)
	}
	return known, rows.Err()
}

// On returns the holidays of a zone that a day belongs to, false for none.
func (c Calendar) On(zone Zone, day string) (Holiday, bool) {
	for _, h := range c.holidays {
		if h.Zone == zone && h.FirstDay <= day && day <= h.LastDay {
			return h, true
		}
	}
	return Holiday{}, false
}

// From returns the holidays of a zone that end on a day or later, the first first.
func (c Calendar) From(zone Zone, day string) (all []Holiday) {
	for _, h := range c.holidays {
		if h.Zone == zone && h.LastDay >= day {
			all = append(all, h)
		}
	}
	return all
}

// KnownUntil returns the last day about which the calendar knows whether it is a holiday in a zone; empty where it knows
// nothing, and for a place without zone.
func (c Calendar) KnownUntil(zone Zone) (day string) {
	for _, h := range c.holidays {
		if h.Zone == zone {
			day = max(day, h.LastDay)
		}
	}
	return day
}

// Beyond returns those of sessions that take place after what the calendar knows of their zone.
func (c Calendar) Beyond(sessions []Session) (all []Session) {
	for _, s := range sessions {
		if zone := s.Venue.Zone(); zone != "" && s.StartsAt.Format(DateLayout) > c.KnownUntil(zone) {
			all = append(all, s)
		}
	}
	return all
}

// FellInside is a session, and the school holidays that became known after it was planned.
type FellInside struct {
	Session Session
	Holiday Holiday
}

// A day in a time zone is at most one day from that of the instant.
const sqlFellInside = `
SELECT s.id, h.zone, h.name, h.first_day, h.last_day FROM sessions s JOIN school_holidays h
    ON h.known_since > s.created_at AND date(s.starts_at) BETWEEN date(h.first_day, '-1 day') AND date(h.last_day, '+1 day')
 WHERE s.request_id IS NULL AND s.status <> 'cancelled' AND s.starts_at > ?
   AND NOT EXISTS (` + whereLeft + `) ORDER BY s.starts_at, s.id, h.id`

// FellInside returns the sessions to come for families that are in school holidays of their zone which became known after they were planned, the first
// first, whether a plan, a file or somebody made them; those that the team leaves there (LeaveInside) are not among them. Who chose a day of known holidays
// meant it, and the day of a group is its school's to choose. It is for the team.
func (c *Catalog) FellInside(ctx context.Context) (all []FellInside, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		all, err = fellInside(tx)
		return err
	})
	return all, err
}

func fellInside(tx *sqlite.Tx) (all []FellInside, err error) {
	rows, err := tx.Query(sqlFellInside, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var near []FellInside
	for rows.Next() {
		var f FellInside
		if err := rows.Scan(&f.Session.ID, &f.Holiday.Zone, &f.Holiday.Name, &f.Holiday.FirstDay, &f.Holiday.LastDay); err != nil {
			return nil, err
		}
		near = append(near, f)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	for _, f := range near {
		if len(all) > 0 && all[len(all)-1].Session.ID == f.Session.ID {
			continue // each académie of a zone may have a row of its own
		}
		if f.Session, err = SessionTx(tx, f.Session.ID); err != nil {
			return nil, err
		}
		day := f.Session.StartsAt.Format(DateLayout)
		if f.Session.Venue.Zone() == f.Holiday.Zone && f.Holiday.FirstDay <= day && day <= f.Holiday.LastDay {
			all = append(all, f)
		}
	}
	return all, nil
}

// HolidayImport is what an import of school holidays did, the first day first.
type HolidayImport struct {
	Added, Removed []Holiday
	Unchanged      int
}

const (
	sqlForgetHoliday = `DELETE FROM school_holidays WHERE zone = ? AND name = ? AND first_day = ? AND last_day = ?`
	sqlAddHoliday    = `INSERT INTO school_holidays (zone, name, first_day, last_day, known_since) VALUES (?, ?, ?, ?, ?)`
)

// ImportHolidays makes the school holidays of each zone, from the first to the last day of which the file tells, those of the
// file: what it no longer tells of is removed, what lies before and after stays. It is all or nothing, and changes nothing a
// second time. With dryRun it says what it would do.
func (c *Catalog) ImportHolidays(ctx context.Context, actor account.Actor, file []Holiday, dryRun bool) (done HolidayImport, err error) {
	if err := mayManage(actor); err != nil {
		return HolidayImport{}, err
	}
	err = c.try(ctx, dryRun, func(tx *sqlite.Tx) (err error) {
		done, err = importHolidays(tx, actor, file)
		return err
	})
	return done, err
}

// ReplaceHolidays does once, for a form, what ImportHolidays does.
func (c *Catalog) ReplaceHolidays(ctx context.Context, actor account.Actor, key account.FormKey, file []Holiday) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		_, err := importHolidays(tx, actor, file)
		return err
	})
}

func importHolidays(tx *sqlite.Tx, actor account.Actor, file []Holiday) (done HolidayImport, err error) {
	known, err := calendarTx(tx)
	if err != nil {
		return HolidayImport{}, err
	}
	type span struct{ first, last string }
	spans := map[Zone]span{}
	fresh := map[Holiday]bool{}
	for _, h := range file {
		s, some := spans[h.Zone]
		if !some || h.FirstDay < s.first {
			s.first = h.FirstDay
		}
		spans[h.Zone] = span{s.first, max(s.last, h.LastDay)}
		fresh[h] = true // each académie of a zone has a row of its own
	}
	for _, h := range known.holidays {
		s, told := spans[h.Zone]
		switch {
		case fresh[h]:
			done.Unchanged++
			delete(fresh, h)
		case told && h.LastDay >= s.first && h.FirstDay <= s.last:
			done.Removed = append(done.Removed, h)
			if _, err := tx.Exec(sqlForgetHoliday, h.Zone, h.Name, h.FirstDay, h.LastDay); err != nil {
				return HolidayImport{}, err
			}
		}
	}
	done.Added = slices.SortedFunc(maps.Keys(fresh), func(a, b Holiday) int {
		return cmp.Or(cmp.Compare(a.FirstDay, b.FirstDay), cmp.Compare(a.Zone, b.Zone), cmp.Compare(a.LastDay, b.LastDay), cmp.Compare(a.Name, b.Name))
	})
	for _, h := range done.Added {
		if _, err := tx.Exec(sqlAddHoliday, h.Zone, h.Name, h.FirstDay, h.LastDay, sqlite.Time(tx.Now())); err != nil {
			return HolidayImport{}, err
		}
	}
	if len(done.Added)+len(done.Removed) == 0 {
		return done, nil
	}
	return done, audit.Add(tx, actor.String(), "holidays.import", "", map[string]any{"added": len(done.Added), "removed": len(done.Removed)})
}

// PublicHoliday is a day off in the whole of France. Its name on screen is the text catalog.public_holiday.NAME.
type PublicHoliday struct {
	Day  string // 2027-05-08
	Name string
}

// PublicHolidays returns the public holidays of a year (code du travail, art. L. 3133-1), in their order. What Alsace and
// Moselle have besides is left out.
func PublicHolidays(year int) []PublicHoliday {
	on := func(month time.Month, day int) string {
		return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Format(DateLayout)
	}
	sunday := easter(year)
	after := func(days int) string { return sunday.AddDate(0, 0, days).Format(DateLayout) }
	all := []PublicHoliday{
		{on(time.January, 1), "new_year"}, {after(1), "easter_monday"}, {on(time.May, 1), "labour"}, {on(time.May, 8), "victory"},
		{after(39), "ascension"}, {after(50), "whit_monday"}, {on(time.July, 14), "national"}, {on(time.August, 15), "assumption"},
		{on(time.November, 1), "all_saints"}, {on(time.November, 11), "armistice"}, {on(time.December, 25), "christmas"},
	}
	slices.SortStableFunc(all, func(a, b PublicHoliday) int { return cmp.Compare(a.Day, b.Day) })
	return all
}

// PublicHolidayOn returns the name of the public holiday that a day is; empty for none, and for what is no day.
func PublicHolidayOn(day string) string {
	t, err := time.Parse(DateLayout, day)
	if err != nil {
		return ""
	}
	for _, h := range PublicHolidays(t.Year()) {
		if h.Day == day {
			return h.Name
		}
	}
	return ""
}

// easter returns Easter Sunday of a year of the Gregorian calendar, by the computus that J.-M. Oudin published in 1940: the
// Paschal full moon, and the Sunday after it.
func easter(year int) time.Time {
	century, golden := year/100, year%19
	k := (century - 17) / 25
	moon := (century - century/4 - (century-k)/3 + 19*golden + 15) % 30
	moon -= moon / 28 * (1 - moon/28*(29/(moon+1))*((21-golden)/11))
	weekday := (year + year/4 + moon + 2 - century + century/4) % 7
	return time.Date(year, time.March, 28+moon-weekday, 0, 0, 0, 0, time.UTC)
}

package catalog

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// maxScheduleDays is how many days a schedule covers at most: a school year and its summer.
const maxScheduleDays = 430

// ScheduleRequest is sessions that come back week after week, as a form describes them. A schedule makes sessions; unlike a
// series it says nothing of who books them.
type ScheduleRequest struct {
	// Each is every one of the sessions. Its Date does not count, nor when it closes: each closes at its start.
	Each              SessionRequest
	Weekdays          []int  // 1 is Monday, 7 Sunday
	Every             int    // weeks: 1, or 2 for every other week, counted from the week of the first day that fits
	FirstDay, LastDay string // both included, as 2027-05-08
	Facilitators      []int64
	Kits              []KitUse
	// Days are those to make sessions of, among the days that Preview returns.
	Days []string
	// Starts and Ends are the hours that are meant on days on which the clocks skip or double that of Each.
	Starts, Ends map[string]string
}

// ScheduleDay is one day of a schedule, and what is to be known before a session is made of it. The hours are the same on the
// clock of the venue all year round (I11).
type ScheduleDay struct {
	Day              string
	StartsAt, EndsAt time.Time // in the zone of the venue; zero where Asked
	// Asked are the hours that the clocks skip or double on that day, by field: starts, ends.
	Asked      map[string]fault.Message
	Past       bool
	There      bool   // such a session is planned already
	Holiday    string // the school holidays then, in the zone of the venue
	Public     string // the public holiday that it is, as in PublicHoliday
	Unknown    bool   // nobody knows yet whether it is in the school holidays
	Hindrances []Hindrance
}

// Possible reports whether a session can be made of the day at all: holidays, and another session of the same people or in the
// same room, are for people to judge; what a group was promised and copies of kits that there are not, are no matter of opinion.
func (d ScheduleDay) Possible() bool {
	return !d.Past && !d.There && !slices.ContainsFunc(d.Hindrances, Hindrance.firm)
}

// Proposed reports whether nothing speaks against the day.
func (d ScheduleDay) Proposed() bool {
	return d.Possible() && d.Holiday == "" && d.Public == "" && len(d.Hindrances) == 0
}

// Preview returns the days of a schedule with what speaks against each; Days of the request do not count. What is wrong
// with the request as a whole is Invalid by field: those of CreateSession but date and series, and weekdays, every, first_day, last_day, facilitator.
func (c *Catalog) Preview(ctx context.Context, actor account.Actor, r ScheduleRequest) (days []ScheduleDay, err error) {
	if err := mayManage(actor); err != nil {
		return nil, err
	}
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		days, err = r.days(tx)
		return err
	})
	return days, err
}

const sqlVenuePlanned = `
SELECT count(*) FROM sessions WHERE workshop_id = ? AND venue_id = ? AND starts_at = ? AND status <> 'cancelled' AND request_id IS NULL`

// days checks a request and returns its days.
func (r ScheduleRequest) days(tx *sqlite.Tx) ([]ScheduleDay, error) {
	t := typed{}
	t.number("capacity", r.Each.Capacity, 1, MaxCapacity)
	zone, err := placeOf(tx, t, r.Each.WorkshopID, r.Each.VenueID, 0)
	if err != nil {
		return nil, err
	}
	if err := checkFunding(tx, t, r.Each.Funding, ""); err != nil {
		return nil, err
	}
	if err := r.checkPricing(tx, t); err != nil {
		return nil, err
	}
	for _, id := range r.Facilitators {
		if _, _, err := leader(tx, id); err != nil {
			return nil, err
		}
	}
	dates := r.dates(t, tx.Now())
	r.checkHours(t, dates, zone, tx.Now())
	if err := t.invalid(); err != nil {
		return nil, err
	}
	venue, err := scanVenue(tx.QueryRow(sqlVenueByID, r.Each.VenueID))
	if err != nil {
		return nil, err
	}
	known, err := calendarTx(tx)
	if err != nil {
		return nil, err
	}
	days := make([]ScheduleDay, len(dates))
	for i, date := range dates {
		if days[i], err = r.day(tx, date, venue, zone, known); err != nil {
			return nil, err
		}
	}
	return days, nil
}

// checkPricing notes what is wrong with the series that the sessions form, and with their price.
func (r ScheduleRequest) checkPricing(tx *sqlite.Tx, t typed) error {
	each := r.Each
	if each.NewSeries != "" {
		t.line("new_series", &each.NewSeries, false)
		if err := tx.QueryRow(sqlSeriesByTitle, each.NewSeries).Scan(&each.SeriesID); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	t.pricing(&each.Pricing, each.PriceCents, each.NewSeries != "")
	return each.joinSeriesPrice(tx, t, Session{})
}

// dates returns the days that the request names, holidays or not. What is wrong is noted.
func (r ScheduleRequest) dates(t typed, now time.Time) (dates []string) {
	if len(r.Weekdays) == 0 || slices.ContainsFunc(r.Weekdays, func(d int) bool { return d < 1 || d > 7 }) {
		t["weekdays"] = fault.Message{Key: "catalog.timetable.weekdays"}
	}
	if r.Every != 1 && r.Every != 2 {
		t["every"] = fault.Message{Key: "catalog.schedule.every"}
	}
	first, firstErr := time.Parse(DateLayout, r.FirstDay)
	if firstErr != nil {
		t["first_day"] = fault.Message{Key: "catalog.date.format"}
	}
	last, lastErr := time.Parse(DateLayout, r.LastDay)
	switch {
	case lastErr != nil:
		t["last_day"] = fault.Message{Key: "catalog.date.format"}
	case firstErr != nil:
	case last.Before(first):
		t["last_day"] = fault.Message{Key: "catalog.filter.order"}
	case last.After(first.AddDate(0, 0, maxScheduleDays)):
		t["last_day"] = fault.Message{Key: "catalog.schedule.long"}
	case tooFar(last, now):
		t["last_day"] = fault.Message{Key: "catalog.session.too_far", Args: []any{maxYearsAhead}}
	}
	if len(t) > 0 {
		return nil
	}
	week := -1 // Monday of the first week that counts, in days since 1970
	for day := first; !day.After(last); day = day.AddDate(0, 0, 1) {
		if !slices.Contains(r.Weekdays, weekday(day)) {
			continue
		}
		monday := int(day.Unix()/(24*60*60)) - weekday(day)
		if week < 0 {
			week = monday
		}
		if (monday-week)/7%r.Every == 0 {
			dates = append(dates, day.Format(DateLayout))
		}
	}
	if len(dates) == 0 {
		t["last_day"] = fault.Message{Key: "catalog.schedule.no_day"}
	}
	return dates
}

// on is the session of one day.
func (r ScheduleRequest) on(date string) SessionRequest {
	s := r.Each
	s.Date, s.ClosesDate, s.ClosesHour = date, "", ""
	if hour := r.Starts[date]; hour != "" {
		s.Starts = hour
	}
	if hour := r.Ends[date]; hour != "" {
		s.Ends = hour
	}
	return s
}

// checkHours notes what is wrong with hours, price and opening, whatever the day: also where there is none yet. An hour that one
// day alone lacks is for that day.
func (r ScheduleRequest) checkHours(t typed, dates []string, zone *time.Location, now time.Time) {
	if len(dates) == 0 {
		dates = []string{now.AddDate(0, 0, maxScheduleDays).Format(DateLayout)}
	}
	for _, date := range dates {
		wrong := typed{}
		r.on(date).resolve(wrong, zone, now, now)
		for field, m := range wrong {
			if (field == "starts" || field == "ends") && asks(m) || field == "date" {
				continue
			}
			t[field] = m
		}
	}
}

// asks reports whether a message asks which hour is meant.
func asks(m fault.Message) bool {
	return m.Key == "catalog.hour.skipped" || m.Key == "catalog.hour.twice"
}

// day looks at one day of a request that is right as a whole.
func (r ScheduleRequest) day(tx *sqlite.Tx, date string, venue Venue, zone *time.Location, known Calendar) (ScheduleDay, error) {
	day := ScheduleDay{Day: date, Public: PublicHolidayOn(date)}
	if z := venue.Zone(); z != "" {
		h, _ := known.On(z, date)
		day.Holiday, day.Unknown = h.Name, date > known.KnownUntil(z)
	}
	wrong := typed{}
	at := r.on(date).resolve(wrong, zone, tx.Now(), time.Time{})
	_, day.Past = wrong["date"]
	for _, field := range []string{"starts", "ends"} {
		if m, asked := wrong[field]; asked {
			if day.Asked == nil {
				day.Asked = map[string]fault.Message{}
			}
			day.Asked[field] = m
		}
	}
	if len(day.Asked) > 0 {
		return day, nil
	}
	day.StartsAt, day.EndsAt = at.starts.In(zone), at.ends.In(zone)
	var there int
	if err := tx.QueryRow(sqlVenuePlanned, r.Each.WorkshopID, venue.ID, sqlite.Time(at.starts)).Scan(&there); err != nil {
		return day, err
	}
	if day.There = there > 0; day.There {
		return day, nil // it would stand in its own way
	}
	var err error
	day.Hindrances, err = Hindrances(tx, Plan{VenueID: venue.ID, From: at.starts, To: at.ends, Facilitators: r.Facilitators, Kits: r.Kits})
	return day, err
}

// Schedule is what made sessions, as it was asked for.
type Schedule struct {
	ID                int64
	Weekdays          []int
	Every             int
	FirstDay, LastDay string
	Sessions          []Session // those that there are now, the first first
}

const sqlScheduleByID = `SELECT weekdays, every, first_day, last_day FROM schedules WHERE id = ?`

const sqlSessionsOfSchedule = `SELECT id FROM sessions WHERE schedule_id = ? ORDER BY starts_at, id`

// Schedule returns a schedule with its sessions; an unknown id is NotFound. It is for the team.
func (c *Catalog) Schedule(ctx context.Context, id int64) (s Schedule, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		s = Schedule{ID: id}
		var weekdays string
		err := tx.QueryRow(sqlScheduleByID, id).Scan(&weekdays, &s.Every, &s.FirstDay, &s.LastDay)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		for _, c := range weekdays {
			s.Weekdays = append(s.Weekdays, int(c-'0'))
		}
		s.Sessions, err = sessionsOf(tx, sqlSessionsOfSchedule, id)
		return err
	})
	return s, err
}

package catalog

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Timetable is when somebody can lead sessions, as they or staff said.
type Timetable struct {
	Person   Facilitator
	Weekly   []WeekHours // in the order of the week; none: they have not said
	Absences []Absence   // present and to come, the first first
}

// mayTimetable lets staff write anybody's timetable, and people their own.
func mayTimetable(actor account.Actor, userID int64) error {
	if !actor.CanManage() && !actor.IsUser(userID) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return nil
}

const sqlWeekly = `SELECT weekday, starts, ends FROM availabilities WHERE user_id = ? ORDER BY weekday, starts`

const sqlAbsences = `SELECT id, first_day, last_day FROM absences WHERE user_id = ? AND last_day >= ? ORDER BY first_day, id`

// Timetable returns somebody's hours and absences. Whoever cannot lead a session has none: NotFound. Forbidden to all but
// staff and the person.
func (c *Catalog) Timetable(ctx context.Context, actor account.Actor, userID int64) (Timetable, error) {
	if err := mayTimetable(actor, userID); err != nil {
		return Timetable{}, err
	}
	table := Timetable{Person: Facilitator{ID: userID}}
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		if table.Person.Name, err = leads(tx, userID); err != nil {
			return err
		}
		if table.Weekly, err = weeklyTx(tx, userID); err != nil {
			return err
		}
		table.Absences, err = absencesTx(tx, userID, tx.Now())
		return err
	})
	return table, err
}

// leads returns the name of somebody who can lead a session; anybody else is NotFound.
func leads(tx *sqlite.Tx, userID int64) (name string, err error) {
	_, name, err = leader(tx, userID)
	if fault.KindOf(err) == fault.Invalid {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return name, err
}

func weeklyTx(tx *sqlite.Tx, userID int64) ([]WeekHours, error) {
	rows, err := tx.Query(sqlWeekly, userID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []WeekHours
	for rows.Next() {
		var h WeekHours
		if err := rows.Scan(&h.Weekday, &h.Starts, &h.Ends); err != nil {
			return nil, err
		}
		all = append(all, h)
	}
	return all, rows.Err()
}

// absencesTx returns the absences that are not over at now.
func absencesTx(tx *sqlite.Tx, userID int64, now time.Time) ([]Absence, error) {
	zone, err := LoadZone(HomeZone)
	if err != nil {
		return nil, err
	}
	rows, err := tx.Query(sqlAbsences, userID, now.In(zone).Format(DateLayout))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Absence
	for rows.Next() {
		var a Absence
		if err := rows.Scan(&a.ID, &a.FirstDay, &a.LastDay); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, rows.Err()
}

const sqlForgetWeekly = `DELETE FROM availabilities WHERE user_id = ?`

const sqlAddWeekly = `INSERT INTO availabilities (user_id, weekday, starts, ends) VALUES (?, ?, ?, ?)`

// timetable makes one change to somebody's timetable, once, and notes it.
func (c *Catalog) timetable(ctx context.Context, actor account.Actor, key account.FormKey, userID int64, action string, do func(tx *sqlite.Tx) error) error {
	if err := mayTimetable(actor, userID); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		if _, err := leads(tx, userID); err != nil {
			return err
		}
		if err := do(tx); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "timetable."+action, record("user", userID), nil)
	})
}

// AddHours adds the same span of hours on some weekdays; hours that touch or overlap become one. What is wrong is Invalid by
// field: weekdays, starts, ends. Forbidden as in Timetable.
func (c *Catalog) AddHours(ctx context.Context, actor account.Actor, key account.FormKey, userID int64, weekdays []int, starts, ends string) error {
	t := typed{}
	if len(weekdays) == 0 || slices.ContainsFunc(weekdays, func(d int) bool { return d < 1 || d > 7 }) {
		t["weekdays"] = fault.Message{Key: "catalog.timetable.weekdays"}
	}
	for field, hour := range map[string]string{"starts": starts, "ends": ends} {
		if _, err := time.Parse(HourLayout, hour); err != nil || len(hour) != len(HourLayout) {
			t[field] = fault.Message{Key: "catalog.hour.format"}
		}
	}
	if len(t) == 0 && ends <= starts {
		t["ends"] = fault.Message{Key: "catalog.session.order"}
	}
	return c.timetable(ctx, actor, key, userID, "add_hours", func(tx *sqlite.Tx) error {
		if err := t.invalid(); err != nil {
			return err
		}
		weekly, err := weeklyTx(tx, userID)
		if err != nil {
			return err
		}
		for _, day := range weekdays {
			weekly = append(weekly, WeekHours{day, starts, ends})
		}
		return setWeekly(tx, userID, joined(weekly))
	})
}

// RemoveHours takes away one of somebody's spans of hours; one that is not there is left.
func (c *Catalog) RemoveHours(ctx context.Context, actor account.Actor, key account.FormKey, userID int64, weekday int, starts string) error {
	return c.timetable(ctx, actor, key, userID, "remove_hours", func(tx *sqlite.Tx) error {
		weekly, err := weeklyTx(tx, userID)
		if err != nil {
			return err
		}
		return setWeekly(tx, userID, slices.DeleteFunc(weekly, func(h WeekHours) bool { return h.Weekday == weekday && h.Starts == starts }))
	})
}

func setWeekly(tx *sqlite.Tx, userID int64, weekly []WeekHours) error {
	if _, err := tx.Exec(sqlForgetWeekly, userID); err != nil {
		return err
	}
	for _, h := range weekly {
		if _, err := tx.Exec(sqlAddWeekly, userID, h.Weekday, h.Starts, h.Ends); err != nil {
			return err
		}
	}
	return nil
}

const sqlAddAbsence = `INSERT INTO absences (user_id, first_day, last_day) VALUES (?, ?, ?)`

// AddAbsence notes days on which somebody cannot, both included; an empty last day is the first. What is wrong is Invalid by
// field: first_day, last_day.
func (c *Catalog) AddAbsence(ctx context.Context, actor account.Actor, key account.FormKey, userID int64, firstDay, lastDay string) error {
	if lastDay == "" {
		lastDay = firstDay
	}
	return c.timetable(ctx, actor, key, userID, "add_absence", func(tx *sqlite.Tx) error {
		zone, err := LoadZone(HomeZone)
		if err != nil {
			return err
		}
		t := typed{}
		_, firstWrong := time.Parse(DateLayout, firstDay)
		_, lastWrong := time.Parse(DateLayout, lastDay)
		if firstWrong != nil {
			t["first_day"] = fault.Message{Key: "catalog.date.format"}
		}
		switch {
		case lastWrong != nil && firstWrong == nil:
			t["last_day"] = fault.Message{Key: "catalog.date.format"}
		case firstWrong == nil && lastDay < firstDay:
			t["last_day"] = fault.Message{Key: "catalog.filter.order"}
		case firstWrong == nil && lastDay < tx.Now().In(zone).Format(DateLayout):
			t["last_day"] = fault.Message{Key: "catalog.timetable.past"}
		}
		if err := t.invalid(); err != nil {
			return err
		}
		_, err = tx.Exec(sqlAddAbsence, userID, firstDay, lastDay)
		return err
	})
}

const sqlRemoveAbsence = `DELETE FROM absences WHERE id = ? AND user_id = ?`

// RemoveAbsence takes an absence of somebody away; one that is not theirs is left.
func (c *Catalog) RemoveAbsence(ctx context.Context, actor account.Actor, key account.FormKey, userID, id int64) error {
	return c.timetable(ctx, actor, key, userID, "remove_absence", func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlRemoveAbsence, id, userID)
		return err
	})
}

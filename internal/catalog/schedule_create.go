package catalog

import (
	"context"
	"slices"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlInsertSchedule = `
INSERT INTO schedules (weekdays, every, first_day, last_day, created_at) VALUES (?, ?, ?, ?, ?)`

// CreateSchedule makes a draft of each of r.Days, led by r.Facilitators and with r.Kits, all or nothing, and returns the id of
// the schedule; sent twice it makes them once. A day that Preview does not return, or none at all, is Invalid on days, and so is
// one whose hour is still to be asked. A day on which it is not possible, see ScheduleDay, is Conflict and named. The rest is as in Preview.
func (c *Catalog) CreateSchedule(ctx context.Context, actor account.Actor, key account.FormKey, r ScheduleRequest) (id int64, err error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	err = c.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		id, err = account.OnceID(tx, key, func() (int64, error) { return r.create(tx, actor) })
		return err
	})
	return id, err
}

func (r ScheduleRequest) create(tx *sqlite.Tx, actor account.Actor) (int64, error) {
	days, err := r.days(tx)
	if err != nil {
		return 0, err
	}
	if len(r.Days) == 0 {
		return 0, invalidDays(fault.Message{Key: "catalog.schedule.none"})
	}
	for _, date := range r.Days {
		if !slices.ContainsFunc(days, func(d ScheduleDay) bool { return d.Day == date }) {
			return 0, invalidDays(fault.Message{Key: "catalog.schedule.other_day"})
		}
	}
	t := typed{}
	if r.Each.SeriesID, err = r.Each.settleSeries(tx, actor, t); err != nil {
		return 0, err
	}
	t.pricing(&r.Each.Pricing, r.Each.PriceCents, r.Each.SeriesID != 0)
	if err := t.invalid(); err != nil {
		return 0, err
	}
	if err := r.Each.priceSeries(tx, actor); err != nil {
		return 0, err
	}
	var weekdays string
	for _, d := range joinedDays(r.Weekdays) {
		weekdays += strconv.Itoa(d)
	}
	res, err := tx.Exec(sqlInsertSchedule, weekdays, r.Every, r.FirstDay, r.LastDay, sqlite.Time(tx.Now()))
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	for _, day := range days {
		if !slices.Contains(r.Days, day.Day) {
			continue
		}
		if err := day.refusal(); err != nil {
			return 0, err
		}
		if err := r.plan(tx, actor, id, day); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// joinedDays are days of the week in their order, each once.
func joinedDays(weekdays []int) []int {
	return slices.Compact(slices.Sorted(slices.Values(weekdays)))
}

func invalidDays(m fault.Message) error {
	return fault.InvalidFields(map[string]fault.Message{"days": m})
}

// refusal says why no session can be made of the day; nil where one can.
func (d ScheduleDay) refusal() error {
	if len(d.Asked) > 0 {
		return invalidDays(fault.Message{Key: "catalog.schedule.asked"})
	}
	for _, h := range d.Hindrances {
		if h.firm() {
			return fault.New(fault.Conflict, "catalog.schedule.hindered", d.StartsAt, h.Refusal().Message)
		}
	}
	switch {
	case d.Past:
		return fault.New(fault.Conflict, "catalog.schedule.past", d.StartsAt)
	case d.There:
		return fault.New(fault.Conflict, "catalog.schedule.there", d.StartsAt)
	}
	return nil
}

// plan makes the session of one day.
func (r ScheduleRequest) plan(tx *sqlite.Tx, actor account.Actor, scheduleID int64, day ScheduleDay) error {
	request := r.on(day.Day)
	request.schedule = scheduleID
	t := typed{}
	at := request.resolve(t, day.StartsAt.Location(), tx.Now(), tx.Now())
	if err := t.invalid(); err != nil {
		return err
	}
	id, err := insertSession(tx, request, at, Draft, Reservation{})
	if err != nil {
		return err
	}
	for _, user := range r.Facilitators {
		if _, err := tx.Exec(sqlAssign, id, user); err != nil {
			return err
		}
	}
	for _, kit := range r.Kits {
		if _, err := tx.Exec(sqlTakeKit, id, kit.KitID, kit.Copies); err != nil {
			return err
		}
	}
	return audit.Add(tx, actor.String(), "session.create", record("session", id), map[string]any{
		"workshop": request.WorkshopID, "venue": request.VenueID, "starts_at": sqlite.Time(at.starts), "series": request.SeriesID,
		"schedule": scheduleID, "facilitators": r.Facilitators, "kits": len(r.Kits)})
}

const sqlOpenSession = `UPDATE sessions SET status = 'published', opens_at = ?2, updated_at = ?3 WHERE id = ?1`

// PublishSessions shows drafts to everybody, all or none, and lets families book from an instant on, on the clock of each
// venue; with neither day nor hour each keeps the opening that it has. What is published already keeps its opening too. None chosen is
// Invalid on sessions, a wrong opening or one after a session closes Invalid on opens; what has started or is cancelled is
// Conflict, and named.
func (c *Catalog) PublishSessions(ctx context.Context, actor account.Actor, key account.FormKey, ids []int64, opensDate, opensHour string) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	if len(ids) == 0 {
		return fault.InvalidFields(map[string]fault.Message{"sessions": {Key: "catalog.schedule.none"}})
	}
	return c.db.Bulk(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			for _, id := range ids {
				if err := publish(tx, actor, id, opensDate, opensHour); err != nil {
					return "", err
				}
			}
			return "", nil
		})
		return err
	})
}

func publish(tx *sqlite.Tx, actor account.Actor, id int64, opensDate, opensHour string) error {
	s, err := SessionTx(tx, id)
	if err != nil {
		return err
	}
	if err := s.changeable(tx); err != nil {
		f, _ := fault.As(err)
		return fault.New(fault.Conflict, "catalog.schedule.hindered", s.StartsAt, f.Message)
	}
	if s.Status == Published {
		return nil
	}
	opens := s.OpensAt
	if opensDate != "" || opensHour != "" {
		if opens, err = LocalTime(opensDate, opensHour, s.StartsAt.Location()); err != nil {
			t := typed{}
			t.put("opens", err)
			return t.invalid()
		}
		if !opens.Before(s.ClosesAt) {
			return fault.InvalidFields(map[string]fault.Message{"opens": {Key: "catalog.schedule.opens_late", Args: []any{s.StartsAt}}})
		}
	}
	if _, err := tx.Exec(sqlOpenSession, id, sqlite.Time(opens), sqlite.Time(tx.Now())); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "session.publish", record("session", id), map[string]any{"opens_at": sqlite.Time(opens)})
}

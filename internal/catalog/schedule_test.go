package catalog_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// wednesdays is a workshop every Wednesday afternoon of an autumn.
func (h *house) wednesdays(first, last string) catalog.ScheduleRequest {
	each := h.request("", "14:00", "16:00")
	return catalog.ScheduleRequest{Each: each, Weekdays: []int{3}, Every: 1, FirstDay: first, LastDay: last}
}

func (h *house) preview(r catalog.ScheduleRequest) []catalog.ScheduleDay {
	h.t.Helper()
	days, err := h.Preview(h.t.Context(), staff, r)
	if err != nil {
		h.t.Fatal(err)
	}
	return days
}

// proposed are the days against which nothing speaks.
func proposed(days []catalog.ScheduleDay) (all []string) {
	for _, d := range days {
		if d.Proposed() {
			all = append(all, d.Day)
		}
	}
	return all
}

// Every Wednesday outside the holidays of zone A keeps its hour on the wall over the change of clocks of 31 October 2027 (UX-A2,
// I11, REL-15), and public holidays are left out.
func TestScheduleKeepsTheHourOnTheWall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	if _, err := h.ImportHolidays(t.Context(), staff, []catalog.Holiday{
		{Zone: "A", Name: "Vacances de la Toussaint", FirstDay: "2027-10-23", LastDay: "2027-11-07"},
		{Zone: "B", Name: "Vacances de Noël", FirstDay: "2027-11-24", LastDay: "2027-11-24"},
		{Zone: "A", Name: "Vacances de Noël", FirstDay: "2027-12-18", LastDay: "2028-01-02"}}, false); err != nil {
		t.Fatal(err)
	}
	r := h.wednesdays("2027-10-09", "2027-11-30")
	days := h.preview(r)
	want := []string{"2027-10-13", "2027-10-20", "2027-11-10", "2027-11-17", "2027-11-24"}
	if got := proposed(days); !slices.Equal(got, want) {
		t.Fatalf("proposed %v, want %v", got, want)
	}
	if len(days) != 7 || days[2].Holiday != "Vacances de la Toussaint" || days[2].Unknown {
		t.Errorf("got %+v", days)
	}
	r.Days = want
	id, err := h.CreateSchedule(t.Context(), staff, key(), r)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := h.Schedule(t.Context(), id)
	if err != nil || len(plan.Sessions) != len(want) || !slices.Equal(plan.Weekdays, []int{3}) {
		t.Fatalf("got %+v, %v", plan, err)
	}
	for i, s := range plan.Sessions {
		if got := s.StartsAt.Format("2006-01-02 15:04"); got != want[i]+" 14:00" || s.Status != catalog.Draft || s.ScheduleID != id {
			t.Errorf("session %d: %s, %s", i, got, s.Status)
		}
	}
	if before, after := plan.Sessions[1].StartsAt.UTC().Hour(), plan.Sessions[2].StartsAt.UTC().Hour(); before != 12 || after != 13 {
		t.Errorf("in UTC the hours are %d and %d, want 12 and 13", before, after)
	}

	armistice := h.wednesdays("2027-11-08", "2027-11-14")
	armistice.Weekdays = []int{4}
	if days := h.preview(armistice); len(days) != 1 || days[0].Public != "armistice" || days[0].Proposed() || !days[0].Possible() {
		t.Errorf("on Armistice day: %+v", days)
	}
	beyond := h.wednesdays("2028-01-01", "2028-01-10")
	if days := h.preview(beyond); len(days) != 1 || !days[0].Unknown || !days[0].Proposed() {
		t.Errorf("beyond the calendar: %+v", days)
	}
}

func TestScheduleDays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, tt := range []struct {
		name        string
		weekdays    []int
		every       int
		first, last string
		want        string
	}{
		{"one week", []int{3}, 1, "2027-05-05", "2027-05-05", "2027-05-05"},
		{"two days a week", []int{6, 3, 3}, 1, "2027-05-05", "2027-05-15", "2027-05-05 2027-05-12 2027-05-15"},
		{"every other week", []int{3}, 2, "2027-05-06", "2027-06-10", "2027-05-12 2027-05-26 2027-06-09"},
		{"every other week, from the first day that fits", []int{1, 3}, 2, "2027-05-05", "2027-05-31", "2027-05-05 2027-05-19 2027-05-31"},
		{"Sundays end the week", []int{7, 1}, 2, "2027-05-23", "2027-06-07", "2027-05-23 2027-05-31 2027-06-06"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := h.wednesdays(tt.first, tt.last)
			r.Weekdays, r.Every = tt.weekdays, tt.every
			days, err := h.Preview(t.Context(), staff, r)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range days {
				if d.Public == "" {
					got = append(got, d.Day)
				}
			}
			if strings.Join(got, " ") != tt.want {
				t.Errorf("got %v, want %s", got, tt.want)
			}
		})
	}
}

// What stands in the way is said day by day; what a group was promised and kits that there are not keep a day from being taken.
func TestScheduleTellsWhatIsInTheWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	zoe := h.user("Zoé D'Artagnan-N'Guyen", account.Facilitator)
	kit, err := h.CreateKit(t.Context(), staff, key(), catalog.Kit{Name: "Valise Thymio", Copies: 1})
	if err != nil {
		t.Fatal(err)
	}
	h.draft("2027-05-12", "14:00", "16:00") // the very session
	other := h.draft("2027-05-19", "15:00", "17:00")
	for _, err := range []error{h.Assign(t.Context(), staff, key(), other, zoe.ID), h.TakeKit(t.Context(), staff, key(), h.draft("2027-05-26", "12:00", "14:30"), catalog.KitUse{KitID: kit, Copies: 1})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r := h.wednesdays("2027-05-01", "2027-06-02")
	r.Facilitators, r.Kits = []int64{zoe.ID}, []catalog.KitUse{{KitID: kit, Copies: 1}}
	days := h.preview(r)
	var told []string
	for _, d := range days {
		line := d.Day
		if d.There {
			line += " there"
		}
		for _, x := range d.Hindrances {
			line += " " + string(x.What)
		}
		if d.Possible() {
			line += " possible"
		}
		told = append(told, line)
	}
	want := []string{"2027-05-05 possible", "2027-05-12 there", "2027-05-19 person room possible", "2027-05-26 kit room", "2027-06-02 possible"}
	if !slices.Equal(told, want) {
		t.Fatalf("got %q, want %q", told, want)
	}

	// Nothing is made when one day cannot be.
	for _, tt := range []struct {
		days []string
		kind fault.Kind
		key  string
	}{
		{[]string{"2027-05-05", "2027-05-26"}, fault.Conflict, "catalog.schedule.hindered"},
		{[]string{"2027-05-05", "2027-05-12"}, fault.Conflict, "catalog.schedule.there"},
		{[]string{"2027-05-05", "2027-05-06"}, fault.Invalid, "days=catalog.schedule.other_day"},
		{nil, fault.Invalid, "days=catalog.schedule.none"},
	} {
		r.Days = tt.days
		_, err := h.CreateSchedule(t.Context(), staff, key(), r)
		wantFault(t, err, tt.kind, tt.key)
	}
	if n := h.count(`SELECT (SELECT count(*) FROM sessions) + (SELECT count(*) FROM schedules)`); n != 3 {
		t.Fatalf("%d rows, want the 3 sessions from before", n)
	}

	// People may judge otherwise where two sessions of ours overlap. Sent twice, all is made once.
	r.Days = []string{"2027-05-05", "2027-05-19"}
	k := key()
	first, err := h.CreateSchedule(t.Context(), staff, k, r)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := h.CreateSchedule(t.Context(), staff, k, r); err != nil || again != first {
		t.Fatalf("again: %d, %v, want %d", again, err, first)
	}
	for query, want := range map[string]int{
		`SELECT count(*) FROM sessions WHERE schedule_id = ?`:                                                                  2,
		`SELECT count(*) FROM session_facilitators f JOIN sessions s ON s.id = f.session_id WHERE s.schedule_id = ?`:           2,
		`SELECT count(*) FROM session_kits k JOIN sessions s ON s.id = k.session_id WHERE s.schedule_id = ?`:                   2,
		`SELECT count(*) FROM audit WHERE action = 'session.create' AND details ->> '$.schedule' = ?`:                          2,
		`SELECT count(*) FROM audit WHERE action IN ('session.assign', 'session.take_kit') AND record > 'session:3' AND ? > 0`: 0,
	} {
		if n := h.count(query, first); n != want {
			t.Errorf("%s: %d, want %d (I12)", query, n, want)
		}
	}
}

// An hour that the clocks skip or double is asked back, for its day alone, and never guessed (REL-15).
func TestScheduleAsksWhichHour(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.wednesdays("2027-10-30", "2027-11-07")
	r.Weekdays, r.Each.Starts, r.Each.Ends = []int{7}, "02:30", "05:00"
	days := h.preview(r)
	if len(days) != 2 || days[0].Asked["starts"].Key != "catalog.hour.twice" || len(days[0].Asked) != 1 || len(days[1].Asked) != 0 {
		t.Fatalf("got %+v", days)
	}
	r.Days = []string{"2027-10-31", "2027-11-07"}
	_, err := h.CreateSchedule(t.Context(), staff, key(), r)
	wantFault(t, err, fault.Invalid, "days=catalog.schedule.asked")
	r.Starts = map[string]string{"2027-10-31": "02:30+01:00"}
	id, err := h.CreateSchedule(t.Context(), staff, key(), r)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := h.Schedule(t.Context(), id)
	if err != nil || len(plan.Sessions) != 2 {
		t.Fatalf("got %+v, %v", plan, err)
	}
	for i, want := range []string{"2027-10-31T01:30:00Z", "2027-11-07T01:30:00Z"} {
		if got := plan.Sessions[i].StartsAt.UTC().Format(time.RFC3339); got != want {
			t.Errorf("session %d starts at %s, want %s", i, got, want)
		}
	}
	gap := h.wednesdays("2028-03-20", "2028-03-26")
	gap.Weekdays, gap.Each.Starts, gap.Each.Ends = []int{7}, "02:15", "04:00"
	if days := h.preview(gap); len(days) != 1 || days[0].Asked["starts"].Key != "catalog.hour.skipped" {
		t.Errorf("in the hole: %+v", days)
	}
}

// The sessions of a plan are priced one way, and a series keeps the price that it has.
func TestPricedSchedule(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.wednesdays("2027-05-01", "2027-05-20")
	r.Each.Pricing.Way, r.Each.PriceCents, r.Each.NewSeries, r.Days = catalog.PerSeries, 5000, "Printemps d'Ada", []string{"2027-05-05", "2027-05-12"}
	if _, err := h.CreateSchedule(t.Context(), staff, key(), r); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM sessions s JOIN series x ON x.id = s.series_id WHERE s.pricing = 'series' AND x.price_cents = 5000`); n != 2 {
		t.Errorf("%d sessions of a series at 50 €, want 2", n)
	}
	r.Days, r.Each.PriceCents = []string{"2027-05-19"}, 4000
	_, err := h.Preview(t.Context(), staff, r)
	wantFault(t, err, fault.Invalid, "price=price.series.other")
	r.Each.Pricing, r.Each.NewSeries, r.Each.PriceCents = catalog.Pricing{Way: catalog.Chosen, Steps: []int{1400, 500}, MinCents: 100}, "", 500
	if _, err := h.CreateSchedule(t.Context(), staff, key(), r); err != nil {
		t.Fatal(err)
	}
	if n := h.count(`SELECT count(*) FROM sessions WHERE pricing = 'chosen' AND price_min_cents = 100 AND price_steps = '500 1400' AND price_cents = 500`); n != 1 {
		t.Errorf("%d sessions whose price the family chooses, want 1", n)
	}
}

func TestWrongSchedule(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, tt := range []struct {
		name   string
		change func(*catalog.ScheduleRequest)
		want   string
	}{
		{"no day of the week", func(r *catalog.ScheduleRequest) { r.Weekdays = nil }, "weekdays=catalog.timetable.weekdays"},
		{"an eighth day", func(r *catalog.ScheduleRequest) { r.Weekdays = []int{8} }, "weekdays=catalog.timetable.weekdays"},
		{"every third week", func(r *catalog.ScheduleRequest) { r.Every = 3 }, "every=catalog.schedule.every"},
		{"no first day", func(r *catalog.ScheduleRequest) { r.FirstDay = "mai" }, "first_day=catalog.date.format"},
		{"ends before it begins", func(r *catalog.ScheduleRequest) { r.LastDay = "2027-04-30" }, "last_day=catalog.filter.order"},
		{"two years", func(r *catalog.ScheduleRequest) { r.LastDay = "2029-05-01" }, "last_day=catalog.schedule.long"},
		{"no such day", func(r *catalog.ScheduleRequest) { r.LastDay = "2027-05-03" }, "last_day=catalog.schedule.no_day"},
		{"no venue", func(r *catalog.ScheduleRequest) { r.Each.VenueID = 77 }, "venue=catalog.session.venue"},
		{"no minute", func(r *catalog.ScheduleRequest) { r.Each.Ends = "14:00" }, "ends=catalog.session.order"},
		{"no hour", func(r *catalog.ScheduleRequest) { r.Each.Starts = "midi" }, "starts=catalog.hour.format"},
		{"a price of no series", func(r *catalog.ScheduleRequest) { r.Each.Pricing.Way, r.Each.PriceCents = catalog.PerSeries, 5000 }, "pricing=price.series.missing"},
		{"a series for nothing", func(r *catalog.ScheduleRequest) {
			r.Each.Pricing.Way, r.Each.PriceCents, r.Each.NewSeries = catalog.PerSeries, 0, "Printemps"
		}, "price=price.series.none"},
		{"one amount to choose", func(r *catalog.ScheduleRequest) {
			r.Each.Pricing = catalog.Pricing{Way: catalog.Chosen, Steps: []int{1400}}
		}, "steps=price.steps.number"},
		{"dear", func(r *catalog.ScheduleRequest) { r.Each.PriceCents = -1 }, "price=catalog.price"},
		{"opens late", func(r *catalog.ScheduleRequest) { r.Each.OpensDate, r.Each.OpensHour = "2027-06-01", "10:00" }, "opens=catalog.session.opens_after_close"},
		{"nobody", func(r *catalog.ScheduleRequest) { r.Facilitators = []int64{777} }, "facilitator=catalog.facilitator.cannot_lead"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := h.wednesdays("2027-05-01", "2027-05-31")
			tt.change(&r)
			_, err := h.Preview(t.Context(), staff, r)
			wantFault(t, err, fault.Invalid, tt.want)
		})
	}
	// What is past is shown, and cannot be taken.
	days := h.preview(h.wednesdays("2027-03-29", "2027-04-07"))
	if len(days) != 2 || !days[0].Past || days[0].Possible() || !days[1].Possible() {
		t.Errorf("got %+v", days)
	}
	_, err := h.Preview(t.Context(), h.user("李", account.Facilitator), h.wednesdays("2027-05-01", "2027-05-31"))
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}

// Several drafts are published with one opening, all or none.
func TestPublishSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b, c := h.draft("2027-05-12", "14:00", "16:00"), h.draft("2027-05-19", "14:00", "16:00"), h.draft("2027-06-02", "14:00", "16:00")
	wantFault(t, h.PublishSessions(t.Context(), staff, key(), []int64{a, b}, "2027-05-15", "10:00"), fault.Invalid, "opens=catalog.schedule.opens_late")
	wantFault(t, h.PublishSessions(t.Context(), staff, key(), nil, "", ""), fault.Invalid, "sessions=catalog.schedule.none")
	wantFault(t, h.PublishSessions(t.Context(), staff, key(), []int64{a}, "2027-05-01", ""), fault.Invalid, "opens=catalog.hour.format")
	if s := h.session(a); s.Status != catalog.Draft {
		t.Fatalf("a refused form left %s", s.Status)
	}
	k := key()
	for range 2 {
		if err := h.PublishSessions(t.Context(), staff, k, []int64{a, b}, "2027-04-24", "10:00"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []int64{a, b} {
		if s := h.session(id); s.Status != catalog.Published || s.OpensAt.Format("2006-01-02 15:04") != "2027-04-24 10:00" {
			t.Errorf("session %d: %s, opens %s", id, s.Status, s.OpensAt)
		}
	}
	opens := h.session(c).OpensAt
	if err := h.PublishSessions(t.Context(), staff, key(), []int64{a, c}, "", ""); err != nil {
		t.Fatal(err)
	}
	if s := h.session(c); s.Status != catalog.Published || !s.OpensAt.Equal(opens) {
		t.Errorf("without an answer: %s, opens %s, want %s", s.Status, s.OpensAt, opens)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'session.publish'`); n != 3 {
		t.Errorf("%d audit lines, want 3 (I12)", n)
	}
	h.clock.Set(start.AddDate(0, 2, 0))
	wantFault(t, h.PublishSessions(t.Context(), staff, key(), []int64{a}, "", ""), fault.Conflict, "catalog.schedule.hindered")
	wantFault(t, h.PublishSessions(t.Context(), h.user("李", account.Facilitator), key(), []int64{a}, "", ""), fault.Forbidden, "error.forbidden")
}

package web

import (
	"cmp"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const publishPath = "/equipe/seances/publier"

const schedulesPath = "/equipe/plans"

func schedulePath(id int64) string { return schedulesPath + "/" + idText(id) }

// schedulePage shows the sessions that a plan made.
type schedulePage struct {
	DeskHead
	What     string // chaque mercredi
	When     string
	Publish  string // the page that publishes its drafts; empty without any
	Edit     string // the page that changes several at once; empty where nothing is to come
	Sessions []deskSession
}

func getSchedule(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, p, now := c.Request.Context(), s.words, s.config.Now()
	plan, err := s.Catalog.Schedule(ctx, id)
	if err != nil {
		return err
	}
	page := &schedulePage{DeskHead: s.deskHead(c, p.T("plan.one")), What: s.rhythm(plan), When: p.T("plan.days", p.Date(dayOf(plan.FirstDay)), p.Date(dayOf(plan.LastDay)))}
	for i, v := range plan.Sessions {
		if i == 0 {
			page.Title = p.T("plan.one.of", workshopName(v.Workshop))
		}
		led, err := s.Catalog.Facilitators(ctx, v.ID)
		if err != nil {
			return err
		}
		if v.Status == catalog.Draft && v.StartsAt.After(now) && page.Manages {
			page.Publish = publishPath + "?plan=" + idText(id)
		}
		if changeable(v, now) && page.Manages {
			page.Edit = schedulePath(id) + "/modifier"
		}
		page.Sessions = append(page.Sessions, s.deskSession(v, led, now))
	}
	return s.show(c, http.StatusOK, "equipe/schedule", page)
}

// rhythm says on which days of the week a plan comes back.
func (s *Server) rhythm(plan catalog.Schedule) string {
	var days []string
	for _, d := range plan.Weekdays {
		days = append(days, s.words.T("school_dates.weekday."+idText(int64(d))))
	}
	return s.words.T("plan.rhythm."+idText(int64(plan.Every)), s.words.List(days))
}

// publishPage publishes several drafts at once, and says from when families can book them.
type publishPage struct {
	DeskHead
	Key       FormKey
	Back      string
	Plan      string // the plan whose drafts they are; empty for all
	Sessions  Choices
	OpensDate Field
	Opens     hourField
}

func getPublish(s *Server, c *gin.Context) error {
	return s.showPublish(c, http.StatusOK, url.Values{"plan": {c.Query("plan")}}, nil)
}

// drafts are the drafts of a plan, or all of them, that can still be published.
func (s *Server) drafts(c *gin.Context, plan int64) ([]catalog.Session, error) {
	now := s.config.Now()
	all, err := s.Catalog.Between(c.Request.Context(), now, now.AddDate(2, 0, 0))
	if err != nil {
		return nil, err
	}
	var drafts []catalog.Session
	for _, v := range all {
		if v.Status == catalog.Draft && !v.Private() && (plan == 0 || v.ScheduleID == plan) {
			drafts = append(drafts, v)
		}
	}
	return drafts, nil
}

func (s *Server) showPublish(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	p, plan := s.words, rowID(form.Get("plan"))
	drafts, err := s.drafts(c, plan)
	if err != nil {
		return err
	}
	page := &publishPage{DeskHead: s.deskHead(c, p.T("plan.publish.title")), Key: s.newKey(c, "sessions-publish"), Back: "/equipe/seances?vue=brouillons",
		Sessions:  Choices{Name: "sessions", Legend: p.T("plan.publish.sessions"), Many: true},
		OpensDate: Field{Name: "opens_date", Label: p.T("staff.session.opens.date"), Value: form.Get("opens_date"), Type: "date", Width: WidthMedium, Optional: true},
		Opens:     s.hourField("opens", p.T("staff.session.opens.hour"), "", true, form),
	}
	if plan != 0 {
		page.Plan, page.Back = idText(plan), schedulePath(plan)
	}
	for _, v := range drafts {
		page.Sessions.Options = append(page.Sessions.Options, Option{Value: idText(v.ID), Label: p.T("plan.publish.one", workshopName(v.Workshop), p.Date(v.StartsAt), p.Span(v.StartsAt, v.EndsAt)), Hint: v.Venue.Name})
	}
	chosen := form["sessions"]
	if problem == nil { // the first time: all of them
		for _, o := range page.Sessions.Options {
			chosen = append(chosen, o.Value)
		}
	}
	page.Sessions.Options = choose(page.Sessions.Options, chosen...)
	if problem != nil {
		fields := map[string]fault.Message{}
		for name, m := range problem.Fields {
			if name == "opens" && m.Key == "catalog.date.format" {
				name = "opens_date"
			}
			fields[name] = m
		}
		page.Opens.ask(s, fields)
		explain(p, &page.Page, &fault.Error{Kind: problem.Kind, Message: problem.Message, Fields: fields}, &page.Sessions, &page.OpensDate, &page.Opens.Field)
	}
	return s.show(c, status, "equipe/publish", page)
}

func postPublish(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "sessions-publish",
		do: func(form url.Values, key account.FormKey) (string, error) {
			next := "/equipe/seances?fait=publiees"
			if plan := rowID(form.Get("plan")); plan != 0 {
				next = schedulePath(plan) + "?fait=publiees"
			}
			return next, s.Catalog.PublishSessions(c.Request.Context(), s.actor(c), key, rowIDs(form["sessions"]), form.Get("opens_date"), meantHour(form, "opens"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPublish(c, status, form, problem)
		},
	})
}

// changeable reports whether a session of a plan can still be changed.
func changeable(v catalog.Session, now time.Time) bool {
	return v.Status != catalog.Cancelled && v.StartsAt.After(now)
}

// scheduleEditPage changes several sessions of a plan at once.
type scheduleEditPage struct {
	DeskHead
	Key      FormKey
	Action   string
	Back     string
	Seen     []hiddenField // the version of each session that the page shows
	Sessions Choices
	Starts   Field
	Ends     Field
	Capacity Field
	Venue    Select
	Person   Select
	Funding  Select

	Obstacles *obstacles
}

func getScheduleEdit(s *Server, c *gin.Context) error {
	return s.showScheduleEdit(c, http.StatusOK, url.Values{"from": {c.Query("depuis")}}, nil)
}

// showScheduleEdit shows the sessions to come of a plan: ticked are those that were, or at first those from the one on that the
// query names, or all.
func (s *Server) showScheduleEdit(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, p, now := c.Request.Context(), s.words, s.config.Now()
	plan, err := s.Catalog.Schedule(ctx, id)
	if err != nil {
		return err
	}
	venues, err := s.Catalog.Venues(ctx)
	if err != nil {
		return err
	}
	people, err := s.Catalog.Assignable(ctx)
	if err != nil {
		return err
	}
	page := &scheduleEditPage{Action: schedulePath(id) + "/modifier", Back: schedulePath(id), Key: s.newKey(c, "plan-edit"),
		Sessions: Choices{Name: "sessions", Legend: p.T("plan.edit.sessions"), Many: true},
		Starts:   Field{Name: "starts", Label: p.T("staff.session.starts"), Value: form.Get("starts"), Type: "time", Width: WidthShort, Optional: true},
		Ends:     Field{Name: "ends", Label: p.T("staff.session.ends"), Value: form.Get("ends"), Type: "time", Width: WidthShort, Optional: true},
		Capacity: Field{Name: "capacity", Label: p.T("staff.session.capacity"), Value: form.Get("capacity"), InputMode: "numeric", Width: WidthShort, Optional: true},
		Venue:    Select{Name: "venue", Label: p.T("plan.edit.venue"), Empty: p.T("plan.edit.same"), Optional: true},
		Person:   Select{Name: "facilitator", Label: p.T("plan.edit.person"), Empty: p.T("plan.edit.same"), Optional: true},
	}
	overtaken := problem != nil && problem.Message.Key == "catalog.schedule.changed_meanwhile"
	title, chosen, on := "", form["sessions"], form.Get("from") == ""
	for _, v := range plan.Sessions {
		title = workshopName(v.Workshop)
		on = on || idText(v.ID) == form.Get("from")
		if !changeable(v, now) {
			continue
		}
		if problem == nil && on {
			chosen = append(chosen, idText(v.ID))
		}
		seen := v.Version()
		if !overtaken { // until they were told what somebody else changed, they have seen what the first page showed
			seen = typedOr(form, seenField(idText(v.ID)), seen)
		}
		page.Seen = append(page.Seen, hiddenField{seenField(idText(v.ID)), seen})
		by := p.T("staff.sessions.nobody")
		if led, err := s.ledBy(ctx, v.ID); err != nil {
			return err
		} else if led != "" {
			by = p.T("plan.edit.led", led)
		}
		page.Sessions.Options = append(page.Sessions.Options, Option{Value: idText(v.ID), Label: p.Date(v.StartsAt) + ", " + p.Span(v.StartsAt, v.EndsAt),
			Hint: v.Venue.Name + " · " + p.T("staff.sessions.taken", v.Taken, v.Capacity) + " · " + by})
	}
	page.DeskHead = s.deskHead(c, p.T("plan.edit.title", title))
	page.Sessions.Options = choose(page.Sessions.Options, chosen...)
	for _, l := range venues {
		page.Venue.Options = append(page.Venue.Options, Option{Value: idText(l.ID), Label: p.T("staff.session.venue.city", l.Name, l.City)})
	}
	for _, f := range people {
		page.Person.Options = append(page.Person.Options, Option{Value: idText(f.ID), Label: f.Name})
	}
	if page.Funding, err = s.fundingField(ctx, form, p.T("plan.edit.same"), Option{Value: booking.NoFunding, Label: p.T("staff.session.funding.none")}); err != nil {
		return err
	}
	page.Venue.Options = choose(page.Venue.Options, form.Get("venue"))
	page.Person.Options = choose(page.Person.Options, form.Get("facilitator"))
	page.Obstacles = s.obstaclesOf(problem)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Sessions, &page.Starts, &page.Ends, &page.Capacity, &page.Venue, &page.Person, &page.Funding)
		page.Obstacles.explain(page.Errors)
	}
	return s.show(c, status, "equipe/schedule_edit", page)
}

func postScheduleEdit(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "plan-edit",
		do: func(form url.Values, key account.FormKey) (string, error) {
			change := booking.SessionsChange{Starts: form.Get("starts"), Ends: form.Get("ends"), VenueID: rowID(form.Get("venue")), Facilitator: rowID(form.Get("facilitator")), Funding: form.Get("funding"), Assent: assent(form), Seen: map[int64]string{}}
			for _, id := range form["sessions"] {
				change.Seen[rowID(id)] = form.Get(seenField(id))
			}
			if form.Get("capacity") != "" {
				change.Capacity = cmp.Or(wholeNumber(form.Get("capacity")), -1) // 0 would leave it as it is
			}
			return schedulePath(id) + "?fait=modifiees", s.Bookings.EditSessions(c.Request.Context(), s.actor(c), key, rowIDs(form["sessions"]), change)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showScheduleEdit(c, status, form, problem)
		},
	})
}

// rowIDs reads the ids that ticked boxes sent.
func rowIDs(typed []string) []int64 {
	ids := make([]int64, len(typed))
	for i, id := range typed {
		ids[i] = rowID(id)
	}
	return ids
}

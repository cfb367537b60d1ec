package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const publishPath = "/equipe/seances/publier"

func schedulePath(id int64) string { return "/equipe/plans/" + idText(id) }

// schedulePage shows the sessions that a plan made.
type schedulePage struct {
	DeskHead
	What     string // chaque mercredi
	When     string
	Publish  string // the page that publishes its drafts; empty without any
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
			page.Title = workshopName(v.Workshop)
		}
		led, err := s.Catalog.Facilitators(ctx, v.ID)
		if err != nil {
			return err
		}
		if v.Status == catalog.Draft && v.StartsAt.After(now) && page.Manages {
			page.Publish = publishPath + "?plan=" + idText(id)
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
		explain(p, &page.Page, &fault.Error{Kind: problem.Kind, Message: problem.Message, Fields: fields}, &page.Sessions, &page.OpensDate, &page.Opens.Field)
		page.Opens.ask(s, fields["opens"])
	}
	return s.show(c, status, "equipe/publish", page)
}

func postPublish(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "sessions-publish",
		do: func(form url.Values, key account.FormKey) (string, error) {
			var ids []int64
			for _, id := range form["sessions"] {
				ids = append(ids, rowID(id))
			}
			next := "/equipe/seances?fait=publiees"
			if plan := rowID(form.Get("plan")); plan != 0 {
				next = schedulePath(plan) + "?fait=publiees"
			}
			return next, s.Catalog.PublishSessions(c.Request.Context(), s.actor(c), key, ids, form.Get("opens_date"), meantHour(form, "opens"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPublish(c, status, form, problem)
		},
	})
}

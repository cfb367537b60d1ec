package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// deskDatesSection is what the page of one request at the desk says of its dates.
type deskDatesSection struct {
	Sessions []deskSession
	Options  []planOption
	Plan     string // where dates are proposed
	Takes    bool   // dates can still be proposed
}

// planOption is an open option as the team sees it.
type planOption struct {
	ID       string
	Workshop string
	Dates    []requestDate
	Venue    string
	Who      []string
	Kits     []string
	State    Badge
	Hindered []string // what stands in its way
	Withdraw deskAct  // empty for who only reads
}

// deskDatesSection fills the section of dates of the desk's page.
func (s *Server) deskDatesSection(c *gin.Context, requestID int64) (deskDatesSection, error) {
	d, err := s.School.DatesAtDesk(c.Request.Context(), s.actor(c), requestID)
	if err != nil {
		return deskDatesSection{}, err
	}
	section := deskDatesSection{Plan: DeskRequestPath(requestID) + "/dates", Takes: d.Request.State.TakesDates() && s.actor(c).CanManage()}
	section.Options = s.planOptions(c, d)
	section.Sessions, err = s.deskGroupSessions(c, d.Sessions)
	return section, err
}

// deskGroupSessions are the sessions of a request as the desk lists sessions.
func (s *Server) deskGroupSessions(c *gin.Context, sessions []catalog.Session) ([]deskSession, error) {
	var all []deskSession
	for _, v := range sessions {
		led, err := s.Catalog.Facilitators(c.Request.Context(), v.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, s.deskSession(v, led, s.config.Now()))
	}
	return all, nil
}

func (s *Server) planOptions(c *gin.Context, d school.Dates) []planOption {
	p := s.words
	var all []planOption
	for _, slot := range d.Open() {
		o := planOption{
			ID: idText(slot.ID), Workshop: workshopName(slot.Workshop), Venue: slot.Venue.Name, Who: facilitatorNames(slot.Facilitators),
			State: Badge{ToneWaiting, p.T("school_dates.plan.open")},
		}
		if s.actor(c).CanManage() {
			o.Withdraw = s.deskAct(c, "slot-withdraw", DeskRequestPath(d.Request.ID)+"/dates/retirer")
		}
		for _, t := range slot.Times {
			o.Dates = append(o.Dates, requestDate{Start: t.From, End: t.To})
		}
		for _, k := range slot.Kits {
			o.Kits = append(o.Kits, p.N("school_dates.plan.kit", k.Used, k.Name))
		}
		switch {
		case slot.Past:
			o.State = Badge{ToneStopped, p.T("school_dates.plan.past")}
		case !slot.Free():
			o.State = Badge{ToneStopped, p.T("school_dates.gone")}
		}
		for _, h := range slot.Hindered {
			o.Hindered = append(o.Hindered, p.Message(h.Refusal().Message))
		}
		all = append(all, o)
	}
	return all
}

// planPage is where the team proposes dates: who and what is free when, then the proposal.
type planPage struct {
	DeskHead
	Back  string
	Facts []Answer
	Spans []planSpan
	Look  planLook

	Options    []planOption
	Sessions   []deskSession
	Scheduled  bool
	Takes      bool
	Reschedule string

	Action   string
	Key      FormKey
	Workshop Select
	Venue    Select
	Capacity Field
	Rows     []planRow
	Each     Choices
	People   Choices
	Kits     []Field
}

// planSpan is a time with who and what is free then.
type planSpan struct {
	Start, End time.Time
	Lines      []Answer
}

// planLook asks about a time that nobody wished for.
type planLook struct {
	Day    Field
	Starts Field
	Ends   Field
}

// planRow is one time of a proposal.
type planRow struct {
	Number int
	Day    Field
	Starts hourField
	Ends   hourField
}

func getPlan(s *Server, c *gin.Context) error {
	return s.showPlan(c, http.StatusOK, nil, nil)
}

// showPlan shows the planning; form and problem are those of a proposal that could not be made, or nil.
func (s *Server) showPlan(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, p := c.Request.Context(), s.words
	look := school.TypedTime{Date: c.Query("jour"), Starts: c.Query("de"), Ends: c.Query("a")}
	plan, err := s.School.Planning(ctx, s.actor(c), id, look)
	var lookProblem *fault.Error
	if err != nil {
		if fault.KindOf(err) != fault.Invalid {
			return err
		}
		lookProblem, _ = fault.As(err)
	}
	r := plan.Request
	page := &planPage{
		DeskHead: s.deskHead(c, p.T("school_dates.plan.title", r.Organisation.Name)), Back: DeskRequestPath(id),
		Facts: s.planFacts(r), Scheduled: r.Scheduled, Takes: r.State.TakesDates(),
		Reschedule: DeskRequestPath(id) + "/dates/annuler", Action: DeskRequestPath(id) + "/dates", Key: s.newKey(c, "slot-propose"),
		Look: planLook{
			Day:    Field{Name: "jour", ID: "date_0", Label: p.T("school_dates.plan.look.day"), Value: look.Date, Type: "date", Width: WidthMedium},
			Starts: Field{Name: "de", ID: "starts_0", Label: p.T("staff.session.starts"), Value: look.Starts, Type: "time", Width: WidthShort},
			Ends:   Field{Name: "a", ID: "ends_0", Label: p.T("staff.session.ends"), Value: look.Ends, Type: "time", Width: WidthShort},
		},
		Options: s.planOptions(c, plan.Dates),
	}
	if page.Sessions, err = s.deskGroupSessions(c, plan.Sessions); err != nil {
		return err
	}
	spans := plan.Wanted
	if plan.Looked != nil {
		spans = append([]catalog.At{*plan.Looked}, spans...)
	}
	for _, at := range spans {
		page.Spans = append(page.Spans, s.planSpan(at))
	}
	if form == nil {
		form = planUsual(plan)
	}
	if err := s.fillProposal(c, page, plan, spans, form); err != nil {
		return err
	}
	switch {
	case problem != nil:
		page.explain(s, problem)
	case lookProblem != nil:
		status = http.StatusUnprocessableEntity
		fields := map[string]fault.Message{}
		for name, m := range lookProblem.Fields {
			fields[map[string]string{"date_0": "jour", "starts_0": "de", "ends_0": "a"}[name]] = m
		}
		explain(p, &page.Page, fault.InvalidFields(fields), &page.Look.Day, &page.Look.Starts, &page.Look.Ends)
	}
	return s.show(c, status, "equipe/request_plan", page)
}

// planFacts are what the organisation asked for, as far as dates go.
func (s *Server) planFacts(r school.Request) []Answer {
	p := s.words
	place := p.T("school.place." + string(r.Place))
	facts := []Answer{
		{Label: p.T("school_dates.plan.asked"), Value: r.Asked()},
		{Label: p.T("school_dates.plan.level"), Value: p.N("school_dates.plan.children", r.Children, r.Level)},
		{Label: p.T("school_dates.plan.place"), Value: place},
	}
	var wanted []string
	for _, d := range r.Wanted {
		wanted = append(wanted, p.T("school_dates.plan.half", p.Date(d.Day), p.T("school.half."+d.Half)))
	}
	if len(wanted) > 0 {
		facts = append(facts, Answer{Label: p.T("school_dates.plan.wanted"), Value: strings.Join(wanted, " · ")})
	}
	if r.Period != "" {
		facts = append(facts, Answer{Label: p.T("school_dates.plan.period"), Value: r.Period})
	}
	return facts
}

// planSpan says in a few lines who and what is free at a time.
func (s *Server) planSpan(at catalog.At) planSpan {
	p := s.words
	span := planSpan{Start: at.From, End: at.To}
	people := map[catalog.Standing][]string{}
	for _, f := range at.People {
		name := f.Name
		if f.Standing == catalog.Busy {
			name = p.T("school_dates.plan.busy", f.Name, f.Doing, f.Where)
		}
		people[f.Standing] = append(people[f.Standing], name)
	}
	for _, standing := range []catalog.Standing{catalog.Available, catalog.Unsaid, catalog.Unavailable, catalog.Absent, catalog.Busy} {
		if names := people[standing]; len(names) > 0 {
			span.Lines = append(span.Lines, Answer{Label: p.T("school_dates.standing." + string(standing)), Value: p.List(names)})
		}
	}
	var kits, rooms []string
	for _, k := range at.Kits {
		kits = append(kits, p.N("school_dates.plan.kit.free", k.Free, k.Name, k.Copies))
	}
	if len(kits) > 0 {
		span.Lines = append(span.Lines, Answer{Label: p.T("school_dates.plan.kits"), Value: strings.Join(kits, " · ")})
	}
	for _, r := range at.Rooms {
		rooms = append(rooms, p.T("school_dates.plan.room", r.Venue, r.What))
	}
	if len(rooms) > 0 {
		span.Lines = append(span.Lines, Answer{Label: p.T("school_dates.plan.rooms"), Value: strings.Join(rooms, " · ")})
	}
	return span
}

// planUsual are the answers that a proposal begins with: what was asked for, at the time that was looked at or else at those
// wished for.
func planUsual(plan school.Planning) url.Values {
	r := plan.Request
	form := url.Values{"workshop": {idText(r.WorkshopID)}, "capacity": {strconv.Itoa(r.Children)}, "each": {"yes"}}
	if r.Place == school.Theirs {
		form.Set("venue", theirPlace)
	}
	times := plan.Wanted
	if plan.Looked != nil {
		times = []catalog.At{*plan.Looked}
	}
	for i, at := range times {
		n := strconv.Itoa(i + 1)
		form.Set("date_"+n, at.From.Format(catalog.DateLayout))
		form.Set("starts_"+n, at.From.Format(catalog.HourLayout))
		form.Set("ends_"+n, at.To.Format(catalog.HourLayout))
	}
	return form
}

// theirPlace is the organisation's own place among the venues of the form.
const theirPlace = "theirs"

// fillProposal fills the form of a proposal.
func (s *Server) fillProposal(c *gin.Context, page *planPage, plan school.Planning, spans []catalog.At, form url.Values) error {
	ctx, p, o := c.Request.Context(), s.words, plan.Request.Organisation
	workshops, err := s.Catalog.Workshops(ctx)
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
	kits, err := s.Catalog.Kits(ctx)
	if err != nil {
		return err
	}
	page.Workshop = Select{Name: "workshop", Label: p.T("staff.session.workshop"), Empty: p.T("staff.choose")}
	if plan.Request.WorkshopID == 0 {
		page.Workshop.Hint = p.T("school_dates.plan.workshop.hint")
	}
	for _, w := range workshops {
		page.Workshop.Options = append(page.Workshop.Options, Option{Value: idText(w.ID), Label: workshopName(w)})
	}
	page.Workshop.Options = choose(page.Workshop.Options, form.Get("workshop"))
	page.Venue = Select{Name: "venue", Label: p.T("staff.session.venue"), Empty: p.T("staff.choose"),
		Options: []Option{{Value: theirPlace, Label: p.T("school_dates.plan.theirs", o.Name, o.City)}}}
	for _, v := range venues {
		page.Venue.Options = append(page.Venue.Options, Option{Value: idText(v.ID), Label: p.T("staff.session.venue.city", v.Name, v.City)})
	}
	page.Venue.Options = choose(page.Venue.Options, form.Get("venue"))
	page.Capacity = Field{Name: "capacity", Label: p.T("school_dates.plan.capacity"), Value: form.Get("capacity"), InputMode: "numeric", Width: WidthShort}
	for n := 1; n <= school.MaxTimes; n++ {
		i := strconv.Itoa(n)
		page.Rows = append(page.Rows, planRow{Number: n,
			Day:    Field{Name: "date_" + i, Label: p.T("school_dates.plan.day"), Value: form.Get("date_" + i), Type: "date", Width: WidthMedium, Optional: n > 1},
			Starts: s.hourField("starts_"+i, p.T("staff.session.starts"), "", n > 1, form),
			Ends:   s.hourField("ends_"+i, p.T("staff.session.ends"), "", n > 1, form),
		})
	}
	page.Each = Choices{Name: "each", Legend: p.T("school_dates.plan.each"), Options: choose([]Option{
		{Value: "yes", Label: p.T("school_dates.plan.each.yes")}, {Value: "no", Label: p.T("school_dates.plan.each.no")},
	}, form.Get("each"))}
	page.People = Choices{Name: "facilitator", Legend: p.T("school_dates.plan.people"), Many: true}
	for _, f := range people {
		page.People.Options = append(page.People.Options, Option{Value: idText(f.ID), Label: f.Name, Hint: s.standingHint(spans, f.ID)})
	}
	page.People.Options = choose(page.People.Options, form["facilitator"]...)
	for _, k := range kits {
		if k.Copies > 0 {
			name := "kit_" + idText(k.ID)
			page.Kits = append(page.Kits, Field{Name: name, Label: k.Name, Hint: p.N("school_dates.plan.copies", k.Copies), Value: form.Get(name), InputMode: "numeric", Width: WidthShort, Optional: true})
		}
	}
	return nil
}

// standingHint says how somebody stands at each of the times above.
func (s *Server) standingHint(spans []catalog.At, user int64) string {
	var said []string
	for _, at := range spans {
		for _, f := range at.People {
			if f.ID == user {
				said = append(said, s.words.T("school_dates.plan.person", s.words.DateShort(at.From), s.words.T("school_dates.person."+string(f.Standing))))
			}
		}
	}
	return strings.Join(said, " · ")
}

// explain writes what is wrong beside the fields.
func (page *planPage) explain(s *Server, problem *fault.Error) {
	controls := []control{&page.Workshop, &page.Venue, &page.Capacity}
	fields := map[string]fault.Message{}
	for name, m := range problem.Fields {
		fields[name] = m
	}
	if m, wrong := fields["kits"]; wrong && len(page.Kits) > 0 {
		delete(fields, "kits")
		fields[page.Kits[0].Name] = m
	}
	for i := range page.Rows {
		controls = append(controls, &page.Rows[i].Day, &page.Rows[i].Starts.Field, &page.Rows[i].Ends.Field)
	}
	controls = append(controls, &page.Each, &page.People)
	for i := range page.Kits {
		controls = append(controls, &page.Kits[i])
	}
	for i := range page.Rows {
		page.Rows[i].Starts.ask(s, fields)
		page.Rows[i].Ends.ask(s, fields)
	}
	explain(s.words, &page.Page, &fault.Error{Kind: problem.Kind, Message: problem.Message, Fields: fields}, controls...)
}

func postPlan(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "slot-propose",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return DeskRequestPath(id) + "?fait=dates", s.School.Propose(c.Request.Context(), s.actor(c), key, id, typedProposal(form))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPlan(c, status, form, problem)
		},
	})
}

// noVenue is the id of no venue: 0 would be the organisation's own.
const noVenue = -1

// typedProposal reads a proposal as it was typed.
func typedProposal(form url.Values) school.Proposal {
	p := school.Proposal{WorkshopID: rowID(form.Get("workshop")), Capacity: wholeNumber(form.Get("capacity")), Each: form.Get("each") != "no"}
	if venue := form.Get("venue"); venue != theirPlace {
		if p.VenueID = rowID(venue); p.VenueID == 0 {
			p.VenueID = noVenue
		}
	}
	filled := closeRows(form, school.MaxTimes, "date_#", "starts_#", "ends_#", "starts_#_meant", "starts_#_asked", "ends_#_meant", "ends_#_asked")
	for n := range filled {
		i := strconv.Itoa(n + 1)
		p.Times = append(p.Times, school.TypedTime{Date: form.Get("date_" + i), Starts: meantHour(form, "starts_"+i), Ends: meantHour(form, "ends_"+i)})
	}
	for _, user := range form["facilitator"] {
		p.Facilitators = append(p.Facilitators, rowID(user))
	}
	for name := range form {
		if id, isKit := strings.CutPrefix(name, "kit_"); isKit && strings.TrimSpace(form.Get(name)) != "" {
			p.Kits = append(p.Kits, catalog.KitUse{KitID: rowID(id), Copies: wholeNumber(form.Get(name))})
		}
	}
	return p
}

func postSlotWithdraw(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "slot-withdraw",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return DeskRequestPath(id) + "/dates?fait=date-retiree", s.School.WithdrawSlot(c.Request.Context(), s.actor(c), key, id, rowID(form.Get("slot")))
		},
		again: func(status int, _ url.Values, problem *fault.Error) error { return s.showPlan(c, status, nil, problem) },
	})
}

// reschedulePage asks before fixed dates are called off.
type reschedulePage struct {
	DeskHead
	Sessions []deskSession
	Reason   Field
	Action   string
	Back     string
	Key      FormKey
}

func getReschedule(s *Server, c *gin.Context) error {
	return s.showReschedule(c, http.StatusOK, nil, nil)
}

func (s *Server) showReschedule(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	d, err := s.School.DatesAtDesk(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p, back := s.words, DeskRequestPath(id)+"/dates"
	if !d.Request.Scheduled && problem == nil {
		return seeOther(c, back)
	}
	page := &reschedulePage{
		DeskHead: s.deskHead(c, p.T("school_dates.reschedule.title")), Action: back + "/annuler", Back: back, Key: s.newKey(c, "request-reschedule"),
		Reason: Field{Name: "reason", Label: p.T("school_dates.reason"), Hint: p.T("school_dates.reason.hint"), Value: form.Get("reason"), Rows: 3, Optional: true},
	}
	if page.Sessions, err = s.deskGroupSessions(c, d.Sessions); err != nil {
		return err
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "equipe/request_reschedule", page)
}

func postReschedule(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "request-reschedule",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return DeskRequestPath(id) + "/dates?fait=dates-annulees", s.School.Reschedule(c.Request.Context(), s.actor(c), key, id, form.Get("reason"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showReschedule(c, status, form, problem)
		},
	})
}

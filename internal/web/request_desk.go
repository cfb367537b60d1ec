package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// requestDeskPage is one request as the team works on it.
type requestDeskPage struct {
	DeskHead
	Reference  string
	Asked      string
	State      Badge
	Agreements agreementsSection
	Dates      deskDatesSection
	Waits      string
	Now        requestStep
	Facts      []Answer
	Contact    requestContact
	Feedback   *requestFeedback
	Follow     *requestFollow // nil for who reads only
	Money      deskMoneySection
	Class      requestClass
	History    []requestEvent
	// Ends leads to declining; empty where the request cannot end that way any more.
	Ends string
}

// requestStep is the one obvious next step, and other ways on.
type requestStep struct {
	What   string
	Act    *Link // nil: it is somebody else's turn
	Others []Link
}

// requestContact is who writes for the organisation. Everything is empty once forgotten.
type requestContact struct {
	Name, Role, Email, Phone, Digits string
	Edit                             string // where it is corrected; empty for who reads only
}

// requestFollow are the forms by which the team works on a request.
type requestFollow struct {
	Answer, Assign, Plan, Note deskAct
	Message                    Field
	Person                     Select
	Action, Day                Field
	Text                       Field
	Answers                    bool // the contact can still be written to
	Seen                       int  // events that the page shows
}

// requestFeedback is what the teacher said afterwards.
type requestFeedback struct {
	Rating, Comment string
}

func getRequestDesk(s *Server, c *gin.Context) error {
	return s.showRequestDesk(c, http.StatusOK, nil, nil)
}

// showRequestDesk shows the page of a request at the desk; form is what was typed into the part of the page that
// problem is about.
func (s *Server) showRequestDesk(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.School.Desk(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page := &requestDeskPage{
		DeskHead: s.deskHead(c, r.Organisation.Name), Reference: r.Reference, Asked: r.Asked(), State: s.requestBadge(r.State),
		Facts: requestFacts(s.words, r.Request), History: requestHistory(s.words, r.Events, zone, true),
		Contact: requestContact{Name: r.Contact.Name, Role: r.Contact.Role, Email: r.Contact.Email, Phone: r.Contact.Phone, Digits: phoneDigits(r.Contact.Phone)},
	}
	page.Waits, _ = s.waits(r.WaitingSince.In(zone), s.config.Now().In(zone))
	page.Now = s.requestStep(r.Request, page.Manages)
	if !r.Feedback.At.IsZero() {
		page.Feedback = &requestFeedback{Rating: s.words.T(ratingKey(r.Feedback.Rating)), Comment: r.Feedback.Comment}
	}
	if page.Dates, err = s.deskDatesSection(c, id); err != nil {
		return err
	}
	if page.Money, err = s.deskMoneySection(c, r.Request); err != nil {
		return err
	}
	if page.Agreements, err = s.deskAgreements(c, r.Request); err != nil {
		return err
	}
	if page.Class, err = s.requestClassAtDesk(c, r.Request); err != nil {
		return err
	}
	var controls []control
	if page.Manages {
		path := DeskRequestPath(id)
		page.Contact.Edit = path + "/contact"
		if r.State.MayBecome(school.Declined) {
			page.Ends = path + "/decliner"
		}
		if page.Follow, err = s.requestFollow(c, r.Request, len(r.Events), form); err != nil {
			return err
		}
		f := page.Follow
		controls = []control{&f.Message, &f.Person, &f.Action, &f.Day, &f.Text}
	}
	if problem != nil {
		explain(s.words, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/request", page)
}

// requestFollow makes the forms; form is what was typed into one of them, nil for fresh ones.
func (s *Server) requestFollow(c *gin.Context, r school.Request, seen int, form url.Values) (*requestFollow, error) {
	colleagues, err := s.School.Colleagues(c.Request.Context(), s.actor(c))
	if err != nil {
		return nil, err
	}
	p, path, me := s.words, DeskRequestPath(r.ID), s.actor(c)
	people := make([]Option, 0, len(colleagues))
	for _, one := range colleagues {
		label := one.Name
		if me.IsUser(one.ID) {
			label = p.T("school.follow.me", one.Name)
		}
		people = append(people, Option{Value: idText(one.ID), Label: label})
	}
	// What was typed stays where it was typed, and only there.
	typed := func(name, kept string) string { return typedOr(form, name, kept) }
	day := ""
	if on, err := time.Parse(time.DateOnly, r.NextActionOn); err == nil {
		day = on.Format("2/1/2006")
	}
	assigned := ""
	if r.AssignedTo != 0 {
		assigned = idText(r.AssignedTo)
	}
	return &requestFollow{
		Answer: s.deskAct(c, "request-answer", path+"/repondre"), Assign: s.deskAct(c, "request-assign", path+"/confier"),
		Plan: s.deskAct(c, "request-plan", path+"/prevoir"), Note: s.deskAct(c, "request-note", path+"/note"),
		Message: Field{Name: "message", Label: p.T("school.follow.message"), Hint: p.T("school.follow.message.hint"), Rows: 4, MaxLength: school.MaxText, Value: typed("message", "")},
		Person:  Select{Name: "person", Label: p.T("school.follow.person"), Optional: true, Empty: p.T("school.follow.nobody"), Options: choose(people, typed("person", assigned))},
		Action:  Field{Name: "action", Label: p.T("school.follow.action"), Optional: true, MaxLength: school.MaxLine, Value: typed("action", r.NextAction)},
		Day:     Field{Name: "day", Label: p.T("school.follow.day"), Hint: p.T("school.follow.day.hint"), Optional: true, Width: WidthShort, Value: typed("day", day)},
		Text:    Field{Name: "note", Label: p.T("school.follow.note"), Hint: p.T("school.follow.note.hint"), Rows: 3, MaxLength: school.MaxText, Value: typed("note", "")},
		Answers: r.Contact.Email != "", Seen: seen,
	}, nil
}

// requestStep says whose turn it is, and where the team takes the next step when it is theirs.
func (s *Server) requestStep(r school.Request, manages bool) requestStep {
	p, path, key := s.words, DeskRequestPath(r.ID), stepKey(r)
	step := requestStep{What: p.T("school.todo.step." + key)}
	if !manages {
		return step
	}
	act := func(below, label string) Link { return Link{Href: path + below, Label: p.T("school.act." + label)} }
	acts := map[string]Link{
		"received.team": act("/dates", "dates"), "proposed.team": act("/dates", "other_dates"), "proposed.fixed": act("/devis", "quote"),
		"quoted.team": act("/devis", "new_quote"), "accepted.undated": act("/dates", "dates"), "accepted.team": act("/convention", "agreement"),
		"agreed.undated": act("/dates", "dates"), "agreed.team": act("#classe", "count"), "done.team": act("/factures", "invoice"),
	}
	if link, ok := acts[key]; ok {
		step.Act = &link
	}
	switch {
	case key == "proposed.fixed":
		step.Others = []Link{act("/sans-devis", "no_quote")}
	case r.State == school.Accepted && r.Scheduled:
		step.Others = []Link{act("/sans-convention", "no_agreement")}
	}
	return step
}

// stepKey names where a request stands, whose turn it is and what lacks: STATE.team, STATE.theirs, STATE.fixed with dates
// that wait for a quote, STATE.undated where dates lack, STATE alone where nothing is to be done.
func stepKey(r school.Request) string {
	theirs := r.WaitingSince.IsZero()
	switch state := string(r.State); {
	case r.State.IsOver():
		return state
	case r.State == school.Proposed && r.Scheduled:
		return state + ".fixed"
	case !r.Scheduled && slices.Contains([]school.State{school.Accepted, school.Agreed}, r.State):
		return state + ".undated"
	case theirs:
		return state + ".theirs"
	default:
		return state + ".team"
	}
}

// requestFacts is all that was asked, without what was left empty.
func requestFacts(p *words.Printer, r school.Request) []Answer {
	o := r.Organisation
	wanted := make([]string, 0, len(r.Wanted))
	for _, d := range r.Wanted {
		wanted = append(wanted, p.T("school.with", p.Date(d.Day), p.T("school.half."+d.Half)))
	}
	wifi := ""
	if r.Place == school.Theirs {
		wifi = p.T("school.wifi." + r.Wifi)
	}
	var facts []Answer
	for _, f := range []Answer{
		{Label: "organisation", Value: p.T("school.with", o.Name, p.T("school.kind."+string(o.Kind)))},
		{Label: "address", Value: p.T("school.with", o.Address, o.Postcode+" "+o.City)},
		{Label: "uai", Value: o.UAI},
		{Label: "sector", Value: sectorWords(p, o)},
		{Label: "siret", Value: o.SIRET},
		{Label: "group", Value: p.N("school.group", r.Children, r.Level)},
		{Label: "adults", Value: p.N("school.adults", r.Adults)},
		{Label: "aim", Value: r.Aim},
		{Label: "wanted", Value: joinSentences(wanted)},
		{Label: "period", Value: r.Period},
		{Label: "place", Value: p.T("school.place." + string(r.Place))},
		{Label: "room", Value: r.Room},
		{Label: "equipment", Value: r.Equipment},
		{Label: "wifi", Value: wifi},
		{Label: "access", Value: r.Access},
		{Label: "funding", Value: fundingName(p, string(r.Funding))},
		{Label: "adage", Value: r.Adage},
		{Label: "message", Value: r.Message},
	} {
		if f.Value != "" {
			f.Label = p.T("school.fact." + f.Label)
			facts = append(facts, f)
		}
	}
	return facts
}

// sectorWords says of a school whether it is public or private, and its priority network.
func sectorWords(p *words.Printer, o school.Organisation) string {
	if o.Sector == "" {
		return o.Priority
	}
	sector := p.T("school.sector." + o.Sector)
	if o.Priority == "" {
		return sector
	}
	return p.T("school.with", sector, o.Priority)
}

// requestDeskAct is one form of the page; what is wrong shows on the page again.
func (s *Server) requestDeskAct(c *gin.Context, purpose, done string, do func(id int64, form url.Values, key account.FormKey) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return DeskRequestPath(id) + "?fait=" + done, do(id, form, key)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRequestDesk(c, status, form, problem)
		},
	})
}

func postRequestAnswer(s *Server, c *gin.Context) error {
	return s.requestDeskAct(c, "request-answer", "message", func(id int64, form url.Values, key account.FormKey) error {
		return s.School.Answer(c.Request.Context(), s.actor(c), key, id, shownNumber(form.Get("seen")), form.Get("message"))
	})
}

func postRequestAssign(s *Server, c *gin.Context) error {
	return s.requestDeskAct(c, "request-assign", "confiee", func(id int64, form url.Values, key account.FormKey) error {
		person := rowID(form.Get("person"))
		if person == 0 && form.Get("person") != "" {
			person = -1 // what is no id is nobody that exists, and not nobody
		}
		return s.School.Assign(c.Request.Context(), s.actor(c), key, id, shownNumber(form.Get("seen")), person)
	})
}

func postRequestPlan(s *Server, c *gin.Context) error {
	return s.requestDeskAct(c, "request-plan", "prevue", func(id int64, form url.Values, key account.FormKey) error {
		return s.School.Plan(c.Request.Context(), s.actor(c), key, id, shownNumber(form.Get("seen")), form.Get("action"), form.Get("day"))
	})
}

func postRequestNote(s *Server, c *gin.Context) error {
	return s.requestDeskAct(c, "request-note", "note", func(id int64, form url.Values, key account.FormKey) error {
		return s.School.AddNote(c.Request.Context(), s.actor(c), key, id, shownNumber(form.Get("seen")), form.Get("note"))
	})
}

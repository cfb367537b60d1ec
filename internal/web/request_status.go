package web

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// requestStatusPage is where an organisation sees how its request stands and acts on it.
type requestStatusPage struct {
	Page
	Reference    string
	Organisation string
	Asked        string
	State        Badge
	Agreements   agreementsSection
	Dates        requestDatesSection
	Steps        []requestPathStep // empty for a request that ended early
	Next         string            // what happens next, and who must act
	Feedback     string            // where the two questions are; empty when there is nothing to say
	Thanks       bool              // they were answered
	Calendar     string            // the dates that are fixed as a file; empty without any
	Withdraw     string            // empty where the request cannot be given up any more
	Again        deskAct           // another request starts from this one
	History      []requestEvent
	Base         string // path of this page, the others are below it
	Money        moneySection
	Class        requestClass
}

// requestPathStep is one hole of the row that shows how far a request has come.
type requestPathStep struct {
	Label   string
	Hole    string // taken when done, free when to come
	Current bool   // the one that is being done
}

// requestEvent is one line of a request's history, in the zone of the team.
type requestEvent struct {
	At   time.Time
	Who  string
	What string
	Text string
	Note bool // for the team alone
}

// requestPages are the pages of a request for the organisation and for the desk.
func requestPages() []Declared {
	return []Declared{
		{Name: "demandes/status", Data: &requestStatusPage{}},
		{Name: "demandes/agreement", Data: &agreementPage{}},
		{Name: "equipe/agreement", Data: &agreementDeskPage{}},
		{Name: "equipe/agreement_text", Data: &agreementTextPage{}},
		{Name: "demandes/choose", Data: &choosePage{}},
		{Name: "demandes/choose_refused", Data: &chooseRefusedPage{}},
		{Name: "demandes/other_dates", Data: &otherDatesPage{}},
		{Name: "equipe/request", Data: &requestDeskPage{}},
		{Name: "equipe/request_plan", Data: &planPage{}},
		{Name: "equipe/request_reschedule", Data: &reschedulePage{}},
		{Name: "demandes/withdraw", Data: &requestWithdrawPage{}},
		{Name: "demandes/feedback", Data: &requestFeedbackPage{}},
		{Name: "equipe/request_act", Data: &requestActPage{}},
		{Name: "equipe/request_contact", Data: &requestContactPage{}},
		{Name: "equipe/requests", Data: &inboxPage{}},
		{Name: "equipe/requests_board", Data: &boardPage{}},
		{Name: "demandes/payer", Data: &payerPage{}},
		{Name: "demandes/payer_form", Data: &payerFormPage{}},
		{Name: "demandes/bill", Data: &billPage{}},
		{Name: "demandes/accept", Data: &acceptPage{}},
		{Name: "demandes/refuse", Data: &refusePage{}},
		{Name: "demandes/confirm", Data: &confirmPage{}},
		{Name: "equipe/payer_form", Data: &deskPayerPage{}},
		{Name: "equipe/quote_form", Data: &quoteFormPage{}},
		{Name: "equipe/bill", Data: &deskBillPage{}},
		{Name: "equipe/record", Data: &recordPage{}},
		{Name: "equipe/invoice_form", Data: &invoiceFormPage{}},
		{Name: "equipe/accounts", Data: &accountsPage{}},
	}
}

func getRequest(s *Server, c *gin.Context) error {
	return s.showRequest(c, http.StatusOK, nil)
}

// showRequest shows the status page; problem is what kept an act on it from being done.
func (s *Server) showRequest(c *gin.Context, status int, problem *fault.Error) error {
	r, err := s.School.Status(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page := &requestStatusPage{
		Page: s.newPage(c, s.words.T("school.status.title")), Reference: r.Reference, Organisation: r.Organisation.Name,
		Asked: r.Asked(), State: s.requestBadge(r.State), History: requestHistory(s.words, r.Events, zone, false), Base: RequestPath(requestLink(c)),
	}
	page.Section = SectionGroups
	page.Steps, page.Next = s.requestPath(r.Request), s.words.T("school.next."+stepKey(r.Request))
	page.Thanks, page.Again = !r.Feedback.At.IsZero(), s.deskAct(c, purposeAgain, page.Base+"/recommencer")
	if r.State.TakesFeedback() && !page.Thanks {
		page.Feedback = page.Base + "/avis"
	}
	if len(r.Sessions) > 0 {
		page.Calendar = page.Base + "/agenda.ics"
	}
	if r.State.MayBecome(school.Withdrawn) && !r.Begun {
		page.Withdraw = page.Base + "/retirer"
	}
	if page.Money, err = s.statusMoney(c); err != nil {
		return err
	}
	if page.Agreements, err = s.statusAgreements(c, r.Request); err != nil {
		return err
	}
	if page.Class, err = s.requestClassSection(c, r.Request, page.Base); err != nil {
		return err
	}
	if page.Dates, err = s.requestDatesSection(c); err != nil {
		return err
	}
	page.Notice = cmp.Or(s.statusNotice(c, r), s.moneyNotice(c, page.Money.Asked), s.datesNotice(c, page.Dates))
	if problem != nil { // there is nothing to correct: the page says how things stand
		page.Title, page.Notice = s.words.T("school.status.path"), &Notice{Tone: ToneWarning, Title: s.words.Message(problem.Message)}
	}
	return s.show(c, status, "demandes/status", page)
}

// statusNotice tells of an act on the whole request, as the query names it, while it holds; nil when there is none.
func (s *Server) statusNotice(c *gin.Context, r school.Status) *Notice {
	switch done := c.Query("fait"); {
	case done == "recue" && s.config.Now().Before(r.CreatedAt.Add(school.ReturnTime)): // by then the address may be in other hands
		return &Notice{Tone: ToneDone, Title: s.words.T("school.done.received"), Text: s.words.T("school.done.received.text", r.Contact.Email)}
	case done == "retiree" && r.State == school.Withdrawn:
		return &Notice{Tone: ToneDone, Title: s.words.T("school.done.withdrawn")}
	case done == "avis" && !r.Feedback.At.IsZero():
		return &Notice{Tone: ToneDone, Title: s.words.T("school.done.feedback")}
	}
	return nil
}

// requestPath is how far a request has come. One that ended early shows no row: nothing of it is to come.
func (s *Server) requestPath(r school.Request) []requestPathStep {
	if r.State == school.Declined || r.State == school.Withdrawn {
		return nil
	}
	reached := func(state school.State) bool {
		return slices.Index(school.States(), r.State) >= slices.Index(school.States(), state)
	}
	var steps []requestPathStep
	current := false
	for _, step := range []struct {
		name string
		done bool
	}{
		{"received", true}, {"dates", r.Scheduled || reached(school.Done)}, {"quote", reached(school.Quoted)}, {"accepted", reached(school.Accepted)},
		{"agreed", reached(school.Agreed)}, {"done", reached(school.Done)},
	} {
		shown := requestPathStep{Label: s.words.T("school.path." + step.name), Hole: "free"}
		if step.done {
			shown.Hole = "taken"
		} else if !current {
			shown.Current, current = true, true
		}
		steps = append(steps, shown)
	}
	return steps
}

// requestTones are the shapes of the states of a request.
var requestTones = map[school.State]Tone{
	school.Received: ToneWaiting, school.Proposed: ToneWaiting, school.Quoted: ToneWaiting, school.Accepted: ToneDone,
	school.Agreed: ToneDone, school.Done: ToneDone, school.Closed: ToneInfo, school.Declined: ToneStopped, school.Withdrawn: ToneStopped,
}

func (s *Server) requestBadge(state school.State) Badge {
	return Badge{requestTones[state], s.words.T(state.Label())}
}

// requestHistory is what happened, the last first. Only the team reads who of the team it was.
func requestHistory(p *words.Printer, events []school.Event, zone *time.Location, named bool) []requestEvent {
	lines := make([]requestEvent, 0, len(events))
	for i := len(events) - 1; i >= 0; i-- {
		e := events[i]
		line := requestEvent{
			At: e.At.In(zone), Who: p.T("school.by." + string(e.By)), What: p.T("school.event." + e.Kind), Text: e.Text, Note: e.IsInternal(),
		}
		if named && e.User != "" {
			line.Who = e.User
		}
		lines = append(lines, line)
	}
	return lines
}

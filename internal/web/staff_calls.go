package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// callsPath is the team's call list.
const callsPath = "/equipe/appels"

// callsPage is whom the team should call, and what to say.
type callsPage struct {
	DeskHead
	Calls  []callLine
	Silent []callLine // called already, and nobody answered
}

// callLine is one family to call.
type callLine struct {
	Subject     string
	About       Badge
	Guardian    string
	Phone, Dial string
	Email       string
	Children    []string
	Say         string // what to say, in one sentence
	Since       string
	Silent      string // when they were called last; empty before
	Session     Link
	Start, End  time.Time
	Booking     Link
	Action      string
	// Register is the session in whose register the answer is noted; 0 for all other calls.
	Register int64
	Acts     []callAct
}

// callAct is one answer, in one tap.
type callAct struct {
	Key     FormKey
	Outcome string
	Label   string
	Main    bool
	// Who it is about, where that has to be said: the booking of the only child, or, of several, those chosen.
	Booking int64
	Choose  Choices
}

// aboutWhom asks, of an answer that is about children who will not come, who they are: all, unless somebody says otherwise.
func (s *Server) aboutWhom(act *callAct, call booking.Call) {
	if call.About != booking.CallNotArrived || act.Outcome != string(booking.CallDeclined) {
		return
	}
	if len(call.Bookings) == 1 {
		act.Booking = call.Bookings[0]
		return
	}
	act.Choose = Choices{Name: "inscription", ID: "qui-" + strings.ReplaceAll(call.Subject, ":", "-"), Legend: s.words.T("calls.not_coming.who"), Many: true, Inline: true}
	for i, id := range call.Bookings {
		act.Choose.Options = append(act.Choose.Options, Option{Value: idText(id), Label: call.Children[i], Chosen: true})
	}
}

// bookingsChosen reads the children whom an answer is about.
func bookingsChosen(form url.Values) (list []int64) {
	for _, typed := range form["inscription"] {
		list = append(list, rowID(typed))
	}
	return list
}

func getCalls(s *Server, c *gin.Context) error { return s.showCalls(c, http.StatusOK, nil) }

func (s *Server) showCalls(c *gin.Context, status int, problem *fault.Error) error {
	list, err := s.Bookings.Calls(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &callsPage{DeskHead: s.deskHead(c, s.words.T("calls.title"))}
	for _, call := range list {
		line := s.callLine(c, call)
		if call.SilentAt.IsZero() {
			page.Calls = append(page.Calls, line)
		} else {
			page.Silent = append(page.Silent, line)
		}
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "equipe/calls", page)
}

// callTones are the shapes of what calls are about.
var callTones = map[booking.CallAbout]Tone{
	booking.CallSeat: ToneWarning, booking.CallOffer: ToneWarning, booking.CallReminder: ToneWarning, booking.CallUnanswered: ToneWaiting,
	booking.CallMail: ToneWarning, booking.CallCancelled: ToneStopped, booking.CallMoved: ToneWarning, booking.CallGiven: ToneDone, booking.CallDisowned: ToneWarning,
	booking.CallNotArrived: ToneWarning,
}

func (s *Server) callLine(c *gin.Context, call booking.Call) callLine {
	p, about, v := s.words, string(call.About), newBookedSession(call.Session)
	line := callLine{
		Subject: call.Subject, About: Badge{Tone: callTones[call.About], Label: p.T("calls.about." + about)},
		Guardian: call.Guardian.Name, Phone: call.Guardian.Phone, Dial: dialled(call.Guardian.Phone), Email: call.Guardian.Email,
		Children: call.Children, Session: Link{Href: deskSessionPath(v.ID), Label: v.Name}, Start: v.Start, End: v.End,
		Booking: Link{Href: deskBookingPath(call.Reference), Label: call.Reference}, Action: callsPath,
		Since: p.T("calls.since."+about, p.DateShort(call.Since), p.Hour(call.Since)),
	}
	say, last := "calls.say."+about, ""
	switch call.About {
	case booking.CallOffer:
		last = s.spoken(call.Until)
		line.Since = p.T("calls.since.offer", p.DateShort(call.Since), p.Hour(call.Since), last)
	case booking.CallUnanswered:
		if call.OffList {
			say = "calls.say.off_list"
		}
	case booking.CallMail:
		last = s.mailKind(call.Kind)
	case booking.CallMoved:
		last = v.Venue + ", " + v.Address + ", " + v.City
	case booking.CallReminder:
		if call.Guardian.Email == "" {
			line.Since = p.T("calls.since.unasked")
		}
	}
	if call.About == booking.CallNotArrived {
		line.Register = call.Session.ID
	}
	line.Say = p.N(say, len(call.Children), p.List(call.Children), s.spoken(v.Start), last)
	line.Silent = s.silentSince(call.SilentAt)
	for _, outcome := range call.About.Outcomes() {
		act := callAct{
			Key: s.newKey(c, "call"), Outcome: string(outcome), Label: s.callAnswer(call.About, outcome), Main: outcome == booking.CallAccepted || outcome == booking.CallTold,
		}
		s.aboutWhom(&act, call)
		line.Acts = append(line.Acts, act)
	}
	return line
}

// spoken is an instant as one says it on the phone: without its year.
func (s *Server) spoken(at time.Time) string {
	return s.words.T("calls.when", s.words.Day(at), s.words.Hour(at))
}

// callAnswer is an answer as the button of it says.
func (s *Server) callAnswer(about booking.CallAbout, outcome booking.CallOutcome) string {
	if about == booking.CallNotArrived && outcome == booking.CallAccepted {
		return s.words.T("calls.act.arriving")
	}
	if about == booking.CallReminder || about == booking.CallNotArrived {
		switch outcome {
		case booking.CallAccepted:
			return s.words.T("calls.act.coming")
		case booking.CallDeclined:
			return s.words.T("calls.act.not_coming")
		}
	}
	return s.words.T("calls.act." + string(outcome))
}

// silentSince says when somebody was called last; empty for the zero time.
func (s *Server) silentSince(at time.Time) string {
	switch now := s.config.Now().In(at.Location()); {
	case at.IsZero():
		return ""
	case now.Format(time.DateOnly) == at.Format(time.DateOnly):
		return s.words.T("calls.silent.at", s.words.Hour(at))
	}
	return s.words.T("calls.silent.on", s.words.DateShort(at), s.words.Hour(at))
}

// callResults are what the list tells of a call that was recorded, as its query names it.
var callResults = map[booking.CallResult]string{
	booking.CallSeated: "appel-place", booking.CallKept: "appel-rang", booking.CallOff: "appel-hors-liste", booking.CallComing: "appel-vient",
	booking.CallLeft: "appel-refus", booking.CallDone: "appel", booking.CallSilent: "appel-silence",
	booking.CallExcused: "appel-excuse",
}

// callComing is what comes of calling about a child who has not come.
var callComing = map[booking.CallOutcome]booking.CallResult{
	booking.CallAccepted: booking.CallComing, booking.CallDeclined: booking.CallExcused, booking.CallNoAnswer: booking.CallSilent,
}

// postCall takes one answer.
func postCall(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "call",
		do: func(form url.Values, key account.FormKey) (string, error) {
			if session := rowID(form.Get("seance")); session != 0 {
				did, err := callComing[booking.CallOutcome(form.Get("reponse"))],
					s.Attendance.RecordNotArrived(c.Request.Context(), s.actor(c), key, session, form.Get("sujet"), booking.CallOutcome(form.Get("reponse")), bookingsChosen(form))
				return callsPath + "?fait=" + callResults[did], err
			}
			did, err := s.Bookings.RecordCall(c.Request.Context(), s.actor(c), key, form.Get("sujet"), booking.CallOutcome(form.Get("reponse")))
			return callsPath + "?fait=" + callResults[did], err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error { return s.showCalls(c, status, problem) },
	})
}

// callTodo is the thing to do at the home of the desk; none when nobody is to call.
func (s *Server) callTodo(c *gin.Context) ([]deskTodo, error) {
	actor := s.actor(c)
	if !actor.CanManage() {
		return nil, nil
	}
	calls, err := s.Bookings.Calls(c.Request.Context(), actor)
	if err != nil || len(calls) == 0 {
		return nil, err
	}
	return []deskTodo{{Badge{ToneWarning, s.words.N("calls.home", len(calls))}, Link{callsPath, s.words.T("calls.home.act")}}}, nil
}

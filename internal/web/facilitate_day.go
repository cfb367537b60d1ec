package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// daySection is what the register shows beside its children: that it is closed, who has not come, who of the team is there.
type daySection struct {
	Closed    string // when and by whom; empty while it is open
	Late      string // what tablets brought afterwards; empty when nothing
	CloseHref string // where it is closed, or opened again; empty for who may neither
	Missing   []missingLine
	CallHref  string
	Here      teamHere
	Incident  string // where a note for staff is written; empty for who may not
}

// teamHere is who of the team is there.
type teamHere struct {
	Team     []memberLine
	TeamHref string // where presences are sent; empty for who may not
	Back     string // the page to come back to; empty for the register
}

// missingLine is a family to call because a child has not come.
type missingLine struct {
	Subject  string
	Rows     string // of the register, for register.js: the line is over once all of them are marked
	Children []string
	Call     phoneContact
	Silent   string // when they were called last; empty before
	Acts     []callAct
}

// memberLine is somebody of the team at the session.
type memberLine struct {
	ID    string
	Name  string
	State Badge
	Me    bool
	Here  bool
	Key   FormKey
}

// addDay fills the section of a register.
func (s *Server) addDay(c *gin.Context, page *registerPage, id int64, r attendance.Roster) error {
	day := daySection{Closed: s.closedWords(r), CallHref: registerPath(id, "/absents")}
	if r.Closing != nil && r.Closing.Late > 0 {
		day.Late = s.words.N("closing.late", r.Closing.Late)
	}
	started := !r.ReadAt.Before(r.Session.StartsAt)
	if r.Group == nil && started && (page.MayMark || r.MayReopen) {
		day.CloseHref = closePath(id)
	}
	if page.MayMark || r.MayReopen {
		day.Incident = registerPath(id, "/incident")
	}
	if page.MayMark {
		day.Here.TeamHref = registerPath(id, "/presence")
		for _, call := range r.NotArrived {
			day.Missing = append(day.Missing, s.missingLine(c, call))
		}
	}
	var err error
	if day.Here.Team, err = s.memberLines(c, id); err != nil {
		return err
	}
	page.Day = day
	return nil
}

// closedWords says when and by whom a register was closed; empty while it is open.
func (s *Server) closedWords(r attendance.Roster) string {
	if r.Closing == nil {
		return ""
	}
	at := r.Closing.At.In(r.Session.StartsAt.Location())
	if r.Closing.By == "" {
		return s.words.T("closing.closed.alone", s.words.DateShort(at))
	}
	return s.words.T("closing.closed.by", s.words.DateShort(at), s.words.Hour(at), r.Closing.By)
}

func (s *Server) missingLine(c *gin.Context, call booking.Call) missingLine {
	line := missingLine{Subject: call.Subject, Children: call.Children, Silent: s.silentSince(call.SilentAt),
		Call: phoneContact{Name: call.Guardian.Name, Phone: call.Guardian.Phone, Role: s.words.T("attendance.care.guardian"), Dial: dialled(call.Guardian.Phone)}}
	for i, id := range call.Bookings {
		if i > 0 {
			line.Rows += " "
		}
		line.Rows += rowName(attendance.Child{BookingID: id})
	}
	for _, outcome := range call.About.Outcomes() {
		act := callAct{Key: s.newKey(c, "not-arrived"), Outcome: string(outcome), Label: s.callAnswer(call.About, outcome)}
		s.aboutWhom(&act, call)
		line.Acts = append(line.Acts, act)
	}
	return line
}

// memberLines are the team of a session, as far as the visitor may see it.
func (s *Server) memberLines(c *gin.Context, id int64) ([]memberLine, error) {
	actor := s.actor(c)
	team, err := s.Attendance.Team(c.Request.Context(), actor, id)
	if err != nil {
		return nil, err
	}
	var lines []memberLine
	for _, m := range team {
		lines = append(lines, s.memberLine(c, m, actor.IsUser(m.UserID)))
	}
	return lines, nil
}

func (s *Server) memberLine(c *gin.Context, m attendance.Member, me bool) memberLine {
	state := Badge{ToneWaiting, s.words.T("day.team.expected")}
	if m.Here {
		state = Badge{ToneDone, s.words.T("day.team.here")}
	}
	return memberLine{ID: idText(m.UserID), Name: m.Name, State: state, Me: me, Here: m.Here, Key: s.newKey(c, "team")}
}

// postNotArrived takes what came of a call about a child who has not come.
func postNotArrived(s *Server, c *gin.Context) error {
	id, form, key, err := s.readAct(c, "not-arrived")
	if err != nil {
		return err
	}
	err = s.Attendance.RecordNotArrived(c.Request.Context(), s.actor(c), key, id, form.Get("sujet"), booking.CallOutcome(form.Get("reponse")), bookingsChosen(form))
	if f, ok := fault.As(err); ok && f.Message.Key == "calls.not_coming.nobody" {
		return s.showRegister(c, http.StatusUnprocessableEntity, form, f)
	}
	if err != nil && !fault.Is(err, fault.Conflict, "calls.over") { // the register shows how things stand
		return err
	}
	return seeOther(c, registerPath(id, "#pas-arrives"))
}

// postPresence notes who of the team is there.
func postPresence(s *Server, c *gin.Context) error {
	id, form, key, err := s.readAct(c, "team")
	if err != nil {
		return err
	}
	if err := s.Attendance.NoteMember(c.Request.Context(), s.actor(c), key, id, rowID(form.Get("personne")), form.Get("la") == "oui"); err != nil {
		return err
	}
	if form.Get("retour") == "cloture" {
		return seeOther(c, closePath(id)+"#equipe")
	}
	return seeOther(c, registerPath(id, "#equipe"))
}

// incidentPage is where a note for staff is written. What was sent is not shown: it is for them.
type incidentPage struct {
	Page
	Session ledSession
	Sent    []string
	Text    Field
	Action  string
	Key     FormKey
}

func getIncident(s *Server, c *gin.Context) error {
	return s.showIncident(c, http.StatusOK, url.Values{}, nil)
}

func (s *Server) showIncident(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request.Context(), s.actor(c)
	sent, err := s.Attendance.OwnIncidents(ctx, actor, id)
	if err != nil {
		return err
	}
	session, led, err := s.Attendance.ToLead(ctx, actor, id)
	if err != nil {
		return err
	}
	p := s.words
	page := &incidentPage{
		Page: s.facilitatePage(c, p.T("incident.title")), Session: newLedSession(session, led), Action: registerPath(id, "/incident"), Key: s.newKey(c, "incident"),
		Text: Field{Name: "text", Label: p.T("incident.text"), Hint: p.T("incident.text.hint"), Value: form.Get("text"), Rows: 8, Autocomplete: "off"},
	}
	for _, at := range sent {
		at = at.In(session.StartsAt.Location())
		page.Sent = append(page.Sent, p.T("incident.sent", p.DateShort(at), p.Hour(at)))
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Text)
	}
	return s.show(c, status, "animation/incident", page)
}

func postIncident(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "incident",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return registerPath(id, "/incident"), s.Attendance.WriteIncident(c.Request.Context(), s.actor(c), key, id, form.Get("text"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showIncident(c, status, form, problem)
		},
	})
}

// deskDay is what the desk tells of the day of a session: who of the team was there, whether it is closed, what happened.
type deskDay struct {
	Here      teamHere
	Closed    string
	Late      string
	CloseHref string // where it is closed, or opened again; empty where there is nothing of the kind
	Incidents []deskIncident
}

// deskIncident is a note for staff.
type deskIncident struct {
	ID           string
	Text         []string // its lines
	Author, Seen string
	At           time.Time
	Act          deskAct // to say that it was read; its Action is empty then
}

// addDeskDay fills that part of the page of a session, for who runs the programme, once it has begun.
func (s *Server) addDeskDay(c *gin.Context, page *deskSessionPage, v catalog.Session) error {
	if !page.Manages || page.Draft {
		return nil
	}
	ctx, actor, p, id, starts := c.Request.Context(), s.actor(c), s.words, v.ID, v.StartsAt
	notes, err := s.Attendance.Incidents(ctx, actor, id)
	if err != nil {
		return err
	}
	day := &deskDay{}
	for _, n := range notes {
		note := deskIncident{ID: idText(n.ID), Text: strings.Split(n.Text, "\n"), Author: n.Author, At: n.WrittenAt.In(starts.Location())}
		if n.SeenAt.IsZero() {
			note.Act = s.deskAct(c, "incident-seen", deskSessionPath(id)+"/incidents")
		} else {
			seen := n.SeenAt.In(starts.Location())
			note.Seen = p.T("incident.seen", n.SeenBy, p.DateShort(seen))
		}
		day.Incidents = append(day.Incidents, note)
	}
	if !s.config.Now().Before(starts) && !page.Cancelled {
		if day.Here.Team, err = s.memberLines(c, id); err != nil {
			return err
		}
		if page.Group == nil {
			closing, err := s.Attendance.Closing(ctx, actor, id)
			if err != nil {
				return err
			}
			day.CloseHref = closePath(id)
			if closing != nil {
				day.Closed = s.closedWords(attendance.Roster{Session: v, Closing: closing})
				if closing.Late > 0 {
					day.Late = p.N("closing.late", closing.Late)
				}
			}
		}
	}
	page.Day = day
	return nil
}

// postIncidentSeen says that staff have read a note.
func postIncidentSeen(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "incident-seen",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return deskSessionPath(id) + "#incidents", s.Attendance.SeeIncident(c.Request.Context(), s.actor(c), key, id, rowID(form.Get("note")))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskSession(c, status, form, problem)
		},
	})
}

// incidentTodo is the thing to do at the home of the desk while a note waits to be read.
func (s *Server) incidentTodo(c *gin.Context) ([]deskTodo, error) {
	actor := s.actor(c)
	if !actor.CanManage() {
		return nil, nil
	}
	session, n, err := s.Attendance.UnseenIncidents(c.Request.Context(), actor)
	if err != nil || session == 0 {
		return nil, err
	}
	return []deskTodo{{Badge{ToneWarning, s.words.N("incident.home", n)}, Link{deskSessionPath(session) + "#incidents", s.words.N("incident.home.act", n)}}}, nil
}

package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
)

// closePage ends a session: first who is still inside and who has no mark, each settled in one tap; then the button (UX-F15).
type closePage struct {
	Page
	Session  ledSession
	Closed   string // when and by whom; empty while it is open
	Late     string
	Early    bool // not begun yet
	Inside   []closeLine
	Unmarked []closeLine
	// AllAbsent marks all who have no mark.
	AllAbsent FormKey
	Counts    []registerCount
	Here      teamHere
	Incident  string
	SettleTo  string // where marks of this page are sent
	Reason    Field
	Action    string
	Key       FormKey
	MayReopen bool
}

// closeLine is a child for whom something is left to say.
type closeLine struct {
	Who   int64
	Name  string
	State Badge
	Calls []phoneContact
	// Takers are those who may take the child away in one tap.
	Takers []closeTaker
	Other  string // where anybody else is noted
	Absent FormKey
	Here   FormKey
}

// closeTaker is a button: the child left with them.
type closeTaker struct {
	Value, Label string
	Key          FormKey
}

func closePath(sessionID int64) string { return registerPath(sessionID, "/cloture") }

func getClose(s *Server, c *gin.Context) error {
	return s.showClose(c, http.StatusOK, url.Values{}, nil)
}

func (s *Server) showClose(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.Attendance.Roster(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	if r.Group != nil {
		return fault.New(fault.NotFound, "error.not_found") // its heads are counted instead
	}
	if !r.MayMark && !r.MayReopen {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	p := s.words
	page := &closePage{
		Page: s.facilitatePage(c, p.T("closing.title")), Session: newLedSession(r.Session, r.Facilitators), Closed: s.closedWords(r),
		Early: r.ReadAt.Before(r.Session.StartsAt), Counts: s.registerCounts(r.Counts), MayReopen: r.MayReopen,
		Action: closePath(id), SettleTo: closePath(id) + "/pointages", Key: s.newKey(c, "close"), Incident: registerPath(id, "/incident"),
		Reason: Field{Name: "reason", Label: p.T("closing.reason"), Hint: p.T("closing.reason.hint"), Value: form.Get("reason"), Rows: 2},
	}
	if r.Closing != nil {
		page.Title, page.Action = p.T("closing.title.closed"), closePath(id)+"/rouvrir"
		if r.Closing.Late > 0 {
			page.Late = p.N("closing.late", r.Closing.Late)
		}
	} else {
		inside, unmarked := privacy.Unsettled(r)
		for _, child := range inside {
			page.Inside = append(page.Inside, s.closeLine(c, id, child))
		}
		for _, child := range unmarked {
			page.Unmarked = append(page.Unmarked, s.closeLine(c, id, child))
		}
		page.AllAbsent, page.Here.TeamHref = s.newKey(c, "close-mark"), registerPath(id, "/presence")
	}
	page.Here.Back = "cloture"
	if page.Here.Team, err = s.memberLines(c, id); err != nil {
		return err
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "animation/close", page)
}

func (s *Server) closeLine(c *gin.Context, id int64, child attendance.Child) closeLine {
	row := s.registerRow(child)
	line := closeLine{Who: child.BookingID, Name: row.Name, State: row.State, Other: childPath(id, child.BookingID),
		Absent: s.newKey(c, "close-mark"), Here: s.newKey(c, "close-mark")}
	if child.Erased() {
		return line
	}
	line.Calls = s.careCard(child).Calls
	care := child.Care
	take := func(value, name, label string) {
		if !care.IsBarred(name) {
			line.Takers = append(line.Takers, closeTaker{Value: value, Label: label, Key: s.newKey(c, "close-mark")})
		}
	}
	for _, g := range care.Guardians {
		take(takenGuardian+g.Name, g.Name, s.words.T("closing.left.with", g.Name))
	}
	for _, name := range care.PickUp {
		take(takenPerson+name, name, s.words.T("closing.left.with", name))
	}
	if care.LeavesAlone {
		take(takenAlone, "", s.words.T("closing.left.alone"))
	}
	return line
}

// postSettle marks from the page that closes: one child, or all who have no mark.
func postSettle(s *Server, c *gin.Context) error {
	id, form, key, err := s.readAct(c, "close-mark")
	if err != nil {
		return err
	}
	var marks []attendance.NewMark
	for _, who := range form["inscription"] {
		marks = append(marks, attendance.NewMark{EntryKey: s.entryKey(key) + "-" + idText(rowID(who)), SessionID: id, BookingID: rowID(who)})
	}
	for i := range marks {
		switch form.Get("pointage") {
		case "absent", "excused", "present":
			marks[i].Action, marks[i].IfNew = attendance.Action(form.Get("pointage")), true // the page lists who has no mark
		case "left":
			taken, wrong := typedTaken(form)
			if wrong != nil {
				return &fault.Error{Kind: fault.Invalid, Message: *wrong}
			}
			marks[i].Action, marks[i].Taken, marks[i].IfHere = attendance.Left, taken, true
		}
	}
	if len(marks) == 0 {
		return fault.New(fault.Invalid, "attendance.error.action")
	}
	if err := s.Attendance.Mark(c.Request.Context(), s.actor(c), key, marks[0], marks[1:]...); err != nil {
		return err
	}
	return seeOther(c, closePath(id))
}

// postClose closes; what is left to settle is shown again, as it is now.
func postClose(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "close",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return closePath(id), s.Privacy.Close(c.Request.Context(), s.actor(c), key, id)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showClose(c, status, form, problem)
		},
	})
}

func postReopen(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "close",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return closePath(id), s.Privacy.Reopen(c.Request.Context(), s.actor(c), key, id, strings.TrimSpace(form.Get("reason")))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showClose(c, status, form, problem)
		},
	})
}

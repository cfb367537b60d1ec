package web

import (
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// standbySection is whom to call when a child does not come, folded at the foot of the register; empty when nobody waits,
// and on any other day.
type standbySection struct {
	Open     bool     // a call has just been recorded, or refused
	Room     []string // how many children are not there, and how many could come
	Action   string
	Families []standbyLine
}

// standbyLine is one family that waits.
type standbyLine struct {
	Reference string
	Children  []string
	Together  bool
	Silent    string // when they were called last; empty before
	Call      phoneContact
	// Who comes: all of Bookings, or, of several children for whom any seat will do, those chosen.
	Bookings       []int64
	Choose         Choices
	Reason         *Field // where one is needed and was not given
	Comes, Silence FormKey
}

// addStandby fills the section of a session that is theirs to see. form is that of a call which problem refuses; both are nil
// for a page that was just opened.
func (s *Server) addStandby(c *gin.Context, page *registerPage, id int64, form url.Values, problem *fault.Error) error {
	list, err := s.Bookings.Standby(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	page.Standby = standbySection{Open: c.Query("appels") != "" || problem != nil, Action: registerPath(id, "/appels"), Room: s.roomWords(list)}
	asked := false
	for _, f := range list.Families {
		line := s.standbyLine(c, f, list.Free)
		if problem != nil && f.Reference == form.Get("reference") {
			s.refuseStandby(page, &line, form, problem)
			asked = true
		}
		page.Standby.Families = append(page.Standby.Families, line)
	}
	if problem != nil && !asked {
		explain(s.words, &page.Page, problem)
	}
	return nil
}

// refuseStandby says at a family what is wrong with what was sent for it, and keeps what was ticked and typed.
func (s *Server) refuseStandby(page *registerPage, line *standbyLine, form url.Values, problem *fault.Error) {
	for i, o := range line.Choose.Options {
		line.Choose.Options[i].Chosen = slices.Contains(form["inscription"], o.Value)
	}
	controls := []control{&line.Choose}
	if problem.Fields["reason"].Key != "" {
		line.Reason = &Field{Name: "reason", ID: "raison-" + strings.ToLower(line.Reference), Label: s.words.T("staff_booking.reason"), Rows: 2,
			MaxLength: mostReason, Value: form.Get("reason")}
		controls = append(controls, line.Reason)
	}
	explain(s.words, &page.Page, problem, controls...)
}

func (s *Server) standbyLine(c *gin.Context, f booking.Standby, free int) standbyLine {
	p := s.words
	line := standbyLine{
		Reference: f.Reference, Together: f.Together, Silent: s.silentSince(f.SilentAt),
		Call:  phoneContact{Name: f.Guardian.Name, Phone: f.Guardian.Phone, Role: p.T("attendance.care.guardian"), Dial: dialled(f.Guardian.Phone)},
		Comes: s.newKey(c, "standby"), Silence: s.newKey(c, "standby"),
	}
	var options []Option
	for i, child := range f.Children {
		line.Children = append(line.Children, child.FirstName)
		line.Bookings = append(line.Bookings, child.BookingID)
		options = append(options, Option{Value: idText(child.BookingID), Label: child.FirstName, Chosen: i < max(1, free)})
	}
	if len(options) > 1 && !f.Together {
		line.Bookings = nil
		line.Choose = Choices{Name: "inscription", ID: "qui-" + strings.ToLower(f.Reference), Legend: p.T("calls.standby.who"), Many: true, Inline: true, Options: options}
	}
	return line
}

// roomWords says how many children are known not to come, and how many seats there are for others.
func (s *Server) roomWords(list booking.StandbyList) []string {
	p := s.words
	away := p.T("calls.standby.away.none")
	if list.Away > 0 {
		away = p.N("calls.standby.away", list.Away)
	}
	free := p.T("calls.standby.free.none")
	if list.Free > 0 {
		free = p.N("calls.standby.free", list.Free)
	}
	told := []string{away, free}
	if list.Unmarked > 0 {
		told = append(told, p.N("calls.standby.unmarked", list.Unmarked))
	}
	return told
}

// postStandby takes what came of a call: the family comes, and its child stands on the register, or nobody answered.
func postStandby(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "standby",
		do: func(form url.Values, key account.FormKey) (string, error) {
			reason, err := readReason(form)
			if err != nil {
				return "", err
			}
			call := booking.StandbyCall{SessionID: id, Reference: form.Get("reference"), Outcome: booking.CallOutcome(form.Get("reponse")),
				Instead: s.words.T("calls.standby.reason"), Reason: reason, BookingIDs: bookingsChosen(form)}
			if call.Outcome == booking.CallAccepted && len(call.BookingIDs) == 0 {
				return "", fault.InvalidFields(map[string]fault.Message{"inscription": {Key: "calls.standby.nobody"}})
			}
			next := registerPath(id, "?appels=1#appels")
			if call.Outcome == booking.CallAccepted {
				next = registerPath(id, "#"+registerAnchor(call.BookingIDs[0]))
			}
			return next, s.Bookings.RecordStandby(c.Request.Context(), s.actor(c), key, call)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRegister(c, status, form, problem)
		},
	})
}

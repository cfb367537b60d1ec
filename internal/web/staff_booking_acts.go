package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingActPage asks before the team gives a family a seat, or takes one from it.
type bookingActPage struct {
	DeskHead
	Who          string
	Session      string
	What         []string
	Case         []string // what giving a seat means for the others
	Children     *Choices // nil where it is about all of them
	Reason       *Field   // nil where none is needed
	Button       Button
	Action, Back string
	Key          FormKey
}

// bookingAct is such a thing. Its texts are staff_booking.NAME.…
type bookingAct struct {
	name   string
	path   string // below the booking's
	done   string
	danger bool
	// of are the states of the children whom it may concern.
	of []string
	// late says why it cannot be done when none of them is in such a state.
	late fault.Message
	// placing is true for what gives seats: the page says what that means for the others, and asks why.
	placing bool
	do      func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, reference string, ids []int64, reason string) error
}

var (
	offering = bookingAct{
		name: "offer", path: "/proposer", done: "proposee", of: []string{"waiting"}, late: fault.Message{Key: "booking.give_nobody"}, placing: true,
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, reference string, ids []int64, reason string) error {
			return s.Bookings.OfferTo(ctx, actor, key, reference, ids, reason)
		},
	}
	giving = bookingAct{
		name: "give", path: "/donner", done: "donnee", of: []string{"waiting"}, late: fault.Message{Key: "booking.give_nobody"}, placing: true,
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, reference string, ids []int64, reason string) error {
			return s.Bookings.Give(ctx, actor, key, reference, ids, reason)
		},
	}
	refusing = bookingAct{
		name: "decline", path: "/refuser", done: "refusee", danger: true, of: []string{"offered"}, late: fault.Message{Key: "booking.offer_over"},
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, reference string, _ []int64, _ string) error {
			return s.Bookings.DeclineFor(ctx, actor, key, reference)
		},
	}
	leaving = bookingAct{
		name: "cancel", path: "/annuler", done: "quittee", danger: true, of: []string{"confirmed", "offered", "waiting"},
		late: fault.Message{Key: "staff_booking.cancel.nobody"},
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, reference string, ids []int64, _ string) error {
			return s.Bookings.CancelFor(ctx, actor, key, reference, ids)
		},
	}
)

func getBookingOffer(s *Server, c *gin.Context) error {
	return s.showBookingAct(c, offering, http.StatusOK, nil, nil)
}
func postBookingOffer(s *Server, c *gin.Context) error { return s.takeBookingAct(c, offering) }

func getBookingGive(s *Server, c *gin.Context) error {
	return s.showBookingAct(c, giving, http.StatusOK, nil, nil)
}
func postBookingGive(s *Server, c *gin.Context) error { return s.takeBookingAct(c, giving) }

func getBookingDecline(s *Server, c *gin.Context) error {
	return s.showBookingAct(c, refusing, http.StatusOK, nil, nil)
}
func postBookingDecline(s *Server, c *gin.Context) error { return s.takeBookingAct(c, refusing) }

func getBookingLeave(s *Server, c *gin.Context) error {
	return s.showBookingAct(c, leaving, http.StatusOK, nil, nil)
}
func postBookingLeave(s *Server, c *gin.Context) error { return s.takeBookingAct(c, leaving) }

func (s *Server) showBookingAct(c *gin.Context, act bookingAct, status int, form url.Values, problem *fault.Error) error {
	g, err := s.deskGroup(c)
	if err != nil {
		return err
	}
	var concerned []booking.Seat
	for _, child := range g.Children {
		if slices.Contains(act.of, child.Status) {
			concerned = append(concerned, child)
		}
	}
	if len(concerned) == 0 {
		return &fault.Error{Kind: fault.Conflict, Message: act.late}
	}
	p, key, path := s.words, "staff_booking."+act.name, deskBookingPath(g.Reference)
	v := newBookedSession(g.Session)
	page := &bookingActPage{
		DeskHead: s.deskHead(c, p.T(key+".title")), Session: p.T("staff_booking.session", v.Name, p.Date(v.Start), p.Span(v.Start, v.End)),
		Button: Button{Label: p.T(key + ".button")}, Action: path + act.path, Back: path, Key: s.newKey(c, "booking-"+act.name),
	}
	if act.danger {
		page.Button.Kind = ButtonDanger
	}
	var names []string
	var controls []control
	for _, child := range concerned {
		names = append(names, child.FirstName+" "+child.LastName)
	}
	page.Who = p.T("staff_booking.who", g.GuardianName, p.List(names))
	if len(concerned) > 1 && act.name != refusing.name {
		page.Children = s.childChoice(concerned, form)
		controls = append(controls, page.Children)
	}
	if err := s.addActWords(c, act, g, page, form); err != nil {
		return err
	}
	if page.Reason != nil {
		controls = append(controls, page.Reason)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/booking_act", page)
}

// childChoice asks which children an act concerns; all are chosen at first.
func (s *Server) childChoice(children []booking.Seat, form url.Values) *Choices {
	choice := &Choices{Name: "booking", Legend: s.words.T("staff_booking.children"), Many: true}
	chosen := form["booking"]
	for _, child := range children {
		id := idText(child.BookingID)
		if form == nil {
			chosen = append(chosen, id)
		}
		choice.Options = append(choice.Options, Option{Value: id, Label: child.FirstName + " " + child.LastName, Hint: s.words.T("booking.state." + child.Status)})
	}
	choice.Options = choose(choice.Options, chosen...)
	return choice
}

// addActWords says what an act does, and asks for a reason where one is needed.
func (s *Server) addActWords(c *gin.Context, act bookingAct, g booking.DeskGroup, page *bookingActPage, form url.Values) error {
	p, key := s.words, "staff_booking."+act.name
	told := p.T(key + ".mail")
	if g.GuardianEmail == "" {
		told = p.T(key + ".call")
	}
	if !act.placing {
		page.What = []string{p.T(key + ".what"), told}
		return nil
	}
	placing, err := s.Bookings.Placing(c.Request.Context(), s.actor(c), g.Reference, chosenBookings(form))
	if err != nil {
		return err
	}
	switch {
	case act.name != offering.name:
		page.What = []string{p.T(key + ".what"), told}
	case placing.Deadline.IsZero():
		return fault.New(fault.Conflict, "booking.offer_short")
	default:
		page.What = []string{p.T(key+".what", p.DateHour(placing.Deadline)), told}
	}
	page.Case = s.caseWords(placing)
	if !placing.InOrder || form.Has("reason") {
		page.Reason = &Field{Name: "reason", Label: p.T("staff_booking.reason"), Hint: p.T("staff_booking.reason.hint"), Value: form.Get("reason"), Rows: 2, MaxLength: mostReason}
	}
	return nil
}

// caseWords says which rules giving a seat goes beyond.
func (s *Server) caseWords(placing booking.Placing) []string {
	p := s.words
	if placing.InOrder {
		return []string{p.T("staff_booking.case.order")}
	}
	var cases []string
	if placing.Over() {
		cases = append(cases, p.N("staff_booking.case.over", placing.Capacity, p.Ordinal(placing.Nth)))
	}
	if placing.Partner != "" {
		cases = append(cases, p.T("staff_booking.case.reserved", placing.Partner))
	}
	if placing.Passes > 0 {
		cases = append(cases, p.N("staff_booking.case.passes", placing.Passes))
	}
	if len(cases) == 0 {
		cases = append(cases, p.T("staff_booking.case.other"))
	}
	return cases
}

// mostReason is how long a reason may be, in signs.
const mostReason = 500

// readReason reads why somebody goes beyond the rules.
func readReason(form url.Values) (string, error) {
	reason := strings.TrimSpace(form.Get("reason"))
	if len([]rune(reason)) > mostReason {
		return "", fault.InvalidFields(map[string]fault.Message{"reason": {Key: "staff_booking.reason.long", Args: []any{mostReason}}})
	}
	return reason, nil
}

// chosenBookings reads which children an act concerns; what is no id is one that no booking has.
func chosenBookings(form url.Values) []int64 {
	var ids []int64
	for _, text := range form["booking"] {
		ids = append(ids, rowID(text))
	}
	return ids
}

func (s *Server) takeBookingAct(c *gin.Context, act bookingAct) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "booking-" + act.name,
		do: func(form url.Values, key account.FormKey) (string, error) {
			ids := chosenBookings(form)
			if len(ids) == 0 && form.Has("choose") {
				return "", fault.InvalidFields(map[string]fault.Message{"booking": {Key: "booking.cancel.nobody"}})
			}
			reason, err := readReason(form)
			if err != nil {
				return "", err
			}
			return deskBookingPath(reference) + "?fait=" + act.done, act.do(c.Request.Context(), s, s.actor(c), key, reference, ids, reason)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showBookingAct(c, act, status, form, problem)
		},
	})
}

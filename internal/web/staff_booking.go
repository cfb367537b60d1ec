package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// deskBookingPage is all that the team knows and does about one booking.
type deskBookingPage struct {
	DeskHead
	Reference string
	Session   Link
	Start     time.Time
	End       time.Time
	Venue     string
	Children  []bookingLine
	Facts     []Answer
	Guardian  string
	Family    string // its page; empty for who may not open it
	Email     string
	Phone     string
	Digits    string
	Others    []Link
	Overlaps  []string
	Story     []bookingStep
	Calls     []string
	Tell      *Notice // what to say to a family that no mail reaches
	Accept    *deskAct
	Offers    int // seats that wait for an answer
	Acts      []Link
	Cancel    string
	Erase     string // the page that erases the family; empty once it was
	Bar       string // the page of those to whom its children are not to be given
	Send      *deskAct
	Collect   string // the page of what the family paid and owes; empty once it was erased
	Double    string // where the record is held against one that may be of the same family; empty for none
}

// bookingStep is one thing that was done with a booking.
type bookingStep struct {
	At   time.Time
	What string
	Who  string
}

func getDeskBooking(s *Server, c *gin.Context) error {
	return s.showDeskBooking(c, http.StatusOK, nil)
}

func (s *Server) deskGroup(c *gin.Context) (booking.DeskGroup, error) {
	return s.Bookings.DeskGroup(c.Request.Context(), s.actor(c), c.Param("reference"))
}

func (s *Server) showDeskBooking(c *gin.Context, status int, problem *fault.Error) error {
	g, err := s.deskGroup(c)
	if err != nil {
		return err
	}
	p, path := s.words, deskBookingPath(g.Reference)
	b := newBookedSession(g.Session)
	page := &deskBookingPage{
		DeskHead: s.deskHead(c, p.T("staff_booking.title", g.Reference)), Reference: g.Reference,
		Session: Link{deskSessionPath(g.Session.ID), b.Name}, Start: b.Start, End: b.End, Venue: b.Venue + ", " + g.Session.City,
		Guardian: g.GuardianName, Email: g.GuardianEmail, Phone: g.Phone, Digits: phoneDigits(g.Phone),
		Others: s.otherChoices(g.Links), Calls: s.callWords(g.Calls), Facts: s.deskBookingFacts(g),
	}
	if g.GuardianEmail == "" && g.GuardianName != "" && slices.ContainsFunc(g.Children, booking.Seat.Live) && s.config.Now().Before(g.Session.StartsAt) {
		page.Tell = &Notice{Tone: ToneInfo, Title: p.T("staff_booking.tell"), Text: p.T("staff_booking.tell.what", g.Reference)}
	}
	for _, child := range g.Listed {
		page.Children = append(page.Children, s.bookingLine(child, !g.Session.EndsAt.After(s.config.Now())))
	}
	for _, o := range g.Overlaps {
		page.Overlaps = append(page.Overlaps, p.T("staff_booking.overlap", o.FirstName, newBookedSession(o.Session).Name, p.Span(o.Session.StartsAt, o.Session.EndsAt)))
	}
	for _, step := range g.Steps {
		page.Story = append(page.Story, bookingStep{At: step.At, What: s.stepWords(step), Who: s.authorWords(step)})
	}
	if page.Manages {
		s.addBookingActs(c, page, g, path)
	}
	if page.Collect != "" {
		if err := s.addBookingMoney(c, page, g); err != nil {
			return err
		}
	}
	if problem != nil {
		explain(p, &page.Page, problem)
	}
	return s.show(c, status, "equipe/booking", page)
}

// addBookingActs fills what the team can do for the family now.
func (s *Server) addBookingActs(c *gin.Context, page *deskBookingPage, g booking.DeskGroup, path string) {
	p, now := s.words, s.config.Now()
	if g.GuardianName == "" {
		return // for nobody
	}
	page.Family = familyPath(g.GuardianID)
	page.Erase, page.Bar, page.Collect = eraseFamilyPath(g.Reference), barredPath(g.Reference), bookingMoneyPath(g.Reference)
	waiting, offered, confirmed := len(g.With("waiting")), len(g.With("offered")), len(g.With("confirmed"))
	stands := g.Session.Status == "published" && now.Before(g.Session.EndsAt)
	coming := stands && now.Before(g.Session.StartsAt)
	if coming && offered > 0 {
		accept := s.deskAct(c, "booking-accept", path+"/accepter")
		page.Accept, page.Offers = &accept, offered
		page.Acts = append(page.Acts, Link{path + "/refuser", p.T("staff_list.declines")})
	}
	if stands && waiting > 0 {
		if _, inTime := g.Session.Deadline(now); inTime {
			page.Acts = append(page.Acts, Link{path + "/proposer", p.T("staff_list.offer")})
		}
		page.Acts = append(page.Acts, Link{path + "/donner", p.T("staff_list.give")})
	}
	if coming && waiting > 0 {
		page.Acts = append(page.Acts, Link{path + "/souhaits", p.T("staff_booking.wishes.link")})
	}
	if coming && (waiting+offered > 0 || confirmed < len(g.Children)) {
		page.Acts = append(page.Acts, Link{path + "/autre-seance", p.T("staff_booking.join.link")})
	}
	if coming && waiting+offered+confirmed > 0 {
		page.Acts = append(page.Acts, Link{path + "/changer", p.T("staff_booking.move.link")})
		page.Cancel = path + "/annuler"
	}
	if stands && g.GuardianEmail != "" && waiting+offered+confirmed > 0 {
		send := s.deskAct(c, "booking-link", path+"/lien")
		page.Send = &send
	}
}

// addBookingMoney says what a booking costs and what of it is left, for who tells it at the phone, and where another record may be of the same family: what was paid
// there, or a carnet, counts here once they are one.
func (s *Server) addBookingMoney(c *gin.Context, page *deskBookingPage, g booking.DeskGroup) error {
	p, ctx := s.words, c.Request.Context()
	paid, err := s.Payments.OfBooking(ctx, g.Reference)
	if err != nil {
		return err
	}
	if paid.Cents > 0 {
		state := s.paidWords(paid)
		if paid.LeftCents == 0 && paid.PaidCents == 0 {
			state = p.T("money.seat.carnet")
		}
		page.Facts = append(page.Facts, Answer{Label: p.T("staff_booking.price"), Value: p.T("staff_booking.price.state", p.Money(paid.Cents), state)})
	}
	if paid.LeftCents == 0 {
		return nil
	}
	suspects, _, err := s.Bookings.Suspects(ctx, s.actor(c), g.GuardianID)
	if len(suspects) > 0 {
		page.Double = familyPath(g.GuardianID) + "#doublons"
	}
	return err
}

// deskBookingFacts are the lines about a booking that its children do not show.
func (s *Server) deskBookingFacts(g booking.DeskGroup) []Answer {
	p := s.words
	by := p.T("staff_booking.by.family")
	if g.BookedBy != "" {
		by = p.T("staff_booking.by.team", g.BookedBy)
	}
	if g.ByYoung {
		by = p.T("staff_booking.by.young")
	}
	facts := []Answer{
		{Label: p.T("staff_booking.booked"), Value: p.T("staff_booking.booked.when", s.moment(g.BookedAt), by)},
		{Label: p.T("staff_booking.language"), Value: words.Lang(g.Language).Name()},
	}
	if n := len(g.With("waiting")); n > 0 {
		wishes := s.wishWords(n, g.Together, g.Unasked)
		if wishes == "" {
			wishes = p.T("staff_booking.wishes.usual")
		}
		facts = append(facts, Answer{Label: p.T("staff_booking.wishes"), Value: wishes})
	}
	if g.GuardianEmail != "" {
		proved := p.T("staff_booking.proved.no")
		if g.Proved {
			proved = p.T("staff_booking.proved.yes")
		}
		facts = append(facts, Answer{Label: p.T("staff_booking.proved"), Value: proved})
	}
	return facts
}

// stepKeys are the texts of what can be done with a booking, by the name that the audit gives it.
var stepKeys = map[string]string{
	"booking.book":         "staff_booking.step.book",
	"booking.join":         "staff_booking.step.join",
	"booking.offer":        "staff_booking.step.offer",
	"booking.give":         "staff_booking.step.give",
	"booking.override":     "staff_booking.step.override",
	"booking.accept":       "staff_booking.step.accept",
	"booking.decline":      "staff_booking.step.decline",
	"booking.cancel":       "staff_booking.step.cancel",
	"booking.cancel_all":   "staff_booking.step.cancel_all",
	"booking.restore_all":  "staff_booking.step.restore_all",
	"booking.expire_offer": "staff_booking.step.expire_offer",
	"booking.extend_offer": "staff_booking.step.extend_offer",
	"booking.wishes":       "staff_booking.step.wishes",
	"booking.figures":      "staff_booking.step.figures",
	"booking.remind":       "staff_booking.step.remind",
	"booking.remind_offer": "staff_booking.step.remind_offer",
	"booking.coming":       "staff_booking.step.coming",
	"booking.send_link":    "staff_booking.step.send_link",
	"booking.walk_in":      "staff_booking.step.walk_in",
	"booking.complete":     "staff_booking.step.complete",
	"booking.move":         "staff_booking.step.move",
	"booking.cancel_move":  "staff_booking.step.cancel_move",
	"booking.choose_price": "price.step.choose",
	"booking.stop_copies":  "staff_booking.step.stop_copies",
	"payment.charge":       "money_desk.step.charge",
	"payment.uncharge":     "money_desk.step.uncharge",
}

// stepWords says what was done, and with how many seats.
func (s *Server) stepWords(step booking.Step) string {
	key, ok := stepKeys[step.Action]
	if !ok {
		key = "staff_booking.step.other"
	}
	told := []string{s.words.T(key)}
	if !step.From.IsZero() {
		told[0] = s.words.T("staff_booking.step.move_from", s.words.Date(step.From))
	}
	if step.Seats > 0 {
		told = append(told, s.words.N("staff_booking.step.seats", step.Seats))
	}
	if step.Places > 0 {
		told = append(told, s.words.N("staff_booking.step.places", step.Places))
	}
	return joinSentences(told)
}

func (s *Server) authorWords(step booking.Step) string {
	switch step.By {
	case booking.ByTeam:
		return step.Name
	case booking.ByProgram:
		return s.words.T("staff_booking.author.program")
	}
	return s.words.T("staff_booking.author.family")
}

// deskBookingAct runs one act on a booking from its own page, or from the list where a button stands too.
func (s *Server) deskBookingAct(c *gin.Context, purpose, done string, do func(key account.FormKey, reference string) error) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return s.afterBookingAct(reference, form, done), do(key, reference)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showDeskBooking(c, status, problem)
		},
	})
}

// afterBookingAct is where one goes on: back to the list that the act was on, or to the booking.
func (s *Server) afterBookingAct(reference string, form url.Values, done string) string {
	if id := rowID(form.Get("list")); id > 0 {
		return deskListPath(id) + "?fait=" + done
	}
	return deskBookingPath(reference) + "?fait=" + done
}

func postBookingAccept(s *Server, c *gin.Context) error {
	return s.deskBookingAct(c, "booking-accept", "acceptee", func(key account.FormKey, reference string) error {
		return s.Bookings.AcceptFor(c.Request.Context(), s.actor(c), key, reference)
	})
}

func postBookingLink(s *Server, c *gin.Context) error {
	return s.deskBookingAct(c, "booking-link", "lien", func(key account.FormKey, reference string) error {
		return s.Bookings.SendLink(c.Request.Context(), s.actor(c), key, reference)
	})
}

// bookingWishesPage changes how a family waits.
type bookingWishesPage struct {
	DeskHead
	Who          string
	Seating      *Choices // nil for one child
	Unasked      Choices
	Action, Back string
	Key          FormKey
}

func getBookingWishes(s *Server, c *gin.Context) error {
	return s.showBookingWishes(c, http.StatusOK, nil, nil)
}

func (s *Server) showBookingWishes(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	g, err := s.deskGroup(c)
	if err != nil {
		return err
	}
	waiting := len(g.With("waiting"))
	if waiting == 0 && problem == nil {
		return fault.New(fault.Gone, "booking.wishes_late")
	}
	if form == nil {
		form = wishForm(booking.Wishes{Together: g.Together, Unasked: g.Unasked})
	}
	p, path := s.words, deskBookingPath(g.Reference)
	page := &bookingWishesPage{
		DeskHead: s.deskHead(c, p.T("staff_booking.wishes.title")), Who: s.whoOf(g), Unasked: s.unaskedChoice(form, g.Session.Hours),
		Action: path + "/souhaits", Back: path, Key: s.newKey(c, "booking-wishes"),
	}
	controls := []control{&page.Unasked}
	if waiting > 1 {
		page.Seating = s.seatingChoice(form)
		controls = []control{page.Seating, &page.Unasked}
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/booking_wishes", page)
}

func postBookingWishes(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "booking-wishes",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return deskBookingPath(reference) + "?fait=souhaits",
				s.Bookings.SetWishesFor(c.Request.Context(), s.actor(c), key, reference, readWishes(form))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showBookingWishes(c, status, form, problem)
		},
	})
}

// whoOf names a family and the children of a booking.
func (s *Server) whoOf(g booking.DeskGroup) string {
	var names []string
	for _, child := range g.Children {
		names = append(names, child.FirstName+" "+child.LastName)
	}
	return s.words.T("staff_booking.who", g.GuardianName, s.words.List(names))
}

// seatingChoice asks whether children wait for their seats together.
func (s *Server) seatingChoice(form url.Values) *Choices {
	return &Choices{Name: "seating", Legend: s.words.T("staff_booking.seating"), Options: choose([]Option{
		{Value: "any", Label: s.words.T("staff_booking.seating.any")},
		{Value: "together", Label: s.words.T("staff_booking.seating.together")},
	}, typedOr(form, "seating", "any"))}
}

// unaskedChoice asks whether a freed seat is theirs at once.
func (s *Server) unaskedChoice(form url.Values, hours booking.Hours) Choices {
	return Choices{Name: "unasked", Legend: s.words.T("staff_booking.unasked"), Many: true, Optional: true,
		Options: choose([]Option{{Value: "yes", Label: s.words.T("staff_booking.unasked.yes", hours.UnaskedUntil)}}, form.Get("unasked"))}
}

func wishForm(w booking.Wishes) url.Values {
	form := url.Values{"seating": {"any"}}
	if w.Together {
		form.Set("seating", "together")
	}
	if w.Unasked {
		form.Set("unasked", "yes")
	}
	return form
}

func readWishes(form url.Values) booking.Wishes {
	return booking.Wishes{Together: form.Get("seating") == "together", Unasked: form.Get("unasked") == "yes"}
}

// bookingJoinPage books the children of a booking in another session of its workshop, or in its own again.
type bookingJoinPage struct {
	DeskHead
	Who          string
	Sessions     Choices
	Seating      *Choices // nil for one child
	Unasked      Choices
	Action, Back string
	Key          FormKey
}

func getBookingJoin(s *Server, c *gin.Context) error {
	return s.showBookingJoin(c, http.StatusOK, nil, nil)
}

func (s *Server) showBookingJoin(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	ctx, p := c.Request.Context(), s.words
	g, err := s.deskGroup(c)
	if err != nil {
		return err
	}
	if g.GuardianName == "" {
		return fault.New(fault.Gone, "erase.done.nobody")
	}
	choices, err := s.Bookings.ChoicesFor(ctx, s.actor(c), g.Reference)
	if err != nil {
		return err
	}
	path := deskBookingPath(g.Reference)
	page := &bookingJoinPage{
		DeskHead: s.deskHead(c, p.T("staff_booking.join.title")), Who: s.whoOf(g), Unasked: s.unaskedChoice(form, g.Session.Hours),
		Sessions: Choices{Name: "session", Legend: p.T("staff_booking.join.which")},
		Action:   path + "/autre-seance", Back: path, Key: s.newKey(c, "booking-join"),
	}
	if slices.ContainsFunc(g.Children, func(child booking.Seat) bool { return !child.Live() }) && g.Session.Bookable(s.config.Now()) == nil {
		page.Sessions.Options = append(page.Sessions.Options, Option{Value: idText(g.Session.ID), Label: p.T("staff_booking.join.again"), Hint: p.T("staff_booking.join.again.hint")})
	}
	for _, choice := range choices {
		hint := p.N("staff_booking.join.waiting", choice.Session.Waiting)
		if choice.Open > 0 {
			hint = p.N("staff_booking.join.open", choice.Open)
		}
		v := choice.Session
		page.Sessions.Options = append(page.Sessions.Options, Option{Value: idText(v.ID),
			Label: p.T("staff_booking.join.session", p.Date(v.StartsAt), p.Span(v.StartsAt, v.EndsAt), v.Venue), Hint: hint})
	}
	page.Sessions.Options = choose(page.Sessions.Options, form.Get("session"))
	controls := []control{&page.Sessions, &page.Unasked}
	if len(g.Children) > 1 {
		page.Seating = s.seatingChoice(form)
		controls = []control{&page.Sessions, page.Seating, &page.Unasked}
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/booking_join", page)
}

func postBookingJoin(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "booking-join",
		do: func(form url.Values, key account.FormKey) (string, error) {
			session := rowID(form.Get("session"))
			if session == 0 {
				return "", fault.InvalidFields(map[string]fault.Message{"session": {Key: "staff_booking.join.missing"}})
			}
			joined, err := s.Bookings.JoinFor(c.Request.Context(), s.actor(c), key, reference, booking.JoinRequest{SessionID: session, Wishes: readWishes(form)})
			return deskBookingPath(joined) + "?fait=rejointe", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showBookingJoin(c, status, form, problem)
		},
		made: deskBookingPath,
	})
}

// deskMovePage moves what a booking has to another session of its workshop.
type deskMovePage struct {
	DeskHead
	Who          string
	From         string
	FromID       int64
	Told         string
	Sessions     Choices
	Action, Back string
	Key          FormKey
}

func getDeskMove(s *Server, c *gin.Context) error { return s.showDeskMove(c, http.StatusOK, nil, nil) }

func (s *Server) showDeskMove(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	g, err := s.deskGroup(c)
	if err != nil {
		return err
	}
	choices, err := s.Bookings.MovesFor(c.Request.Context(), s.actor(c), g.Reference)
	if err != nil {
		return err
	}
	p, path, from := s.words, deskBookingPath(g.Reference), newBookedSession(g.Session)
	page := &deskMovePage{
		DeskHead: s.deskHead(c, p.T("staff_booking.move.title")), Who: s.whoOf(g), Told: p.T("staff_booking.move.mail"),
		From:     p.T("staff_booking.session", from.Name, p.Date(from.Start), p.Span(from.Start, from.End)),
		FromID:   g.Session.ID,
		Sessions: Choices{Name: "session", Legend: p.T("staff_booking.join.which")},
		Action:   path + "/changer", Back: path, Key: s.newKey(c, "booking-move"),
	}
	if g.GuardianEmail == "" {
		page.Told = p.T("staff_booking.move.call")
	}
	moving := len(g.With("waiting")) + len(g.With("offered")) + len(g.With("confirmed"))
	for _, choice := range choices {
		v := choice.Session
		page.Sessions.Options = append(page.Sessions.Options, Option{Value: idText(v.ID),
			Label: p.T("staff_booking.join.session", p.Date(v.StartsAt), p.Span(v.StartsAt, v.EndsAt), v.Venue), Hint: p.N("staff_booking.join.open", choice.Open) + ". " + s.priceWords(moving, v, g.SeatPriceIn(v))})
	}
	page.Sessions.Options = choose(page.Sessions.Options, form.Get("session"))
	if problem != nil {
		explain(p, &page.Page, problem, &page.Sessions)
	}
	return s.show(c, status, "equipe/booking_move", page)
}

func postDeskMove(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "booking-move",
		do: func(form url.Values, key account.FormKey) (string, error) {
			session := rowID(form.Get("session"))
			if session == 0 {
				return "", fault.InvalidFields(map[string]fault.Message{"session": {Key: "staff_booking.join.missing"}})
			}
			return deskBookingPath(reference) + "?fait=changee", s.Bookings.MoveFor(c.Request.Context(), s.actor(c), key, reference, rowID(form.Get("from")), session)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskMove(c, status, form, problem)
		},
	})
}

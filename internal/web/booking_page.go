package web

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/calendar"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// bookedSession is a session as the pages of one booking show it.
type bookedSession struct {
	ID            int64
	Name          string // Robotique · Initiation
	Start, End    time.Time
	Venue         string
	Address, City string
	Access, Bring string
	Href          string
}

func newBookedSession(b booking.Session) bookedSession {
	name := b.Title
	if b.Level != "" {
		name += " · " + b.Level
	}
	return bookedSession{
		ID: b.ID, Name: name, Start: b.StartsAt, End: b.EndsAt, Venue: b.Venue,
		Address: b.Address, City: b.Postcode + " " + b.City, Access: b.Access, Bring: b.Bring,
		Href: "/seances/" + strconv.FormatInt(b.ID, 10),
	}
}

// bookingPage is a booking as its family sees it: confirmed, waiting, offered, given up.
type bookingPage struct {
	Page
	Reference string
	Session   bookedSession
	Children  []bookedChild
	Confirmed []string
	Coming    bool   // said yes to « toujours partants ? »
	Fewer     string // that nothing is left for some of the children, and what the others have; empty otherwise
	// Offer is what is proposed; nil without a live offer.
	Offer *offerPart
	// Waiting is what holds for who waits; nil when nobody does.
	Waiting *waitingPart
	// Linked are the other lists and seats of the same children.
	Linked []linkedPlace
	// Stay asks who won a seat about the lists where the children still are.
	Stay []linkedPlace
	// Back is the way back in for who left; nil while there is none.
	Back      *backPart
	OffList   bool   // all declined or did not answer
	BackShut  bool   // the list takes nobody new
	Left      string // how it came that nothing is left; empty otherwise
	Price     string
	Tariff    string // where the family changes what it pays; empty where that is not for it to choose
	PayHref   string // where it is paid online; empty on the spot, for nothing and once it is over
	Email     string
	Proved    bool
	ViaMail   bool
	Cancelled bool // by the team
	Over      bool // nothing live is left, or the session is over
	// Figures is true while the optional questions have not been answered.
	Figures  bool
	Base     string // path of this page, the others are below it
	Key      FormKey
	Passport string // what the children have done, once a session is over and for who came by a mailed link; else empty
	Move     string // where to change the session; empty where nothing can move
	Copies   string // a young person's address that gets copies, for the guardian who may end them; empty for none
	Young    bool   // looked at by the young person who booked for themselves
	Complete string // where the guardian answers what is left; empty for nothing
	Again    string // where to book another child; empty once bookings are closed
}

// bookedChild is one line of the booking.
type bookedChild struct {
	Name  string
	State Badge
}

// getBooking shows a booking. Opening it, by a person or a scanner of mails, changes nothing.
func getBooking(s *Server, c *gin.Context) error {
	group, err := s.findBooking(c)
	if err != nil {
		return err
	}
	return s.showBooking(c, http.StatusOK, group, nil)
}

// bookingLink is the link in the path, for OwnSignature with who is signed in.
func bookingLink(c *gin.Context) booking.Link {
	link := booking.Link{Reference: c.Param("reference"), Signature: c.Param("signature")}
	if who, ok := c.Get(keyActor); ok && link.Signature == booking.OwnSignature {
		link.Owner = who.(account.Actor)
	}
	return link
}

// ownedBooking lets nobody but guardians, and young people, through to a booking that their space leads to; a mailed link needs no sign-in.
func (s *Server) ownedBooking(c *gin.Context) {
	if c.Param("signature") == booking.OwnSignature {
		s.signedInAs(c, account.KindGuardian, account.KindYoung)
	}
}

func (s *Server) findBooking(c *gin.Context) (booking.Group, error) {
	return s.Bookings.Find(c.Request.Context(), bookingLink(c))
}

// tones of the states of a booking.
var bookingTones = map[string]Tone{
	"confirmed": ToneDone, "offered": ToneWarning, "waiting": ToneWaiting,
	"cancelled": ToneStopped, "declined": ToneStopped, "lapsed": ToneStopped,
}

func (s *Server) showBooking(c *gin.Context, status int, g booking.Group, notice *Notice) error {
	p := s.words
	now := s.config.Now()
	page := &bookingPage{
		Page: s.newPage(c, ""), Reference: g.Reference, Session: newBookedSession(g.Session),
		Confirmed: g.With("confirmed"), OffList: g.OffList(), Coming: g.Coming,
		Email: g.GuardianEmail, Proved: g.Proved, ViaMail: g.ViaMail,
		Cancelled: g.Session.Status == "cancelled", Base: bookingPath(bookingLink(c)),
		Key: s.newKey(c, "booking"),
	}
	if g.Session.Bookable(now) == nil && !g.ByYoung {
		page.Again = screenPath(g.Session.ID, "/recommencer")
	}
	if s.mayMove(g) {
		page.Move = s.to(c, movePath(bookingLink(c)))
	}
	page.Section, page.Notice = SectionSessions, notice
	live, begun := false, !now.Before(g.Session.StartsAt)
	for _, child := range g.Children {
		state := p.T("booking.state." + child.Status)
		switch {
		case begun && (child.Status == "waiting" || child.Status == "offered"):
			state = p.T("booking.state.seatless")
		case child.Rank > 0 && len(g.Children) > 1:
			state = p.T("booking.state.ranked", p.Ordinal(child.Rank))
		}
		page.Children = append(page.Children, bookedChild{
			Name:  child.FirstName + " " + child.LastName,
			State: Badge{Tone: bookingTones[child.Status], Label: state},
		})
		live = live || child.Live()
		page.Figures = page.Figures || child.Status == "confirmed" && !child.FiguresAsked
	}
	page.Over = !live || begun
	if g.ViaMail && len(page.Confirmed) > 0 && !now.Before(g.Session.EndsAt) {
		page.Passport = PassportPath(s.Bookings.PassportLink(g))
		if g.Owned {
			page.Passport = ownPassportPath
		}
	}
	page.Young, page.Copies = g.ByYoung && !g.ViaMail, g.CopiesTo()
	page.Figures = page.Figures && !page.Over && !page.Young
	if g.ToComplete && g.ViaMail && live {
		page.Complete = completePath(bookingLink(c))
	}
	s.addLinked(page, g)
	if !page.Over && !page.Cancelled {
		page.Fewer = s.fewerWords(g)
		if err := s.addWaiting(c, page, g); err != nil {
			return err
		}
	}
	if err := s.addBack(c, page, g); err != nil {
		return err
	}
	if len(page.Confirmed) > 0 {
		page.Price = s.bookedPriceWords(g)
	}
	if g.Session.Pricing.Way == catalog.Chosen && live && !begun {
		page.Tariff = tariffPath(bookingLink(c))
	}
	if page.Price != "" && !g.Free() {
		settled, err := s.Payments.OfBooking(c.Request.Context(), g.Reference)
		if err != nil {
			return err
		}
		switch {
		case !page.Young:
			page.Price = cmp.Or(s.settledWords(settled, begun), page.Price)
			if settled.LeftCents > 0 && !page.Over {
				page.PayHref = g.Session.PaymentURL
			}
		case settled.LeftCents < g.PriceCents(): // what their guardian paid is not theirs to read
			page.Price = p.Money(g.PriceCents())
		}
	}
	switch {
	case page.Cancelled:
		page.Title = p.T("booking.page.cancelled_by_team")
	case live && page.Over && len(page.Confirmed) == 0:
		page.Title, page.Left = p.T("booking.page.no_seat", p.List(append(g.With("offered"), g.With("waiting")...))), p.T("booking.left.begun")
	case len(g.With("offered")) > 0:
		page.Title = p.N("booking.page.offered", len(g.With("offered")), p.List(g.With("offered")))
	case len(page.Confirmed) > 0:
		page.Title = p.T("booking.page.confirmed", p.List(page.Confirmed))
	case len(g.With("waiting")) > 0:
		page.Title = p.T("booking.page.waiting", p.List(g.With("waiting")))
	case g.OffList():
		page.Title = p.T("booking.page.off_list")
	default:
		page.Title = p.T("booking.page.cancelled")
	}
	return s.show(c, status, "booking/group", page)
}

// bookingChange runs a change asked for from a booking's page, then shows the page again with what was done.
func (s *Server) bookingChange(c *gin.Context, change func(account.FormKey) error) error {
	return s.bookingChangeTo(c, func(key account.FormKey) (string, error) { return bookingPath(bookingLink(c)), change(key) }, s.goneBooking)
}

// bookingChangeTo is bookingChange for a change that leads to a page of its own. What comes too late or cannot be is
// answered by refused.
func (s *Server) bookingChangeTo(c *gin.Context, change func(account.FormKey) (path string, err error),
	refused func(*gin.Context, *fault.Error) error) error {
	if _, err := s.findBooking(c); err != nil {
		return err // a foreign link is a missing page before anything else is looked at
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "booking", form)
	if fault.Is(err, fault.Gone, "error.form_expired") {
		// A phone keeps a page open for days: here it is as it is now, with a fresh form.
		return s.showBookingNow(c, http.StatusGone, &Notice{Tone: ToneWarning, Title: s.words.T("booking.page_old")})
	}
	if err != nil {
		return err
	}
	path, err := change(key)
	if err != nil {
		if _, sent := account.FirstResult(err); sent {
			return s.showBookingNow(c, http.StatusConflict, &Notice{Tone: ToneWarning, Title: s.words.T("booking.sent_before")})
		}
		if f, ok := fault.As(err); ok && (f.Kind == fault.Gone || f.Kind == fault.Conflict) {
			return refused(c, f)
		}
		return err
	}
	return seeOther(c, path)
}

// showBookingNow shows the booking as it is after a click that did nothing.
func (s *Server) showBookingNow(c *gin.Context, status int, notice *Notice) error {
	group, err := s.findBooking(c)
	if err != nil {
		return err
	}
	return s.showBooking(c, status, group, notice)
}

// goneBooking answers a click that came too late, or for what cannot be: why, and the booking as it is now with the way
// back in while there is one.
func (s *Server) goneBooking(c *gin.Context, f *fault.Error) error {
	return s.showBookingNow(c, statuses[f.Kind], &Notice{Tone: ToneWarning, Title: s.words.Message(f.Message), Text: s.words.T("booking.late.text")})
}

// postOfferAccept takes the seats offered, and leaves the other lists that were ticked.
func postOfferAccept(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.Accept(c.Request.Context(), s.actor(c), key, bookingLink(c), form[leaveName])
	})
}

// postOfferDecline gives the seats offered back and leaves the list.
func postOfferDecline(s *Server, c *gin.Context) error {
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.Decline(c.Request.Context(), s.actor(c), key, bookingLink(c))
	})
}

// postBookingProve confirms the mailbox from a mailed link.
func postBookingProve(s *Server, c *gin.Context) error {
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.Prove(c.Request.Context(), key, bookingLink(c))
	})
}

// bookingCancelPage asks which children give up their place, before anything changes.
type bookingCancelPage struct {
	Page
	Reference string
	Session   bookedSession
	Children  Choices // when several may be chosen
	One       string  // what is given up, when only one child has anything
	Leaving   bool    // they wait, all of them: it is a list that they leave
	Shut      bool    // the list is closed: there is no way back
	// Reason is why, and nobody has to say; nil where it is early enough for another family.
	Reason *Choices
	Move   string // where to change the session instead; empty where nothing can move
	Action string
	Back   string
	Key    FormKey
}

// getBookingCancel shows who would give up what.
func getBookingCancel(s *Server, c *gin.Context) error {
	return s.showCancel(c, http.StatusOK, nil)
}

func (s *Server) showCancel(c *gin.Context, status int, problem *fault.Error) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	if !s.config.Now().Before(g.Session.StartsAt) {
		return s.goneBooking(c, fault.New(fault.Gone, "booking.cancel_late"))
	}
	p := s.words
	page := &bookingCancelPage{
		Page: s.newPage(c, p.T("booking.cancel.title")), Reference: g.Reference, Session: newBookedSession(g.Session),
		Children: Choices{Name: "booking", Legend: p.T("booking.cancel.who"), Many: true},
		Back:     bookingPath(bookingLink(c)), Action: bookingPath(bookingLink(c)) + "/annuler", Key: s.newKey(c, "booking"),
		Leaving: true, Shut: g.Session.ListClosed,
	}
	for _, child := range g.Children {
		if child.Live() {
			page.One = p.T("booking.cancel.one."+child.Status, child.FirstName)
			page.Leaving = page.Leaving && child.Status == "waiting"
			page.Children.Options = append(page.Children.Options, Option{
				Value: strconv.FormatInt(child.BookingID, 10), Label: child.FirstName + " " + child.LastName,
				Hint: p.T("booking.state." + child.Status),
			})
		}
	}
	switch {
	case len(page.Children.Options) == 0:
		return s.showBooking(c, http.StatusOK, g, nil)
	case len(page.Children.Options) > 1:
		page.One = ""
	}
	if page.Leaving {
		page.Title, page.Children.Legend = p.T("booking.leave.title"), p.T("booking.leave.who")
	}
	if !page.Leaving && !s.config.Now().Before(g.Session.LateFrom()) {
		page.Reason = lateReasons(p)
	}
	if s.mayMove(g) {
		page.Move = s.to(c, movePath(bookingLink(c)))
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Children)
	}
	return s.show(c, status, "booking/cancel", page)
}

// lateReasons asks why a seat is given up so late: facts for who plans, and never a text, which would tell of illnesses.
func lateReasons(p *words.Printer) *Choices {
	q := &Choices{Name: "reason", Legend: p.T("rebook.reason"), Hint: p.T("rebook.reason.hint"), Optional: true}
	for _, reason := range booking.LateReasons() {
		q.Options = append(q.Options, Option{Value: string(reason), Label: p.T("rebook.reason." + string(reason))})
	}
	return q
}

// postBookingCancel gives up the chosen places.
func postBookingCancel(s *Server, c *gin.Context) error {
	if _, err := s.findBooking(c); err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	var ids []int64
	for _, text := range form["booking"] {
		id, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return fault.New(fault.Conflict, "booking.cancel_unknown")
		}
		ids = append(ids, id)
	}
	if len(ids) == 0 {
		return s.showCancel(c, http.StatusUnprocessableEntity,
			fault.InvalidFields(map[string]fault.Message{"booking": {Key: "booking.cancel.nobody"}}))
	}
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.Cancel(c.Request.Context(), s.actor(c), key, bookingLink(c), ids, booking.LateReason(form.Get("reason")))
	})
}

// getBookingCalendar gives the session as a calendar file.
func getBookingCalendar(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	event := s.calendarEvent(g)
	c.Header("Content-Type", "text/calendar; charset=utf-8")
	c.Header("Content-Disposition", `attachment; filename="atelier.ics"`)
	return calendar.Publish(c.Writer, s.words.T("ui.site"), []calendar.Event{event})
}

// bookingReceivedPage answers everybody alike when the booking exists already: the mailbox it belongs to gets
// the rest (domain, Family data 6).
type bookingReceivedPage struct{ Page }

func getBookingReceived(s *Server, c *gin.Context) error {
	return s.show(c, http.StatusOK, "booking/received", &bookingReceivedPage{s.newPage(c, s.words.T("booking.received.title"))})
}

func bookingPages() []Declared {
	return []Declared{
		{Name: "booking/children", Data: &bookingChildrenPage{}},
		{Name: "booking/care", Data: &bookingCarePage{}},
		{Name: "booking/contact", Data: &bookingContactPage{}},
		{Name: "booking/check", Data: &bookingCheckPage{}},
		{Name: "booking/tariff", Data: &bookingTariffPage{}},
		{Name: "booking/myself", Data: &bookingMyselfPage{}},
		{Name: "booking/age", Data: &bookingAgePage{}},
		{Name: "booking/group", Data: &bookingPage{}},
		{Name: "booking/cancel", Data: &bookingCancelPage{}},
		{Name: "booking/coming", Data: &bookingComingPage{}},
		{Name: "booking/wishes", Data: &familyWishesPage{}},
		{Name: "booking/move", Data: &bookingMovePage{}},
		{Name: "booking/own", Data: &bookingOwnPage{}},
		{Name: "booking/later", Data: &bookingLaterPage{}},
		{Name: "booking/resume", Data: &bookingResumePage{}},
		{Name: "booking/second", Data: &bookingSecondPage{}},
		{Name: "booking/received", Data: &bookingReceivedPage{}},
		{Name: "booking/figures", Data: &bookingFiguresPage{}},
		{Name: "booking/complete", Data: &completePage{}},
		{Name: "booking/passport", Data: &passportPage{}},
	}
}

// calendarEvent is the session of a booking as a calendar shows it: cancelled for a family without a seat.
func (s *Server) calendarEvent(g booking.Group) calendar.Event {
	b := newBookedSession(g.Session)
	names := g.With("confirmed")
	given := len(names) == 0
	if given {
		for _, child := range g.Children {
			names = append(names, child.FirstName)
		}
	}
	return calendar.Event{
		UID: g.Reference + "@" + s.config.BaseURL.Hostname(), Sequence: g.Sequence(), Stamp: s.config.Now(),
		Start: b.Start, End: b.End, Summary: s.words.T("booking.calendar.summary", b.Name),
		Description: s.words.T("booking.calendar.description", s.words.List(names), g.Reference),
		Location:    b.Venue + ", " + b.Address + ", " + b.City,
		URL:         s.absolute(b.Href), Cancelled: given || g.Session.Status == "cancelled",
	}
}

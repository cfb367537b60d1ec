package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// deskSessionPage is all that the team knows and does about one session.
type deskSessionPage struct {
	DeskHead
	Session   deskSession
	Facts     []Answer
	Changes   bool // neither started nor cancelled: it can still be changed
	Draft     bool
	Published bool
	Cancelled bool
	Edit      string
	Cancel    string
	Public    string // the page that families see; empty for a draft
	Plan      string // the sessions that were planned with it; empty for none
	Following string // where it and those of its plan that follow are changed; empty where it cannot
	Publish   deskAct
	Restore   *restoreAct // nil unless it was cancelled just now
	Duplicate deskAct
	Date      Field // of the copy
	Obstacles *obstacles

	// SetSeries puts it into a series now that its form has closed; NewSeries is empty where it cannot.
	SetSeries deskAct
	// SetFunding says who pays, as long as no figures stand.
	SetFunding deskAct
	Funding    Select
	Series     Select // without options where no series exists yet
	NewSeries  Field

	Leaders  []sessionLeader
	CanLead  bool // the session can still change hands
	Assign   deskAct
	Person   Select
	HandOver string

	// Group is whom a private session is for, with the way to the request; nil for a session of the programme. Nobody books
	// it, so that it has no list.
	Group *Link

	Kits    []sessionKit
	TakeKit deskAct
	Kit     Select
	Copies  Field

	List    string        // the page of the waiting list; empty where nobody can book
	Phone   string        // where the team books for a family; empty where it cannot
	Write   string        // where the team writes to the families
	Booked  []listedChild // with a seat, or an offer for one
	Waiting []listedChild
	Gone    []listedChild // gave up, or lost their place
	Export  string
	Columns []column // of the export
	Papers  []Link
	Day     *deskDay // nil for who does not run the programme, and of a draft
}

// restoreAct takes a cancellation back.
type restoreAct struct {
	deskAct
	Until time.Time
}

// sessionLeader is somebody who leads the session.
type sessionLeader struct {
	Name string
	// Clash says what else they lead at that time; empty mostly.
	Clash    string
	Unassign deskAct
	ID       string
}

// listedChild is one child of the session's list.
type listedChild struct {
	Name      string
	Age       int
	State     Badge
	Rank      int
	Since     time.Time
	Note      string // how offers went, or why a seat was given beyond the rules
	Together  bool
	Guardian  string
	Email     string
	Phone     string
	Digits    string
	Reference string
	Href      string // its booking
	Paid      *Badge // how far the seat is paid; nil for who sees no money, and where it costs nothing
	Collect   string // where what is paid for it is noted; empty where nothing is to be paid
}

func getDeskSession(s *Server, c *gin.Context) error {
	return s.showDeskSession(c, http.StatusOK, nil, nil)
}

// showDeskSession shows the page of a session; form and problem are those of the one of its forms that
// could not be done.
func (s *Server) showDeskSession(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor, p, now := c.Request.Context(), s.actor(c), s.words, s.config.Now()
	list, err := s.Bookings.SessionBookings(ctx, actor, id)
	if err != nil {
		return err
	}
	led, err := s.Catalog.Facilitators(ctx, id)
	if err != nil {
		return err
	}
	v, path := list.Session, deskSessionPath(id)
	page := &deskSessionPage{
		DeskHead: s.deskHead(c, workshopName(v.Workshop)), Session: s.deskSession(v, led, now), Facts: s.sessionFacts(v),
		Draft: v.Status == catalog.Draft, Published: v.Status == catalog.Published, Cancelled: v.Status == catalog.Cancelled,
		Edit: path + "/modifier", Cancel: path + "/annuler",
		Publish: s.deskAct(c, "session-publish", path+"/publier"), Duplicate: s.deskAct(c, "session-duplicate", path+"/dupliquer"),
		Date:     Field{Name: "date", Label: p.T("staff.session.copy.date"), Hint: p.T("staff.session.copy.hint"), Value: form.Get("date"), Type: "date", Width: WidthMedium},
		HandOver: "/animation/seances/" + idText(id) + "/transmettre",
		Export:   path + "/inscriptions.csv", Columns: s.documented("staff.export.", exportColumns), Papers: s.sessionPapers(id, s.actor(c)),
	}
	if v.ScheduleID != 0 {
		page.Plan = schedulePath(v.ScheduleID)
	}
	page.Changes = page.Manages && v.Status != catalog.Cancelled && v.StartsAt.After(now)
	if page.Manages && now.Before(v.RestorableUntil) {
		page.Restore = &restoreAct{s.deskAct(c, "session-restore", path+"/retablir"), v.RestorableUntil}
	}
	if page.Plan != "" && page.Changes {
		page.Following = page.Plan + "/modifier?depuis=" + idText(id)
	}
	page.CanLead = page.Manages && v.Status != catalog.Cancelled && v.EndsAt.After(now)
	switch {
	case v.Private():
		page.Group = &Link{Href: DeskRequestPath(v.RequestID), Label: v.Organisation}
	case v.Status != catalog.Draft:
		page.Public, page.List, page.Write = "/seances/"+idText(id), deskListPath(id), messagesPath+"/nouveau?seance="+idText(id)
		if page.Published && page.Changes {
			page.Phone = phonePath(id)
		}
	}
	demand, err := s.demandFact(c, v)
	if err != nil {
		return err
	}
	page.Facts = append(page.Facts, demand...)
	if page.Manages && !v.Private() && v.Status == catalog.Published && !page.Changes {
		page.SetSeries = s.deskAct(c, "session-series", path+"/cycle")
		chosen := form
		if !form.Has("new_series") { // another form of the page, or none
			chosen = sessionValues(v)
		}
		if page.Series, page.NewSeries, err = s.seriesFields(ctx, chosen); err != nil {
			return err
		}
		page.SetFunding = s.deskAct(c, "session-funding", path+"/financement")
		if chosen = form; !form.Has("funding") {
			chosen = sessionValues(v)
		}
		if page.Funding, err = s.fundingField(ctx, chosen, p.T("staff.session.funding.none")); err != nil {
			return err
		}
	}
	if err := s.addKits(c, page, id, form); err != nil {
		return err
	}
	if err := s.addLeaders(c, page, v, led); err != nil {
		return err
	}
	if err := s.addList(c, page, list); err != nil {
		return err
	}
	if err := s.addDeskDay(c, page, v); err != nil {
		return err
	}
	if c.Query("fait") == "copiee" && page.Notice != nil {
		left, err := s.Catalog.LeftBehind(ctx, rowID(c.Query("de")), id)
		if err != nil {
			return err
		}
		if len(left) > 0 {
			page.Notice.Tone, page.Notice.Text = ToneWarning, p.T("staff.session.copy.left", p.List(left))
		}
	}
	page.Obstacles = s.obstaclesOf(problem)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Date, &page.Series, &page.NewSeries, &page.Funding, &page.Person, &page.Kit, &page.Copies)
		page.Obstacles.explain(page.Errors)
	}
	return s.show(c, status, "equipe/session", page)
}

// sessionFacts are the lines about a session that its list does not show.
func (s *Server) sessionFacts(v catalog.Session) []Answer {
	p := s.words
	pay := p.T("staff.session.pay.spot")
	if v.PaymentURL != "" {
		pay = v.PaymentURL
	}
	price := priceTag(p, v.Pricing, v.PriceCents)
	if v.Pricing.Way == catalog.Chosen {
		price = priceSentence(p, v.Pricing, v.PriceCents)
	}
	facts := []Answer{
		{Label: p.T("staff.session.when"), Value: p.Date(v.StartsAt) + ", " + p.Span(v.StartsAt, v.EndsAt)},
		{Label: p.T("staff.session.where"), Value: v.Venue.Name + ", " + venueAddress(v.Venue)},
		{Label: p.T("staff.session.ages"), Value: p.T("ui.ages", v.Workshop.MinAge, v.Workshop.MaxAge)},
	}
	if v.Private() {
		return append(facts, cancelReason(p, v)...)
	}
	if v.Series.ID != 0 {
		facts = append(facts, Answer{Label: p.T("staff.session.series"), Value: v.Series.Title})
	}
	facts = append(facts, s.reservedFact(v)...)
	facts = append(facts, Answer{Label: p.T("staff.session.price"), Value: price})
	if !v.Pricing.Free(v.PriceCents) {
		facts = append(facts, Answer{Label: p.T("staff.session.pay"), Value: pay})
	}
	if v.Funding != "" {
		facts = append(facts, Answer{Label: p.T("staff.session.funding"), Value: fundingName(p, v.Funding)})
	}
	facts = append(facts,
		Answer{Label: p.T("staff.session.opens"), Value: p.DateHour(v.OpensAt)},
		Answer{Label: p.T("staff.session.closes"), Value: p.DateHour(v.ClosesAt)},
	)
	return append(facts, cancelReason(p, v)...)
}

// reservedFact is the line about the seats that are kept for a partner, or were; none where there are none.
func (s *Server) reservedFact(v catalog.Session) []Answer {
	r, p := v.Reserved, s.words
	if r.Seats == 0 {
		return nil
	}
	until := p.Date(r.Until.AddDate(0, 0, -1))
	told := p.T("staff.session.reserved.over", r.Seats, r.Partner, until, r.Used)
	if now := s.config.Now(); now.Before(r.Until) {
		told = p.T("staff.session.reserved.fact", r.Seats, r.Partner, until, r.Used, r.HeldAt(now))
	}
	return []Answer{{Label: p.T("staff.session.reserved"), Value: told}}
}

// cancelReason is the line that says why a session was called off; none where nothing was written.
func cancelReason(p *words.Printer, v catalog.Session) []Answer {
	if v.CancelReason == "" {
		return nil
	}
	return []Answer{{Label: p.T("staff.session.reason"), Value: v.CancelReason}}
}

// sessionPapers lead to the register of a session and to those of its papers that actor may see.
func (s *Server) sessionPapers(id int64, actor account.Actor) []Link {
	register := "/animation/seances/" + idText(id)
	links := []Link{
		{register, s.words.T("staff.session.register")},
		{register + "/feuille", s.words.T("staff.session.sheet")},
	}
	if actor.CanManage() {
		links = append(links, Link{register + "/attestations", s.words.T("staff.session.certificates")})
	}
	if actor.CanAdminister() {
		links = append(links, Link{journalOf("session:" + idText(id)), s.words.T("journal.session")})
	}
	return links
}

// addLeaders fills who leads the session and who could, with what else they lead at that time.
func (s *Server) addLeaders(c *gin.Context, page *deskSessionPage, v catalog.Session, led []catalog.Facilitator) error {
	ctx, path := c.Request.Context(), deskSessionPath(v.ID)
	for _, f := range led {
		clash, err := s.clash(ctx, v.ID, f.ID)
		if err != nil {
			return err
		}
		page.Leaders = append(page.Leaders, sessionLeader{Name: f.Name, Clash: clash, ID: idText(f.ID),
			Unassign: s.deskAct(c, "session-unassign", path+"/retirer")})
	}
	page.Assign = s.deskAct(c, "session-assign", path+"/animer")
	page.Person = Select{Name: "facilitator", Label: s.words.T("staff.session.person"), Empty: s.words.T("staff.session.person.choose")}
	if !page.CanLead {
		return nil
	}
	people, err := s.Catalog.Assignable(ctx)
	if err != nil {
		return err
	}
	for _, f := range people {
		if slices.Contains(led, f) {
			continue
		}
		clash, err := s.clash(ctx, v.ID, f.ID)
		if err != nil {
			return err
		}
		label := f.Name
		if clash != "" {
			label = s.words.T("staff.session.person.clash", f.Name, clash)
		}
		page.Person.Options = append(page.Person.Options, Option{Value: idText(f.ID), Label: label})
	}
	return nil
}

// clash says what else somebody leads while a session takes place; empty when nothing. It warns: people know
// better whether it can be done.
func (s *Server) clash(ctx context.Context, sessionID, userID int64) (string, error) {
	others, err := s.Catalog.Clashes(ctx, sessionID, userID)
	if err != nil {
		return "", err
	}
	var names []string
	for _, v := range others {
		names = append(names, s.words.T("staff.session.clash", workshopName(v.Workshop), s.words.Span(v.StartsAt, v.EndsAt), v.Venue.Name))
	}
	return s.words.List(names), nil
}

// addList sorts who has a seat from who waits and who gave up, and says who has paid to those who may know.
func (s *Server) addList(c *gin.Context, page *deskSessionPage, list booking.SessionList) error {
	paid := map[int64]payment.Seat{}
	if page.Manages {
		var err error
		if paid, err = s.Payments.OfSession(c.Request.Context(), s.actor(c), list.Session.ID); err != nil {
			return err
		}
	}
	for _, b := range list.Bookings {
		child := s.listedChild(b, page.Session.Over)
		if seat, costs := paid[b.BookingID]; costs && b.Guardian.Name != "" {
			state := s.moneySeat(seat).State
			if child.Paid = &state; seat.LeftCents() > 0 {
				child.Collect = bookingMoneyPath(b.Reference)
			}
		}
		switch b.Status {
		case "confirmed", "offered":
			page.Booked = append(page.Booked, child)
		case "waiting":
			page.Waiting = append(page.Waiting, child)
		default:
			page.Gone = append(page.Gone, child)
		}
	}
	return nil
}

func (s *Server) listedChild(b booking.Listed, over bool) listedChild {
	child := listedChild{
		Name: b.FirstName + " " + b.LastName, Age: b.Age, Rank: b.Rank, Since: b.BookedAt, Together: b.Together,
		State:    Badge{Tone: bookingTones[b.Status], Label: s.bookingState(b, over)},
		Guardian: b.Guardian.Name, Email: b.Guardian.Email, Phone: b.Guardian.Phone, Digits: phoneDigits(b.Guardian.Phone),
		Reference: b.Reference, Href: deskBookingPath(b.Reference),
	}
	if b.FirstName == "" {
		child.Name = s.words.T("erase.family")
	}
	child.Note = joinSentences(s.bookingStory(b))
	return child
}

// bookingState is the state of a booking in words; of a cancelled one, who cancelled it. Nobody waits for a session that is over.
func (s *Server) bookingState(b booking.Listed, over bool) string {
	if over && b.Status == "waiting" {
		return s.words.T("booking.state.seatless")
	}
	if b.Status == "cancelled" && b.CancelledBy != "" {
		return s.words.T("staff.list.cancelled." + b.CancelledBy)
	}
	return s.words.T("booking.state." + b.Status)
}

// offerStory tells one offer: when it was made, until when it lives or how it ended.
func (s *Server) offerStory(o booking.ListedOffer) string {
	switch o.Outcome {
	case "":
		return s.words.T("staff.list.offer.live", s.moment(o.MadeAt), s.moment(o.ExpiresAt))
	case "given":
		return s.words.T("staff.list.offer.given", s.moment(o.MadeAt))
	}
	return s.words.T("staff.list.offer."+o.Outcome, s.moment(o.MadeAt), s.moment(o.EndedAt))
}

func joinSentences(all []string) string {
	text := ""
	for i, one := range all {
		if i > 0 {
			text += " "
		}
		text += one
	}
	return text
}

// phoneDigits is a phone number as a link to call it needs it.
func phoneDigits(typed string) string {
	digits := make([]rune, 0, len(typed))
	for _, r := range typed {
		if r >= '0' && r <= '9' || r == '+' && len(digits) == 0 {
			digits = append(digits, r)
		}
	}
	return string(digits)
}

// deskSessionAct runs one act on a session from its page, and comes back with what was done.
func (s *Server) deskSessionAct(c *gin.Context, purpose, done string, do func(ctx context.Context, key account.FormKey, id int64, form url.Values) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return deskSessionPath(id) + "?fait=" + done, do(c.Request.Context(), key, id, form)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskSession(c, status, form, problem)
		},
	})
}

func postSessionPublish(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-publish", "publiee", func(ctx context.Context, key account.FormKey, id int64, _ url.Values) error {
		return s.Catalog.PublishSession(ctx, s.actor(c), key, id)
	})
}

func postSessionRestore(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-restore", "retablie", func(ctx context.Context, key account.FormKey, id int64, _ url.Values) error {
		return s.Bookings.RestoreSession(ctx, s.actor(c), key, id)
	})
}

func postSessionAssign(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-assign", "animation", func(ctx context.Context, key account.FormKey, id int64, form url.Values) error {
		return s.Catalog.Assign(ctx, s.actor(c), key, id, rowID(form.Get("facilitator")))
	})
}

func postSessionUnassign(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-unassign", "retrait", func(ctx context.Context, key account.FormKey, id int64, form url.Values) error {
		return s.Catalog.Unassign(ctx, s.actor(c), key, id, rowID(form.Get("person")))
	})
}

func postSessionSeries(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-series", "enregistree", func(ctx context.Context, key account.FormKey, id int64, form url.Values) error {
		return s.Catalog.SetSeries(ctx, s.actor(c), key, id, rowID(form.Get("series")), form.Get("new_series"))
	})
}

func postSessionFunding(s *Server, c *gin.Context) error {
	return s.deskSessionAct(c, "session-funding", "enregistree", func(ctx context.Context, key account.FormKey, id int64, form url.Values) error {
		return s.Catalog.SetFunding(ctx, s.actor(c), key, id, form.Get("funding"))
	})
}

// postSessionDuplicate copies the session to another day and opens the copy, a draft.
func postSessionDuplicate(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "session-duplicate",
		do: func(form url.Values, key account.FormKey) (string, error) {
			copied, err := s.Catalog.DuplicateSession(c.Request.Context(), s.actor(c), key, id, form.Get("date"), assent(form))
			return deskSessionPath(copied) + "?fait=copiee&de=" + idText(id), err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskSession(c, status, form, problem)
		},
		made: func(result string) string { return "/equipe/seances/" + result },
	})
}

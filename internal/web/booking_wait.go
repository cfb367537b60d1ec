package web

import (
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// offerPart is a seat proposed to a family: until when, what speaks against it, what may be left with it.
type offerPart struct {
	Until    time.Time
	How      string   // for how long it is kept
	Left     string   // the time that is left, in words
	Last     string   // that it is the last offer, and of whom; empty otherwise
	First    string   // that the rank is kept without an answer; empty otherwise
	Siblings string   // what becomes of those who wait beside; empty when nobody does
	Overlaps []string // where the children are at that time
	Leave    Choices  // other lists; without options when there is none
	Accept   string   // the buttons, with the children whom they are for
	Decline  string
}

// waitingPart is what holds for a family that waits.
type waitingPart struct {
	Rank     int
	Who      []string // of several children, when not all wait: those who do
	Together bool
	Missed   bool // one offer was left unanswered
	// Unasked is until when a freed seat is theirs at once; zero when it is not.
	Unasked time.Time
	Calls   bool // a mail would come too late: the team calls
	Second  bool // another session may be named
	Changes bool // how they wait can still be changed
	Hours   booking.Hours
}

// linkedPlace is what the children of a booking have in another session of the workshop.
type linkedPlace struct {
	Href  string
	Name  string
	Start time.Time
	State Badge
}

// backPart is the way back in.
type backPart struct {
	Text  string
	Label string
	Seats int // that it promises
}

// leaveName is the box that names, by reference, a list to leave.
const leaveName = "leave"

// addLinked fills where else the children are. Who has a seat is asked about the lists where they still wait.
func (s *Server) addLinked(page *bookingPage, g booking.Group) {
	p := s.words
	won := !page.Over && len(page.Confirmed) > 0 && len(g.With("waiting"))+len(g.With("offered")) == 0
	for _, l := range g.Linked {
		place := linkedPlace{Href: bookingPath(l.Link), Name: newBookedSession(l.Session).Name, Start: l.Session.StartsAt}
		status := "waiting"
		switch {
		case len(l.Offered) > 0:
			status = "offered"
		case len(l.Waiting) == 0:
			status = "confirmed"
		}
		place.State = Badge{Tone: bookingTones[status], Label: p.T("booking.state." + status)}
		if won && status == "waiting" {
			page.Stay = append(page.Stay, place)
			continue
		}
		page.Linked = append(page.Linked, place)
	}
}

// addWaiting fills what a page says to a family that waits or is offered a seat.
func (s *Server) addWaiting(c *gin.Context, page *bookingPage, g booking.Group) error {
	now := s.config.Now()
	if offered := g.With("offered"); len(offered) > 0 {
		page.Offer = s.offerPart(g, offered, now)
	}
	if len(g.With("waiting")) == 0 {
		return nil
	}
	page.Waiting = &waitingPart{Rank: g.Rank(), Hours: g.Session.Hours, Together: g.Together && len(g.With("waiting")) > 1}
	if waiting := g.With("waiting"); len(waiting) < len(g.Children) {
		page.Waiting.Who = waiting
	}
	for _, child := range g.Children {
		page.Waiting.Missed = page.Waiting.Missed || child.Missed && child.Status == "waiting"
	}
	if until := g.Session.UnaskedUntil(); g.Unasked && now.Before(until) {
		page.Waiting.Unasked = until
	}
	page.Waiting.Changes = len(g.With("waiting")) > 1 || now.Before(g.Session.UnaskedUntil())
	_, enough := g.Session.Deadline(now)
	page.Waiting.Calls = !enough
	choices, err := s.Bookings.SecondChoices(c.Request.Context(), bookingLink(c))
	page.Waiting.Second = len(choices) > 0
	return err
}

func (s *Server) offerPart(g booking.Group, offered []string, now time.Time) *offerPart {
	p, n, names := s.words, len(offered), s.words.List(offered)
	o := &offerPart{Until: g.OfferUntil(), How: p.N("booking.offer.how", n), Accept: p.N("booking.offer.accept", n, names),
		Decline: p.N("booking.offer.decline", n, names), Siblings: s.siblingWords(g, names), Leave: Choices{Name: leaveName, Legend: p.T("booking.offer.leave"), Many: true, Optional: true}}
	left := o.Until.Sub(now)
	switch hours := int(left / time.Hour); {
	case left <= 0:
		o.Left = p.T("booking.offer.left.over")
	case hours == 0:
		o.Left = p.T("booking.offer.left.soon")
	default:
		o.Left = p.N("booking.offer.left", hours)
	}
	var last, first []string
	for _, child := range g.Children {
		switch {
		case child.Status != "offered":
		case child.Missed:
			last = append(last, child.FirstName)
		default:
			first = append(first, child.FirstName)
		}
	}
	if len(last) > 0 {
		o.Last = p.N("booking.offer.last", len(last), p.List(last))
	}
	if len(first) > 0 {
		o.First = p.N("booking.offer.first", len(first), p.List(first))
	}
	for _, other := range g.Overlaps {
		o.Overlaps = append(o.Overlaps, p.T("booking.overlap."+other.Status, other.FirstName, newBookedSession(other.Session).Name,
			p.Span(other.Session.StartsAt, other.Session.EndsAt)))
	}
	for _, l := range g.Linked {
		if len(l.Waiting)+len(l.Offered) > 0 {
			v := newBookedSession(l.Session) // two lists may be of one day, or of one hour at two places
			o.Leave.Options = append(o.Leave.Options, Option{Value: l.Link.Reference,
				Label: p.T("booking.offer.leave.list", p.Day(v.Start), p.Hour(v.Start), v.Name, v.Venue)})
		}
	}
	return o
}

// siblingWords says what becomes of the children who wait, while a seat is offered to others of the same booking: they are
// offered it if they are next, and that should surprise nobody.
func (s *Server) siblingWords(g booking.Group, offered string) string {
	p, waiting := s.words, g.With("waiting")
	switch {
	case len(g.PassesTo) > 0 && g.Given:
		return p.N("booking.offer.sibling.given", len(g.PassesTo), p.List(g.PassesTo), offered)
	case len(g.PassesTo) > 0:
		return p.N("booking.offer.sibling.next", len(g.PassesTo), p.List(g.PassesTo), offered)
	case len(waiting) > 0:
		return p.N("booking.offer.sibling.stays", len(waiting), p.List(waiting))
	}
	return ""
}

// fewerWords says, of a booking of which some children declined or did not answer twice, what the others have; empty where
// nobody is left.
func (s *Server) fewerWords(g booking.Group) string {
	p, declined, lapsed, offered, waiting := s.words, g.With("declined"), g.With("lapsed"), g.With("offered"), g.With("waiting")
	switch {
	case len(offered)+len(waiting) == 0:
	case len(lapsed) > 0:
		return p.N("booking.lapsed.some", len(lapsed), p.List(lapsed))
	case len(declined) == 0:
	case len(offered) > 0:
		return p.N("booking.declined.offered", len(offered), p.List(declined), p.List(offered))
	case len(waiting) > 0:
		return p.N("booking.declined.waiting", len(waiting), p.List(declined), p.List(waiting))
	}
	return ""
}

// addBack fills the way back in, for children who left while the session can still be joined.
func (s *Server) addBack(c *gin.Context, page *bookingPage, g booking.Group) error {
	p, n := s.words, len(g.MayReturn)
	if page.Over && !page.Cancelled {
		page.Left = s.leftWords(g)
	}
	if n == 0 {
		return nil
	}
	session, open, err := s.Bookings.Available(c.Request.Context(), g.Session.ID)
	switch {
	case fault.KindOf(err) == fault.Gone, fault.KindOf(err) == fault.Conflict:
		return nil
	case err != nil:
		return err
	case open >= n:
		page.Back = &backPart{Text: p.N("booking.back.open", n, p.List(g.MayReturn)), Label: p.T("booking.back.book"), Seats: n}
	case session.ListClosed:
		page.BackShut = true
	case open > 0 && !g.Together:
		page.Back = &backPart{Text: p.N("booking.back.some", open, p.List(g.MayReturn[:open]), p.List(g.MayReturn[open:])), Label: p.T("booking.back.both"), Seats: open}
	default:
		page.Back = &backPart{Text: p.T("booking.back.rank", p.List(g.MayReturn), p.Ordinal(session.Waiting+1)), Label: p.T("booking.back.join")}
	}
	return nil
}

// leftWords says how it came that nothing is left of a booking; empty while something is.
func (s *Server) leftWords(g booking.Group) string {
	lapsed := false
	for _, child := range g.Children {
		if child.Live() {
			return ""
		}
		lapsed = lapsed || child.Status == "lapsed"
	}
	if lapsed {
		return s.words.T("booking.left.lapsed")
	}
	return s.words.T("booking.left.noted")
}

// postBookingBack takes the children who left back in: at the end of the list, or to a seat where one is free.
func postBookingBack(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.bookingChangeTo(c, func(key account.FormKey) (string, error) {
		return s.join(c, key, g, g.Session.ID, form.Get("seats"))
	}, s.goneBooking)
}

// promiseSign stands between a session and the number of seats that its button promised.
const promiseSign = "."

// promised is how many of n children get a seat where some are open, as Join decides.
func promised(open, n int, together bool) int {
	if open < n && together {
		return 0
	}
	return min(open, n)
}

// join takes children of a booking to a session, where they wait as they did, and returns the path of their booking there.
// seats is how many seats the page promised, as the form sends it.
func (s *Server) join(c *gin.Context, key account.FormKey, g booking.Group, sessionID int64, seats string) (string, error) {
	reference, err := s.Bookings.Join(c.Request.Context(), s.actor(c), key, bookingLink(c),
		booking.JoinRequest{SessionID: sessionID, Seats: int(rowID(seats)), Wishes: booking.Wishes{Together: g.Together, Unasked: g.Unasked}})
	if err != nil {
		return "", err
	}
	switch by := bookingLink(c); {
	case by.Signature == booking.OwnSignature:
		return bookingPath(booking.OwnLink(by.Owner, reference)), nil
	case g.ViaMail:
		return bookingPath(s.Bookings.Sign(booking.LinkMail, reference, 1)), nil
	}
	return bookingPath(s.Bookings.Sign(booking.LinkScreen, reference, 1)), nil
}

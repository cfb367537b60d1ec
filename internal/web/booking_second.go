package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingSecondPage names another session of the workshop, for a family that waits.
type bookingSecondPage struct {
	Page
	Session bookedSession
	Names   []string
	Choices []secondChoice
	Same    string // how they will wait there
	Action  string
	Back    string
	Key     FormKey
}

// secondChoice is one session to choose.
type secondChoice struct {
	Session bookedSession
	Price   string
	Places  string // what is found there
	Button  Button
}

// getBookingSecond shows the other sessions.
func getBookingSecond(s *Server, c *gin.Context) error {
	return s.showSecond(c, http.StatusOK, nil)
}

func (s *Server) showSecond(c *gin.Context, status int, notice *Notice) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	names := append(g.With("waiting"), g.With("offered")...)
	if len(names) == 0 || !s.config.Now().Before(g.Session.StartsAt) {
		return s.goneBooking(c, fault.New(fault.Gone, "booking.wishes_late"))
	}
	choices, err := s.Bookings.SecondChoices(c.Request.Context(), bookingLink(c))
	if err != nil {
		return err
	}
	p := s.words
	page := &bookingSecondPage{
		Page: s.newPage(c, p.T("booking.second.title")), Session: newBookedSession(g.Session), Names: names,
		Action: bookingPath(bookingLink(c)) + "/deuxieme-choix", Back: bookingPath(bookingLink(c)), Key: s.newKey(c, "booking"),
	}
	page.Section, page.Notice = SectionSessions, notice
	waits := false
	n := len(names)
	for _, choice := range choices {
		one := secondChoice{Session: newBookedSession(choice.Session), Price: s.priceWords(len(names), choice.Session, nil)}
		one.Button = Button{Name: "session", Value: idText(choice.Session.ID) + promiseSign + strconv.Itoa(promised(choice.Open, n, g.Together)), Kind: ButtonSecondary, About: p.T("booking.second.about", p.Day(choice.Session.StartsAt), p.Hour(choice.Session.StartsAt))}
		switch {
		case choice.Open >= len(names):
			one.Places, one.Button.Label = p.N("booking.second.free", choice.Open), p.N("booking.second.book", len(names))
		case choice.Open > 0:
			one.Places, one.Button.Label = p.N("booking.second.few", choice.Open, len(names)), p.T("booking.second.both")
			if g.Together {
				one.Button.Label = p.T("booking.second.join")
			}
		case choice.Session.Waiting == 0:
			one.Places, one.Button.Label = p.T("booking.second.nobody"), p.T("booking.second.join")
		default:
			one.Places, one.Button.Label = p.N("booking.second.full", choice.Session.Waiting), p.T("booking.second.join")
		}
		waits = waits || choice.Open < len(names)
		page.Choices = append(page.Choices, one)
	}
	switch {
	case !waits:
	case g.Unasked:
		page.Same = p.T("booking.second.unasked")
	default:
		page.Same = p.T("booking.second.asked")
	}
	return s.show(c, status, "booking/second", page)
}

// postBookingSecond joins the session chosen, and leads to the booking there.
func postBookingSecond(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	chosen, seats, _ := strings.Cut(form.Get("session"), promiseSign)
	id, err := strconv.ParseInt(chosen, 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "web.form_broken")
	}
	return s.bookingChangeTo(c, func(key account.FormKey) (string, error) { return s.join(c, key, g, id, seats) },
		func(c *gin.Context, f *fault.Error) error {
			return s.showSecond(c, statuses[f.Kind], &Notice{Tone: ToneWarning, Title: s.words.Message(f.Message), Text: s.words.T("booking.second.again")})
		})
}

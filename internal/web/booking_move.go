package web

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingMovePage names the other sessions to which a booking could move, in one step.
type bookingMovePage struct {
	Page
	Session bookedSession
	Names   []string // who moves
	Choices []moveChoice
	Action  string
	Back    string
	Key     FormKey
}

// moveChoice is one session to move to.
type moveChoice struct {
	Session bookedSession
	Places  string
	Price   string
	Button  Button
}

// movePath is the page on which a booking moves to another session.
func movePath(l booking.Link) string { return bookingPath(l) + "/autre-seance" }

// mayMove reports whether a family is shown the way to another session: somebody of it has a seat, and the session is to come.
func (s *Server) mayMove(g booking.Group) bool {
	return len(g.With("confirmed")) > 0 && g.Session.Status == "published" && s.config.Now().Before(g.Session.StartsAt)
}

// getBookingMove shows where the booking could move.
func getBookingMove(s *Server, c *gin.Context) error { return s.showMove(c, http.StatusOK, nil) }

func (s *Server) showMove(c *gin.Context, status int, notice *Notice) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	if !s.mayMove(g) {
		return s.goneBooking(c, fault.New(fault.Gone, "booking.move_nobody"))
	}
	choices, err := s.Bookings.Moves(c.Request.Context(), bookingLink(c))
	if err != nil {
		return err
	}
	p := s.printer(c)
	page := &bookingMovePage{
		Page: s.newPage(c, p.T("rebook.move.title")), Session: newBookedSession(g.Session),
		Action: s.to(c, movePath(bookingLink(c))), Back: s.to(c, bookingPath(bookingLink(c))), Key: s.newKey(c, "booking"),
	}
	page.Section, page.Notice = SectionSessions, notice
	for _, child := range g.Children {
		if child.Live() {
			page.Names = append(page.Names, child.FirstName)
		}
	}
	for _, choice := range choices {
		page.Choices = append(page.Choices, moveChoice{
			Session: newBookedSession(choice.Session), Places: p.N("booking.second.free", choice.Open),
			Price: s.priceWords(len(page.Names), choice.Session, nil),
			Button: Button{Label: p.T("rebook.move.take"), Kind: ButtonSecondary, Name: "session", Value: idText(choice.Session.ID),
				About: p.T("booking.second.about", p.Day(choice.Session.StartsAt), p.Hour(choice.Session.StartsAt))},
		})
	}
	if notice == nil && len(choices) == 0 && g.Proved && !g.Trusted {
		page.Notice = &Notice{Tone: ToneInfo, Title: p.T("booking.join_mail")}
	}
	return s.show(c, status, "booking/move", page)
}

// postBookingMove moves the booking to the session chosen, and shows it there.
func postBookingMove(s *Server, c *gin.Context) error {
	if _, err := s.findBooking(c); err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	id, err := strconv.ParseInt(form.Get("session"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "web.form_broken")
	}
	return s.bookingChangeTo(c, func(key account.FormKey) (string, error) {
		return s.to(c, bookingPath(bookingLink(c))), s.Bookings.Move(c.Request.Context(), s.actor(c), key, bookingLink(c), id)
	}, func(c *gin.Context, f *fault.Error) error {
		p := s.printer(c)
		return s.showMove(c, statuses[f.Kind], &Notice{Tone: ToneWarning, Title: p.Message(f.Message), Text: p.T("booking.second.again")})
	})
}

package web

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingComingPage asks « toujours partants ? »; the reminder of two days before leads here (UX-P14).
type bookingComingPage struct {
	Page
	Session   bookedSession
	Confirmed []string // first names
	Coming    bool     // they said yes already
	Base      string   // path of the booking
	Key       FormKey
}

// getBookingComing asks. Opening it, by a person or a scanner of mails, says nothing.
func getBookingComing(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	if len(g.With("confirmed")) == 0 || g.Session.Status == "cancelled" || !s.config.Now().Before(g.Session.StartsAt) {
		return s.goneBooking(c, fault.New(fault.Gone, "coming.late"))
	}
	page := &bookingComingPage{
		Page: s.newPage(c, s.words.T("coming.title")), Session: newBookedSession(g.Session),
		Confirmed: g.With("confirmed"), Coming: g.Coming, Base: bookingPath(bookingLink(c)), Key: s.newKey(c, "booking"),
	}
	page.Section = SectionSessions
	return s.show(c, http.StatusOK, "booking/coming", page)
}

// postBookingComing notes that they come.
func postBookingComing(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	asked, _ := strconv.ParseInt(form.Get("session"), 10, 64) // anything else is of no session
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.Coming(c.Request.Context(), s.actor(c), key, bookingLink(c), asked)
	})
}

package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// familyWishesPage changes how a family waits.
type familyWishesPage struct {
	Page
	Session bookedSession
	// Seating is nil for one child, Unasked once it is too late for that.
	Seating *Choices
	Unasked *Choices
	Action  string
	Back    string
	Key     FormKey
}

// getFamilyWishes shows how the family waits.
func getFamilyWishes(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	if len(g.With("waiting")) == 0 || !s.config.Now().Before(g.Session.StartsAt) {
		return s.goneBooking(c, fault.New(fault.Gone, "booking.wishes_late"))
	}
	p, now := s.words, s.config.Now()
	page := &familyWishesPage{
		Page: s.newPage(c, p.T("booking.wishes.title")), Session: newBookedSession(g.Session),
		Action: bookingPath(bookingLink(c)) + "/attente", Back: bookingPath(bookingLink(c)), Key: s.newKey(c, "booking"),
	}
	page.Section = SectionSessions
	if len(g.With("waiting")) > 1 {
		chosen := "any"
		if g.Together {
			chosen = "together"
		}
		page.Seating = &Choices{Name: "seating", Legend: p.T("booking.wishes.seating"), Options: choose([]Option{
			{Value: "together", Label: p.T("booking.wait.together"), Hint: p.T("booking.wait.together.hint")},
			{Value: "any", Label: p.T("booking.wait.any"), Hint: p.T("booking.wait.any.hint")},
		}, chosen)}
	}
	if now.Before(g.Session.UnaskedUntil()) {
		page.Unasked = s.unaskedBox(g.Session, g.Unasked)
	}
	if page.Seating == nil && page.Unasked == nil {
		return s.goneBooking(c, fault.New(fault.Gone, "booking.wishes_late"))
	}
	return s.show(c, http.StatusOK, "booking/wishes", page)
}

// postFamilyWishes keeps how the family wants to wait; its rank stays.
func postFamilyWishes(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	wishes := booking.Wishes{Together: g.Together, Unasked: form.Get(unaskedName) == "yes"}
	if form.Has("seating") {
		wishes.Together = form.Get("seating") == "together"
	}
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.SetWishes(c.Request.Context(), s.actor(c), key, bookingLink(c), wishes)
	})
}

package web

import (
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// strangersPage asks of what was booked with one's address whether it was oneself (domain, Family data 6).
type strangersPage struct {
	Page
	Strangers []strangerPart
	Next      string // where it goes on
	All       *allMine
}

// allMine says of all of them at once that they are the guardian's; nil for one alone.
type allMine struct {
	Path   string
	Key    FormKey
	Claims []string
}

// strangerPart is what one person booked.
type strangerPart struct {
	Name     string
	Lines    []Answer
	Path     string
	NotMe    string
	Key      FormKey
	HasNotes bool // something joins the family that others may rely on
}

func getStrangers(s *Server, c *gin.Context) error { return s.showStrangers(c, http.StatusOK, nil) }

func (s *Server) showStrangers(c *gin.Context, status int, notice *Notice) error {
	p := s.printer(c)
	list, err := s.Bookings.Strangers(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	suite := safeFamilyNext(c.Query("suite"))
	page := &strangersPage{Page: s.familyPage(c, p.T("space.strangers.title")), Next: suite}
	page.Notice = notice
	if page.Next == "" {
		page.Next = s.to(c, familyStart)
	}
	for _, v := range list {
		page.Strangers = append(page.Strangers, s.stranger(c, v, suite))
	}
	if len(list) > 1 {
		page.All = &allMine{Path: s.to(c, "/compte/reconnaitre"), Key: s.newKey(c, "family-own")}
		if suite != "" {
			page.All.Path += "?" + url.Values{"suite": {suite}}.Encode()
		}
		for _, v := range list {
			page.All.Claims = append(page.All.Claims, v.Reference)
		}
	}
	return s.show(c, status, "family/strangers", page)
}

func (s *Server) stranger(c *gin.Context, v booking.Stranger, suite string) strangerPart {
	p := s.printer(c)
	part := strangerPart{
		Name: v.Name, Path: s.to(c, "/compte/reconnaitre/"+v.Reference), Key: s.newKey(c, "family-own"),
		HasNotes: v.Health || len(v.Pickups) > 0,
	}
	part.NotMe = part.Path + "/refuser"
	if suite != "" {
		query := "?" + url.Values{"suite": {suite}}.Encode()
		part.Path, part.NotMe = part.Path+query, part.NotMe+query
	}
	part.Lines = append(part.Lines, Answer{Label: p.T("space.strangers.at"), Value: p.DateHour(v.BookedAt)})
	var children []string
	for _, g := range v.Bookings {
		part.Lines = append(part.Lines, Answer{Label: p.T("space.strangers.session"), Value: newBookedSession(g.Session).Name + ", " + p.DateHour(g.Session.StartsAt)})
		for _, child := range g.Children {
			if name := child.FirstName + " " + child.LastName; !slices.Contains(children, name) {
				children = append(children, name)
			}
		}
	}
	part.Lines = append(part.Lines, Answer{Label: p.N("space.strangers.children", len(children)), Value: p.List(children)})
	if len(v.Pickups) > 0 {
		part.Lines = append(part.Lines, Answer{Label: p.T("space.strangers.pickups"), Value: p.List(v.Pickups)})
	}
	if v.Health {
		part.Lines = append(part.Lines, Answer{Label: p.T("space.strangers.health"), Value: p.T("space.strangers.health.some")})
	}
	return part
}

// postOwn joins to the family what the guardian says to have booked.
func postOwn(s *Server, c *gin.Context) error {
	return s.strangerChange(c, func(key account.FormKey) error {
		return s.Bookings.Own(c.Request.Context(), s.actor(c), key, c.Param("claim"))
	})
}

// postOwnAll joins to the family all that the page showed.
func postOwnAll(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.strangerChange(c, func(key account.FormKey) error {
		return s.Bookings.Own(c.Request.Context(), s.actor(c), key, form["claim"]...)
	})
}

// disownPage asks once more before an address is taken from a booking.
type disownPage struct {
	Page
	Booked strangerPart
	Back   string
}

func getDisown(s *Server, c *gin.Context) error {
	p := s.printer(c)
	list, err := s.Bookings.Strangers(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	for _, v := range list {
		if v.Reference == c.Param("claim") {
			page := &disownPage{Page: s.familyPage(c, p.T("space.disown.title")), Booked: s.stranger(c, v, safeFamilyNext(c.Query("suite"))), Back: s.to(c, "/compte/reconnaitre")}
			return s.show(c, http.StatusOK, "family/disown", page)
		}
	}
	return fault.New(fault.NotFound, "error.not_found")
}

// postDisown takes the address from a booking that somebody else made.
func postDisown(s *Server, c *gin.Context) error {
	return s.strangerChange(c, func(key account.FormKey) error {
		return s.Bookings.Disown(c.Request.Context(), s.actor(c), key, c.Param("claim"))
	})
}

func (s *Server) strangerChange(c *gin.Context, change func(account.FormKey) error) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-own", form)
	if err != nil {
		return err
	}
	if err := change(key); err != nil {
		return err
	}
	list, err := s.Bookings.Strangers(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	suite := safeFamilyNext(c.Query("suite"))
	switch {
	case len(list) > 0 && suite != "":
		return seeOther(c, s.to(c, "/compte/reconnaitre")+"?"+url.Values{"suite": {suite}}.Encode())
	case len(list) > 0:
		return seeOther(c, s.to(c, "/compte/reconnaitre"))
	case suite != "":
		return seeOther(c, suite)
	}
	return seeOther(c, s.to(c, familyStart))
}

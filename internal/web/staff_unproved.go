package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

const unprovedPath = "/equipe/inscriptions/a-confirmer"

// unprovedPage lists the bookings to come whose address nobody has confirmed, to give up some of them; with Review it asks once more (ACC-6).
type unprovedPage struct {
	DeskHead
	Cap      int
	More     bool
	Sessions []*Choices // the bookings of each session
	Review   []string
	Kept     []keptField
	Action   string
	Key      FormKey
}

func getUnproved(s *Server, c *gin.Context) error {
	return s.showUnproved(c, http.StatusOK, nil, nil)
}

func postUnproved(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	switch {
	case form.Get("do") == "again":
		return s.showUnproved(c, http.StatusOK, form, nil)
	case len(form["reference"]) == 0:
		return s.showUnproved(c, http.StatusUnprocessableEntity, form, fault.InvalidFields(map[string]fault.Message{"reference": {Key: "unproved.nobody"}}))
	case form.Get("do") != "keep":
		return s.reviewUnproved(c, form)
	}
	return s.submit(c, deskForm{
		purpose: "unproved",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return unprovedPath + "?fait=rendues", s.Bookings.Release(c.Request.Context(), s.actor(c), key, form["reference"])
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showUnproved(c, status, form, problem)
		},
	})
}

func (s *Server) unprovedPage(c *gin.Context) (*unprovedPage, []booking.Group, error) {
	list, err := s.Bookings.Unproved(c.Request.Context(), s.actor(c), rowID(c.Query("seance")))
	page := &unprovedPage{DeskHead: s.deskHead(c, s.words.T("unproved.title")), Cap: list.Cap, More: list.More, Action: unprovedPath, Key: s.newKey(c, "unproved")}
	return page, list.Bookings, err
}

func (s *Server) showUnproved(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	page, list, err := s.unprovedPage(c)
	if err != nil {
		return err
	}
	p := s.words
	var session int64
	for _, g := range list {
		if g.Session.ID != session {
			session = g.Session.ID
			page.Sessions = append(page.Sessions, &Choices{Name: "reference", ID: "of-" + idText(session), Many: true, Optional: true,
				Legend: p.T("staff_booking.session", newBookedSession(g.Session).Name, p.Date(g.Session.StartsAt), p.Span(g.Session.StartsAt, g.Session.EndsAt))})
		}
		last := page.Sessions[len(page.Sessions)-1]
		last.Options = append(last.Options, s.unprovedOption(g))
	}
	for _, choices := range page.Sessions {
		choices.Options = choose(choices.Options, form["reference"]...)
	}
	if problem != nil {
		explain(p, &page.Page, problem)
	}
	return s.show(c, status, "equipe/unproved", page)
}

func (s *Server) unprovedOption(g booking.Group) Option {
	var names []string
	for _, child := range g.Children {
		if child.Live() {
			names = append(names, child.FirstName+" "+child.LastName+" ("+s.words.T("booking.state."+child.Status)+")")
		}
	}
	return Option{Value: g.Reference, Label: s.words.T("unproved.line", g.GuardianEmail, g.GuardianName), Hint: s.words.T("unproved.line.hint", s.words.List(names), g.Reference)}
}

// reviewUnproved shows what would be given up.
func (s *Server) reviewUnproved(c *gin.Context, form url.Values) error {
	page, list, err := s.unprovedPage(c)
	if err != nil {
		return err
	}
	chosen := map[string]bool{}
	for _, reference := range form["reference"] {
		chosen[reference] = true
	}
	for _, g := range list {
		if chosen[g.Reference] {
			option := s.unprovedOption(g)
			page.Review = append(page.Review, s.words.T("unproved.will", option.Label, option.Hint, newBookedSession(g.Session).Name, s.words.DateShort(g.Session.StartsAt)))
		}
	}
	if len(page.Review) == 0 {
		return s.showUnproved(c, http.StatusConflict, nil, fault.New(fault.Conflict, "unproved.gone"))
	}
	page.Kept = keptFields(form)
	return s.show(c, http.StatusOK, "equipe/unproved", page)
}

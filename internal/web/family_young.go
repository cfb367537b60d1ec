package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// youngPage is the space of a young person: themself alone, and what they booked (domain, Family data 7; RGPD-6).
type youngPage struct {
	Page
	Departure    string
	Coming, Past []ownBooking
	Leave        FormKey
}

func getYoung(s *Server, c *gin.Context) error {
	ctx, actor, p := c.Request.Context(), s.actor(c), s.printer(c)
	v, err := s.Families.YoungSpace(ctx, actor)
	if err != nil {
		return err
	}
	bookings, err := s.Bookings.OfYoung(ctx, actor)
	if err != nil {
		return err
	}
	page := &youngPage{Page: s.familyPage(c, p.T("space.young.title", v.FirstName)), Leave: s.newKey(c, "family-leave"), Departure: p.T("space.young.departure")}
	if v.LeavesAlone {
		page.Departure = p.T("space.young.departure.alone")
	}
	for _, b := range bookings {
		if b.Session.EndsAt.After(s.config.Now()) && b.Session.Status != "cancelled" {
			page.Coming = append(page.Coming, s.ownBooking(c, b))
		} else {
			page.Past = append([]ownBooking{s.ownBooking(c, b)}, page.Past...)
		}
	}
	return s.show(c, http.StatusOK, "family/young", page)
}

// editYoung gives a child of fifteen or more a space of their own, or takes it away.
func editYoung(s *Server, c *gin.Context) error {
	child, err := s.ownChild(c)
	if err != nil {
		return err
	}
	if !child.MayHaveSpace(s.config.Now()) {
		return fault.New(fault.NotFound, "error.not_found")
	}
	p := s.printer(c)
	e := edit{
		title: p.T("space.young.open.title", child.FirstName), lead: p.T("space.young.open.lead", child.FirstName), notes: []string{p.T("space.young.open.only")},
		back: ownChildPath(child.ID, ""), done: "enregistre", button: p.T("space.young.open.button"), fresh: true,
		parts: func(form url.Values) []editPart {
			return []editPart{{Field: &Field{Name: "email", Label: p.T("space.young.open.email", child.FirstName), Value: form.Get("email"), Type: "email", Autocomplete: "off", NoSpellcheck: true}}}
		},
		check: func(form url.Values) map[string]fault.Message {
			if _, wrong := family.ParseEmail(form.Get("email")); wrong != nil {
				return map[string]fault.Message{"email": *wrong}
			}
			if s.emailTries.wait(s.actor(c).String(), s.config.Now()) > 0 {
				return map[string]fault.Message{"email": {Key: "space.email.often"}}
			}
			return nil
		},
		save: func(key account.FormKey, form url.Values) error {
			email, _ := family.ParseEmail(form.Get("email"))
			return s.Families.OpenYoung(c.Request.Context(), s.actor(c), key, child.ID, email)
		},
	}
	if child.Young != "" {
		e.title, e.lead, e.notes, e.button, e.danger = p.T("space.young.close.title", child.FirstName), p.T("space.young.close.lead", child.Young), nil, p.T("space.young.close.button"), true
		e.parts, e.check, e.fresh = nil, nil, false
		e.save = func(key account.FormKey, _ url.Values) error {
			return s.Families.CloseYoung(c.Request.Context(), s.actor(c), key, child.ID)
		}
	}
	return s.editing(c, e)
}

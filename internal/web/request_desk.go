package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// requestDeskPage is one request as the team works on it.
type requestDeskPage struct {
	DeskHead
	Reference string
	State     Badge
	Dates     deskDatesSection
	Class     requestClass
	History   []requestEvent
}

func getRequestDesk(s *Server, c *gin.Context) error {
	return s.showRequestDesk(c, http.StatusOK, nil, nil)
}

// showRequestDesk shows the page of a request at the desk; form is what was typed into the part of the page that
// problem is about.
func (s *Server) showRequestDesk(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.School.Desk(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	zone, err := catalog.LoadZone(teamZone)
	if err != nil {
		return err
	}
	page := &requestDeskPage{
		DeskHead: s.deskHead(c, r.Organisation.Name), Reference: r.Reference,
		State: s.requestBadge(r.State), History: requestHistory(s.words, r.Events, zone, true),
	}
	if page.Dates, err = s.deskDatesSection(c, id); err != nil {
		return err
	}
	if page.Class, err = s.requestClassAtDesk(c, r.Request); err != nil {
		return err
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "equipe/request", page)
}

package web

import (
	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// demandFact is the line about the list of a session that is over; none where nobody was on it.
func (s *Server) demandFact(c *gin.Context, v catalog.Session) ([]Answer, error) {
	if v.Private() || v.Status != catalog.Published || v.EndsAt.After(s.config.Now()) {
		return nil, nil
	}
	f, err := s.Bookings.ListFigures(c.Request.Context(), s.actor(c), v.ID)
	if err != nil || f.Children == 0 {
		return nil, err
	}
	p := s.words
	return []Answer{{Label: p.T("demand.session"), Value: p.T("demand.session.figures",
		p.N("demand.session.children", f.Children), p.N("demand.session.families", f.Families), f.Seated, f.Unmet)}}, nil
}

package web

import (
	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// requestClass is the section « La classe » of a request: its sessions, their lists and who came.
type requestClass struct {
	Sessions []classSession
	// Attestation leads to the attestation of service; empty before everything is counted.
	Attestation string
}

// requestClassSection is the section on the page that the contact's link opens.
func (s *Server) requestClassSection(c *gin.Context, r school.Request, base string) (requestClass, error) {
	list, err := s.classSessions(c, r.ID, func(id int64) string { return base + "/classe/" + idText(id) })
	return requestClass{Sessions: list}, err
}

// requestClassAtDesk is the section at the desk. Names are read where the session is led.
func (s *Server) requestClassAtDesk(c *gin.Context, r school.Request) (requestClass, error) {
	list, err := s.classSessions(c, r.ID, func(id int64) string { return registerPath(id, "") })
	return requestClass{Sessions: list}, err
}

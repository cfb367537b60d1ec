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
	return s.requestClass(c, r, base, func(id int64) string { return base + "/classe/" + idText(id) })
}

// requestClassAtDesk is the section at the desk. Names are read where the session is led.
func (s *Server) requestClassAtDesk(c *gin.Context, r school.Request) (requestClass, error) {
	return s.requestClass(c, r, DeskRequestPath(r.ID), func(id int64) string { return registerPath(id, "") })
}

func (s *Server) requestClass(c *gin.Context, r school.Request, base string, href func(sessionID int64) string) (section requestClass, err error) {
	if section.Sessions, err = s.classSessions(c, r.ID, href); err != nil || len(section.Sessions) == 0 {
		return section, err
	}
	served, err := s.School.IsServed(c.Request.Context(), r)
	if served {
		section.Attestation = base + "/attestation"
	}
	return section, err
}

package web

import (
	"bytes"
	"net/http"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
)

// posterPage is the poster on the door as a page: the same as the PDF (ACC-20).
type posterPage struct {
	Page
	Name, Kind string
	Discipline Discipline
	Start, End time.Time
	Venue      string
	Access     string
	Group      string
	Ages       string
	With       []string // first names
	PublicHref string   // what the QR code leads to; empty for a session that is not public
	SheetHref  string
}

func getPoster(s *Server, c *gin.Context) error {
	bare, err := s.findBareSheet(c)
	if err != nil {
		return err
	}
	paper := s.posterPaper(bare)
	page := &posterPage{
		Page: s.facilitatePage(c, s.words.T("sheets.poster.title", paper.Workshop)),
		Name: bare.Session.Workshop.Title, Kind: bare.Session.Workshop.Level, Discipline: Discipline(bare.Session.Workshop.Discipline),
		Start: paper.Start, End: paper.End, Venue: paper.Venue, Access: paper.Access, Group: paper.Group, Ages: paper.Ages,
		With: paper.Facilitators, PublicHref: paper.URL, SheetHref: registerPath(bare.Session.ID, "/feuille"),
	}
	return s.show(c, http.StatusOK, "animation/poster", page)
}

func getPosterFile(s *Server, c *gin.Context) error {
	bare, err := s.findBareSheet(c)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.Press.Poster(c.Request.Context(), &file, s.posterPaper(bare)); err != nil {
		return err
	}
	return sendFile(c, "affiche.pdf", "application/pdf", file.Bytes())
}

// posterPaper is the poster of a session. Only what everybody may see has a code that leads to it.
func (s *Server) posterPaper(bare attendance.Sheet) document.Poster {
	session := bare.Session
	paper := document.Poster{
		Session: paperSession(s.words.Lang(), bare), Discipline: string(session.Workshop.Discipline), Access: session.Venue.Access,
	}
	for i, name := range paper.Facilitators {
		paper.Facilitators[i] = firstName(name)
	}
	if bare.Group != nil {
		if paper.Group = bare.Group.Level; bare.Group.Organisation != paper.Venue { // which says it already
			paper.Group = s.words.T("sheets.poster.group", bare.Group.Organisation, bare.Group.Level)
		}
		return paper
	}
	paper.Ages = s.words.T("ui.ages", session.Workshop.MinAge, session.Workshop.MaxAge)
	if session.Status == catalog.Published {
		paper.URL = s.absolute(sessionPath(session.ID))
	}
	return paper
}

// firstName is what children call somebody of the team: the first word of their name.
func firstName(name string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(name), " ")
	return first
}

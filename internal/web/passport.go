package web

import (
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/gin-gonic/gin"
	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// PassportPath is the page of what the children of a family have done, for mails.
func PassportPath(l booking.Link) string { return "/passeport/" + l.Reference + "/" + l.Signature }

// ownPassportPath is that page for the guardian who is signed in.
const ownPassportPath = familyStart + "/passeport"

// passportPage is what each child of a family has done: a page to print and to be proud of.
type passportPage struct {
	Page
	Children []passport
}

// passport is that of one child.
type passport struct {
	Name   string
	Holes  []punchedHole
	Done   string // « 3 ateliers, 6 h »
	Stages []passportStage
	Series []passportStage
	Skills []string
}

// punchedHole is one place of the row that fills with each workshop.
type punchedHole struct {
	Discipline Discipline // empty: still to be punched
}

// passportStage is one workshop, or one series.
type passportStage struct {
	Name       string
	Discipline Discipline
	Kind       string
	Start      time.Time // of a workshop
	Place      string
	Length     string
	Code       string // of the certificate; empty where there is none
	Verify     string // its public page
	File       string // to print it
}

// rowOfHoles is how many places a row begins with; one more row comes when it is full.
const rowOfHoles = 12

// passportFamily opens the link in the path, or is the guardian who is signed in; path is that of the page.
func (s *Server) passportFamily(c *gin.Context) (guardianID int64, path string, err error) {
	if actor := s.actor(c); actor.Kind == account.KindGuardian {
		return actor.ID, ownPassportPath, nil
	}
	guardianID, err = s.Bookings.PassportFamily(c.Request.Context(), bookingLink(c))
	return guardianID, PassportPath(bookingLink(c)), err
}

func getPassport(s *Server, c *gin.Context) error {
	guardian, path, err := s.passportFamily(c)
	if err != nil {
		return err
	}
	children, err := s.Attendance.Passports(c.Request.Context(), guardian)
	if err != nil {
		return err
	}
	p := s.words
	page := &passportPage{Page: s.newPage(c, p.T("passport.title"))}
	page.NoIndex = true
	if len(children) == 1 {
		page.Title = passportTitle(p, children[0].FirstName)
	}
	for _, child := range children {
		page.Children = append(page.Children, s.passport(child, path))
	}
	return s.show(c, http.StatusOK, "booking/passport", page)
}

// passportTitle is « Passeport de Zoé », « Passeport d'Inès ». Before H and Y people differ, and « de » is never far wrong.
func passportTitle(p *words.Printer, name string) string {
	first, _ := utf8.DecodeRuneInString(norm.NFD.String(name))
	if strings.ContainsRune("AEIOU", unicode.ToUpper(first)) {
		return p.T("passport.of_vowel", name)
	}
	return p.T("passport.of", name)
}

func (s *Server) passport(child attendance.Passport, path string) passport {
	p := s.words
	card := passport{
		Name: child.FirstName + " " + child.LastName, Skills: child.Skills(),
		Done: p.N("passport.done", len(child.Stages), p.Duration(child.Minutes)),
	}
	certified := func(stage *passportStage, minutes int, code string) {
		stage.Length = p.Duration(minutes)
		if code != "" {
			stage.Code, stage.Verify, stage.File = attendance.ShowCode(code), CertificatePath(code), path+"/"+attendance.ShowCode(code)
		}
	}
	for _, done := range child.Stages {
		v := done.Session
		stage := passportStage{Name: workshopName(v.Workshop), Discipline: Discipline(v.Workshop.Discipline), Kind: p.T("discipline." + string(v.Workshop.Discipline)),
			Start: v.StartsAt, Place: v.Venue.Name + ", " + v.Venue.City}
		certified(&stage, done.Minutes, done.Code)
		card.Stages = append(card.Stages, stage)
		card.Holes = append(card.Holes, punchedHole{stage.Discipline})
	}
	for _, done := range child.Series {
		stage := passportStage{Name: done.Title}
		certified(&stage, done.Minutes, done.Code)
		card.Series = append(card.Series, stage)
	}
	for len(card.Holes) == len(child.Stages) || len(card.Holes)%rowOfHoles != 0 {
		card.Holes = append(card.Holes, punchedHole{})
	}
	return card
}

// getPassportPaper draws one certificate of a child of the family.
func getPassportPaper(s *Server, c *gin.Context) error {
	guardian, _, err := s.passportFamily(c)
	if err != nil {
		return err
	}
	session, series, err := s.Attendance.OwnCertificate(c.Request.Context(), guardian, c.Param("code"))
	if err != nil {
		return err
	}
	papers, at := CertificatePapers(words.French, session, s.certificateURL), session.ReadAt
	if series.Series.ID != 0 {
		papers, at = SeriesPapers(words.French, series, s.certificateURL), series.ReadAt
	}
	return s.sendCertificates(c, "attestation.pdf", at, papers)
}

package web

import (
	"bytes"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// attestationPage is the attestation of service as a page: the same as the PDF (ACC-20).
type attestationPage struct {
	Page
	Back     Link
	File     string // the PDF
	Paper    document.Attestation
	Sentence string
	Sessions []attestedLine
	Duration string // of all sessions
	Total    int
}

// attestedLine is one session. Times are in the venue's zone.
type attestedLine struct {
	Start, End time.Time
	Groups     string
	Duration   string
	Children   int
	// Workshop and Place are empty where they are the same for all.
	Workshop, Place string
}

func getRequestAttestation(s *Server, c *gin.Context) error {
	link := requestLink(c)
	d, err := s.School.ServiceDone(c.Request.Context(), link)
	if err != nil {
		return err
	}
	return s.showAttestation(c, d, s.words.T("document.attestation.title"), Link{Href: RequestPath(link), Label: s.words.T("class.back.request")}, SectionGroups)
}

func getRequestAttestationFile(s *Server, c *gin.Context) error {
	d, err := s.School.ServiceDone(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	return s.sendAttestation(c, d)
}

func getDeskAttestation(s *Server, c *gin.Context) error {
	d, err := s.deskServiceDone(c)
	if err != nil {
		return err
	}
	return s.showAttestation(c, d, s.words.T("class.attestation.of", d.Organisation.Name), Link{Href: DeskRequestPath(d.ID), Label: s.words.T("class.back.request")}, SectionDesk)
}

func getDeskAttestationFile(s *Server, c *gin.Context) error {
	d, err := s.deskServiceDone(c)
	if err != nil {
		return err
	}
	return s.sendAttestation(c, d)
}

func (s *Server) deskServiceDone(c *gin.Context) (school.ServiceDone, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return school.ServiceDone{}, err
	}
	return s.School.ServiceDoneAtDesk(c.Request.Context(), s.actor(c), id)
}

func (s *Server) sendAttestation(c *gin.Context, d school.ServiceDone) error {
	logo, err := s.Office.Logo(c.Request.Context())
	if err != nil {
		return err
	}
	paper := attestationPaper(words.French, d)
	paper.Logo = logo
	var file bytes.Buffer
	if err := s.Press.Attestation(c.Request.Context(), &file, paper); err != nil {
		return err
	}
	return sendFile(c, "attestation.pdf", "application/pdf", file.Bytes())
}

func (s *Server) showAttestation(c *gin.Context, d school.ServiceDone, title string, back Link, section Section) error {
	page := &attestationPage{Page: s.newPage(c, title), Back: back, File: c.Request.URL.Path + ".pdf", Paper: attestationPaper(words.French, d)}
	s = s.in(words.French) // the page says what the paper says
	page.Section, page.Sentence = section, page.Paper.Sentence(s.words)
	minutes := 0
	for i, session := range d.Sessions {
		length := int(session.End.Sub(session.Start).Minutes())
		minutes += length
		line := attestedLine{Start: session.Start, End: session.End, Duration: s.words.Duration(length), Children: session.Total(),
			Workshop: page.Paper.Sessions[i].Workshop, Place: page.Paper.Sessions[i].Place}
		var groups []string
		for _, g := range session.Groups {
			groups = append(groups, s.words.T("document.attestation.group", g.Level, g.Children))
		}
		line.Groups = s.words.List(groups)
		page.Total += line.Children
		page.Sessions = append(page.Sessions, line)
	}
	page.Duration = s.words.Duration(minutes)
	return s.show(c, http.StatusOK, "demandes/attestation", page)
}

// attestationPaper is what took place as it is printed. It is dated of the last session, so that it says the same
// whenever it is drawn.
func attestationPaper(lang words.Lang, d school.ServiceDone) document.Attestation {
	last := d.Sessions[len(d.Sessions)-1]
	o := d.Organisation
	paper := document.Attestation{
		Lang: lang, Reference: d.Reference,
		Association: document.Association(d.Seller),
		Client:      document.Party{Name: o.Name, Address: o.Address, Postcode: o.Postcode, City: o.City, UAI: o.UAI, SIRET: o.SIRET},
		Engagement:  d.Engagement,
		SignedIn:    townOf(d.Seller.Address), SignedOn: last.End, Signatory: d.Signatory, Role: d.SignatoryRole, MadeAt: last.End,
	}
	if d.Quote != "" {
		paper.Bill = words.For(lang).T("class.attestation.quote", d.Quote)
	}
	var places []string
	for _, session := range d.Sessions {
		paper.Workshops = append(paper.Workshops, session.Workshop)
		places = append(places, session.Venue+", "+session.Address)
	}
	paper.Workshops, places = eachOnce(paper.Workshops), eachOnce(places)
	if len(places) == 1 {
		paper.Place = places[0]
	}
	for _, session := range d.Sessions {
		attested := document.AttestedSession{Start: session.Start, End: session.End}
		if len(paper.Workshops) > 1 {
			attested.Workshop = session.Workshop
		}
		if len(places) > 1 {
			attested.Place = session.Venue + ", " + session.Address
		}
		for _, g := range session.Groups {
			attested.Groups = append(attested.Groups, document.AttestedGroup(g))
		}
		paper.Sessions = append(paper.Sessions, attested)
		paper.Facilitators = append(paper.Facilitators, session.Facilitators...)
	}
	paper.Facilitators = eachOnce(paper.Facilitators)
	return paper
}

// eachOnce are the texts of a list in its order, each once.
func eachOnce(all []string) (once []string) {
	for _, text := range all {
		if !slices.Contains(once, text) {
			once = append(once, text)
		}
	}
	return once
}

package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// agreementView is an agreement as a page: the same as the PDF, in French, for who cannot read that (ACC-20). The partial
// "agreement" draws it.
type agreementView struct {
	Association partyView
	Client      partyView
	Reference   string
	Version     string // empty on a preview
	Date        string
	Text        prose.Document
	IssuedBy    string
	Signed      *signedView // nil: nobody signed
	Hash        string
}

// partyView names a party of a paper.
type partyView struct {
	Name  string
	Lines []string
}

// signedView is who signed, in words.
type signedView struct{ Name, Role, On, Confirmed string }

// agreementLine is one version in a list. Times are in the zone of the team.
type agreementLine struct {
	Title    string
	IssuedAt time.Time
	State    Badge
	Href     string
	File     string
	Sign     string // where the contact signs it; empty: not to be signed
}

// agreementsSection is the part « Convention » of a page: the partial "agreements".
type agreementsSection struct {
	Lines []agreementLine
	// Write is where the desk writes and issues one; empty for others.
	Write string
}

// agreementPage shows one version.
type agreementPage struct {
	Page
	Tabs   *deskMenu // of the desk; none for the contact
	Back   string
	State  Badge
	File   string
	Sign   string
	Paper  agreementView
	Record string // where the team writes down that it was signed on paper; empty: not now
}

// agreementDeskPage is where the desk reads how the agreement would look, and issues it.
type agreementDeskPage struct {
	DeskHead
	Back     string
	CanIssue bool
	Key      FormKey
	Action   string
	Problems []string
	Empty    []string
	Settings string
	Paper    agreementView
	Section  agreementsSection
}

var agreementTones = map[school.AgreementState]Tone{
	school.AgreementIssued: ToneWaiting, school.AgreementReplaced: ToneInfo, school.AgreementSigned: ToneDone,
}

func (s *Server) agreementBadge(a school.Agreement) Badge {
	return Badge{agreementTones[a.State], s.words.T("school_papers.state." + string(a.State))}
}

// agreementsSection lists versions below base, the path of the page that lists them; sign tells that its reader may sign.
func (s *Server) agreementsSection(all []school.Agreement, base string, sign bool) (agreementsSection, error) {
	zone, err := loadTeamZone()
	if err != nil {
		return agreementsSection{}, err
	}
	var section agreementsSection
	for _, a := range all {
		line := agreementLine{
			Title: s.words.T("school_papers.agreement.version", a.Version), IssuedAt: a.IssuedAt.In(zone), State: s.agreementBadge(a),
			Href: base + "/convention/" + idText(a.ID),
		}
		line.File = line.Href + "/convention.pdf"
		if sign && a.State == school.AgreementIssued {
			line.Sign = line.Href + "/accepter"
		}
		section.Lines = append(section.Lines, line)
	}
	return section, nil
}

// statusAgreements is the part of the status page.
func (s *Server) statusAgreements(c *gin.Context, r school.Request) (agreementsSection, error) {
	all, err := s.School.Agreements(c.Request.Context(), requestLink(c))
	if err != nil {
		return agreementsSection{}, err
	}
	return s.agreementsSection(all, RequestPath(requestLink(c)), !r.State.IsOver())
}

// deskAgreements is the part of the page of a request at the desk.
func (s *Server) deskAgreements(c *gin.Context, r school.Request) (agreementsSection, error) {
	all, err := s.School.DeskAgreements(c.Request.Context(), s.actor(c), r.ID)
	if err != nil {
		return agreementsSection{}, err
	}
	section, err := s.agreementsSection(all, DeskRequestPath(r.ID), false)
	if r.State == school.Quoted || r.State == school.Accepted {
		section.Write = DeskRequestPath(r.ID) + "/convention"
	}
	return section, err
}

func (s *Server) newAgreementView(a school.AgreementPaper) agreementView {
	p := words.For(words.French)
	numbers := func(key, value string) string {
		if value == "" {
			return ""
		}
		return p.T(key, value)
	}
	view := agreementView{
		Reference: a.Reference, Date: p.Birth(paperDay(a.Date)), Text: a.Text,
		Association: partyView{a.Association.Name, filled(oneLine(a.Association.Address),
			joined(" · ", numbers("school_papers.siret", a.Association.SIRET), numbers("school_papers.rna", a.Association.RNA)),
			joined(" · ", a.Association.Email, a.Association.Phone))},
		Client: partyView{a.Client.Name, filled(oneLine(a.Client.Address), joined(" ", a.Client.Postcode, a.Client.City),
			joined(" · ", numbers("school_papers.uai", a.Client.UAI), numbers("school_papers.siret", a.Client.SIRET)))},
	}
	if a.Version > 0 {
		view.Version = p.T("school_papers.agreement.version", a.Version)
	}
	return view
}

// filled are the lines that say something.
func filled(lines ...string) []string {
	var kept []string
	for _, line := range lines {
		if line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}

// showAgreement shows one version to the contact or to the desk.
func (s *Server) showAgreement(c *gin.Context, page *agreementPage, all []school.Agreement, base string, sign bool) error {
	id, err := pathID(c, "agreement")
	if err != nil {
		return err
	}
	a, err := school.FindAgreement(all, id)
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page.Back, page.State, page.Paper = base, s.agreementBadge(a), s.newAgreementView(a.Paper)
	page.File = base + "/convention/" + idText(a.ID) + "/convention.pdf"
	page.Paper.Hash, page.Paper.IssuedBy = a.Hash, a.IssuedBy
	if a.Signed.ID != 0 {
		french := words.For(words.French)
		page.Paper.Signed = &signedView{
			Name: a.Signed.Name, Role: a.Signed.Role, On: french.Birth(paperDay(a.Signed.StatedOn)),
			Confirmed: french.DateHour(a.Signed.ConfirmedAt.In(zone)),
		}
	}
	if a.State == school.AgreementIssued {
		switch way := base + "/convention/" + idText(a.ID) + "/accepter"; {
		case sign:
			page.Sign = way
		case s.actor(c).CanManage():
			page.Record = way
		}
	}
	if page.Notice == nil {
		page.Notice = s.moneyNotice(c, a.State == school.AgreementIssued) // what was done on the page that signs it
	}
	return s.show(c, http.StatusOK, "demandes/agreement", page)
}

// sendAgreement answers with one version as a PDF.
func (s *Server) sendAgreement(c *gin.Context, all []school.Agreement) error {
	id, err := pathID(c, "agreement")
	if err != nil {
		return err
	}
	a, err := school.FindAgreement(all, id)
	if err != nil {
		return err
	}
	paper, err := s.agreementPaper(a)
	if err != nil {
		return err
	}
	if paper.Logo, err = s.Office.Logo(c.Request.Context()); err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.Press.Agreement(c.Request.Context(), &file, paper); err != nil {
		return err
	}
	return sendFile(c, "convention-v"+strconv.Itoa(a.Version)+".pdf", "application/pdf", file.Bytes())
}

// getAgreement shows a version to the contact.
func getAgreement(s *Server, c *gin.Context) error {
	r, err := s.School.Status(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	all, err := s.School.Agreements(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	page := &agreementPage{Page: s.newPage(c, s.words.T("school_papers.agreement.title"))}
	page.Section = SectionGroups
	return s.showAgreement(c, page, all, RequestPath(requestLink(c)), !r.State.IsOver())
}

func getAgreementFile(s *Server, c *gin.Context) error {
	all, err := s.School.Agreements(c.Request.Context(), requestLink(c))
	if err != nil {
		return err
	}
	return s.sendAgreement(c, all)
}

// getDeskAgreement shows a version to the desk.
func getDeskAgreement(s *Server, c *gin.Context) error {
	id, all, err := s.findDeskAgreements(c)
	if err != nil {
		return err
	}
	title := s.words.T("school_papers.agreement.title")
	if len(all) > 0 {
		title = s.words.T("school_papers.agreement.of", all[0].Paper.Client.Name)
	}
	head := s.deskHead(c, title)
	return s.showAgreement(c, &agreementPage{Page: head.Page, Tabs: head.Tabs}, all, DeskRequestPath(id), false)
}

func getDeskAgreementFile(s *Server, c *gin.Context) error {
	_, all, err := s.findDeskAgreements(c)
	if err != nil {
		return err
	}
	return s.sendAgreement(c, all)
}

func (s *Server) findDeskAgreements(c *gin.Context) (int64, []school.Agreement, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return 0, nil, err
	}
	all, err := s.School.DeskAgreements(c.Request.Context(), s.actor(c), id)
	return id, all, err
}

func getAgreementDesk(s *Server, c *gin.Context) error {
	return s.showAgreementDesk(c, http.StatusOK, nil)
}

// showAgreementDesk shows how the agreement of a request would look now, with what is wrong or not known yet.
func (s *Server) showAgreementDesk(c *gin.Context, status int, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	w, err := s.School.AgreementWork(c.Request.Context(), s.actor(c), id, AgreementFacts(s.words.Lang()))
	if err != nil {
		return err
	}
	p := s.words
	page := &agreementDeskPage{
		DeskHead: s.deskHead(c, p.T("school_papers.desk.title", w.Request.Organisation.Name)), Back: DeskRequestPath(id),
		Action: DeskRequestPath(id) + "/convention", Settings: agreementTextPath, Key: s.newKey(c, "agreement"), Paper: s.newAgreementView(w.Paper),
	}
	page.CanIssue = page.Manages && w.CanIssue()
	for _, problem := range w.Problems {
		page.Problems = append(page.Problems, p.Message(school.AtLine(problem)))
	}
	for _, name := range w.Empty {
		page.Empty = append(page.Empty, p.T("school_papers.field."+name))
	}
	if page.Section, err = s.agreementsSection(w.Issued, DeskRequestPath(id), false); err != nil {
		return err
	}
	if problem != nil {
		explain(p, &page.Page, problem)
	}
	return s.show(c, status, "equipe/agreement", page)
}

func postAgreementDesk(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "agreement",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			_, err := s.School.IssueAgreement(c.Request.Context(), s.actor(c), key, id, AgreementFacts(s.words.Lang()))
			return DeskRequestPath(id) + "?fait=convention", err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showAgreementDesk(c, status, problem)
		},
	})
}

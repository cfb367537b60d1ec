package web

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// certificatesPage lists the certificates of a session and issues those that are missing.
type certificatesPage struct {
	Page
	Session ledSession
	// Series leads to the certificates about the series that the session belongs to; nil where there is none, or for who may
	// not issue them.
	Series *Link
	Issue  issuePart
	Given  givenPart
	// EraseHref leads to the end of a class's first names, once its certificates are printed; empty where there are none,
	// or where they still serve.
	EraseHref string
}

// issuePart is the form that issues what is missing.
type issuePart struct {
	Action string
	Key    FormKey
	Count  int // to issue
	// Tells is true where families can be told: not of a class.
	Tells bool
}

// givenPart lists certificates that exist. It is the partial "given-certificates".
type givenPart struct {
	List      []certificateLine
	Path      string // of the list
	Printable int    // how many the file holds
	Pressing  bool   // some are still to be issued: printing is not the next step
}

// certificateLine is one certificate of the list.
type certificateLine struct {
	Name   string // empty once the child is erased
	Number string
	Length string // « 2 h »
	State  Badge
	Reason string // why it was revoked, for staff
	Href   string // its public page
	// RevokeHref and AgainHref are for staff; empty where it cannot be revoked, or issued again.
	RevokeHref, AgainHref string
	// Doubt is true when the register now says something else.
	Doubt bool
}

func (s *Server) findCertificates(c *gin.Context) (attendance.Certificates, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return attendance.Certificates{}, err
	}
	return s.Attendance.Certificates(c.Request.Context(), s.actor(c), id)
}

func getCertificates(s *Server, c *gin.Context) error {
	list, err := s.findCertificates(c)
	if err != nil {
		return err
	}
	p := s.words
	page := &certificatesPage{
		Page: s.facilitatePage(c, p.T("attendance.certificates.title")), Session: newLedSession(list.Session, list.Facilitators),
		Issue: issuePart{Action: registerPath(list.Session.ID, "/attestations"), Key: s.newKey(c, "certificates"), Count: list.ToIssue, Tells: list.Group == nil},
	}
	page.Given = s.givenCertificates(page.Issue.Action, list.Issued, list.MayRevoke)
	page.Given.Pressing = list.ToIssue > 0
	if list.Session.Series.ID != 0 && list.MayRevoke {
		page.Series = &Link{Href: seriesPath(list.Session.Series.ID), Label: list.Session.Series.Title}
	}
	if list.Named > 0 && !list.ReadAt.Before(list.Session.EndsAt) {
		page.EraseHref = eraseNamesPath(list.Session.ID)
	}
	page.Notice = s.certificatesNotice(c)
	return s.show(c, http.StatusOK, "animation/certificates", page)
}

// certificatesNotice tells what has just been done.
func (s *Server) certificatesNotice(c *gin.Context) *Notice {
	title := ""
	switch n, _ := strconv.Atoi(c.Query("faites")); {
	case n > 0 && c.Query("mail") != "":
		title = s.words.N("attendance.certificates.done.told", n)
	case n > 0:
		title = s.words.N("attendance.certificates.done", n)
	case c.Query("effaces") != "":
		title = s.words.T("class.erased")
	case c.Query("annulee") != "":
		title = s.words.T("attendance.certificates.revoked")
	default:
		return nil
	}
	return &Notice{Tone: ToneDone, Title: title}
}

// givenCertificates are certificates as a list shows them, at path.
func (s *Server) givenCertificates(path string, issued []attendance.Certificate, manages bool) givenPart {
	p := s.words
	given := givenPart{Path: path}
	for _, x := range issued {
		line := certificateLine{Name: certificateName(x), Number: x.Number, Length: p.Duration(x.Minutes), Href: CertificatePath(x.Code),
			Doubt: x.Doubt, State: Badge{Tone: ToneDone, Label: p.T("attendance.certificate.valid")}}
		own := path + "/" + strconv.FormatInt(x.ID, 10)
		if !x.Valid() {
			line.State = Badge{Tone: ToneStopped, Label: p.T("attendance.certificate.revoked")}
		}
		switch {
		case !manages:
		case x.Valid():
			line.RevokeHref = own + "/annuler"
		default:
			line.Reason = x.RevokeReason
			if x.FirstName != "" && !x.Replaced {
				line.AgainHref = own + "/refaire"
			}
		}
		if isPrintable(x) {
			given.Printable++
		}
		given.List = append(given.List, line)
	}
	return given
}

func postCertificates(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "certificates", form)
	if err != nil {
		return err
	}
	issued, err := s.Attendance.Issue(c.Request.Context(), s.actor(c), key, id, form.Has("tell"))
	if err != nil {
		return err
	}
	return seeOther(c, registerPath(id, "/attestations")+issuedQuery(issued, form.Has("tell")))
}

// issuedQuery lets the next page say what was done.
func issuedQuery(issued int, told bool) string {
	query := "?faites=" + strconv.Itoa(issued)
	if told {
		query += "&mail=oui"
	}
	return query
}

// certificateName is the child's name, of a pupil the first name alone; empty once erased.
func certificateName(x attendance.Certificate) string {
	if x.FirstName == "" {
		return ""
	}
	return strings.TrimSpace(x.FirstName + " " + x.LastName)
}

// certificateURL is the address that confirms a code.
func (s *Server) certificateURL(code string) string { return s.absolute(CertificatePath(code)) }

// sendCertificates sends papers as one file; none at all is Conflict.
func (s *Server) sendCertificates(c *gin.Context, name string, at time.Time, papers []document.Certificate) error {
	if len(papers) == 0 {
		return fault.New(fault.Conflict, "attendance.certificates.none")
	}
	var file bytes.Buffer
	if err := s.Press.Certificates(c.Request.Context(), &file, s.words.Lang(), at, papers); err != nil {
		return err
	}
	return sendFile(c, name, "application/pdf", file.Bytes())
}

func getCertificateFile(s *Server, c *gin.Context) error {
	list, err := s.findCertificates(c)
	if err != nil {
		return err
	}
	return s.sendCertificates(c, "attestations.pdf", list.ReadAt, CertificatePapers(s.words.Lang(), list, s.certificateURL))
}

// certificatePapersPage is the PDF of certificates as a page (ACC-20).
type certificatePapersPage struct {
	Page
	Back   string // the list
	File   string // the PDF
	Papers []certificatePaper
}

// certificatePaper is one certificate in words.
type certificatePaper struct {
	document.Certificate
	TookPart, When string
	Made           []string
}

func getCertificatePapers(s *Server, c *gin.Context) error {
	list, err := s.findCertificates(c)
	if err != nil {
		return err
	}
	return s.showPapers(c, s.words.T("attendance.papers.title"), registerPath(list.Session.ID, "/attestations"), CertificatePapers(s.words.Lang(), list, s.certificateURL))
}

func (s *Server) showPapers(c *gin.Context, title, back string, papers []document.Certificate) error {
	page := &certificatePapersPage{Page: s.facilitatePage(c, title), Back: back,
		File: strings.TrimSuffix(c.Request.URL.Path, "/papier") + ".pdf"}
	for _, paper := range papers {
		var made []string
		if text := paper.MadeText(s.words); text != "" {
			made = strings.Split(text, "\n")
		}
		page.Papers = append(page.Papers, certificatePaper{paper, paper.TookPart(s.words), paper.When(s.words), made})
	}
	return s.show(c, http.StatusOK, "animation/certificate_papers", page)
}

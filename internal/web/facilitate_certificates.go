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
	Session   ledSession
	ToIssue   int
	Printable int // how many the file holds
	Issued    []certificateLine
	Key       FormKey
	// EraseHref leads to the end of a class's first names, once its certificates are printed; empty where there are none,
	// or where they still serve.
	EraseHref string
	Group     bool
}

// certificateLine is one certificate of the list.
type certificateLine struct {
	Name       string // empty once the child is erased
	Number     string
	State      Badge
	Href       string // its public page
	RevokeHref string // empty where it cannot be revoked
	// Doubt is true when the register now says that the child did not come.
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
		ToIssue: list.ToIssue, Key: s.newKey(c, "certificates"),
	}
	for _, x := range list.Issued {
		line := certificateLine{Name: certificateName(x), Number: x.Number, Href: CertificatePath(x.Code), Doubt: x.Valid() && !x.Came,
			State: Badge{Tone: ToneDone, Label: p.T("attendance.certificate.valid")}}
		if !x.Valid() {
			line.State = Badge{Tone: ToneStopped, Label: p.T("attendance.certificate.revoked")}
		} else if list.MayRevoke {
			line.RevokeHref = revokePath(list.Session.ID, x.ID)
		}
		if isPrintable(x) {
			page.Printable++
		}
		page.Issued = append(page.Issued, line)
	}
	page.Group = list.Group != nil
	if list.Named > 0 && !list.ReadAt.Before(list.Session.EndsAt) {
		page.EraseHref = eraseNamesPath(list.Session.ID)
	}
	if c.Query("effaces") != "" {
		page.Notice = &Notice{Tone: ToneDone, Title: p.T("class.erased")}
	}
	if n, err := strconv.Atoi(c.Query("faites")); err == nil && n > 0 {
		page.Notice = &Notice{Tone: ToneDone, Title: p.N("attendance.certificates.done", n)}
	}
	return s.show(c, http.StatusOK, "animation/certificates", page)
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
	issued, err := s.Attendance.Issue(c.Request.Context(), s.actor(c), key, id)
	if err != nil {
		return err
	}
	return seeOther(c, registerPath(id, "/attestations?faites="+strconv.Itoa(issued)))
}

// certificateName is the child's name, of a pupil the first name alone; empty once erased.
func certificateName(x attendance.Certificate) string {
	if x.FirstName == "" {
		return ""
	}
	return strings.TrimSpace(x.FirstName + " " + x.LastName)
}

// papers are the certificates of a session as they are printed.
func (s *Server) papers(list attendance.Certificates) []document.Certificate {
	return CertificatePapers(s.words.Lang(), list, func(code string) string { return s.absolute(CertificatePath(code)) })
}

func getCertificateFile(s *Server, c *gin.Context) error {
	list, err := s.findCertificates(c)
	if err != nil {
		return err
	}
	papers := s.papers(list)
	if len(papers) == 0 {
		return fault.New(fault.Conflict, "attendance.certificates.none")
	}
	var file bytes.Buffer
	if err := s.Press.Certificates(c.Request.Context(), &file, s.words.Lang(), list.ReadAt, papers); err != nil {
		return err
	}
	return sendFile(c, "attestations.pdf", "application/pdf", file.Bytes())
}

// certificatePapersPage is the PDF of the certificates as a page (ACC-20).
type certificatePapersPage struct {
	Page
	Session ledSession
	City    string
	Papers  []document.Certificate
}

func getCertificatePapers(s *Server, c *gin.Context) error {
	list, err := s.findCertificates(c)
	if err != nil {
		return err
	}
	page := &certificatePapersPage{
		Page: s.facilitatePage(c, s.words.T("attendance.papers.title")), Session: newLedSession(list.Session, list.Facilitators),
		City: list.Session.Venue.City, Papers: s.papers(list),
	}
	return s.show(c, http.StatusOK, "animation/certificate_papers", page)
}

// revokePage asks before a certificate is made invalid for good (ACC-6).
type revokePage struct {
	Page
	Session ledSession
	Name    string
	Number  string
	Issued  time.Time
	Action  string
	Key     FormKey
}

func revokePath(sessionID, certificateID int64) string {
	return registerPath(sessionID, "/attestations/"+strconv.FormatInt(certificateID, 10)+"/annuler")
}

func getRevoke(s *Server, c *gin.Context) error {
	list, err := s.findCertificates(c)
	if err != nil {
		return err
	}
	id, err := pathID(c, "attestation")
	if err != nil {
		return err
	}
	for _, x := range list.Issued {
		if x.ID != id || !x.Valid() {
			continue
		}
		if !list.MayRevoke {
			return fault.New(fault.Forbidden, "error.forbidden")
		}
		return s.show(c, http.StatusOK, "animation/revoke", &revokePage{
			Page: s.facilitatePage(c, s.words.T("attendance.revoke.title", x.Number)), Session: newLedSession(list.Session, list.Facilitators),
			Name: certificateName(x), Number: x.Number, Issued: x.IssuedAt, Action: revokePath(list.Session.ID, id), Key: s.newKey(c, "revoke"),
		})
	}
	return fault.New(fault.NotFound, "error.not_found")
}

func postRevoke(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	certificate, err := pathID(c, "attestation")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "revoke", form)
	if err != nil {
		return err
	}
	if err := s.Attendance.Revoke(c.Request.Context(), s.actor(c), key, id, certificate); err != nil {
		return err
	}
	return seeOther(c, registerPath(id, "/attestations"))
}

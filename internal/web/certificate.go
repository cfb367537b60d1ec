package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// certificatePage confirms a certificate to whoever reads its QR code or types its code: first name and
// initial only (domain, On the day 5).
type certificatePage struct {
	Page
	Valid      bool
	Replaced   bool // revoked, and a valid one stands in its place
	Series     bool // about a series
	Length     string
	Child      string // empty once erased
	Workshop   string
	Discipline Discipline
	Start, End time.Time
	Place      string
	Number     string
	Code       string
	IssuedAt   time.Time
	RevokedAt  time.Time
}

// certificateFormPage takes a code that somebody reads from paper.
type certificateFormPage struct {
	Page
	Code Field
}

// getCertificate confirms a certificate. It costs one look-up by a unique code, and none at all for what cannot be a code.
func getCertificate(s *Server, c *gin.Context) error {
	v, err := s.Attendance.Verify(c.Request.Context(), c.Param("code"))
	if fault.Is(err, fault.NotFound, "attendance.error.code") {
		return s.askForCode(c, http.StatusNotFound, c.Param("code"))
	}
	if err != nil {
		return err
	}
	p := s.words
	page := &certificatePage{
		Page: s.newPage(c, p.T("attendance.verify.valid")), Valid: v.Valid(), Replaced: v.Replaced, Series: v.Series,
		Length: p.Duration(v.Minutes), Child: v.Child, Workshop: v.Title,
		Discipline: Discipline(v.Discipline), Start: v.StartsAt, End: v.EndsAt, Place: v.Venue + ", " + v.City,
		Number: v.Number, Code: attendance.ShowCode(v.Code), IssuedAt: v.IssuedAt, RevokedAt: v.RevokedAt,
	}
	if v.Level != "" {
		page.Workshop += " · " + v.Level
	}
	if !page.Valid {
		page.Title = p.T("attendance.verify.revoked")
	}
	return s.show(c, http.StatusOK, "attestation/show", page)
}

// getCertificateForm asks for a code and leads to its page. It is a GET, so that a code can be a link.
func getCertificateForm(s *Server, c *gin.Context) error {
	typed, asked := c.GetQuery("code")
	if code, ok := attendance.ParseCode(typed); ok {
		return seeOther(c, CertificatePath(code))
	}
	if asked {
		return s.askForCode(c, http.StatusUnprocessableEntity, typed)
	}
	return s.askForCode(c, http.StatusOK, "")
}

// askForCode shows the form; with any status but 200 it says that there is no such code.
func (s *Server) askForCode(c *gin.Context, status int, typed string) error {
	p := s.words
	if runes := []rune(typed); len(runes) > longestCode {
		typed = string(runes[:longestCode])
	}
	page := &certificateFormPage{
		Page: s.newPage(c, p.T("attendance.verify.title")),
		Code: Field{Name: "code", Label: p.T("attendance.verify.code"), Hint: p.T("attendance.verify.hint"), Value: typed,
			Autocomplete: "off", MaxLength: longestCode, NoSpellcheck: true},
	}
	if status != http.StatusOK {
		explain(p, &page.Page, fault.InvalidFields(map[string]fault.Message{"code": {Key: "attendance.error.code"}}), &page.Code)
	}
	return s.show(c, status, "attestation/find", page)
}

// longestCode is how much of a code is typed or shown again.
const longestCode = 40

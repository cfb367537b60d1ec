package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// certificateActPage asks before a certificate is made invalid for good, or issued again (ACC-6).
type certificateActPage struct {
	Page
	Name   string // empty once the child is erased
	About  string // the workshop, or the series
	Number string
	Issued time.Time
	Back   string // the list
	Action string
	Key    FormKey
	Reason Field // of revoking
	Tells  bool  // of issuing again: the family can be told
}

// certificateAct is one certificate with the page that it was chosen on.
type certificateAct struct {
	about       attendance.Subject
	certificate attendance.Certificate
	title       string // of the session or the series
	list        string // path of the page
	group       bool   // of a class, which nobody is told
}

// findAct finds the certificate that the path names, for staff.
func (s *Server) findAct(c *gin.Context) (act certificateAct, err error) {
	id, err := pathID(c, "id")
	if err != nil {
		return act, err
	}
	certificate, err := pathID(c, "attestation")
	if err != nil {
		return act, err
	}
	var issued []attendance.Certificate
	if strings.HasPrefix(c.FullPath(), routeSeries) {
		list, err := s.Attendance.SeriesCertificates(c.Request.Context(), s.actor(c), id)
		if err != nil {
			return act, err
		}
		act.about.SeriesID, act.title, act.list, issued = id, list.Series.Title, seriesPath(id), list.Issued
	} else {
		list, err := s.Attendance.Certificates(c.Request.Context(), s.actor(c), id)
		if err != nil {
			return act, err
		}
		if !list.MayRevoke {
			return act, fault.New(fault.Forbidden, "error.forbidden")
		}
		act.about.SessionID, act.title, act.list, issued = id, workshopName(list.Session.Workshop), registerPath(id, "/attestations"), list.Issued
		act.group = list.Group != nil
	}
	for _, x := range issued {
		if x.ID == certificate {
			act.certificate = x
			return act, nil
		}
	}
	return act, fault.New(fault.NotFound, "error.not_found")
}

// actPage fills what both pages show.
func (s *Server) actPage(c *gin.Context, act certificateAct, title, purpose string) *certificateActPage {
	return &certificateActPage{
		Page: s.facilitatePage(c, s.words.T(title, act.certificate.Number)), Name: certificateName(act.certificate), About: act.title,
		Number: act.certificate.Number, Issued: act.certificate.IssuedAt, Back: act.list, Action: c.Request.URL.Path,
		Key: s.newKey(c, purpose), Tells: !act.group,
	}
}

func getRevoke(s *Server, c *gin.Context) error {
	act, err := s.findAct(c)
	if err != nil {
		return err
	}
	if !act.certificate.Valid() {
		return seeOther(c, act.list)
	}
	return s.showRevoke(c, act, http.StatusOK, nil, nil)
}

func (s *Server) showRevoke(c *gin.Context, act certificateAct, status int, form url.Values, problem *fault.Error) error {
	page := s.actPage(c, act, "attendance.revoke.title", "revoke")
	page.Reason = Field{Name: "reason", Label: s.words.T("attendance.revoke.reason"), Hint: s.words.T("attendance.revoke.reason.hint"), Value: form.Get("reason"), Rows: 3, MaxLength: 300}
	if problem != nil {
		explain(s.words, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "animation/revoke", page)
}

func postRevoke(s *Server, c *gin.Context) error {
	act, err := s.findAct(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "revoke",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return act.list + "?annulee=oui", s.Attendance.Revoke(c.Request.Context(), s.actor(c), key, act.about, act.certificate.ID, form.Get("reason"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRevoke(c, act, status, form, problem)
		},
	})
}

func getReissue(s *Server, c *gin.Context) error {
	act, err := s.findAct(c)
	if err != nil {
		return err
	}
	if act.certificate.Valid() || act.certificate.Replaced {
		return seeOther(c, act.list)
	}
	return s.showReissue(c, act, http.StatusOK, nil)
}

func (s *Server) showReissue(c *gin.Context, act certificateAct, status int, problem *fault.Error) error {
	page := s.actPage(c, act, "attendance.reissue.title", "reissue")
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "animation/reissue", page)
}

func postReissue(s *Server, c *gin.Context) error {
	act, err := s.findAct(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "reissue",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return act.list + issuedQuery(1, form.Has("tell")),
				s.Attendance.Reissue(c.Request.Context(), s.actor(c), key, act.about, act.certificate.ID, form.Has("tell"))
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showReissue(c, act, status, problem)
		},
	})
}

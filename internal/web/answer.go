package web

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/failpoint"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// statuses is the one table from kind of error to status (design, Errors).
var statuses = map[fault.Kind]int{
	fault.Internal:    http.StatusInternalServerError,
	fault.Invalid:     http.StatusUnprocessableEntity,
	fault.Forbidden:   http.StatusForbidden,
	fault.NotFound:    http.StatusNotFound,
	fault.Conflict:    http.StatusConflict,
	fault.Gone:        http.StatusGone,
	fault.Unavailable: http.StatusServiceUnavailable,
}

// handle adapts a handler that returns its error.
func (s *Server) handle(h func(*Server, *gin.Context) error) gin.HandlerFunc {
	return func(c *gin.Context) {
		if err := h(s, c); err != nil {
			s.fail(c, err)
		}
	}
}

// notFound answers paths that lead nowhere.
func notFound(*Server, *gin.Context) error { return fault.New(fault.NotFound, "error.not_found") }

// fail answers with the page of an error, and logs what nobody expected.
func (s *Server) fail(c *gin.Context, err error) {
	s = s.speaking(c)
	kind := fault.KindOf(err)
	if kind == fault.Internal || kind == fault.Unavailable {
		s.config.Log.Error("failed", "request", c.GetString(keyRequestID), "route", c.FullPath(), "error", err)
	}
	if c.Writer.Written() {
		return
	}
	if _, ofFamily := c.Get(keyFamily); ofFamily && kind == fault.Unauthenticated {
		c.Redirect(http.StatusSeeOther, s.familyDoorPath(c))
		return
	}
	if kind == fault.Unauthenticated {
		c.Redirect(http.StatusSeeOther, signInPath(c.Request))
		return
	}
	text := problemWords(s.words, statuses[kind])
	if f, ok := fault.As(err); ok && kind != fault.Internal && !strings.HasPrefix(f.Message.Key, "error.not_found") {
		text.What = s.words.Message(f.Message)
		if f.Message.Key == "booking.session_not_open" { // nobody was faster: it is too early
			text.Title, text.Kept, text.Todo = s.words.T("booking.not_open.title"), s.words.T("booking.not_open.kept"), s.words.T("booking.not_open.todo")
		}
	}
	s.showProblem(c, statuses[kind], text)
}

// wayBack leads the team back to where they work; nil for families, and for who may not go there.
func (s *Server) wayBack(path string, status int) []Link {
	switch {
	case status == http.StatusForbidden:
	case status == http.StatusConflict || status == http.StatusGone:
		return s.wayBackTo(path)
	case path == "/animation" || strings.HasPrefix(path, "/animation/"):
		return []Link{{Href: "/animation", Label: s.words.T("attendance.back.agenda")}}
	case path == "/equipe" || strings.HasPrefix(path, "/equipe/"):
		return []Link{{Href: "/equipe", Label: s.words.T("ui.footer.team")}}
	}
	return nil
}

// wayBackTo leads back to what somebody of the team was at work on when it was too late, or somebody was faster.
func (s *Server) wayBackTo(path string) []Link {
	parts := strings.Split(path, "/") // "", area, kind, id, what was tried
	if len(parts) < 5 {
		return s.wayBack(path, 0)
	}
	label, ok := backLabels[strings.Join(parts[:3], "/")]
	if !ok {
		return s.wayBack(path, 0)
	}
	return []Link{{Href: strings.Join(parts[:4], "/"), Label: s.words.T(label)}}
}

// backLabels are the texts of wayBackTo, by the path above the id.
var backLabels = map[string]string{
	"/equipe/inscriptions": "error.back.booking", "/equipe/seances": "error.back.session", "/equipe/demandes": "error.back.request",
	"/animation/seances": "error.back.register",
}

// problem answers with the page of a status; what replaces its general words when given.
func (s *Server) problem(c *gin.Context, status int, what string, actions ...Link) {
	text := problemWords(s.printer(c), status)
	if what != "" {
		text.What = what
	}
	s.showProblem(c, status, text, actions...)
}

// showProblem answers with the page of a status in these words.
func (s *Server) showProblem(c *gin.Context, status int, text problemText, actions ...Link) {
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		c.JSON(status, gin.H{"error": http.StatusText(status)})
		return
	}
	s = s.speaking(c)
	page := newProblemPage(s.newPage(c, ""), status, text)
	page.RequestID = c.GetString(keyRequestID)
	page.Actions = actions
	if len(actions) == 0 {
		page.Actions = s.wayBack(c.Request.URL.Path, status)
	}
	if c.Request.Method == http.MethodPost {
		page.Retry, page.Alone = false, true // a link cannot send a form again, and may lead nowhere
		if status == http.StatusServiceUnavailable {
			s.offerResend(c, page)
		}
		if status == http.StatusForbidden {
			page.Title, page.Todo = s.words.T("error.403.sent.title"), s.words.T("error.403.sent.todo")
		}
	}
	body, err := s.views.Bytes(problemTemplate, page)
	if err != nil {
		body = s.views.Broken(s.words.Lang())
	}
	if status == http.StatusServiceUnavailable {
		c.Header("Retry-After", "5")
	}
	c.Header("X-Robots-Tag", "noindex, nofollow")
	c.Data(status, "text/html; charset=utf-8", body)
}

// offerResend keeps what was typed in the page that says it could not be saved: the browser forgets a page that must not be
// stored. Its one-time key is good still, since success alone uses it up. Passwords, codes and files are not handed back.
func (s *Server) offerResend(c *gin.Context, page *ProblemPage) {
	form, err := readForm(c)
	if err != nil || !form.Has("form_key") || form.Has("password") || form.Has("code") {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(form)) {
		for _, value := range form[name] {
			page.Resend = append(page.Resend, Typed{Name: name, Value: value})
		}
	}
	page.SendTo = c.Request.URL.RequestURI()
	page.Kept = s.words.T("error.503.kept_here")
}

// show answers with a page.
func (s *Server) show(c *gin.Context, status int, name string, page PageData) error {
	body, err := s.views.Bytes(name, page)
	if err != nil {
		return err
	}
	return s.sendZipped(c, status, "text/html; charset=utf-8", body)
}

// seeOther sends the browser on after a form was taken, in the language of the form.
func seeOther(c *gin.Context, path string) error {
	failpoint.Here(failpoint.BeforeReply)
	c.Redirect(http.StatusSeeOther, pathIn(langOf(c.Request.URL.Path), path))
	return nil
}

// newPage fills what every page has.
func (s *Server) newPage(c *gin.Context, title string) Page {
	page := Page{Lang: s.speaking(c).words.Lang(), Title: title, Path: c.Request.URL.Path, NoIndex: true, Visitor: s.visitor(c)}
	if c.Request.Method != http.MethodPost {
		page.Query = c.Request.URL.RawQuery
	}
	return page
}

// isTooLarge reports whether reading a body stopped at the limit.
func isTooLarge(err error) bool {
	_, ok := errors.AsType[*http.MaxBytesError](err)
	return ok
}

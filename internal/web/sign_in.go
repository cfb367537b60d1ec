package web

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// signInPage is the door of the team.
type signInPage struct {
	Page
	Key      FormKey
	Email    Field
	Password Field
	Next     string // where to go on; empty: to the start of one's area
}

func accountPages() []Declared {
	return []Declared{
		{Name: "account/sign_in", Data: &signInPage{}},
		{Name: "account/forgotten", Data: &forgottenPage{}},
		{Name: "account/password", Data: &passwordPage{}},
		{Name: "account/code", Data: &codePage{}},
		{Name: "account/enrol", Data: &enrolPage{}},
		{Name: "account/recovery", Data: &recoveryPage{}},
	}
}

// doorDone are the acts that the door can tell of, as its query names them.
var doorDone = map[string]string{"mot-de-passe": "team.password.done", "application": "team.self.done.factor"}

// getSignIn shows the door; whoever is signed in already walks through.
func getSignIn(s *Server, c *gin.Context) error {
	next := safeNext(c.Query("suite"))
	if actor := s.actor(c); actor.IsTeam() {
		return seeOther(c, landing(actor, next))
	}
	return s.showSignIn(c, http.StatusOK, "", next, nil)
}

// landing is where somebody who signed in goes on: to next if their role opens it.
func landing(actor account.Actor, next string) string {
	switch {
	case next != "" && (mayUseDesk(actor) || strings.HasPrefix(next, "/animation")):
		return next
	case mayUseDesk(actor):
		return "/equipe"
	}
	return "/animation"
}

func (s *Server) showSignIn(c *gin.Context, status int, email, next string, problem *fault.Error) error {
	p := s.words
	page := &signInPage{
		Page: s.newPage(c, p.T("staff.sign_in.title")), Key: s.newKey(c, "sign-in"), Next: next,
		Email:    Field{Name: "email", Label: p.T("staff.sign_in.email"), Value: email, Type: "email", Autocomplete: "username", NoSpellcheck: true},
		Password: Field{Name: "password", Label: p.T("staff.sign_in.password"), Type: "password", Autocomplete: "current-password"},
	}
	if key, known := doorDone[c.Query("fait")]; known {
		page.Notice = &Notice{Tone: ToneDone, Title: p.T(key)}
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Email, &page.Password)
	}
	return s.show(c, status, "account/sign_in", page)
}

// postSignIn signs the team in. A known and an unknown address get the same answer (SEC-7).
func postSignIn(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	email, next := form.Get("email"), safeNext(form.Get("suite"))
	if _, err := s.checkKey(c, "sign-in", form); err != nil {
		// A door left open for a day, or a cookie that changed meanwhile: a new key is all it takes.
		f, _ := fault.As(err)
		return s.showSignIn(c, http.StatusUnprocessableEntity, email, next, f)
	}
	ctx := c.Request.Context()
	user, err := s.Door.SignIn(ctx, email, form.Get("password"), c.ClientIP())
	if f, throttled := s.throttled(c, err); throttled {
		return s.showSignIn(c, http.StatusTooManyRequests, email, next, f)
	}
	if fault.Is(err, fault.Invalid, "account.sign_in_wrong") {
		return s.showSignIn(c, http.StatusUnprocessableEntity, email, next,
			fault.InvalidFields(map[string]fault.Message{"email": {Key: "account.sign_in_wrong"}}))
	}
	if err != nil {
		return err
	}
	if s.Door.AsksForCode() {
		return s.afterPassword(c, user, next)
	}
	if err := s.enter(c, user); err != nil {
		return err
	}
	return seeOther(c, landing(user.Actor(), next))
}

// postSignOut ends the sign-in on the server, so that a copy of its cookie is dead too (SEC-2). It asks for
// no form key: whoever leaves a shared computer must never read that the page was too old to do so, and
// what another site sends comes without the cookie, or not past sameOrigin.
func postSignOut(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	if err := s.SignIns.End(ctx); err != nil {
		return err
	}
	if err := s.SignIns.Save(ctx, c.Writer); err != nil {
		return err
	}
	s.setSeen(c)
	return seeOther(c, "/connexion")
}

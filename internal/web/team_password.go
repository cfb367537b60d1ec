package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// ForgottenPath is where somebody of the team asks for a link to choose a password.
const ForgottenPath = "/connexion/oubli"

// PasswordPath is where the link of a mail lets somebody of the team choose a password.
func PasswordPath(token string) string { return "/connexion/mot-de-passe/" + token }

// forgottenPage asks for the address to which a link is mailed, and afterwards says the same to everybody.
type forgottenPage struct {
	Page
	Key   FormKey
	Email Field
	Sent  string // the address, once a link was asked for
}

// passwordPage is where the link of a mail leads: nothing happens before the button.
type passwordPage struct {
	Page
	Key      FormKey
	Name     string
	Email    string
	First    bool // an invitation
	Password Field
}

func getForgotten(s *Server, c *gin.Context) error {
	return s.showForgotten(c, http.StatusOK, "", nil)
}

func (s *Server) showForgotten(c *gin.Context, status int, email string, problem *fault.Error) error {
	p := s.words
	page := &forgottenPage{
		Page: s.newPage(c, p.T("team.forgotten.title")), Key: s.newKey(c, "forgotten"),
		Email: Field{Name: "email", Label: p.T("staff.sign_in.email"), Value: email, Type: "email", Autocomplete: "username", NoSpellcheck: true},
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Email)
	}
	return s.show(c, status, "account/forgotten", page)
}

// postForgotten mails a link. Known and unknown addresses get the same answer (SEC-7).
func postForgotten(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	email := form.Get("email")
	key, err := s.checkKey(c, "forgotten", form)
	if err == nil && !account.IsEmail(email) {
		err = fault.InvalidFields(map[string]fault.Message{"email": {Key: "account.email_wrong"}})
	}
	if err == nil {
		err = s.Door.Forgot(c.Request.Context(), key, email, c.ClientIP())
	}
	if f, throttled := s.throttled(c, err); throttled {
		return s.showForgotten(c, http.StatusTooManyRequests, email, f)
	}
	if f, known := fault.As(err); known && (f.Kind == fault.Invalid || f.Kind == fault.Gone || f.Kind == fault.Forbidden) {
		return s.showForgotten(c, http.StatusUnprocessableEntity, email, f)
	}
	if err != nil {
		return err
	}
	s.Outbox.Notify()
	return s.show(c, http.StatusOK, "account/forgotten", &forgottenPage{Page: s.newPage(c, s.words.T("team.sent.title")), Sent: email})
}

// getPassword shows whose password the link lets choose. Opening it, by a person or a scanner of mails, uses nothing up (SEC-8).
func getPassword(s *Server, c *gin.Context) error { return s.showPassword(c, http.StatusOK, nil) }

func (s *Server) showPassword(c *gin.Context, status int, problem *fault.Error) error {
	u, err := s.Door.LookPassword(c.Request.Context(), c.Param("acces"))
	if err != nil {
		return s.passwordLinkOver(c, err)
	}
	p := s.words
	page := &passwordPage{
		Page: s.newPage(c, p.T("team.password.title")), Key: s.newKey(c, "password"), Name: u.Name, Email: u.Email, First: u.Invited,
		Password: s.newPassword("team.password.new"),
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Password)
	}
	return s.show(c, status, "account/password", page)
}

// newPassword is a box for a password that somebody chooses for themself. What was typed is never sent back.
func (s *Server) newPassword(label string) Field {
	return Field{Name: "password", Label: s.words.T(label), Hint: s.words.T("team.password.hint", account.ShortestPassword), Type: "password", Autocomplete: "new-password"}
}

// passwordLinkOver says why a link opens nothing any more, and where another one is asked for.
func (s *Server) passwordLinkOver(c *gin.Context, err error) error {
	f, known := fault.As(err)
	if !known || f.Kind != fault.Gone && f.Kind != fault.NotFound {
		return err
	}
	text := problemWords(s.words, statuses[f.Kind])
	text.Title, text.What, text.Kept = s.words.T("team.password.over"), s.words.Message(f.Message), ""
	s.showProblem(c, statuses[f.Kind], text,
		Link{Href: ForgottenPath, Label: s.words.T("team.forgotten.ask")}, Link{Href: "/connexion", Label: s.words.T("team.door")})
	return nil
}

// postPassword keeps the password that was chosen and leads to the door: the mailbox alone opens nothing.
func postPassword(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "password", form)
	if err == nil {
		err = s.Door.ChoosePassword(c.Request.Context(), key, c.Param("acces"), form.Get("password"))
	}
	f, known := fault.As(err)
	switch {
	case err == nil:
		s.Outbox.Notify()
		return seeOther(c, "/connexion?fait=mot-de-passe")
	case known && (f.Kind == fault.Invalid || f.Message.Key == "error.form_key" || f.Message.Key == "error.form_expired"):
		return s.showPassword(c, http.StatusUnprocessableEntity, f)
	}
	return s.passwordLinkOver(c, err)
}

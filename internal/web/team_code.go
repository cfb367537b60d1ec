package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// The pages after the password, and those of one's own access.
const (
	codePath         = "/connexion/code"
	enrolPath        = "/connexion/application"
	selfCodesPath    = selfPath + "/codes"
	selfFactorPath   = selfPath + "/application"
	codeMaxLength    = 20
	codeAutocomplete = "one-time-code"
)

// codePage asks for a code after the password.
type codePage struct {
	Page
	Key  FormKey
	Code Field
	Next string
}

// enrolPage sets an app up: to scan, to type, and the first code that it shows.
type enrolPage struct {
	Page
	Key     FormKey
	Modules string // the path of the dark ones
	Side    int
	Manual  string
	Code    Field
	Next    string
}

// QuietBox is the box of the drawing with the margin that a code needs around it.
func (p enrolPage) QuietBox() string { return quietBox(p.Side) }

// recoveryPage shows recovery codes, once.
type recoveryPage struct {
	Page
	Codes []string
	Next  string
}

// selfProofPage asks for a code before something grave is done to one's own access.
type selfProofPage struct {
	Page
	Key    FormKey
	Action string
	What   string
	Code   Field
	Button Button
}

func (s *Server) codeField() Field {
	return Field{
		Name: "code", Label: s.words.T("team.code.label"), Hint: s.words.T("team.code.hint"), Autocomplete: codeAutocomplete, Width: WidthMedium,
		MaxLength: codeMaxLength, NoSpellcheck: true,
	}
}

// enrolled is for whoever asks to set an app up and is signed in: their form came twice, and the recovery codes of its first answer may never
// have been seen. It leads to where others are made.
func (s *Server) enrolled(c *gin.Context, actor account.Actor) error {
	u, err := s.Door.Self(c.Request.Context(), actor)
	if err != nil {
		return err
	}
	if !u.HasFactor {
		return seeOther(c, landing(actor, ""))
	}
	return seeOther(c, selfCodesPath+"?fait=application")
}

// half is who gave their password on this browser and no code yet. Everybody else is led to the door, which leads on whoever is in.
func (s *Server) half(c *gin.Context) (u account.User, id string, ok bool, err error) {
	u, id, ok, err = s.SignIns.Half(c.Request.Context())
	if err == nil && !ok {
		err = seeOther(c, "/connexion")
	}
	return u, id, ok, err
}

// afterPassword leads on to where a code is asked for.
func (s *Server) afterPassword(c *gin.Context, user account.User, next string) error {
	ctx := c.Request.Context()
	if err := s.SignIns.StartHalf(ctx, user); err != nil {
		return err
	}
	if err := s.SignIns.Save(ctx, c.Writer); err != nil {
		return err
	}
	path := codePath
	if !user.HasFactor {
		path = enrolPath
	}
	if next != "" {
		path += "?" + url.Values{"suite": {next}}.Encode()
	}
	return seeOther(c, path)
}

func getCode(s *Server, c *gin.Context) error {
	u, _, ok, err := s.half(c)
	if err != nil || !ok {
		return err
	}
	if !u.HasFactor {
		return seeOther(c, enrolPath)
	}
	return s.showCode(c, http.StatusOK, safeNext(c.Query("suite")), nil)
}

func (s *Server) showCode(c *gin.Context, status int, next string, problem *fault.Error) error {
	page := &codePage{Page: s.newPage(c, s.words.T("team.code.title")), Key: s.newKey(c, "code"), Code: s.codeField(), Next: next}
	if problem != nil {
		explain(s.words, &page.Page, problem, &page.Code)
	}
	return s.show(c, status, "account/code", page)
}

func postCode(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	u, _, ok, err := s.half(c)
	if err != nil || !ok {
		return err
	}
	next := safeNext(form.Get("suite"))
	if _, err = s.checkKey(c, "code", form); err == nil {
		err = s.Door.CheckCode(c.Request.Context(), u, form.Get("code"))
	}
	if f, throttled := s.throttled(c, err); throttled {
		return s.showCode(c, http.StatusTooManyRequests, next, f)
	}
	if f, mend := mendable(err); mend {
		return s.showCode(c, http.StatusUnprocessableEntity, next, f)
	}
	if err != nil {
		return err
	}
	if err := s.enter(c, u); err != nil {
		return err
	}
	return seeOther(c, landing(u.Actor(), next))
}

// mendable is what is wrong with a form that is shown again, with a fresh key where its own was too old.
func mendable(err error) (*fault.Error, bool) {
	f, known := fault.As(err)
	return f, known && (f.Kind == fault.Invalid || f.Message.Key == "error.form_key" || f.Message.Key == "error.form_expired")
}

func getEnrol(s *Server, c *gin.Context) error {
	if actor := s.actor(c); actor.IsTeam() {
		return s.enrolled(c, actor)
	}
	u, _, ok, err := s.half(c)
	if err != nil || !ok {
		return err
	}
	if u.HasFactor {
		return seeOther(c, codePath)
	}
	return s.showEnrol(c, http.StatusOK, safeNext(c.Query("suite")), nil)
}

func (s *Server) showEnrol(c *gin.Context, status int, next string, problem *fault.Error) error {
	u, id, ok, err := s.half(c)
	if err != nil || !ok {
		return err
	}
	e, err := s.Door.Enrolment(u, id)
	if err != nil {
		return err
	}
	path, side, err := document.QRPath(e.URL)
	if err != nil {
		return err
	}
	page := &enrolPage{
		Page: s.newPage(c, s.words.T("team.enrol.title")), Key: s.newKey(c, "enrol"), Modules: path, Side: side, Manual: e.Key,
		Code: s.codeField(), Next: next,
	}
	page.Code.Hint = s.words.T("team.enrol.hint")
	if problem != nil {
		explain(s.words, &page.Page, problem, &page.Code)
	}
	return s.show(c, status, "account/enrol", page)
}

func postEnrol(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	u, id, ok, err := s.SignIns.Half(c.Request.Context())
	if err != nil {
		return err
	}
	if !ok { // the second of two clicks does not have the cookie of the first answer yet: the page that it leads to has
		return seeOther(c, enrolPath)
	}
	next := safeNext(form.Get("suite"))
	key, err := s.checkKey(c, "enrol", form)
	var codes []string
	if err == nil {
		codes, err = s.Door.Enrol(c.Request.Context(), key, u, id, form.Get("code"))
	}
	if f, throttled := s.throttled(c, err); throttled {
		return s.showEnrol(c, http.StatusTooManyRequests, next, f)
	}
	if f, mend := mendable(err); mend {
		return s.showEnrol(c, http.StatusUnprocessableEntity, next, f)
	}
	if err != nil {
		return err
	}
	if err := s.enter(c, u); err != nil {
		return err
	}
	return s.showRecovery(c, codes, landing(u.Actor(), next))
}

func (s *Server) showRecovery(c *gin.Context, codes []string, next string) error {
	return s.show(c, http.StatusOK, "account/recovery", &recoveryPage{Page: s.newPage(c, s.words.T("team.recovery.title")), Codes: codes, Next: next})
}

// ownFactor is the account of whoever is signed in and has an app; NotFound for others.
func (s *Server) ownFactor(c *gin.Context) error {
	u, err := s.Door.Self(c.Request.Context(), s.actor(c))
	if err == nil && !u.HasFactor {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return err
}

// proof shows the page that asks for a code before an act.
func (s *Server) proof(c *gin.Context, status int, act, action string, problem *fault.Error) error {
	if err := s.ownFactor(c); err != nil {
		return err
	}
	p := s.words
	page := &selfProofPage{
		Page: s.facilitatePage(c, p.T("team.self."+act+".title")), Key: s.newKey(c, "self-"+act), Action: action, What: p.T("team.self." + act + ".what"),
		Code: s.codeField(), Button: Button{Label: p.T("team.self." + act + ".button")},
	}
	page.Notice = s.selfNotice(c)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Code)
	}
	return s.show(c, status, "animation/self_proof", page)
}

func getSelfCodes(s *Server, c *gin.Context) error {
	return s.proof(c, http.StatusOK, "codes", selfCodesPath, nil)
}

// postSelfCodes shows a new set of recovery codes, once.
func postSelfCodes(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.ownFactor(c); err != nil {
		return err
	}
	key, err := s.checkKey(c, "self-codes", form)
	var codes []string
	if err == nil {
		codes, err = s.Door.NewRecoveryCodes(c.Request.Context(), key, s.actor(c), form.Get("code"))
	}
	if f, throttled := s.throttled(c, err); throttled {
		return s.proof(c, http.StatusTooManyRequests, "codes", selfCodesPath, f)
	}
	if f, mend := mendable(err); mend {
		return s.proof(c, http.StatusUnprocessableEntity, "codes", selfCodesPath, f)
	}
	if err != nil {
		return err
	}
	return s.showRecovery(c, codes, selfPath)
}

func getSelfFactor(s *Server, c *gin.Context) error {
	return s.proof(c, http.StatusOK, "factor", selfFactorPath, nil)
}

// postSelfFactor takes one's own app away: the door asks to set up another.
func postSelfFactor(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.ownFactor(c); err != nil {
		return err
	}
	key, err := s.checkKey(c, "self-factor", form)
	if err == nil {
		err = s.Door.DropFactor(c.Request.Context(), key, s.actor(c), form.Get("code"))
	}
	if f, throttled := s.throttled(c, err); throttled {
		return s.proof(c, http.StatusTooManyRequests, "factor", selfFactorPath, f)
	}
	if f, mend := mendable(err); mend {
		return s.proof(c, http.StatusUnprocessableEntity, "factor", selfFactorPath, f)
	}
	if err != nil {
		return err
	}
	s.Outbox.Notify()
	return seeOther(c, "/connexion?fait=application")
}

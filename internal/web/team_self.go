package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// The pages of one's own access.
const (
	selfPath         = "/animation/compte"
	selfPasswordPath = selfPath + "/mot-de-passe"
)

// selfPage is the access of whoever of the team is signed in.
type selfPage struct {
	Page
	Email string
	Role  string
	// HasFactor says that an app for codes is set up, and Recovery how many recovery codes are left.
	HasFactor bool
	Recovery  string
	// Certificate is how it stands with their certificate of honorability.
	Certificate Badge
	// Feed is the secret link to the calendar of what they lead.
	Feed  string
	Renew deskAct
}

// selfPasswordPage changes one's own password.
type selfPasswordPage struct {
	Page
	Key      FormKey
	Email    string
	Known    Field
	Password Field
}

func getSelf(s *Server, c *gin.Context) error { return s.showSelf(c, http.StatusOK, nil) }

func (s *Server) showSelf(c *gin.Context, status int, problem *fault.Error) error {
	u, err := s.Door.Self(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &selfPage{Page: s.facilitatePage(c, s.words.T("team.self.title")), Email: u.Email, Role: s.words.T(u.Role.Label()), HasFactor: u.HasFactor}
	page.Recovery = s.words.N("team.self.recovery", u.Recovery)
	page.Notice = s.selfNotice(c)
	page.Feed = s.absolute(s.feedPath(u))
	page.Renew = s.deskAct(c, "self-feed", selfPath+"/agenda")
	if page.Certificate, err = s.honorabilityBadge(c, u); err != nil {
		return err
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "animation/self", page)
}

// selfDone are the acts that the pages of one's own access can tell of, as their query names them.
var selfDone = map[string]string{"mot-de-passe": "team.self.done.password", "application": "team.self.done.enrolled", "agenda": "team.self.done.feed"}

func (s *Server) selfNotice(c *gin.Context) *Notice {
	key, known := selfDone[c.Query("fait")]
	if !known {
		return nil
	}
	return &Notice{Tone: ToneDone, Title: s.words.T(key)}
}

// selfAct runs one change of one's own access, and goes back to its page. Too many wrong answers are told beside the box of that name.
func (s *Server) selfAct(c *gin.Context, purpose, box, done string, do func(form url.Values, key account.FormKey) error, again func(status int, problem *fault.Error) error) error {
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			err := do(form, key)
			if f, throttled := s.throttled(c, err); throttled {
				err = fault.InvalidFields(map[string]fault.Message{box: f.Message})
			}
			return selfPath + "?fait=" + done, err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error { return again(status, problem) },
	})
}

func getSelfPassword(s *Server, c *gin.Context) error {
	return s.showSelfPassword(c, http.StatusOK, nil)
}

func (s *Server) showSelfPassword(c *gin.Context, status int, problem *fault.Error) error {
	u, err := s.Door.Self(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	p := s.words
	page := &selfPasswordPage{
		Page: s.facilitatePage(c, p.T("team.self.password.title")), Key: s.newKey(c, "self-password"), Email: u.Email,
		Known:    Field{Name: "current", Label: p.T("team.self.current"), Type: "password", Autocomplete: "current-password"},
		Password: s.newPassword("team.password.other"),
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Known, &page.Password)
	}
	return s.show(c, status, "animation/self_password", page)
}

func postSelfPassword(s *Server, c *gin.Context) error {
	return s.selfAct(c, "self-password", "current", "mot-de-passe", func(form url.Values, key account.FormKey) error {
		user, err := s.Door.ChangePassword(c.Request.Context(), key, s.actor(c), form.Get("current"), form.Get("password"), c.ClientIP())
		if err != nil {
			return err
		}
		s.Outbox.Notify()
		return s.enter(c, user)
	}, func(status int, problem *fault.Error) error { return s.showSelfPassword(c, status, problem) })
}

// enter signs somebody of the team in on this browser, under a new cookie.
func (s *Server) enter(c *gin.Context, user account.User) error {
	ctx := c.Request.Context()
	if err := s.SignIns.Start(ctx, user); err != nil {
		return err
	}
	if err := s.SignIns.Save(ctx, c.Writer); err != nil {
		return err
	}
	s.setSeen(c)
	return nil
}

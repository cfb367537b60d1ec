package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// mostMails is how many mails that wait are shown; more mean that the mail server is down, which the count says.
const mostMails = 100

// loadTeamZone is the time zone in which the association works.
func loadTeamZone() (*time.Location, error) { return catalog.LoadZone(catalog.HomeZone) }

// mailsPage shows the mails that did not arrive and those that have not left yet.
type mailsPage struct {
	DeskHead
	Pause   *mailPause
	Failed  []mailLine
	Open    []mailLine
	Backlog int // mails that should have left already
	Most    int // how many Open shows at most
}

// mailPause says that no mail leaves since the database was restored, and asks what is to become of those that waited in it.
type mailPause struct {
	Since   time.Time
	Waiting int
	Resume  deskAct
}

type mailLine struct {
	ID        string
	To        string
	About     string
	Session   string // the page of the session it tells of; may be empty
	Reference string
	Error     string
	At        time.Time // failed, or tried next
	Tries     int
	Resend    deskAct
}

func getMails(s *Server, c *gin.Context) error {
	return s.showMails(c, http.StatusOK, nil)
}

func (s *Server) showMails(c *gin.Context, status int, problem *fault.Error) error {
	ctx := c.Request.Context()
	failed, err := s.Outbox.FailedMessages(ctx)
	if err != nil {
		return err
	}
	open, err := s.Outbox.OpenMessages(ctx, mostMails)
	if err != nil {
		return err
	}
	backlog, err := s.Outbox.Backlog(ctx)
	if err != nil {
		return err
	}
	// A mail belongs to no venue: its times are those of the association.
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	page := &mailsPage{DeskHead: s.deskHead(c, s.words.T("staff.mails.title")), Backlog: backlog.Count, Most: mostMails}
	pause, err := s.Outbox.Paused(ctx)
	if err != nil {
		return err
	}
	if pause != nil {
		page.Pause = &mailPause{Since: pause.Since.In(zone), Waiting: pause.Waiting, Resume: s.deskAct(c, "mails-resume", "/equipe/mails/reprendre")}
	}
	for _, m := range failed {
		page.Failed = append(page.Failed, mailLine{
			ID: idText(m.ID), To: m.To, About: s.mailKind(m.Kind), Session: sessionOf(m.SessionID), Reference: m.Reference, Error: m.Error,
			At: m.FailedAt.In(zone), Resend: s.deskAct(c, "mail-resend", "/equipe/mails/"+idText(m.ID)+"/renvoyer"),
		})
	}
	for _, m := range open {
		page.Open = append(page.Open, mailLine{
			ID: idText(m.ID), To: m.To, About: s.mailKind(m.Kind), Session: sessionOf(m.SessionID), Error: m.Error,
			At: m.NextTry.In(zone), Tries: m.Attempts,
		})
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "equipe/mails", page)
}

// sessionOf is the page of a session at the desk, or "" for none.
func sessionOf(id int64) string {
	if id == 0 {
		return ""
	}
	return deskSessionPath(id)
}

// mailKind says what a mail is about.
func (s *Server) mailKind(kind string) string {
	return s.words.T("staff.mail." + strings.ToLower(kind))
}

func postMailResend(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "mail-resend",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			err := s.Office.ResendMail(c.Request.Context(), s.actor(c), key, id)
			if err == nil {
				s.Outbox.Notify()
			}
			return "/equipe/mails?fait=renvoi", err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showMails(c, status, problem)
		},
	})
}

// postMailsResume lets mails leave again; old ones too where staff say that they should.
func postMailsResume(s *Server, c *gin.Context) error {
	return s.submit(c, deskForm{
		purpose: "mails-resume",
		do: func(form url.Values, key account.FormKey) (string, error) {
			err := s.Office.ResumeMails(c.Request.Context(), s.actor(c), key, form.Get("anciens") == "envoyer")
			if err == nil {
				s.Outbox.Notify()
			}
			return "/equipe/mails?fait=reprise", err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showMails(c, status, problem)
		},
	})
}

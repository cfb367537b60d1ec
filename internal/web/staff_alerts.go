package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/alert"
)

// alertsPath is the page of how the installation stands.
const alertsPath = "/equipe/etat"

// mostAlerts is how many alerts that are over are shown.
const mostAlerts = 20

// alertsPage shows what is wrong with the installation, and what was.
type alertsPage struct {
	DeskHead
	Open []alertLine
	Past []alertLine
}

type alertLine struct {
	Title, What  string
	Began, Ended time.Time // on the clock of the association
}

func getAlerts(s *Server, c *gin.Context) error {
	ctx := c.Request.Context()
	open, err := s.Alerts.Open(ctx)
	if err != nil {
		return err
	}
	past, err := s.Alerts.Past(ctx, mostAlerts)
	if err != nil {
		return err
	}
	page := &alertsPage{DeskHead: s.deskHead(c, s.words.T("alert.title"))}
	if page.Open, err = s.alertLines(open); err != nil {
		return err
	}
	if page.Past, err = s.alertLines(past); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "equipe/alerts", page)
}

func (s *Server) alertLines(alerts []alert.Alert) (lines []alertLine, err error) {
	zone, err := loadTeamZone()
	for _, a := range alerts {
		lines = append(lines, alertLine{Title: s.alertTitle(a), What: s.words.T("alert." + string(a.Kind) + ".what"), Began: a.Began.In(zone), Ended: a.Ended.In(zone)})
	}
	return lines, err
}

// countedAlerts are the kinds whose title is of one or of several.
var countedAlerts = map[alert.Kind]bool{alert.MailsLate: true, alert.Breaches: true}

func (s *Server) alertTitle(a alert.Alert) string {
	key := "alert." + string(a.Kind) + ".title"
	if countedAlerts[a.Kind] {
		return s.words.N(key, a.Count)
	}
	return s.words.T(key, a.Count)
}

// alertTodos are what is wrong with the installation, for those who can do something about it or tell who can. That mails wait
// mailTodos tells.
func (s *Server) alertTodos(c *gin.Context) (todos []deskTodo, err error) {
	if !s.actor(c).CanManage() {
		return nil, nil
	}
	open, err := s.Alerts.Open(c.Request.Context())
	for _, a := range open {
		if a.Kind != alert.MailsLate {
			todos = append(todos, deskTodo{Badge{ToneStopped, s.alertTitle(a)}, Link{alertsPath, s.words.T("alert.home.act")}})
		}
	}
	return todos, err
}

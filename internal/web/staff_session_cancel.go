package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// sessionCancelPage asks before a session is cancelled: how many families are told, and why (UX-A4).
type sessionCancelPage struct {
	DeskHead
	Session  deskSession
	Families int
	ByPhone  int // families without an address, whom somebody must call
	Reason   Field
	Action   string
	Back     string
	Key      FormKey
}

func getSessionCancel(s *Server, c *gin.Context) error {
	return s.showSessionCancel(c, http.StatusOK, nil, nil)
}

func (s *Server) showSessionCancel(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	list, err := s.Bookings.SessionBookings(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p, back := s.words, deskSessionPath(id)
	if problem == nil && list.Session.Status == catalog.Cancelled {
		return seeOther(c, back)
	}
	page := &sessionCancelPage{
		DeskHead: s.deskHead(c, p.T("staff.cancel.title")), Session: s.deskSession(list.Session, nil, s.config.Now()),
		Families: list.Families(), ByPhone: list.FamiliesByPhone(),
		Reason: Field{Name: "reason", Label: p.T("staff.cancel.reason"), Hint: p.T("staff.cancel.reason.hint"), Value: form.Get("reason"), Rows: 3, Optional: true},
		Action: back + "/annuler", Back: back, Key: s.newKey(c, "session-cancel"),
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "equipe/session_cancel", page)
}

func postSessionCancel(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "session-cancel",
		do: func(form url.Values, key account.FormKey) (string, error) {
			ctx, cancel := c.Request.Context(), s.Bookings.CancelSession
			v, err := s.Catalog.Session(ctx, id)
			if err != nil {
				return "", err
			}
			if v.Private() {
				cancel = s.School.CancelSession
			}
			return deskSessionPath(id) + "?fait=annulee", cancel(ctx, s.actor(c), key, id, form.Get("reason"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showSessionCancel(c, status, form, problem)
		},
	})
}

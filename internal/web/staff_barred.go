package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// barredPage says with whom the children of a booking must not leave (domain, On the day 3). Staff alone see it; who leads
// a session of theirs sees the names on its register.
type barredPage struct {
	DeskHead
	Reference  string
	Booking    string // its page
	Bars       []barLine
	Child      Choices // when the booking has several
	Name, Note Field
	Action     string
	Key        FormKey
}

// barLine is somebody whom a child must not leave with.
type barLine struct {
	ID                int64
	Child, Name, Note string
	Since, SetBy      string
	Lift              deskAct
}

func barredPath(reference string) string {
	return "/equipe/inscriptions/" + reference + "/ne-pas-remettre"
}

func getBarred(s *Server, c *gin.Context) error {
	return s.showBarred(c, http.StatusOK, nil, nil)
}

func (s *Server) showBarred(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	reference := c.Param("reference")
	children, err := s.Attendance.Barred(c.Request.Context(), s.actor(c), reference)
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	p := s.words
	page := &barredPage{
		DeskHead: s.deskHead(c, p.T("attendance.barred.title")), Reference: reference, Booking: deskBookingPath(reference), Action: barredPath(reference),
		Child: Choices{Name: "child", Legend: p.T("attendance.barred.child")},
		Name:  Field{Name: "name", Label: p.T("attendance.barred.name"), Hint: p.T("attendance.barred.name.hint"), Value: form.Get("name"), People: true, Autocomplete: "off"},
		Note:  Field{Name: "note", Label: p.T("attendance.barred.note"), Hint: p.T("attendance.barred.note.hint"), Value: form.Get("note"), Optional: true, Rows: 3},
		Key:   s.newKey(c, "bar"),
	}
	for _, child := range children {
		name := child.FirstName + " " + child.LastName
		page.Child.Options = append(page.Child.Options, Option{Value: idText(child.ChildID), Label: name})
		for _, b := range child.Barred {
			page.Bars = append(page.Bars, barLine{ID: b.ID, Child: name, Name: b.Name, Note: b.Note, SetBy: b.SetBy,
				Since: p.Date(b.SetAt.In(zone)), Lift: s.deskAct(c, "bar-lift", barredPath(reference)+"/lever")})
		}
	}
	page.Child.Options = choose(page.Child.Options, form.Get("child"))
	if len(children) == 1 {
		page.Child.Options[0].Chosen = true
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Child, &page.Name, &page.Note)
	}
	return s.show(c, status, "equipe/barred", page)
}

func postBarred(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "bar",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return barredPath(reference) + "?fait=enregistree", s.Attendance.Bar(c.Request.Context(), s.actor(c), key, reference,
				rowID(form.Get("child")), form.Get("name"), form.Get("note"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showBarred(c, status, form, problem)
		},
	})
}

func postBarLift(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "bar-lift",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return barredPath(reference) + "?fait=enregistree", s.Attendance.LiftBar(c.Request.Context(), s.actor(c), key, reference, rowID(form.Get("bar")))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showBarred(c, status, nil, problem)
		},
	})
}

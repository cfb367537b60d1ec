package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// timetable is when somebody can lead sessions, with its forms; the same for staff and for the person.
type timetable struct {
	Action   string
	Key      FormKey
	Hours    []timetableHours
	Absences []timetableAbsence

	Weekdays Choices
	Starts   Field
	Ends     Field
	First    Field
	Last     Field
}

type timetableHours struct {
	Day    string // lundi
	Text   string // 9 h – 12 h
	Number string
	Starts string
}

type timetableAbsence struct {
	ID   string
	Text string
}

// timetablesPage lists who can lead sessions, for staff.
type timetablesPage struct {
	DeskHead
	People []Link
}

// deskTimetablePage is the timetable of somebody, at the desk.
type deskTimetablePage struct {
	DeskHead
	Timetable timetable
}

// ownTimetablePage is that of whoever is signed in.
type ownTimetablePage struct {
	Page
	Timetable timetable
}

func deskTimetablePath(id int64) string { return "/equipe/disponibilites/" + idText(id) }

const ownTimetablePath = "/animation/disponibilites"

func getTimetables(s *Server, c *gin.Context) error {
	people, err := s.Catalog.Assignable(c.Request.Context())
	if err != nil {
		return err
	}
	page := &timetablesPage{DeskHead: s.deskHead(c, s.words.T("school_dates.timetables.title"))}
	for _, f := range people {
		page.People = append(page.People, Link{Href: deskTimetablePath(f.ID), Label: f.Name})
	}
	return s.show(c, http.StatusOK, "equipe/timetables", page)
}

func getDeskTimetable(s *Server, c *gin.Context) error {
	return s.showDeskTimetable(c, http.StatusOK, nil, nil)
}

func (s *Server) showDeskTimetable(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	table, err := s.Catalog.Timetable(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	page := &deskTimetablePage{DeskHead: s.deskHead(c, s.words.T("school_dates.timetable.of", table.Person.Name))}
	if err := s.fillTimetable(c, &page.Page, &page.Timetable, table, deskTimetablePath(id), form, problem); err != nil {
		return err
	}
	return s.show(c, status, "equipe/timetable", page)
}

func getOwnTimetable(s *Server, c *gin.Context) error {
	return s.showOwnTimetable(c, http.StatusOK, nil, nil)
}

func (s *Server) showOwnTimetable(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	actor := s.actor(c)
	table, err := s.Catalog.Timetable(c.Request.Context(), actor, actor.ID)
	if err != nil {
		return err
	}
	page := &ownTimetablePage{Page: s.facilitatePage(c, s.words.T("school_dates.timetable.own"))}
	page.Notice = s.deskNotice(c)
	if err := s.fillTimetable(c, &page.Page, &page.Timetable, table, ownTimetablePath, form, problem); err != nil {
		return err
	}
	return s.show(c, status, "animation/timetable", page)
}

// fillTimetable fills what both pages show.
func (s *Server) fillTimetable(c *gin.Context, page *Page, t *timetable, table catalog.Timetable, path string, form url.Values, problem *fault.Error) error {
	p := s.words
	*t = timetable{
		Action: path, Key: s.newKey(c, "timetable"),
		Weekdays: Choices{Name: "weekdays", Legend: p.T("school_dates.timetable.days"), Many: true, Inline: true},
		Starts:   Field{Name: "starts", Label: p.T("staff.session.starts"), Value: form.Get("starts"), Type: "time", Width: WidthShort},
		Ends:     Field{Name: "ends", Label: p.T("staff.session.ends"), Value: form.Get("ends"), Type: "time", Width: WidthShort},
		First:    Field{Name: "first_day", Label: p.T("school_dates.timetable.first"), Value: form.Get("first_day"), Type: "date", Width: WidthMedium},
		Last:     Field{Name: "last_day", Label: p.T("school_dates.timetable.last"), Value: form.Get("last_day"), Type: "date", Width: WidthMedium, Optional: true},
	}
	for day := 1; day <= 7; day++ {
		t.Weekdays.Options = append(t.Weekdays.Options, Option{Value: strconv.Itoa(day), Label: p.T("school_dates.weekday." + strconv.Itoa(day))})
	}
	t.Weekdays.Options = choose(t.Weekdays.Options, form["weekdays"]...)
	for _, h := range table.Weekly {
		number := strconv.Itoa(h.Weekday)
		t.Hours = append(t.Hours, timetableHours{Day: p.T("school_dates.weekday." + number), Text: p.Span(clockOf(h.Starts), clockOf(h.Ends)), Number: number, Starts: h.Starts})
	}
	for _, a := range table.Absences {
		first, err := time.Parse(catalog.DateLayout, a.FirstDay)
		if err != nil {
			return err
		}
		last, err := time.Parse(catalog.DateLayout, a.LastDay)
		if err != nil {
			return err
		}
		text := p.Date(first)
		if !last.Equal(first) {
			text = p.T("school_dates.timetable.days_away", p.Date(first), p.Date(last))
		}
		t.Absences = append(t.Absences, timetableAbsence{ID: idText(a.ID), Text: text})
	}
	if problem != nil {
		explain(p, page, problem, &t.Weekdays, &t.Starts, &t.Ends, &t.First, &t.Last)
	}
	return nil
}

func postDeskTimetable(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.changeTimetable(c, id, deskTimetablePath(id), s.showDeskTimetable)
}

func postOwnTimetable(s *Server, c *gin.Context) error {
	return s.changeTimetable(c, s.actor(c).ID, ownTimetablePath, s.showOwnTimetable)
}

// changeTimetable runs the one change that a button of the page names.
func (s *Server) changeTimetable(c *gin.Context, user int64, path string, again func(*gin.Context, int, url.Values, *fault.Error) error) error {
	ctx, actor := c.Request.Context(), s.actor(c)
	return s.submit(c, deskForm{
		purpose: "timetable",
		do: func(form url.Values, key account.FormKey) (string, error) {
			err := error(fault.New(fault.Invalid, "web.form_broken"))
			switch form.Get("act") {
			case "add-hours":
				var days []int
				for _, d := range form["weekdays"] {
					days = append(days, wholeNumber(d))
				}
				err = s.Catalog.AddHours(ctx, actor, key, user, days, form.Get("starts"), form.Get("ends"))
			case "remove-hours":
				err = s.Catalog.RemoveHours(ctx, actor, key, user, wholeNumber(form.Get("weekday")), form.Get("from"))
			case "add-absence":
				err = s.Catalog.AddAbsence(ctx, actor, key, user, form.Get("first_day"), form.Get("last_day"))
			case "remove-absence":
				err = s.Catalog.RemoveAbsence(ctx, actor, key, user, rowID(form.Get("absence")))
			}
			return path + "?fait=enregistree", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error { return again(c, status, form, problem) },
	})
}

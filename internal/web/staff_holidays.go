package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const (
	holidaysPath        = "/equipe/vacances"
	holidayLeavePath    = holidaysPath + "/laisser"
	holidayTakeBackPath = holidaysPath + "/remettre"
)

// holidaysPage shows which school holidays are known, until when, and what is planned beyond that.
type holidaysPage struct {
	DeskHead
	Zones  []holidayZone
	Public []dayOff
	Beyond []deskSession // sessions after what is known of their zone
	Inside []insideLine  // sessions of plans in holidays that became known after they were planned
	Left   []insideLine  // those of them that the team leaves there
	// Warning says how many they are; nil for none.
	Warning *Notice
	// Key and File are those of the form that brings another calendar, Problems what is wrong in the rows of the one that came,
	// and More how many further rows are.
	Key      FormKey
	File     Field
	Problems []string
	More     int
}

// holidayZone is what is known of one zone.
type holidayZone struct {
	Name     string
	Cities   string // venues of the programme there
	Until    string // the last day known; empty for none
	Holidays []dayOff
}

// insideLine is a session in holidays that nobody knew when it was planned.
type insideLine struct {
	ID      int64
	Session Link
	When    string
	Act     *deskAct // leaves it there, or takes that back; nil for who may not
}

// dayOff is days on which there is no school, or no work.
type dayOff struct{ Name, When string }

func getHolidays(s *Server, c *gin.Context) error { return s.showHolidays(c, http.StatusOK, nil, nil) }

// showHolidays shows the page; problem is what is wrong with a file that came, and problems with its rows.
func (s *Server) showHolidays(c *gin.Context, status int, problem *fault.Error, problems []table.Problem) error {
	ctx, p, now := c.Request.Context(), s.words, s.config.Now()
	known, err := s.Catalog.Calendar(ctx)
	if err != nil {
		return err
	}
	venues, err := s.Catalog.Venues(ctx)
	if err != nil {
		return err
	}
	planned, err := s.Catalog.Between(ctx, now, now.AddDate(5, 0, 0))
	if err != nil {
		return err
	}
	page := &holidaysPage{DeskHead: s.deskHead(c, p.T("plan.holidays.title")), Key: s.newKey(c, "holidays"),
		File: Field{Name: holidaysFile, Label: p.T("plan.holidays.file"), Hint: p.T("plan.holidays.file.hint", holidaysCap>>20), Type: "file"}}
	today := now.Format(catalog.DateLayout)
	for _, zone := range catalog.Zones {
		z := holidayZone{Name: p.T("plan.zone", string(zone)), Cities: p.List(citiesOf(venues, zone))}
		if until := known.KnownUntil(zone); until != "" {
			z.Until = p.Date(dayOf(until))
		}
		for _, h := range known.From(zone, today) {
			z.Holidays = append(z.Holidays, s.schoolHoliday(h))
		}
		page.Zones = append(page.Zones, z)
	}
	for year := now.Year(); year <= now.Year()+1; year++ {
		for _, h := range catalog.PublicHolidays(year) {
			if day := dayOf(h.Day); h.Day >= today && day.Before(now.AddDate(1, 0, 0)) {
				page.Public = append(page.Public, dayOff{p.T("catalog.public_holiday." + h.Name), p.Date(day)})
			}
		}
	}
	for _, v := range beyond(known, planned) {
		page.Beyond = append(page.Beyond, s.deskSession(v, nil, now))
	}
	if n := len(page.Beyond); n > 0 {
		page.Warning = &Notice{Tone: ToneWarning, Title: p.N("plan.holidays.beyond", n), Text: p.N("plan.holidays.beyond.text", n)}
	}
	inside, err := s.Catalog.FellInside(ctx)
	if err != nil {
		return err
	}
	for _, f := range inside {
		page.Inside = append(page.Inside, s.insideLine(c, f.Session, p.T("plan.holidays.inside.when", f.Holiday.Name, f.Session.Venue.Name, string(f.Holiday.Zone)), holidayLeavePath))
	}
	left, err := s.Catalog.LeftInside(ctx)
	if err != nil {
		return err
	}
	zone, err := loadTeamZone()
	if err != nil {
		return err
	}
	for _, l := range left {
		page.Left = append(page.Left, s.insideLine(c, l.Session, p.T("plan.holidays.left.said", l.By, p.Date(l.At.In(zone))), holidayTakeBackPath))
	}
	for _, wrong := range problems[:min(len(problems), shownProblems)] {
		page.Problems = append(page.Problems, p.Message(wrong.Message()))
	}
	page.More = len(problems) - len(page.Problems)
	if problem != nil {
		explain(p, &page.Page, problem, &page.File)
	}
	return s.show(c, status, "equipe/holidays", page)
}

// insideLine is a session in a list of those in holidays, with the act that takes it out of that list.
func (s *Server) insideLine(c *gin.Context, v catalog.Session, when, path string) insideLine {
	p := s.words
	line := insideLine{ID: v.ID, When: when,
		Session: Link{deskSessionPath(v.ID), p.T("plan.holidays.inside.session", workshopName(v.Workshop), p.Date(v.StartsAt), p.Span(v.StartsAt, v.EndsAt))}}
	if s.actor(c).IsStaff() {
		act := s.deskAct(c, "holidays-inside", path)
		line.Act = &act
	}
	return line
}

func postHolidayLeave(s *Server, c *gin.Context) error {
	return s.decideInside(c, "laissee", s.Catalog.LeaveInside)
}

func postHolidayTakeBack(s *Server, c *gin.Context) error {
	return s.decideInside(c, "a-verifier", s.Catalog.TakeLeftBack)
}

// decideInside does what the team decided about a session that fell into holidays.
func (s *Server) decideInside(c *gin.Context, done string, decide func(context.Context, account.Actor, account.FormKey, int64) error) error {
	return s.submit(c, deskForm{
		purpose: "holidays-inside",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return holidaysPath + "?fait=" + done, decide(c.Request.Context(), s.actor(c), key, rowID(form.Get("session")))
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showHolidays(c, status, problem, nil)
		},
	})
}

// beyond are the sessions of the programme that take place after what is known of the holidays of their zone.
func beyond(known catalog.Calendar, planned []catalog.Session) []catalog.Session {
	return slices.DeleteFunc(known.Beyond(planned), func(v catalog.Session) bool { return v.Status == catalog.Cancelled || v.Private() })
}

// schoolHoliday is a holiday as a page shows it.
func (s *Server) schoolHoliday(h catalog.Holiday) dayOff {
	if h.FirstDay == h.LastDay {
		return dayOff{h.Name, s.words.T("plan.day", s.words.Date(dayOf(h.FirstDay)))}
	}
	return dayOff{h.Name, s.words.T("plan.days", s.words.Date(dayOf(h.FirstDay)), s.words.Date(dayOf(h.LastDay)))}
}

// citiesOf are the cities of the venues in a zone, each once.
func citiesOf(venues []catalog.Venue, zone catalog.Zone) (cities []string) {
	for _, v := range venues {
		if v.Zone() == zone && !slices.Contains(cities, v.City) {
			cities = append(cities, v.City)
		}
	}
	return cities
}

// dayOf is a day that the catalogue names, at noon: it is shown, and no hour is meant.
func dayOf(day string) time.Time {
	t, err := time.Parse(catalog.DateLayout, day)
	if err != nil {
		return time.Time{}
	}
	return t.Add(12 * time.Hour)
}

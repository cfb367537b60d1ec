package web

import (
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

const holidaysPath = "/equipe/vacances"

// holidaysPage shows which school holidays are known, until when, and what is planned beyond that.
type holidaysPage struct {
	DeskHead
	Zones  []holidayZone
	Public []dayOff
	Beyond []deskSession // sessions after what is known of their zone
	Inside []insideLine  // sessions of plans in holidays that became known after they were planned
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
	Session Link
	When    string
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
		v := f.Session
		page.Inside = append(page.Inside, insideLine{Link{deskSessionPath(v.ID), p.T("plan.holidays.inside.session", workshopName(v.Workshop), p.Date(v.StartsAt), p.Span(v.StartsAt, v.EndsAt))},
			p.T("plan.holidays.inside.when", f.Holiday.Name, v.Venue.Name, string(f.Holiday.Zone))})
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

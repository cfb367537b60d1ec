package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// deskSessionsPage lists the sessions of one view. Past ones show by year.
type deskSessionsPage struct {
	DeskHead
	Views         []deskTab
	Sessions      []deskSession
	Caption       string
	Before, After *Link // the years around, of the past
	New           string
	Publish       string // the page that publishes several drafts; empty in other views
}

// sessionView is one of the lists of sessions.
type sessionView struct {
	name  string // in the query; the first needs none
	label string
	shows func(v catalog.Session, now time.Time) bool
}

var sessionViews = []sessionView{
	{"a-venir", "staff.view.coming", func(v catalog.Session, now time.Time) bool {
		return v.Status == catalog.Published && v.EndsAt.After(now)
	}},
	{viewDrafts, "staff.view.drafts", func(v catalog.Session, _ time.Time) bool { return v.Status == catalog.Draft }},
	{viewPast, "staff.view.past", func(v catalog.Session, now time.Time) bool {
		return v.Status == catalog.Published && !v.EndsAt.After(now)
	}},
	{"annulees", "staff.view.cancelled", func(v catalog.Session, _ time.Time) bool { return v.Status == catalog.Cancelled }},
}

const (
	viewDrafts = "brouillons"
	viewPast   = "passees"
)

func getDeskSessions(s *Server, c *gin.Context) error {
	ctx, now := c.Request.Context(), s.config.Now()
	view := sessionViews[0]
	if i := slices.IndexFunc(sessionViews, func(v sessionView) bool { return v.name == c.Query("vue") }); i >= 0 {
		view = sessionViews[i]
	}
	page := &deskSessionsPage{DeskHead: s.deskHead(c, s.words.T("staff.sessions.title")), New: "/equipe/seances/nouvelle", Caption: s.words.T(view.label)}
	for _, v := range sessionViews {
		tab := deskTab{Href: "/equipe/seances?vue=" + v.name, Label: s.words.T(v.label)}
		if v.name == view.name {
			tab.Current = "page"
		}
		page.Views = append(page.Views, tab)
	}
	// Two years around now hold all that anybody plans, drops or cancels.
	from, until := now.AddDate(-1, 0, 0), now.AddDate(2, 0, 0)
	if view.name == viewPast {
		year := chosenYear(c.Query("annee"), now)
		from, until = time.Date(year, 1, 1, 0, 0, 0, 0, now.Location()), time.Date(year+1, 1, 1, 0, 0, 0, 0, now.Location())
		page.Caption = s.words.T("staff.view.past.year", strconv.Itoa(year))
		page.Before = &Link{Href: pastPath(year - 1), Label: strconv.Itoa(year - 1)}
		if year < now.Year() {
			page.After = &Link{Href: pastPath(year + 1), Label: strconv.Itoa(year + 1)}
		}
	}
	sessions, err := s.Catalog.Between(ctx, from, until)
	if err != nil {
		return err
	}
	leaders, err := s.Catalog.FacilitatorsBetween(ctx, from, until)
	if err != nil {
		return err
	}
	for _, v := range sessions {
		if view.shows(v, now) {
			line := s.deskSession(v, leaders[v.ID], now)
			if page.Manages && !v.Private() {
				line.Copy = line.Href + "#copie"
			}
			page.Sessions = append(page.Sessions, line)
		}
	}
	if view.name == viewDrafts && page.Manages && len(page.Sessions) > 0 {
		page.Publish = publishPath
	}
	if view.name == viewPast {
		slices.Reverse(page.Sessions) // the latest first
	}
	return s.show(c, http.StatusOK, "equipe/sessions", page)
}

func pastPath(year int) string {
	return "/equipe/seances?vue=" + viewPast + "&annee=" + strconv.Itoa(year)
}

// chosenYear is the year of the query, this one unless it is a past year.
func chosenYear(typed string, now time.Time) int {
	year, err := strconv.Atoi(typed)
	if err != nil || year < 2000 || year > now.Year() {
		return now.Year()
	}
	return year
}

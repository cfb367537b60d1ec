package web

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// deskDays is how far ahead the home of the desk looks (UX-A1).
const deskDays = 14

// deskHomePage is what the coming days need: each figure and each session leads to the act.
type deskHomePage struct {
	Page
	Tabs     []deskTab
	Todo     []deskTodo
	Days     int
	Sessions []deskSession
	CanEdit  bool
}

// deskTodo is one thing to do, with the page where it is done.
type deskTodo struct {
	Tone Tone
	Text string
	Link Link
}

// deskSession is a session in a list of the desk. Times are in the venue's zone.
type deskSession struct {
	Href        string
	Name        string
	Start, End  time.Time
	Venue, City string
	Seats       Seats
	Taken       int
	State       Badge
	Leaders     []string
	// NeedsLeader is true where nobody leads a session that takes place.
	NeedsLeader bool
}

func getDesk(s *Server, c *gin.Context) error {
	ctx, now := c.Request.Context(), s.config.Now()
	until := now.AddDate(0, 0, deskDays)
	sessions, err := s.Catalog.Between(ctx, now, until)
	if err != nil {
		return err
	}
	leaders, err := s.Catalog.FacilitatorsBetween(ctx, now, until)
	if err != nil {
		return err
	}
	p := s.words
	page := &deskHomePage{Page: s.deskPage(c, p.T("staff.home.title")), Tabs: s.deskTabs(c), Days: deskDays, CanEdit: s.actor(c).CanManage()}
	alone, waiting := 0, 0
	for _, v := range sessions {
		if v.Status == catalog.Cancelled {
			continue
		}
		line := s.deskSession(v, leaders[v.ID], now)
		page.Sessions = append(page.Sessions, line)
		waiting += v.Waiting
		if line.NeedsLeader {
			alone++
		}
	}
	if alone > 0 {
		page.Todo = append(page.Todo, deskTodo{Tone: ToneWarning, Text: p.N("staff.home.alone", alone), Link: Link{Href: "#seances", Label: p.T("staff.home.alone.act")}})
	}
	if waiting > 0 {
		page.Todo = append(page.Todo, deskTodo{Tone: ToneWaiting, Text: p.N("staff.home.waiting", waiting), Link: Link{Href: "#seances", Label: p.T("staff.home.waiting.act")}})
	}
	return s.show(c, http.StatusOK, "equipe/home", page)
}

// sessionStateBadges say in a word and a shape how a session stands for the team.
func (s *Server) sessionBadge(v catalog.Session, now time.Time) Badge {
	tone := ToneInfo
	switch v.Availability(now) {
	case catalog.CalledOff:
		tone = ToneStopped
	case catalog.Open:
		tone = ToneDone
	case catalog.Full, catalog.NotYetOpen:
		tone = ToneWaiting
	}
	state := string(v.Availability(now))
	if v.Status == catalog.Draft {
		tone, state = ToneWarning, "draft"
	}
	return Badge{Tone: tone, Label: s.words.T("staff.state." + state)}
}

func (s *Server) deskSession(v catalog.Session, leaders []catalog.Facilitator, now time.Time) deskSession {
	line := deskSession{
		Href: deskSessionPath(v.ID), Name: workshopName(v.Workshop), Start: v.StartsAt, End: v.EndsAt,
		Venue: v.Venue.Name, City: v.Venue.City, Taken: v.Taken,
		Seats:       Seats{Capacity: v.Capacity, Left: max(0, v.Capacity-v.Taken), Waiting: v.Waiting},
		State:       s.sessionBadge(v, now),
		NeedsLeader: len(leaders) == 0 && v.Status != catalog.Cancelled && v.EndsAt.After(now),
	}
	for _, l := range leaders {
		line.Leaders = append(line.Leaders, l.Name)
	}
	return line
}

// workshopName is a workshop as the desk lists it: its title, and its level if it has one.
func workshopName(w catalog.Workshop) string {
	if w.Level == "" {
		return w.Title
	}
	return w.Title + " · " + w.Level
}

func deskSessionPath(id int64) string { return "/equipe/seances/" + strconv.FormatInt(id, 10) }

// deskTab is an entry of the desk's own menu.
type deskTab struct {
	Href, Label string
	Current     string // aria-current
}

// deskTabs is the menu of the desk as far as the actor's role opens it.
func (s *Server) deskTabs(c *gin.Context) []deskTab {
	tabs := []deskTab{{Href: "/equipe", Label: s.words.T("staff.tab.home")}}
	for i := range tabs {
		if tabs[i].Href == c.Request.URL.Path {
			tabs[i].Current = "page"
		}
	}
	return tabs
}

// deskPage fills what every page of the desk has.
func (s *Server) deskPage(c *gin.Context, title string) Page {
	page := s.newPage(c, title)
	page.Section, page.Wide = SectionDesk, true
	page.Title = cmp.Or(title, page.Title)
	return page
}

func deskPages() []Declared {
	return []Declared{{Name: "equipe/home", Data: &deskHomePage{}}}
}

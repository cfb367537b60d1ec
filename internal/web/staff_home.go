package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// deskDays is how far ahead the home of the desk looks (UX-A1).
const deskDays = 14

// deskHomePage is what the coming days need: each figure and each session leads to the act.
type deskHomePage struct {
	DeskHead
	Todo     []deskTodo
	Days     int
	Sessions []deskSession
}

// deskTodo is one thing to do, with the page where it is done.
type deskTodo struct {
	What Badge
	Act  Link
}

// deskSession is a session in a list of the desk. Times are in the venue's zone.
type deskSession struct {
	Href        string
	Name        string // Robotique · Initiation
	Start, End  time.Time
	Venue, City string
	Seats       Seats
	Taken       int
	State       Badge
	Leaders     []string
	// NeedsLeader is true where nobody leads a session that is to take place.
	NeedsLeader bool
	// Over is true once it has ended: who still waits got no seat.
	Over bool
	// Group is whom a private session is for; empty for one of the programme.
	Group string
}

func getDesk(s *Server, c *gin.Context) error {
	ctx, now := c.Request.Context(), s.config.Now()
	// A session that goes on counts as coming.
	from, until := now.Add(-24*time.Hour), now.AddDate(0, 0, deskDays)
	sessions, err := s.Catalog.Between(ctx, from, until)
	if err != nil {
		return err
	}
	leaders, err := s.Catalog.FacilitatorsBetween(ctx, from, until)
	if err != nil {
		return err
	}
	page := &deskHomePage{DeskHead: s.deskHead(c, s.words.T("staff.home.title")), Days: deskDays}
	var alone, waiting []deskSession
	children := 0
	for _, v := range sessions {
		if v.Status == catalog.Cancelled || !v.EndsAt.After(now) {
			continue
		}
		line := s.deskSession(v, leaders[v.ID], now)
		page.Sessions = append(page.Sessions, line)
		if line.NeedsLeader {
			alone = append(alone, line)
		}
		if v.Waiting > 0 {
			waiting = append(waiting, line)
			children += v.Waiting
		}
	}
	if page.Todo, err = s.callTodo(c); err != nil {
		return err
	}
	pause, err := s.Outbox.Paused(ctx)
	if err != nil {
		return err
	}
	if pause != nil && page.Manages {
		page.Todo = append([]deskTodo{{Badge{ToneStopped, s.words.T("restore.home")}, Link{"/equipe/mails", s.words.T("restore.resume")}}}, page.Todo...)
	}
	locks, err := s.Numbers.Locks(ctx)
	if err != nil {
		return err
	}
	if len(locks) > 0 && page.Manages {
		page.Todo = append(page.Todo, deskTodo{Badge{ToneStopped, s.words.T("numbering.home")}, Link{numbersPath, s.words.T("numbering.home.act")}})
	}
	requests, err := s.requestTodos(c)
	if err != nil {
		return err
	}
	page.Todo = append(page.Todo, requests...)
	incidents, err := s.incidentTodo(c)
	if err != nil {
		return err
	}
	page.Todo = append(page.Todo, incidents...)
	page.Todo = append(page.Todo, s.sessionTodos(alone, waiting, children)...)
	failed, err := s.Outbox.FailedMessages(ctx)
	if err != nil {
		return err
	}
	if n := len(failed); n > 0 && page.Manages {
		page.Todo = append(page.Todo, deskTodo{Badge{ToneStopped, s.words.N("staff.home.mails", n)}, Link{"/equipe/mails", s.words.T("staff.home.mails.act")}})
	}
	return s.show(c, http.StatusOK, "equipe/home", page)
}

// sessionTodos are the two things that sessions can lack. Where one session lacks it, the link leads to the very
// place, otherwise to the list below.
func (s *Server) sessionTodos(alone, waiting []deskSession, children int) []deskTodo {
	p := s.words
	place := func(list []deskSession, anchor string) string {
		if len(list) == 1 {
			return list[0].Href + anchor
		}
		return "#seances"
	}
	var todo []deskTodo
	if n := len(alone); n > 0 {
		todo = append(todo, deskTodo{Badge{ToneWarning, p.N("staff.home.alone", n)}, Link{place(alone, "#animation"), p.T("staff.home.alone.act")}})
	}
	if children > 0 {
		todo = append(todo, deskTodo{Badge{ToneWaiting, p.N("staff.home.waiting", children)}, Link{place(waiting, "#attente"), p.T("staff.home.waiting.act")}})
	}
	return todo
}

// sessionTones are the shapes of what a session offers, as the team sees it.
var sessionTones = map[catalog.Availability]Tone{
	catalog.Open: ToneDone, catalog.Full: ToneDone, catalog.NotYetOpen: ToneWaiting, catalog.Closed: ToneInfo,
	catalog.Started: ToneInfo, catalog.Past: ToneInfo, catalog.CalledOff: ToneStopped,
}

// sessionBadge says in a word and a shape how a session stands for the team.
func (s *Server) sessionBadge(v catalog.Session, now time.Time) Badge {
	if v.Status == catalog.Draft {
		return Badge{ToneWarning, s.words.T("staff.state.draft")}
	}
	state := v.Availability(now)
	if v.Private() && v.StartsAt.After(now) && v.Status != catalog.Cancelled { // nobody books it
		return Badge{ToneDone, s.words.T("school_dates.state")}
	}
	return Badge{sessionTones[state], s.words.T("staff.state." + string(state))}
}

func (s *Server) deskSession(v catalog.Session, leaders []catalog.Facilitator, now time.Time) deskSession {
	line := deskSession{
		Href: deskSessionPath(v.ID), Name: workshopName(v.Workshop), Start: v.StartsAt, End: v.EndsAt,
		Venue: v.Venue.Name, City: v.Venue.City, Taken: v.Taken,
		Seats:       deskSeats(v),
		State:       s.sessionBadge(v, now),
		Group:       v.Organisation,
		Over:        !v.EndsAt.After(now),
		NeedsLeader: len(leaders) == 0 && v.Status != catalog.Cancelled && v.EndsAt.After(now),
	}
	for _, l := range leaders {
		line.Leaders = append(line.Leaders, l.Name)
	}
	return line
}

// deskSeats are the seats as the team counts them: a seat is free while nobody has it, also while it belongs to
// the waiting list.
func deskSeats(v catalog.Session) Seats {
	return Seats{Capacity: v.Capacity, Left: max(0, v.Capacity-v.Taken), Waiting: v.Waiting}
}

// workshopName is a workshop as the team lists it: its title, and its level if it has one.
func workshopName(w catalog.Workshop) string {
	if w.Level == "" {
		return w.Title
	}
	return w.Title + " · " + w.Level
}

// deskSessionPath is the page of a session at the desk.
func deskSessionPath(id int64) string { return "/equipe/seances/" + idText(id) }

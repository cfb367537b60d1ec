package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

const (
	// deskDays is how far ahead the home of the desk looks (UX-A1).
	deskDays = 14
	// plannedYears is how far ahead sessions are planned at most: drafts and dates beyond the known holidays are looked for there.
	plannedYears = 2
	// calendarDays is how long before its end the calendar of school holidays is asked for: a term is planned a season ahead.
	calendarDays = 90
)

// deskHomePage is what the coming days need: each figure and each session leads to the act.
type deskHomePage struct {
	DeskHead
	// Next is the first thing to do, Todo what can wait for it, both in the order in which they press; nil and empty where nothing does.
	Next     *deskTodo
	Todo     []deskTodo
	Days     int
	Sessions []deskSession
	// Taken and Capacity are the seats of the programme's published sessions among them; Filled is what part of them is taken, in
	// per cent.
	Taken, Capacity, Filled int
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
	// Copy is where it is copied to another date; empty where the list does not offer it.
	Copy string
}

func getDesk(s *Server, c *gin.Context) error {
	ctx, now := c.Request.Context(), s.config.Now()
	// A session that goes on counts as coming.
	from, until := now.Add(-24*time.Hour), now.AddDate(0, 0, deskDays)
	planned, err := s.Catalog.Between(ctx, from, now.AddDate(plannedYears, 0, 0))
	if err != nil {
		return err
	}
	leaders, err := s.Catalog.FacilitatorsBetween(ctx, from, until)
	if err != nil {
		return err
	}
	page := &deskHomePage{DeskHead: s.deskHead(c, s.words.T("staff.home.title")), Days: deskDays}
	perLeader, err := s.Catalog.ChildrenPerFacilitator(ctx)
	if err != nil {
		return err
	}
	var alone, short, waiting []deskSession
	children, drafts := 0, 0
	for _, v := range planned {
		if v.Status == catalog.Cancelled || !v.EndsAt.After(now) {
			continue
		}
		if v.Status == catalog.Draft && !v.Private() && v.StartsAt.After(now) {
			drafts++
		}
		if !v.StartsAt.Before(until) {
			continue
		}
		line := s.deskSession(v, leaders[v.ID], now)
		page.Sessions = append(page.Sessions, line)
		switch {
		case line.NeedsLeader:
			alone = append(alone, line)
		case !v.Private() && v.Taken > perLeader*len(leaders[v.ID]):
			short = append(short, line)
		}
		if v.Waiting > 0 {
			waiting = append(waiting, line)
			children += v.Waiting
		}
		if v.Status == catalog.Published && !v.Private() {
			page.Taken += v.Taken
			page.Capacity += v.Capacity
		}
	}
	if page.Capacity > 0 {
		page.Filled = (100*page.Taken + page.Capacity/2) / page.Capacity // rounded, as in the report
	}
	for _, find := range []func() ([]deskTodo, error){
		func() ([]deskTodo, error) { return s.pauseTodo(c) },
		func() ([]deskTodo, error) { return s.alertTodos(c) },
		func() ([]deskTodo, error) { return s.numbersTodo(c) },
		func() ([]deskTodo, error) { return s.callTodo(c) },
		func() ([]deskTodo, error) { return s.aloneTodo(alone), nil },
		func() ([]deskTodo, error) { return s.shortTodo(short), nil },
		func() ([]deskTodo, error) { return s.incidentTodo(c) },
		func() ([]deskTodo, error) { return s.mailTodos(c) },
		func() ([]deskTodo, error) { return s.requestTodos(c) },
		func() ([]deskTodo, error) { return s.honorabilityTodo(c) },
		func() ([]deskTodo, error) { return s.waitingTodo(waiting, children), nil },
		func() ([]deskTodo, error) { return s.draftTodo(c, drafts), nil },
		func() ([]deskTodo, error) { return s.calendarTodo(c, planned) },
	} {
		todo, err := find()
		if err != nil {
			return err
		}
		page.Todo = append(page.Todo, todo...)
	}
	if len(page.Todo) > 0 {
		page.Next, page.Todo = &page.Todo[0], page.Todo[1:]
	}
	return s.show(c, http.StatusOK, "equipe/home", page)
}

// whereLacking is where sessions that lack something are seen: the very place of a single one, otherwise the list below.
func whereLacking(list []deskSession, anchor string) string {
	if len(list) == 1 {
		return list[0].Href + anchor
	}
	return "#seances"
}

// aloneTodo tells of coming sessions that nobody leads.
func (s *Server) aloneTodo(alone []deskSession) []deskTodo {
	if len(alone) == 0 {
		return nil
	}
	return []deskTodo{{Badge{ToneWarning, s.words.N("staff.home.alone", len(alone))}, Link{whereLacking(alone, "#animation"), s.words.T("staff.home.alone.act")}}}
}

// shortTodo tells of coming sessions with more children than those who lead them look after (settings.ChildrenPerFacilitator).
func (s *Server) shortTodo(short []deskSession) []deskTodo {
	if len(short) == 0 {
		return nil
	}
	return []deskTodo{{Badge{ToneWarning, s.words.N("staff.home.short", len(short))}, Link{whereLacking(short, "#animation"), s.words.T("staff.home.short.act")}}}
}

// waitingTodo tells of children who wait for a seat in coming sessions.
func (s *Server) waitingTodo(waiting []deskSession, children int) []deskTodo {
	if children == 0 {
		return nil
	}
	return []deskTodo{{Badge{ToneWaiting, s.words.N("staff.home.waiting", children)}, Link{whereLacking(waiting, "#attente"), s.words.T("staff.home.waiting.act")}}}
}

// pauseTodo tells that no mail leaves since the database was restored.
func (s *Server) pauseTodo(c *gin.Context) ([]deskTodo, error) {
	if !s.actor(c).CanManage() {
		return nil, nil
	}
	pause, err := s.Outbox.Paused(c.Request.Context())
	if err != nil || pause == nil {
		return nil, err
	}
	return []deskTodo{{Badge{ToneStopped, s.words.T("restore.home")}, Link{"/equipe/mails", s.words.T("restore.resume")}}}, nil
}

// numbersTodo tells that no paper gets a number before the last ones that were sent are known, after a restore.
func (s *Server) numbersTodo(c *gin.Context) ([]deskTodo, error) {
	if !s.actor(c).CanManage() {
		return nil, nil
	}
	locks, err := s.Numbers.Locks(c.Request.Context())
	if err != nil || len(locks) == 0 {
		return nil, err
	}
	return []deskTodo{{Badge{ToneStopped, s.words.T("numbering.home")}, Link{numbersPath, s.words.T("numbering.home.act")}}}, nil
}

// lateMail is how long a mail may wait for the mail server before the team hears of it: it tries again after a few minutes by itself.
const lateMail = 15 * time.Minute

// mailTodos tell of mails that did not arrive, and of those that should have left.
func (s *Server) mailTodos(c *gin.Context) (todo []deskTodo, err error) {
	if !s.actor(c).CanManage() {
		return nil, nil
	}
	ctx, p := c.Request.Context(), s.words
	act := Link{"/equipe/mails", p.T("staff.home.mails.act")}
	failed, err := s.Outbox.FailedMessages(ctx)
	if err != nil {
		return nil, err
	}
	if n := len(failed); n > 0 {
		todo = append(todo, deskTodo{Badge{ToneStopped, p.N("staff.home.mails", n)}, act})
	}
	late, err := s.Outbox.Backlog(ctx)
	if err != nil {
		return nil, err
	}
	if late.Count > 0 && s.config.Now().Sub(late.Oldest) > lateMail {
		todo = append(todo, deskTodo{Badge{ToneWarning, p.N("staff.home.unsent", late.Count)}, act})
	}
	return todo, nil
}

// draftTodo tells of sessions that families do not see yet.
func (s *Server) draftTodo(c *gin.Context, drafts int) []deskTodo {
	if drafts == 0 || !s.actor(c).CanManage() {
		return nil
	}
	return []deskTodo{{Badge{ToneInfo, s.words.N("staff.home.drafts", drafts)}, Link{publishPath, s.words.T("staff.home.drafts.act")}}}
}

// calendarTodo tells that sessions of plans are in school holidays that became known since, and that sessions are planned beyond the known ones, or soon will be.
func (s *Server) calendarTodo(c *gin.Context, planned []catalog.Session) (todo []deskTodo, err error) {
	if !s.actor(c).CanManage() {
		return nil, nil
	}
	known, err := s.Catalog.Calendar(c.Request.Context())
	if err != nil {
		return nil, err
	}
	inside, err := s.Catalog.FellInside(c.Request.Context())
	if err != nil {
		return nil, err
	}
	p := s.words
	if n := len(inside); n > 0 {
		todo = append(todo, deskTodo{Badge{ToneWarning, p.N("plan.holidays.inside.home", n)}, Link{holidaysPath + "#pendant", p.N("plan.holidays.inside.act", n)}})
	}
	act := Link{holidaysPath + "#calendrier", p.T("staff.home.calendar.act")}
	if n := len(beyond(known, planned)); n > 0 {
		return append(todo, deskTodo{Badge{ToneWarning, p.N("plan.holidays.beyond.home", n)}, act}), nil
	}
	soon := s.config.Now().AddDate(0, 0, calendarDays).Format(catalog.DateLayout)
	for _, v := range planned {
		if until := known.KnownUntil(v.Venue.Zone()); until != "" && until < soon {
			return append(todo, deskTodo{Badge{ToneInfo, p.T("staff.home.calendar", p.Date(dayOf(until)))}, act}), nil
		}
	}
	return todo, nil
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

package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

const inboxPath, boardPath = "/equipe/demandes", "/equipe/demandes/tableau"

// inboxPage lists the requests, what waits longest on the team first.
type inboxPage struct {
	DeskHead
	Views         []deskTab
	State         Select
	Of            Select
	Search        Field
	Total         int
	Lines         []requestLine
	Before, After string // the pages around; empty: none
	Number, Pages int
}

// boardPage shows the requests that go on by state.
type boardPage struct {
	DeskHead
	Views   []deskTab
	Columns []boardColumn
}

type boardColumn struct {
	Title string
	Lines []requestLine
	Total int
	More  string // where the rest of a long column is
}

// requestLine is a request in a list of the desk.
type requestLine struct {
	Href         string
	Organisation string
	City         string
	Asked        string
	Group        string // « 24 jeunes, CM1 »
	Reference    string
	State        Badge
	Waits        string // « attend depuis 3 jours »; empty when the team owes nothing
	Long         bool   // it waits for a week or more
	Assignee     string
	Next         string // the next action with its day; may be empty
	Late         bool   // that day has come
	First        string // day of the first session; may be empty
}

// inboxFilter reads the filter of the address.
func inboxFilter(query url.Values) school.InboxFilter {
	page, _ := strconv.Atoi(query.Get("page")) // what is no number is the first page
	return school.InboxFilter{State: school.State(query.Get("etat")), Of: school.Of(query.Get("suivi")), Search: query.Get("q"), Page: page}
}

func getInbox(s *Server, c *gin.Context) error {
	p, actor, f := s.words, s.actor(c), inboxFilter(c.Request.URL.Query())
	page := &inboxPage{DeskHead: s.deskHead(c, p.T("school.inbox.title")), Views: s.requestViews(inboxPath)}
	inbox, err := s.School.Inbox(c.Request.Context(), actor, f)
	if problem, ok := fault.As(err); ok && problem.Kind == fault.Invalid { // a mistyped address: everything, as the fields then say
		f = school.InboxFilter{Search: f.Search}
		inbox, err = s.School.Inbox(c.Request.Context(), actor, f)
	}
	if err != nil {
		return err
	}
	page.Total, page.Number, page.Pages = inbox.Total, inbox.Page, inbox.Pages
	states := []Option{}
	for _, state := range school.States() {
		states = append(states, Option{Value: string(state), Label: p.T(state.Label())})
	}
	page.State = Select{Name: "etat", Label: p.T("school.inbox.state"), Optional: true, Empty: p.T("school.inbox.state.open"), Options: choose(states, string(f.State))}
	page.Of = Select{Name: "suivi", Label: p.T("school.inbox.of"), Optional: true, Empty: p.T("school.inbox.of.all"), Options: choose([]Option{
		{Value: string(school.OfMe), Label: p.T("school.inbox.of.me")}, {Value: string(school.OfNobody), Label: p.T("school.inbox.of.nobody")},
	}, string(f.Of))}
	page.Search = Field{Name: "q", Label: p.T("school.inbox.search"), Value: f.Search, Type: "search", Optional: true, Autocomplete: "off"}
	if page.Lines, err = s.requestLines(inbox.Lines); err != nil {
		return err
	}
	if inbox.Page > 1 {
		page.Before = inboxPagePath(f, inbox.Page-1)
	}
	if inbox.Page < inbox.Pages {
		page.After = inboxPagePath(f, inbox.Page+1)
	}
	return s.show(c, http.StatusOK, "equipe/requests", page)
}

func inboxPagePath(f school.InboxFilter, page int) string {
	query := url.Values{}
	for name, value := range map[string]string{"etat": string(f.State), "suivi": string(f.Of), "q": f.Search} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if page > 1 {
		query.Set("page", strconv.Itoa(page))
	}
	if len(query) == 0 {
		return inboxPath
	}
	return inboxPath + "?" + query.Encode()
}

func getBoard(s *Server, c *gin.Context) error {
	columns, err := s.School.Board(c.Request.Context(), s.actor(c))
	if err != nil {
		return err
	}
	page := &boardPage{DeskHead: s.deskHead(c, s.words.T("school.board.title")), Views: s.requestViews(boardPath)}
	for _, column := range columns {
		shown := boardColumn{Title: s.words.T(column.State.Label()), Total: column.Total}
		if column.Total > len(column.Lines) {
			shown.More = inboxPagePath(school.InboxFilter{State: column.State}, 1)
		}
		if shown.Lines, err = s.requestLines(column.Lines); err != nil {
			return err
		}
		page.Columns = append(page.Columns, shown)
	}
	return s.show(c, http.StatusOK, "equipe/requests_board", page)
}

// requestViews are the two ways to look at requests.
func (s *Server) requestViews(current string) []deskTab {
	views := []deskTab{{Href: inboxPath, Label: s.words.T("school.view.inbox")}, {Href: boardPath, Label: s.words.T("school.view.board")}}
	for i := range views {
		if views[i].Href == current {
			views[i].Current = "page"
		}
	}
	return views
}

// longWait is after how many days a request waits for too long.
const longWait = 7

func (s *Server) requestLines(lines []school.InboxLine) ([]requestLine, error) {
	zone, err := loadTeamZone()
	if err != nil {
		return nil, err
	}
	p, now := s.words, s.config.Now().In(zone)
	today := now.Format(time.DateOnly)
	var all []requestLine
	for _, l := range lines {
		line := requestLine{
			Href: DeskRequestPath(l.ID), Organisation: l.Organisation, City: l.City, Asked: l.Asked, Reference: l.Reference,
			Group: p.N("school.group", l.Children, l.Level), State: s.requestBadge(l.State), Assignee: l.Assignee,
		}
		line.Waits, line.Long = s.waits(l.WaitingSince.In(zone), now)
		if !l.First.IsZero() {
			line.First = p.DateShort(l.First.In(zone))
		}
		line.Next, line.Late = s.nextAction(l.NextAction, l.NextActionOn), l.NextActionOn != "" && l.NextActionOn <= today
		all = append(all, line)
	}
	return all, nil
}

// waits says how long a request has waited for the team, and whether that is long; nothing when it waits for nobody here.
// Both times are in the zone of the team.
func (s *Server) waits(since, now time.Time) (text string, long bool) {
	if since.IsZero() {
		return "", false
	}
	days := daysBetween(since, now)
	if days == 0 {
		return s.words.T("school.waits.today"), false
	}
	return s.words.N("school.waits", days), days >= longWait
}

// nextAction is what is planned, with its day if it has one; empty when nothing is.
func (s *Server) nextAction(action, on string) string {
	day, err := time.Parse(time.DateOnly, on)
	if err != nil {
		return action
	}
	return s.words.T("school.plan.on", action, s.words.DateShort(day))
}

// daysBetween counts the midnights from one instant to a later one, both in the same zone.
func daysBetween(from, to time.Time) int {
	midnight := func(t time.Time) time.Time {
		y, m, d := t.Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(midnight(to).Sub(midnight(from)) / (24 * time.Hour))
}

// requestTodos are what requests want of the team, for the home of the desk.
func (s *Server) requestTodos(c *gin.Context) ([]deskTodo, error) {
	owed, err := s.School.Owed(c.Request.Context(), s.actor(c))
	if err != nil {
		return nil, err
	}
	p := s.words
	var todo []deskTodo
	if owed.Waiting > 0 {
		todo = append(todo, deskTodo{Badge{ToneWarning, p.N("school.todo.waiting", owed.Waiting)}, Link{inboxPath, p.T("school.todo.waiting.act")}})
	}
	if owed.Unassigned > 0 {
		todo = append(todo, deskTodo{Badge{ToneWaiting, p.N("school.todo.nobody", owed.Unassigned)}, Link{inboxPath + "?suivi=" + string(school.OfNobody), p.N("school.todo.nobody.act", owed.Unassigned)}})
	}
	if owed.Due > 0 {
		todo = append(todo, deskTodo{Badge{ToneWarning, p.N("school.todo.due", owed.Due)}, Link{inboxPath, p.T("school.todo.due.act")}})
	}
	return todo, nil
}

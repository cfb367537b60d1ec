package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// agendaPage is the home of who leads sessions: today first, so that the register is one tap away (UX-F1).
type agendaPage struct {
	Page
	Today, Coming, Past []agendaSession
	// All is true for who sees the sessions of everybody.
	All bool
	// Leads is true for who can lead sessions, and so says when.
	Leads bool
	Texts []tabletText // of what waits on this tablet
}

// agendaSession is one session of the list. Times are in the venue's zone.
type agendaSession struct {
	Href           string
	Title, Level   string
	Discipline     Discipline
	DisciplineName string
	Start, End     time.Time
	Venue, City    string
	Booked         int
	Group          string // the organisation that a private session is for
	Mine           bool
	Cancelled      bool
}

func getAgenda(s *Server, c *gin.Context) error {
	actor := s.actor(c)
	agenda, err := s.Attendance.ForFacilitator(c.Request.Context(), actor)
	if err != nil {
		return err
	}
	page := &agendaPage{
		Page:  s.facilitatePage(c, s.words.T("attendance.agenda.title")),
		Today: s.agendaSessions(agenda.Today), Coming: s.agendaSessions(agenda.Coming), Past: s.agendaSessions(agenda.Past),
		All: mayUseDesk(actor), Leads: actor.Role != account.Communication,
		Texts: s.tabletTexts(),
	}
	if c.Query("transmise") != "" {
		page.Notice = &Notice{Tone: ToneDone, Title: s.words.T("attendance.handed_over"), Text: s.words.T("attendance.handed_over.text")}
	}
	return s.show(c, http.StatusOK, "animation/agenda", page)
}

func (s *Server) agendaSessions(list []attendance.Listed) []agendaSession {
	var all []agendaSession
	for _, l := range list {
		all = append(all, agendaSession{
			Href: registerPath(l.ID, ""), Title: l.Title, Level: l.Level,
			Discipline: Discipline(l.Discipline), DisciplineName: s.words.T("discipline." + string(l.Discipline)),
			Start: l.StartsAt, End: l.EndsAt, Venue: l.Venue, City: l.City, Booked: l.Booked, Group: l.Group, Mine: l.Mine,
			Cancelled: l.Status == catalog.Cancelled,
		})
	}
	return all
}

// facilitatePage fills what every page of this area has.
func (s *Server) facilitatePage(c *gin.Context, title string) Page {
	page := s.newPage(c, title)
	page.Section = SectionFacilitate
	return page
}

// readAct reads a form of one button on a page about the session in the path, with its key.
func (s *Server) readAct(c *gin.Context, purpose string) (sessionID int64, form url.Values, key account.FormKey, err error) {
	if sessionID, err = pathID(c, "id"); err != nil {
		return 0, nil, account.FormKey{}, err
	}
	if form, err = readForm(c); err != nil {
		return 0, nil, account.FormKey{}, err
	}
	key, err = s.checkKey(c, purpose, form)
	return sessionID, form, key, err
}

// registerPath is the path of a session's register, or of a page below it.
func registerPath(sessionID int64, below string) string {
	return "/animation/seances/" + strconv.FormatInt(sessionID, 10) + below
}

// ledSession is a session at the head of the pages about it.
type ledSession struct {
	Name          string // Robotique · Initiation
	Start, End    time.Time
	Venue         string
	Address, City string
	Facilitators  []string
	Path          string // of its register
}

func newLedSession(v catalog.Session, facilitators []catalog.Facilitator) ledSession {
	return ledSession{
		Name: workshopName(v.Workshop), Start: v.StartsAt, End: v.EndsAt, Venue: v.Venue.Name,
		Address: v.Venue.Address, City: v.Venue.Postcode + " " + v.Venue.City,
		Facilitators: facilitatorNames(facilitators), Path: registerPath(v.ID, ""),
	}
}

func facilitatorNames(facilitators []catalog.Facilitator) []string {
	var names []string
	for _, f := range facilitators {
		names = append(names, f.Name)
	}
	return names
}

func facilitatePages() []Declared {
	return []Declared{
		{Name: "animation/agenda", Data: &agendaPage{}},
		{Name: "animation/timetable", Data: &ownTimetablePage{}},
		{Name: "animation/self", Data: &selfPage{}},
		{Name: "animation/self_password", Data: &selfPasswordPage{}},
		{Name: "animation/self_proof", Data: &selfProofPage{}},
		{Name: "animation/register", Data: &registerPage{}},
		{Name: "animation/offline", Data: &offlinePage{}},
		{Name: "animation/child", Data: &childPage{}},
		{Name: "animation/walk_in", Data: &walkInPage{}},
		{Name: "animation/close", Data: &closePage{}},
		{Name: "animation/incident", Data: &incidentPage{}},
		{Name: "equipe/barred", Data: &barredPage{}},
		{Name: "animation/hand_over", Data: &handOverPage{}},
		{Name: "animation/sheet", Data: &sheetPage{}},
		{Name: "animation/sheets", Data: &sheetsPage{}},
		{Name: "animation/blank_sheet", Data: &blankSheetPage{}},
		{Name: "animation/poster", Data: &posterPage{}},
		{Name: "animation/certificates", Data: &certificatesPage{}},
		{Name: "animation/certificate_papers", Data: &certificatePapersPage{}},
		{Name: "animation/revoke", Data: &certificateActPage{}},
		{Name: "animation/reissue", Data: &certificateActPage{}},
		{Name: "animation/series", Data: &seriesPage{}},
		{Name: "attestation/find", Data: &certificateFormPage{}},
		{Name: "attestation/show", Data: &certificatePage{}},
	}
}

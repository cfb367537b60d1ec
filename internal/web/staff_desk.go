package web

import (
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// DeskHead is what every page of the desk begins with.
type DeskHead struct {
	Page
	Tabs []deskTab
	// Manages is true for those who may change what the page shows; others read.
	Manages bool
}

// deskTab is an entry of the desk's own menu.
type deskTab struct {
	Href, Label string
	Current     string // aria-current
}

// deskArea is an entry of the desk's menu and who it shows to.
type deskArea struct {
	path, label string
	may         func(account.Actor) bool
}

var deskAreas = []deskArea{
	{"/equipe", "staff.tab.home", mayUseDesk},
	{"/equipe/seances", "staff.tab.sessions", mayUseDesk},
	{familiesPath, "find.tab", account.Actor.CanManage},
	{callsPath, "calls.tab", account.Actor.CanManage},
	{"/equipe/demandes", "school.tab", mayUseDesk},
	{"/equipe/ateliers", "staff.tab.workshops", mayUseDesk},
	{"/equipe/lieux", "staff.tab.venues", mayUseDesk},
	{"/equipe/materiel", "school_dates.tab.kits", account.Actor.CanManage},
	{"/equipe/disponibilites", "school_dates.tab.timetables", account.Actor.CanManage},
	{"/equipe/factures", "school_money.tab", mayUseDesk},
	{messagesPath, "message.tab", mayUseDesk},
	{bilanPath, "report.tab", mayUseDesk},
	{"/equipe/mails", "staff.tab.mails", account.Actor.CanManage},
	{"/equipe/personnes", "staff.tab.people", account.Actor.CanAdminister},
	{"/equipe/reglages", "staff.tab.settings", account.Actor.CanManage},
}

// planPaths are where the pages about sessions stand that are not below theirs.
var planPaths = []string{schedulesPath, holidaysPath}

// holds reports whether a page stands below the entry, or belongs to it.
func (a deskArea) holds(path string) bool {
	within := func(area string) bool { return path == area || strings.HasPrefix(path, area+"/") }
	return a.path != "/equipe" && within(a.path) || a.path == "/equipe/seances" && slices.ContainsFunc(planPaths, within)
}

// deskHead fills what every page of the desk has: its menu, as far as the role opens it, and what has just
// been done.
func (s *Server) deskHead(c *gin.Context, title string) DeskHead {
	actor := s.actor(c)
	head := DeskHead{Page: s.newPage(c, title), Manages: actor.CanManage()}
	head.Section, head.Wide, head.Notice = SectionDesk, true, s.deskNotice(c)
	for _, area := range deskAreas {
		if !area.may(actor) {
			continue
		}
		tab := deskTab{Href: area.path, Label: s.words.T(area.label)}
		switch {
		case head.Path == area.path:
			tab.Current = "page"
		case area.holds(head.Path):
			tab.Current = "true"
		}
		head.Tabs = append(head.Tabs, tab)
	}
	return head
}

func deskPages() []Declared {
	return []Declared{
		{Name: "equipe/home", Data: &deskHomePage{}},
		{Name: "equipe/report", Data: &bilanPage{}},
		{Name: "equipe/retention", Data: &retentionPage{}},
		{Name: "equipe/sessions", Data: &deskSessionsPage{}},
		{Name: "equipe/session", Data: &deskSessionPage{}},
		{Name: "equipe/session_form", Data: &sessionFormPage{}},
		{Name: "equipe/session_cancel", Data: &sessionCancelPage{}},
		{Name: "equipe/erase_family", Data: &eraseFamilyPage{}},
		{Name: "equipe/waiting_list", Data: &waitingListPage{}},
		{Name: "equipe/booking_phone", Data: &phonePage{}},
		{Name: "equipe/booking", Data: &deskBookingPage{}},
		{Name: "equipe/booking_act", Data: &bookingActPage{}},
		{Name: "equipe/booking_wishes", Data: &bookingWishesPage{}},
		{Name: "equipe/booking_join", Data: &bookingJoinPage{}},
		{Name: "equipe/workshops", Data: &workshopsPage{}},
		{Name: "equipe/workshop_form", Data: &workshopFormPage{}},
		{Name: "equipe/venues", Data: &venuesPage{}},
		{Name: "equipe/venue_form", Data: &venueFormPage{}},
		{Name: "equipe/holidays", Data: &holidaysPage{}},
		{Name: "equipe/regular", Data: &regularPage{}},
		{Name: "equipe/regular_dates", Data: &regularDatesPage{}},
		{Name: "equipe/schedule", Data: &schedulePage{}},
		{Name: "equipe/schedule_edit", Data: &scheduleEditPage{}},
		{Name: "equipe/publish", Data: &publishPage{}},
		{Name: "equipe/kits", Data: &kitsPage{}},
		{Name: "equipe/kit_form", Data: &kitFormPage{}},
		{Name: "equipe/timetables", Data: &timetablesPage{}},
		{Name: "equipe/timetable", Data: &deskTimetablePage{}},
		{Name: "equipe/calls", Data: &callsPage{}},
		{Name: "equipe/families", Data: &familiesPage{}},
		{Name: "equipe/mails", Data: &mailsPage{}},
		{Name: "equipe/messages", Data: &messagesPage{}},
		{Name: "equipe/message", Data: &messagePage{}},
		{Name: "equipe/message_form", Data: &messageFormPage{}},
		{Name: "equipe/texts", Data: &textsPage{}},
		{Name: "equipe/text_form", Data: &textFormPage{}},
		{Name: "equipe/settings", Data: &settingsPage{}},
		{Name: "equipe/people", Data: &peoplePage{}},
		{Name: "equipe/person_form", Data: &personFormPage{}},
		{Name: "equipe/person", Data: &personPage{}},
	}
}

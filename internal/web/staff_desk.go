package web

import "github.com/gin-gonic/gin"

// DeskHead is what every page of the desk begins with.
type DeskHead struct {
	Page
	Tabs *deskMenu
	// Manages is true for those who may change what the page shows; others read.
	Manages bool
}

// deskHead fills what every page of the desk has: its menu, as far as the role opens it, and what has just
// been done.
func (s *Server) deskHead(c *gin.Context, title string) DeskHead {
	actor := s.actor(c)
	head := DeskHead{Page: s.newPage(c, title), Manages: actor.CanManage()}
	head.Section, head.Wide, head.Notice = SectionDesk, true, s.deskNotice(c)
	head.Tabs = s.deskMenu(actor, head.Path)
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
		{Name: "equipe/holiday_changes", Data: &holidayChangesPage{}},
		{Name: "equipe/programme_import", Data: &programmeImportPage{}},
		{Name: "equipe/programme_preview", Data: &programmePreviewPage{}},
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
		{Name: "equipe/family", Data: &deskFamilyPage{}},
		{Name: "equipe/family_book", Data: &familyBookPage{}},
		{Name: "equipe/unproved", Data: &unprovedPage{}},
		{Name: "equipe/booking_move", Data: &deskMovePage{}},
		{Name: "equipe/suspects", Data: &suspectsPage{}},
		{Name: "equipe/merge", Data: &mergePage{}},
		{Name: "equipe/note_drop", Data: &noteDropPage{}},
		{Name: "equipe/note_unkept", Data: &unkeptNotePage{}},
		{Name: "equipe/family_contact", Data: &familyContactPage{}},
		{Name: "equipe/money", Data: &moneyPage{}},
		{Name: "equipe/payer_money", Data: &payerMoneyPage{}},
		{Name: "equipe/receipt", Data: &receiptPage{}},
		{Name: "equipe/money_journal", Data: &moneyJournalPage{}},
		{Name: "equipe/mails", Data: &mailsPage{}},
		{Name: "equipe/messages", Data: &messagesPage{}},
		{Name: "equipe/message", Data: &messagePage{}},
		{Name: "equipe/message_form", Data: &messageFormPage{}},
		{Name: "equipe/texts", Data: &textsPage{}},
		{Name: "equipe/text_form", Data: &textFormPage{}},
		{Name: "equipe/alerts", Data: &alertsPage{}},
		{Name: "equipe/numbers", Data: &numbersPage{}},
		{Name: "equipe/settings", Data: &settingsPage{}},
		{Name: "equipe/pictures", Data: &picturesPage{}},
		{Name: "equipe/picture_drop", Data: &pictureDropPage{}},
		{Name: "equipe/people", Data: &peoplePage{}},
		{Name: "equipe/journal", Data: &journalPage{}},
		{Name: "equipe/person_form", Data: &personFormPage{}},
		{Name: "equipe/person", Data: &personPage{}},
	}
}

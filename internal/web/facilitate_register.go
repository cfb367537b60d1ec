package web

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// registerPage is the register of a session: who is expected, who is here, in one tap each (UX-F1 to F5).
type registerPage struct {
	Page
	Session  ledSession
	Counts   []registerCount
	Children []registerRow
	// Action is where marks are sent. Care tells why health and phones are missing when they are.
	Action           string
	Care             bool
	MayMark, MayLead bool
	Cancelled        bool
	Group            *registerGroup // nil for a public session
}

// registerGroup is whom a private session is for.
type registerGroup struct {
	Who       string // École Les Lucioles, CM1-CM2
	Announced int
	ListHref  string
	CountHref string
}

// registerCount is one figure of the header.
type registerCount struct {
	Count int
	Label string
}

// registerRow is one child.
type registerRow struct {
	Anchor   string // id of the row, to come back to
	WhoField string // the field that names the child in a form, and its value
	Who      int64
	Name     string
	Age      int // 0 for a pupil
	State    Badge
	Here     bool
	// Buttons, by what the state allows; each form has a key of its own, so that all can be used.
	Present, Absent, Undo FormKey
	Undoes                string // the entry that Undo cancels
	// Flags are what must be seen without opening anything.
	Flags     []registerFlag
	Cancelled bool
	Card      *careCard // nil where it is not to be seen
}

// registerFlag is a sign in words and a pictogram.
type registerFlag struct {
	Icon, Label string
	Strong      bool
}

// careCard is what the team must know of a child, one tap away.
type careCard struct {
	Name    string // of the child
	Health  string
	Allergy bool // Health was written by the family
	Leaving string
	PickUp  []string
	Calls   []phoneContact // in the order in which to call
}

// phoneContact is somebody to call.
type phoneContact struct {
	Name, Phone string
	Role        string
	Dial        string // empty when there is nothing to dial
}

func getRegister(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	roster, err := s.Attendance.Roster(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	session := newLedSession(roster.Session, roster.Facilitators)
	page := &registerPage{
		Page: s.facilitatePage(c, s.words.T("attendance.register.title", session.Name)), Session: session, Counts: s.registerCounts(roster.Counts),
		Action: session.Path + "/pointages", Care: roster.Care, MayMark: roster.MayMark, MayLead: roster.MayLead,
		Cancelled: roster.Session.Status == catalog.Cancelled,
	}
	page.MayMark = page.MayMark && !page.Cancelled
	if g := roster.Group; g != nil {
		page.Group = &registerGroup{Who: g.Organisation + ", " + g.Level, Announced: g.Children, ListHref: session.Path + "/classe", CountHref: countPath(id)}
	}
	for _, child := range roster.Children {
		row := s.registerRow(child)
		if roster.Care {
			row.Card = s.careCard(child)
		}
		if page.MayMark {
			s.offerMarks(c, &row, child.State)
		}
		page.Children = append(page.Children, row)
	}
	return s.show(c, http.StatusOK, "animation/register", page)
}

// registerCounts are the figures of the header: who is here of how many always, the others when there are any.
func (s *Server) registerCounts(n attendance.Counts) []registerCount {
	counts := []registerCount{
		{n.Here(), s.words.N("attendance.count.here", n.Here())},
		{n.Booked, s.words.N("attendance.count.booked", n.Booked)},
	}
	for _, more := range []struct {
		count int
		key   string
	}{
		{n.Late, "attendance.count.late"}, {n.Left, "attendance.count.left"},
		{n.Absent, "attendance.count.absent"}, {n.Excused, "attendance.count.excused"},
	} {
		if more.count > 0 {
			counts = append(counts, registerCount{more.count, s.words.N(more.key, more.count)})
		}
	}
	return counts
}

// registerTones are the shapes of the states.
var registerTones = map[attendance.Action]Tone{
	attendance.Expected: ToneWaiting, attendance.Present: ToneDone, attendance.Late: ToneDone,
	attendance.Absent: ToneStopped, attendance.Excused: ToneStopped, attendance.Left: ToneInfo,
}

func (s *Server) registerRow(child attendance.Child) registerRow {
	p := s.words
	row := registerRow{
		Anchor: registerAnchor(child.BookingID), WhoField: "inscription", Who: child.BookingID, Name: child.FirstName + " " + child.LastName, Age: child.Age,
		State: Badge{Tone: registerTones[child.State.Action], Label: s.stateLabel(child.State)},
		Here:  child.State.Action.Here(), Cancelled: child.Cancelled, Undoes: child.State.Key,
	}
	if child.PupilID != 0 {
		row.Anchor, row.WhoField, row.Who, row.Name = pupilAnchor(child.PupilID), "eleve", child.PupilID, child.FirstName
		if child.FirstName == "" {
			row.Name = p.T("class.pupil.erased", child.Position)
		}
		return row
	}
	switch child.Care.Health.State {
	case family.HealthDescribed:
		row.flag("sante", p.T("attendance.flag.health"), true)
	case family.HealthToAsk:
		row.flag("sante", p.T("attendance.flag.health_to_ask"), false)
	}
	switch child.Image {
	case attendance.ImageNo:
		row.flag("photo", p.T("attendance.flag.no_photo"), false)
	case attendance.ImageUnknown:
		row.flag("photo", p.T("attendance.flag.photo_unknown"), false)
	}
	if child.Care.LeavesAlone {
		row.flag("part-seul", p.T("attendance.flag.alone"), false)
	}
	return row
}

func (r *registerRow) flag(icon, label string, strong bool) {
	r.Flags = append(r.Flags, registerFlag{Icon: icon, Label: label, Strong: strong})
}

// stateLabel is a state in words, with its hour where that matters.
func (s *Server) stateLabel(state attendance.State) string {
	if state.Action == attendance.Expected {
		return s.words.T("attendance.state.expected")
	}
	at := state.At
	if state.Action.Here() {
		at = state.Arrived
	}
	return s.words.T("attendance.state."+string(state.Action), s.words.Hour(at))
}

// offerMarks gives a row the keys of the buttons that its state allows.
func (s *Server) offerMarks(c *gin.Context, row *registerRow, state attendance.State) {
	if !state.Action.Came() {
		row.Present = s.newKey(c, "mark")
	}
	if state.Action == attendance.Expected {
		row.Absent = s.newKey(c, "mark")
	} else {
		row.Undo = s.newKey(c, "mark")
	}
}

func (s *Server) careCard(child attendance.Child) *careCard {
	p, care := s.words, child.Care
	card := &careCard{Name: child.FirstName + " " + child.LastName, PickUp: care.PickUp, Leaving: p.T("attendance.leaving.collected")}
	if card.Allergy = care.Health.State == family.HealthDescribed; card.Allergy {
		card.Health = care.Health.Text
	} else {
		card.Health = p.T("attendance.health." + string(care.Health.State))
	}
	if care.LeavesAlone {
		card.Leaving = p.T("attendance.leaving.alone")
	}
	call := func(role string, to attendance.Contact) {
		card.Calls = append(card.Calls, phoneContact{Name: to.Name, Phone: to.Phone, Role: role, Dial: dialled(to.Phone)})
	}
	if care.Emergency != (attendance.Contact{}) {
		call(p.T("attendance.care.emergency"), care.Emergency)
	}
	for _, guardian := range care.Guardians {
		call(p.T("attendance.care.guardian"), guardian)
	}
	return card
}

// dialled is a phone number as a telephone takes it: its digits, with the + of a foreign one.
func dialled(phone string) string {
	number := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, phone)
	if number != "" && strings.HasPrefix(strings.TrimSpace(phone), "+") {
		number = "+" + number
	}
	return number
}

// registerAnchor is the id of a child's row.
func registerAnchor(bookingID int64) string { return "enfant-" + strconv.FormatInt(bookingID, 10) }

// pupilAnchor is the id of the row of a pupil.
func pupilAnchor(pupilID int64) string { return "eleve-" + strconv.FormatInt(pupilID, 10) }

// entryKey names the entry that a form makes. Within one second the greater key wins (attendance.Fold), so it begins with
// the present: of two quick taps the second one counts.
func (s *Server) entryKey(key account.FormKey) string {
	return fmt.Sprintf("%020d-%s", s.config.Now().UnixNano(), key.Nonce)
}

// postMark takes one tap: present, absent, or the undo of what the row says. It leads back to the row.
func postMark(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "mark", form)
	if err != nil {
		return err
	}
	mark, anchor := attendance.NewMark{SessionID: id, PupilID: rowID(form.Get("eleve"))}, ""
	if anchor = pupilAnchor(mark.PupilID); mark.PupilID == 0 {
		mark.BookingID = rowID(form.Get("inscription"))
		anchor = registerAnchor(mark.BookingID)
	}
	ctx, actor := c.Request.Context(), s.actor(c)
	mark.EntryKey = s.entryKey(key)
	switch form.Get("pointage") {
	case "present":
		mark.Action = attendance.Present
		err = s.Attendance.Mark(ctx, actor, key, mark)
	case "absent":
		mark.Action = attendance.Absent
		err = s.Attendance.Mark(ctx, actor, key, mark)
	case "annuler":
		err = s.Attendance.Undo(ctx, actor, key, id, mark.EntryKey, form.Get("entree"))
	default:
		err = fault.New(fault.Invalid, "attendance.error.action")
	}
	if err != nil {
		return err
	}
	return seeOther(c, registerPath(id, "#"+anchor))
}

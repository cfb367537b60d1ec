package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
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
	Standby          standbySection
	Tablet           *registerTablet // nil for who may not mark
	Texts            []tabletText
	// Typed and HereOnly say which of the children are shown, Shown how many that are. Find is true where it pays to ask.
	Typed          string
	HereOnly, Find bool
	Shown          int
	Day            daySection
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
	Undoes                string          // the entry that Undo cancels
	More                  Link            // to the child's own page: to leave, and the rarer marks; empty where it has none
	Family                *registerFamily // at the first of brothers and sisters who are still to come
	Contradiction         *rowContradiction
	Data                  rowData
	Hidden                bool // by a search
	// Flags are what must be seen without opening anything.
	Flags     []registerFlag
	Cancelled bool
	Card      *careCard // nil where it is not to be seen
}

// registerFamily is one button for brothers and sisters.
type registerFamily struct {
	Key    FormKey
	Label  string
	Others []int64 // the bookings
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
	Barred  []string       // whom the child must not leave with
	Calls   []phoneContact // in the order in which to call
}

// phoneContact is somebody to call.
type phoneContact struct {
	Name, Phone string
	Role        string
	Dial        string // empty when there is nothing to dial
}

// findFrom is how many children make a list that is searched rather than read.
const findFrom = 6

func getRegister(s *Server, c *gin.Context) error { return s.showRegister(c, http.StatusOK, nil, nil) }

// showRegister shows the register; form is that of a call to who waits, with what is wrong with it.
func (s *Server) showRegister(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
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
		Cancelled: roster.Session.Status == catalog.Cancelled, Texts: s.tabletTexts(),
	}
	page.MayMark = page.MayMark && !page.Cancelled
	if g := roster.Group; g != nil {
		page.Group = &registerGroup{Who: g.Organisation + ", " + g.Level, Announced: g.Children, ListHref: session.Path + "/classe", CountHref: countPath(id)}
	}
	if page.MayMark {
		page.Tablet = s.newTablet(c, roster)
	}
	page.Typed, page.HereOnly, page.Find = strings.TrimSpace(c.Query("q")), c.Query("ici") != "", len(roster.Children) >= findFrom
	families := siblings(roster.Children)
	for _, child := range roster.Children {
		row := s.registerRow(child)
		if row.Data, err = s.rowData(child, roster.Care); err != nil {
			return err
		}
		if row.Hidden = !finds(page.Typed, child.FirstName+" "+child.LastName) || page.HereOnly && !row.Here; !row.Hidden {
			page.Shown++
		}
		if roster.Care && !child.Erased() {
			row.Card = s.careCard(child)
		}
		if page.MayMark {
			s.offerMarks(c, &row, child)
			s.offerFamily(c, &row, child, families)
			if roster.Care && child.BookingID != 0 {
				row.More = Link{Href: childPath(id, child.BookingID), Label: s.words.T("attendance.more." + moreWord(child.State.Action))}
			}
		}
		page.Children = append(page.Children, row)
	}
	if err := s.addDay(c, page, id, roster); err != nil {
		return err
	}
	if page.Care && !page.Cancelled {
		if err := s.addStandby(c, page, id, form, problem); err != nil {
			return err
		}
	}
	return s.show(c, status, "animation/register", page)
}

// moreWord names what one mostly goes to the child's own page for.
func moreWord(a attendance.Action) string {
	switch {
	case a.Here():
		return "leave"
	case a == attendance.Left:
		return "left"
	}
	return "marks"
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
	if child.Erased() {
		row.Name = p.T("erase.family")
		return row
	}
	switch child.Care.Health.State {
	case family.HealthDescribed:
		row.flag("sante", p.T("attendance.flag.health"), true)
	case family.HealthToAsk:
		row.flag("sante", p.T("attendance.flag.health_to_ask"), false)
	}
	if len(child.Care.Barred) > 0 {
		row.flag("attention", p.T("attendance.flag.barred", child.Care.Barred), true)
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
	label := s.words.T("attendance.state."+string(state.Action), s.words.Hour(at))
	if with := s.takenWords(state.Taken); with != "" {
		label += ", " + with
	}
	return label
}

// offerMarks gives a row the keys of the buttons that its state allows.
func (s *Server) offerMarks(c *gin.Context, row *registerRow, child attendance.Child) {
	state := child.State
	if row.Contradiction = s.contradictionWords(child.Contradiction); row.Contradiction != nil {
		for i := range row.Contradiction.Keep {
			row.Contradiction.Keep[i].Key = s.newKey(c, "mark")
		}
	}
	if !state.Action.Came() {
		row.Present = s.newKey(c, "mark")
	}
	if state.Action == attendance.Expected {
		row.Absent = s.newKey(c, "mark")
	} else {
		row.Undo = s.newKey(c, "mark")
	}
}

// offerFamily gives a row the number of its family, and the first of those who are still to come one button for all.
func (s *Server) offerFamily(c *gin.Context, row *registerRow, child attendance.Child, families [][]attendance.Child) {
	i := slices.IndexFunc(families, func(f []attendance.Child) bool { return f[0].GuardianID == child.GuardianID })
	if i < 0 || child.Erased() {
		return
	}
	row.Data.Family = i + 1
	var names []string
	var bookings []int64
	for _, sibling := range families[i] {
		if !sibling.State.Action.Came() {
			names, bookings = append(names, sibling.FirstName), append(bookings, sibling.BookingID)
		}
	}
	if len(bookings) > 1 && bookings[0] == child.BookingID {
		row.Family = &registerFamily{s.newKey(c, "mark"), s.words.T("attendance.family", names), bookings}
	}
}

func (s *Server) careCard(child attendance.Child) *careCard {
	p, care := s.words, child.Care
	card := &careCard{Name: child.FirstName + " " + child.LastName, PickUp: care.PickUp, Barred: care.Barred, Leaving: p.T("attendance.leaving.collected")}
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

// alike are the marks of brothers and sisters, made with the same tap as that of the first of the bookings.
func alike(first attendance.NewMark, bookings []string) (others []attendance.NewMark) {
	for i, booking := range bookings {
		if i > 0 {
			m := first
			m.BookingID, m.EntryKey = rowID(booking), fmt.Sprintf("%s-%d", first.EntryKey, i)
			others = append(others, m)
		}
	}
	return others
}

// postMark takes one tap: present, absent, a rarer mark, or the undo of what the row says. It leads back to the row.
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
	case "present", "absent", "late", "excused":
		mark.Action = attendance.Action(form.Get("pointage"))
		err = s.Attendance.Mark(ctx, actor, key, mark, alike(mark, form["inscription"])...)
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

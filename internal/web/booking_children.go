package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// BookingHead is what every screen of a booking shows: which session, which step.
type BookingHead struct {
	Page
	Key     FormKey
	Session bookedSession
	Steps   Steps
	Action  string // where the form is sent
	Own     bool   // a guardian who is signed in answers
}

// bookingChildrenPage is screen 1: who takes part.
type bookingChildrenPage struct {
	BookingHead
	Children []childFields
	More     bool // another child fits
	Resumed  bool // answers of an earlier visit are shown
	// Door is where a family that came before finds its children; empty for who is signed in.
	Door string
	// GoOn is the screen where those left off, when this one is answered; else empty.
	GoOn string
}

type childFields struct {
	Legend    string
	FirstName Field
	LastName  Field
	Birth     DateField
	// Remove is the button that takes the child out; nil while there is only one.
	Remove *Button
}

// getBookingChildren shows screen 1.
func getBookingChildren(s *Server, c *gin.Context) error {
	v, done, err := s.visit(c)
	if err != nil {
		return err
	}
	if done != "" {
		return seeOther(c, done)
	}
	if s.actor(c).Kind == account.KindYoung {
		return seeOther(c, screenPath(v.session.ID, screenMyself))
	}
	if s.actor(c).Kind == account.KindGuardian && (v.own || v.key.Version == 0) {
		return seeOther(c, screenPath(v.session.ID, screenOwn))
	}
	return s.showChildren(c, http.StatusOK, v, nil)
}

// postBookingChildren keeps the children, adds or removes one, or goes on.
func postBookingChildren(s *Server, c *gin.Context) error {
	v, done, err := s.visit(c)
	if err != nil {
		return err
	}
	if done != "" {
		return seeOther(c, done)
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if v.own {
		return seeOther(c, screenPath(v.session.ID, screenOwn))
	}
	v.answers.Children = readChildren(form, v.answers.Children)
	if wantsLater(form) {
		return s.saveForLater(c, v)
	}
	path := screenPath(v.session.ID, screenChildren)
	switch children, added, err := moreOrFewer(form.Get("do"), v.answers.Children, sibling); {
	case err != nil:
		return err
	case added:
		path += "#first_name_" + strconv.Itoa(len(children))
		fallthrough
	case len(children) != len(v.answers.Children):
		v.answers.Children = children
	default:
		if wrong := checkChildren(v.answers.Children, s.today(v)); len(wrong) > 0 {
			return s.showChildren(c, http.StatusUnprocessableEntity, v, fault.InvalidFields(wrong))
		}
		path = screenPath(v.session.ID, nextScreen(v, s.today(v)))
		if len(outOfAge(v, s.today(v))) > 0 {
			path = screenPath(v.session.ID, "/age")
		}
	}
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, path)
}

// moreOrFewer does what a button of a form with children says: one more, like the last as far as brothers and sisters are,
// or one fewer. Any other button changes nothing.
func moreOrFewer[T any](do string, children []T, sibling func(T) T) (changed []T, added bool, err error) {
	switch {
	case do == "add" && len(children) < mostChildren:
		return append(children, sibling(children[len(children)-1])), true, nil
	case strings.HasPrefix(do, "remove-") && len(children) > 1:
		n, err := strconv.Atoi(strings.TrimPrefix(do, "remove-"))
		if err != nil || n < 1 || n > len(children) {
			return nil, false, fault.New(fault.Invalid, "web.form_broken")
		}
		return append(children[:n-1:n-1], children[n:]...), false, nil
	}
	return children, false, nil
}

// sibling is what a brother or sister most likely has in common with a child (UX-P2).
func sibling(of childAnswers) childAnswers {
	return childAnswers{LastName: of.LastName, Leaves: of.Leaves, PickupNames: of.PickupNames}
}

// postBookingRestart forgets the answers, to book for other children.
func postBookingRestart(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if token, ok := draftToken(c.Request, s.cookies.draft); ok {
		if err := s.Bookings.DropDraft(c.Request.Context(), hashToken(token), id); err != nil {
			return err
		}
	}
	return seeOther(c, screenPath(id, screenChildren))
}

// readChildren reads the boxes of screen 1; what other screens asked of a child stays.
func readChildren(form url.Values, known []childAnswers) []childAnswers {
	n := 1
	for n < mostChildren && form.Has("first_name_"+strconv.Itoa(n+1)) {
		n++
	}
	children := make([]childAnswers, n)
	for i := range children {
		if i < len(known) {
			children[i] = known[i]
		}
		suffix := "_" + strconv.Itoa(i+1)
		children[i].FirstName = form.Get("first_name" + suffix)
		children[i].LastName = form.Get("last_name" + suffix)
		children[i].Day = form.Get("birth" + suffix + "_day")
		children[i].Month = form.Get("birth" + suffix + "_month")
		children[i].Year = form.Get("birth" + suffix + "_year")
	}
	return children
}

type childForm struct {
	FirstName string `form:"first_name" validate:"first_name"`
	LastName  string `form:"last_name" validate:"last_name"`
}

// checkChildren returns a message per wrong box of screen 1. The same child twice is wrong too.
func checkChildren(children []childAnswers, today time.Time) map[string]fault.Message {
	wrong := map[string]fault.Message{}
	seen := map[string]bool{}
	for i, child := range children {
		suffix := "_" + strconv.Itoa(i+1)
		for name, m := range checkForm(childForm{child.FirstName, child.LastName}) {
			wrong[name+suffix] = m
		}
		birth, m := family.ParseBirthDate(child.Day, child.Month, child.Year, today)
		if m != nil {
			wrong["birth"+suffix] = *m
			continue
		}
		who := family.SortName(child.LastName, child.FirstName) + birth.String()
		if seen[who] {
			wrong["first_name"+suffix] = fault.Message{Key: "booking.child_twice"}
		}
		seen[who] = true
	}
	return wrong
}

func (s *Server) showChildren(c *gin.Context, status int, v bookingVisit, problem *fault.Error) error {
	p := s.words
	page := &bookingChildrenPage{
		BookingHead: s.bookingHead(c, v, p.T("booking.children.title"), 1, screenChildren),
		More:        len(v.answers.Children) < mostChildren,
		Resumed:     problem == nil && v.key.Version > 0,
	}
	if s.actor(c).Kind != account.KindGuardian {
		page.Door = familyDoor + "?" + url.Values{"suite": {s.here(screenPath(v.session.ID, screenOwn))}}.Encode()
	}
	if next := nextScreen(v, s.today(v)); page.Resumed && next != screenChildren {
		page.GoOn = s.to(c, screenPath(v.session.ID, next))
	}
	page.Children = s.childFields(v.answers.Children)
	var controls []control
	for i := range page.Children {
		controls = append(controls, page.Children[i].controls()...)
	}
	if problem != nil {
		for i := range page.Children {
			page.Children[i].markWrong(problem)
		}
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "booking/children", page)
}

// childFields are the boxes for who takes part, as far as they are filled in.
func (s *Server) childFields(children []childAnswers) []childFields {
	p := s.words
	fields := make([]childFields, len(children))
	for i, child := range children {
		n := strconv.Itoa(i + 1)
		f := &fields[i]
		f.FirstName = Field{Name: "first_name_" + n, Label: p.T("booking.first_name"), Value: child.FirstName, Autocomplete: "off", Width: WidthMedium, People: true}
		f.LastName = Field{Name: "last_name_" + n, Label: p.T("booking.last_name"), Value: child.LastName, Autocomplete: "off", People: true}
		f.Birth = DateField{Name: "birth_" + n, Legend: p.T("booking.birth"), Hint: p.T("booking.birth.hint"), Day: child.Day, Month: child.Month, Year: child.Year}
		f.Legend = p.T("booking.child_n", i+1)
		if len(children) == 1 {
			f.Legend = p.T("booking.child_one")
		} else {
			f.Remove = &Button{Label: p.T("booking.remove", nameOr(child.FirstName, f.Legend)), Kind: ButtonQuiet, Name: "do", Value: "remove-" + n}
		}
	}
	return fields
}

func (f *childFields) controls() []control { return []control{&f.FirstName, &f.LastName, &f.Birth} }

// markWrong marks the boxes of the birth date that a problem is about.
func (f *childFields) markWrong(problem *fault.Error) {
	f.Birth.markWrong(problem.Fields[f.Birth.Name])
}

// markWrong marks the boxes that a message about a birth date is about; none marks all three.
func (d *DateField) markWrong(m fault.Message) {
	switch m.Key {
	case "family.birth_incomplete":
		d.WrongDay, d.WrongMonth, d.WrongYear = strings.TrimSpace(d.Day) == "", strings.TrimSpace(d.Month) == "", strings.TrimSpace(d.Year) == ""
	case "family.birth_month":
		d.WrongMonth = true
	case "family.birth_year":
		d.WrongYear = true
	}
}

func nameOr(name, fallback string) string {
	if strings.TrimSpace(name) == "" {
		return fallback
	}
	return name
}

// bookingHead fills what the screens share.
func (s *Server) bookingHead(c *gin.Context, v bookingVisit, title string, step int, screen string) BookingHead {
	page := s.newPage(c, title)
	page.Section = SectionSessions
	head := BookingHead{
		Page: page, Session: newBookedSession(v.session), Steps: Steps{Current: step, Total: 4},
		Action: screenPath(v.session.ID, screen), Key: s.newKey(c, "booking"), Own: v.own,
	}
	switch {
	case v.self(s.today(v)): // health and departure are for a guardian to say
		head.Steps = Steps{Current: max(1, step-1), Total: 3}
	case v.own && screen == screenCheck:
		head.Steps = Steps{Current: 2, Total: 2}
	case v.own:
		head.Steps = Steps{} // a question that was left: who has answered all never comes here
	}
	return head
}

// bookingAgePage says that a child is outside the ages of the session, and what fits.
type bookingAgePage struct {
	Page
	Session bookedSession
	Back    string
	Names   []string
	MinAge  int
	MaxAge  int
	Fitting []SessionCard // for all who are named
}

// mostFitting is how many other sessions are proposed at once.
const mostFitting = 6

// getBookingAge shows sessions that fit the age of the children, since eligibility is no error of typing.
func getBookingAge(s *Server, c *gin.Context) error {
	v, done, err := s.visit(c)
	if err != nil {
		return err
	}
	if done != "" {
		return seeOther(c, done)
	}
	today := s.today(v)
	out := outOfAge(v, today)
	if len(out) == 0 {
		return seeOther(c, screenPath(v.session.ID, nextScreen(v, today)))
	}
	page := &bookingAgePage{
		Page: s.newPage(c, s.words.N("booking.age.title", len(out))), Session: newBookedSession(v.session),
		Back: screenPath(v.session.ID, screenChildren), MinAge: v.session.MinAge, MaxAge: v.session.MaxAge,
	}
	coming, err := s.Catalog.Coming(c.Request.Context())
	if err != nil {
		return err
	}
	births := make([]time.Time, len(out))
	for i, child := range out {
		page.Names = append(page.Names, child.FirstName)
		births[i], _ = family.ParseBirthDate(child.Day, child.Month, child.Year, today)
	}
	for _, session := range coming {
		tooYoungOrOld := func(birth time.Time) bool {
			age := family.AgeOn(birth, session.StartsAt)
			return age < session.Workshop.MinAge || age > session.Workshop.MaxAge
		}
		if len(page.Fitting) == mostFitting || session.Availability(today) != catalog.Open || slices.ContainsFunc(births, tooYoungOrOld) {
			continue
		}
		page.Fitting = append(page.Fitting, s.sessionCard(session, today))
	}
	return s.show(c, http.StatusOK, "booking/age", page)
}

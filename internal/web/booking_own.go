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
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// screenOwn is the first screen of a guardian who is signed in: tick who comes, then check, then it is booked (UX-P3).
const screenOwn = "/famille"

// bookingOwnPage asks which of the children come, and to which sessions of the series.
type bookingOwnPage struct {
	BookingHead
	Children *Choices // nil where none can be ticked
	There    []thereLine
	OutOfAge string // who is too young or too old on that day, and for what ages it is; empty for nobody
	// New are the boxes for a child who never came; nil until it is asked for.
	New    *childFields
	Series *Choices // the other sessions of the series; nil for a session that stands alone
	GoOn   string   // the screen where the answers left off; empty where there are none
	Name   string   // of the guardian
}

// thereLine says that a child is in the session already (UX-P17).
type thereLine struct {
	Text string
	Href string // the booking; empty where another guardian made it
}

// newChildName is how a form says that it holds a child who never came.
const newChildName = "nouveau"

func getBookingOwn(s *Server, c *gin.Context) error {
	v, done, err := s.visit(c)
	if err != nil {
		return err
	}
	if done != "" {
		return seeOther(c, done)
	}
	return s.showOwn(c, http.StatusOK, v, nil, nil)
}

// postBookingOwn makes answers of what was ticked and of what the family said before, and leads to the first question that is
// left: the check page where there is none.
func postBookingOwn(s *Server, c *gin.Context) error {
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
	if form.Get("do") == "add" {
		form.Set(newChildName, "1")
		return s.showOwn(c, http.StatusOK, v, form, nil)
	}
	record, err := s.ownFamily(c)
	if err != nil {
		return err
	}
	a := v.answers
	a.Children, a.Also = nil, nil
	for _, child := range record.Children {
		if slices.Contains(form["enfant"], idText(child.ID)) {
			a.Children = append(a.Children, child.answers(v.answers.Children))
		}
	}
	wrong := map[string]fault.Message{}
	if form.Has(newChildName) {
		child := readChildren(form, nil)[0]
		for name, m := range checkChildren([]childAnswers{child}, s.today(v)) {
			wrong[name] = m
		}
		a.Children = append(a.Children, child)
	}
	for _, m := range checkChildren(a.Children, s.today(v)) {
		switch {
		case m.Key != "booking.child_twice":
		case form.Has(newChildName):
			wrong["first_name_1"] = m
		default:
			wrong["enfant"] = m
		}
	}
	switch {
	case len(a.Children) == 0:
		wrong["enfant"] = fault.Message{Key: "rebook.own.nobody"}
	case len(a.Children) > mostChildren:
		wrong["enfant"] = fault.Message{Key: "rebook.own.many", Args: []any{mostChildren}}
	}
	if len(wrong) > 0 {
		return s.showOwn(c, http.StatusUnprocessableEntity, v, form, fault.InvalidFields(wrong))
	}
	if !v.own {
		a.Contact = record.contact()
	}
	mates, err := s.Bookings.SeriesMates(c.Request.Context(), v.session.ID)
	if err != nil {
		return err
	}
	for _, mate := range mates {
		if slices.Contains(form["seance"], idText(mate.Session.ID)) {
			a.Also = append(a.Also, mate.Session.ID)
		}
	}
	a.Base = record.base(a)
	v.answers, v.own = a, true
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	if len(outOfAge(v, s.today(v))) > 0 {
		return seeOther(c, screenPath(v.session.ID, "/age"))
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, s.today(v))))
}

func (s *Server) showOwn(c *gin.Context, status int, v bookingVisit, form url.Values, problem *fault.Error) error {
	p := s.printer(c)
	record, err := s.ownFamily(c)
	if err != nil {
		return err
	}
	there, err := s.Bookings.OwnThere(c.Request.Context(), s.actor(c), v.session.ID)
	if err != nil {
		return err
	}
	page := &bookingOwnPage{BookingHead: s.bookingHead(c, v, p.T("rebook.own.title"), 1, screenOwn), Name: record.Guardian.Name}
	page.Steps = Steps{Current: 1, Total: 2}
	var ticked []string
	for _, child := range v.answers.Children {
		ticked = append(ticked, idText(child.ID))
	}
	if form != nil {
		ticked = form["enfant"]
	}
	children := Choices{Name: "enfant", Legend: p.T("rebook.own.who"), Many: true}
	var out []string
	for _, child := range record.Children {
		i := slices.IndexFunc(there, func(t booking.ChildThere) bool { return t.ChildID == child.ID })
		age := family.AgeOn(child.Birth, v.session.StartsAt)
		switch {
		case i >= 0:
			line := thereLine{Text: p.T("rebook.own.there", child.FirstName)}
			if there[i].Link != (booking.Link{}) {
				line.Href = bookingPath(there[i].Link)
			}
			page.There = append(page.There, line)
		case age < v.session.MinAge || age > v.session.MaxAge:
			out = append(out, child.FirstName)
		default:
			children.Options = append(children.Options, Option{Value: idText(child.ID), Label: child.FirstName + " " + child.LastName,
				Hint: p.Age(age), Chosen: slices.Contains(ticked, idText(child.ID))})
		}
	}
	if len(children.Options) == 1 && form == nil {
		children.Options[0].Chosen = true
	}
	var controls []control
	if len(children.Options) > 0 {
		page.Children = &children
	}
	if len(out) > 0 {
		page.OutOfAge = p.N("rebook.own.age", len(out), out, v.session.MinAge, v.session.MaxAge)
	}
	if form.Has(newChildName) || len(children.Options) == 0 && len(page.There) == 0 {
		fields := s.childFields(readChildren(form, nil))[0]
		fields.Legend = p.T("rebook.own.new")
		page.New = &fields
	}
	controls = append(controls, &children)
	if page.New != nil {
		controls = append(controls, page.New.controls()...)
	}
	if err := s.addSeries(c, page, v, form); err != nil {
		return err
	}
	if next := nextScreen(v, s.today(v)); v.own && next != screenChildren && problem == nil {
		page.GoOn = screenPath(v.session.ID, next)
	}
	if problem != nil {
		if page.New != nil {
			page.New.markWrong(problem)
		}
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "booking/own", page)
}

// addSeries offers the other sessions of the series, each with how it stands.
func (s *Server) addSeries(c *gin.Context, page *bookingOwnPage, v bookingVisit, form url.Values) error {
	mates, err := s.Bookings.SeriesMates(c.Request.Context(), v.session.ID)
	if err != nil || len(mates) == 0 {
		return err
	}
	p := s.printer(c)
	page.Series = &Choices{Name: "seance", Legend: p.T("rebook.own.series"), Hint: p.T("rebook.own.series.hint"), Many: true, Optional: true}
	for _, mate := range mates {
		places := p.N("booking.second.free", mate.Open)
		if mate.Open == 0 {
			places = p.T("rebook.own.full")
		}
		chosen := slices.Contains(v.answers.Also, mate.Session.ID)
		if form != nil {
			chosen = slices.Contains(form["seance"], idText(mate.Session.ID))
		}
		page.Series.Options = append(page.Series.Options, Option{Value: idText(mate.Session.ID), Chosen: chosen,
			Label: p.T("mail.day_hour", p.Day(mate.Session.StartsAt), p.Hour(mate.Session.StartsAt)), Hint: places})
	}
	return nil
}

// ownFamily is what the guardian who is signed in said before, as a booking asks it.
type ownFamily struct {
	Guardian family.NewGuardian
	Children []ownChild
}

// ownChild is a child of it.
type ownChild struct {
	ID                  int64
	FirstName, LastName string
	Birth               time.Time
	HealthKnown         bool // not to be asked
	LeavesSaid          bool // it was said how the child leaves
	LeavesAlone         bool
	Pickups             []string
	Image               family.Answer // empty where it is to be asked
}

// answers is the child as the screens of a booking have it; what was answered in this booking already stays.
func (o ownChild) answers(given []childAnswers) childAnswers {
	if i := slices.IndexFunc(given, func(a childAnswers) bool { return a.ID == o.ID }); i >= 0 {
		return given[i]
	}
	a := childAnswers{ID: o.ID, FirstName: o.FirstName, LastName: o.LastName, Day: strconv.Itoa(o.Birth.Day()),
		Month: strconv.Itoa(int(o.Birth.Month())), Year: strconv.Itoa(o.Birth.Year()), Image: string(o.Image)}
	if o.HealthKnown {
		a.Known, a.Health = true, healthKnown
	}
	switch {
	case o.LeavesAlone:
		a.Leaves = "alone"
	case len(o.Pickups) > 0:
		a.Leaves, a.PickupNames = "other", strings.Join(o.Pickups, ", ")
	case o.LeavesSaid:
		a.Leaves = "me"
	}
	return a
}

// base is what the record says of the children of a, and of the guardian.
func (o ownFamily) base(a answers) *answers {
	base := &answers{Contact: o.contact()}
	for _, child := range a.Children {
		if i := slices.IndexFunc(o.Children, func(known ownChild) bool { return child.ID != 0 && known.ID == child.ID }); i >= 0 {
			base.Children = append(base.Children, o.Children[i].answers(nil))
		}
	}
	return base
}

// renew brings answers that were taken from the record up to date with it: a day may lie between two screens, and a consent that was
// withdrawn meanwhile, in another tab or by the other guardian, must not come back by a form that says nothing of it. What was
// answered in this booking stays.
func (o ownFamily) renew(a *answers) {
	now := o.base(*a)
	same := func(answer *string, was, is string) {
		if *answer == was {
			*answer = is
		}
	}
	for i := range a.Children {
		child := &a.Children[i]
		of := func(list []childAnswers) int {
			return slices.IndexFunc(list, func(other childAnswers) bool { return child.ID != 0 && other.ID == child.ID })
		}
		w, k := of(a.Base.Children), of(now.Children)
		if w < 0 || k < 0 {
			continue
		}
		was, is := a.Base.Children[w], now.Children[k]
		same(&child.Image, was.Image, is.Image)
		if child.Leaves == was.Leaves && child.PickupNames == was.PickupNames {
			child.Leaves, child.PickupNames = is.Leaves, is.PickupNames
		}
		child.Known = is.Known
		switch {
		case child.Health == was.Health, child.Health == healthKnown:
			child.Health = is.Health
		case is.Known && !was.Known && child.Health != "yes": // described meanwhile: an answer of before takes nothing away
			child.Health = healthKnown
		}
	}
	is, was, contact := now.Contact, a.Base.Contact, &a.Contact
	same(&contact.Name, was.Name, is.Name)
	same(&contact.Email, was.Email, is.Email)
	same(&contact.Phone, was.Phone, is.Phone)
	same(&contact.Language, was.Language, is.Language)
	if contact.Emergency == was.Emergency && contact.EmergencyName == was.EmergencyName && contact.EmergencyPhone == was.EmergencyPhone {
		contact.Emergency, contact.EmergencyName, contact.EmergencyPhone = is.Emergency, is.EmergencyName, is.EmergencyPhone
	}
	a.Base = now
}

// contact is how to reach the guardian, as the screens of a booking have it.
func (o ownFamily) contact() contactAnswers {
	g := o.Guardian
	a := contactAnswers{Name: g.Name, Email: g.Email, Phone: g.Phone, Emergency: "me", Language: g.Language}
	if g.EmergencyName != "" {
		a.Emergency, a.EmergencyName, a.EmergencyPhone = "other", g.EmergencyName, g.EmergencyPhone
	}
	if g.Name == g.Email {
		a.Name = "" // an address that nobody has named yet
	}
	return a
}

// bookOwn takes the seats of a guardian who is signed in: the last POST of postBookingCheck. It returns the path that shows them.
func (s *Server) bookOwn(c *gin.Context, key account.FormKey, v bookingVisit, form url.Values) (path string, err error) {
	guest := bookingRequest(v, form, s.today(v))
	req := booking.OwnRequest{Guardian: guest.Guardian, Draft: v.key,
		Sessions: []booking.OwnSession{{SessionID: v.session.ID, IfFull: guest.IfFull, Together: guest.Together, Unasked: guest.Unasked, SeatCents: guest.SeatCents}}}
	for i, child := range v.answers.Children {
		guest.Children[i].Image = family.Answer(child.Image) // what was not asked is not answered
		req.Children = append(req.Children, booking.OwnChild{ID: child.ID, New: guest.Children[i], HealthKnown: child.Health == healthKnown})
	}
	also, err := s.alsoSessions(c, v, form)
	if err != nil {
		return "", err
	}
	for _, one := range also {
		if one.Note != "" {
			continue
		}
		switch answer := form.Get(fullName(one.Session.ID)); answer {
		case "skip":
		case "together":
			req.Sessions = append(req.Sessions, booking.OwnSession{SessionID: one.Session.ID, IfFull: booking.Wait, Together: true, SeatCents: one.chosen(guest.SeatCents)})
		default:
			req.Sessions = append(req.Sessions, booking.OwnSession{SessionID: one.Session.ID, IfFull: booking.IfFull(answer), SeatCents: one.chosen(guest.SeatCents)})
		}
	}
	references, err := s.Bookings.BookOwn(c.Request.Context(), s.actor(c), key, req)
	switch {
	case err != nil:
		return "", err
	case len(req.Sessions) > 1, references[0] == booking.Repeated: // the space shows what another guardian booked as well
		return familyStart, nil
	}
	return bookingPath(booking.OwnLink(s.actor(c), references[0])), nil
}

// fullName names the question what to do about a session of the series that has too few seats.
func fullName(sessionID int64) string { return "if_full_" + idText(sessionID) }

// alsoSession is one more session of the series on the check page.
type alsoSession struct {
	Session  bookedSession
	Question *Choices // nil where all have a seat
	Note     string   // who is not of its ages, so that it is left out; else empty

	missing int // children who are not there yet
	session booking.Session
}

// chosen is what was chosen for a seat as far as this session lets that be; what it suggests otherwise.
func (a alsoSession) chosen(cents *int) *int {
	if cents == nil || a.session.Pricing.Choice(*cents) != nil {
		return nil
	}
	return cents
}

// alsoSessions are the other sessions that are booked at once, and what is to be asked of those with too few seats: nobody is put on a
// list unasked (UX-P2). A session that cannot be booked any more is left out.
func (s *Server) alsoSessions(c *gin.Context, v bookingVisit, form url.Values) (list []alsoSession, err error) {
	if !v.own || len(v.answers.Also) == 0 {
		return nil, nil
	}
	mates, err := s.Bookings.SeriesMates(c.Request.Context(), v.session.ID)
	if err != nil {
		return nil, err
	}
	p := s.printer(c)
	for _, mate := range mates {
		if !slices.Contains(v.answers.Also, mate.Session.ID) {
			continue
		}
		missing, err := s.notThere(c, mate.Session.ID, v.answers.Children)
		if err != nil {
			return nil, err
		}
		if missing == 0 {
			continue
		}
		one := alsoSession{Session: newBookedSession(mate.Session), missing: missing, session: mate.Session}
		var out []string
		for _, child := range outOfAge(bookingVisit{session: mate.Session, answers: v.answers}, s.today(v)) {
			out = append(out, child.FirstName)
		}
		if len(out) > 0 {
			one.Note = p.N("rebook.own.age", len(out), out, mate.Session.MinAge, mate.Session.MaxAge)
		} else if mate.Open < missing {
			q := &Choices{}
			switch {
			case mate.Session.ListClosed:
			case missing > 1:
				q = s.waitQuestion(missing, mate.Open, "")
			default:
				q.Options = []Option{{Value: "wait", Label: p.T("rebook.own.wait")}}
			}
			q.Name, q.Legend = fullName(mate.Session.ID), p.T("rebook.own.short", p.Day(mate.Session.StartsAt))
			q.Options = choose(append(q.Options, Option{Value: "skip", Label: p.T("rebook.own.skip")}), form.Get(q.Name))
			one.Question = q
		}
		list = append(list, one)
	}
	return list, nil
}

// notThere is how many of the children are not in a session yet.
func (s *Server) notThere(c *gin.Context, sessionID int64, children []childAnswers) (n int, err error) {
	there, err := s.Bookings.OwnThere(c.Request.Context(), s.actor(c), sessionID)
	for _, child := range children {
		if !slices.ContainsFunc(there, func(t booking.ChildThere) bool { return t.ChildID == child.ID }) {
			n++
		}
	}
	return n, err
}

// unasked is a message per session of the series with too few seats, and no answer to what then.
func (s *Server) unasked(c *gin.Context, v bookingVisit, form url.Values) (wrong map[string]fault.Message, err error) {
	also, err := s.alsoSessions(c, v, form)
	wrong = map[string]fault.Message{}
	for _, one := range also {
		if one.Question != nil && form.Get(one.Question.Name) == "" {
			wrong[one.Question.Name] = fault.Message{Key: "booking.wait.missing"}
		}
	}
	return wrong, err
}

// totalWords says what all sessions cost together, as far as there are seats; it is empty where there are none. A place in the whole series
// is paid for as many children as are fresh in it.
func (s *Server) totalWords(v bookingVisit, also []alsoSession, fresh int) string {
	p := s.words
	var cents, sessions, costing, series, places, online int
	chosen := v.session.Pricing.Way == catalog.Chosen
	add := func(session booking.Session, seated int) {
		if seated <= 0 {
			return
		}
		sessions++
		if !session.Pricing.Free(session.PriceCents) {
			costing++
			if session.PaymentURL != "" {
				online++
			}
		}
		chosen = chosen || session.Pricing.Way == catalog.Chosen
		if session.Pricing.Way == catalog.PerSeries { // once for each child, in whichever of its sessions there is a seat
			series, places = session.PriceCents, max(places, min(seated, fresh))
			return
		}
		cents += seated * session.PriceCents
	}
	add(v.session, min(len(v.answers.Children), v.open))
	for _, one := range also {
		if one.Question == nil && one.Note == "" {
			add(one.session, one.missing)
		}
	}
	cents += series * places
	// How it is paid is said where that is the same for all of them.
	how := p.T("price.how.each")
	switch online {
	case 0:
		how = p.T("price.how.spot")
	case costing:
		how = p.T("price.how.link")
	}
	switch {
	case sessions == 0:
		return ""
	case chosen:
		return p.N("price.choice.sessions", sessions, how)
	case places > 0:
		return p.N("price.series.sessions", sessions, p.Money(cents), how)
	case series > 0 && cents == 0:
		return p.T("money.series.held")
	case cents == 0:
		return p.T("booking.price.free")
	}
	return p.N("rebook.own.total", sessions, p.Money(cents), how)
}

// ownFamily reads what the guardian who is signed in said before.
func (s *Server) ownFamily(c *gin.Context) (o ownFamily, err error) {
	space, err := s.Families.Space(c.Request.Context(), s.actor(c))
	if err != nil {
		return o, err
	}
	o.Guardian = family.NewGuardian(space.Guardian)
	for _, child := range space.Children {
		asked := child.Ask()
		one := ownChild{
			ID: child.ID, FirstName: child.FirstName, LastName: child.LastName, Birth: child.Birth, Pickups: child.Pickups,
			HealthKnown: child.Health.State != family.HealthToAsk && !slices.Contains(asked, family.HealthText),
			LeavesSaid:  child.Last[family.LeaveAlone].Answer != "", LeavesAlone: child.Answer(family.LeaveAlone) == family.Yes,
		}
		if slices.Contains(asked, family.LeaveAlone) {
			one.LeavesSaid, one.LeavesAlone, one.Pickups = false, false, nil
		}
		if !slices.Contains(asked, family.Image) {
			one.Image = child.Last[family.Image].Answer
		}
		o.Children = append(o.Children, one)
	}
	return o, nil
}

package web

import (
	"cmp"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// phonePage is where the team books for a family that calls, on one screen.
type phonePage struct {
	DeskHead
	Session  bookedSession
	Ages     string
	Seats    string       // how many there are for who calls now
	Known    string       // finds the record of a family; empty once it is found
	Family   *phoneFamily // of whom the team has a record; Name to Language are asked of others
	Early    string       // why the public cannot book now; empty when it can
	Children []phoneFields
	More     bool
	Name     Field
	Phone    Field
	Email    Field
	Language Choices
	// Reserved is asked while seats are kept for a partner; nil for nearly all sessions.
	Reserved *Choices
	// IfFull is asked where there are fewer seats than children.
	IfFull       *Choices
	Unasked      *Choices
	Reason       *Field // where something is beyond the rules
	Action, Back string
	Key          FormKey
}

// phoneFields are the boxes for one child.
type phoneFields struct {
	childFields
	phoneHealth
	Leaves  Choices
	Pickups Field
}

// phoneChild is what was said of a child. Nothing of it is kept before the booking.
type phoneChild struct {
	childAnswers
	Text    string
	Consent string
}

// healthLater is the answer that is chosen already: the team asks before the session.
const healthLater = "later"

// Answers of booking.IfFull as the form names them; together is Wait for all seats or none.
const ifFullTogether = "together"

func phonePath(sessionID int64) string { return deskSessionPath(sessionID) + "/inscrire" }

func getPhone(s *Server, c *gin.Context) error {
	form, children := url.Values{}, []phoneChild{{}}
	if known := c.Query(knownField); known != "" {
		form.Set(knownField, known)
		children = nil
	}
	err := s.showPhone(c, http.StatusOK, form, children, nil)
	if fault.KindOf(err) == fault.NotFound && form.Has(knownField) {
		return s.followCaller(c, rowID(form.Get(knownField)), err)
	}
	return err
}

// followCaller leads to the form for the record that stays where one joined another; err is why there is none for the first.
func (s *Server) followCaller(c *gin.Context, guardianID int64, err error) error {
	id, wrong := pathID(c, "id")
	if wrong != nil {
		return err
	}
	into, wrong := s.Families.Joined(c.Request.Context(), s.actor(c), guardianID)
	if wrong != nil || into == 0 {
		return cmp.Or(wrong, err)
	}
	return seeOther(c, knownPhonePath(id, into)+"&fait=deja-reunie")
}

// postPhone adds or takes away a child, or books.
func postPhone(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	children := readPhoneChildren(form)
	if form.Get("do") == "contact" && form.Has(knownField) {
		err := s.showContactOf(c, http.StatusOK, rowID(form.Get(knownField)), callFields(id, form), nil)
		if fault.KindOf(err) == fault.NotFound {
			return s.showUnbooked(c, form, children)
		}
		return err
	}
	changed, added, err := morePhoneChildren(form, children)
	if err != nil {
		return err
	}
	if added || len(changed) != len(children) {
		return s.showPhone(c, http.StatusOK, form, changed, nil)
	}
	err = s.submit(c, deskForm{
		purpose: "booking-phone",
		read:    func(*gin.Context) (url.Values, error) { return form, nil },
		do: func(form url.Values, key account.FormKey) (string, error) {
			reference, err := s.bookByPhone(c, key, id, form, children)
			return deskBookingPath(reference) + "?fait=inscrite", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPhone(c, status, form, children, problem)
		},
		made: deskBookingPath,
	})
	if fault.KindOf(err) == fault.NotFound && form.Has(knownField) {
		return s.showUnbooked(c, form, children)
	}
	return err
}

// morePhoneChildren is moreOrFewer; a family that the team knows may come without a new child.
func morePhoneChildren(form url.Values, children []phoneChild) (changed []phoneChild, added bool, err error) {
	do := form.Get("do")
	switch {
	case do == "add" && len(children) == 0:
		return []phoneChild{{}}, true, nil
	case do == "remove-1" && len(children) == 1 && form.Has(knownField):
		return nil, false, nil
	case len(children) == 0:
		return nil, false, nil
	}
	return moreOrFewer(do, children, func(of phoneChild) phoneChild { return phoneChild{childAnswers: sibling(of.childAnswers)} })
}

// readPhoneChildren reads the boxes of the children who have no record yet.
func readPhoneChildren(form url.Values) []phoneChild {
	if form.Has(knownField) && !form.Has("first_name_1") {
		return nil
	}
	answers := readChildren(form, nil)
	children := make([]phoneChild, len(answers))
	for i, a := range answers {
		suffix := "_" + strconv.Itoa(i+1)
		a.Health, a.Leaves, a.PickupNames = form.Get("health"+suffix), form.Get("leaves"+suffix), form.Get("pickup_names"+suffix)
		children[i] = phoneChild{a, form.Get(healthName("health_text", i)), form.Get(healthName("health_consent", i))}
	}
	return children
}

type phoneForm struct {
	Name     string `form:"name" validate:"full_name"`
	Phone    string `form:"phone" validate:"phone"`
	Email    string `form:"email" validate:"omitempty,mailbox"`
	Language string `form:"language" validate:"language"`
}

// checkPhone returns a message per wrong box.
func checkPhone(form url.Values, children []phoneChild, today time.Time) map[string]fault.Message {
	wrong := checkForm(phoneForm{form.Get("name"), form.Get("phone"), strings.TrimSpace(form.Get("email")), form.Get("language")})
	if wrong == nil {
		wrong = map[string]fault.Message{}
	}
	maps.Copy(wrong, checkPhoneChildren(children, today))
	return wrong
}

// checkPhoneChildren returns a message per wrong box about a child who has no record yet.
func checkPhoneChildren(children []phoneChild, today time.Time) map[string]fault.Message {
	wrong := map[string]fault.Message{}
	answers := make([]childAnswers, len(children))
	for i, child := range children {
		answers[i] = child.childAnswers
	}
	for name, m := range checkChildren(answers, today) {
		wrong[name] = m
	}
	for i, child := range children {
		suffix := "_" + strconv.Itoa(i+1)
		checkPhoneHealth(wrong, suffix, child)
		child.Health = "no" // what is wrong with it was said
		for name, m := range checkForm(careOf(child.childAnswers)) {
			wrong[name+suffix] = m
		}
	}
	return wrong
}

// checkPhoneHealth adds what is wrong with what was said of the health of a child, in the boxes whose names end in suffix.
func checkPhoneHealth(wrong map[string]fault.Message, suffix string, child phoneChild) {
	text := strings.TrimSpace(child.Text)
	switch described := child.Health == "yes"; {
	case child.Health != "no" && child.Health != "unsaid" && child.Health != healthLater && !described:
		wrong["health"+suffix] = fault.Message{Key: "staff_phone.health.missing"}
	case described && text == "":
		wrong["health_text"+suffix] = fault.Message{Key: "staff_phone.health.text.missing"}
	case described && len([]rune(text)) > maxHealth:
		wrong["health_text"+suffix] = fault.Message{Key: "booking.health.long", Args: []any{maxHealth}}
	case described && child.Consent != "yes":
		wrong["health_consent"+suffix] = fault.Message{Key: "staff_phone.health.consent.missing"}
	}
}

// bookByPhone books what was typed, once it is right.
func (s *Server) bookByPhone(c *gin.Context, key account.FormKey, id int64, form url.Values, children []phoneChild) (string, error) {
	ctx := c.Request.Context()
	session, _, err := s.Bookings.AvailableFor(ctx, s.actor(c), id)
	if err != nil {
		return "", err
	}
	today := s.config.Now().In(session.StartsAt.Location())
	reason, err := readReason(form)
	if err != nil {
		return "", err
	}
	r := booking.Request{SessionID: id, IfFull: booking.IfFull(form.Get("if_full")), Unasked: form.Get("unasked") == "yes"}
	if r.IfFull == ifFullTogether {
		r.IfFull, r.Together = booking.Wait, true
	}
	if form.Get("reserved") == "yes" {
		r.IfFull = booking.Reserved
	}
	if form.Has(knownField) {
		known, err := s.knownRequest(c, r, form, children, today)
		if err != nil {
			return "", err
		}
		reference, err := s.Bookings.BookKnown(ctx, s.actor(c), key, known, reason)
		return reference, phoneFault(err)
	}
	if wrong := checkPhone(form, children, today); len(wrong) > 0 {
		return "", fault.InvalidFields(wrong)
	}
	r.Guardian.Name, _ = family.ParseName(form.Get("name"))
	r.Guardian.Phone, _ = family.ParsePhone(form.Get("phone"))
	if email := strings.TrimSpace(form.Get("email")); email != "" {
		r.Guardian.Email, _ = family.ParseEmail(email)
	}
	r.Guardian.Language = form.Get("language")
	for _, child := range children {
		r.Children = append(r.Children, newChild(child.childAnswers, child.Text, today))
	}
	reference, err := s.Bookings.BookFor(ctx, s.actor(c), key, r, reason)
	return reference, phoneFault(err)
}

// phoneFault tells beside its box what has to be chosen first.
func phoneFault(err error) error {
	if fault.Is(err, fault.Conflict, "booking.full") || fault.Is(err, fault.Conflict, "booking.some_places") {
		return fault.InvalidFields(map[string]fault.Message{"if_full": {Key: "staff_phone.if_full.missing"}})
	}
	if fault.Is(err, fault.Conflict, "booking.reserved_few") {
		f, _ := fault.As(err)
		return fault.InvalidFields(map[string]fault.Message{"reserved": f.Message})
	}
	return err
}

func (s *Server) showPhone(c *gin.Context, status int, form url.Values, children []phoneChild, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.showPhoneOf(c, status, id, form, children, problem)
}

// showPhoneOf shows the form that books in a session.
func (s *Server) showPhoneOf(c *gin.Context, status int, id int64, form url.Values, children []phoneChild, problem *fault.Error) error {
	session, open, err := s.Bookings.AvailableFor(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p, path := s.words, phonePath(id)
	page := &phonePage{
		DeskHead: s.deskHead(c, p.T("staff_phone.title")), Session: newBookedSession(session), Ages: p.T("ui.ages", session.MinAge, session.MaxAge),
		Seats: p.N("staff_phone.seats", open), More: len(children) < mostChildren, Children: s.phoneFields(children), Known: searchForPath(id),
		Name:     Field{Name: "name", Label: p.T("staff_phone.name"), Value: form.Get("name"), Autocomplete: "off", People: true},
		Phone:    Field{Name: "phone", Label: p.T("staff_phone.phone"), Value: form.Get("phone"), Type: "tel", Autocomplete: "off", Width: WidthMedium},
		Email:    Field{Name: "email", Label: p.T("staff_phone.email"), Hint: p.T("staff_phone.email.hint"), Value: form.Get("email"), Type: "email", Autocomplete: "off", NoSpellcheck: true, Optional: true},
		Language: Choices{Name: "language", Legend: p.T("staff_phone.language"), Options: choose(languageOptions(), typedOr(form, "language", "fr"))},
		Action:   path, Back: deskSessionPath(id), Key: s.newKey(c, "booking-phone"),
	}
	if form.Has(correctedField) {
		page.Notice = &Notice{Tone: ToneDone, Title: p.T("desk_family.contact.done")}
	}
	if session.Waiting > 0 {
		page.Seats = p.N("staff_phone.seats.waiting", session.Waiting, p.N("staff_phone.seats", open))
	}
	if f, ok := fault.As(session.Bookable(s.config.Now())); ok {
		page.Early = p.Message(f.Message)
	}
	controls, coming := page.childControls(), len(children)
	if form.Has(knownField) {
		kids, n, err := s.addKnown(c, page, session, rowID(form.Get(knownField)), form)
		if err != nil {
			return err
		}
		controls, coming, page.Known = append(kids, controls...), max(1, coming+n), ""
		page.nameNew(s)
	} else {
		controls = append(controls, &page.Name, &page.Phone, &page.Email, &page.Language)
	}
	if session.Held > 0 {
		page.Reserved = &Choices{Name: "reserved", Legend: p.T("staff_phone.reserved", session.Partner), Many: true, Optional: true,
			Options: choose([]Option{{Value: "yes", Label: p.N("staff_phone.reserved.take", session.Held)}}, form.Get("reserved"))}
		controls = append(controls, page.Reserved)
	}
	if open < coming {
		page.IfFull = s.phoneIfFull(coming, open, session.ListClosed, form.Get("if_full"))
		controls = append(controls, page.IfFull)
		if !session.ListClosed {
			unasked := s.unaskedChoice(form, session.Hours)
			page.Unasked = &unasked
			controls = append(controls, page.Unasked)
		}
	}
	if page.IfFull != nil || form.Get("reason") != "" || problem != nil && problem.Fields["reason"].Key != "" {
		page.Reason = &Field{Name: "reason", Label: p.T("staff_booking.reason"), Hint: p.T("staff_phone.reason.hint"), Value: form.Get("reason"), Rows: 2, MaxLength: mostReason, Conditional: true}
		controls = append(controls, page.Reason)
	}
	if problem != nil {
		for i := range page.Children {
			page.Children[i].markWrong(problem)
		}
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/booking_phone", page)
}

func (page *phonePage) childControls() (controls []control) {
	for i := range page.Children {
		f := &page.Children[i]
		controls = append(append(controls, f.controls()...), &f.Health, &f.Text, &f.Consent, &f.Leaves, &f.Pickups)
	}
	return controls
}

// phoneFields are the boxes for the children, with the answers that can wait chosen already.
func (s *Server) phoneFields(children []phoneChild) []phoneFields {
	p := s.words
	answers := make([]childAnswers, len(children))
	for i, child := range children {
		answers[i] = child.childAnswers
	}
	fields := make([]phoneFields, len(children))
	for i, f := range s.childFields(answers) {
		child, n := children[i], strconv.Itoa(i+1)
		fields[i] = phoneFields{
			childFields: f, phoneHealth: s.phoneHealth("_"+n, p.T("staff_phone.health"), child),
			Leaves: Choices{Name: "leaves_" + n, Legend: p.T("staff_phone.leaves"), Options: choose([]Option{
				{Value: "me", Label: p.T("staff_phone.leaves.me")},
				{Value: "other", Label: p.T("staff_phone.leaves.other"), Reveals: true},
				{Value: "alone", Label: p.T("staff_phone.leaves.alone")},
			}, nameOr(child.Leaves, "me"))},
			Pickups: Field{Name: "pickup_names_" + n, Label: p.T("booking.pickup"), Hint: p.T("booking.pickup.hint"), Value: child.PickupNames, Autocomplete: "off", Conditional: true, People: true},
		}
	}
	return fields
}

// phoneHealth asks about the health of a child, in boxes whose names end in suffix.
func (s *Server) phoneHealth(suffix, legend string, child phoneChild) phoneHealth {
	p := s.words
	return phoneHealth{
		Health: Choices{Name: "health" + suffix, Legend: legend, Options: choose([]Option{
			{Value: healthLater, Label: p.T("staff_phone.health.later")},
			{Value: "no", Label: p.T("staff_phone.health.no")},
			{Value: "unsaid", Label: p.T("staff_phone.health.unsaid")},
			{Value: "yes", Label: p.T("staff_phone.health.yes"), Reveals: true},
		}, nameOr(child.Health, healthLater))},
		Text: Field{Name: "health_text" + suffix, Label: p.T("staff_phone.health.text"), Value: child.Text, Rows: 3, Autocomplete: "off", Conditional: true},
		Consent: Choices{Name: "health_consent" + suffix, Legend: p.T("staff_phone.health.consent.legend"), Many: true, Optional: true,
			Options: choose([]Option{{Value: "yes", Label: p.T("staff_phone.health.consent")}}, child.Consent)},
	}
}

// nameNew names the boxes for children who are new to a family that the team knows: each of them can be taken out.
func (page *phonePage) nameNew(s *Server) {
	for i := range page.Children {
		f := &page.Children[i]
		f.Legend = s.words.T("rebook.own.new")
		f.Remove = &Button{Label: s.words.T("booking.remove", nameOr(f.FirstName.Value, f.Legend)), Kind: ButtonQuiet, Name: "do", Value: "remove-" + strconv.Itoa(i+1)}
	}
}

// phoneIfFull asks what to do with too few seats: the family says so, or the team gives one more.
func (s *Server) phoneIfFull(children, open int, closed bool, chosen string) *Choices {
	p := s.words
	q := &Choices{Name: "if_full", Legend: p.T("staff_phone.if_full")}
	if !closed {
		if open > 0 {
			q.Options = append(q.Options, Option{Value: string(booking.Split), Label: p.N("booking.wait.split", open), Hint: p.T("booking.wait.split.hint")})
		}
		if children > 1 {
			q.Options = append(q.Options, Option{Value: ifFullTogether, Label: p.T("staff_phone.if_full.together")})
		}
		q.Options = append(q.Options, Option{Value: string(booking.Wait), Label: p.T("staff_phone.if_full.wait")})
	} else {
		q.Hint = p.T("staff_phone.if_full.closed")
	}
	q.Options = choose(append(q.Options, Option{Value: string(booking.Over), Label: p.N("staff_phone.if_full.over", children-open), Hint: p.T("staff_phone.if_full.over.hint")}), chosen)
	return q
}

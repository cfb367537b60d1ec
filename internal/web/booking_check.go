package web

import (
	"cmp"
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
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// bookingCheckPage is screen 4: every answer to read again, what the team must know of a child's health, and
// the button that takes the seat.
type bookingCheckPage struct {
	BookingHead
	Version  string
	Answers  []Answer
	Health   []healthFields
	Missing  int // children for whom there is no seat; 0 when all have one
	Longest  int // hours that they have at most to answer an offer of one
	Question *Choices
	// Unasked is whether a freed seat is theirs at once; nil when all have a seat, and when it is too late for that.
	Unasked *Choices
	Submit  *Button         // nil where the list takes nobody new: see Others
	Tariff  *tariffQuestion // what the family pays; nil where that is not for it to choose
	Price   string
	Full    string // that there are too few seats, and the rank that there is instead; empty otherwise
	Others  []SessionCard
	Later   string // where the answers are kept to finish another day; empty for who is signed in
	Also    []alsoSession
	Young   bool // a young person books for themselves
}

// healthFields ask what the team must know of a child for whom the parent answered yes.
type healthFields struct {
	Text    Field
	Consent Choices
}

// getBookingCheck shows screen 4.
func getBookingCheck(s *Server, c *gin.Context) error {
	v, stop, err := s.visitAfter(c, screenCheck)
	if err != nil || stop {
		return err
	}
	if len(outOfAge(v, s.today(v))) > 0 {
		return seeOther(c, screenPath(v.session.ID, "/age"))
	}
	return s.showCheck(c, http.StatusOK, v, url.Values{}, nil)
}

// postBookingCheck takes the seats: the last POST (design, The way of one booking).
func postBookingCheck(s *Server, c *gin.Context) error {
	v, done, err := s.visitDraft(c)
	if err != nil {
		return err
	}
	if done != "" {
		return seeOther(c, done)
	}
	if first := nextScreen(v, s.today(v)); first != screenCheck {
		if _, _, err := s.Bookings.Available(c.Request.Context(), v.session.ID); err != nil {
			return err
		}
		return seeOther(c, screenPath(v.session.ID, first))
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "booking", form)
	if err != nil {
		return err
	}
	if v.key.Version, err = strconv.Atoi(form.Get("version")); err != nil {
		return fault.New(fault.Invalid, "web.form_broken")
	}
	if wrong := checkHealth(v.answers.Children, form); len(wrong) > 0 && !v.self(s.today(v)) {
		return s.showCheckAgain(c, http.StatusUnprocessableEntity, v, form, fault.InvalidFields(wrong))
	}
	if form.Has("asked") && form.Get("if_full") == "" {
		return s.showCheckAgain(c, http.StatusUnprocessableEntity, v, form,
			fault.InvalidFields(map[string]fault.Message{"if_full": {Key: "booking.wait.missing"}}))
	}
	var path, reference string
	if v.own {
		if wrong, err := s.unasked(c, v, form); err != nil || len(wrong) > 0 {
			if err != nil {
				return err
			}
			return s.showCheckAgain(c, http.StatusUnprocessableEntity, v, form, fault.InvalidFields(wrong))
		}
		path, err = s.bookOwn(c, key, v, form)
	} else {
		reference, err = s.Bookings.Book(c.Request.Context(), account.Guest(), key, bookingRequest(v, form, s.today(v)))
	}
	if wrong := wrongTariff(form, err); wrong != nil {
		return s.showCheckAgain(c, http.StatusUnprocessableEntity, v, form, wrong)
	}
	switch {
	case fault.Is(err, fault.Conflict, "booking.full"), fault.Is(err, fault.Conflict, "booking.some_places"):
		return s.showCheckAgain(c, http.StatusConflict, v, form, fault.New(fault.Conflict, "booking.just_full"))
	case fault.Is(err, fault.Conflict, "booking.list_closed"):
		return s.showCheckAgain(c, http.StatusConflict, v, form, nil)
	case fault.Is(err, fault.Conflict, "booking.draft_changed"):
		return s.showCheckChanged(c, form, err)
	case fault.Is(err, fault.Conflict, "booking.too_many"):
		f, _ := fault.As(err)
		return s.showCheckAgain(c, http.StatusConflict, v, form, f)
	case fault.Is(err, fault.Conflict, "booking.out_of_age"):
		return seeOther(c, screenPath(v.session.ID, "/age"))
	case err != nil:
		return err
	case v.own:
		return seeOther(c, path)
	case reference == booking.Repeated:
		return seeOther(c, resultPath(booking.Repeated, booking.Link{}))
	}
	return seeOther(c, bookingPath(s.Bookings.Sign(booking.LinkScreen, reference, 1)))
}

// showCheckAgain shows the check page with the places as they are now and the question or the message that
// must be answered; nothing typed is lost and nobody is put on the list unasked (domain, Capacity 2).
func (s *Server) showCheckAgain(c *gin.Context, status int, v bookingVisit, form url.Values, problem *fault.Error) error {
	var err error
	if v.session, v.open, err = s.Bookings.Available(c.Request.Context(), v.session.ID); err != nil {
		return err
	}
	return s.showCheck(c, status, v, form, problem)
}

// showCheckChanged shows the check page with the answers as they are now, to be read again and confirmed. A text about
// health may stand beside another child than before, so the consent to it is asked again.
func (s *Server) showCheckChanged(c *gin.Context, form url.Values, changed error) error {
	v, done, err := s.visitDraft(c)
	if err != nil {
		return err
	}
	if done != "" {
		return seeOther(c, done)
	}
	if first := nextScreen(v, s.today(v)); first != screenCheck {
		return seeOther(c, screenPath(v.session.ID, first))
	}
	for i := range v.answers.Children {
		form.Del(healthName("health_consent", i))
	}
	f, _ := fault.As(changed)
	return s.showCheckAgain(c, http.StatusConflict, v, form, f)
}

// healthName is the name of a box about the i-th child's health.
func healthName(field string, i int) string { return field + "_" + strconv.Itoa(i+1) }

// maxHealth is how long a text about health may be, in signs.
const maxHealth = 1000

// checkHealth wants a consent with every text about health, and none that is endless.
func checkHealth(children []childAnswers, form url.Values) map[string]fault.Message {
	wrong := map[string]fault.Message{}
	for i, child := range children {
		if child.Health != "yes" {
			continue
		}
		text := strings.TrimSpace(form.Get(healthName("health_text", i)))
		switch {
		case len([]rune(text)) > maxHealth:
			wrong[healthName("health_text", i)] = fault.Message{Key: "booking.health.long", Args: []any{maxHealth}}
		case text != "" && form.Get(healthName("health_consent", i)) != "yes":
			wrong[healthName("health_consent", i)] = fault.Message{Key: "booking.health.consent_missing", Args: []any{child.FirstName}}
		}
	}
	return wrong
}

// bookingRequest makes the feature's request of answers that have been checked.
func bookingRequest(v bookingVisit, form url.Values, today time.Time) booking.Request {
	a := v.answers.Contact
	r := booking.Request{SessionID: v.session.ID, Draft: v.key, IfFull: booking.IfFull(form.Get("if_full")), Unasked: form.Get(unaskedName) == "yes"}
	r.SeatCents = chosenTariff(form)
	if r.IfFull == "together" {
		r.IfFull, r.Together = booking.Wait, true
	}
	r.Guardian.Name, _ = family.ParseName(a.Name)
	r.Guardian.Email, _ = family.ParseEmail(a.Email)
	r.Guardian.Phone, _ = family.ParsePhone(a.Phone)
	r.Guardian.Language = cmp.Or(a.Language, string(words.French))
	if v.self(today) {
		r.YoungEmail, _ = family.ParseEmail(v.answers.YoungEmail)
		a.Emergency = "me"
	}
	if a.Emergency == "other" {
		r.Guardian.EmergencyName, _ = family.ParseName(a.EmergencyName)
		r.Guardian.EmergencyPhone, _ = family.ParsePhone(a.EmergencyPhone)
	}
	for i, child := range v.answers.Children {
		r.Children = append(r.Children, newChild(child, form.Get(healthName("health_text", i)), today))
	}
	return r
}

// newChild makes the feature's child of answers that have been checked; health is what was written about its health.
func newChild(child childAnswers, health string, today time.Time) family.NewChild {
	n := family.NewChild{Image: family.Later, LeavesAlone: child.Leaves == "alone"}
	n.FirstName, _ = family.ParseName(child.FirstName)
	n.LastName, _ = family.ParseName(child.LastName)
	n.BirthDate, _ = family.ParseBirthDate(child.Day, child.Month, child.Year, today)
	if child.Image != "" {
		n.Image = family.Answer(child.Image)
	}
	if child.Leaves == "other" {
		n.PickupPersons, _ = family.ParsePickups(child.PickupNames)
	}
	switch text := strings.TrimSpace(health); {
	case child.Health == "no":
		n.Health.State = family.HealthNone
	case child.Health == "unsaid":
		n.Health.State = family.HealthRefused
	case child.Health != "yes" || text == "":
		n.Health.State = family.HealthToAsk
	default:
		n.Health = family.Health{State: family.HealthDescribed, Text: text}
	}
	return n
}

// checkedSeats is for how many seats the check page tells the price: those that are there, or, where all would wait, what all
// would cost.
func checkedSeats(children, open int) int {
	if open <= 0 {
		return children
	}
	return min(children, open)
}

func (s *Server) showCheck(c *gin.Context, status int, v bookingVisit, form url.Values, problem *fault.Error) error {
	p := s.words
	n := len(v.answers.Children)
	page := &bookingCheckPage{
		BookingHead: s.bookingHead(c, v, p.T("booking.check.title"), 4, screenCheck),
		Version:     strconv.Itoa(v.key.Version),
		Answers:     s.checkAnswers(v),
		Missing:     max(0, n-v.open),
		Longest:     v.session.Hours.Longest,
		Price:       s.priceWords(checkedSeats(n, v.open), v.session, nil),
		Tariff:      s.tariffQuestion(v.session, form, v.session.PriceCents),
	}
	held, err := s.inSeries(c, v)
	if err != nil {
		return err
	}
	if held > 0 {
		page.Price = s.words.T("money.series.held")
		if rest := checkedSeats(n, v.open) - held; rest > 0 {
			page.Price = s.priceWords(rest, v.session, nil)
		}
	}
	if page.Tariff != nil {
		page.Price = s.chosenWords(v.session)
	} else if page.Missing == n && v.session.PriceCents > 0 {
		page.Price = p.N("booking.price.if", n, page.Price)
	}
	if !v.own {
		page.Later = screenPath(v.session.ID, screenLater)
	}
	var controls []control
	also, err := s.alsoSessions(c, v, form)
	if err != nil {
		return err
	}
	if page.Also = also; len(also) > 0 {
		page.Price = cmp.Or(s.totalWords(v, also, n-held), page.Price)
	}
	prepaid, err := s.prepaidWords(c, v, also)
	if err != nil {
		return err
	}
	page.Price = cmp.Or(prepaid, page.Price)
	for i := range page.Also {
		if q := page.Also[i].Question; q != nil {
			controls = append(controls, q)
		}
	}
	page.Young = v.self(s.today(v))
	for i, child := range v.answers.Children {
		if child.Health != "yes" || page.Young {
			continue
		}
		page.Health = append(page.Health, healthFields{
			Text: Field{Name: healthName("health_text", i), Label: p.T("booking.health.text", child.FirstName), Hint: p.T("booking.health.text.hint"),
				Value: form.Get(healthName("health_text", i)), Optional: true, Rows: 3, Autocomplete: "off"},
			Consent: Choices{Name: healthName("health_consent", i), Legend: p.T("booking.health.consent.legend", child.FirstName), Many: true, Optional: true,
				Options: choose([]Option{{Value: "yes", Label: p.T("booking.health.consent", child.FirstName)}}, form.Get(healthName("health_consent", i)))},
		})
	}
	if page.Tariff != nil {
		controls = append(controls, &page.Tariff.Choices, &page.Tariff.Other)
	}
	for i := range page.Health {
		controls = append(controls, &page.Health[i].Text, &page.Health[i].Consent)
	}
	switch {
	case page.Missing == 0:
		page.Submit = &Button{Label: p.N("booking.check.confirm", n)}
		if len(page.Also) > 0 {
			page.Submit.Label = p.T("rebook.own.confirm")
		}
	case v.session.ListClosed:
		page.Notice = s.listClosedNotice(v)
		var err error
		if page.Others, err = s.insteadOf(c, v.session.ID); err != nil {
			return err
		}
		return s.show(c, status, "booking/check", page)
	default:
		page.Full = p.T("booking.wait.rank", p.Ordinal(v.session.Waiting+1))
		if v.open > 0 {
			page.Full = p.N("booking.wait.rank.some", v.open, p.Ordinal(v.session.Waiting+1))
		}
		page.Submit = &Button{Label: p.T("booking.wait.join"), Name: "if_full", Value: "wait"}
		if n > 1 {
			page.Submit = &Button{Label: p.T("booking.wait.choose")}
			page.Question = s.waitQuestion(n, v.open, form.Get("if_full"))
			controls = append(controls, page.Question)
		}
		if s.config.Now().Before(v.session.UnaskedUntil()) {
			page.Unasked = s.unaskedBox(v.session, form.Get(unaskedName) == "yes")
		}
	}
	if fault.KindOf(errorOrNone(problem)) == fault.Conflict {
		if problem.Message.Key == "booking.just_full" {
			page.Notice, page.Full = s.justFullNotice(v), "" // which says it
		} else {
			page.Notice = &Notice{Tone: ToneWarning, Title: p.Message(problem.Message)}
		}
	} else if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "booking/check", page)
}

// errorOrNone gives fault.KindOf something to look at.
func errorOrNone(f *fault.Error) error {
	if f == nil {
		return fault.New(fault.Invalid, "error.invalid")
	}
	return f
}

// waitQuestion asks a parent of several children what to do with too few seats (UX-P2).
func (s *Server) waitQuestion(children, open int, chosen string) *Choices {
	p := s.words
	q := &Choices{Name: "if_full", Legend: p.T("booking.wait.legend")}
	if open > 0 {
		q.Options = append(q.Options, Option{Value: "split", Label: p.N("booking.wait.split", open), Hint: p.T("booking.wait.split.hint")})
	}
	q.Options = choose(append(q.Options,
		Option{Value: "together", Label: p.T("booking.wait.together"), Hint: p.T("booking.wait.together.hint")},
		Option{Value: "wait", Label: p.T("booking.wait.any"), Hint: p.T("booking.wait.any.hint")},
	), chosen)
	return q
}

// unaskedName is the box by which a family asks not to be asked.
const unaskedName = "unasked"

// unaskedBox is the box with its rule (domain, Waiting list 3).
func (s *Server) unaskedBox(session booking.Session, chosen bool) *Choices {
	p := s.words
	return &Choices{Name: unaskedName, Legend: p.T("booking.unasked.legend"), Many: true, Optional: true, Options: []Option{
		{Value: "yes", Label: p.T("booking.unasked"), Hint: p.T("booking.unasked.hint", p.DateHour(session.UnaskedUntil())), Chosen: chosen},
	}}
}

// listClosedNotice tells that there are too few seats and nobody new may wait, and what is kept.
func (s *Server) listClosedNotice(v bookingVisit) *Notice {
	p := s.words
	n := &Notice{Tone: ToneWarning, Title: p.T("booking.closed.title"), Text: p.T("booking.closed.kept")}
	if v.open > 0 {
		n.Title, n.Text = p.N("booking.closed.few", v.open), p.T("booking.closed.fewer")
		n.Link = &Link{Href: screenPath(v.session.ID, screenChildren), Label: p.T("booking.closed.children")}
	}
	return n
}

// justFullNotice tells that the seats went while the parent was typing.
func (s *Server) justFullNotice(v bookingVisit) *Notice {
	p := s.words
	n := &Notice{Tone: ToneWarning, Title: p.T("booking.just_full.title"), Text: p.T("booking.just_full.text", p.Ordinal(v.session.Waiting+1))}
	if v.open > 0 {
		n.Title, n.Text = p.N("booking.just_few.title", v.open), p.T("booking.just_few.text")
	}
	return n
}

// checkAnswers lists every answer with its way back (UX-P7).
func (s *Server) checkAnswers(v bookingVisit) []Answer {
	p, id := s.words, v.session.ID
	children := func(field string) string {
		if v.own {
			return screenPath(id, screenOwn)
		}
		return screenPath(id, screenChildren) + "#" + field
	}
	var list []Answer
	self := v.self(s.today(v))
	for i, child := range v.answers.Children {
		n := strconv.Itoa(i + 1)
		birth, _ := family.ParseBirthDate(child.Day, child.Month, child.Year, s.today(v))
		who := p.T("booking.check.child", i+1)
		if self {
			who = p.T("young.myself.you")
		}
		list = append(list,
			Answer{Label: who, Value: child.FirstName + " " + child.LastName, ChangeHref: children("first_name_" + n)},
			Answer{Label: p.T("booking.check.birth", child.FirstName),
				Value:      p.T("booking.check.birth.value", p.Birth(birth), p.Age(family.AgeOn(birth, v.session.StartsAt))),
				ChangeHref: children("birth_" + n + "_day")})
		if self {
			continue
		}
		list = append(list,
			Answer{Label: p.T("booking.check.health", child.FirstName), Value: p.T("booking.health." + child.Health), ChangeHref: screenPath(id, screenCare) + "#health_" + n},
			Answer{Label: p.T("booking.check.leaves", child.FirstName), Value: s.leavesWords(child), ChangeHref: screenPath(id, screenCare) + "#leaves_" + n},
			Answer{Label: p.T("booking.check.image", child.FirstName), Value: p.T("booking.check.image." + nameOr(child.Image, "later")), ChangeHref: screenPath(id, screenCare) + "#image_" + n},
		)
	}
	a := v.answers.Contact
	emergency := p.T("booking.emergency.me")
	if a.Emergency == "other" {
		emergency = a.EmergencyName + ", " + a.EmergencyPhone
	}
	contact := screenPath(id, screenContact)
	language := Answer{Label: p.T("booking.language"), Value: words.Lang(cmp.Or(a.Language, string(words.French))).Name(), ChangeHref: contact + "#language"}
	if self {
		return append(list,
			Answer{Label: p.T("young.email"), Value: v.answers.YoungEmail, ChangeHref: contact + "#young_email"},
			Answer{Label: p.T("young.check.name"), Value: a.Name, ChangeHref: contact + "#name"},
			Answer{Label: p.T("young.check.phone"), Value: a.Phone, ChangeHref: contact + "#phone"},
			Answer{Label: p.T("young.check.email"), Value: a.Email, ChangeHref: contact + "#email"},
			language,
		)
	}
	email := Answer{Label: p.T("booking.email"), Value: a.Email, ChangeHref: contact + "#email"}
	if v.own {
		email.ChangeHref = "" // it was proved, and another one has to be
	}
	return append(list,
		Answer{Label: p.T("booking.name"), Value: a.Name, ChangeHref: contact + "#name"},
		email,
		Answer{Label: p.T("booking.phone"), Value: a.Phone, ChangeHref: contact + "#phone"},
		Answer{Label: p.T("booking.emergency"), Value: emergency, ChangeHref: contact + "#emergency"},
		language,
	)
}

func (s *Server) leavesWords(child childAnswers) string {
	switch child.Leaves {
	case "alone":
		return s.words.T("booking.leaves.alone", child.FirstName)
	case "other":
		names, _ := family.ParsePickups(child.PickupNames)
		return s.words.T("booking.check.leaves.other", s.words.List(names))
	}
	return s.words.T("booking.leaves.me")
}

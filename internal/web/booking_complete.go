package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// completePage asks a guardian what nobody had the time to ask at the door. Its link may have been scanned from a screen
// that others see too: the page tells nothing but a first name.
type completePage struct {
	Page
	Session   bookedSession
	FirstName string
	ByYoung   bool // who booked for themselves
	// Done says that the questions are answered; Booking leads on where the link opens the booking.
	Done           bool
	Booking        string
	Name           Field
	Email          *Field // nil where the address is known
	Emergency      Choices
	EmergencyName  Field
	EmergencyPhone Field
	Leaves         Choices
	PickupNames    Field
	Image          Choices
	Health         Choices
	HealthText     Field
	HealthConsent  Choices
	Language       Choices
	Action         string
	Key            FormKey
}

// completePath is the page of the questions that are left, for a link to it.
func completePath(link booking.Link) string { return bookingPath(link) + "/completer" }

// completePart is the code that a guardian scans, on the page of a child.
type completePart struct {
	Path string // of the modules, in a square of Side
	Side int
	Href string
}

// completeCode draws the code of a link; nil where there is none.
func (s *Server) completeCode(link booking.Link) (*completePart, error) {
	if link == (booking.Link{}) {
		return nil, nil
	}
	href := s.absolute(completePath(link))
	path, side, err := document.QRPath(href)
	if err != nil {
		return nil, err
	}
	return &completePart{Path: path, Side: side, Href: href}, nil
}

// QuietBox is the box of an SVG drawing with the margin that a code needs around it.
func (p completePart) QuietBox() string { return quietBox(p.Side) }

func quietBox(modules int) string {
	side := idText(int64(modules + 8))
	return "-4 -4 " + side + " " + side
}

func getComplete(s *Server, c *gin.Context) error {
	return s.showComplete(c, http.StatusOK, url.Values{}, nil)
}

// healthSaid is the answer of who said at the door what there is to say.
const healthSaid = "said"

func (s *Server) showComplete(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	v, err := s.Bookings.Completing(c.Request.Context(), bookingLink(c))
	if err != nil {
		return err
	}
	p, name := s.words, v.FirstName
	page := &completePage{Page: s.newPage(c, p.T("complete.title", name)), Session: newBookedSession(v.Session), FirstName: name, ByYoung: v.ByYoung, Done: v.Done}
	page.Section = SectionSessions
	if v.ViaMail {
		page.Booking = bookingPath(bookingLink(c))
	}
	if v.Done {
		page.Title = p.T("complete.done.title")
		return s.show(c, status, "booking/complete", page)
	}
	page.Action, page.Key = completePath(bookingLink(c)), s.newKey(c, "complete")
	page.Name = Field{Name: "name", Label: p.T("booking.name"), Value: typedOr(form, "name", v.GuardianName), Autocomplete: "name", People: true}
	page.Emergency = Choices{Name: "emergency", Legend: p.T("booking.emergency"), Options: choose([]Option{
		{Value: "me", Label: p.T("booking.emergency.me")},
		{Value: "other", Label: p.T("booking.emergency.other"), Reveals: true},
	}, typedOr(form, "emergency", "me"))}
	page.EmergencyName = Field{Name: "emergency_name", Label: p.T("booking.emergency.name"), Value: form.Get("emergency_name"), Autocomplete: "off", Conditional: true, People: true}
	page.EmergencyPhone = Field{Name: "emergency_phone", Label: p.T("booking.emergency.phone"), Value: form.Get("emergency_phone"), Type: "tel", Autocomplete: "off", Conditional: true, Width: WidthMedium}
	page.Leaves = Choices{Name: "leaves", Legend: p.T("booking.leaves", name), Options: choose([]Option{
		{Value: "me", Label: p.T("booking.leaves.me")},
		{Value: "other", Label: p.T("booking.leaves.other"), Reveals: true},
		{Value: "alone", Label: p.T("booking.leaves.alone", name)},
	}, form.Get("leaves"))}
	page.PickupNames = Field{Name: "pickup_names", Label: p.T("booking.pickup"), Hint: p.T("booking.pickup.hint"), Value: form.Get("pickup_names"), Autocomplete: "off", Conditional: true, People: true}
	page.Image = Choices{Name: "image", Legend: p.T("booking.image", name), Hint: p.T("booking.image.hint"), Optional: true, Options: choose([]Option{
		{Value: "yes", Label: p.T("booking.image.yes")}, {Value: "no", Label: p.T("booking.image.no")}, {Value: "later", Label: p.T("booking.image.later")},
	}, form.Get("image"))}
	health := []Option{
		{Value: "no", Label: p.T("booking.health.no")},
		{Value: "yes", Label: p.T("booking.health.yes"), Reveals: true},
		{Value: "unsaid", Label: p.T("booking.health.unsaid")},
	}
	if v.HealthSaid {
		health = []Option{{Value: healthSaid, Label: p.T("complete.health.said")}, health[1]}
		if v.ByYoung {
			health[0].Label = p.T("booking.health.known")
		}
	}
	page.Health = Choices{Name: "health", Legend: p.T("booking.health", name), Hint: p.T("booking.health.hint"), Options: choose(health, form.Get("health"))}
	page.HealthText = Field{Name: "health_text", Label: p.T("booking.health.text", name), Value: form.Get("health_text"), Rows: 3, Autocomplete: "off", Conditional: true}
	page.HealthConsent = Choices{Name: "health_consent", Legend: p.T("booking.health.consent.legend", name), Many: true, Optional: true,
		Options: choose([]Option{{Value: "yes", Label: p.T("booking.health.consent", name)}}, form.Get("health_consent"))}
	page.Language = Choices{Name: "language", Legend: p.T("booking.language"), Optional: true, Inline: true, Options: choose(languageOptions(), typedOr(form, "language", string(s.words.Lang())))}
	controls := []control{&page.Name}
	if !v.HasEmail {
		page.Email = &Field{Name: "email", Label: p.T("booking.email"), Hint: p.T("complete.email.hint"), Value: form.Get("email"), Type: "email",
			Autocomplete: "email", NoSpellcheck: true, Optional: true}
		controls = append(controls, page.Email)
	}
	if problem != nil {
		explain(p, &page.Page, problem, append(controls, &page.Emergency, &page.EmergencyName, &page.EmergencyPhone, &page.Leaves, &page.PickupNames,
			&page.Image, &page.Health, &page.HealthText, &page.HealthConsent, &page.Language)...)
	}
	return s.show(c, status, "booking/complete", page)
}

type completeForm struct {
	Name      string `form:"name" validate:"full_name"`
	Email     string `form:"email" validate:"omitempty,mailbox"`
	Emergency string `form:"emergency" validate:"oneof=me other" msg:"booking.emergency.missing"`
	Health    string `form:"health" validate:"oneof=no yes unsaid said" msg:"complete.health.missing"`
	Language  string `form:"language" validate:"omitempty,language"`
}

// typedCompletion reads the answers; Invalid, with a message per wrong field.
func typedCompletion(form url.Values) (family.Completion, error) {
	care := careOf(childAnswers{Health: "no", Leaves: form.Get("leaves"), PickupNames: form.Get("pickup_names"), Image: form.Get("image")})
	wrong := map[string]fault.Message{}
	checks := []any{care, completeForm{form.Get("name"), strings.TrimSpace(form.Get("email")), form.Get("emergency"), form.Get("health"), form.Get("language")}}
	if form.Get("emergency") == "other" {
		checks = append(checks, emergencyForm{form.Get("emergency_name"), form.Get("emergency_phone")})
	}
	for _, check := range checks {
		for name, m := range checkForm(check) {
			wrong[name] = m
		}
	}
	answers := family.Completion{Image: family.Answer(care.Image), LeavesAlone: care.Leaves == "alone",
		Health: family.Health{State: family.HealthToAsk}}
	switch text := strings.TrimSpace(form.Get("health_text")); form.Get("health") {
	case "no":
		answers.Health.State = family.HealthNone
	case "unsaid":
		answers.Health.State = family.HealthRefused
	case "yes":
		switch {
		case text == "":
			wrong["health_text"] = fault.Message{Key: "walk_in.health.missing"}
		case len([]rune(text)) > maxHealth:
			wrong["health_text"] = fault.Message{Key: "booking.health.long", Args: []any{maxHealth}}
		case form.Get("health_consent") != "yes":
			wrong["health_consent"] = fault.Message{Key: "complete.health.consent.missing"}
		}
		answers.Health = family.Health{State: family.HealthDescribed, Text: text}
	}
	if len(wrong) > 0 {
		return family.Completion{}, fault.InvalidFields(wrong)
	}
	answers.Guardian.Name, _ = family.ParseName(form.Get("name"))
	if email := strings.TrimSpace(form.Get("email")); email != "" {
		answers.Guardian.Email, _ = family.ParseEmail(email)
	}
	if form.Get("emergency") == "other" {
		answers.Guardian.EmergencyName, _ = family.ParseName(form.Get("emergency_name"))
		answers.Guardian.EmergencyPhone, _ = family.ParsePhone(form.Get("emergency_phone"))
	}
	answers.Guardian.Language = form.Get("language")
	if care.Leaves == "other" {
		answers.PickupPersons, _ = family.ParsePickups(care.PickupNames)
	}
	return answers, nil
}

// postComplete keeps the answers, and shows that they are kept.
func postComplete(s *Server, c *gin.Context) error {
	if _, err := s.Bookings.Completing(c.Request.Context(), bookingLink(c)); err != nil {
		return err // a foreign link is a missing page before anything else is looked at
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "complete", form)
	if err != nil {
		return err
	}
	answers, err := typedCompletion(form)
	if err == nil {
		err = s.Bookings.Complete(c.Request.Context(), key, bookingLink(c), answers)
	}
	if problem, known := fault.As(err); known && problem.Kind == fault.Invalid {
		return s.showComplete(c, http.StatusUnprocessableEntity, form, problem)
	}
	if err != nil && !fault.Is(err, fault.Conflict, "booking.completed") {
		return err
	}
	return seeOther(c, completePath(bookingLink(c)))
}

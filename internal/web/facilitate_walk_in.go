package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// walkInPage lets in a child who comes without being on the register: what must be known and nothing more, so that it is
// typed in half a minute (UX-F6). A blank line of the paper sheet is typed in here as well.
type walkInPage struct {
	Page
	doorFields
	Session  ledSession
	Health   Choices
	Arrived  Field
	Guardian Field
	Email    Field
	// Questions have to be confirmed: there is no seat, or the child has another age. Confirmed are the fields that do it.
	Questions []string
	Confirmed []string
	Action    string
	Key       FormKey
}

// doorFields are what must be known of a child at the door, with a network and without.
type doorFields struct {
	FirstName, LastName Field
	Birth               DateField
	Phone, Text         Field
	Consent             Choices
}

func (s *Server) newDoorFields(form url.Values) doorFields {
	p := s.words
	return doorFields{
		FirstName: Field{Name: "first_name", Label: p.T("walk_in.first_name"), Value: form.Get("first_name"), Autocomplete: "off", Width: WidthMedium, People: true},
		LastName:  Field{Name: "last_name", Label: p.T("walk_in.last_name"), Value: form.Get("last_name"), Autocomplete: "off", People: true},
		Birth: DateField{Name: "birth", Legend: p.T("booking.birth"), Hint: p.T("booking.birth.hint"),
			Day: form.Get("birth_day"), Month: form.Get("birth_month"), Year: form.Get("birth_year")},
		Phone: Field{Name: "phone", Label: p.T("walk_in.phone"), Value: form.Get("phone"), Type: "tel", Autocomplete: "off", Width: WidthMedium},
		Text:  Field{Name: "health_text", Label: p.T("walk_in.health.text"), Value: form.Get("health_text"), Rows: 2, Autocomplete: "off", Conditional: true},
		Consent: Choices{Name: "health_consent", Legend: p.T("walk_in.health.consent.legend"), Many: true, Optional: true,
			Options: choose([]Option{{Value: "yes", Label: p.T("walk_in.health.consent")}}, form.Get("health_consent"))},
	}
}

// walkInPath is where a child without a seat is let in.
func walkInPath(sessionID int64) string { return registerPath(sessionID, "/ajouter") }

func getWalkIn(s *Server, c *gin.Context) error {
	return s.showWalkIn(c, http.StatusOK, url.Values{}, nil)
}

func (s *Server) showWalkIn(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	session, led, err := s.Attendance.ToMark(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p := s.words
	page := &walkInPage{
		Page: s.facilitatePage(c, p.T("walk_in.title")), Session: newLedSession(session, led), Action: walkInPath(id), Key: s.newKey(c, "walk-in"),
		doorFields: s.newDoorFields(form),
		Health: Choices{Name: "health", Legend: p.T("walk_in.health"), Options: choose([]Option{
			{Value: "no", Label: p.T("walk_in.health.no")},
			{Value: "yes", Label: p.T("walk_in.health.yes"), Reveals: true},
			{Value: healthLater, Label: p.T("walk_in.health.later")},
		}, typedOr(form, "health", healthLater))},
		Arrived: Field{Name: "arrived", Label: p.T("walk_in.arrived"), Hint: p.T("walk_in.arrived.hint"), Type: "time", Width: WidthMedium, Autocomplete: "off",
			Value: typedOr(form, "arrived", usualArrival(session, s.config.Now()).Format(timeOfDay))},
		Guardian: Field{Name: "guardian", Label: p.T("walk_in.guardian"), Value: form.Get("guardian"), Autocomplete: "off", Optional: true, People: true},
		Email: Field{Name: "email", Label: p.T("walk_in.email"), Hint: p.T("walk_in.email.hint"), Value: form.Get("email"), Type: "email", Autocomplete: "off",
			NoSpellcheck: true, Optional: true},
	}
	for _, name := range []string{booking.FieldOverCapacity, booking.FieldOutOfAge} {
		if form.Get(name) == "yes" {
			page.Confirmed = append(page.Confirmed, name)
		}
	}
	switch {
	case problem == nil:
	case problem.Message.Key == "booking.walk_in_confirm":
		for _, name := range []string{booking.FieldOverCapacity, booking.FieldOutOfAge} {
			if question, asked := problem.Fields[name]; asked {
				page.Questions = append(page.Questions, p.Message(question))
				if !slices.Contains(page.Confirmed, name) {
					page.Confirmed = append(page.Confirmed, name)
				}
			}
		}
		page.Title = p.T("walk_in.confirm.title")
	default:
		page.Birth.markWrong(problem.Fields["birth"])
		explain(p, &page.Page, problem, &page.FirstName, &page.LastName, &page.Birth, &page.Phone, &page.Health, &page.Text, &page.Consent,
			&page.Arrived, &page.Guardian, &page.Email)
	}
	return s.show(c, status, "animation/walk_in", page)
}

// timeOfDay is an hour as the field of it has it.
const timeOfDay = "15:04"

// usualArrival is the arrival that is most likely meant: now while the session goes on, else its start.
func usualArrival(session catalog.Session, now time.Time) time.Time {
	if now.Before(session.StartsAt.Add(-time.Hour)) || now.After(session.EndsAt) {
		return session.StartsAt
	}
	return now.In(session.StartsAt.Location())
}

// postWalkIn lets a child in, and leads to its row; to the code that a guardian scans where there is no address to write to.
func postWalkIn(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "walk-in",
		do: func(form url.Values, key account.FormKey) (string, error) {
			session, _, err := s.Attendance.ToMark(c.Request.Context(), s.actor(c), id)
			if err != nil {
				return "", err
			}
			w, err := s.typedWalkIn(form, session)
			if err != nil {
				return "", err
			}
			w.EntryKey = s.entryKey(key)
			done, err := s.Attendance.AddWalkIn(c.Request.Context(), s.actor(c), key, w)
			switch {
			case err != nil:
				return "", err
			case done.Known || w.Email != "":
				return registerPath(id, "#"+registerAnchor(done.BookingID)), nil
			}
			return childPath(id, done.BookingID), nil
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showWalkIn(c, status, form, problem)
		},
	})
}

type walkInForm struct {
	FirstName string `form:"first_name" validate:"first_name"`
	LastName  string `form:"last_name" validate:"last_name"`
	Phone     string `form:"phone" validate:"phone"`
	Health    string `form:"health" validate:"oneof=no yes later" msg:"walk_in.health.choose"`
	Guardian  string `form:"guardian" validate:"omitempty,full_name"`
	Email     string `form:"email" validate:"omitempty,mailbox"`
}

// typedWalkIn reads the form; Invalid, with a message per wrong field.
func (s *Server) typedWalkIn(form url.Values, session catalog.Session) (attendance.WalkIn, error) {
	w := attendance.WalkIn{SessionID: session.ID, OverCapacity: form.Get(booking.FieldOverCapacity) == "yes", OutOfAge: form.Get(booking.FieldOutOfAge) == "yes"}
	wrong := checkForm(walkInForm{form.Get("first_name"), form.Get("last_name"), form.Get("phone"), form.Get("health"),
		strings.TrimSpace(form.Get("guardian")), strings.TrimSpace(form.Get("email"))})
	if wrong == nil {
		wrong = map[string]fault.Message{}
	}
	birth, m := family.ParseBirthDate(form.Get("birth_day"), form.Get("birth_month"), form.Get("birth_year"), s.config.Now().In(session.StartsAt.Location()))
	if m != nil {
		wrong["birth"] = *m
	}
	w.BirthDate = birth
	switch arrived, ok := typedArrival(form.Get("arrived"), session.StartsAt); {
	case !ok:
		wrong["arrived"] = fault.Message{Key: "walk_in.arrived.wrong"}
	case arrived.After(s.config.Now().Add(time.Minute)):
		wrong["arrived"] = fault.Message{Key: "walk_in.arrived.future"}
	default:
		w.ArrivedAt = arrived
	}
	w.Health.State = family.HealthToAsk
	switch form.Get("health") {
	case "no":
		w.Health.State = family.HealthNone
	case "yes":
		w.Health = family.Health{State: family.HealthDescribed, Text: strings.TrimSpace(form.Get("health_text"))}
		w.HealthConsent = form.Get("health_consent") == "yes"
	}
	if len(wrong) > 0 {
		return attendance.WalkIn{}, fault.InvalidFields(wrong)
	}
	w.FirstName, _ = family.ParseName(form.Get("first_name"))
	w.LastName, _ = family.ParseName(form.Get("last_name"))
	w.Phone, _ = family.ParsePhone(form.Get("phone"))
	if w.GuardianName, _ = family.ParseName(form.Get("guardian")); w.GuardianName == "" {
		w.GuardianName = s.words.T("walk_in.guardian.unnamed", w.FirstName)
	}
	if email := strings.TrimSpace(form.Get("email")); email != "" {
		w.Email, _ = family.ParseEmail(email)
	}
	if w.OverCapacity || w.OutOfAge {
		w.Reason = s.words.T("walk_in.reason")
	}
	return w, nil
}

// typedArrival reads an hour of the day of a session, as a browser sends it or as people type it.
func typedArrival(typed string, day time.Time) (time.Time, bool) {
	typed = strings.NewReplacer(" ", "", "h", ":", "H", ":").Replace(strings.TrimSpace(typed))
	if strings.HasSuffix(typed, ":") {
		typed += "00"
	}
	hour, err := time.Parse(timeOfDay, typed)
	if err != nil {
		return time.Time{}, false
	}
	y, m, d := day.Date()
	return time.Date(y, m, d, hour.Hour(), hour.Minute(), 0, 0, day.Location()), true
}

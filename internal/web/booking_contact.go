package web

import (
	"cmp"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingContactPage is screen 3: how to reach the guardian.
type bookingContactPage struct {
	BookingHead
	Name           Field
	Email          Field
	Phone          Field
	Emergency      Choices
	EmergencyName  Field
	EmergencyPhone Field
	Language       Choices
	// Young is the address of a young person who answers for themselves; nil for a guardian. The other boxes are about the guardian then.
	Young *Field
}

type contactForm struct {
	Name      string `form:"name" validate:"full_name"`
	Email     string `form:"email" validate:"mailbox"`
	Phone     string `form:"phone" validate:"phone"`
	Emergency string `form:"emergency" validate:"oneof=me other" msg:"booking.emergency.missing"`
	Language  string `form:"language" validate:"omitempty,language"`
}

type emergencyForm struct {
	Name  string `form:"emergency_name" validate:"full_name"`
	Phone string `form:"emergency_phone" validate:"phone"`
}

// checkContact returns a message per wrong box of screen 3.
func checkContact(a contactAnswers) map[string]fault.Message {
	wrong := map[string]fault.Message{}
	for name, m := range checkForm(contactForm{a.Name, a.Email, a.Phone, a.Emergency, a.Language}) {
		wrong[name] = m
	}
	if a.Emergency == "other" {
		for name, m := range checkForm(emergencyForm{a.EmergencyName, a.EmergencyPhone}) {
			wrong[name] = m
		}
	}
	return wrong
}

// getBookingContact shows screen 3.
func getBookingContact(s *Server, c *gin.Context) error {
	v, stop, err := s.visitAfter(c, screenContact)
	if err != nil || stop {
		return err
	}
	return s.showContact(c, http.StatusOK, v, nil)
}

// postBookingContact keeps the answers of screen 3 and goes on to the check page.
func postBookingContact(s *Server, c *gin.Context) error {
	v, stop, err := s.visitAfter(c, screenContact)
	if err != nil || stop {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if v.self(s.today(v)) {
		return s.postYoungContact(c, v, form)
	}
	known := v.answers.Contact.Email
	v.answers.Contact = readContact(form)
	if v.own {
		v.answers.Contact.Email = known // another one is confirmed first, in the space of the family
	}
	if wantsLater(form) {
		return s.saveForLater(c, v)
	}
	if wrong := checkContact(v.answers.Contact); len(wrong) > 0 {
		return s.showContact(c, http.StatusUnprocessableEntity, v, fault.InvalidFields(wrong))
	}
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, s.today(v))))
}

func readContact(form url.Values) contactAnswers {
	return contactAnswers{
		Name: form.Get("name"), Email: form.Get("email"), Phone: form.Get("phone"),
		Emergency: form.Get("emergency"), EmergencyName: form.Get("emergency_name"), EmergencyPhone: form.Get("emergency_phone"),
		Language: form.Get("language"),
	}
}

func (s *Server) showContact(c *gin.Context, status int, v bookingVisit, problem *fault.Error) error {
	p, a := s.words, v.answers.Contact
	page := &bookingContactPage{
		BookingHead: s.bookingHead(c, v, p.T("booking.contact.title"), 3, screenContact),
		Name:        Field{Name: "name", Label: p.T("booking.name"), Value: a.Name, Autocomplete: "name", People: true},
		Email:       Field{Name: "email", Label: p.T("booking.email"), Hint: p.T("booking.email.hint"), Value: a.Email, Type: "email", Autocomplete: "email", NoSpellcheck: true},
		Phone:       Field{Name: "phone", Label: p.T("booking.phone"), Hint: p.T("booking.phone.hint"), Value: a.Phone, Type: "tel", Autocomplete: "tel", Width: WidthMedium},
		Emergency: Choices{Name: "emergency", Legend: p.T("booking.emergency"), Options: choose([]Option{
			{Value: "me", Label: p.T("booking.emergency.me")},
			{Value: "other", Label: p.T("booking.emergency.other"), Reveals: true},
		}, a.Emergency)},
		EmergencyName:  Field{Name: "emergency_name", Label: p.T("booking.emergency.name"), Value: a.EmergencyName, Autocomplete: "off", Conditional: true, People: true},
		EmergencyPhone: Field{Name: "emergency_phone", Label: p.T("booking.emergency.phone"), Value: a.EmergencyPhone, Type: "tel", Autocomplete: "off", Conditional: true, Width: WidthMedium},
		Language:       Choices{Name: "language", Legend: p.T("booking.language"), Optional: true, Inline: true, Options: choose(languageOptions(), cmp.Or(a.Language, string(s.words.Lang())))},
	}
	controls := []control{&page.Name, &page.Email, &page.Phone, &page.Emergency, &page.EmergencyName, &page.EmergencyPhone, &page.Language}
	if v.self(s.today(v)) {
		s.youngContact(page, v)
		controls = []control{page.Young, &page.Name, &page.Phone, &page.Email, &page.Language}
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "booking/contact", page)
}

package web

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// What the buttons say that hand the answers from a guardian to a young person, and back (domain, Family data 7).
const (
	doSelf     = "self"
	doGuardian = "guardian"
)

// mayBeSelf reports whether the one child of the answers may book for themselves today. A guardian who is signed in books for their children.
func (v bookingVisit) mayBeSelf(today time.Time) bool {
	if v.own || len(v.answers.Children) != 1 {
		return false
	}
	child := v.answers.Children[0]
	birth, wrong := family.ParseBirthDate(child.Day, child.Month, child.Year, today)
	return wrong == nil && family.MayBookAlone(birth, today)
}

// self reports whether a young person answers for themselves, and so is asked nothing that only a guardian may say.
func (v bookingVisit) self(today time.Time) bool { return v.answers.Young && v.mayBeSelf(today) }

type youngForm struct {
	Email string `form:"young_email" validate:"mailbox"`
}

// checkYoung returns a message per wrong box of screen 3 of a young person: their own address, and how to reach a guardian. That one may name somebody else for
// emergencies when they answer the rest.
func checkYoung(a answers) map[string]fault.Message {
	a.Contact.Emergency = "me"
	wrong := checkContact(a.Contact)
	for name, m := range checkForm(youngForm{a.YoungEmail}) {
		wrong[name] = m
	}
	if len(wrong) == 0 && account.FoldEmail(a.YoungEmail) == account.FoldEmail(a.Contact.Email) {
		wrong[booking.FieldEmail] = fault.Message{Key: "booking.young_guardian"}
	}
	return wrong
}

// postSelf hands the answers to the young person. Whoever is younger was not asked.
func (s *Server) postSelf(c *gin.Context, v bookingVisit) error {
	today := s.today(v)
	if !v.mayBeSelf(today) {
		return fault.New(fault.Invalid, "booking.young_age", family.YoungAge)
	}
	v.answers.Young = true
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, today)))
}

// postYoungContact keeps screen 3 of a young person, or hands the answers back to a guardian.
func (s *Server) postYoungContact(c *gin.Context, v bookingVisit, form url.Values) error {
	v.answers.Contact, v.answers.YoungEmail = readContact(form), form.Get("young_email")
	if form.Get("do") == doGuardian {
		v.answers.Young, v.answers.YoungEmail, v.answers.Contact = false, "", contactAnswers{Language: v.answers.Contact.Language}
	} else if wantsLater(form) {
		return s.saveForLater(c, v)
	} else if wrong := checkYoung(v.answers); len(wrong) > 0 {
		return s.showContact(c, http.StatusUnprocessableEntity, v, fault.InvalidFields(wrong))
	}
	if err := s.saveDraft(c, v); err != nil {
		return err
	}
	return seeOther(c, screenPath(v.session.ID, nextScreen(v, s.today(v))))
}

// youngContact turns screen 3 into that of a young person.
func (s *Server) youngContact(page *bookingContactPage, v bookingVisit) {
	p := s.words
	page.Title = p.T("young.contact.title")
	page.Young = &Field{Name: booking.FieldYoungEmail, Label: p.T("young.email"), Hint: p.T("young.email.hint"), Value: v.answers.YoungEmail, Type: "email",
		Autocomplete: "email", NoSpellcheck: true}
	page.Name.Label, page.Name.Autocomplete = p.T("young.guardian.name"), "off"
	page.Email.Label, page.Email.Hint, page.Email.Autocomplete = p.T("young.guardian.email"), p.T("young.guardian.email.hint"), "off"
	page.Phone.Label, page.Phone.Hint, page.Phone.Autocomplete = p.T("young.guardian.phone"), p.T("young.guardian.phone.hint"), "off"
}

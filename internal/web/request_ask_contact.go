package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/words"

	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// askContactPage is screen 3: who writes, and who would pay.
type askContactPage struct {
	AskHead
	Name, Role, Email, Phone Field
	Funding                  Choices
	Adage                    Field
	Message                  Field
	Trap                     string // the name of the box that nobody sees
}

func getAskContact(s *Server, c *gin.Context) error {
	v, stop, err := s.askVisitAfter(c, askContact)
	if err != nil || stop {
		return err
	}
	return s.showAskContact(c, http.StatusOK, v, nil)
}

func postAskContact(s *Server, c *gin.Context) error {
	v, stop, err := s.askVisitAfter(c, askContact)
	if err != nil || stop {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get(trapField) != "" {
		return s.thankProgram(c)
	}
	a := &v.answers
	a.ContactName, a.Role, a.Email, a.Phone = form.Get("contact_name"), form.Get("role"), form.Get("email"), form.Get("phone")
	a.Funding, a.Adage, a.Message = form.Get("funding"), form.Get("adage"), form.Get("message")
	return s.goOn(c, v, askContact, func(status int, v askVisit, problem *fault.Error) error {
		return s.showAskContact(c, status, v, problem)
	})
}

func (s *Server) showAskContact(c *gin.Context, status int, v askVisit, problem *fault.Error) error {
	p, a := s.words, v.answers
	page := &askContactPage{
		AskHead: s.askHead(c, askContact, "ask.contact.title"), Trap: trapField,
		Name:    Field{Name: "contact_name", Label: p.T("ask.contact"), Value: a.ContactName, Autocomplete: "name", MaxLength: family.MaxName, People: true},
		Role:    Field{Name: "role", Label: p.T("ask.role"), Hint: p.T("ask.role.hint"), Value: a.Role, Autocomplete: "organization-title", MaxLength: school.MaxLine},
		Email:   Field{Name: "email", Label: p.T("ask.email"), Hint: p.T("ask.email.hint"), Value: a.Email, Type: "email", Autocomplete: "email", NoSpellcheck: true},
		Phone:   Field{Name: "phone", Label: p.T("ask.phone"), Value: a.Phone, Type: "tel", Autocomplete: "tel", Width: WidthMedium},
		Funding: Choices{Name: "funding", Legend: p.T("ask.funding"), Hint: p.T("ask.funding.hint")},
		Adage:   Field{Name: "adage", Label: p.T("ask.adage"), Hint: p.T("ask.adage.hint"), Value: a.Adage, Optional: true, Width: WidthMedium, Autocomplete: "off", MaxLength: school.MaxLine, NoSpellcheck: true},
		Message: Field{Name: "message", Label: p.T("ask.message"), Hint: p.T("ask.message.hint"), Value: a.Message, Optional: true, Rows: 4, MaxLength: school.MaxText},
	}
	fundings, err := s.Office.Fundings(c.Request.Context())
	if err != nil {
		return err
	}
	for _, f := range fundings {
		option := Option{Value: string(f), Label: s.askedFunding(f), Reveals: f == settings.PassCulture}
		if option.Label == option.Value {
			option.Lang = string(words.French)
		}
		page.Funding.Options = append(page.Funding.Options, option)
	}
	page.Funding.Options = choose(page.Funding.Options, a.Funding)
	if problem != nil {
		explain(p, &page.Page, problem, &page.Name, &page.Role, &page.Email, &page.Phone, &page.Funding, &page.Adage, &page.Message)
	}
	return s.show(c, status, "ecoles/contact", page)
}

// askedFunding is a kind of funding as who asks says it. One that the association named itself says its own name.
func (s *Server) askedFunding(kind settings.Funding) string {
	if key := "ask.funding." + string(kind); s.words.Has(key) {
		return s.words.T(key)
	}
	return string(kind)
}

package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// payerFields are the boxes of « Qui paie ? ».
type payerFields struct {
	Who      Choices
	Name     Field
	Address  Field
	Postcode Field
	City     Field
	SIRET    Field
	Public   Choices
	Service  Field
	Contact  Field
	Email    Field
	Phone    Field
}

// payerValues is a payer as payerFields show it; nil: who asks pays.
func payerValues(p *school.Payer) url.Values {
	if p == nil {
		return url.Values{"payer": {"us"}}
	}
	public := "no"
	if p.Public {
		public = "yes"
	}
	return url.Values{
		"payer": {"other"}, "payer_name": {p.Name}, "payer_address": {p.Address}, "payer_postcode": {p.Postcode}, "payer_city": {p.City},
		"payer_siret": {p.SIRET}, "payer_public": {public}, "payer_service": {p.ServiceCode}, "payer_contact": {p.ContactName},
		"payer_email": {p.Email}, "payer_phone": {p.Phone},
	}
}

func (s *Server) payerFields(form url.Values, organisation string) payerFields {
	p := s.words
	box := func(name, label string) Field {
		return Field{Name: name, Label: p.T(label), Value: form.Get(name), Autocomplete: "off"}
	}
	f := payerFields{
		Who: Choices{Name: "payer", Legend: p.T("school_money.payer.who"), Options: choose([]Option{
			{Value: "us", Label: organisation, Hint: p.T("school_money.payer.us.hint")},
			{Value: "other", Label: p.T("school_money.payer.other"), Hint: p.T("school_money.payer.other.hint"), Reveals: true},
		}, form.Get("payer"))},
		Name: box("payer_name", "school_money.payer.name"), Address: box("payer_address", "school_money.payer.address"),
		Postcode: box("payer_postcode", "school_money.payer.postcode"), City: box("payer_city", "school_money.payer.city"),
		SIRET: box("payer_siret", "school_money.payer.siret"), Service: box("payer_service", "school_money.payer.service"),
		Contact: box("payer_contact", "school_money.payer.contact"), Email: box("payer_email", "school_money.payer.email"), Phone: box("payer_phone", "school_money.payer.phone"),
		Public: Choices{Name: "payer_public", Legend: p.T("school_money.payer.public"), Hint: p.T("school_money.payer.public.hint"), Inline: true, Options: choose([]Option{
			{Value: "yes", Label: p.T("school_money.yes")}, {Value: "no", Label: p.T("school_money.no")}}, form.Get("payer_public"))},
	}
	f.SIRET.Hint, f.Service.Hint, f.Email.Hint = p.T("school_money.payer.siret.hint"), p.T("school_money.payer.service.hint"), p.T("school_money.payer.email.hint")
	f.SIRET.Optional, f.Service.Optional, f.Phone.Optional = true, true, true
	f.SIRET.InputMode, f.Postcode.InputMode = "numeric", "numeric"
	f.Postcode.Width, f.SIRET.Width, f.City.Width, f.Service.Width, f.Phone.Width = WidthShort, WidthMedium, WidthMedium, WidthMedium, WidthMedium
	f.Email.Type, f.Email.NoSpellcheck, f.Phone.Type, f.Contact.People = "email", true, "tel", true
	for _, field := range []*Field{&f.Name, &f.Address, &f.Postcode, &f.City, &f.Contact, &f.Email} {
		field.Conditional = true // wanted where somebody else pays
	}
	return f
}

func (f *payerFields) controls() []control {
	return []control{&f.Who, &f.Name, &f.Address, &f.Postcode, &f.City, &f.SIRET, &f.Public, &f.Service, &f.Contact, &f.Email, &f.Phone}
}

// typedPayer is what came back from payerFields: nil where who asks pays.
func typedPayer(form url.Values) (*school.Payer, error) {
	switch form.Get("payer") {
	case "us":
		return nil, nil
	case "other":
	default:
		return nil, fault.InvalidFields(map[string]fault.Message{"payer": {Key: "school_money.payer.who_missing"}})
	}
	if public := form.Get("payer_public"); public != "yes" && public != "no" {
		return nil, fault.InvalidFields(map[string]fault.Message{"payer_public": {Key: "school_money.payer.public_missing"}})
	}
	return &school.Payer{
		Name: form.Get("payer_name"), Address: form.Get("payer_address"), Postcode: form.Get("payer_postcode"), City: form.Get("payer_city"),
		SIRET: form.Get("payer_siret"), Public: form.Get("payer_public") == "yes", ServiceCode: form.Get("payer_service"),
		ContactName: form.Get("payer_contact"), Email: form.Get("payer_email"), Phone: form.Get("payer_phone"),
	}, nil
}

// payerFormPage asks the contact who pays.
type payerFormPage struct {
	Page
	Back   string
	Key    FormKey
	Fields payerFields
}

func getPayerForm(s *Server, c *gin.Context) error {
	m, err := s.School.Money(c.Request.Context(), requestVisit(c))
	if err != nil {
		return err
	}
	if !m.Request.State.TakesPayer() {
		return s.showRequest(c, http.StatusConflict, fault.New(fault.Conflict, "school_money.payer.late"))
	}
	return s.showPayerForm(c, http.StatusOK, m, payerValues(m.Payer), nil)
}

func postPayerForm(s *Server, c *gin.Context) error {
	v := requestVisit(c)
	m, err := s.School.Money(c.Request.Context(), v)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.submitVisit(c, form, visitForm{
		purpose: "payer", next: visitBase(v) + "?fait=payeur",
		do: func(key account.FormKey) error {
			payer, err := typedPayer(form)
			if err != nil {
				return err
			}
			return s.School.SetPayerByLink(c.Request.Context(), key, v.Link, payer)
		},
		again: func(status int, problem *fault.Error) error { return s.showPayerForm(c, status, m, form, problem) },
	})
}

func (s *Server) showPayerForm(c *gin.Context, status int, m school.Money, form url.Values, problem *fault.Error) error {
	page := &payerFormPage{
		Page: s.newPage(c, s.words.T("school_money.payer.title")), Back: visitBase(requestVisit(c)), Key: s.newKey(c, "payer"),
		Fields: s.payerFields(form, m.Request.Organisation.Name),
	}
	page.Section = SectionGroups
	if problem != nil {
		explain(s.words, &page.Page, problem, page.Fields.controls()...)
	}
	return s.show(c, status, "demandes/payer_form", page)
}

// deskPayerPage is the same form at the desk.
type deskPayerPage struct {
	DeskHead
	Back   string
	Key    FormKey
	Fields payerFields
}

func getDeskPayer(s *Server, c *gin.Context) error {
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	return s.showDeskPayer(c, http.StatusOK, m, payerValues(m.Payer), nil)
}

func postDeskPayer(s *Server, c *gin.Context) error {
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "desk-payer",
		do: func(form url.Values, key account.FormKey) (string, error) {
			payer, err := typedPayer(form)
			if err != nil {
				return "", err
			}
			return DeskRequestPath(m.Request.ID) + "?fait=enregistree", s.School.SetPayer(c.Request.Context(), s.actor(c), key, m.Request.ID, payer)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskPayer(c, status, m, form, problem)
		},
	})
}

// deskMoney is the money of the request in the path, for the desk.
func (s *Server) deskMoney(c *gin.Context) (school.Money, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return school.Money{}, err
	}
	return s.School.DeskMoney(c.Request.Context(), s.actor(c), id)
}

func (s *Server) showDeskPayer(c *gin.Context, status int, m school.Money, form url.Values, problem *fault.Error) error {
	page := &deskPayerPage{
		DeskHead: s.deskHead(c, s.words.T("school_money.payer.desk_title", m.Request.Organisation.Name)), Back: DeskRequestPath(m.Request.ID), Key: s.newKey(c, "desk-payer"),
		Fields: s.payerFields(form, m.Request.Organisation.Name),
	}
	if problem != nil {
		explain(s.words, &page.Page, problem, page.Fields.controls()...)
	}
	return s.show(c, status, "equipe/payer_form", page)
}

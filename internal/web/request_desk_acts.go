package web

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// requestActPage asks before something that is told to the organisation and not taken back.
type requestActPage struct {
	DeskHead
	Organisation string
	Asked        string
	What         string
	Reason       *Field // nil where none is asked for
	Button       Button
	Action, Back string
	Key          FormKey
}

// requestAct is such a thing. Its texts are school.NAME.…
type requestAct struct {
	name   string
	path   string // below the request's
	done   string
	danger bool
	reason bool // asked for
	// refuse is why it cannot be done now, without trying; nil when it can.
	refuse func(school.Request) error
	do     func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, id int64, reason string) error
}

var (
	declining = requestAct{
		name: "decline", path: "/decliner", done: "declinee", danger: true, reason: true,
		refuse: func(r school.Request) error { return tooLateUnless(r.State.MayBecome(school.Declined)) },
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, id int64, reason string) error {
			return s.School.Decline(ctx, actor, key, id, reason)
		},
	}
	skippingQuote = requestAct{
		name: "no_quote", path: "/sans-devis", done: "sans-devis", reason: true,
		refuse: func(r school.Request) error { return tooLateUnless(r.State == school.Proposed) },
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, id int64, reason string) error {
			return s.School.SkipQuote(ctx, actor, key, id, reason)
		},
	}
	skippingAgreement = requestAct{
		name: "no_agreement", path: "/sans-convention", done: "sans-convention",
		refuse: func(r school.Request) error { return tooLateUnless(r.State == school.Accepted) },
		do: func(ctx context.Context, s *Server, actor account.Actor, key account.FormKey, id int64, _ string) error {
			return s.School.SkipAgreement(ctx, actor, key, id)
		},
	}
)

func tooLateUnless(may bool) error {
	if may {
		return nil
	}
	return fault.New(fault.Conflict, "school.too_late")
}

func getRequestDecline(s *Server, c *gin.Context) error {
	return s.showRequestAct(c, declining, http.StatusOK, nil, nil)
}
func postRequestDecline(s *Server, c *gin.Context) error { return s.takeRequestAct(c, declining) }

func getRequestNoQuote(s *Server, c *gin.Context) error {
	return s.showRequestAct(c, skippingQuote, http.StatusOK, nil, nil)
}
func postRequestNoQuote(s *Server, c *gin.Context) error { return s.takeRequestAct(c, skippingQuote) }

func getRequestNoAgreement(s *Server, c *gin.Context) error {
	return s.showRequestAct(c, skippingAgreement, http.StatusOK, nil, nil)
}
func postRequestNoAgreement(s *Server, c *gin.Context) error {
	return s.takeRequestAct(c, skippingAgreement)
}

func (s *Server) showRequestAct(c *gin.Context, act requestAct, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.School.Request(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	if err := act.refuse(r); err != nil && problem == nil {
		return err
	}
	p, key := s.words, "school."+act.name
	page := &requestActPage{
		DeskHead: s.deskHead(c, p.T(key+".title")), Organisation: r.Organisation.Name, Asked: r.Asked(), What: p.T(key + ".what"),
		Button: Button{Label: p.T(key + ".button")}, Action: DeskRequestPath(id) + act.path, Back: DeskRequestPath(id), Key: s.newKey(c, "request-"+act.name),
	}
	if act.danger {
		page.Button.Kind = ButtonDanger
	}
	var controls []control
	if act.reason {
		page.Reason = &Field{Name: "reason", Label: p.T(key + ".reason"), Hint: p.T(key + ".reason.hint"), Rows: 3, MaxLength: school.MaxText,
			Value: form.Get("reason"), Optional: act.name == skippingQuote.name && r.Funding == settings.Free}
		controls = append(controls, page.Reason)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/request_act", page)
}

func (s *Server) takeRequestAct(c *gin.Context, act requestAct) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "request-" + act.name,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return DeskRequestPath(id) + "?fait=" + act.done, act.do(c.Request.Context(), s, s.actor(c), key, id, form.Get("reason"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRequestAct(c, act, status, form, problem)
		},
	})
}

// requestContactPage corrects who writes for the organisation.
type requestContactPage struct {
	DeskHead
	Organisation             string
	Name, Role, Email, Phone Field
	Action, Back             string
	Key                      FormKey
}

func getRequestContact(s *Server, c *gin.Context) error {
	return s.showRequestContact(c, http.StatusOK, nil, nil)
}

func (s *Server) showRequestContact(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	r, err := s.School.Request(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	if form == nil {
		form = url.Values{"contact_name": {r.Contact.Name}, "role": {r.Contact.Role}, "email": {r.Contact.Email}, "phone": {r.Contact.Phone}}
	}
	p := s.words
	page := &requestContactPage{
		DeskHead: s.deskHead(c, p.T("school.contact.title")), Organisation: r.Organisation.Name,
		Name:   Field{Name: "contact_name", Label: p.T("school.contact.name"), Value: form.Get("contact_name"), MaxLength: school.MaxLine, People: true, Autocomplete: "off"},
		Role:   Field{Name: "role", Label: p.T("school.contact.role"), Value: form.Get("role"), MaxLength: school.MaxLine},
		Email:  Field{Name: "email", Label: p.T("school.contact.email"), Hint: p.T("school.contact.email.hint"), Value: form.Get("email"), Type: "email", NoSpellcheck: true, Autocomplete: "off"},
		Phone:  Field{Name: "phone", Label: p.T("school.contact.phone"), Value: form.Get("phone"), Type: "tel", Autocomplete: "off"},
		Action: DeskRequestPath(id) + "/contact", Back: DeskRequestPath(id), Key: s.newKey(c, "request-contact"),
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Name, &page.Role, &page.Email, &page.Phone)
	}
	return s.show(c, status, "equipe/request_contact", page)
}

func postRequestContact(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "request-contact",
		do: func(form url.Values, key account.FormKey) (string, error) {
			contact := school.Contact{Name: form.Get("contact_name"), Role: form.Get("role"), Email: form.Get("email"), Phone: form.Get("phone")}
			if wrong := checkForm(askContactForm{contact.Name, contact.Email, contact.Phone}); wrong != nil {
				return "", fault.InvalidFields(wrong)
			}
			return DeskRequestPath(id) + "?fait=contact", s.School.EditContact(c.Request.Context(), s.actor(c), key, id, contact)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRequestContact(c, status, form, problem)
		},
	})
}

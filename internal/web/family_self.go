package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// ownSpace is what the guardian who is signed in may see and change.
func (s *Server) ownSpace(c *gin.Context) (family.Space, error) {
	return s.Families.Space(c.Request.Context(), s.actor(c))
}

// ownForm is the guardian's name and phone as they typed them.
type ownForm struct {
	Name  string `form:"name" validate:"full_name"`
	Phone string `form:"phone" validate:"phone"`
}

func editContact(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p, g := s.printer(c), v.Guardian
	name := g.Name
	if name == g.Email { // who signed in before they said who they are
		name = ""
	}
	return s.editing(c, edit{
		title: p.T("space.contact.title"), lead: p.T("space.contact.lead"), done: "enregistre",
		parts: func(form url.Values) []editPart {
			return []editPart{
				{Field: &Field{Name: "name", Label: p.T("booking.name"), Value: typedOr(form, "name", name), Autocomplete: "name", People: true}},
				{Field: &Field{Name: "phone", Label: p.T("booking.phone"), Hint: p.T("booking.phone.hint"), Value: typedOr(form, "phone", g.Phone), Type: "tel", Autocomplete: "tel", Width: WidthMedium}},
			}
		},
		check: func(form url.Values) map[string]fault.Message {
			return checkForm(ownForm{form.Get("name"), form.Get("phone")})
		},
		review: func(form url.Values) []Answer {
			return []Answer{s.changed(c, p.T("booking.name"), name, form.Get("name")), s.changed(c, p.T("booking.phone"), g.Phone, form.Get("phone"))}
		},
		save: func(key account.FormKey, form url.Values) error {
			name, _ := family.ParseName(form.Get("name"))
			phone, _ := family.ParsePhone(form.Get("phone"))
			return s.Families.SetContact(c.Request.Context(), s.actor(c), key, name, phone)
		},
	})
}

func editEmergency(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p, g := s.printer(c), v.Guardian
	who := "me"
	if g.EmergencyName != "" {
		who = "other"
	}
	said := func(who, name, phone string) string {
		if who == "me" {
			return p.T("space.emergency.me")
		}
		return p.T("space.emergency.other", name, phone)
	}
	return s.editing(c, edit{
		title: p.T("space.emergency.title"), lead: p.T("space.emergency.lead"), done: "enregistre",
		parts: func(form url.Values) []editPart {
			return []editPart{
				{Choices: &Choices{Name: "emergency", Legend: p.T("booking.emergency"), Options: choose([]Option{
					{Value: "me", Label: p.T("booking.emergency.me")}, {Value: "other", Label: p.T("booking.emergency.other"), Reveals: true},
				}, typedOr(form, "emergency", who))},
					Names: &Field{Name: "emergency_name", Label: p.T("booking.emergency.name"), Value: typedOr(form, "emergency_name", g.EmergencyName), Autocomplete: "off", Conditional: true, People: true}},
				{Field: &Field{Name: "emergency_phone", Label: p.T("booking.emergency.phone"), Value: typedOr(form, "emergency_phone", g.EmergencyPhone), Type: "tel", Autocomplete: "off", Conditional: true, Width: WidthMedium}},
			}
		},
		check: func(form url.Values) map[string]fault.Message {
			switch form.Get("emergency") {
			case "me":
				return nil
			case "other":
				return checkForm(emergencyForm{form.Get("emergency_name"), form.Get("emergency_phone")})
			}
			return map[string]fault.Message{"emergency": {Key: "booking.emergency.missing"}}
		},
		review: func(form url.Values) []Answer {
			return []Answer{s.changed(c, p.T("space.line.emergency"), said(who, g.EmergencyName, g.EmergencyPhone),
				said(form.Get("emergency"), form.Get("emergency_name"), form.Get("emergency_phone")))}
		},
		save: func(key account.FormKey, form url.Values) error {
			var name, phone string
			if form.Get("emergency") == "other" {
				name, _ = family.ParseName(form.Get("emergency_name"))
				phone, _ = family.ParsePhone(form.Get("emergency_phone"))
			}
			return s.Families.SetEmergency(c.Request.Context(), s.actor(c), key, name, phone)
		},
	})
}

func editLanguage(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	return s.editing(c, edit{
		title: p.T("space.language.title"), lead: p.T("space.language.lead"), done: "enregistre",
		parts: func(form url.Values) []editPart {
			return []editPart{{Choices: &Choices{Name: "language", Legend: p.T("booking.language"), Inline: true, Options: choose(languageOptions(), typedOr(form, "language", v.Guardian.Language))}}}
		},
		check: func(form url.Values) map[string]fault.Message {
			return checkForm(languageForm{form.Get("language")})
		},
		save: func(key account.FormKey, form url.Values) error {
			return s.Families.SetLanguage(c.Request.Context(), s.actor(c), key, form.Get("language"))
		},
	})
}

type languageForm struct {
	Language string `form:"language" validate:"language"`
}

func editNewsletter(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	return s.editing(c, edit{
		title: p.T("space.newsletter.title"), lead: p.T("space.newsletter.lead"), done: "reponse",
		parts: func(form url.Values) []editPart {
			return []editPart{{Choices: &Choices{Name: "newsletter", Legend: p.T("space.newsletter.ask"), Inline: true, Options: choose([]Option{
				{Value: "yes", Label: p.T("space.newsletter.yes")}, {Value: "no", Label: p.T("space.newsletter.no")},
			}, typedOr(form, "newsletter", string(v.Newsletter)))}}}
		},
		check: func(form url.Values) map[string]fault.Message {
			return checkForm(newsletterForm{form.Get("newsletter")})
		},
		save: func(key account.FormKey, form url.Values) error {
			return s.Families.SetNewsletter(c.Request.Context(), s.actor(c), key, family.Answer(form.Get("newsletter")))
		},
	})
}

type newsletterForm struct {
	Newsletter string `form:"newsletter" validate:"oneof=yes no" msg:"space.newsletter.missing"`
}

// editEmail asks for a new address, which counts once it is confirmed from there.
func editEmail(s *Server, c *gin.Context) error {
	v, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	p := s.printer(c)
	var notes []string
	if v.NewEmail != "" {
		notes = append(notes, p.T("space.email.waits", v.NewEmail))
	}
	return s.editing(c, edit{
		title: p.T("space.email.title"), lead: p.T("space.email.lead", v.Guardian.Email), notes: notes, button: p.T("space.email.button"), done: "adresse", fresh: true,
		parts: func(form url.Values) []editPart {
			return []editPart{{Field: &Field{Name: "email", Label: p.T("space.email.new"), Value: form.Get("email"), Type: "email", Autocomplete: "email", NoSpellcheck: true}}}
		},
		check: func(form url.Values) map[string]fault.Message {
			if _, wrong := family.ParseEmail(form.Get("email")); wrong != nil {
				return map[string]fault.Message{"email": *wrong}
			}
			if s.emailTries.wait(s.actor(c).String(), s.config.Now()) > 0 {
				return map[string]fault.Message{"email": {Key: "space.email.often"}}
			}
			return nil
		},
		save: func(key account.FormKey, form url.Values) error {
			email, _ := family.ParseEmail(form.Get("email"))
			defer s.Outbox.Notify()
			return s.Families.AskEmail(c.Request.Context(), s.actor(c), key, email)
		},
	})
}

// emailTriesPerHour is how many mails to new addresses a guardian can cause in an hour.
const emailTriesPerHour = 5

// EmailPath is the page by which the link of a mail confirms a new address.
func EmailPath(token string) string { return "/compte/adresse/" + token }

// mailedPage asks who came by a mailed link for the one thing that it is for.
type mailedPage struct {
	Page
	Key    FormKey
	Lead   string
	Lines  []Answer
	Notes  []string
	Shared *Choices // whether others use this device too; nil where nobody is signed in
	Button string
}

func getEmailConfirm(s *Server, c *gin.Context) error {
	v, err := s.Families.FindEmailChange(c.Request.Context(), s.actor(c), c.Param("change"))
	if err != nil {
		return s.showMailedOver(c, err)
	}
	p := s.printer(c)
	return s.show(c, http.StatusOK, "family/mailed", &mailedPage{
		Page: s.familyPage(c, p.T("space.email.confirm.title")), Key: s.newKey(c, "family-email"), Lead: p.T("space.email.confirm.lead"),
		Lines: []Answer{{Label: p.T("space.email.new"), Value: v.Email}}, Notes: []string{p.T("space.email.confirm.out")}, Button: p.T("space.email.confirm.button"),
	})
}

func postEmailConfirm(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-email", form)
	if err != nil {
		return err
	}
	guardian, epoch, err := s.Bookings.ConfirmEmail(c.Request.Context(), s.actor(c), key, c.Param("change"))
	if err != nil {
		return s.showMailedOver(c, err)
	}
	if guardian == 0 {
		return seeOther(c, familyStart) // sent twice
	}
	return s.enterAs(c, guardian, epoch, s.FamilySignIns.IsShared(c.Request.Context()), "adresse-confirmee")
}

// enterAs signs in who has just shown that a mailbox is theirs.
func (s *Server) enterAs(c *gin.Context, guardian, epoch int64, shared bool, done string) error {
	ctx := c.Request.Context()
	if err := s.FamilySignIns.Start(ctx, account.Guardian(guardian), epoch, shared); err != nil {
		return err
	}
	if err := s.FamilySignIns.Save(ctx, c.Writer); err != nil {
		return err
	}
	s.setFamilySeen(c)
	return seeOther(c, familyStart+"?fait="+done)
}

// showMailedOver says what became of a link that is for one thing.
func (s *Server) showMailedOver(c *gin.Context, err error) error {
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Gone && f.Kind != fault.Conflict && !strings.HasPrefix(f.Message.Key, "account.link") {
		return err
	}
	p := s.printer(c)
	page := &linkOverPage{Page: s.familyPage(c, p.T("space.over.mailed")), What: p.Message(f.Message), Door: s.to(c, familyStart), Ask: p.T("space.over.ask")}
	switch f.Message.Key {
	case "family.email_elsewhere":
		page.Title, page.Ask = p.T("space.email.confirm.title"), p.T("space.over.enter")
	case "family.email_taken":
		page.Title, page.Ask, page.Door = p.T("space.email.confirm.title"), p.T("space.email.other"), s.to(c, "/compte/adresse")
	}
	return s.show(c, statuses[f.Kind], "family/over", page)
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// deskFamilyPage is a guardian and their family, for whoever of the team speaks with them.
type deskFamilyPage struct {
	DeskHead
	Family   foundFamily
	Facts    []Answer
	Correct  string // the page that corrects contacts
	Book     string // the page that books them in a session
	Missed   []string
	Notes    familyNotes
	QPV      *familyQPV
	Suspects []suspectLine // records that may be of the same family
	Merges   []mergedLine
	Money    string // the page of what they paid and owe
}

func familyPath(id int64) string { return familiesPath + "/" + idText(id) }

func (s *Server) deskFamily(c *gin.Context) (booking.DeskFamily, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return booking.DeskFamily{}, err
	}
	return s.Bookings.DeskFamily(c.Request.Context(), s.actor(c), id)
}

func getDeskFamily(s *Server, c *gin.Context) error {
	return s.showDeskFamily(c, http.StatusOK, nil, nil)
}

// showDeskFamily shows the page; form is a note that was not kept, with what is wrong.
func (s *Server) showDeskFamily(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.showFamilyOf(c, status, id, form, problem)
}

func (s *Server) showFamilyOf(c *gin.Context, status int, id int64, form url.Values, problem *fault.Error) error {
	f, err := s.Bookings.DeskFamily(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p, path := s.words, familyPath(f.ID)
	page := &deskFamilyPage{DeskHead: s.deskHead(c, f.Name), Family: s.foundFamily(f.Found), Correct: path + "/contact", Book: familyBookPath(f.ID), Money: payerMoneyPath(f.ID, "")}
	emergency := p.T("desk_family.emergency.self")
	if f.EmergencyName != "" {
		emergency = f.EmergencyName + ", " + f.Emergency
	}
	page.Facts = []Answer{
		{Label: p.T("desk_family.emergency"), Value: emergency},
		{Label: p.T("staff_booking.language"), Value: words.Lang(f.Language).Name()},
		{Label: p.T("desk_family.since"), Value: p.Date(f.Since)},
	}
	for _, m := range f.Missed {
		page.Missed = append(page.Missed, s.missedWords(m))
	}
	if page.Notes, err = s.familyNotes(c, f, form); err != nil {
		return err
	}
	page.QPV = s.familyQPV(c, f, form)
	suspects, _, err := s.Bookings.Suspects(c.Request.Context(), s.actor(c), f.ID)
	if err != nil {
		return err
	}
	page.Suspects = s.suspectLines(c, suspects)
	if page.Merges, err = s.mergedLines(c, f.ID); err != nil {
		return err
	}
	if problem != nil {
		controls := []control{&page.Notes.Text}
		if page.Notes.Child != nil {
			controls = append(controls, page.Notes.Child)
		}
		if page.QPV != nil {
			controls = append(controls, &page.QPV.Child, &page.QPV.QPV)
		}
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/family", page)
}

// missedWords says what became of a seat that nobody used.
func (s *Server) missedWords(m booking.Missed) string {
	p := s.words
	if m.GivenUp.IsZero() {
		return p.T("desk_family.absent", m.Child, m.Title, p.DateShort(m.StartsAt))
	}
	told := p.T("desk_family.late", m.Child, m.Title, p.DateShort(m.StartsAt), s.beforeWords(m.StartsAt.Sub(m.GivenUp)))
	if m.Reason != "" {
		told = joinSentences([]string{told, p.T("desk_family.reason", p.T("rebook.reason."+string(m.Reason)))})
	}
	return told
}

// beforeWords says how long before the start a seat was given up.
func (s *Server) beforeWords(before time.Duration) string {
	return s.words.N("desk_family.hours", int(before/time.Hour))
}

// familyContactPage corrects how a family is reached; with Review it shows the corrections before they are kept (ACC-6).
type familyContactPage struct {
	DeskHead
	Name, Phone, Email Field
	Language           Choices
	Seen               string
	Review             []Answer
	Means              []string // what another address means
	Kept               []keptField
	Call               []keptField // the form that books the family, left for this one; none where nobody was being booked
	Action, Back       string
	Key                FormKey
}

func getFamilyContact(s *Server, c *gin.Context) error {
	return s.showFamilyContact(c, http.StatusOK, nil, nil)
}

func postFamilyContact(s *Server, c *gin.Context) error {
	form, err := readForm(c)
	if err != nil {
		return err
	}
	err = s.correctContact(c, form)
	if fault.KindOf(err) != fault.NotFound {
		return err
	}
	// A colleague has made one record of two meanwhile: what was typed stands in the form of the one that stays, which nobody has seen yet.
	return s.ifJoined(c, err, func(into int64) error {
		form.Del("seen")
		return s.showContactOf(c, http.StatusConflict, into, form, fault.New(fault.Conflict, "desk_family.contact.joined"))
	})
}

// correctContact shows a correction again, or keeps it.
func (s *Server) correctContact(c *gin.Context, form url.Values) error {
	switch form.Get("do") {
	case "again":
		return s.showFamilyContact(c, http.StatusOK, form, nil)
	case "leave":
		return s.backToCall(c, form)
	}
	wrong := checkForm(phoneForm{form.Get("name"), form.Get("phone"), strings.TrimSpace(form.Get("email")), form.Get("language")})
	if len(wrong) > 0 {
		return s.showFamilyContact(c, http.StatusUnprocessableEntity, form, fault.InvalidFields(wrong))
	}
	if form.Get("do") != "keep" {
		return s.reviewFamilyContact(c, form)
	}
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	var next func() error
	if form.Has(callField) {
		next = func() error { return s.backToCall(c, form) }
	}
	return s.submit(c, deskForm{
		purpose: "family-contact", next: next,
		do: func(form url.Values, key account.FormKey) (string, error) {
			to, language := typedContact(form)
			return familyPath(id) + "?fait=contact-corrige", s.Bookings.CorrectContact(c.Request.Context(), s.actor(c), key, id, to, language, form.Get("seen"))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showFamilyContact(c, status, form, problem)
		},
	})
}

// typedContact reads a contact that has passed phoneForm.
func typedContact(form url.Values) (to booking.Contact, language string) {
	to.Name, _ = family.ParseName(form.Get("name"))
	to.Phone, _ = family.ParsePhone(form.Get("phone"))
	if email := strings.TrimSpace(form.Get("email")); email != "" {
		to.Email, _ = family.ParseEmail(email)
	}
	return to, form.Get("language")
}

func (s *Server) familyContact(c *gin.Context, f booking.DeskFamily) *familyContactPage {
	path := familyPath(f.ID)
	return &familyContactPage{DeskHead: s.deskHead(c, s.words.T("desk_family.contact.title")), Action: path + "/contact", Back: path, Seen: f.Seen(), Key: s.newKey(c, "family-contact")}
}

// reviewFamilyContact shows what would be kept, and what another address means.
func (s *Server) reviewFamilyContact(c *gin.Context, form url.Values) error {
	f, err := s.deskFamily(c)
	if err != nil {
		return err
	}
	p, page := s.words, s.familyContact(c, f)
	to, language := typedContact(form)
	page.Kept = keptFields(form)
	none := p.T("desk_family.contact.none")
	for _, line := range []struct{ label, was, is string }{
		{"staff_phone.name", f.Name, to.Name}, {"staff_phone.phone", f.Phone, to.Phone}, {"desk_family.contact.email", f.Email, to.Email},
		{"staff_booking.language", words.Lang(f.Language).Name(), words.Lang(language).Name()},
	} {
		value := nameOr(line.is, none)
		if line.was != line.is {
			value = p.T("desk_family.contact.change", nameOr(line.was, none), value)
		}
		page.Review = append(page.Review, Answer{Label: p.T(line.label), Value: value})
	}
	if account.FoldEmail(f.Email) != account.FoldEmail(to.Email) {
		if f.Email != "" {
			page.Means = append(page.Means, p.T("desk_family.contact.old", f.Email))
		}
		if f.Proved {
			page.Means = append(page.Means, p.T("desk_family.contact.told"))
		}
		if to.Email != "" {
			page.Means = append(page.Means, p.T("desk_family.contact.new", to.Email))
		} else {
			page.Means = append(page.Means, p.T("desk_family.contact.phone"))
		}
	}
	return s.show(c, http.StatusOK, "equipe/family_contact", page)
}

func (s *Server) showFamilyContact(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.showContactOf(c, status, id, form, problem)
}

func (s *Server) showContactOf(c *gin.Context, status int, id int64, form url.Values, problem *fault.Error) error {
	f, err := s.Bookings.DeskFamily(c.Request.Context(), s.actor(c), id)
	if err != nil {
		return err
	}
	p, page := s.words, s.familyContact(c, f)
	page.Name = Field{Name: "name", Label: p.T("staff_phone.name"), Value: typedOr(form, "name", f.Name), Autocomplete: "off", People: true}
	page.Phone = Field{Name: "phone", Label: p.T("staff_phone.phone"), Value: typedOr(form, "phone", f.Phone), Type: "tel", Autocomplete: "off", Width: WidthMedium}
	page.Email = Field{Name: "email", Label: p.T("desk_family.contact.email"), Hint: p.T("desk_family.contact.email.hint"), Value: typedOr(form, "email", f.Email), Type: "email", Autocomplete: "off", NoSpellcheck: true, Optional: true}
	page.Language = Choices{Name: "language", Legend: p.T("staff_phone.language"), Options: choose(languageOptions(), typedOr(form, "language", f.Language))}
	for _, name := range []string{callField, callSessionField} {
		if form.Has(name) {
			page.Call = append(page.Call, keptField{Name: name, Value: form.Get(name)})
		}
	}
	if problem == nil || problem.Message.Key != "desk_family.changed" {
		page.Seen = typedOr(form, "seen", page.Seen)
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Name, &page.Phone, &page.Email, &page.Language)
	}
	return s.show(c, status, "equipe/family_contact", page)
}

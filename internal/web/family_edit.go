package web

import (
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// editPage is a small page of the space on which one thing is changed; the same page, with Review, shows it once more before it is kept (ACC-6).
type editPage struct {
	Page
	Key    FormKey
	Lead   string
	Notes  []string
	Parts  []editPart
	Review []Answer
	Kept   []keptField // what was answered, on the page that shows it once more
	Button string
	Danger bool
	Back   string
}

// editPart is one question: exactly one of the first four, and what an answer to the choices reveals.
type editPart struct {
	Field   *Field
	Area    *Field
	Date    *DateField
	Choices *Choices
	Names   *Field // revealed
	Text    *Field // revealed, of several lines
}

// keptField is an answer that a page carries along.
type keptField struct{ Name, Value string }

// edit is one thing that can be changed.
type edit struct {
	title, lead string
	notes       []string
	button      string // the usual one where it is empty
	danger      bool
	back        string // the start of the space where it is empty
	fresh       bool   // only for who proved the mailbox a moment ago: it lets somebody else in (SEC-3)
	parts       func(form url.Values) []editPart
	check       func(form url.Values) map[string]fault.Message
	review      func(form url.Values) []Answer // nil: it is kept at once, since it can be changed back as easily
	save        func(key account.FormKey, form url.Values) error
	done        string // names the notice on the page that follows
	next        string // that page; back where it is empty
}

// doneNotices are what the space may say has been done, by the value of « fait ».
var doneNotices = []string{"enregistre", "adresse", "adresse-confirmee", "invitation", "invitation-retiree", "invitation-acceptee", "quitte", "bienvenue", "reponse"}

// doneNotice is the notice that a path asks for; nil for any other value.
func (s *Server) doneNotice(c *gin.Context) *Notice {
	if done := c.Query("fait"); slices.Contains(doneNotices, done) {
		return &Notice{Tone: ToneDone, Title: s.printer(c).T("space.done." + done)}
	}
	return nil
}

// editing answers the GET and the POST of a page on which one thing is changed.
func (s *Server) editing(c *gin.Context, e edit) error {
	if e.back == "" {
		e.back = familyStart
	}
	if e.fresh && !s.fresh(c) {
		return s.renewing(c, e)
	}
	if c.Request.Method != http.MethodPost {
		return s.showEdit(c, http.StatusOK, e, nil, nil)
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	if form.Get("do") == "again" {
		return s.showEdit(c, http.StatusOK, e, form, nil) // nothing is done: the key may be that of an earlier sign-in
	}
	key, err := s.checkKey(c, "family-edit", form)
	if fault.Is(err, fault.Gone, "error.form_expired") || fault.Is(err, fault.Forbidden, "error.form_key") {
		return s.showEdit(c, http.StatusUnprocessableEntity, e, form, fault.New(fault.Invalid, "space.edit.once_more"))
	}
	if err != nil {
		return err
	}
	if e.check != nil {
		if wrong := e.check(form); len(wrong) > 0 {
			return s.showEdit(c, http.StatusUnprocessableEntity, e, form, fault.InvalidFields(wrong))
		}
	}
	if e.review != nil && form.Get("do") != "keep" {
		return s.showReview(c, e, form)
	}
	if err := e.save(key, form); err != nil {
		if f, ok := fault.As(err); ok && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
			return s.showEdit(c, statuses[f.Kind], e, form, f)
		}
		return err
	}
	next := e.next
	if next == "" {
		next = e.back
	}
	return seeOther(c, next+"?fait="+e.done)
}

// renewPage asks for the mailbox once more, before a change that needs a sign-in of a moment ago.
type renewPage struct {
	Page
	Key  FormKey
	Kept []keptField // what was answered when the sign-in had become too old: the page waits with it in its window
	Sent *Notice     // nil before the link was asked for
}

// renewing is editing for whose sign-in is too old: a fresh link, mailed on request, leads back to the page.
func (s *Server) renewing(c *gin.Context, e edit) error {
	if c.Request.Method != http.MethodPost {
		return s.showRenew(c, http.StatusOK, e, nil, nil)
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "family-edit", form)
	if fault.Is(err, fault.Gone, "error.form_expired") || fault.Is(err, fault.Forbidden, "error.form_key") || err == nil && form.Get("do") != "renew" {
		return s.showRenew(c, http.StatusForbidden, e, form, nil)
	}
	if err != nil {
		return err
	}
	sent, status, err := s.mailFresh(c, key, c.Request.URL.Path)
	if err != nil {
		return err
	}
	return s.showRenew(c, status, e, form, sent)
}

func (s *Server) showRenew(c *gin.Context, status int, e edit, form url.Values, sent *Notice) error {
	return s.show(c, status, "family/renew", &renewPage{
		Page: s.familyPage(c, e.title), Key: s.newKey(c, "family-edit"), Kept: keptFields(form), Sent: sent,
	})
}

// keptFields are the answers of a form, for a page that carries them along.
func keptFields(form url.Values) (kept []keptField) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		if name == formKeyField || name == "do" {
			continue
		}
		for _, value := range form[name] {
			kept = append(kept, keptField{name, value})
		}
	}
	return kept
}

func (s *Server) showEdit(c *gin.Context, status int, e edit, form url.Values, problem *fault.Error) error {
	p := s.printer(c)
	page := &editPage{
		Page: s.familyPage(c, e.title), Key: s.newKey(c, "family-edit"), Lead: e.lead, Notes: e.notes, Danger: e.danger, Back: s.to(c, e.back), Button: e.button,
	}
	if page.Button == "" {
		page.Button = p.T("space.edit.save")
		if e.review != nil {
			page.Button = p.T("space.edit.go_on")
		}
	}
	if e.parts != nil {
		page.Parts = e.parts(form)
	}
	if problem != nil {
		var controls []control
		for _, part := range page.Parts {
			controls = append(controls, part.controls()...)
		}
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "family/edit", page)
}

// controls are those of a question, in the order of the page.
func (e editPart) controls() (list []control) {
	if e.Choices != nil {
		list = append(list, e.Choices)
	}
	if e.Date != nil {
		list = append(list, e.Date)
	}
	for _, f := range []*Field{e.Field, e.Area, e.Names, e.Text} {
		if f != nil {
			list = append(list, f)
		}
	}
	return list
}

func (s *Server) showReview(c *gin.Context, e edit, form url.Values) error {
	p := s.printer(c)
	page := &editPage{
		Page: s.familyPage(c, p.T("space.edit.review")), Key: s.newKey(c, "family-edit"), Review: e.review(form), Back: s.to(c, e.back), Button: p.T("space.edit.save"),
		Kept: keptFields(form),
	}
	return s.show(c, http.StatusOK, "family/edit", page)
}

// changed is a line of what is looked at once more: what it was, and what it will be.
func (s *Server) changed(c *gin.Context, label, was, will string) Answer {
	p := s.printer(c)
	if was == will {
		return Answer{Label: label, Value: p.T("space.edit.same", will)}
	}
	if was == "" {
		return Answer{Label: label, Value: will}
	}
	return Answer{Label: label, Value: p.T("space.edit.changed", was, will)}
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// statementFields are the boxes of « bon pour accord ».
type statementFields struct {
	Name       Field
	Role       Field
	StatedOn   Field
	Engagement Field
}

func (s *Server) statementFields(form url.Values, public bool) (statementFields, error) {
	p := s.words
	today, err := s.officeDay()
	if err != nil {
		return statementFields{}, err
	}
	hint := "school_money.accept.engagement.hint"
	if public {
		hint = "school_money.accept.engagement.public"
	}
	return statementFields{
		Name:       Field{Name: "name", Label: p.T("school_money.accept.name"), Value: form.Get("name"), Autocomplete: "name", People: true},
		Role:       Field{Name: "role", Label: p.T("school_money.accept.role"), Hint: p.T("school_money.accept.role.hint"), Value: form.Get("role"), Autocomplete: "organization-title"},
		StatedOn:   Field{Name: "stated_on", Label: p.T("school_money.accept.stated_on"), Hint: p.T("school_money.accept.stated_on.hint"), Value: typedOr(form, "stated_on", today.Format("02/01/2006")), Width: WidthMedium},
		Engagement: Field{Name: "engagement", Label: p.T("school_money.accept.engagement"), Hint: p.T(hint), Value: form.Get("engagement"), Optional: true, NoSpellcheck: true, Width: WidthMedium},
	}, nil
}

func (f *statementFields) controls() []control {
	return []control{&f.Name, &f.Role, &f.StatedOn, &f.Engagement}
}

// typedStatement is what came back from statementFields.
func typedStatement(form url.Values) school.Statement {
	return school.Statement{Name: form.Get("name"), Role: form.Get("role"), StatedOn: form.Get("stated_on"), Engagement: form.Get("engagement"), Agreed: form.Get("agreed") == "yes"}
}

// acceptPage accepts a paper: « bon pour accord », or, with File, the signed paper sent as a PDF.
type acceptPage struct {
	Page
	Back    string
	Subject string // « Devis D2026-0007 »
	Cents   int
	Href    string // the paper itself
	Key     FormKey
	Fields  statementFields
	Agreed  Choices
	File    *Field // of the page that takes a signed paper
	Mailbox string // where the confirmation goes, half hidden
	Other   string // the other way to accept
}

// agreeing is what a page of acceptance is about.
type agreeing struct {
	visit  school.Visit
	sub    school.Subject
	name   string // of the paper
	title  string // the same, as titles of pages say it
	href   string // where to read it; the two ways to accept lie below
	cents  int
	public bool
	to     string // the mailbox that confirms
	paper  bool   // a signed paper is sent instead
	open   bool   // it can be agreed to now
}

// purpose is what the key of the form is made for.
func (a agreeing) purpose() string {
	if a.paper {
		return "paper"
	}
	return "accept"
}

// findAgreeing reads the quote or the agreement that the path names and that the reader may agree to. Who only reads it
// gets NotFound.
func (s *Server) findAgreeing(c *gin.Context, paper bool) (a agreeing, err error) {
	a = agreeing{visit: requestVisit(c), paper: paper}
	m, err := s.School.Money(c.Request.Context(), a.visit)
	if err != nil {
		return a, err
	}
	base := visitBase(a.visit)
	a.to = m.Request.Contact.Email
	if c.Param("agreement") != "" {
		id, err := pathID(c, "agreement")
		if err != nil {
			return a, err
		}
		agreement, err := s.School.AgreementToSign(c.Request.Context(), a.visit, id)
		if err != nil {
			return a, err
		}
		name := agreement.Paper.Title()
		a.sub, a.name, a.title, a.href = school.Subject{Agreement: id}, name, name, base+"/convention/"+idText(id)
		a.open = agreement.State == school.AgreementIssued && !m.Request.State.IsOver()
		return a, nil
	}
	q, err := pathQuote(c, m)
	if err != nil {
		return a, err
	}
	if !m.Pays(a.visit.Party) && !paper {
		return a, fault.New(fault.NotFound, "error.not_found")
	}
	if m.Payer != nil {
		a.to = m.Payer.Email
	}
	a.sub, a.name, a.cents, a.public = school.Subject{Quote: q.ID}, s.quoteName(q), q.TotalCents, q.Bill.Public
	a.title, a.href = s.paperTitle(a.visit, m, a.name), base+"/devis/"+idText(q.ID)
	today, err := s.officeDay()
	a.open = m.Open(q, today)
	return a, err
}

func getAccept(s *Server, c *gin.Context) error      { return s.getAgreeing(c, false) }
func postAccept(s *Server, c *gin.Context) error     { return s.postAgreeing(c, false) }
func getSignedPaper(s *Server, c *gin.Context) error { return s.getAgreeing(c, true) }

// papersPerHour is how often an answer to one paper may be sent, the wrong ones counted: a file is read before it is
// refused.
const papersPerHour = 60

// postSignedPaper takes a signed PDF: nothing is kept that is no PDF (SEC-26).
func postSignedPaper(s *Server, c *gin.Context) error { return s.postAgreeing(c, true) }

func (s *Server) getAgreeing(c *gin.Context, paper bool) error {
	a, err := s.findAgreeing(c, paper)
	if err != nil {
		return err
	}
	if !a.open { // the paper says how it stands
		return seeOther(c, a.href)
	}
	return s.showAgreeing(c, http.StatusOK, a, nil, nil)
}

func (s *Server) postAgreeing(c *gin.Context, paper bool) error {
	a, err := s.findAgreeing(c, paper)
	if err != nil {
		return err
	}
	if wait := s.signedTries.wait(a.href, s.config.Now()); wait > 0 {
		s.problem(c, http.StatusTooManyRequests, s.words.T("school_money.paper.wait", int(wait/time.Minute)+1), Link{Href: a.href, Label: s.words.T("school_money.back.paper")})
		return nil
	}
	read := readForm
	var file upload
	if paper {
		read = func(c *gin.Context) (form url.Values, err error) {
			form, file, err = readUpload(c, "file")
			return form, err
		}
	}
	form, err := read(c)
	if err != nil {
		return err
	}
	f := visitForm{
		purpose: a.purpose(),
		again:   func(status int, problem *fault.Error) error { return s.showAgreeing(c, status, a, form, problem) },
	}
	if paper {
		f.next = a.next("recu")
		f.do = func(key account.FormKey) error {
			return s.School.SendPaper(c.Request.Context(), key, a.visit, a.sub, typedStatement(form), school.Paper{FileName: file.Name, Content: file.Content})
		}
	} else {
		f.next = a.next("confirmer")
		f.do = func(key account.FormKey) error {
			_, err := s.School.Accept(c.Request.Context(), key, a.visit, a.sub, typedStatement(form))
			return err
		}
	}
	return s.submitVisit(c, form, f)
}

// next is where to go on: the paper tells what was done.
func (a agreeing) next(done string) string { return a.href + "?fait=" + done }

func (s *Server) showAgreeing(c *gin.Context, status int, a agreeing, form url.Values, problem *fault.Error) error {
	p := s.words
	fields, err := s.statementFields(form, a.public)
	if err != nil {
		return err
	}
	page := &acceptPage{
		Page: s.newPage(c, p.T("school_money.accept.title", a.title)), Back: a.href, Subject: a.name, Cents: a.cents, Href: a.href,
		Key: s.newKey(c, a.purpose()), Fields: fields, Mailbox: halfHidden(a.to), Other: a.href + "/papier",
		Agreed: Choices{Name: "agreed", Legend: p.T("school_money.accept.agreed"), Many: true, Options: choose([]Option{
			{Value: "yes", Label: p.T("school_money.accept.agreed.yes", a.name)}}, form.Get("agreed"))},
	}
	page.Section = SectionGroups
	controls := page.Fields.controls()
	if a.paper {
		page.Title, page.Other = p.T("school_money.paper.title", a.title), a.href+"/accepter"
		page.File = &Field{Name: "file", Type: "file", Label: p.T("school_money.paper.file"), Hint: p.T("school_money.paper.file.hint", school.MaxUpload>>20)}
		controls = append(controls, page.File)
	} else {
		controls = append(controls, &page.Agreed)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "demandes/accept", page)
}

// halfHidden shows enough of an address to recognise one's own, c…@ville.fr: links get forwarded.
func halfHidden(email string) string {
	at := strings.LastIndexByte(email, '@')
	if at < 1 {
		return "…"
	}
	_, size := utf8.DecodeRuneInString(email)
	return email[:size] + "…" + email[at:]
}

// refusePage asks why a quote is refused.
type refusePage struct {
	Page
	Back   string
	Name   string
	Reason Field
	Key    FormKey
}

func getRefuse(s *Server, c *gin.Context) error {
	a, err := s.findAgreeing(c, false)
	if err != nil {
		return err
	}
	if !a.open {
		return seeOther(c, a.href)
	}
	return s.showRefuse(c, http.StatusOK, a, nil, nil)
}

func postRefuse(s *Server, c *gin.Context) error {
	a, err := s.findAgreeing(c, false)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	return s.submitVisit(c, form, visitForm{
		purpose: "refuse", next: a.next("refuse"),
		do: func(key account.FormKey) error {
			return s.School.RefuseQuote(c.Request.Context(), key, a.visit, a.sub.Quote, form.Get("reason"))
		},
		again: func(status int, problem *fault.Error) error { return s.showRefuse(c, status, a, form, problem) },
	})
}

func (s *Server) showRefuse(c *gin.Context, status int, a agreeing, form url.Values, problem *fault.Error) error {
	p := s.words
	page := &refusePage{
		Page: s.newPage(c, p.T("school_money.refuse.title", a.title)), Back: a.href, Name: a.name, Key: s.newKey(c, "refuse"),
		Reason: Field{Name: "reason", Label: p.T("school_money.refuse.reason"), Hint: p.T("school_money.refuse.reason.hint"), Value: form.Get("reason"), MaxLength: school.MaxText},
	}
	page.Section = SectionGroups
	if problem != nil {
		explain(p, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "demandes/refuse", page)
}

// confirmPage asks somebody, from their mailbox, whether what was stated in their name is so.
type confirmPage struct {
	Page
	Name  string // of the paper
	Bill  *billView
	Read  string // where an agreement is read
	Facts []Answer
	Key   FormKey
	Done  string // when it was confirmed; empty: not yet
	Back  string
}

func getConfirm(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.School.Confirmation(c.Request.Context(), id, c.Param("signature"))
	if err != nil {
		return err
	}
	if f.TooLate != nil {
		s.confirmTooLate(c, f, f.TooLate)
		return nil //nolint:nilerr // it was told on the page
	}
	p, a := s.words, f.Acceptance
	back := school.Visit{Party: f.Party, Link: f.Back}
	page := &confirmPage{Page: s.newPage(c, ""), Key: s.newKey(c, "confirm"), Back: visitBase(back)}
	page.Section = SectionGroups
	page.Name = f.Agreement.Paper.Title()
	if f.Quote.ID == 0 {
		page.Read = page.Back + "/convention/" + idText(f.Agreement.ID)
	} else {
		page.Name = s.quoteName(f.Quote)
		bill, err := s.newBillView(f.Quote.Bill)
		if err != nil {
			return err
		}
		page.Bill = &bill
	}
	page.Title = p.T("school_money.confirm.title", page.Name)
	page.Facts = []Answer{
		{Label: p.T("school_money.accept.name"), Value: a.Name}, {Label: p.T("school_money.accept.role"), Value: a.Role},
		{Label: p.T("school_money.accept.stated_on"), Value: p.Birth(paperDay(a.StatedOn))},
	}
	if a.Engagement != "" {
		page.Facts = append(page.Facts, Answer{Label: p.T("school_money.accept.engagement"), Value: a.Engagement})
	}
	if a.Confirmed() {
		page.Title = p.T("school_money.confirm.done.title", page.Name)
		zone, err := loadTeamZone()
		if err != nil {
			return err
		}
		page.Done = p.DateHour(a.ConfirmedAt.In(zone))
	}
	return s.show(c, http.StatusOK, "demandes/confirm", page)
}

func postConfirm(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.School.Confirmation(c.Request.Context(), id, c.Param("signature"))
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	key, err := s.checkKey(c, "confirm", form)
	if err == nil {
		err = s.School.Confirm(c.Request.Context(), key, id, c.Param("signature"))
	}
	problem, known := fault.As(err)
	if known && (problem.Kind == fault.Conflict || problem.Kind == fault.Gone) {
		s.confirmTooLate(c, f, problem)
		return nil
	}
	if err != nil {
		return err
	}
	return seeOther(c, c.Request.URL.Path)
}

// confirmTooLate says why a statement can be confirmed no more, and leads to how things stand.
func (s *Server) confirmTooLate(c *gin.Context, f school.Confirmation, why *fault.Error) {
	s.problem(c, statuses[why.Kind], s.words.Message(why.Message),
		Link{Href: visitBase(school.Visit{Party: f.Party, Link: f.Back}), Label: s.words.T("school_money.back")})
}

package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
)

// moneySection is the papers about money of a request: a part of its pages, for whoever reads them.
type moneySection struct {
	Quotes    []paperLine
	Invoices  []paperLine
	Payer     string // by name; empty: who asks pays
	PayerHref string // where to say who pays; empty: too late
	// Asked is true while a confirmation that was mailed is waited for.
	Asked bool
	// Accept is the form that accepts the quote; empty when there is none to accept for the reader.
	Accept string
	Refuse string
	// Elsewhere tells that somebody else accepts the quote.
	Elsewhere bool
	Expired   bool
	// PayerChanged tells that the quote names who was to pay before.
	PayerChanged bool
}

// paperLine is one paper in a list.
type paperLine struct {
	Href  string
	Name  string // « Devis D2026-0007, version 2 »
	Cents int
	State Badge
	When  string // its date, or until when
	File  string
}

var quoteTones = map[school.QuoteState]Tone{
	school.QuoteIssued: ToneWaiting, school.QuoteReplaced: ToneStopped, school.QuoteAccepted: ToneDone, school.QuoteRefused: ToneStopped,
}

var standingTones = map[payment.Standing]Tone{
	payment.Unpaid: ToneWaiting, payment.Partly: ToneWaiting, payment.Paid: ToneDone, payment.Overpaid: ToneWarning, payment.Credited: ToneInfo,
}

func (s *Server) quoteBadge(state school.QuoteState) Badge {
	return Badge{quoteTones[state], s.words.T("school_money.quote.state." + string(state))}
}

func (s *Server) standingBadge(standing payment.Standing) Badge {
	return Badge{standingTones[standing], s.words.T("school_money.standing." + string(standing))}
}

// newMoneySection lists the papers for one party, whose pages lie under base.
func (s *Server) newMoneySection(m school.Money, paid []payment.Payment, party school.By, base string) (moneySection, error) {
	p := s.words
	section := moneySection{}
	if m.Payer != nil {
		section.Payer = m.Payer.Name
	}
	today, err := s.officeDay()
	if err != nil {
		return moneySection{}, err
	}
	for _, q := range m.Quotes {
		line := paperLine{
			Href: base + "/devis/" + idText(q.ID), Name: s.quoteName(q), Cents: q.TotalCents,
			State: s.quoteBadge(q.State), File: base + "/devis/" + idText(q.ID) + "/devis.pdf",
		}
		if q.State == school.QuoteIssued {
			line.When = p.T("school_money.valid_until", p.Birth(paperDay(q.ValidUntil)))
			if section.Expired = q.ExpiredOn(today); section.Expired {
				line.State = Badge{ToneStopped, p.T("school_money.quote.state.expired")}
			}
			section.PayerChanged = m.PayerChanged(q)
			switch open := m.Open(q, today); {
			case open && m.Pays(party):
				section.Accept, section.Refuse = line.Href+"/accepter", line.Href+"/refuser"
			case open:
				section.Elsewhere = true
			}
		}
		section.Quotes = append(section.Quotes, line)
	}
	for _, a := range m.Acceptances {
		if q := m.Quotes; len(q) > 0 && a.Subject.Quote == q[0].ID && q[0].State == school.QuoteIssued && !a.Confirmed() {
			section.Asked = true
		}
	}
	for _, i := range m.Invoices {
		section.Invoices = append(section.Invoices, s.invoiceLine(i, paid, base))
	}
	return section, nil
}

// invoiceLine is an invoice or a credit note in a list of pages under base.
func (s *Server) invoiceLine(i school.Invoice, paid []payment.Payment, base string) paperLine {
	p := s.words
	line := paperLine{
		Href: base + "/factures/" + idText(i.ID), Name: p.T("school_money.bill.numbered", p.T("school_money.bill."+string(i.Kind)), i.Number), Cents: i.TotalCents,
		When: p.Birth(paperDay(i.Bill.Date)), File: base + "/factures/" + idText(i.ID) + "/facture.pdf",
	}
	if i.Kind == school.KindCreditNote {
		line.Cents, line.State = -i.TotalCents, Badge{ToneInfo, p.T("school_money.credits", i.Bill.Credits)}
		return line
	}
	standing := payment.StandingOf(i.LeftCents(), payment.PaidOn(paid, i.ID))
	line.State = s.standingBadge(standing)
	if standing == payment.Unpaid || standing == payment.Partly {
		line.When = p.T("school_money.due", p.Birth(paperDay(i.DueOn)))
	}
	return line
}

func (s *Server) quoteName(q school.Quote) string {
	name := s.words.T("school_money.bill.numbered", s.words.T("school_money.bill.quote"), q.Number)
	if q.Version > 1 {
		name = s.words.T("school_money.bill.versioned", name, q.Version)
	}
	return name
}

// officeDay is the present day of the association, as midnight UTC.
func (s *Server) officeDay() (time.Time, error) {
	zone, err := loadTeamZone()
	if err != nil {
		return time.Time{}, err
	}
	y, m, d := s.config.Now().In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC), nil
}

// statusMoney is the section of the status page.
func (s *Server) statusMoney(c *gin.Context) (moneySection, error) {
	v := requestVisit(c)
	m, paid, err := s.findMoney(c, v)
	if err != nil {
		return moneySection{}, err
	}
	section, err := s.newMoneySection(m, paid, v.Party, visitBase(v))
	if m.Request.State.TakesPayer() {
		section.PayerHref = visitBase(v) + "/payeur"
	}
	return section, err
}

// requestVisit is who opened a page of a request by a link: the payer under /payeurs, the contact elsewhere.
func requestVisit(c *gin.Context) school.Visit {
	if strings.HasPrefix(frenchRoute(c), "/payeurs/") {
		return school.Visit{Party: school.ByPayer, Link: requestLink(c)}
	}
	return school.Visit{Party: school.ByContact, Link: requestLink(c)}
}

// visitBase is the page of a visit; the others are below it.
func visitBase(v school.Visit) string {
	if v.Party == school.ByPayer {
		return PayerPath(v.Link)
	}
	return RequestPath(v.Link)
}

// findMoney returns what a visit may see, with what was paid of it.
func (s *Server) findMoney(c *gin.Context, v school.Visit) (school.Money, []payment.Payment, error) {
	m, err := s.School.Money(c.Request.Context(), v)
	if err != nil {
		return school.Money{}, nil, err
	}
	paid, err := s.Payments.OfRequest(c.Request.Context(), m.Request.ID)
	return m, paid, err
}

// payerPage is all that a payer sees: the quote, the invoices and what they are about.
type payerPage struct {
	Page
	Organisation string
	Asked        string
	Group        string
	Money        moneySection
}

func getPayer(s *Server, c *gin.Context) error {
	v := requestVisit(c)
	m, paid, err := s.findMoney(c, v)
	if err != nil {
		return err
	}
	page := &payerPage{
		Page: s.newPage(c, s.words.T("school_money.payer_page.title")), Organisation: m.Request.Organisation.Name, Asked: m.Request.Asked(),
		Group: s.words.N("school_money.bill.children", m.Request.Children, m.Request.Level),
	}
	page.Section = SectionGroups
	if page.Money, err = s.newMoneySection(m, paid, v.Party, visitBase(v)); err != nil {
		return err
	}
	page.Notice = s.moneyNotice(c, page.Money.Asked)
	return s.show(c, http.StatusOK, "demandes/payer", page)
}

// moneyDone are the acts that a page tells of, as its query names them.
var moneyDone = map[string]string{
	"confirmer": "school_money.done.asked",
	"recu":      "school_money.done.paper",
	"refuse":    "school_money.done.refused",
	"payeur":    "school_money.done.payer",
	"accepte":   "school_money.done.accepted",
}

// moneyNotice tells what has just been done: the query that names it was set by a redirect of ours. A phone opens
// yesterday's address again; that a confirmation is waited for is told while it is: asked.
func (s *Server) moneyNotice(c *gin.Context, asked bool) *Notice {
	done := c.Query("fait")
	key, ok := moneyDone[done]
	if !ok || !asked && (done == "confirmer" || done == "recu") {
		return nil
	}
	return &Notice{Tone: ToneDone, Title: s.words.T(key)}
}

// billPage shows one paper to its contact or payer.
type billPage struct {
	Page
	Back   string
	Bill   billView
	State  Badge
	File   string
	Agreed string // who agreed, and when; empty: nobody yet
	// Accept and Refuse are what the reader may do; empty: nothing.
	Accept, Refuse string
	Asked          bool
	Expired        bool
	PayerChanged   bool
	Elsewhere      string // who accepts in place of the reader
}

func getQuote(s *Server, c *gin.Context) error {
	v := requestVisit(c)
	m, paid, err := s.findMoney(c, v)
	if err != nil {
		return err
	}
	q, err := pathQuote(c, m)
	if err != nil {
		return err
	}
	section, err := s.newMoneySection(m, paid, v.Party, visitBase(v))
	if err != nil {
		return err
	}
	page := &billPage{Page: s.newPage(c, s.paperTitle(v, m, s.quoteName(q))), Back: visitBase(v), File: c.Request.URL.Path + "/devis.pdf",
		State: s.quoteBadge(q.State), Agreed: s.whoAgreed(m, q)}
	page.Section = SectionGroups
	if q.State == school.QuoteIssued {
		page.Accept, page.Refuse, page.Asked, page.Expired = section.Accept, section.Refuse, section.Asked, section.Expired
		page.PayerChanged = section.PayerChanged
		if section.Elsewhere {
			page.Elsewhere = section.Payer
		}
	}
	page.Notice = s.moneyNotice(c, page.Asked)
	if page.Bill, err = s.newBillView(q.Bill); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "demandes/bill", page)
}

// paperTitle is the title of a page about a paper: who pays for many needs to read for whom.
func (s *Server) paperTitle(v school.Visit, m school.Money, name string) string {
	if v.Party == school.ByPayer {
		return s.words.T("school_money.titled", name, m.Request.Organisation.Name)
	}
	return name
}

// pathQuote is the quote that the path names, of those that the reader may see.
func pathQuote(c *gin.Context, m school.Money) (school.Quote, error) {
	id, err := pathID(c, "quote")
	if err != nil {
		return school.Quote{}, err
	}
	return m.Quote(id)
}

// pathInvoice is the invoice or credit note that the path names, of those that the reader may see.
func pathInvoice(c *gin.Context, m school.Money) (school.Invoice, error) {
	id, err := pathID(c, "invoice")
	if err != nil {
		return school.Invoice{}, err
	}
	return m.Invoice(id)
}

// whoAgreed says who accepted a quote, in what role and when; empty while nobody did.
func (s *Server) whoAgreed(m school.Money, q school.Quote) string {
	for _, a := range m.Acceptances {
		if a.Subject.Quote == q.ID && a.Confirmed() {
			return s.words.T("school_money.agreed", a.Name, a.Role, s.words.Birth(paperDay(a.StatedOn)))
		}
	}
	return ""
}

func getQuoteFile(s *Server, c *gin.Context) error {
	m, err := s.School.Money(c.Request.Context(), requestVisit(c))
	if err != nil {
		return err
	}
	q, err := pathQuote(c, m)
	if err != nil {
		return err
	}
	return s.sendBill(c, q.Bill)
}

func getInvoice(s *Server, c *gin.Context) error {
	v := requestVisit(c)
	m, paid, err := s.findMoney(c, v)
	if err != nil {
		return err
	}
	i, err := pathInvoice(c, m)
	if err != nil {
		return err
	}
	line := s.invoiceLine(i, paid, visitBase(v))
	page := &billPage{Page: s.newPage(c, s.paperTitle(v, m, line.Name)), Back: visitBase(v), File: line.File, State: line.State}
	page.Section = SectionGroups
	if page.Bill, err = s.newBillView(i.Bill); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "demandes/bill", page)
}

func getInvoiceFile(s *Server, c *gin.Context) error {
	m, err := s.School.Money(c.Request.Context(), requestVisit(c))
	if err != nil {
		return err
	}
	i, err := pathInvoice(c, m)
	if err != nil {
		return err
	}
	return s.sendBill(c, i.Bill)
}

// visitForm is a form that somebody without an account sent from a page of a request.
type visitForm struct {
	purpose string
	do      func(key account.FormKey) error
	again   func(status int, problem *fault.Error) error
	next    string
}

// submitVisit does the act once and goes on; what can be mended shows the form again, and what came too late the page
// of why.
func (s *Server) submitVisit(c *gin.Context, form url.Values, f visitForm) error {
	key, err := s.checkKey(c, f.purpose, form)
	if err == nil {
		err = f.do(key)
	}
	if err == nil {
		return seeOther(c, f.next)
	}
	problem, known := fault.As(err)
	switch {
	case !known:
		return err
	case problem.Kind == fault.Invalid, strings.HasPrefix(problem.Message.Key, "error.form_"):
		return f.again(statuses[problem.Kind], problem)
	case problem.Kind == fault.Conflict, problem.Kind == fault.Gone:
		s.problem(c, statuses[problem.Kind], s.words.Message(problem.Message),
			Link{Href: visitBase(requestVisit(c)), Label: s.words.T("school_money.back")})
		return nil
	}
	return err
}

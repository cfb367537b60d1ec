package web

import (
	"bytes"
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

// invoiceFormPage issues the invoice of a request, and lists those that there are.
type invoiceFormPage struct {
	DeskHead
	Back       string
	Invoices   []paperLine
	Key        FormKey
	Lines      linesForm
	Count      int
	SIRET      Field
	Service    Field
	Engagement Field
	Public     bool
	Too        string // why none can be issued now; empty: one can
	Payer      string
}

func (s *Server) invoiceWork(c *gin.Context) (school.InvoiceWork, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return school.InvoiceWork{}, err
	}
	return s.School.InvoiceWork(c.Request.Context(), s.actor(c), id)
}

func getInvoiceForm(s *Server, c *gin.Context) error {
	w, err := s.invoiceWork(c)
	if err != nil {
		return err
	}
	form := lineValues(s.words, w.Usual.Lines, w.Usual.Note)
	form.Set("siret", w.Usual.SIRET)
	form.Set("service_code", w.Usual.ServiceCode)
	form.Set("engagement", w.Usual.Engagement)
	return s.showInvoiceForm(c, http.StatusOK, w, form, nil)
}

func postInvoiceForm(s *Server, c *gin.Context) error {
	w, err := s.invoiceWork(c)
	if err != nil {
		return err
	}
	id := w.Request.ID
	return s.submit(c, deskForm{
		purpose: "invoice",
		do: func(form url.Values, key account.FormKey) (string, error) {
			if form.Get("do") != "issue" {
				return "", errMoreLines
			}
			text, rows := typedLines(form)
			invoice, err := s.School.IssueInvoice(c.Request.Context(), s.actor(c), key, id, school.InvoiceText{
				QuoteText: text, SIRET: form.Get("siret"), ServiceCode: form.Get("service_code"), Engagement: form.Get("engagement")})
			return DeskRequestPath(id) + "/factures/" + idText(invoice) + "?fait=facture", inRows(err, rows)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			if problem == errMoreLines {
				form.Set("lines", idText(int64(lineCount(form)+blankLines)))
				return s.showInvoiceForm(c, http.StatusOK, w, form, nil)
			}
			return s.showInvoiceForm(c, status, w, form, problem)
		},
		made: func(result string) string { return DeskRequestPath(id) + "/factures/" + result },
	})
}

func (s *Server) showInvoiceForm(c *gin.Context, status int, w school.InvoiceWork, form url.Values, problem *fault.Error) error {
	p := s.words
	paid, err := s.Payments.OfRequest(c.Request.Context(), w.Request.ID)
	if err != nil {
		return err
	}
	section, err := s.newMoneySection(w.Money, paid, school.ByTeam, DeskRequestPath(w.Request.ID))
	if err != nil {
		return err
	}
	box := func(name, label, hint string) Field {
		return Field{Name: name, Label: p.T(label), Hint: p.T(hint), Value: form.Get(name), Optional: !w.Public, Autocomplete: "off", NoSpellcheck: true, Width: WidthMedium}
	}
	page := &invoiceFormPage{
		DeskHead: s.deskHead(c, p.T("school_money.invoice.title", w.Request.Organisation.Name)), Back: DeskRequestPath(w.Request.ID), Invoices: section.Invoices,
		Key: s.newKey(c, "invoice"), Lines: s.linesForm(form), Count: lineCount(form), Public: w.Public, Payer: section.Payer,
		SIRET:      box("siret", "school_money.invoice.siret", "school_money.payer.siret.hint"),
		Service:    box("service_code", "school_money.payer.service", "school_money.invoice.service.hint"),
		Engagement: box("engagement", "school_money.accept.engagement", "school_money.invoice.engagement.hint"),
	}
	if w.Refusal != nil {
		page.Too = p.Message(w.Refusal.Message)
	}
	if problem != nil {
		explain(p, &page.Page, problem, append(page.Lines.controls(), &page.SIRET, &page.Service, &page.Engagement)...)
	}
	return s.show(c, status, "equipe/invoice_form", page)
}

// deskInvoice is what the team does about one invoice.
type deskInvoice struct {
	LeftCents int
	Payments  []paymentLine
	Record    deskAct
	Cents     Field
	Mode      Select
	Reference Field
	On        Field
	Credit    *deskAct // nil: nothing is left to credit
	Credited  Field
	Reason    Field
}

// paymentLine is one payment in a list.
type paymentLine struct {
	On        string
	Mode      string
	Reference string
	Cents     int
	By        string
	Reverse   *deskAct // nil: it cannot be taken back
}

func getDeskInvoice(s *Server, c *gin.Context) error {
	return s.showDeskInvoice(c, http.StatusOK, nil, nil)
}

func (s *Server) showDeskInvoice(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	p := s.words
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	i, err := pathInvoice(c, m)
	if err != nil {
		return err
	}
	paid, err := s.Payments.OfRequest(c.Request.Context(), m.Request.ID)
	if err != nil {
		return err
	}
	base := DeskRequestPath(m.Request.ID)
	line := s.invoiceLine(i, paid, base)
	page := &deskBillPage{DeskHead: s.deskHead(c, s.words.T("school_money.desk_titled", line.Name, m.Request.Organisation.Name)), Back: base, File: line.File, State: line.State}
	if page.Bill, err = s.newBillView(i.Bill); err != nil {
		return err
	}
	var controls []control
	if i.Kind == school.KindInvoice {
		if page.Invoice, err = s.newDeskInvoice(c, m, i, paid, form); err != nil {
			return err
		}
		d := page.Invoice
		controls = []control{&d.Cents, &d.Mode, &d.Reference, &d.On, &d.Credited, &d.Reason}
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "equipe/bill", page)
}

func (s *Server) newDeskInvoice(c *gin.Context, m school.Money, i school.Invoice, paid []payment.Payment, form url.Values) (*deskInvoice, error) {
	p := s.words
	path := DeskRequestPath(m.Request.ID) + "/factures/" + idText(i.ID)
	today, err := s.officeDay()
	if err != nil {
		return nil, err
	}
	left := i.LeftCents() - payment.PaidOn(paid, i.ID)
	value := func(name, usual string) string { return typedOr(form, name, usual) }
	usual := ""
	if left > 0 {
		usual = settings.WriteEuros(left)
	}
	d := &deskInvoice{
		LeftCents: left, Record: s.deskAct(c, "payment", path+"/paiements"),
		Cents:     Field{Name: "cents", Label: p.T("school_money.payment.cents"), Value: value("cents", usual), InputMode: "decimal", Width: WidthShort, Autocomplete: "off"},
		Mode:      Select{Name: "mode", Label: p.T("school_money.payment.mode")},
		Reference: Field{Name: "reference", Label: p.T("school_money.payment.reference"), Hint: p.T("school_money.payment.reference.hint"), Value: form.Get("reference"), Optional: true, Width: WidthMedium, Autocomplete: "off"},
		On:        Field{Name: "received_on", Label: p.T("school_money.payment.on"), Hint: p.T("school_money.accept.stated_on.hint"), Value: value("received_on", today.Format("02/01/2006")), Width: WidthMedium, Autocomplete: "off"},
		Credited:  Field{Name: "credited", Label: p.T("school_money.credit.cents"), Hint: p.T("school_money.credit.cents.hint"), Value: value("credited", settings.WriteEuros(i.LeftCents())), InputMode: "decimal", Width: WidthShort, Autocomplete: "off"},
		Reason:    Field{Name: "reason", Label: p.T("school_money.credit.reason"), Hint: p.T("school_money.credit.reason.hint"), Value: form.Get("reason"), Autocomplete: "off"},
	}
	for _, mode := range payment.Modes() {
		d.Mode.Options = append(d.Mode.Options, Option{Value: string(mode), Label: p.T("school_money.mode." + string(mode))})
	}
	d.Mode.Options = choose(d.Mode.Options, form.Get("mode"))
	if i.LeftCents() > 0 {
		act := s.deskAct(c, "credit", path+"/avoir")
		d.Credit = &act
	}
	for _, x := range paid {
		if x.InvoiceID != i.ID {
			continue
		}
		line := paymentLine{On: p.Birth(paperDay(x.ReceivedOn)), Mode: p.T("school_money.mode." + string(x.Mode)), Reference: x.Reference, Cents: x.Cents, By: x.By}
		if x.Reversible {
			act := s.deskAct(c, "reverse", path+"/paiements/"+idText(x.ID)+"/annuler")
			line.Reverse = &act
		}
		d.Payments = append(d.Payments, line)
	}
	return d, nil
}

func getDeskInvoiceFile(s *Server, c *gin.Context) error {
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	i, err := pathInvoice(c, m)
	if err != nil {
		return err
	}
	return s.sendBill(c, i.Bill)
}

// invoiceAct is a form on the page of an invoice, which is shown again with what is wrong.
func (s *Server) invoiceAct(c *gin.Context, purpose string, do func(m school.Money, i school.Invoice, form url.Values, key account.FormKey) (next string, err error)) error {
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	i, err := pathInvoice(c, m)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			next, err := do(m, i, form, key)
			return DeskRequestPath(m.Request.ID) + "/factures/" + next, err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showDeskInvoice(c, status, form, problem)
		},
	})
}

func postPayment(s *Server, c *gin.Context) error {
	return s.invoiceAct(c, "payment", func(m school.Money, i school.Invoice, form url.Values, key account.FormKey) (string, error) {
		return idText(i.ID) + "?fait=paiement", s.Payments.Record(c.Request.Context(), s.actor(c), key, m.Request.ID, i.ID, payment.New{
			Cents: euros(form.Get("cents")), Mode: payment.Mode(form.Get("mode")), Reference: form.Get("reference"), ReceivedOn: form.Get("received_on")})
	})
}

func postReverse(s *Server, c *gin.Context) error {
	id, err := pathID(c, "payment")
	if err != nil {
		return err
	}
	return s.invoiceAct(c, "reverse", func(m school.Money, i school.Invoice, _ url.Values, key account.FormKey) (string, error) {
		return idText(i.ID) + "?fait=paiement_annule", s.Payments.Reverse(c.Request.Context(), s.actor(c), key, m.Request.ID, id)
	})
}

func postCredit(s *Server, c *gin.Context) error {
	return s.invoiceAct(c, "credit", func(m school.Money, i school.Invoice, form url.Values, key account.FormKey) (string, error) {
		id, err := s.School.IssueCreditNote(c.Request.Context(), s.actor(c), key, m.Request.ID, i.ID, euros(form.Get("credited")), form.Get("reason"))
		if f, ok := fault.As(err); ok && f.Fields != nil {
			if m, wrong := f.Fields["cents"]; wrong { // the box of a payment has that name
				delete(f.Fields, "cents")
				f.Fields["credited"] = m
			}
		}
		return idText(id) + "?fait=avoir", err
	})
}

// accountsPage is the list of invoices, with what is still to come in.
type accountsPage struct {
	DeskHead
	All      bool
	Accounts []accountLine
	// Left is what is still to come in, Late what of it is late, Over what came in too much: one pays nothing of the other.
	Left, Late, Over int
	From, To         Field
	Columns          []column
}

// accountLine is one invoice of the list.
type accountLine struct {
	Href   string
	Number string
	Payer  string
	Due    string
	Total  int
	Left   int
	State  Badge
	Late   bool
}

func getAccounts(s *Server, c *gin.Context) error { return s.showAccounts(c, http.StatusOK, nil) }

func (s *Server) showAccounts(c *gin.Context, status int, problem *fault.Error) error {
	p := s.words
	all := c.Query("vue") == "toutes"
	accounts, err := s.Payments.Accounts(c.Request.Context(), s.actor(c), all)
	if err != nil {
		return err
	}
	today, err := s.officeDay()
	if err != nil {
		return err
	}
	date := func(name, label, usual string) Field {
		value := usual
		if typed, ok := c.GetQuery(name); ok {
			value = typed
		}
		return Field{Name: name, Label: p.T(label), Value: value, Width: WidthMedium, Autocomplete: "off"}
	}
	page := &accountsPage{
		Columns:  s.documented("school_money.book.", movementColumns),
		DeskHead: s.deskHead(c, p.T("school_money.accounts.title")), All: all,
		From: date("du", "school_money.accounts.from", "01/01/"+today.Format("2006")), To: date("au", "school_money.accounts.to", today.Format("02/01/2006")),
	}
	for _, a := range accounts {
		line := accountLine{
			Href: DeskRequestPath(a.RequestID) + "/factures/" + idText(a.ID), Number: a.Number, Payer: a.Payer, Due: p.Birth(paperDay(a.DueOn)),
			Total: a.TotalCents, Left: a.LeftCents(), Late: a.LateOn(today),
			State: s.standingBadge(a.Standing()),
		}
		if line.Left > 0 {
			page.Left += line.Left
		} else {
			page.Over -= line.Left
		}
		if line.Late {
			page.Late += line.Left
		}
		page.Accounts = append(page.Accounts, line)
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.From, &page.To)
	}
	return s.show(c, status, "equipe/accounts", page)
}

// movementColumns are the columns of the treasurer's table, each with a text school_money.book.NAME.
var movementColumns = []string{"date", "kind", "number", "payer", "siret", "mode", "reference", "amount"}

// getBook gives what was invoiced, credited and paid between two days as a table for a spreadsheet.
func getBook(s *Server, c *gin.Context) error {
	wrong := map[string]fault.Message{}
	day := func(name string) time.Time {
		t, m := school.ParseDay(c.Query(name))
		if m != nil {
			wrong[name] = *m
		}
		return t
	}
	from, to := day("du"), day("au")
	if len(wrong) == 0 && to.Before(from) {
		wrong["au"] = fault.Message{Key: "school_money.accounts.backwards"}
	}
	if len(wrong) > 0 {
		return s.showAccounts(c, http.StatusUnprocessableEntity, fault.InvalidFields(wrong))
	}
	book, err := s.Payments.Movements(c.Request.Context(), s.actor(c), from, to)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.writeBook(&file, book); err != nil {
		return err
	}
	return sendFile(c, "factures-"+from.Format(time.DateOnly)+"-"+to.Format(time.DateOnly)+".csv", "text/csv; charset=utf-8", file.Bytes())
}

func (s *Server) writeBook(file *bytes.Buffer, book []payment.Movement) error {
	var names []string
	for _, column := range movementColumns {
		names = append(names, s.words.T("school_money.book."+column))
	}
	w, err := table.NewWriter(file, names...)
	if err != nil {
		return err
	}
	for _, m := range book {
		mode := ""
		if m.Mode != "" {
			mode = s.words.T("school_money.mode." + string(m.Mode))
		}
		if err := w.Write(table.Text(m.On), table.Text(s.words.T("school_money.movement."+m.Kind)), table.Text(m.Number), table.Text(m.Payer),
			table.Text(m.SIRET), table.Text(mode), table.Text(m.Reference), table.Euros(m.Cents)); err != nil {
			return err
		}
	}
	return w.Flush()
}

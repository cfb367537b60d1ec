package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// blankLines is how many empty lines a form of lines ends with.
const blankLines = 3

// lineRow is one line of a quote as it is typed.
type lineRow struct {
	Legend   string
	Kind     Select
	Label    Field
	Quantity Field
	Unit     Field
	Discount Field
	Cents    int // its total, as far as it can be counted
}

// linesForm is a table of lines that works without a script: blank ones at the end, and a button for more.
type linesForm struct {
	Rows  []lineRow
	Total int
	Note  Field
}

func (f *linesForm) controls() []control {
	var all []control
	for i := range f.Rows {
		r := &f.Rows[i]
		all = append(all, &r.Kind, &r.Label, &r.Quantity, &r.Unit, &r.Discount)
	}
	return append(all, &f.Note)
}

// lineValues are lines as the form shows them.
func lineValues(p *words.Printer, lines []school.Line, note string) url.Values {
	form := url.Values{"note": {note}, "lines": {strconv.Itoa(len(lines) + blankLines)}}
	for i, l := range lines {
		quantity, discount := "", ""
		if l.Quantity > 0 {
			quantity = p.Decimal(l.Quantity)
		}
		if l.Discount > 0 {
			discount = p.Decimal(l.Discount)
		}
		form.Set(school.LineField("kind", i), string(l.Kind))
		form.Set(school.LineField("label", i), l.Label)
		form.Set(school.LineField("quantity", i), quantity)
		form.Set(school.LineField("unit", i), settings.WriteEuros(l.UnitCents))
		form.Set(school.LineField("discount", i), discount)
	}
	return form
}

// lineCount is how many lines the form had.
func lineCount(form url.Values) int {
	return min(max(wholeNumber(form.Get("lines")), blankLines), school.MaxLines)
}

// typedLines reads the lines that are not blank. rows holds, for each, its place in the form.
func typedLines(form url.Values) (text school.QuoteText, rows []int) {
	text.Note = form.Get("note")
	for i := range lineCount(form) {
		label, unit := form.Get(school.LineField("label", i)), form.Get(school.LineField("unit", i))
		if strings.TrimSpace(label+unit) == "" {
			continue
		}
		l := school.Line{
			Kind: school.LineKind(form.Get(school.LineField("kind", i))), Label: label,
			Quantity: typedHundredths(form.Get(school.LineField("quantity", i))), UnitCents: euros(unit),
		}
		if discount := form.Get(school.LineField("discount", i)); strings.TrimSpace(discount) != "" {
			l.Discount = typedHundredths(discount)
		}
		text.Lines, rows = append(text.Lines, l), append(rows, i)
	}
	return text, rows
}

// inRows moves what a feature says of the lines that it got to the rows of the form, where blank ones may lie between.
func inRows(err error, rows []int) error {
	f, ok := fault.As(err)
	if !ok || f.Fields == nil {
		return err
	}
	moved := map[string]fault.Message{}
	for name, m := range f.Fields {
		field, number, isLine := strings.Cut(name, "_")
		if n, bad := strconv.Atoi(number); isLine && bad == nil && n >= 1 && n <= len(rows) {
			name = school.LineField(field, rows[n-1])
		}
		moved[name] = m
	}
	return fault.InvalidFields(moved)
}

func (s *Server) linesForm(form url.Values) linesForm {
	p := s.words
	f := linesForm{Note: Field{Name: "note", Label: p.T("school_money.note"), Hint: p.T("school_money.note.hint"), Value: form.Get("note"), Optional: true, Rows: 3}}
	for i := range lineCount(form) {
		box := func(name, label string, width Width) Field {
			field := school.LineField(name, i)
			return Field{Name: field, Label: p.T(label), Value: form.Get(field), Width: width, Conditional: true, Autocomplete: "off"}
		}
		row := lineRow{
			Legend: p.T("school_money.line", i+1), Label: box("label", "school_money.line.label", ""), Quantity: box("quantity", "school_money.line.quantity", WidthShort),
			Unit: box("unit", "school_money.line.unit", WidthShort), Discount: box("discount", "school_money.line.discount", WidthShort),
			Kind: Select{Name: school.LineField("kind", i), Label: p.T("school_money.line.kind")},
		}
		for _, kind := range school.LineKinds() {
			row.Kind.Options = append(row.Kind.Options, Option{Value: string(kind), Label: p.T("school_money.line." + string(kind))})
		}
		row.Kind.Options = choose(row.Kind.Options, form.Get(row.Kind.Name))
		if row.Quantity.Value == "" && row.Label.Value == "" {
			row.Quantity.Value = "1"
		}
		row.Quantity.InputMode, row.Unit.InputMode, row.Discount.InputMode = "decimal", "decimal", "decimal"
		quantity, unit, discount := typedHundredths(row.Quantity.Value), euros(row.Unit.Value), max(0, typedHundredths(row.Discount.Value))
		if quantity > 0 && unit > 0 && quantity <= school.MaxQuantity && unit <= school.MaxUnitCents && discount <= 10_000 {
			row.Cents = school.LineTotal(quantity, unit, discount)
			f.Total += row.Cents
		}
		f.Rows = append(f.Rows, row)
	}
	return f
}

// quoteFormPage is the draft of a quote.
type quoteFormPage struct {
	DeskHead
	Back    string
	Key     FormKey
	Lines   linesForm
	Count   int
	Seen    string
	Payer   string
	Missing []string // names of settings without which it cannot be issued
	Too     string   // why it cannot be issued now; empty: it can
	Quotes  []paperLine
}

func (s *Server) quoteWork(c *gin.Context) (school.QuoteWork, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return school.QuoteWork{}, err
	}
	return s.School.QuoteWork(c.Request.Context(), s.actor(c), id)
}

func getQuoteForm(s *Server, c *gin.Context) error {
	w, err := s.quoteWork(c)
	if err != nil {
		return err
	}
	lines, note := w.Draft.Lines, w.Draft.Note
	switch {
	case w.Draft.ID != 0:
	case len(w.Quotes) > 0:
		lines, note = w.Quotes[0].Bill.Lines, w.Quotes[0].Bill.Note
	default:
		if lines, err = s.usualLines(w); err != nil {
			return err
		}
	}
	return s.showQuoteForm(c, http.StatusOK, w, lineValues(s.words, lines, note), nil)
}

// usualLines are what a first quote begins with: one line per session, and the way there without its length, which
// nobody but the team knows: a quote that is issued unread must not bill one kilometre.
func (s *Server) usualLines(w school.QuoteWork) ([]school.Line, error) {
	p := s.words
	periods, err := billPeriods(w.Dates)
	if err != nil {
		return nil, err
	}
	var lines []school.Line
	for _, d := range periods {
		lines = append(lines, school.Line{Kind: school.LineService, Label: p.T("school_money.usual.session", w.Request.Asked(), p.Date(d.Start), p.Span(d.Start, d.End)),
			Quantity: 100, UnitCents: w.SessionCents})
	}
	if len(lines) == 0 {
		lines = append(lines, school.Line{Kind: school.LineService, Label: w.Request.Asked(), Quantity: 100, UnitCents: w.SessionCents})
	}
	if w.Request.Place == school.Theirs && w.KilometreCents > 0 {
		lines = append(lines, school.Line{Kind: school.LineTravel, Label: p.T("school_money.usual.travel"), UnitCents: w.KilometreCents})
	}
	return lines, nil
}

func postQuoteForm(s *Server, c *gin.Context) error {
	w, err := s.quoteWork(c)
	if err != nil {
		return err
	}
	id := w.Request.ID
	return s.submit(c, deskForm{
		purpose: "quote",
		do: func(form url.Values, key account.FormKey) (string, error) {
			text, rows := typedLines(form)
			text.Seen = form.Get("seen")
			switch form.Get("do") {
			case "issue":
				quote, err := s.School.IssueQuote(c.Request.Context(), s.actor(c), key, id, text)
				return DeskRequestPath(id) + "/devis/" + idText(quote) + "?fait=devis", inRows(err, rows)
			case "save":
				return DeskRequestPath(id) + "/devis?fait=enregistree", inRows(s.School.SaveQuote(c.Request.Context(), s.actor(c), key, id, text), rows)
			}
			return "", errMoreLines
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			if problem == errMoreLines {
				form.Set("lines", strconv.Itoa(lineCount(form)+blankLines))
				return s.showQuoteForm(c, http.StatusOK, w, form, nil)
			}
			return s.showQuoteForm(c, status, w, form, problem)
		},
		made: func(result string) string { return DeskRequestPath(id) + "/devis/" + result },
	})
}

// errMoreLines asks for the same form with more lines: nothing is kept, and the key is as good as new.
var errMoreLines = fault.New(fault.Invalid, "error.invalid")

func (s *Server) showQuoteForm(c *gin.Context, status int, w school.QuoteWork, form url.Values, problem *fault.Error) error {
	p := s.words
	section, err := s.newMoneySection(w.Money, nil, school.ByTeam, DeskRequestPath(w.Request.ID))
	if err != nil {
		return err
	}
	page := &quoteFormPage{
		DeskHead: s.deskHead(c, p.T("school_money.quote.title", w.Request.Organisation.Name)), Back: DeskRequestPath(w.Request.ID),
		Key: s.newKey(c, "quote"), Lines: s.linesForm(form), Count: lineCount(form), Seen: w.Seen, Payer: section.Payer, Quotes: section.Quotes,
	}
	for _, name := range w.Missing {
		page.Missing = append(page.Missing, p.T("settings."+name))
	}
	if !w.Request.State.MayBecome(school.Quoted) {
		page.Too = p.T("school_money.quote_not_now")
	}
	if problem != nil {
		explain(p, &page.Page, problem, page.Lines.controls()...)
	}
	return s.show(c, status, "equipe/quote_form", page)
}

// deskBillPage shows a paper at the desk, with what the team does about it.
type deskBillPage struct {
	DeskHead
	Back    string
	Bill    billView
	State   Badge
	File    string
	Agreed  string
	Record  string // where to write down an acceptance on paper; empty: nothing to accept
	Papers  []signedPaper
	Invoice *deskInvoice // of an invoice
}

// deskMoneySection is the papers about money on the page of a request at the desk.
type deskMoneySection struct {
	moneySection
	Papers  []signedPaper
	Quote   string // where the quote is written; empty: not now, or not by the reader
	Invoice string
}

func (s *Server) deskMoneySection(c *gin.Context, r school.Request) (deskMoneySection, error) {
	m, err := s.School.DeskMoney(c.Request.Context(), s.actor(c), r.ID)
	if err != nil {
		return deskMoneySection{}, err
	}
	paid, err := s.Payments.OfRequest(c.Request.Context(), r.ID)
	if err != nil {
		return deskMoneySection{}, err
	}
	base := DeskRequestPath(r.ID)
	section := deskMoneySection{Papers: s.signedPapers(c, m)}
	if section.moneySection, err = s.newMoneySection(m, paid, school.ByTeam, base); err != nil {
		return deskMoneySection{}, err
	}
	if !s.actor(c).CanManage() {
		return section, nil
	}
	if !r.State.IsOver() {
		section.PayerHref = base + "/payeur"
		if r.State == school.Received || r.State.MayBecome(school.Quoted) {
			section.Quote = base + "/devis"
		}
	}
	if r.State == school.Agreed || r.State == school.Done || r.State == school.Closed {
		section.Invoice = base + "/factures"
	}
	return section, nil
}

// signedPaper is a signed PDF that was sent in.
type signedPaper struct {
	Href   string
	Who    string
	Date   string
	Verify *deskAct // nil: read, or of no use any more
	State  Badge
}

func getDeskQuote(s *Server, c *gin.Context) error { return s.showDeskQuote(c, http.StatusOK, nil) }

func (s *Server) showDeskQuote(c *gin.Context, status int, problem *fault.Error) error {
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	q, err := pathQuote(c, m)
	if err != nil {
		return err
	}
	base := DeskRequestPath(m.Request.ID)
	page := &deskBillPage{
		DeskHead: s.deskHead(c, s.words.T("school_money.desk_titled", s.quoteName(q), m.Request.Organisation.Name)), Back: base, File: base + "/devis/" + idText(q.ID) + "/devis.pdf", Agreed: s.whoAgreed(m, q),
		State: s.quoteBadge(q.State),
	}
	if q.State == school.QuoteIssued && !m.Request.State.IsOver() && page.Manages {
		page.Record = base + "/devis/" + idText(q.ID) + "/accepter"
	}
	page.Papers = s.signedPapers(c, m, school.Subject{Quote: q.ID})
	if page.Bill, err = s.newBillView(q.Bill); err != nil {
		return err
	}
	if problem != nil {
		explain(s.words, &page.Page, problem)
	}
	return s.show(c, status, "equipe/bill", page)
}

// signedPapers are the signed papers of a request, or those about some subjects, with the button for what nobody has
// read.
func (s *Server) signedPapers(c *gin.Context, m school.Money, of ...school.Subject) (all []signedPaper) {
	for _, a := range m.Acceptances {
		if a.UploadID == 0 || len(of) > 0 && !slices.Contains(of, a.Subject) {
			continue
		}
		path := DeskRequestPath(m.Request.ID) + "/papiers/" + idText(a.UploadID)
		paper := signedPaper{Href: path, Who: s.words.T("school_money.signatory", a.Name, a.Role), Date: s.words.Birth(paperDay(a.StatedOn)),
			State: Badge{ToneDone, s.words.T("school_money.paper.read")}}
		if q, err := m.Quote(a.Subject.Quote); !a.Confirmed() && err == nil && q.State != school.QuoteIssued {
			paper.State = Badge{ToneInfo, s.words.T("school_money.paper.idle")}
		} else if !a.Confirmed() {
			paper.State = Badge{ToneWarning, s.words.T("school_money.paper.to_read")}
			if s.actor(c).CanManage() {
				act := s.deskAct(c, "verify", path+"/verifier")
				paper.Verify = &act
			}
		}
		all = append(all, paper)
	}
	return all
}

func getDeskQuoteFile(s *Server, c *gin.Context) error {
	m, err := s.deskMoney(c)
	if err != nil {
		return err
	}
	q, err := pathQuote(c, m)
	if err != nil {
		return err
	}
	return s.sendBill(c, q.Bill)
}

// recordPage writes down an acceptance that came on paper.
type recordPage struct {
	DeskHead
	Back   string
	Key    FormKey
	Fields statementFields
	File   Field
}

// recording is the paper that the path of the desk names: a quote, or an agreement.
type recording struct {
	request int64
	sub     school.Subject
	name    string
	back    string
	public  bool
}

func (s *Server) findRecording(c *gin.Context) (recording, error) {
	m, err := s.deskMoney(c)
	if err != nil {
		return recording{}, err
	}
	r := recording{request: m.Request.ID}
	base := DeskRequestPath(r.request)
	if c.Param("agreement") == "" {
		q, err := pathQuote(c, m)
		r.sub, r.name, r.back, r.public = school.Subject{Quote: q.ID}, s.quoteName(q), base+"/devis/"+idText(q.ID), q.Bill.Public
		return r, err
	}
	id, err := pathID(c, "agreement")
	if err != nil {
		return recording{}, err
	}
	all, err := s.School.DeskAgreements(c.Request.Context(), s.actor(c), r.request)
	if err != nil {
		return recording{}, err
	}
	agreement, err := school.FindAgreement(all, id)
	r.sub, r.name, r.back = school.Subject{Agreement: id}, agreement.Paper.Title(), base+"/convention/"+idText(id)
	return r, err
}

func getRecord(s *Server, c *gin.Context) error { return s.showRecord(c, http.StatusOK, nil, nil) }

func postRecord(s *Server, c *gin.Context) error {
	r, err := s.findRecording(c)
	if err != nil {
		return err
	}
	var file upload
	return s.submit(c, deskForm{
		purpose: "record",
		read: func(c *gin.Context) (form url.Values, err error) {
			form, file, err = readUpload(c, "file")
			return form, err
		},
		do: func(form url.Values, key account.FormKey) (string, error) {
			var paper *school.Paper
			if len(file.Content) > 0 {
				paper = &school.Paper{FileName: file.Name, Content: file.Content}
			}
			return r.back + "?fait=enregistree", s.School.RecordAcceptance(c.Request.Context(), s.actor(c), key, r.request, r.sub, typedStatement(form), paper)
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showRecord(c, status, form, problem)
		},
	})
}

func (s *Server) showRecord(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	r, err := s.findRecording(c)
	if err != nil {
		return err
	}
	p := s.words
	fields, err := s.statementFields(form, r.public)
	if err != nil {
		return err
	}
	page := &recordPage{
		DeskHead: s.deskHead(c, p.T("school_money.record.title", r.name)), Back: r.back, Key: s.newKey(c, "record"), Fields: fields,
		File: Field{Name: "file", Type: "file", Label: p.T("school_money.paper.file"), Hint: p.T("school_money.paper.file.hint", school.MaxUpload>>20), Optional: true},
	}
	page.Fields.Name.Autocomplete, page.Fields.Role.Autocomplete = "off", "off" // it is somebody else's
	if problem != nil {
		explain(p, &page.Page, problem, append(page.Fields.controls(), &page.File)...)
	}
	return s.show(c, status, "equipe/record", page)
}

// getSigned gives a signed paper as it came: to keep, never to show (SEC-26).
func getSigned(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	upload, err := pathID(c, "upload")
	if err != nil {
		return err
	}
	u, err := s.School.Upload(c.Request.Context(), s.actor(c), id, upload)
	if err != nil {
		return err
	}
	c.Header("Content-Security-Policy", contentPolicy+"; sandbox")
	return sendFile(c, "document-signe-"+idText(u.ID)+".pdf", "application/pdf", u.Content)
}

// postVerify says that a signed paper was read: it counts from now on.
func postVerify(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	upload, err := pathID(c, "upload")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "verify",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			return DeskRequestPath(id) + "?fait=enregistree", s.School.VerifyPaper(c.Request.Context(), s.actor(c), key, id, upload)
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			s.problem(c, status, s.words.Message(problem.Message), Link{Href: DeskRequestPath(id), Label: s.words.T("school_money.desk.back")})
			return nil
		},
	})
}

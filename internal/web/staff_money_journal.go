package web

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

// moneyJournalPage is what was paid between two days, by families and on invoices.
type moneyJournalPage struct {
	DeskHead
	Views   []moneyView
	From    Field
	To      Field
	Mode    Select
	Shown   bool // the dates could be read
	Sum     string
	Sums    []moneyJournalSum
	Total   int
	Entries []moneyJournalLine
	More    string // that only the last are shown; empty where all are
	CSV     string
	XLSX    string
	Columns []column
}

type moneyJournalSum struct {
	Mode  string
	N     int
	Cents int
}

type moneyJournalLine struct {
	ID    string
	Day   string
	Payer string
	Paper Link
	Mode  string
	Note  string
	Cents int
}

// mostMoneyEntries is how many lines of the journal a page shows: the file has all.
const mostMoneyEntries = 200

// moneyJournalQuestion is which part of the journal somebody asks for.
type moneyJournalQuestion struct {
	from, to time.Time
	mode     payment.Mode
}

// askedMoneyJournal reads which part; nothing asked is the present year. What cannot be read is wrong by field.
func (s *Server) askedMoneyJournal(c *gin.Context) (q moneyJournalQuestion, wrong map[string]fault.Message, err error) {
	today, err := s.officeDay()
	if err != nil {
		return q, nil, err
	}
	wrong = map[string]fault.Message{}
	day := func(name string, usual time.Time) time.Time {
		typed := c.Query(name)
		if typed == "" {
			return usual
		}
		t, m := school.ParseDay(typed)
		if m != nil {
			wrong[name] = *m
		}
		return t
	}
	q = moneyJournalQuestion{from: day("du", time.Date(today.Year(), 1, 1, 0, 0, 0, 0, time.UTC)), to: day("au", today), mode: payment.Mode(c.Query("moyen"))}
	if len(wrong) == 0 && q.to.Before(q.from) {
		wrong["au"] = fault.Message{Key: "school_money.accounts.backwards"}
	}
	if q.mode != "" && !slices.Contains(payment.AllModes(), q.mode) {
		wrong["moyen"] = fault.Message{Key: "school_money.payment.mode_missing"}
	}
	return q, wrong, nil
}

func getMoneyJournal(s *Server, c *gin.Context) error {
	p := s.words
	q, wrong, err := s.askedMoneyJournal(c)
	if err != nil {
		return err
	}
	date := func(name, label string, usual time.Time) Field {
		f := Field{Name: name, Label: p.T(label), Value: c.Query(name), Width: WidthMedium, Autocomplete: "off"}
		if f.Value == "" {
			f.Value = usual.Format("02/01/2006")
		}
		return f
	}
	page := &moneyJournalPage{
		DeskHead: s.deskHead(c, p.T("money_desk.journal")), Views: s.moneyViews(c), Columns: s.documented("money_desk.export.", moneyFileColumns),
		From: date("du", "money_desk.journal.from", q.from), To: date("au", "money_desk.journal.to", q.to),
		Mode: Select{Name: "moyen", Label: p.T("money_desk.journal.mode"), Empty: p.T("money_desk.journal.mode.all"), Optional: true,
			Options: choose(s.modeOptions(payment.AllModes()), c.Query("moyen"))},
	}
	if len(wrong) > 0 {
		explain(p, &page.Page, faultOf(wrong), &page.From, &page.To, &page.Mode)
		return s.show(c, http.StatusUnprocessableEntity, "equipe/money_journal", page)
	}
	journal, err := s.Payments.Journal(c.Request.Context(), s.actor(c), q.from, q.to, q.mode)
	if err != nil {
		return err
	}
	page.Shown, page.Total, page.Sum = true, journal.Cents, p.N("money_desk.journal.sum", len(journal.Entries), p.Money(journal.Cents))
	query := "?" + url.Values{"du": {q.from.Format(time.DateOnly)}, "au": {q.to.Format(time.DateOnly)}, "moyen": {string(q.mode)}}.Encode()
	page.CSV, page.XLSX = moneyJournalPath+".csv"+query, moneyJournalPath+".xlsx"+query
	for _, sum := range journal.Sums {
		page.Sums = append(page.Sums, moneyJournalSum{p.T("money.mode." + string(sum.Mode)), sum.N, sum.Cents})
	}
	for _, e := range slices.Backward(journal.Entries) {
		if len(page.Entries) == mostMoneyEntries {
			page.More = p.T("money_desk.journal.more", mostMoneyEntries)
			break
		}
		page.Entries = append(page.Entries, s.moneyJournalLine(e))
	}
	return s.show(c, http.StatusOK, "equipe/money_journal", page)
}

// faultOf makes one fault of what is wrong by field.
func faultOf(wrong map[string]fault.Message) *fault.Error {
	f, _ := fault.As(fault.InvalidFields(wrong))
	return f
}

func (s *Server) moneyJournalLine(e payment.Entry) moneyJournalLine {
	p := s.words
	line := moneyJournalLine{ID: idText(e.ID), Day: p.Birth(paperDay(e.On)), Payer: e.Payer, Mode: p.T("money.mode." + string(e.Mode)), Cents: e.Cents, Paper: Link{receiptPath(e.PaymentID), e.Paper}}
	if e.InvoiceID != 0 {
		line.Paper.Href = DeskRequestPath(e.RequestID) + "/factures/" + idText(e.InvoiceID)
	}
	switch {
	case e.Cents < 0:
		line.Note = p.T("money_desk.journal.reversal", e.Reverses.ID, p.Birth(paperDay(e.Reverses.On)))
		if e.Reverses.Reference != "" {
			line.Note = p.T("money_desk.journal.reversal.reference", line.Note, e.Reverses.Reference)
		}
		if e.Reason != "" {
			line.Note = p.T("money_desk.journal.reversal.why", line.Note, p.T("money.reason."+string(e.Reason)))
		}
	case e.Reversed:
		line.Note = p.T("money_desk.journal.reversed")
	case e.Carnet > 0:
		line.Note = p.T("money.line.carnet", e.Carnet)
	}
	return line
}

// moneyFileColumns are the columns of the treasurer's files, each with texts money_desk.export.NAME and money_desk.export.NAME.what.
var moneyFileColumns = []string{"date", "kind", "from", "paper", "payer", "mode", "reference", "reason", "amount", "by", "number", "reverses"}

func (s *Server) moneyJournalText(key string) string { return s.words.T("money_desk.export." + key) }

func (s *Server) writeMoneyJournal(w rows, j payment.Journal) error {
	p := s.words
	for _, e := range j.Entries {
		kind, from, reason, reverses := "payment", "family", "", ""
		if e.Cents < 0 {
			kind, reverses = "reversal", idText(e.Reverses.ID)
		}
		switch {
		case e.InvoiceID != 0:
			from = "invoice"
		case e.Carnet > 0:
			from = "carnet"
		}
		if e.Reason != "" {
			reason = p.T("money.reason." + string(e.Reason))
		}
		if err := w.Write(table.Text(e.On), table.Text(s.moneyJournalText("kind."+kind)), table.Text(s.moneyJournalText("from."+from)), table.Text(e.Paper), table.Text(e.Payer),
			table.Text(p.T("money.mode."+string(e.Mode))), table.Text(e.Reference), table.Text(reason), table.Euros(e.Cents), table.Text(e.By), table.Text(idText(e.ID)), table.Text(reverses)); err != nil {
			return err
		}
	}
	return nil
}

// exportedMoneyJournal returns the part that somebody takes away as a file, and the name of that; what cannot be read is Invalid.
func (s *Server) exportedMoneyJournal(c *gin.Context, format string) (j payment.Journal, name string, err error) {
	q, wrong, err := s.askedMoneyJournal(c)
	if err != nil {
		return j, "", err
	}
	if len(wrong) > 0 {
		return j, "", fault.InvalidFields(wrong)
	}
	j, err = s.Payments.ExportJournal(c.Request.Context(), s.actor(c), q.from, q.to, q.mode, format)
	return j, "paiements-" + q.from.Format(time.DateOnly) + "-" + q.to.Format(time.DateOnly) + "." + format, err
}

func getMoneyJournalCSV(s *Server, c *gin.Context) error {
	j, name, err := s.exportedMoneyJournal(c, "csv")
	if err != nil {
		return err
	}
	var names []string
	for _, column := range moneyFileColumns {
		names = append(names, s.moneyJournalText(column))
	}
	var file bytes.Buffer
	w, err := table.NewWriter(&file, names...)
	if err != nil {
		return err
	}
	if err := s.writeMoneyJournal(w, j); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return sendFile(c, name, "text/csv; charset=utf-8", file.Bytes())
}

func getMoneyJournalWorkbook(s *Server, c *gin.Context) error {
	j, name, err := s.exportedMoneyJournal(c, "xlsx")
	if err != nil {
		return err
	}
	return s.sendWorkbookOf(c, name, s.words.T("money_desk.journal"), moneyFileColumns, s.moneyJournalText, func(w rows) error { return s.writeMoneyJournal(w, j) })
}

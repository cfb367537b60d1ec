package school

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Invoice is an invoice, or a credit note that takes from one. Both are as they were issued, for good.
type Invoice struct {
	ID, RequestID int64
	Kind          BillKind
	Number        string // 'F2026-0001', 'A2026-0001'
	Credits       int64  // the invoice that a credit note takes from; 0 for an invoice
	TotalCents    int
	CreditedCents int // what credit notes took from an invoice
	DueOn         string
	Bill          Bill
	IssuedAt      time.Time
}

// LeftCents is what credit notes have not taken from an invoice.
func (i Invoice) LeftCents() int { return i.TotalCents - i.CreditedCents }

const sqlInvoicesOfRequest = `
SELECT i.id, i.request_id, i.kind, i.year, i.number, coalesce(i.credits, 0), i.total_cents,
       (SELECT coalesce(sum(c.total_cents), 0) FROM invoices c WHERE c.credits = i.id), coalesce(i.due_on, ''), i.content, i.issued_at
  FROM invoices i WHERE i.request_id = ? ORDER BY i.id DESC`

// invoicesTx returns the invoices and credit notes of a request, the newest first.
func invoicesTx(tx *sqlite.Tx, requestID int64) (all []Invoice, err error) {
	rows, err := tx.Query(sqlInvoicesOfRequest, requestID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i Invoice
		var year, number int
		var content, issued string
		if err := rows.Scan(&i.ID, &i.RequestID, &i.Kind, &year, &number, &i.Credits, &i.TotalCents, &i.CreditedCents, &i.DueOn,
			&content, &issued); err != nil {
			return nil, err
		}
		i.Number = BillNumber(i.Kind, year, number)
		if i.Bill, err = thawBill(content); err != nil {
			return nil, err
		}
		if i.IssuedAt, err = sqlite.ParseTime(issued); err != nil {
			return nil, err
		}
		all = append(all, i)
	}
	return all, rows.Err()
}

// InvoiceText is what the desk writes into an invoice: the lines of the quote, changed where more or fewer children
// came, and what Chorus Pro wants of a public body.
type InvoiceText struct {
	QuoteText
	SIRET       string // of who pays
	ServiceCode string
	Engagement  string
}

// InvoiceWork is what the desk needs to write an invoice.
type InvoiceWork struct {
	Money
	// Usual is what an invoice begins with: the accepted quote, and what is known of who pays.
	Usual InvoiceText
	// Public tells that Chorus Pro must get all its fields.
	Public bool
	// Refusal says why no invoice can be issued now; nil when one can.
	Refusal *fault.Error
}

// InvoiceWork returns what the desk needs to write an invoice for a request.
func (s *Service) InvoiceWork(ctx context.Context, actor account.Actor, requestID int64) (w InvoiceWork, err error) {
	if err := mayManage(actor); err != nil {
		return InvoiceWork{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		w = InvoiceWork{Public: isPublic(r.Organisation)}
		if w.Money, err = moneyTx(tx, r); err != nil {
			return err
		}
		w.Usual.SIRET = r.Organisation.SIRET
		if p := w.Payer; p != nil {
			w.Public, w.Usual.SIRET, w.Usual.ServiceCode = p.Public, p.SIRET, p.ServiceCode
		}
		if q := w.Accepted(); q.ID != 0 {
			w.Usual.Lines = q.Bill.Lines
			if err := tx.QueryRow(sqlEngagementOfAccepted, q.ID).Scan(&w.Usual.Engagement); err != nil {
				return err
			}
		}
		if err := mayInvoice(tx, w.Money); err != nil {
			f, known := fault.As(err)
			if !known {
				return err
			}
			w.Refusal = f
		}
		return nil
	})
	return w, err
}

const sqlSessionsToCome = `
SELECT count(*), coalesce(sum(ends_at > ?2), 0) FROM sessions WHERE request_id = ?1 AND status <> 'cancelled'`

// mayInvoice returns the fault that says why nothing can be invoiced: the service comes first, and one invoice at a time
// stands for it.
func mayInvoice(tx *sqlite.Tx, m Money) error {
	var sessions, toCome int
	if err := tx.QueryRow(sqlSessionsToCome, m.Request.ID, sqlite.Time(tx.Now())).Scan(&sessions, &toCome); err != nil {
		return err
	}
	switch m.Request.State {
	case Done, Closed:
	case Agreed:
		if sessions == 0 || toCome > 0 {
			return fault.New(fault.Conflict, "school_money.invoice.early")
		}
	default:
		return fault.New(fault.Conflict, "school_money.invoice.early")
	}
	for _, i := range m.Invoices {
		if i.Kind == KindInvoice && i.LeftCents() > 0 {
			return fault.New(fault.Conflict, "school_money.invoice.already", i.Number)
		}
	}
	return nil
}

// check cleans what was typed and returns the total.
func (x *InvoiceText) check(public bool) (cents int, err error) {
	t := typed{}
	t.line("service_code", &x.ServiceCode, "")
	t.line("engagement", &x.Engagement, "")
	x.SIRET = strings.Join(strings.Fields(x.SIRET), "")
	switch {
	case x.SIRET != "" && !settings.IsSIRET(x.SIRET):
		t.wrong("siret", "settings.siret")
	case x.SIRET == "" && public:
		t.wrong("siret", "school_money.invoice.siret_missing")
	}
	if public && x.ServiceCode == "" {
		t.wrong("service_code", "school_money.invoice.service_missing")
	}
	if public && x.Engagement == "" {
		t.wrong("engagement", "school_money.invoice.engagement_missing")
	}
	cents, err = x.QuoteText.check()
	return cents, t.with(err)
}

// IssueInvoice issues an invoice for the service and sends it to who pays. What is wrong is Invalid by field, the fields
// that Chorus Pro wants among them; a service that did not take place, and one that was invoiced, are Conflict.
func (s *Service) IssueInvoice(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, text InvoiceText) (id int64, err error) {
	return s.onceID(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) (int64, error) {
		return issueInvoice(tx, actor, r, text)
	})
}

// onceID does what makes a row of a request once, and returns its id.
func (s *Service) onceID(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, do func(*sqlite.Tx, Request) (int64, error)) (id int64, err error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		id, err = account.OnceID(tx, key, func() (int64, error) { return do(tx, r) })
		return err
	})
	return id, err
}

func issueInvoice(tx *sqlite.Tx, actor account.Actor, r Request, text InvoiceText) (id int64, err error) {
	m, err := moneyTx(tx, r)
	if err != nil {
		return 0, err
	}
	if err := mayInvoice(tx, m); err != nil {
		return 0, err
	}
	bill, err := newBill(tx, KindInvoice, r)
	if err != nil {
		return 0, err
	}
	cents, err := text.check(bill.Public)
	if err != nil {
		return 0, err
	}
	if cents == 0 {
		return 0, fault.New(fault.Invalid, "school_money.invoice.nothing")
	}
	days, err := settings.Get(tx, settings.InvoiceDays)
	if err != nil {
		return 0, err
	}
	day, err := today(tx)
	if err != nil {
		return 0, err
	}
	bill.DueOn = day.AddDate(0, 0, days).Format(time.DateOnly)
	bill.Lines, bill.TotalCents, bill.Note = text.Lines, cents, text.Note
	bill.Service, bill.Engagement = serviceOf(text.ServiceCode), text.Engagement
	if bill.Payer != nil {
		bill.Payer.SIRET = text.SIRET
	} else {
		bill.Client.SIRET = text.SIRET
	}
	quote := m.Accepted()
	bill.Quote = quote.Number
	return putInvoice(tx, actor, r, bill, quote.ID, 0)
}

const sqlAddInvoice = `
INSERT INTO invoices (kind, request_id, quote_id, credits, year, number, total_cents, content, content_hash, due_on, issued_at, issued_by)
VALUES (?, ?, NULLIF(?, 0), NULLIF(?, 0), ?, ?, ?, ?, ?, NULLIF(?, ''), ?, NULLIF(?, 0)) RETURNING id`

// putInvoice gives an invoice or a credit note the next number of its year, freezes it and sends it to who pays.
func putInvoice(tx *sqlite.Tx, actor account.Actor, r Request, bill Bill, quoteID, credits int64) (id int64, err error) {
	day, err := today(tx)
	if err != nil {
		return 0, err
	}
	number, err := numbering.Next(tx, numbering.Series(bill.Kind), day.Year())
	if err != nil {
		return 0, err
	}
	bill.Number = BillNumber(bill.Kind, day.Year(), number)
	content, hash, err := bill.freeze()
	if err != nil {
		return 0, err
	}
	if err := tx.QueryRow(sqlAddInvoice, string(bill.Kind), r.ID, quoteID, credits, day.Year(), number, bill.TotalCents, content, hash,
		bill.DueOn, sqlite.Time(tx.Now()), actor.ID).Scan(&id); err != nil {
		return 0, err
	}
	event := map[BillKind]string{KindInvoice: "invoiced", KindCreditNote: "credited"}[bill.Kind]
	if err := addEvent(tx, actor, ByTeam, r.ID, event, bill.Number); err != nil {
		return 0, err
	}
	m := letter(r)
	m.Paper, m.PaperKind, m.Cents = bill.Number, string(bill.Kind), bill.TotalCents
	toPayer, err := tellPayer(tx, r, outbox.RequestInvoiced, m)
	if err == nil && !toPayer {
		err = tellContact(tx, r, outbox.RequestInvoiced, m)
	}
	if err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "invoice.issue", record("invoice", id),
		map[string]any{"number": bill.Number, "cents": bill.TotalCents})
}

// IssueCreditNote takes cents back from an invoice, no more than earlier credit notes left of it, and sends the credit
// note to who pays. An invoice itself never changes. reason is printed.
func (s *Service) IssueCreditNote(ctx context.Context, actor account.Actor, key account.FormKey, requestID, invoiceID int64, cents int, reason string) (id int64, err error) {
	return s.onceID(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) (int64, error) {
		return issueCreditNote(tx, actor, r, invoiceID, cents, reason)
	})
}

func issueCreditNote(tx *sqlite.Tx, actor account.Actor, r Request, invoiceID int64, cents int, reason string) (id int64, err error) {
	m, err := moneyTx(tx, r)
	if err != nil {
		return 0, err
	}
	invoice, err := m.Invoice(invoiceID)
	if err != nil || invoice.Kind != KindInvoice {
		return 0, fault.New(fault.NotFound, "error.not_found")
	}
	t := typed{}
	t.line("reason", &reason, "school_money.credit.reason_missing")
	if utf8.RuneCountInString(reason) > maxLabel {
		t.wrong("reason", "ask.too_long", maxLabel)
	}
	if cents <= 0 || cents > invoice.LeftCents() {
		t.wrong("cents", "school_money.credit.cents_wrong", settings.WriteEuros(invoice.LeftCents()))
	}
	if err := t.invalid(); err != nil {
		return 0, err
	}
	day, err := today(tx)
	if err != nil {
		return 0, err
	}
	bill := invoice.Bill
	bill.Kind, bill.Date, bill.DueOn, bill.Credits = KindCreditNote, day.Format(time.DateOnly), "", invoice.Number
	bill.TotalCents, bill.Note = cents, reason
	if cents != invoice.TotalCents {
		bill.Lines = []Line{{Kind: LineService, Label: reason, Quantity: 100, UnitCents: cents, TotalCents: cents}}
	}
	return putInvoice(tx, actor, r, bill, 0, invoiceID)
}

// NotePaid notes in the history of a request that an invoice is paid in full, in the transaction that records it.
func NotePaid(tx *sqlite.Tx, actor account.Actor, requestID int64, number string) error {
	return addEvent(tx, actor, ByTeam, requestID, "paid", number)
}

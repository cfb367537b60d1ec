package payment

import (
	"context"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Payment is money that came in, or a row that takes one back.
type Payment struct {
	ID         int64
	InvoiceID  int64
	Cents      int // below 0: it takes one back
	Mode       Mode
	Reference  string
	ReceivedOn string // a day
	Reversible bool   // it is neither taken back nor takes one back
	By         string // who recorded it
}

const sqlPaymentsOfRequest = `
SELECT p.id, p.invoice_id, p.cents, p.mode, p.reference, p.received_on,
       p.reverses IS NULL AND p.id NOT IN (SELECT reverses FROM payments WHERE reverses IS NOT NULL), u.name
  FROM payments p JOIN invoices i ON i.id = p.invoice_id JOIN users u ON u.id = p.recorded_by
 WHERE i.request_id = ? ORDER BY p.id`

// OfRequest returns the payments on the invoices of a request, in the order in which they were recorded. Who asks was
// let in by school.DeskMoney or school.Money.
func (s *Service) OfRequest(ctx context.Context, requestID int64) (all []Payment, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all = nil
		rows, err := tx.Query(sqlPaymentsOfRequest, requestID)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var p Payment
			if err := rows.Scan(&p.ID, &p.InvoiceID, &p.Cents, &p.Mode, &p.Reference, &p.ReceivedOn, &p.Reversible, &p.By); err != nil {
				return err
			}
			all = append(all, p)
		}
		return rows.Err()
	})
	return all, err
}

// PaidOn sums what came in on one invoice.
func PaidOn(all []Payment, invoiceID int64) (cents int) {
	for _, p := range all {
		if p.InvoiceID == invoiceID {
			cents += p.Cents
		}
	}
	return cents
}

// Account is one invoice as the treasurer reads it.
type Account struct {
	ID, RequestID int64
	Number        string
	Request       string // reference
	Payer         string // by name
	IssuedOn      string // a day
	DueOn         string // a day
	TotalCents    int
	CreditedCents int
	PaidCents     int
}

// LeftCents is what is still to be paid; below 0 when too much was.
func (a Account) LeftCents() int { return a.TotalCents - a.CreditedCents - a.PaidCents }

// Standing says how far the invoice is paid.
func (a Account) Standing() Standing { return StandingOf(a.TotalCents-a.CreditedCents, a.PaidCents) }

// LateOn reports whether something is due on a day that should have been paid before.
func (a Account) LateOn(day time.Time) bool {
	return a.LeftCents() > 0 && a.DueOn != "" && a.DueOn < day.Format(time.DateOnly)
}

const sqlAccounts = `
SELECT i.id, i.request_id, i.year, i.number, r.reference,
       coalesce(i.content ->> '$.payer.name', i.content ->> '$.client.name'), i.content ->> '$.date', coalesce(i.due_on, ''), i.total_cents,
       (SELECT coalesce(sum(total_cents), 0) FROM invoices WHERE credits = i.id) AS credited,
       (SELECT coalesce(sum(cents), 0) FROM payments WHERE invoice_id = i.id) AS paid
  FROM invoices i JOIN group_requests r ON r.id = i.request_id WHERE i.kind = 'invoice' ORDER BY i.year, i.number`

// Accounts returns the invoices to the desk, the oldest first: those that are not settled, or every one.
func (s *Service) Accounts(ctx context.Context, actor account.Actor, settledToo bool) (all []Account, err error) {
	if !actor.HasDesk() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all = nil
		rows, err := tx.Query(sqlAccounts)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var a Account
			var year, number int
			if err := rows.Scan(&a.ID, &a.RequestID, &year, &number, &a.Request, &a.Payer, &a.IssuedOn, &a.DueOn, &a.TotalCents,
				&a.CreditedCents, &a.PaidCents); err != nil {
				return err
			}
			a.Number = school.BillNumber(school.KindInvoice, year, number)
			if settledToo || a.LeftCents() != 0 {
				all = append(all, a)
			}
		}
		return rows.Err()
	})
	return all, err
}

// Movement is one line of the treasurer's book: an invoice, a credit note or a payment.
type Movement struct {
	On        string // a day
	Kind      string // invoice, credit_note, payment or reversal: the text school_money.movement.VALUE
	Number    string // of the invoice or the credit note; of the invoice that was paid
	Payer     string
	SIRET     string
	Mode      Mode // of a payment
	Reference string
	Cents     int // what the payer owes more, or, below 0, less
}

const sqlMovements = `
SELECT i.content ->> '$.date' AS happened, i.kind AS kind, i.content ->> '$.number' AS number,
       coalesce(i.content ->> '$.payer.name', i.content ->> '$.client.name') AS payer,
       coalesce(i.content ->> '$.payer.siret', iif(i.content ->> '$.payer' IS NULL, i.content ->> '$.client.siret', ''), '') AS siret,
       '' AS mode, coalesce(i.content ->> '$.credits', '') AS reference, iif(i.kind = 'invoice', i.total_cents, -i.total_cents) AS cents,
       i.issued_at AS written
  FROM invoices i WHERE i.content ->> '$.date' BETWEEN ?1 AND ?2
UNION ALL
SELECT p.received_on, iif(p.reverses IS NULL, 'payment', 'reversal'), i.content ->> '$.number',
       coalesce(i.content ->> '$.payer.name', i.content ->> '$.client.name'),
       coalesce(i.content ->> '$.payer.siret', iif(i.content ->> '$.payer' IS NULL, i.content ->> '$.client.siret', ''), ''),
       p.mode, p.reference, -p.cents, p.recorded_at
  FROM payments p JOIN invoices i ON i.id = p.invoice_id WHERE p.received_on BETWEEN ?1 AND ?2
 ORDER BY happened, written, number`

// Movements returns what was invoiced, credited and paid from one day to another, both included, for the treasurer. Who
// took it is kept in the access log.
func (s *Service) Movements(ctx context.Context, actor account.Actor, from, to time.Time) (all []Movement, err error) {
	if !actor.CanManage() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	first, last := from.Format(time.DateOnly), to.Format(time.DateOnly)
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all = nil
		rows, err := tx.Query(sqlMovements, first, last)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m Movement
			var written string
			if err := rows.Scan(&m.On, &m.Kind, &m.Number, &m.Payer, &m.SIRET, &m.Mode, &m.Reference, &m.Cents, &written); err != nil {
				return err
			}
			all = append(all, m)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		return audit.Access(tx, actor.String(), "payment.export", strings.Join([]string{"payments", first, last}, ":"))
	})
	return all, err
}

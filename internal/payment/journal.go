package payment

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Entry is one line of the journal of payments: money that came in, or went back.
type Entry struct {
	ID         int64
	On         string // a day
	Cents      int    // below 0: taken back
	Mode       Mode
	Reference  string
	Payer      string // as the receipt or the invoice names them; empty once that is forgotten
	Paper      string // number of the receipt or the invoice
	FamilyID   int64  // the guardian; 0 for an invoice
	PaymentID  int64  // whose receipt it is: of a reversal, that of what it takes back; 0 for an invoice
	RequestID  int64  // 0 for a family
	InvoiceID  int64
	Carnet     int // units that it bought
	Reason     Reason
	Reversed   bool  // it was taken back since
	Reverses   Taken // what a reversal takes back
	By         string
	RecordedAt time.Time
}

// Taken is the payment that a reversal takes back; the zero value is none.
type Taken struct {
	ID        int64 // of its own Entry
	On        string
	Reference string
}

// Sum is what came in in one mode.
type Sum struct {
	Mode  Mode
	Cents int
	N     int // payments and reversals
}

// Journal is what was paid from one day to another, both included.
type Journal struct {
	Entries []Entry // by day, then as they were recorded
	Sums    []Sum   // by mode, in the order of AllModes; those without an entry are left out
	Cents   int
}

const sqlJournal = `
SELECT p.id, p.received_on, p.cents, p.mode, p.reference, coalesce(t.content ->> '$.payer', i.content ->> '$.payer.name', i.content ->> '$.client.name', ''),
       coalesce(t.year, 0), coalesce(t.number, 0), coalesce(i.year, 0), coalesce(i.number, 0), coalesce(p.guardian_id, 0), coalesce(t.payment_id, 0), coalesce(i.request_id, 0), coalesce(i.id, 0),
       coalesce(k.units, 0), p.reason, EXISTS (SELECT 1 FROM payments r WHERE r.reverses = p.id),
       coalesce(o.id, 0), coalesce(o.received_on, ''), coalesce(o.reference, ''), u.name, p.recorded_at
  FROM payments p JOIN users u ON u.id = p.recorded_by LEFT JOIN invoices i ON i.id = p.invoice_id LEFT JOIN payments o ON o.id = p.reverses
  LEFT JOIN receipts t ON t.payment_id = coalesce(p.reverses, p.id) LEFT JOIN carnets k ON k.payment_id = coalesce(p.reverses, p.id)
 WHERE p.received_on BETWEEN ?1 AND ?2 AND (?3 = '' OR p.mode = ?3) ORDER BY p.received_on, p.id`

func journalTx(tx *sqlite.Tx, from, to time.Time, mode Mode) (j Journal, err error) {
	rows, err := tx.Query(sqlJournal, from.Format(time.DateOnly), to.Format(time.DateOnly), string(mode))
	if err != nil {
		return Journal{}, err
	}
	defer rows.Close()
	sums := map[Mode]*Sum{}
	for rows.Next() {
		var e Entry
		var receiptYear, receipt, invoiceYear, invoice int
		var recorded string
		if err := rows.Scan(&e.ID, &e.On, &e.Cents, &e.Mode, &e.Reference, &e.Payer, &receiptYear, &receipt, &invoiceYear, &invoice, &e.FamilyID, &e.PaymentID, &e.RequestID, &e.InvoiceID,
			&e.Carnet, &e.Reason, &e.Reversed, &e.Reverses.ID, &e.Reverses.On, &e.Reverses.Reference, &e.By, &recorded); err != nil {
			return Journal{}, err
		}
		if e.RecordedAt, err = sqlite.ParseTime(recorded); err != nil {
			return Journal{}, err
		}
		e.Paper = ReceiptNumber(receiptYear, receipt)
		if e.InvoiceID != 0 {
			e.Paper = school.BillNumber(school.KindInvoice, invoiceYear, invoice)
		}
		j.Entries, j.Cents = append(j.Entries, e), j.Cents+e.Cents
		if sums[e.Mode] == nil {
			sums[e.Mode] = &Sum{Mode: e.Mode}
		}
		sums[e.Mode].Cents += e.Cents
		sums[e.Mode].N++
	}
	for _, m := range AllModes() {
		if sum := sums[m]; sum != nil {
			j.Sums = append(j.Sums, *sum)
		}
	}
	return j, rows.Err()
}

// Journal returns what was paid from one day to another, by families and on invoices, in one mode or, where that is empty, in all. Forbidden to
// all but staff.
func (s *Service) Journal(ctx context.Context, actor account.Actor, from, to time.Time, mode Mode) (j Journal, err error) {
	if !actor.CanManage() {
		return Journal{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		j, err = journalTx(tx, from, to, mode)
		return err
	})
	return j, err
}

// ExportJournal is Journal for a file of a format, of which the access log keeps who took it.
func (s *Service) ExportJournal(ctx context.Context, actor account.Actor, from, to time.Time, mode Mode, format string) (j Journal, err error) {
	if !actor.CanManage() {
		return Journal{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if j, err = journalTx(tx, from, to, mode); err != nil {
			return err
		}
		what := strings.Join([]string{"money", from.Format(time.DateOnly), to.Format(time.DateOnly), format, strconv.Itoa(len(j.Entries))}, ":")
		return audit.Access(tx, actor.String(), "payment.export", what)
	})
	return j, err
}

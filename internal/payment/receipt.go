package payment

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Receipt is what a family was given for a payment, frozen when it was recorded: it keeps its own names (domain, Family data 2).
type Receipt struct {
	Number     string        `json:"number"`
	Date       string        `json:"date"` // a day, of issue
	From       school.Seller `json:"from"`
	VAT        string        `json:"vat,omitempty"`
	Payer      string        `json:"payer"`
	Lines      []ReceiptLine `json:"lines"`
	TotalCents int           `json:"total_cents"`
	Mode       Mode          `json:"mode"`
	Reference  string        `json:"reference,omitempty"`
	ReceivedOn string        `json:"received_on"` // a day

	// Reversed is the day on which the payment was taken back, and Reason why; empty while it counts.
	Reversed string `json:"-"`
	Reason   Reason `json:"-"`
}

// Forgotten reports whether nothing is left of a receipt but its number and its total: it had its time.
func (r Receipt) Forgotten() bool { return r.Payer == "" }

// ReceiptLine is one thing that was paid: a seat, a place in a series, a carnet, or, with nothing else, something in advance.
type ReceiptLine struct {
	Workshop string `json:"workshop,omitempty"`
	StartsAt string `json:"starts_at,omitempty"` // an instant, with the offset of the venue
	Series   string `json:"series,omitempty"`
	Child    string `json:"child,omitempty"`
	Units    int    `json:"units,omitempty"` // of a carnet
	Cents    int    `json:"cents"`
}

// receiptLines say what cents pay: seat by seat as Settle shares out the parts, a carnet, and what is left in advance.
func receiptLines(b Balance, parts map[int64]int, cents, units int) (lines []ReceiptLine) {
	if units > 0 {
		return []ReceiptLine{{Units: units, Cents: cents}}
	}
	for _, s := range b.Seats {
		part := min(parts[s.GroupID], s.LeftCents())
		if part == 0 {
			continue
		}
		parts[s.GroupID] -= part
		cents -= part
		line := ReceiptLine{Series: s.Series, Child: s.Child, Cents: part}
		if s.Series == "" {
			line.Workshop, line.StartsAt = s.Workshop, s.StartsAt.Format(time.RFC3339)
		}
		lines = append(lines, line)
	}
	if cents > 0 {
		lines = append(lines, ReceiptLine{Cents: cents})
	}
	return lines
}

// ReceiptNumber is how people name a receipt: R2027-0001.
func ReceiptNumber(year, number int) string {
	return numbering.Format(numbering.Receipt, year, number)
}

const sqlAddReceipt = `
INSERT INTO receipts (payment_id, year, number, total_cents, content, content_hash, issued_at) VALUES (?, ?, ?, ?, ?, ?, ?)`

// issueReceipt gives the receipt of a payment the next number of its year and freezes it.
func issueReceipt(tx *sqlite.Tx, paymentID int64, payer string, n New, lines []ReceiptLine) (number string, err error) {
	day, err := today(tx)
	if err != nil {
		return "", err
	}
	r := Receipt{Date: day, Payer: payer, Lines: lines, TotalCents: n.Cents, Mode: n.Mode, Reference: n.Reference, ReceivedOn: n.ReceivedOn}
	if r.From, r.VAT, err = school.SellerTx(tx); err != nil {
		return "", err
	}
	year, err := strconv.Atoi(day[:4])
	if err != nil {
		return "", err
	}
	next, err := numbering.Next(tx, numbering.Receipt, year)
	if err != nil {
		return "", err
	}
	r.Number = ReceiptNumber(year, next)
	content, err := json.Marshal(r)
	if err != nil {
		return "", fmt.Errorf("payment: freeze %s: %w", r.Number, err)
	}
	_, err = tx.Exec(sqlAddReceipt, paymentID, year, next, r.TotalCents, string(content), school.ContentHash(string(content)), sqlite.Time(tx.Now()))
	return r.Number, err
}

// FamilyPayment is one payment of a family with its receipt.
type FamilyPayment struct {
	ID         int64
	GuardianID int64
	Receipt    Receipt
	By         string // who recorded it
}

const (
	sqlFamilyPayments = `
SELECT p.id, p.guardian_id, t.year, t.number, t.total_cents, t.content, u.name, coalesce(r.received_on, ''), coalesce(r.reason, '')
  FROM payments p JOIN receipts t ON t.payment_id = p.id JOIN users u ON u.id = p.recorded_by LEFT JOIN payments r ON r.reverses = p.id`
	sqlPaymentsOf = sqlFamilyPayments + ` WHERE p.guardian_id = ? ORDER BY p.id DESC`
	sqlOnePayment = sqlFamilyPayments + ` WHERE p.id = ?`
)

func familyPayments(tx *sqlite.Tx, query string, id int64) (all []FamilyPayment, err error) {
	rows, err := tx.Query(query, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p FamilyPayment
		var year, number, cents int
		var content []byte
		var reversed string
		var reason Reason
		if err := rows.Scan(&p.ID, &p.GuardianID, &year, &number, &cents, &content, &p.By, &reversed, &reason); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(content, &p.Receipt); err != nil {
			return nil, fmt.Errorf("payment: thaw a receipt: %w", err)
		}
		p.Receipt.Number, p.Receipt.TotalCents, p.Receipt.Reversed, p.Receipt.Reason = ReceiptNumber(year, number), cents, reversed, reason
		all = append(all, p)
	}
	return all, rows.Err()
}

// Payments returns what a guardian paid, the latest first: to staff, and to the guardian who is signed in.
func (s *Service) Payments(ctx context.Context, actor account.Actor, guardianID int64) (all []FamilyPayment, err error) {
	if !actor.CanManage() && !actor.IsGuardian(guardianID) {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		all, err = familyPayments(tx, sqlPaymentsOf, guardianID)
		return err
	})
	return all, err
}

// Payment returns one payment of a family with its receipt: to staff, and to the guardian whose it is. NotFound for all else.
func (s *Service) Payment(ctx context.Context, actor account.Actor, id int64) (p FamilyPayment, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		found, err := familyPayments(tx, sqlOnePayment, id)
		if err != nil {
			return err
		}
		if len(found) == 0 || !actor.CanManage() && !actor.IsGuardian(found[0].GuardianID) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		p = found[0]
		return nil
	})
	return p, err
}

// receiptsKept is how many whole years after the one in which it was issued a receipt keeps its names (Code de commerce, L123-22).
const receiptsKept = 10

// What is left of a receipt: its number and its total, so that the row of numbers stays without a gap.
const (
	sqlOldReceipts   = `SELECT payment_id FROM receipts WHERE year < ? AND content <> '{}' ORDER BY payment_id LIMIT ?`
	sqlForgetReceipt = `UPDATE receipts SET content = '{}', content_hash = ?2 WHERE payment_id = ?1`
	// Also of payments on invoices: a cheque may be named after who wrote it.
	sqlForgetReferences = `UPDATE payments SET reference = '' WHERE reference <> '' AND received_on < ?`
)

// mostForgotten is how many receipts one transaction forgets.
const mostForgotten = 500

// ForgetReceipts empties receipts, and references of payments, ten years after the end of their year. Numbers and totals stay. It returns how
// many there were.
func ForgetReceipts(tx *sqlite.Tx) (int, error) {
	ids, err := sqlite.Column[int64](tx, sqlOldReceipts, tx.Now().Year()-receiptsKept, mostForgotten)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := tx.Exec(sqlForgetReceipt, id, school.ContentHash("{}")); err != nil {
			return 0, err
		}
	}
	res, err := tx.Exec(sqlForgetReferences, strconv.Itoa(tx.Now().Year()-receiptsKept))
	if err != nil {
		return 0, err
	}
	references, err := res.RowsAffected()
	if n := len(ids) + int(references); err == nil && n > 0 {
		return n, audit.Add(tx, account.System().String(), "receipts.forget", "receipts", map[string]any{"receipts": len(ids), "references": references})
	}
	return 0, err
}

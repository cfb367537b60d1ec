// Package payment keeps what was paid, on invoices and by families, and derives what families owe. Its rows never change: a mistake is
// corrected by a row that takes the payment back. Amounts are whole cents.
package payment

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service records payments. Its methods are safe for concurrent use.
type Service struct{ db *sqlite.DB }

// NewService returns a Service on db.
func NewService(db *sqlite.DB) *Service { return &Service{db: db} }

// Mode is how something was paid. Its name on screen is the text school_money.mode.VALUE.
type Mode string

// The modes.
const (
	Transfer    Mode = "transfer"
	Cheque      Mode = "cheque"
	Cash        Mode = "cash"
	HelloAsso   Mode = "helloasso" // of families alone
	PassCulture Mode = "pass_culture"
	Other       Mode = "other"
)

// Modes lists the modes in which an invoice is paid, in the order in which people choose.
func Modes() []Mode { return []Mode{Transfer, Cheque, Cash, PassCulture, Other} }

// FamilyModes lists the modes in which families pay, in the order in which people choose.
func FamilyModes() []Mode { return []Mode{Cash, Cheque, Transfer, HelloAsso, Other} }

// AllModes lists every mode.
func AllModes() []Mode { return []Mode{Cash, Cheque, Transfer, HelloAsso, PassCulture, Other} }

// Standing is how far an invoice is paid. Its name on screen is the text school_money.standing.VALUE.
type Standing string

// The standings.
const (
	Unpaid   Standing = "unpaid"
	Partly   Standing = "partly"
	Paid     Standing = "paid"
	Overpaid Standing = "overpaid"
	Credited Standing = "credited" // wholly taken back, and nothing was paid
)

// StandingOf says how far an invoice is paid, of which due cents are left after credit notes and paid cents came in.
func StandingOf(due, paid int) Standing {
	switch {
	case paid > due:
		return Overpaid
	case due == 0 && paid == 0:
		return Credited
	case paid == due:
		return Paid
	case paid > 0:
		return Partly
	}
	return Unpaid
}

// New is a payment as it was typed.
type New struct {
	Cents      int
	Mode       Mode
	Reference  string // of the transfer or the cheque; may be empty
	ReceivedOn string // a day, as typed
}

const (
	maxCents     = 100_000_000
	maxReference = 100
	// mostYearsBack is how long ago money may have come in that is noted now: an older day is a slip in the year.
	mostYearsBack = 2
)

// check cleans what was typed; what is wrong is fault.Invalid by field.
func (n *New) check(now time.Time, modes []Mode) error {
	wrong := map[string]fault.Message{}
	if n.Cents <= 0 || n.Cents > maxCents {
		wrong["cents"] = fault.Message{Key: "school_money.payment.cents_wrong"}
	}
	if !slices.Contains(modes, n.Mode) {
		wrong["mode"] = fault.Message{Key: "school_money.payment.mode_missing"}
	}
	if n.Reference = strings.TrimSpace(n.Reference); utf8.RuneCountInString(n.Reference) > maxReference || strings.ContainsFunc(n.Reference, unicode.IsControl) {
		wrong["reference"] = fault.Message{Key: "school_money.payment.reference_long", Args: []any{maxReference}}
	} else if family.HasCardNumber(n.Reference) {
		wrong["reference"] = fault.Message{Key: "school_money.payment.reference_card"}
	}
	zone, err := catalog.LoadZone(catalog.HomeZone)
	if err != nil {
		return err
	}
	switch on, m := school.ParseDay(n.ReceivedOn); {
	case m != nil:
		wrong["received_on"] = *m
	case on.Format(time.DateOnly) > now.In(zone).Format(time.DateOnly):
		wrong["received_on"] = fault.Message{Key: "school_money.payment.day_future"}
	case on.Format(time.DateOnly) < now.In(zone).AddDate(-mostYearsBack, 0, 0).Format(time.DateOnly):
		wrong["received_on"] = fault.Message{Key: "school_money.payment.day_old"}
	default:
		n.ReceivedOn = on.Format(time.DateOnly)
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return nil
}

// owed is what a payment needs to know of its invoice.
type owed struct {
	requestID int64
	number    string
	due, paid int
}

const sqlOwed = `
SELECT i.request_id, i.kind, i.year, i.number, i.total_cents - (SELECT coalesce(sum(total_cents), 0) FROM invoices WHERE credits = i.id),
       (SELECT coalesce(sum(cents), 0) FROM payments WHERE invoice_id = i.id)
  FROM invoices i WHERE i.id = ?`

func owedTx(tx *sqlite.Tx, requestID, invoiceID int64) (o owed, err error) {
	var kind school.BillKind
	var year, number int
	err = tx.QueryRow(sqlOwed, invoiceID).Scan(&o.requestID, &kind, &year, &number, &o.due, &o.paid)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (o.requestID != requestID || kind != school.KindInvoice) {
		return owed{}, fault.New(fault.NotFound, "error.not_found")
	}
	o.number = school.BillNumber(kind, year, number)
	return o, err
}

const sqlAdd = `
INSERT INTO payments (invoice_id, cents, mode, reference, received_on, reverses, recorded_by, recorded_at)
VALUES (?, ?, ?, ?, ?, NULLIF(?, 0), ?, ?) RETURNING id`

// Record notes money that came in for an invoice of a request. More than what is due is kept as it is: the invoice is
// then overpaid, which the list of invoices shows. Only staff who are signed in may, since a payment keeps who wrote it.
func (s *Service) Record(ctx context.Context, actor account.Actor, key account.FormKey, requestID, invoiceID int64, n New) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		o, err := owedTx(tx, requestID, invoiceID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			n := n
			if err := n.check(tx.Now(), Modes()); err != nil {
				return "", err
			}
			var id int64
			if err := tx.QueryRow(sqlAdd, invoiceID, n.Cents, string(n.Mode), n.Reference, n.ReceivedOn, 0, actor.ID, sqlite.Time(tx.Now())).Scan(&id); err != nil {
				return "", err
			}
			if o.paid < o.due && o.paid+n.Cents >= o.due {
				if err := school.NotePaid(tx, actor, requestID, o.number); err != nil {
					return "", err
				}
			}
			return "", audit.Add(tx, actor.String(), "payment.record", record(id), map[string]any{"invoice": o.number, "cents": n.Cents})
		})
		return err
	})
}

const sqlPayment = `
SELECT p.invoice_id, p.cents, p.mode, coalesce(p.reverses, 0), (SELECT count(*) FROM payments r WHERE r.reverses = p.id)
  FROM payments p WHERE p.id = ? AND p.invoice_id IS NOT NULL`

// Reverse takes back a payment that was recorded by mistake, today: with a row of its own, so that what was told of an earlier month stays true. One that was taken back already, and
// the row that did so, are fault.Conflict "school_money.payment.reversed".
func (s *Service) Reverse(ctx context.Context, actor account.Actor, key account.FormKey, requestID, paymentID int64) error {
	if !actor.IsStaff() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var invoiceID, reverses, reversed int64
		var cents int
		var mode string
		err := tx.QueryRow(sqlPayment, paymentID).Scan(&invoiceID, &cents, &mode, &reverses, &reversed)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		if err != nil {
			return err
		}
		o, err := owedTx(tx, requestID, invoiceID)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) {
			if reverses != 0 || reversed != 0 {
				return "", fault.New(fault.Conflict, "school_money.payment.reversed")
			}
			day, err := today(tx)
			if err != nil {
				return "", err
			}
			var id int64
			if err := tx.QueryRow(sqlAdd, invoiceID, -cents, mode, "", day, paymentID, actor.ID, sqlite.Time(tx.Now())).Scan(&id); err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "payment.reverse", record(id), map[string]any{"invoice": o.number, "cents": -cents})
		})
		return err
	})
}

// record names a payment in the audit.
func record(id int64) string { return "payment:" + strconv.FormatInt(id, 10) }

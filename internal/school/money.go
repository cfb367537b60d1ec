package school

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Money is all the papers about money of a request, and who agreed to what.
type Money struct {
	Request     Request
	Payer       *Payer       // nil: who asks pays
	Quotes      []Quote      // as issued, the newest first
	Acceptances []Acceptance // the newest first
	Invoices    []Invoice    // with the credit notes, the newest first

	draft Quote // what the team is writing; zero when nothing is
}

// Quote returns one of the quotes; an unknown one is NotFound.
func (m Money) Quote(id int64) (Quote, error) {
	for _, q := range m.Quotes {
		if q.ID == id {
			return q, nil
		}
	}
	return Quote{}, fault.New(fault.NotFound, "error.not_found")
}

// Invoice returns one of the invoices or credit notes; an unknown one is NotFound.
func (m Money) Invoice(id int64) (Invoice, error) {
	for _, i := range m.Invoices {
		if i.ID == id {
			return i, nil
		}
	}
	return Invoice{}, fault.New(fault.NotFound, "error.not_found")
}

// Accepted returns the quote that was accepted; a zero one when none was.
func (m Money) Accepted() Quote {
	for _, q := range m.Quotes {
		if q.State == QuoteAccepted {
			return q
		}
	}
	return Quote{}
}

// Pays reports whether a party is the one that agrees to quotes and gets the invoices.
func (m Money) Pays(party By) bool { return (party == ByPayer) == (m.Payer != nil) }

// PayerChanged reports whether q, while it waits for an answer, names another payer than who pays now: nobody can agree to
// it, and the team writes another version.
func (m Money) PayerChanged(q Quote) bool {
	return q.State == QuoteIssued && !m.Request.State.IsOver() && !m.Payer.namedAs(q.Bill.Payer)
}

// Open reports whether q can be agreed to on a day, midnight UTC.
func (m Money) Open(q Quote, day time.Time) bool {
	return q.State == QuoteIssued && !m.Request.State.IsOver() && !q.ExpiredOn(day) && !m.PayerChanged(q)
}

// Money returns the papers that a visit may see: the payer's are the payer's, and a contact who does not pay sees the
// quotes alone. A wrong link is NotFound.
func (s *Service) Money(ctx context.Context, v Visit) (m Money, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.visitTx(tx, v)
		if err != nil {
			return err
		}
		if m, err = moneyTx(tx, r); err != nil {
			return err
		}
		if !m.Pays(v.Party) {
			m.Invoices = nil
		}
		return nil
	})
	return m, err
}

// DeskMoney returns the papers of a request to the desk.
func (s *Service) DeskMoney(ctx context.Context, actor account.Actor, requestID int64) (m Money, err error) {
	if err := mayRead(actor); err != nil {
		return Money{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		m, err = moneyTx(tx, r)
		return err
	})
	return m, err
}

func moneyTx(tx *sqlite.Tx, r Request) (m Money, err error) {
	m = Money{Request: r}
	if m.Payer, err = payerTx(tx, r.ID); err != nil {
		return Money{}, err
	}
	all, err := quotesTx(tx, r.ID)
	if err != nil {
		return Money{}, err
	}
	for _, q := range all {
		if q.State == QuoteDraft {
			m.draft = q
			continue
		}
		m.Quotes = append(m.Quotes, q)
	}
	if m.Acceptances, err = acceptancesTx(tx, r.ID); err != nil {
		return Money{}, err
	}
	m.Invoices, err = invoicesTx(tx, r.ID)
	return m, err
}

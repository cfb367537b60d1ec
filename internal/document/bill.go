package document

import (
	"context"
	"io"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// BillKind tells the three papers about money apart.
type BillKind int

// The kinds of Bill.
const (
	Quote BillKind = iota
	Invoice
	CreditNote
)

// Bill is a quote, an invoice or a credit note. Amounts are cents, positive on all three: the paper of a credit note
// shows them with a minus sign. Nothing is computed here: what the totals say is what was frozen with the number.
// Times and days are in the zone of the association. No string needs cleaning; an empty one, a zero time and a zero
// number leave out their part.
type Bill struct {
	Logo    []byte // of the association, a PNG; nil for none
	Lang    words.Lang
	Kind    BillKind
	Number  string // « D2026-0007 »; empty on a draft, which the paper then says it is
	Version int    // of a quote; 0 and 1 are not printed
	Date    time.Time
	// ValidUntil is the last day of a quote's validity, Due that on which an invoice is to be paid.
	ValidUntil, Due time.Time
	Credits         string // number of the invoice that a credit note credits
	Seller          Association
	Client          Party
	Payer           *Party // nil: the client pays
	Engagement      string // number of the public buyer's commitment
	Subject         string
	Times           []Period // of the service
	Place           string   // on one line
	Level           string
	Children        int
	Lines           []BillLine
	Total           int
	VAT             string // the sentence that staff chose
	Terms           string // of payment; not printed on a credit note
	Note            string
	// MadeAt is the only clock of the file; the day it says is not printed.
	MadeAt time.Time
}

// Association is who sends a paper.
type Association struct {
	Name, Address         string // the address on as many lines as it has
	SIRET, RNA            string
	Email, Phone, Website string
	IBAN                  string // printed on invoices alone
}

// Party is who a paper is for.
type Party struct {
	Name, Address, Postcode, City string
	UAI, SIRET                    string
	ServiceCode                   string // where Chorus Pro takes its invoices
}

// Period is from when to when, usually one session.
type Period struct{ Start, End time.Time }

// BillLine is one line of a bill.
type BillLine struct {
	Label    string
	Quantity int // hundredths
	Unit     int // cents
	Discount int // hundredths of a percent; 0: none
	Total    int // cents
}

// Bill draws a bill, A4 portrait, in the house's letterhead: the punched row under the head spells its number. It
// waits while two documents are being drawn; when ctx ends before its turn the error is Unavailable. Nothing is written
// unless all is well.
func (p *Press) Bill(ctx context.Context, w io.Writer, b Bill) error {
	printer := words.For(b.Lang)
	title := printer.T(billKeys[b.Kind].fileTitle, b.Number, b.Subject, b.Client.Name)
	if b.Number == "" {
		title = printer.T("document.bill.draft_file", b.Subject, b.Client.Name)
	}
	return p.print(ctx, w, portrait, properties{lang: b.Lang, title: title, at: b.MadeAt}, func(d *pen) error {
		drawBill(d, b)
		return nil
	})
}

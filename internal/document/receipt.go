package document

import (
	"context"
	"io"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Receipt says to a family what it paid (« reçu »). Days are in the zone of the association. No string needs cleaning; an empty one and a zero
// time leave out their part.
type Receipt struct {
	Logo        []byte // of the association, a PNG; nil for none
	Lang        words.Lang
	Number      string // « R2027-0001 »
	Date        time.Time
	Association Association
	Payer       string
	Lines       []ReceiptLine
	Total       int    // cents
	Mode        string // as it shall be read: « en espèces »
	Reference   string // of the cheque or the transfer
	Received    time.Time
	VAT         string // the sentence that staff chose
	// Reversed is when the payment was taken back, and Reason why, as it shall be read; zero while it counts.
	Reversed time.Time
	Reason   string
	// MadeAt is the only clock of the file; the day it says is not printed.
	MadeAt time.Time
}

// ReceiptLine is one thing that was paid.
type ReceiptLine struct {
	Label string
	Total int // cents
}

// Receipt draws a receipt, A4 portrait, in the house's letterhead: the punched row under the head spells its number. One that counts no more
// says so above all else. It waits while two documents are being drawn; when ctx ends before its turn the error is Unavailable. Nothing is
// written unless all is well.
func (p *Press) Receipt(ctx context.Context, w io.Writer, r Receipt) error {
	title := words.For(r.Lang).T("document.receipt.file", r.Number, r.Payer)
	return p.print(ctx, w, portrait, properties{lang: r.Lang, title: title, at: r.MadeAt}, func(d *pen) error {
		drawReceipt(d, r)
		return nil
	})
}

// Sentence says what is receipted, for the paper and its page alike.
func (r Receipt) Sentence(p *words.Printer) string {
	return p.T("document.receipt.sentence", r.Association.Name, r.Payer, p.Amount(r.Total), r.Mode, p.Birth(r.Received))
}

// Void says that the receipt counts no more; empty while it does.
func (r Receipt) Void(p *words.Printer) string {
	if r.Reversed.IsZero() {
		return ""
	}
	return p.T("document.receipt.void", p.Birth(r.Reversed), r.Reason)
}

func drawReceipt(d *pen, r Receipt) {
	card := titleCard{title: d.t("document.receipt.title"), code: r.Number, lines: []string{d.t("document.receipt.number", r.Number)}}
	if !r.Date.IsZero() {
		card.lines = append(card.lines, d.t("document.bill.date", d.words.Birth(r.Date)))
	}
	l := newLetter(d, r.Association, r.Logo, d.t("document.receipt.name", r.Number, r.Association.Name), card)
	if void := r.Void(l.words); void != "" {
		l.drawVoid(l.clean(void))
	}
	l.y = l.drawParty(l.t("document.receipt.payer"), r.Payer, nil, sideMargin, innerWidth) + 4
	l.paragraph(l.clean(r.Sentence(l.words)), regular, 11, sideMargin, innerWidth)
	if reference := l.labelled("document.receipt.reference", r.Reference); reference != "" {
		l.paragraph(reference, regular, sizeOfText, sideMargin, innerWidth)
	}
	l.y += 4
	bill := Bill{}
	for _, line := range r.Lines {
		bill.Lines = append(bill.Lines, BillLine{Label: line.Label, Total: line.Total})
	}
	l.drawBillLines(bill, []billColumn{totalColumn})
	l.drawTotal(l.t("document.receipt.total"), r.Total, r.VAT)
	l.y += 3
	l.paragraph(l.t("document.receipt.no_gift"), regular, sizeOfSmall, sideMargin, innerWidth)
	l.feet()
}

// drawVoid draws, on a card in red, that the receipt counts no more.
func (l *letter) drawVoid(text string) {
	const pad, size = 5.0, 12.0
	l.font(bold, size)
	height := float64(max(len(l.wrap(text, innerWidth-4*pad)), 1))*lineOf(size) + 2*pad
	l.card(sideMargin, l.y, innerWidth, height)
	l.ink(red)
	l.flow(text, bold, size, sideMargin+2*pad, l.y+pad+0.75*size/millimetre, innerWidth-4*pad, 4)
	l.ink(inkColour)
	l.y += height + 4
}

package document

import (
	"slices"
	"strings"
)

// billWords are the keys of what the three kinds say differently.
type billWords struct{ title, fileTitle, total string }

var billKeys = map[BillKind]billWords{
	Quote:      {"document.bill.quote", "document.bill.quote_file", "document.bill.quote_total"},
	Invoice:    {"document.bill.invoice", "document.bill.invoice_file", "document.bill.invoice_total"},
	CreditNote: {"document.bill.credit_note", "document.bill.credit_note_file", "document.bill.credit_note_total"},
}

func drawBill(d *pen, b Bill) {
	l := newLetter(d, b.Seller, b.Logo, d.billName(b), d.billCard(b))
	l.drawParties(b)
	l.drawService(b)
	l.drawBillLines(b, billColumns(b.Lines))
	l.drawTotal(l.t(billKeys[b.Kind].total), b.sign()*b.Total, b.VAT)
	l.drawPayment(b)
	if b.Kind == Quote {
		l.drawApproval(b)
	}
	l.feet()
}

// billName is how further pages and the foot call the paper.
func (d *pen) billName(b Bill) string {
	number := d.clean(b.Number)
	if number == "" {
		number = d.t("document.bill.draft")
	}
	if b.Version > 1 {
		number = d.t("document.bill.numbered_version", number, b.Version)
	}
	return d.t("document.bill.name", d.t(billKeys[b.Kind].title), number, d.clean(b.Seller.Name))
}

func (d *pen) billCard(b Bill) titleCard {
	card := titleCard{title: d.t(billKeys[b.Kind].title), code: b.Number}
	number := d.t("document.bill.draft")
	if b.Number != "" {
		number = d.t("document.bill.number", b.Number)
		if b.Version > 1 {
			number = d.t("document.bill.numbered_version", d.t("document.bill.number", b.Number), b.Version)
		}
	}
	card.lines = append(card.lines, number)
	if b.Credits != "" {
		card.lines = append(card.lines, d.t("document.bill.credits", b.Credits))
	}
	if !b.Date.IsZero() {
		card.lines = append(card.lines, d.t("document.bill.date", d.words.Birth(b.Date)))
	}
	if !b.ValidUntil.IsZero() {
		card.lines = append(card.lines, d.t("document.bill.valid_until", d.words.Birth(b.ValidUntil)))
	}
	if !b.Due.IsZero() {
		card.lines = append(card.lines, d.t("document.bill.due", d.words.Birth(b.Due)))
	}
	return card
}

// drawParties draws who asked and who pays, side by side. What Chorus Pro wants stands with who pays.
func (l *letter) drawParties(b Bill) {
	const gap = 8.0
	width := (innerWidth - gap) / 2
	engagement := b.Engagement
	if b.Payer != nil {
		engagement = ""
	}
	bottom := l.drawParty(l.t("document.bill.client"), b.Client.Name, l.partyLines(b.Client, engagement), sideMargin, width)
	if b.Payer != nil {
		lines := l.partyLines(*b.Payer, b.Engagement)
		bottom = max(bottom, l.drawParty(l.t("document.bill.payer"), b.Payer.Name, lines, sideMargin+width+gap, width))
	}
	l.y = bottom + 1.5
}

func (d *pen) partyLines(p Party, engagement string) []string {
	lines := strings.Split(d.clean(p.Address), "\n")
	lines = append(lines, d.clean(p.Postcode+" "+p.City))
	numbers := nonEmpty([]string{d.labelled("document.uai", p.UAI), d.labelled("document.siret", p.SIRET)})
	return nonEmpty(append(lines, strings.Join(numbers, " · "),
		d.labelled("document.bill.service_code", p.ServiceCode), d.labelled("document.bill.engagement", engagement)))
}

// drawParty returns where the block ends.
func (l *letter) drawParty(label, name string, lines []string, x, width float64) float64 {
	l.ink(teal)
	y := l.flow(label, bold, sizeOfSmall, x, l.y+3, width, 1)
	l.ink(inkColour)
	y = l.flow(l.clean(name), bold, 10.5, x, y+0.6, width, 4)
	for _, line := range lines {
		y = l.flow(line, regular, sizeOfText, x, y, width, 3)
	}
	return y
}

// drawService says what for, when, where and for whom, on a quiet card.
func (l *letter) drawService(b Bill) {
	type fact struct{ label, text string }
	var facts []fact
	add := func(key, text string) {
		if text != "" {
			facts = append(facts, fact{l.t(key), text})
		}
	}
	add("document.bill.subject", l.clean(b.Subject))
	add("document.bill.times", l.periods(b.Times))
	add("document.bill.place", l.clean(b.Place))
	add("document.bill.group", l.group(b.Level, b.Children))
	if len(facts) == 0 {
		l.y += 2
		return
	}
	const labelWidth, pad, mostLines = 24.0, 3.2, 12
	width := innerWidth - labelWidth - 2*pad
	height := 2 * pad
	l.font(regular, sizeOfText)
	for _, f := range facts {
		height += float64(min(max(len(l.wrap(f.text, width)), 1), mostLines)) * lineOf(sizeOfText)
	}
	l.room(height + 2)
	var drawing art
	drawing.stroke(grey).lineWidth(0.2).cutCard(sideMargin, l.y, innerWidth, height, 5).op("S")
	l.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
	y := l.y + pad + 3.2
	for _, f := range facts {
		l.font(bold, sizeOfText)
		l.text(sideMargin+pad+1.5, y, f.label)
		y = l.flow(f.text, regular, sizeOfText, sideMargin+pad+labelWidth, y, width, mostLines)
	}
	l.y += height + 5
}

// periods writes sessions with their hours, joined in one line of text that wraps.
func (d *pen) periods(periods []Period) string {
	var texts []string
	for _, p := range periods {
		texts = append(texts, d.t("document.period", d.words.Date(p.Start), d.words.Span(p.Start, p.End)))
	}
	return strings.Join(texts, " · ")
}

// group says for whom: « CM1-CM2, 24 enfants ».
func (d *pen) group(level string, children int) string {
	parts := []string{d.clean(level), ""}
	if children > 0 {
		parts[1] = d.t("document.children", children)
	}
	return strings.Join(nonEmpty(parts), ", ")
}

// drawTotal draws the sentence about VAT on the left and the total, in cents, on its card on the right.
func (l *letter) drawTotal(label string, cents int, vat string) {
	const height, width = 13.0, 84.0
	left := sideMargin + innerWidth - width
	l.onNewPage = nil
	l.room(height + 8)
	l.y += 3
	var drawing art
	drawing.fill(cream).cutCard(left, l.y, width, height, 5).op("f")
	l.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
	l.ink(inkColour)
	amount := l.clean(l.words.Amount(cents))
	l.font(bold, 10.5)
	labelWidth := l.width(label)
	l.text(left+7, l.y+height/2+1.3, label)
	f := l.fit(amount, bold, width-14-labelWidth-4, 9, 16, 8)
	l.textRight(left+width-5, l.y+height/2+0.12*f.size, f.lines[0].text)
	l.ink(inkColour)
	below := l.flow(l.clean(vat), regular, sizeOfText, sideMargin, l.y+5, innerWidth-width-8, 6)
	l.y = max(l.y+height, below) + 2
}

// sign of the amounts: a credit note gives back.
func (b Bill) sign() int {
	if b.Kind == CreditNote {
		return -1
	}
	return 1
}

// drawPayment draws how and until when to pay, and the note.
func (l *letter) drawPayment(b Bill) {
	var lines []string
	if b.Kind == CreditNote {
		lines = append(lines, l.t("document.bill.credit_explained", b.Credits))
	} else {
		lines = append(lines, l.clean(b.Terms))
	}
	if b.Kind == Invoice {
		if !b.Due.IsZero() {
			lines = append(lines, l.t("document.bill.pay_before", l.words.Birth(b.Due)))
		}
		lines = append(lines, l.labelled("document.bill.iban", InFours(b.Seller.IBAN)))
		lines = append(lines, l.labelled("document.bill.mention", b.Number))
	}
	if lines = nonEmpty(lines); len(lines) > 0 {
		l.heading(l.t("document.bill.payment"))
		for _, line := range lines {
			l.paragraph(line, regular, sizeOfText, sideMargin, innerWidth)
		}
		l.y += 1.5
	}
	if note := l.clean(b.Note); note != "" {
		l.heading(l.t("document.bill.note"))
		l.paragraph(note, regular, sizeOfText, sideMargin, innerWidth)
		l.y += 1.5
	}
}

// InFours groups the signs of an IBAN as banks print it, which also lets it break.
func InFours(iban string) string {
	signs := []rune(strings.ToUpper(strings.Join(strings.Fields(iban), "")))
	var groups []string
	for group := range slices.Chunk(signs, 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, " ")
}

// drawApproval draws the box in which a quote is accepted by hand, whole on one page.
func (l *letter) drawApproval(b Bill) {
	const height, pad, fieldLeft = 50.0, 6.0, 40.0
	l.room(height + 4)
	l.y += 3
	top, middle := l.y, sideMargin+innerWidth*0.56
	l.card(sideMargin, top, innerWidth, height)
	l.ink(red)
	l.font(bold, 12)
	l.text(sideMargin+pad+3, top+8, l.t("document.approval.heading"))
	l.ink(inkColour)
	l.flow(l.t("document.approval.what", l.billName(b), l.words.Amount(b.Total)), regular, sizeOfSmall, sideMargin+pad+3, top+13.5, middle-sideMargin-pad-8, 2)
	l.stroke(grey)
	l.pdf.SetLineWidth(hairline)
	y := top + 25
	for _, key := range []string{"document.approval.name", "document.approval.role", "document.approval.date", "document.approval.engagement"} {
		l.font(regular, sizeOfSmall)
		l.text(sideMargin+pad, y, l.t(key))
		l.pdf.Line(sideMargin+pad+fieldLeft, y+0.8, middle-4, y+0.8)
		y += 7.2
	}
	l.pdf.Line(middle, top+5, middle, top+height-5)
	l.font(regular, sizeOfSmall)
	l.text(middle+5, top+8, l.t("document.approval.signature"))
	l.y = top + height
}

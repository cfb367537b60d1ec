package document

import (
	"net/url"
	"strings"

	"github.com/jung-kurt/gofpdf"
)

// Measures of a certificate, in millimetres. Text stands in one column, left; the chain
// of cards hangs right of it.
const (
	diplomaWidth, diplomaHeight = 297.0, 210.0

	textLeft  = 27.0
	textRight = 217.0
	textWidth = textRight - textLeft

	// The line for the signature, and how high a picture of one may be above it.
	signLine, signWidth, signHeight = 173.5, 84.0, 15.0
)

// The colours of the house. On paper, ink, red, teal and violet have a contrast above 6.
var (
	inkColour = colour{0x22, 0x1b, 0x33}
	paper     = colour{0xff, 0xfb, 0xf4}
	red       = colour{0xb0, 0x1e, 0x33}
	teal      = colour{0x0b, 0x64, 0x70}
	violet    = colour{0x5b, 0x3e, 0x96}
	sun       = colour{0xf4, 0xb7, 0x3b}
	rose      = colour{0xfb, 0xe4, 0xe4}
	mint      = colour{0xdd, 0xf1, 0xec}
	cream     = colour{0xf6, 0xee, 0xdf}
	grey      = colour{0x8a, 0x82, 0x96}
)

// accent is the colour of a discipline.
func accent(discipline string) colour {
	switch discipline {
	case "robotique", "electronique":
		return teal
	case "code", "jeu":
		return violet
	}
	return red
}

func drawCertificates(d *pen, certificates []Certificate) error {
	signature, err := d.signature(certificates[0].Signatory.Image)
	if err != nil {
		return err
	}
	backgrounds := map[colour]gofpdf.Template{} // one copy in the file, however many pages
	for _, c := range certificates {
		d.pdf.AddPage()
		d.replaced = false // the note at the foot is about this page alone
		tint := accent(c.Discipline)
		if backgrounds[tint] == nil {
			drawing := diplomaBackground(d.words.T("document.certificate.bravo"), tint).onPage(diplomaHeight)
			backgrounds[tint] = d.pdf.CreateTemplateCustom(gofpdf.PointType{}, gofpdf.SizeType{Wd: diplomaWidth, Ht: diplomaHeight},
				func(t *gofpdf.Tpl) { t.RawWriteStr(drawing) })
		}
		d.pdf.UseTemplate(backgrounds[tint])
		code, err := encodeQR(c.VerifyURL)
		if err != nil {
			return err
		}
		var drawing art
		code.draw(&drawing, qrLeft, qrTop, qrSide, inkColour)
		row := punch(c.Code)
		letters := drawCodeRow(&drawing, row)
		d.pdf.RawWriteStr(drawing.onPage(diplomaHeight))
		drawDiplomaText(d, c, tint)
		signature.draw(d, c)
		d.ink(inkColour)
		d.font(regular, 5.5)
		for i, x := range letters {
			d.textCentre(x, codeRowY+4.4, d.clean(string(row[i].sign)))
		}
	}
	return nil
}

func drawDiplomaText(d *pen, c Certificate, tint colour) {
	d.ink(inkColour)
	name := d.fit(d.clean(c.Child), bold, textWidth, 24, 50, 8)
	y := 52.0 + (24-name.height())/2
	d.lines(name, bold, textLeft, y)

	d.font(regular, 13)
	d.text(textLeft, 90, d.clean(c.TookPart(d.words)))
	d.ink(tint)
	title := d.fit(d.clean(c.Workshop), bold, textWidth-20, 12.5, 24, 9)
	_, y = d.lines(title, bold, textLeft, 91.5)
	d.ink(inkColour)
	d.font(regular, 12)
	d.text(textLeft, y+6.4, d.clean(c.When(d.words)))
	place := c.Venue
	if c.City != "" {
		place = d.words.T("document.certificate.place", c.Venue, c.City)
	}
	if c.Signatory.Name != "" && len(c.Facilitators) > 0 {
		place = d.words.T("document.certificate.led", place, c.Facilitators)
	}
	d.lines(d.fit(d.clean(place), regular, textWidth, 6, 12, 7), regular, textLeft, y+8.2)

	drawWhat(d, c, tint)
	drawProof(d, c)
}

// drawProof draws the line for the signature and what it takes to verify.
func drawProof(d *pen, c Certificate) {
	d.ink(inkColour)
	d.stroke(inkColour)
	d.pdf.SetLineWidth(0.2)
	d.pdf.Line(textLeft, signLine, textLeft+signWidth, signLine)
	who, from := d.words.List(c.Facilitators), c.Organisation
	if c.Signatory.Name != "" {
		who = c.Signatory.Name
		if c.Signatory.Role != "" {
			from = d.words.T("document.certificate.role", c.Signatory.Role, c.Organisation)
		}
	}
	d.lines(d.fit(d.clean(who), regular, signWidth, 4.6, 9, 5), regular, textLeft, 174.8)
	d.lines(d.fit(d.clean(from), regular, signWidth, 4.4, 8, 5), regular, textLeft, 179.4)

	const left, width = 127.0, textRight - 127.0
	d.lines(d.fit(d.t("document.certificate.number", c.Number), bold, width, 4.4, 9, 5), bold, left, 170.6)
	d.lines(d.fit(d.t("document.certificate.code", c.Code), regular, width, 4.4, 8.5, 5), regular, left, 175.2)
	address := d.t("document.certificate.verify", shortAddress(c.VerifyURL))
	d.lines(d.fit(address, regular, width, 4.4, 8.5, 5), regular, left, 179.2)
	if d.replaced {
		d.font(regular, 7)
		d.text(textLeft, 187, d.t("document.missing_signs"))
	}
}

// drawWhat draws the two cards of what was made and what was learnt.
func drawWhat(d *pen, c Certificate, tint colour) {
	const top, height, gap, pad, bullet = 120.0, 38.0, 6.0, 6.0, 4.0
	type what struct {
		heading, text string
		fill          colour
		list          bool
	}
	var cards []what
	if made := d.clean(c.MadeText(d.words)); made != "" {
		cards = append(cards, what{d.t("document.certificate.made"), made, mint, len(c.Sessions) > 0})
	}
	if learnt := d.clean(strings.Join(c.Learnt, "\n")); learnt != "" {
		cards = append(cards, what{d.t("document.certificate.learnt"), learnt, cream, true})
	}
	width := (textWidth - gap*float64(len(cards)-1)) / float64(len(cards))
	for i, card := range cards {
		x := textLeft + float64(i)*(width+gap)
		var drawing art
		drawing.fill(card.fill).cutCard(x, top, width, height, 5).op("f")
		d.pdf.RawWriteStr(drawing.onPage(diplomaHeight))
		d.ink(inkColour)
		d.font(bold, 10.5)
		d.text(x+pad, top+8, card.heading)
		indent := 0.0
		if card.list {
			indent = bullet
		}
		text := d.fit(card.text, regular, width-2*pad-indent, height-14, 12, 7)
		firsts, _ := d.lines(text, regular, x+pad+indent, top+10.5)
		if card.list {
			var holes art
			for _, baseline := range firsts {
				holes.dots(tint, 1.5, [2]float64{x + pad + 1, baseline - text.size*0.12})
			}
			d.pdf.RawWriteStr(holes.onPage(diplomaHeight))
		}
	}
}

// shortAddress is what a person types: the address without its scheme.
func shortAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Host + u.Path
}

package document

import (
	"bytes"
	"strings"

	"github.com/jung-kurt/gofpdf"
)

// Measures of papers in the house's letterhead, in millimetres.
const (
	headTop      = 14.0
	titleLeft    = 122.0
	titleWidth   = sideMargin + innerWidth - titleLeft
	titlePad     = 5.0
	sizeOfText   = 9.5
	sizeOfSmall  = 8.2
	letterBottom = 276.0 // nothing but the foot goes below
)

// letter is a paper in the house's letterhead that flows over as many pages as it needs.
type letter struct {
	*pen
	y float64 // where the next thing goes
	// name tells the paper from others at the top of further pages and at the foot.
	name string
	// onNewPage draws what each further page repeats, such as the head of a table; nil for nothing.
	onNewPage func()
}

// titleCard is what the card at the top right says: what the paper is, and lines about it.
type titleCard struct {
	title string
	code  string // punched into the row under the head; empty: a plain rule of holes
	lines []string
}

// newLetter begins the first page: who sends it on the left, what it is on the card, and the row of holes below.
// Strings of the card are clean.
func newLetter(d *pen, from Association, logo []byte, name string, card titleCard) *letter {
	l := &letter{pen: d, name: name}
	d.pdf.AddPage()
	d.ink(inkColour)
	width := titleLeft - sideMargin - 8
	sender := d.fit(d.clean(from.Name), bold, width, 15, 15.5, 9)
	_, y := d.lines(sender, bold, sideMargin, headTop-1+d.drawLogo(logo))
	y += 5.2
	for _, line := range senderLines(d, from) {
		y = d.flow(line, regular, sizeOfSmall, sideMargin, y, width, 3)
	}
	bottom := l.drawTitleCard(card)
	l.y = max(y+0.5, bottom+3.5)
	drawing := art{}
	spellRow(&drawing, card.code, l.y)
	d.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
	l.y += 7
	return l
}

// drawLogo draws the logo at the top left, a PNG as settings.ReadLogo makes it, and returns what it takes from the height; nothing
// for none. A small one stays small: it is drawn no coarser than 150 points an inch.
func (d *pen) drawLogo(logo []byte) float64 {
	const name, width, height, coarsest = "logo", 60.0, 18.0, 150
	if len(logo) == 0 {
		return 0
	}
	kind := gofpdf.ImageOptions{ImageType: "PNG"}
	info := d.pdf.RegisterImageOptionsReader(name, kind, bytes.NewReader(logo))
	if d.pdf.Error() != nil {
		return 0 // which whoever writes the file gets
	}
	info.SetDpi(coarsest)
	scale := min(1, width/info.Width(), height/info.Height())
	d.pdf.ImageOptions(name, sideMargin, headTop-3, info.Width()*scale, info.Height()*scale, false, kind, 0, "")
	return info.Height()*scale + 1
}

// senderLines are what the law wants to know of an association, and how to reach it.
func senderLines(d *pen, from Association) []string {
	var lines []string
	add := func(parts ...string) {
		parts = nonEmpty(parts)
		if len(parts) > 0 {
			lines = append(lines, strings.Join(parts, " · "))
		}
	}
	add(strings.Split(d.clean(from.Address), "\n")...)
	add(d.labelled("document.siret", from.SIRET), d.labelled("document.rna", from.RNA))
	add(d.clean(from.Email), d.clean(from.Phone), d.clean(from.Website))
	return lines
}

// labelled is the clean text of key with value in it, or nothing for no value.
func (d *pen) labelled(key, value string) string {
	if value = d.clean(value); value == "" {
		return ""
	}
	return d.t(key, value)
}

func nonEmpty(parts []string) []string {
	var kept []string
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return kept
}

// drawTitleCard returns where the card ends.
func (l *letter) drawTitleCard(card titleCard) float64 {
	const top = headTop - 3.0
	width := titleWidth - 2*titlePad
	title := l.fit(card.title, bold, width, 16, 21, 9)
	type set struct {
		f fitted
		s style
	}
	var sets []set
	height := 4 + title.height() + 3.5
	for i, line := range card.lines {
		s, size := regular, 9.5
		if i == 0 {
			s, size = bold, 11.5
		}
		f := l.fit(line, s, width, 9, size, 7)
		sets = append(sets, set{f, s})
		height += f.height()
	}
	var drawing art
	drawing.fill(cream).cutCard(titleLeft, top, titleWidth, height, 7).op("f")
	l.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
	l.ink(red)
	l.lines(title, bold, titleLeft+titlePad+2, top+3.5)
	l.ink(inkColour)
	y := top + 4 + title.height()
	for _, set := range sets {
		l.lines(set.f, set.s, titleLeft+titlePad+2, y)
		y += set.f.height()
	}
	return top + height
}

// spellRow draws the row of holes across the page; it spells code as certificates do, see punch.
func spellRow(a *art, code string, y float64) {
	const diameter, places = 1.35, 64
	const step = (innerWidth - diameter) / (places - 1)
	var filled [places]bool
	at := 0
	for _, p := range punch(code) {
		for _, hole := range p.hole {
			if at < places {
				filled[at] = hole
			}
			at++
		}
		at++
	}
	var dark, open [][2]float64
	for i := range places {
		p := [2]float64{sideMargin + diameter/2 + float64(i)*step, y}
		if filled[i] {
			dark = append(dark, p)
		} else {
			open = append(open, p)
		}
	}
	a.dots(red, diameter, dark...)
	a.rings(grey, diameter, white, open...)
}

// flow draws a clean text from baseline y, wrapped to width, on at most so many lines, and returns the baseline that
// follows. What is beyond ends in an ellipsis.
func (d *pen) flow(text string, s style, size, x, y, width float64, most int) float64 {
	d.font(s, size)
	lines := d.wrap(text, width)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] += " …"
	}
	for _, line := range lines {
		d.text(x, y, line)
		y += lineOf(size)
	}
	return y
}

// lineOf is the distance between baselines at a size of type.
func lineOf(size float64) float64 { return size * 1.28 / millimetre }

// room begins a new page unless so much is left of this one. It reports whether it did.
func (l *letter) room(height float64) bool {
	if l.y+height <= letterBottom {
		return false
	}
	l.pdf.AddPage()
	l.ink(inkColour)
	l.font(bold, sizeOfSmall)
	y := headTop
	l.text(sideMargin, y, l.oneLine(l.name, innerWidth))
	l.holes(sideMargin, y+4, innerWidth)
	l.y = y + 11
	if l.onNewPage != nil {
		l.onNewPage()
	}
	return true
}

// oneLine cuts a clean text to what fits one line of the current font.
func (d *pen) oneLine(text string, width float64) string {
	if d.width(text) <= width {
		return text
	}
	lines := d.wrap(text, width-d.width(" …"))
	switch len(lines) {
	case 0:
		return ""
	case 1:
		return lines[0]
	}
	return lines[0] + " …"
}

// heading draws a short heading of a part; there is room for it and some lines after it, or it goes to the next page.
func (l *letter) heading(text string) {
	l.room(16)
	l.ink(teal)
	l.y = l.flow(text, bold, 10, sideMargin, l.y+4.5, innerWidth, 2) - 2.8
	l.ink(inkColour)
}

// paragraph draws a clean text over as many lines and pages as it needs.
func (l *letter) paragraph(text string, s style, size, x, width float64) {
	l.font(s, size)
	for _, line := range l.wrap(text, width) {
		l.room(lineOf(size))
		l.font(s, size)
		l.ink(inkColour)
		l.text(x, l.y+0.75*size/millimetre, line)
		l.y += lineOf(size)
	}
}

// feet writes the foot of every page: what the paper is, and « page x/y ». Not gofpdf's alias, see drawFeet.
func (l *letter) feet() {
	last := l.pdf.PageCount()
	for page := 1; page <= last; page++ {
		l.pdf.SetPage(page)
		l.ink(inkColour)
		l.font(regular, 7.8)
		if l.replaced {
			l.text(sideMargin, footLine-4, l.t("document.missing_signs"))
		}
		count := l.t("document.page", page, last)
		l.text(sideMargin, footLine, l.oneLine(l.name, innerWidth-l.width(count)-8))
		l.textRight(sideMargin+innerWidth, footLine, count)
	}
	l.pdf.SetPage(last)
}

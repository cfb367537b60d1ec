package document

import (
	"context"
	"io"
)

// Poster is the sheet on the door of the room, for children who look for it. Facilitators are those whom they meet, by
// their first names.
type Poster struct {
	Session
	Discipline string // as of Certificate: chooses the colour
	Ages       string // « de 6 à 12 ans »
	Group      string // whom a private session is for; then Ages and URL are empty
	Access     string // which door, which floor
	// URL is the absolute address of the session's public page, for the QR code.
	URL string
}

// Poster draws a poster, one page of A4 portrait. It waits while two documents are being drawn; when ctx ends before
// its turn the error is Unavailable. Nothing is written unless all is well.
func (p *Press) Poster(ctx context.Context, w io.Writer, s Poster) error {
	props := properties{lang: s.Lang, title: s.title("document.poster.title"), at: s.MadeAt}
	return p.print(ctx, w, portrait, props, func(d *pen) error { return drawPoster(d, s) })
}

// Measures of the poster: a punched card with its corner cut, as large as printers reach.
const (
	posterInset = 10.0
	posterCut   = 20.0
	posterLeft  = posterInset + 12
	posterWidth = pageWidth - 2*posterLeft
	posterFoot  = 218.0 // where the robot and the QR code begin

	posterQR     = 42.0
	posterQRLeft = pageWidth - posterLeft - posterQR
	posterQRTop  = posterFoot + 4
)

func drawPoster(d *pen, s Poster) error {
	tint := accent(s.Discipline)
	d.pdf.AddPage()
	d.pdf.RawWriteStr(posterFrame(tint).onPage(portrait.Ht))
	d.ink(black)
	organisation := d.fit(d.clean(s.Organisation), bold, posterWidth-posterCut, 6, 14, 8)
	d.font(bold, organisation.size)
	d.textRight(pageWidth-posterLeft, 33, organisation.lines[0].text)
	_, y := d.lines(d.fit(d.clean(s.Workshop), bold, posterWidth, 36, 46, 12), bold, posterLeft, 39)
	y = drawPosterHour(d, s, tint, y+10)
	drawPosterFacts(d, s, y)
	return drawPosterFoot(d, s, tint)
}

// posterFrame is the card with a row of holes at its top and its bottom.
func posterFrame(tint colour) *art {
	const hole, step = 2.4, 6.0
	a := &art{}
	a.stroke(black).lineWidth(0.5)
	a.cutCard(posterInset, posterInset, pageWidth-2*posterInset, portrait.Ht-2*posterInset, posterCut).op("S")
	var filled, open [][2]float64
	row := func(left, y float64) {
		for i, x := 0, pageWidth-posterInset-7; x >= left; i, x = i+1, x-step {
			if i%3 == 1 {
				filled = append(filled, [2]float64{x, y})
			} else {
				open = append(open, [2]float64{x, y})
			}
		}
	}
	row(posterInset+posterCut+4, posterInset+8)
	row(posterInset+6, portrait.Ht-posterInset-8)
	return a.dots(tint, hole, filled...).rings(black, hole, white, open...)
}

// drawPosterHour punches the hour of the start into a field of holes, to be read from the end of the corridor, says
// day and hours in words below it, and returns the last baseline.
func drawPosterHour(d *pen, s Poster, tint colour, y float64) float64 {
	const widest, tallest = 8.3, 54.0
	var hour [][7]string
	for _, sign := range d.words.Hour(s.Start) {
		if letter, ok := dotLetters[sign]; ok {
			hour = append(hour, letter)
		}
	}
	pitch := min(widest, posterWidth/float64(6*len(hour)), tallest/7)
	var lit, unlit [][2]float64
	for column := range int(posterWidth / pitch) {
		for row := range 7 {
			at := [2]float64{posterLeft + (float64(column)+0.5)*pitch, y + (float64(row)+0.5)*pitch}
			if letter := column / 6; letter < len(hour) && column%6 < 5 && hour[letter][row][column%6] == '#' {
				lit = append(lit, at)
			} else {
				unlit = append(unlit, at)
			}
		}
	}
	var drawing art
	drawing.dots(tint, 0.86*pitch, lit...).rings(grey, 0.3*pitch, white, unlit...)
	d.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
	what := d.t("document.poster.when", d.words.Date(s.Start), d.words.Span(s.Start, s.End))
	_, y = d.lines(d.fit(what, bold, posterWidth, 12, 26, 12), bold, posterLeft, y+7*pitch+4)
	return y
}

// drawPosterFacts says where, for whom and with whom, in the room between the hour and the foot.
func drawPosterFacts(d *pen, s Poster, y float64) {
	with := ""
	if len(s.Facilitators) > 0 {
		with = d.words.T("document.poster.with", s.Facilitators)
	}
	for _, fact := range []struct {
		text           string
		style          style
		size           float64
		before, height float64
	}{
		{s.Venue, bold, 30, 6, 24}, {s.Access, regular, 16, 3.5, 14}, {s.Group, regular, 24, 5, 20}, {s.Ages, regular, 24, 5, 11}, {with, regular, 24, 5, 20},
	} {
		text, top := d.clean(fact.text), y+fact.before
		if room := posterFoot - 2 - top; text != "" && room > 5 {
			_, y = d.lines(d.fit(text, fact.style, posterWidth, min(fact.height, room), fact.size, 9), fact.style, posterLeft, top)
		}
	}
}

// drawPosterFoot draws the robot who says that it is here, and the QR code.
func drawPosterFoot(d *pen, s Poster, tint colour) error {
	const robot, bubbleLeft, bubbleWidth, bubbleTop, bubbleHeight = 1.55, 80.0, 56.0, 222.0, 19.0
	var drawing, figure art
	figure.stroke(black).lineWidth(0.45)
	figure.robot(white, tint)
	drawing.place(posterLeft-9, posterFoot+1, robot, 0, string(figure.ops))
	drawing.stroke(black).lineWidth(0.45)
	drawing.polygon([2]float64{bubbleLeft + 5, bubbleTop}, [2]float64{bubbleLeft + bubbleWidth, bubbleTop},
		[2]float64{bubbleLeft + bubbleWidth, bubbleTop + bubbleHeight}, [2]float64{bubbleLeft + 9, bubbleTop + bubbleHeight},
		[2]float64{bubbleLeft - 8, bubbleTop + bubbleHeight + 6}, [2]float64{bubbleLeft, bubbleTop + bubbleHeight - 4},
		[2]float64{bubbleLeft, bubbleTop + 5}).op("S")
	if s.URL != "" {
		code, err := encodeQR(s.URL)
		if err != nil {
			return err
		}
		code.draw(&drawing, posterQRLeft, posterQRTop, posterQR, black)
	}
	d.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
	d.ink(black)
	d.font(bold, 24)
	d.textCentre(bubbleLeft+bubbleWidth/2, bubbleTop+bubbleHeight/2+3, d.t("document.poster.here"))
	if s.URL != "" {
		d.font(regular, 10)
		d.textCentre(posterQRLeft+posterQR/2, posterQRTop+posterQR+9, d.t("document.poster.qr"))
	}
	if d.replaced {
		d.font(regular, 8)
		d.text(posterLeft, portrait.Ht-posterInset-13, d.t("document.missing_signs"))
	}
	return nil
}

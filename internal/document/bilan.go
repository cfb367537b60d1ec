package document

import (
	"context"
	"io"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Bilan is a report for funders: what took place in a period, in figures that name nobody. All texts are as they shall be
// read, figures too, so that paper and page say the same; none needs cleaning.
type Bilan struct {
	Logo        []byte // of the association, a PNG; nil for none
	Lang        words.Lang
	Association Association
	Period      string
	Compared    string   // with which period
	Chosen      []string // what the figures are about, where it is not everything
	Figures     []BilanFigure
	Tables      []BilanTable
	Notes       []string
	MadeAt      time.Time
}

// BilanFigure is one figure of the first page; Before may be empty.
type BilanFigure struct{ Label, Now, Before string }

// BilanTable is one table: under Column stand labels, under Columns figures.
type BilanTable struct {
	Title, Column string
	Columns       []string
	Rows          []BilanRow
	Total         BilanRow
	Note          string // why there are no rows
}

// BilanRow is one line. Share is the length of its bar, from 0 to 100.
type BilanRow struct {
	Label string
	Cells []string
	Share int
}

// Bilan draws a report, A4 portrait, in the house's letterhead. It waits while two documents are being drawn; when ctx ends
// before its turn the error is Unavailable. Nothing is written unless all is well.
func (p *Press) Bilan(ctx context.Context, w io.Writer, b Bilan) error {
	title := words.For(b.Lang).T("document.bilan.file", b.Association.Name, b.Period)
	return p.print(ctx, w, portrait, properties{lang: b.Lang, title: title, at: b.MadeAt}, func(d *pen) error {
		drawBilan(d, b)
		return nil
	})
}

func drawBilan(d *pen, b Bilan) {
	card := titleCard{title: d.t("document.bilan.title"), lines: []string{d.clean(b.Period)}}
	for _, chosen := range b.Chosen {
		card.lines = append(card.lines, d.clean(chosen))
	}
	l := newLetter(d, b.Association, b.Logo, d.t("document.bilan.name", b.Association.Name, b.Period), card)
	l.paragraph(l.t("document.bilan.what"), regular, 10.5, sideMargin, innerWidth)
	l.paragraph(l.clean(b.Compared), regular, sizeOfText, sideMargin, innerWidth)
	l.y += 3
	l.drawBilanFigures(b.Figures)
	for _, t := range b.Tables {
		l.drawBilanTable(t)
	}
	l.heading(l.t("document.bilan.notes"))
	l.y += 2.5
	for _, note := range b.Notes {
		l.paragraph(l.clean(note), regular, sizeOfSmall, sideMargin, innerWidth)
		l.y += 1
	}
	l.feet()
}

// drawBilanFigures sets the figures of the head three in a row, like the pockets of a card.
func (l *letter) drawBilanFigures(figures []BilanFigure) {
	const inRow, height, gap = 3, 24.5, 4.0
	width := (innerWidth - gap*(inRow-1)) / inRow
	for i, f := range figures {
		if i%inRow == 0 {
			l.room(height + gap)
		}
		x := sideMargin + float64(i%inRow)*(width+gap)
		l.fill(cream)
		l.pdf.Rect(x, l.y, width, height, "F")
		l.ink(inkColour)
		value := l.fit(l.clean(f.Now), bold, width-8, 7, 15, 8)
		l.lines(value, bold, x+4, l.y+2.5)
		y := l.flow(l.clean(f.Label), regular, sizeOfSmall, x+4, l.y+12.8, width-8, 2)
		if f.Before != "" {
			l.flow(l.t("document.bilan.before", f.Before), regular, 7.6, x+4, y+0.4, width-8, 1)
		}
		if i%inRow == inRow-1 || i == len(figures)-1 {
			l.y += height + gap
		}
	}
}

// Measures of a table of a report.
const (
	bilanNumber = 21.0
	bilanBar    = 22.0
	bilanHead   = 9.0
	bilanLine   = 6.2
)

// drawBilanTable keeps a table on one page where it fits one.
func (l *letter) drawBilanTable(t BilanTable) {
	height := 12 + bilanHead + float64(len(t.Rows)+1)*bilanLine
	l.room(min(height, letterBottom-headTop-14))
	l.heading(l.clean(t.Title))
	l.y += 2
	label := innerWidth - bilanBar - 4 - bilanNumber*float64(len(t.Columns))
	head := func() {
		l.fill(cream)
		l.pdf.Rect(sideMargin, l.y, innerWidth, bilanHead, "F")
		l.ink(inkColour)
		l.font(bold, 7.8)
		l.text(sideMargin+cellPad, l.y+bilanHead-2.6, l.oneLine(l.clean(t.Column), label-2*cellPad))
		for i, column := range t.Columns {
			lines := l.wrap(l.clean(column), bilanNumber-cellPad)
			lines = lines[:min(len(lines), 2)]
			for n, line := range lines {
				l.textRight(sideMargin+label+float64(i+1)*bilanNumber-cellPad, l.y+bilanHead-2.6-float64(len(lines)-1-n)*3.3, line)
			}
		}
		l.y += bilanHead
	}
	head()
	l.onNewPage = head
	for _, r := range t.Rows {
		l.drawBilanRow(r, label, regular)
	}
	if t.Note != "" {
		l.paragraph(l.clean(t.Note), regular, sizeOfText, sideMargin+cellPad, innerWidth-2*cellPad)
	}
	l.drawBilanRow(t.Total, label, bold)
	l.onNewPage = nil
	l.y += 3
}

func (l *letter) drawBilanRow(r BilanRow, label float64, s style) {
	l.room(bilanLine)
	l.ink(inkColour)
	l.font(s, sizeOfText)
	l.text(sideMargin+cellPad, l.y+bilanLine-1.9, l.oneLine(l.clean(r.Label), label-cellPad))
	for i, cell := range r.Cells {
		l.textRight(sideMargin+label+float64(i+1)*bilanNumber-cellPad, l.y+bilanLine-1.9, l.oneLine(l.clean(cell), bilanNumber-cellPad/2))
	}
	if r.Share > 0 {
		l.fill(teal)
		l.pdf.Rect(sideMargin+innerWidth-bilanBar, l.y+1.7, bilanBar*float64(r.Share)/100, bilanLine-3.4, "F")
	}
	l.y += bilanLine
	l.stroke(grey)
	l.pdf.SetLineWidth(hairline)
	l.pdf.Line(sideMargin, l.y, sideMargin+innerWidth, l.y)
}

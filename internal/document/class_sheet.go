package document

import (
	"context"
	"io"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// MostClassLines is the most lines that a class sheet can have, named and blank: as many as a request has children.
const MostClassLines = 500

// ClassSheet is the register of a private session: children of a class by their first names, or numbered lines where
// none were given. Times are in the zone of the venue. No string needs cleaning; an empty one leaves out its part.
type ClassSheet struct {
	Lang         words.Lang
	Organisation string // « Les Ateliers d'Ada »
	School       string
	Level        string
	Workshop     string
	Start, End   time.Time
	Venue        string
	Address      string // on one line
	Facilitators []string
	FirstNames   []string // in the order of the paper
	BlankLines   int      // numbered on after the names
	// MadeAt is when the list was read; it is printed, and the only clock of the file.
	MadeAt time.Time
}

// ClassSheet draws the register of a private session, A4 portrait: a box to tick for each child in two columns, and a
// card for the count and the teacher's signature. It waits while two documents are being drawn; when ctx ends before
// its turn the error is Unavailable. Nothing is written unless all is well.
func (p *Press) ClassSheet(ctx context.Context, w io.Writer, s ClassSheet) error {
	printer := words.For(s.Lang)
	props := properties{
		lang: s.Lang, title: printer.T("document.class.title", s.School, s.Workshop, printer.Date(s.Start)), at: s.MadeAt,
	}
	return p.print(ctx, w, portrait, props, func(d *pen) error {
		drawClassSheet(d, s)
		return nil
	})
}

// Measures of the class sheet: two columns, each with a number, a name and a box.
const (
	classGap        = 8.0
	classColumn     = (innerWidth - classGap) / 2
	classNumber     = 9.0
	classTick       = 18.0
	classBox        = 4.6
	classCardTop    = bodyBottom - 29 // the card for the count, on the last page, clear of the foot
	classCardHeight = 25.0
	// fewestInColumn keeps a short list in one column, where it is easier to follow.
	fewestInColumn = 12
)

func drawClassSheet(d *pen, s ClassSheet) {
	sheet := Sheet{
		Organisation: s.Organisation, Workshop: s.Workshop, Start: s.Start, End: s.End, Venue: s.Venue, Address: s.Address,
		Facilitators: s.Facilitators, MadeAt: s.MadeAt,
	}
	names := classNames(d, s)
	head := sheet.head(d)
	head.heading, head.taken, head.seats = d.t("document.class.heading"), len(s.FirstNames), len(names)
	head.count = d.group(s.Level, len(names))
	if len(s.FirstNames) > 0 {
		head.count = d.group(s.Level, len(s.FirstNames))
	}
	if school := d.clean(s.School); school != "" {
		head.lines = append([]string{school}, head.lines...)
	}
	d.pdf.AddPage()
	y := drawRegisterHead(d, head)
	for at := 0; ; {
		perColumn := int((classCardTop - 4 - y - tableHead) / lowestRow)
		here := names[at:min(at+2*perColumn, len(names))]
		left := min(max((len(here)+1)/2, fewestInColumn), perColumn, len(here))
		height := min(highestRow, (classCardTop-4-y-tableHead)/float64(max(left, 1)))
		drawClassColumn(d, here[:left], at, sideMargin, y, height)
		drawClassColumn(d, here[left:], at+left, sideMargin+classColumn+classGap, y, height)
		at += len(here)
		if at >= len(names) {
			break
		}
		d.pdf.AddPage()
		y = drawFollowingHead(d, sheet, d.t("document.class.heading"))
	}
	drawClassCount(d)
	drawFeet(d, sheet, 1, "document.page")
}

// classNames are the clean names of all lines, empty for blank ones.
func classNames(d *pen, s ClassSheet) []string {
	var names []string
	for _, name := range s.FirstNames {
		names = append(names, d.clean(name))
	}
	for range max(s.BlankLines, 0) {
		names = append(names, "")
	}
	return names[:min(len(names), MostClassLines)]
}

func drawClassColumn(d *pen, names []string, before int, x, y, height float64) {
	if len(names) == 0 {
		return
	}
	d.ink(black)
	d.stroke(black)
	d.font(bold, 8.5)
	d.text(x+1, y+4.7, d.t("document.sheet.number"))
	d.text(x+classNumber+1, y+4.7, d.t("document.class.first_name"))
	d.textRight(x+classColumn, y+4.7, d.t("document.class.present"))
	d.pdf.SetLineWidth(0.4)
	y += tableHead
	d.pdf.Line(x, y, x+classColumn, y)
	d.pdf.SetLineWidth(hairline)
	for i, name := range names {
		middle := y + height/2
		d.font(regular, 9)
		d.textRight(x+classNumber-2.5, middle+1.2, strconv.Itoa(before+i+1))
		f := d.fit(name, bold, classColumn-classNumber-classTick-2, height-1.5, nameSize, 4)
		d.lines(f, bold, x+classNumber+1, middle-f.height()/2)
		d.pdf.Rect(x+classColumn-classTick/2-classBox/2, middle-classBox/2, classBox, classBox, "D")
		y += height
		d.pdf.Line(x, y, x+classColumn, y)
	}
}

// drawClassCount draws the card where the count and the teacher's signature go.
func drawClassCount(d *pen) {
	const pad, height = 6.0, classCardHeight
	d.card(sideMargin, classCardTop, innerWidth, height)
	d.ink(black)
	d.stroke(black)
	d.font(bold, 10)
	d.text(sideMargin+pad+4, classCardTop+7, d.t("document.class.count"))
	x, y := sideMargin+pad, classCardTop+19
	d.pdf.SetLineWidth(hairline)
	for _, key := range []string{"document.class.all", "document.class.girls", "document.class.boys"} {
		d.font(regular, 9)
		label := d.t(key)
		d.text(x, y, label)
		d.pdf.Rect(x+d.width(label)+1.5, y-6.5, 12, 9, "D")
		x += d.width(label) + 18
	}
	middle := sideMargin + innerWidth*0.55
	d.pdf.Line(middle, classCardTop+4, middle, classCardTop+height-4)
	d.font(bold, 10)
	d.text(middle+5, classCardTop+7, d.t("document.class.adult"))
	d.font(regular, 9)
	d.text(middle+5, classCardTop+12.5, d.t("document.class.adult_signs"))
}

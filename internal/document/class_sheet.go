package document

import (
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// MostClassLines is the most lines that a class sheet can have, named and blank: as many as a request has children.
const MostClassLines = 500

// ClassSheet is the register of a private session: children of a class by their first names, or numbered lines where
// none were given: a box to tick for each in two columns, and a card for the count and the signatures.
type ClassSheet struct {
	Session
	School     string
	Level      string
	FirstNames []string // in the order of the paper
	BlankLines int      // numbered on after the names
}

func (s ClassSheet) properties() properties {
	p := words.For(s.Lang)
	return properties{lang: s.Lang, title: p.T("document.class.title", s.School, s.Workshop, p.Date(s.Start)), at: s.MadeAt}
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

func (s ClassSheet) draw(d *pen) {
	d.newSheet()
	from := d.pdf.PageCount()
	names := classNames(d, s)
	y := drawRegisterHead(d, s.classHead(d, len(names)))
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
		y = drawFollowingHead(d, s.Session, d.t("document.class.heading"))
	}
	drawClassCount(d)
	drawFeet(d, s.Session, from, "document.page")
}

// classHead is what the card at the top says, for a sheet of so many lines.
func (s ClassSheet) classHead(d *pen, lines int) registerHead {
	head := s.head(d)
	head.heading, head.taken, head.seats = d.t("document.class.heading"), len(s.FirstNames), lines
	head.count = d.group(s.Level, lines)
	if len(s.FirstNames) > 0 {
		head.count = d.group(s.Level, len(s.FirstNames))
	}
	if school := d.clean(s.School); school != "" && s.School != s.Venue { // the line of the place says it, mostly
		head.lines = append([]string{school}, head.lines...)
	}
	return head
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

// drawClassCount draws the card where the count and the signatures go.
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
		d.pdf.Rect(x+d.width(label)+1.5, y-6.5, 10, 9, "D")
		x += d.width(label) + 14
	}
	const adult, team = sideMargin + 0.445*innerWidth, sideMargin + 0.745*innerWidth
	for _, left := range []float64{adult, team} {
		d.pdf.Line(left, classCardTop+4, left, classCardTop+height-4)
	}
	d.font(bold, 9)
	d.text(adult+4, classCardTop+7, d.t("document.class.adult"))
	d.text(team+4, classCardTop+7, d.t("document.sheet.led"))
	d.font(regular, 9)
	d.text(adult+4, classCardTop+12, d.t("document.class.adult_signs"))
	d.text(team+4, classCardTop+12, d.t("document.class.adult_signs"))
}

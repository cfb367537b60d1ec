package document

import (
	"strconv"
)

// Measures of both parts of the sheet, in millimetres.
const (
	pageWidth  = 210.0
	sideMargin = 13.0
	innerWidth = pageWidth - 2*sideMargin
	topMargin  = 11.0
	footLine   = 288.0 // baseline of the foot
	bodyBottom = 280.0 // no row goes below

	hairline = 0.18
)

// Rows are at least 8 mm high, for a biro (UX-F13), and higher where the list is short.
const (
	lowestRow  = 8.0
	highestRow = 11.0
	tableHead  = 7.0
	nameSize   = 11.0
	nameLine   = 4.7
	// The card of the team at the foot of the last page.
	signCardHeight = 21.0
	signCardGap    = 3.0
	// followingBottom is where the head of a further page ends, at most.
	followingBottom = topMargin + 12
	maxNameLines    = 40 // of a name made to break the page; no real one has more than three
)

var (
	black = colour{0, 0, 0}
	white = colour{255, 255, 255}
)

// registerColumns are the columns of the register; their widths fill innerWidth.
var registerColumns = []struct {
	key   string
	width float64
}{
	{"document.sheet.number", 9},
	{"document.sheet.name", 66},
	{"document.sheet.age", 12},
	{"document.sheet.arrival", 21},
	{"document.sheet.departure", 21},
	{"document.sheet.signature", 55},
}

// registerRow is a row ready to be drawn; a blank line has its number and no name.
type registerRow struct {
	number int
	name   []nameLineText
	age    string
}

type nameLineText struct {
	last, first string // drawn one after the other, the last name bold
}

// drawRegister draws the pages of a register that lie on the table. head draws the card at the top of the first and
// returns where the table begins.
func drawRegister(d *pen, s Session, rows []registerRow, head func() float64) {
	d.newSheet()
	from := d.pdf.PageCount()
	y := head()
	height, pages := shareOut(rows, bodyBottom-y-tableHead, bodyBottom-followingBottom-tableHead)
	for i, page := range pages {
		if i > 0 {
			d.pdf.AddPage()
			y = drawFollowingHead(d, s, d.t("document.sheet.heading"))
		}
		y = drawTableHead(d, y)
		for _, row := range page {
			rowHigh := row.height(height)
			drawRow(d, row, y, rowHigh)
			y += rowHigh
		}
	}
	drawSignCard(d, s)
	drawFeet(d, s, from, "document.page")
}

func registerRows(d *pen, s Sheet) []registerRow {
	d.font(bold, nameSize)
	var rows []registerRow
	for i, row := range s.Rows {
		age := strconv.Itoa(row.Age)
		if row.Erased {
			age = ""
		}
		rows = append(rows, registerRow{number: i + 1, age: age, name: nameLines(d, row, registerColumns[1].width-4)})
	}
	for range min(max(s.BlankLines, 0), MaxBlankLines) {
		rows = append(rows, registerRow{number: len(rows) + 1})
	}
	return rows
}

// nameLines sets a name, last name first and bold, on one line if it fits, else on as
// many as it needs. A name beyond all measure ends in an ellipsis.
func nameLines(d *pen, row SheetRow, width float64) []nameLineText {
	last, first := d.clean(row.LastName), d.clean(row.FirstName)
	d.font(bold, nameSize)
	lastWidth, lastLines := d.width(last+" "), d.wrap(last, width)
	d.font(regular, nameSize)
	if lastWidth+d.width(first) <= width {
		return []nameLineText{{last: last, first: first}}
	}
	var lines []nameLineText
	for _, line := range lastLines {
		lines = append(lines, nameLineText{last: line})
	}
	for _, line := range d.wrap(first, width) {
		lines = append(lines, nameLineText{first: line})
	}
	if len(lines) > maxNameLines {
		lines = append(lines[:maxNameLines-1], nameLineText{first: "…"})
	}
	return lines
}

// height of the row, at least lowest.
func (r registerRow) height(lowest float64) float64 {
	return max(lowest, float64(len(r.name))*nameLine+3)
}

// shareOut gives each page its rows: as few pages as rows of the least height allow, and rows as high as those pages
// have room for. first and next are what the first page and the others have for rows; the last one keeps room for
// the card of the team.
func shareOut(rows []registerRow, first, next float64) (height float64, pages [][]registerRow) {
	fewest := len(fill(rows, lowestRow, first, next))
	for height = highestRow; height > lowestRow; height -= 0.25 {
		if pages = fill(rows, height, first, next); len(pages) == fewest {
			return height, pages
		}
	}
	return lowestRow, fill(rows, lowestRow, first, next)
}

// fill fills page after page with rows of at least the given height. The card never stands alone on a page.
func fill(rows []registerRow, height, first, next float64) [][]registerRow {
	var pages [][]registerRow
	for room := first; ; room = next {
		n, used := 0, 0.0
		for n < len(rows) && used+rows[n].height(height) <= room {
			used += rows[n].height(height)
			n++
		}
		if n == len(rows) && used+signCardHeight+signCardGap > room {
			n = max(n-1, 0)
		}
		pages, rows = append(pages, rows[:n]), rows[n:]
		if len(rows) == 0 {
			return pages
		}
	}
}

// registerHead is what the card at the top of a register says, in clean texts; an empty one leaves out its line.
type registerHead struct {
	heading, organisation, title string
	day, hours                   string
	lines                        []string // below the day
	taken, seats                 int      // the row of holes; 0 seats leave it out
	count                        string   // beside it
}

func drawSheetHead(d *pen, s Sheet) float64 {
	head := s.head(d)
	head.heading = d.t("document.sheet.heading")
	head.taken, head.seats, head.count = len(s.Rows), s.Capacity, d.t("document.sheet.children", len(s.Rows))
	return drawRegisterHead(d, head)
}

// head is the head of a register but for its heading, its count and its holes.
func (s Session) head(d *pen) registerHead {
	head := registerHead{
		organisation: d.clean(s.Organisation), title: d.clean(s.Workshop),
		day: d.clean(d.words.Date(s.Start)), hours: d.clean(d.words.Span(s.Start, s.End)),
	}
	place := d.clean(s.Venue)
	if s.Address != "" {
		place = d.t("document.sheet.place", s.Venue, s.Address)
	}
	head.lines = append(head.lines, place)
	if len(s.Facilitators) > 0 {
		head.lines = append(head.lines, d.t("document.sheet.facilitators", s.Facilitators))
	}
	return head
}

// drawRegisterHead draws the card at the top of the first page and returns where the
// table begins.
func drawRegisterHead(d *pen, h registerHead) float64 {
	const left, pad = sideMargin, 6.0
	d.ink(black)
	d.font(bold, 19)
	hoursWidth := d.width(h.hours)
	oneLine := hoursWidth < 70 // a session over several days says its hours below the title
	textWidth := innerWidth - 2*pad
	titleWidth := textWidth
	if oneLine {
		titleWidth -= hoursWidth + 6
	}

	y := drawCardLabels(d, h.heading, h.organisation) + 2.6
	if oneLine {
		d.font(bold, 19)
		d.textRight(left+innerWidth-pad, y+6.4, h.hours)
	}
	title := d.fit(h.title, bold, titleWidth, 17, 19, 9)
	_, y = d.lines(title, bold, left+pad, y)
	y += 7
	d.font(bold, 12)
	if !oneLine {
		d.text(left+pad, y, h.hours)
	} else {
		d.text(left+pad, y, h.day)
	}
	for _, line := range h.lines {
		_, y = d.lines(d.fit(line, regular, textWidth, 10, 10, 6), regular, left+pad, y+2)
	}
	if h.seats > 0 {
		y += 7.2
		drawSeats(d, left+pad, y, textWidth, h)
	}
	bottom := y + 4.5
	d.card(left, topMargin, innerWidth, bottom-topMargin)
	return bottom + 4
}

// drawCardLabels writes the line at the top of the card, clean texts, and returns its baseline.
func drawCardLabels(d *pen, heading, organisation string) float64 {
	const pad, y = 6.0, topMargin + 8.5
	d.ink(black)
	d.font(regular, 9)
	d.text(sideMargin+pad+4, y, heading)
	f := d.fit(organisation, regular, innerWidth/2-pad, 4, 9, 6)
	d.textRight(sideMargin+innerWidth-pad, y, f.lines[0].text)
	return y
}

// drawSeats draws the row of holes, one for each seat, filled where a child is
// expected, with the number in words beside it.
func drawSeats(d *pen, x, y, width float64, h registerHead) {
	const widest, narrowest = 3.6, 1.7
	d.font(regular, 9)
	d.textRight(x+width, y+1.1, h.count)
	room := width - d.width(h.count) - 6
	children, seats := h.taken, max(h.taken, h.seats)
	pitch := min(widest, room/float64(seats))
	if pitch < narrowest { // too many to be counted by eye: the row is a rule, no more
		children, seats, pitch = 0, int(room/widest), widest
	}
	radius := 0.29 * pitch
	var taken, free [][2]float64
	for i := range seats {
		at := [2]float64{x + radius + float64(i)*pitch, y}
		if i < children {
			taken = append(taken, at)
		} else {
			free = append(free, at)
		}
	}
	var drawing art
	drawing.dots(black, 2*radius, taken...).rings(black, 2*radius, white, free...)
	d.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
}

// drawFollowingHead draws the line at the top of a further page and returns where the
// table goes on.
func drawFollowingHead(d *pen, s Session, heading string) float64 {
	d.ink(black)
	y := topMargin + 4
	d.font(regular, 9)
	d.textRight(sideMargin+innerWidth, y, heading)
	room := innerWidth - d.width(heading) - 8
	d.font(bold, 9)
	for i, line := range d.wrap(s.name(d), room) {
		if i == 2 {
			break // known from the first page; it only tells one paper from another
		}
		if i > 0 {
			y += 4
		}
		d.text(sideMargin, y, line)
	}
	d.holes(sideMargin, y+4, innerWidth)
	return y + 8
}

func drawTableHead(d *pen, y float64) float64 {
	d.ink(black)
	d.stroke(black)
	d.font(bold, 8.5)
	x := sideMargin
	for _, column := range registerColumns {
		d.text(x+2, y+4.7, d.t(column.key))
		x += column.width
	}
	d.pdf.SetLineWidth(0.4)
	d.pdf.Line(sideMargin, y+tableHead, sideMargin+innerWidth, y+tableHead)
	return y + tableHead
}

func drawRow(d *pen, row registerRow, y, height float64) {
	d.ink(black)
	d.stroke(black)
	d.pdf.SetLineWidth(hairline)
	d.pdf.Line(sideMargin, y+height, sideMargin+innerWidth, y+height)
	x := sideMargin
	for i, column := range registerColumns {
		if i > 0 {
			d.pdf.Line(x, y, x, y+height)
		}
		x += column.width
	}
	middle := y + height/2
	d.font(regular, 9)
	d.textRight(sideMargin+registerColumns[0].width-2, middle+1.2, strconv.Itoa(row.number))
	if row.name == nil {
		return
	}
	d.font(regular, nameSize)
	d.textCentre(sideMargin+registerColumns[0].width+registerColumns[1].width+registerColumns[2].width/2, middle+1.45, row.age)
	baseline := middle + 1.45 - float64(len(row.name)-1)*nameLine/2
	for _, line := range row.name {
		x := sideMargin + registerColumns[0].width + 2
		if line.last != "" {
			d.font(bold, nameSize)
			d.text(x, baseline, line.last)
			x += d.width(line.last + " ")
		}
		d.font(regular, nameSize)
		d.text(x, baseline, line.first)
		baseline += nameLine
	}
}

// drawSignCard draws the card at the foot of the last page: how many came, and who led the session, to sign.
func drawSignCard(d *pen, s Session) {
	const pad, top = 6.0, bodyBottom - signCardHeight
	const middle, right = sideMargin + 0.32*innerWidth, sideMargin + 0.68*innerWidth
	d.card(sideMargin, top, innerWidth, signCardHeight)
	d.ink(black)
	d.stroke(black)
	d.pdf.SetLineWidth(hairline)
	d.font(bold, 10)
	d.text(sideMargin+pad+4, top+7, d.t("document.sheet.came"))
	d.pdf.Rect(sideMargin+pad+4, top+9.5, 16, 8, "D")
	d.pdf.Line(middle, top+4, middle, top+signCardHeight-4)
	d.text(middle+5, top+7, d.t("document.sheet.led"))
	d.lines(d.fit(d.clean(d.words.List(s.Facilitators)), regular, right-middle-10, 10, 9, 6), regular, middle+5, top+8.5)
	d.font(regular, 9)
	d.text(right, top+7, d.t("document.sheet.led_signs"))
}

// drawFeet writes the foot of every page since from, now that their number is known.
// gofpdf's own way, an alias replaced at the end, knows nothing of the codes of our
// fonts, and would replace the alias in a child's name.
func drawFeet(d *pen, s Session, from int, pageKey string) {
	last := d.pdf.PageCount()
	for page := from; page <= last; page++ {
		d.pdf.SetPage(page)
		d.ink(black)
		d.font(regular, 8)
		if d.replaced {
			d.text(sideMargin, footLine-4, d.t("document.missing_signs"))
		}
		d.text(sideMargin, footLine, d.t("document.printed", s.MadeAt))
		d.textRight(sideMargin+innerWidth, footLine, d.t(pageKey, page-from+1, last-from+1))
	}
	d.pdf.SetPage(last)
}

// card draws the outline of a punched card: a rectangle with its upper left corner cut.
func (d *pen) card(x, y, w, h float64) {
	const cut = 7.0
	d.stroke(black)
	d.pdf.SetLineWidth(0.3)
	d.pdf.MoveTo(x+cut, y)
	for _, p := range [][2]float64{{x + w, y}, {x + w, y + h}, {x, y + h}, {x, y + cut}} {
		d.pdf.LineTo(p[0], p[1])
	}
	d.pdf.ClosePath()
	d.pdf.DrawPath("D")
}

// holes draws a row of small punched holes as a rule.
func (d *pen) holes(x, y, width float64) {
	const pitch, radius = 4.0, 0.75
	n := int((width - 2*radius) / pitch)
	var at [][2]float64
	for i := range n + 1 {
		at = append(at, [2]float64{x + radius + float64(i)*(width-2*radius)/float64(n), y})
	}
	var drawing art
	d.pdf.RawWriteStr(drawing.rings(black, 2*radius, white, at...).onPage(portrait.Ht))
}

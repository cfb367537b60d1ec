package document

// Measures of the team page.
const (
	teamSize = 9.5
	teamLine = 4.3
	teamPad  = 2.0
)

var teamColumns = []struct {
	key   string
	width float64
}{
	{"document.team.child", 38},
	{"document.team.health", 46},
	{"document.team.emergency", 32},
	{"document.team.guardian", 35},
	{"document.team.leaving", 33},
}

// cellLine is one line of a cell of the team page.
type cellLine struct {
	text  string
	style style
}

// teamRow holds the lines of each column.
type teamRow [][]cellLine

func (r teamRow) lines() int {
	n := 0
	for _, cell := range r {
		n = max(n, len(cell))
	}
	return n
}

// drawTeamPages draws the second paper: what the team needs and no family may read.
// Nothing on it is ever shortened; a row that is higher than what is left of the page
// goes on over the next one.
func drawTeamPages(d *pen, s Sheet) {
	from := d.pdf.PageCount() + 1
	d.pdf.AddPage()
	y := drawTeamTableHead(d, drawTeamHead(d, s))
	next := func() {
		d.pdf.AddPage()
		y = drawTeamTableHead(d, drawFollowingHead(d, s, d.t("document.team.heading")))
	}
	for _, child := range s.Rows {
		row := teamRowOf(d, child)
		if y+rowHigh(row.lines()) > bodyBottom {
			next()
		}
		for row.lines() > 0 {
			fit := int((bodyBottom - y - 2*teamPad) / teamLine)
			n := min(row.lines(), fit)
			drawTeamRow(d, row, y, n)
			y += rowHigh(n)
			row = row.after(n)
			if row.lines() > 0 {
				next()
			}
		}
	}
	drawFeet(d, s, from, "document.team.page")
}

func rowHigh(lines int) float64 { return float64(lines)*teamLine + 2*teamPad }

// after is what is left of the row below its first n lines.
func (r teamRow) after(n int) teamRow {
	rest := make(teamRow, len(r))
	for i, cell := range r {
		rest[i] = cell[min(n, len(cell)):]
	}
	return rest
}

func teamRowOf(d *pen, child SheetRow) teamRow {
	row := make(teamRow, len(teamColumns))
	add := func(column int, s style, text string) {
		d.font(s, teamSize)
		for _, line := range d.wrap(text, teamColumns[column].width-2*teamPad) {
			row[column] = append(row[column], cellLine{line, s})
		}
	}
	contact := func(column int, c Contact) {
		add(column, regular, d.clean(c.Name))
		if c.Phone == "" {
			add(column, regular, d.t("document.team.no_phone"))
		} else {
			add(column, bold, d.clean(c.Phone))
		}
	}

	add(0, bold, d.clean(child.LastName))
	add(0, regular, d.clean(child.FirstName))
	add(0, regular, d.clean(d.words.Age(child.Age)))
	if child.NoPhoto {
		add(0, bold, d.t("document.team.no_photo"))
	}

	switch child.Health {
	case HealthNone:
		add(1, regular, d.t("document.team.health_none"))
	case HealthRefused:
		add(1, regular, d.t("document.team.health_refused"))
	case HealthDescribed:
		add(1, bold, d.clean(child.HealthText))
	default:
		add(1, bold, d.t("document.team.health_to_ask"))
	}

	if child.Emergency == (Contact{}) {
		add(2, regular, d.t("document.team.call_guardian"))
	} else {
		contact(2, child.Emergency)
	}
	for _, guardian := range child.Guardians {
		contact(3, guardian)
	}

	if len(child.NeverTo) > 0 {
		add(4, bold, d.t("document.team.never_to"))
		for _, name := range child.NeverTo {
			add(4, bold, d.clean(name))
		}
	}
	if child.LeavesAlone {
		add(4, bold, d.t("document.team.leaves_alone"))
	}
	if len(child.PickUp) > 0 {
		add(4, regular, d.t("document.team.pick_up"))
		for _, name := range child.PickUp {
			add(4, regular, d.clean(name))
		}
	} else if !child.LeavesAlone {
		add(4, regular, d.t("document.team.pick_up_guardian"))
	}
	return row
}

func drawTeamHead(d *pen, s Sheet) float64 {
	d.ink(black)
	y := topMargin + 7
	d.font(bold, 19)
	d.text(sideMargin, y, d.t("document.team.heading"))
	d.font(regular, 9)
	d.textRight(sideMargin+innerWidth, y, d.clean(s.Organisation))
	y += 4
	d.stroke(black)
	d.pdf.SetLineWidth(0.6)
	d.pdf.Rect(sideMargin, y, innerWidth, 8, "D")
	d.font(bold, 11)
	d.text(sideMargin+3, y+5.4, d.t("document.team.warning"))
	y += 14
	d.font(bold, 11)
	for _, line := range d.wrap(d.t("document.sheet.follows", s.Workshop, d.words.Date(s.Start), d.words.Span(s.Start, s.End)), innerWidth) {
		d.text(sideMargin, y, line)
		y += 5
	}
	return y - 1
}

func drawTeamTableHead(d *pen, y float64) float64 {
	d.ink(black)
	d.stroke(black)
	d.font(bold, 8.5)
	x := sideMargin
	for _, column := range teamColumns {
		d.text(x+teamPad, y+4.7, d.t(column.key))
		x += column.width
	}
	d.pdf.SetLineWidth(0.4)
	d.pdf.Line(sideMargin, y+tableHead, sideMargin+innerWidth, y+tableHead)
	return y + tableHead
}

// drawTeamRow draws the first n lines of row.
func drawTeamRow(d *pen, row teamRow, y float64, n int) {
	d.ink(black)
	d.stroke(black)
	d.pdf.SetLineWidth(hairline)
	height := rowHigh(n)
	x := sideMargin
	for i, column := range teamColumns {
		if i > 0 {
			d.pdf.Line(x, y, x, y+height)
		}
		baseline := y + teamPad + 3.2
		for _, line := range row[i][:min(n, len(row[i]))] {
			d.font(line.style, teamSize)
			d.text(x+teamPad, baseline, line.text)
			baseline += teamLine
		}
		x += column.width
	}
	d.pdf.Line(sideMargin, y+height, sideMargin+innerWidth, y+height)
}

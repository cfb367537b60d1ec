package document

// Measures of the team page.
const (
	teamSize = 9.2
	teamLine = 4.1
	teamPad  = 1.7
	// freshPage is what a further page has for rows.
	freshPage = bodyBottom - topMargin - 24
	alertBar  = 0.9 // beside what nobody may overlook, since bold alone is easily missed
)

var teamColumns = []struct {
	key   string
	width float64
}{
	{"document.team.child", 40},
	{"document.team.health", 43},
	{"document.team.emergency", 33.5}, // as a number from abroad on one line
	{"document.team.guardian", 33.5},
	{"document.team.leaving", 34},
}

// cellLine is one line of a cell of the team page.
type cellLine struct {
	text  string
	style style
	alert bool
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

// teamRows are the rows of the children whom the team looks after.
func teamRows(d *pen, s Sheet) []teamRow {
	var rows []teamRow
	for _, child := range s.Rows {
		if !child.Erased {
			rows = append(rows, teamRowOf(d, child))
		}
	}
	return rows
}

// drawTeamPages draws the second paper: what the team needs and no family may read.
// Nothing on it is ever shortened; a row that is higher than what is left of the page
// goes on over the next one.
func drawTeamPages(d *pen, s Session, rows []teamRow) {
	d.newSheet()
	from := d.pdf.PageCount()
	y := drawTeamTableHead(d, drawTeamHead(d, s))
	next := func() {
		d.pdf.AddPage()
		y = drawTeamTableHead(d, drawFollowingHead(d, s, d.t("document.team.heading")))
	}
	for _, row := range rows {
		if high := rowHigh(row.lines()); y+high > bodyBottom && high < freshPage {
			next()
		}
		for row.lines() > 0 {
			fit := int((bodyBottom - y - 2*teamPad) / teamLine)
			if fit < 1 { // only of a row that is higher than a page, begun at the very end of one
				next()
				continue
			}
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

// teamCell collects the lines of one cell.
type teamCell struct {
	d     *pen
	width float64
	lines []cellLine
}

// add breaks a clean text into lines of the cell.
func (c *teamCell) add(s style, text string) { c.put(s, text, false) }

// alert adds a text that nobody may overlook.
func (c *teamCell) alert(text string) { c.put(bold, text, true) }

func (c *teamCell) put(s style, text string, alert bool) {
	c.d.font(s, teamSize)
	for _, line := range c.d.wrap(text, c.width-2*teamPad) {
		c.lines = append(c.lines, cellLine{line, s, alert})
	}
}

func (c *teamCell) contact(contact Contact) {
	c.add(regular, c.d.clean(contact.Name))
	if contact.Phone == "" {
		c.add(regular, c.d.t("document.team.no_phone"))
	} else {
		c.add(bold, c.d.clean(contact.Phone))
	}
}

func teamRowOf(d *pen, child SheetRow) teamRow {
	write := []func(*teamCell, SheetRow){writeChild, writeHealth, writeEmergency, writeGuardians, writeLeaving}
	row := make(teamRow, len(teamColumns))
	for i, column := range teamColumns {
		cell := teamCell{d: d, width: column.width}
		write[i](&cell, child)
		row[i] = cell.lines
	}
	return row
}

func writeChild(c *teamCell, child SheetRow) {
	c.add(bold, c.d.clean(child.LastName))
	c.add(regular, c.d.clean(child.FirstName))
	c.add(regular, c.d.clean(c.d.words.Age(child.Age)))
	if child.NoPhoto {
		c.alert(c.d.t("document.team.no_photo"))
	}
}

func writeHealth(c *teamCell, child SheetRow) {
	switch child.Health {
	case HealthNone:
		c.add(regular, c.d.t("document.team.health_none"))
	case HealthRefused:
		c.add(regular, c.d.t("document.team.health_refused"))
	case HealthDescribed:
		c.alert(c.d.clean(child.HealthText))
	default:
		c.add(bold, c.d.t("document.team.health_to_ask"))
	}
}

func writeEmergency(c *teamCell, child SheetRow) {
	if child.Emergency == (Contact{}) {
		c.add(regular, c.d.t("document.team.call_guardian"))
	} else {
		c.contact(child.Emergency)
	}
}

func writeGuardians(c *teamCell, child SheetRow) {
	for _, guardian := range child.Guardians {
		c.contact(guardian)
	}
}

func writeLeaving(c *teamCell, child SheetRow) {
	if len(child.NeverTo) > 0 {
		c.alert(c.d.t("document.team.never_to", child.NeverTo))
	}
	if child.LeavesAlone {
		c.add(bold, c.d.t("document.team.leaves_alone"))
	} else {
		c.add(regular, c.d.t("document.team.with_guardian"))
	}
	if len(child.PickUp) > 0 {
		c.add(regular, c.d.t("document.team.pick_up", child.PickUp))
	}
}

func drawTeamHead(d *pen, s Session) float64 {
	d.ink(black)
	y := topMargin + 7
	d.font(bold, 19)
	d.text(sideMargin, y, d.t("document.team.heading"))
	organisation := d.fit(d.clean(s.Organisation), regular, innerWidth/2, 4, 9, 6)
	d.textRight(sideMargin+innerWidth, y, organisation.lines[0].text)
	y += 4
	d.stroke(black)
	d.pdf.SetLineWidth(0.6)
	d.pdf.Rect(sideMargin, y, innerWidth, 8, "D")
	d.font(bold, 11)
	d.text(sideMargin+3, y+5.4, d.t("document.team.warning"))
	if s.Start.IsZero() {
		d.fieldToFill("document.team.session", sideMargin, y+16, innerWidth)
		return y + 20
	}
	_, y = d.lines(d.fit(s.name(d), bold, innerWidth, 10, 11, 6), bold, sideMargin, y+10.5)
	return y + 4
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
			if line.alert {
				d.fill(black)
				d.pdf.Rect(x+0.2, baseline-3.3, alertBar, teamLine, "F")
			}
			d.font(line.style, teamSize)
			d.text(x+teamPad, baseline, line.text)
			baseline += teamLine
		}
		x += column.width
	}
	d.pdf.Line(sideMargin, y+height, sideMargin+innerWidth, y+height)
}

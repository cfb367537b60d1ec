package document

import (
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// MostBlankSheetLines is the most lines that a blank sheet can have.
const MostBlankSheetLines = 120

// BlankSheet is a register without names, to be written by hand: outdoors, or where all else fails. It has a team page
// too, since whoever writes names on paper has no other place for an allergy and a phone number.
type BlankSheet struct {
	// Session may be zero but for Lang, Organisation and MadeAt: then its head is lines to write on.
	Session
	Lines int
}

func (s BlankSheet) properties() properties {
	title := words.For(s.Lang).T("document.blank.heading")
	if !s.Start.IsZero() {
		title = s.title("document.blank.title")
	}
	return properties{lang: s.Lang, title: title, at: s.MadeAt}
}

func (s BlankSheet) draw(d *pen) {
	lines := min(max(s.Lines, 1), MostBlankSheetLines)
	rows := make([]registerRow, lines)
	children := make([]teamRow, lines)
	for i := range lines {
		rows[i].number = i + 1
		children[i] = emptyTeamRow(i + 1)
	}
	drawRegister(d, s.Session, rows, func() float64 {
		if s.Start.IsZero() {
			return drawHeadToFill(d, s.Session)
		}
		head := s.head(d)
		head.heading = d.t("document.blank.heading")
		return drawRegisterHead(d, head)
	})
	drawTeamPages(d, s.Session, children)
}

// emptyTeamRow is a row of the team page with room to write on.
func emptyTeamRow(number int) teamRow {
	const lines = 4
	row := make(teamRow, len(teamColumns))
	row[0] = make([]cellLine, lines)
	row[0][0] = cellLine{text: strconv.Itoa(number), style: regular}
	return row
}

// drawHeadToFill draws the card at the top of a page for a session that is not known yet, and returns where the table
// begins.
func drawHeadToFill(d *pen, s Session) float64 {
	const pad, pitch = 6.0, 11.0
	y := drawCardLabels(d, d.t("document.blank.heading"), d.clean(s.Organisation))
	const left, width, gap = sideMargin + pad, innerWidth - 2*pad, 8.0
	y += 10
	d.fieldToFill("document.blank.workshop", left, y, width)
	y += pitch
	d.fieldToFill("document.blank.day", left, y, width*0.5-gap)
	d.fieldToFill("document.blank.from", left+width*0.5, y, width*0.25-gap/2)
	d.fieldToFill("document.blank.until", left+width*0.75, y, width*0.25)
	y += pitch
	d.fieldToFill("document.blank.place", left, y, width*0.5-gap)
	d.fieldToFill("document.blank.facilitators", left+width*0.5, y, width*0.5)
	bottom := y + 5.5
	d.card(sideMargin, topMargin, innerWidth, bottom-topMargin)
	return bottom + 4
}

// fieldToFill draws a label and a line to write on beside it, as wide as both may be together.
func (d *pen) fieldToFill(key string, x, y, width float64) {
	d.font(regular, 9)
	label := d.t(key)
	d.text(x, y, label)
	d.stroke(black)
	d.pdf.SetLineWidth(hairline)
	d.pdf.Line(x+d.width(label)+2, y+0.8, x+width, y+0.8)
}

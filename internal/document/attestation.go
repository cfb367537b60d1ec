package document

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Attestation certifies to an organisation that its workshops took place (« attestation de service fait »). Times and
// days are in the zone of the association. No string needs cleaning; an empty one leaves out its part.
type Attestation struct {
	Logo         []byte // of the association, a PNG; nil for none
	Lang         words.Lang
	Reference    string // of the request, « GRP-7K3M9QXW »
	Association  Association
	Client       Party
	Workshops    []string // one, or those of the sessions, each once
	Place        string   // on one line; empty where each session names its own
	Sessions     []AttestedSession
	Facilitators []string
	// Bill names the quote or the invoice that the service goes with, as it shall be read.
	Bill       string
	Engagement string
	// SignedIn and SignedOn stand above the signature: « Fait à Lyon, le 3 mai 2027 ».
	SignedIn        string
	SignedOn        time.Time
	Signatory, Role string
	// MadeAt is the only clock of the file; the day it says is not printed.
	MadeAt time.Time
}

// AttestedSession is one session as it was counted.
type AttestedSession struct {
	Start, End time.Time
	Groups     []AttestedGroup
	// Workshop and Place are said of the session itself where they are not the same for all; empty otherwise.
	Workshop, Place string
}

// AttestedGroup is how many children of a level were there.
type AttestedGroup struct {
	Level    string
	Children int
}

// Attestation draws an attestation of service, A4 portrait, in the house's letterhead. It waits while two documents
// are being drawn; when ctx ends before its turn the error is Unavailable. Nothing is written unless all is well.
func (p *Press) Attestation(ctx context.Context, w io.Writer, a Attestation) error {
	title := words.For(a.Lang).T("document.attestation.file", a.Workshops, a.Client.Name)
	return p.print(ctx, w, portrait, properties{lang: a.Lang, title: title, at: a.MadeAt}, func(d *pen) error {
		drawAttestation(d, a)
		return nil
	})
}

// Sentence says what is attested, for the paper and its page alike.
func (a Attestation) Sentence(p *words.Printer) string {
	if len(a.Workshops) == 1 {
		return p.T("document.attestation.sentence", a.Association.Name, a.Workshops[0], a.Client.Name)
	}
	var quoted []string
	for _, workshop := range a.Workshops {
		quoted = append(quoted, p.T("document.attestation.quoted", workshop))
	}
	return p.T("document.attestation.sentence.several", a.Association.Name, quoted, a.Client.Name)
}

// attestedColumns are the columns of the table of sessions; their widths fill innerWidth.
var attestedColumns = []struct {
	key   string
	width float64
	right bool
}{
	{"document.attestation.day", 52, false},
	{"document.attestation.hours", 34, false},
	{"document.attestation.groups", 58, false},
	{"document.attestation.duration", 20, true},
	{"document.attestation.present", 20, true},
}

func drawAttestation(d *pen, a Attestation) {
	card := titleCard{title: d.t("document.attestation.title"), code: a.Reference}
	if a.Reference != "" {
		card.lines = append(card.lines, d.t("document.attestation.reference", a.Reference))
	}
	l := newLetter(d, a.Association, a.Logo, d.t("document.attestation.name", a.Client.Name, a.Association.Name), card)
	lines := l.partyLines(a.Client, a.Engagement)
	l.y = l.drawParty(l.t("document.attestation.client"), a.Client.Name, lines, sideMargin, innerWidth) + 4
	l.paragraph(l.clean(a.Sentence(l.words)), regular, 11, sideMargin, innerWidth)
	l.y += 3
	for _, line := range nonEmpty([]string{
		l.labelled("document.attestation.place", a.Place), l.labelled("document.attestation.bill", a.Bill),
	}) {
		l.paragraph(line, regular, sizeOfText, sideMargin, innerWidth)
	}
	if len(a.Facilitators) > 0 {
		l.paragraph(l.t("document.attestation.facilitators", a.Facilitators), regular, sizeOfText, sideMargin, innerWidth)
	}
	l.y += 4
	l.drawAttestedSessions(a.Sessions)
	l.drawSignatory(a)
	l.feet()
}

func (l *letter) drawAttestedSessions(sessions []AttestedSession) {
	cells := func(texts [5]string, s style) {
		var columns [5][]string
		most := 1
		for i, c := range attestedColumns {
			l.font(s, sizeOfText)
			for paragraph := range strings.SplitSeq(texts[i], "\n") {
				columns[i] = append(columns[i], l.wrap(paragraph, c.width-2*cellPad)...)
			}
			most = max(most, len(columns[i]))
		}
		most = min(most, 40) // of levels made to break the page; no real session has more than three
		height := float64(most)*lineOf(sizeOfText) + 2*billRowPad
		l.room(height)
		l.ink(inkColour)
		l.font(s, sizeOfText)
		x := sideMargin
		for i, c := range attestedColumns {
			for n, line := range columns[i][:min(len(columns[i]), most)] {
				y := l.y + billRowPad + 3.3 + float64(n)*lineOf(sizeOfText)
				if c.right {
					l.textRight(x+c.width-cellPad, y, line)
				} else {
					l.text(x+cellPad, y, line)
				}
			}
			x += c.width
		}
		l.y += height
		l.stroke(grey)
		l.pdf.SetLineWidth(hairline)
		l.pdf.Line(sideMargin, l.y, sideMargin+innerWidth, l.y)
	}
	head := func() {
		l.fill(cream)
		l.pdf.Rect(sideMargin, l.y, innerWidth, lineOf(sizeOfText)+2*billRowPad, "F")
		var titles [5]string
		for i, c := range attestedColumns {
			titles[i] = l.t(c.key)
		}
		cells(titles, bold)
	}
	l.room(24)
	head()
	l.onNewPage = head
	minutes, all := 0, 0
	for _, s := range sessions {
		var groups []string
		present := 0
		for _, g := range s.Groups {
			present += g.Children
			if g.Level != "" {
				groups = append(groups, l.words.T("document.attestation.group", g.Level, g.Children))
			}
		}
		length := int(s.End.Sub(s.Start).Minutes())
		minutes, all = minutes+length, all+present
		cells([5]string{
			strings.Join(nonEmpty([]string{l.clean(l.words.Date(s.Start)), l.clean(s.Workshop), l.clean(s.Place)}), "\n"), l.clean(l.words.Span(s.Start, s.End)), l.clean(strings.Join(groups, ", ")),
			l.clean(l.words.Duration(length)), l.clean(l.words.Number(present)),
		}, regular)
	}
	l.onNewPage = nil
	cells([5]string{l.t("document.attestation.sessions", len(sessions)), "", "", l.clean(l.words.Duration(minutes)), l.clean(l.words.Number(all))}, bold)
	l.y += 3
	l.paragraph(l.t("document.attestation.presences"), regular, sizeOfSmall, sideMargin, innerWidth)
}

// drawSignatory draws when and where it was signed, by whom, and room for the signature and the stamp.
func (l *letter) drawSignatory(a Attestation) {
	const height, width = 46.0, 84.0
	l.room(height + 6)
	l.y += 6
	left := sideMargin + innerWidth - width
	if a.SignedIn != "" && !a.SignedOn.IsZero() {
		l.font(regular, 10.5)
		l.text(sideMargin, l.y+8, l.oneLine(l.t("document.attestation.done", a.SignedIn, l.words.Birth(a.SignedOn)), innerWidth-width-8))
	}
	l.card(left, l.y, width, height)
	y := l.flow(l.clean(a.Signatory), bold, 10, left+9, l.y+6.5, width-14, 2)
	y = l.flow(l.clean(a.Role), regular, sizeOfText, left+9, y, width-14, 2)
	l.flow(l.clean(a.Association.Name), regular, sizeOfText, left+9, y, width-14, 2)
	l.y += height
}

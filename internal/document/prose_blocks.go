package document

import (
	"strconv"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/prose"
)

// sizeOfProse is the size of running text: an agreement is read sitting down.
const sizeOfProse = 10.0

// piece is what a line is not broken inside, in one style.
type piece struct {
	text   string
	style  style
	italic bool
	// glued tells that it follows the piece before without a place to break at; ends that the line ends before it.
	glued, ends bool
}

// block draws one block of a text, over as many pages as it needs.
func (l *letter) block(b prose.Block) {
	const indent = 7.0
	switch b.Kind {
	case prose.Heading:
		l.proseHeading(b)
	case prose.Rule:
		l.room(8)
		l.holes(sideMargin, l.y+3, innerWidth)
		l.y += 7
	case prose.Bullets, prose.Numbers:
		for i, item := range b.Items {
			mark := ""
			if b.Kind == prose.Numbers {
				mark = l.clean(strconv.Itoa(b.First+i) + ".")
			}
			l.running(item, sizeOfProse, regular, sideMargin+indent, innerWidth-indent, mark)
			l.y += 0.6
		}
		l.y += 1.6
	default:
		l.running(b.Text, sizeOfProse, regular, sideMargin, innerWidth, "")
		l.y += 2.4
	}
}

// proseHeading keeps a heading with what follows it.
func (l *letter) proseHeading(b prose.Block) {
	size, colour, before := 10.5, inkColour, 1.5
	switch b.Level {
	case 1:
		size, colour, before = 15, inkColour, 2
	case 2:
		size, colour, before = 11.5, teal, 2.5
	}
	l.room(before + 3*lineOf(size) + 6)
	l.y += before
	l.tinted(b.Text, size, bold, sideMargin, innerWidth, "", colour)
	l.y += 1.2
}

func (l *letter) running(runs []prose.Run, size float64, base style, x, width float64, mark string) {
	l.tinted(runs, size, base, x, width, mark, inkColour)
}

// tinted draws runs from l.y on. A mark, or a hole where there is none and the text is indented, stands before the
// first line.
func (l *letter) tinted(runs []prose.Run, size float64, base style, x, width float64, mark string, c colour) {
	for i, line := range l.breakPieces(l.pieces(runs, base), size, width) {
		l.room(lineOf(size))
		l.ink(c)
		baseline := l.y + 0.8*size/millimetre + 0.4
		if i == 0 && x > sideMargin {
			l.drawMark(mark, x, baseline, size)
		}
		l.drawPieces(line, x, baseline, size)
		l.y += lineOf(size)
	}
	l.ink(inkColour)
}

func (l *letter) drawMark(mark string, x, baseline, size float64) {
	if mark != "" {
		l.font(bold, size)
		l.textRight(x-1.8, baseline, mark)
		return
	}
	var drawing art
	drawing.dots(red, 1.35, [2]float64{x - 3, baseline - 0.3*size/millimetre})
	l.pdf.RawWriteStr(drawing.onPage(portrait.Ht))
}

// pieces cleans runs and cuts them where a line may break.
func (d *pen) pieces(runs []prose.Run, base style) []piece {
	var all []piece
	glued, ends := false, false
	space := func() { // at the end of what was there
		if n := len(all); n > 0 && !strings.HasSuffix(all[n-1].text, " ") {
			all[n-1].text += " "
		}
		glued = false
	}
	for _, run := range runs {
		s := base
		if run.Bold {
			s = bold
		}
		for i, line := range strings.Split(run.Text, "\n") {
			ends = ends || i > 0
			if i > 0 || strings.HasPrefix(line, " ") {
				space()
			}
			for _, text := range pieces(d.clean(line)) {
				all = append(all, piece{text, s, run.Italic, glued, ends})
				glued, ends = false, false
			}
			if strings.HasSuffix(line, " ") {
				space()
			} else if n := len(all); n > 0 {
				glued = !strings.HasSuffix(all[n-1].text, "-") && !strings.HasSuffix(all[n-1].text, " ")
			}
		}
	}
	return all
}

// breakPieces sets pieces in lines of the given width.
func (d *pen) breakPieces(all []piece, size, width float64) [][]piece {
	measure := func(p piece, text string) float64 {
		d.font(p.style, size)
		return d.width(text)
	}
	var lines [][]piece
	var line []piece
	used := 0.0
	put := func(p piece) {
		line = append(line, p)
		used += measure(p, p.text)
	}
	feed := func() {
		if len(line) > 0 {
			lines = append(lines, line)
		}
		line, used = nil, 0
	}
	for from := 0; from < len(all); {
		to := from + 1 // a word, which may be of several styles
		for to < len(all) && all[to].glued {
			to++
		}
		word := 0.0
		for i, p := range all[from:to] {
			text := p.text
			if i == to-from-1 {
				text = strings.TrimRight(text, " ")
			}
			word += measure(p, text)
		}
		if all[from].ends || used > 0 && used+word > width {
			feed()
		}
		for _, p := range all[from:to] {
			for measure(p, strings.TrimRight(p.text, " ")) > width-used { // wider than a line of its own
				if used > 0 {
					feed()
					continue
				}
				d.font(p.style, size)
				head, rest := cut(p.text, width, d.width)
				if rest == "" {
					break
				}
				put(piece{head, p.style, p.italic, true, false})
				feed()
				p.text = rest
			}
			put(p)
		}
		from = to
	}
	feed()
	return lines
}

// drawPieces draws one line. Neighbours of one style are one text, so that a name that runs to the left keeps the
// order of its words.
func (l *letter) drawPieces(line []piece, x, baseline, size float64) {
	for from := 0; from < len(line); {
		text, to := line[from].text, from+1
		for to < len(line) && line[to].style == line[from].style && line[to].italic == line[from].italic {
			text += line[to].text
			to++
		}
		l.font(line[from].style, size)
		if line[from].italic { // the font has no italic; a slanted letter is read as one
			l.pdf.TransformBegin()
			l.pdf.TransformSkewX(11, x, baseline)
		}
		l.text(x, baseline, text)
		if line[from].italic {
			l.pdf.TransformEnd()
		}
		x += l.width(text)
		from = to
	}
}

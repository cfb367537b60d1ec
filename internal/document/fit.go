package document

import "strings"

// fitted is a text set in the largest size at which it fits its box.
type fitted struct {
	lines []fittedLine
	size  float64
}

type fittedLine struct {
	text string
	// first tells the line that begins a paragraph.
	first bool
}

const (
	leading    = 1.22 // of a line, in sizes of type
	millimetre = 72 / 25.4
)

func (f fitted) height() float64 { return float64(len(f.lines)) * f.size * leading / millimetre }

// fit breaks a clean text so that it fits width and height, at a size from largest down
// to smallest. What does not fit at the smallest ends in an ellipsis. There is at least
// one line, of nothing if the text is empty. The current font is then that size.
func (d *pen) fit(text string, s style, width, height, largest, smallest float64) fitted {
	d.font(s, 100) // measured once, and scaled
	for size := largest; ; size = max(smallest, size*0.94) {
		f := fitted{size: size}
		for paragraph := range strings.SplitSeq(text, "\n") {
			for i, line := range d.wrap(paragraph, width*100/size) {
				f.lines = append(f.lines, fittedLine{line, i == 0})
			}
		}
		if len(f.lines) == 0 {
			f.lines = []fittedLine{{}}
		}
		if f.height() <= height {
			d.font(s, size)
			return f
		}
		if size == smallest {
			for len(f.lines) > 1 && f.height() > height {
				f.lines = f.lines[:len(f.lines)-1]
			}
			f.lines[len(f.lines)-1].text += " …"
			d.font(s, size)
			return f
		}
	}
}

// lines draws a fitted text with the top of its first line at y, and returns the
// baselines of the lines that begin a paragraph and of the last line.
func (d *pen) lines(f fitted, s style, x, y float64) (firsts []float64, last float64) {
	d.font(s, f.size)
	last = y + 0.92*f.size/millimetre
	for i, line := range f.lines {
		if i > 0 {
			last += leading * f.size / millimetre
		}
		if line.first {
			firsts = append(firsts, last)
		}
		d.text(x, last, line.text)
	}
	return firsts, last
}

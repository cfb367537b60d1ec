package document

import (
	"strings"

	"github.com/jung-kurt/gofpdf"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// pen draws on one document. Lengths are millimetres from the top left corner of the
// page, sizes of type are points, y of a text is its baseline.
type pen struct {
	pdf   *gofpdf.Fpdf
	fonts *fonts
	words *words.Printer
	// used is what the document has drawn of each font.
	used map[style]*subset
	// now is the font of the next text; set is the last that the file was told.
	now, set lettered
	// replaced tells that clean met a sign which cannot be printed, for the note at the foot.
	replaced bool
}

// lettered is a font in a size, on a page: a file says it once on each.
type lettered struct {
	style style
	size  float64
	page  int
}

func newPen(pdf *gofpdf.Fpdf, f *fonts, p *words.Printer) *pen {
	d := &pen{pdf: pdf, fonts: f, words: p, used: map[style]*subset{}}
	for s, face := range f.faces {
		d.used[s] = face.subset()
	}
	return d
}

// clean is fonts.clean, remembering what it met. Every string that people typed passes here exactly once.
func (d *pen) clean(s string) string {
	text, replaced := d.fonts.clean(s)
	d.replaced = d.replaced || replaced
	return text
}

// t is the clean text of a key of the catalogue.
func (d *pen) t(key string, args ...any) string { return d.clean(d.words.T(key, args...)) }

func (d *pen) font(s style, size float64) { d.now.style, d.now.size = s, size }

// width of a clean text in the current font.
func (d *pen) width(text string) float64 {
	return float64(d.fonts.faces[d.now.style].width(text)) * d.now.size / millimetre / 1000
}

// text draws one clean line, its left end at x.
func (d *pen) text(x, y float64, line string) {
	if line == "" {
		return
	}
	if d.now.page = d.pdf.PageNo(); d.now != d.set {
		d.pdf.SetFont(standIn, string(d.now.style), d.now.size)
		d.set = d.now
	}
	d.pdf.Text(x, y, d.used[d.now.style].encode(visual(strings.ReplaceAll(line, "\n", " "))))
}

// textRight draws one clean line, its right end at x.
func (d *pen) textRight(x, y float64, line string) { d.text(x-d.width(line), y, line) }

// textCentre draws one clean line with its middle at x.
func (d *pen) textCentre(x, y float64, line string) { d.text(x-d.width(line)/2, y, line) }

// wrap breaks a clean text for the current font.
func (d *pen) wrap(text string, width float64) []string { return wrap(text, width, d.width) }

// colour of the identity.
type colour struct{ r, g, b int }

func (d *pen) ink(c colour)    { d.pdf.SetTextColor(c.r, c.g, c.b) }
func (d *pen) fill(c colour)   { d.pdf.SetFillColor(c.r, c.g, c.b) }
func (d *pen) stroke(c colour) { d.pdf.SetDrawColor(c.r, c.g, c.b) }

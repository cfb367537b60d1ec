// Package document draws the papers of the workshops as PDF files: attendance sheets
// and certificates, and for organisations quotes, invoices, agreements and attestations.
// Plain structs come in, a file goes out through an io.Writer; the package knows neither
// the database nor the features.
//
// It is the only package that uses gofpdf, and it exists mostly because of what that
// library does with real names: see clean for the way of every string, standIn for the
// way of the font, and complete for what the library leaves out of the file.
package document

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jung-kurt/gofpdf"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// atOnce is how many documents are drawn at the same time. Each takes a processor for its
// time; more would slow the pages that families are waiting for.
const atOnce = 2

// Press draws documents. It is safe for concurrent use.
type Press struct {
	fonts *fonts
	slots chan *deflater // a document takes one to be drawn, and gives it back
}

// New reads the fonts once and proves them by drawing with them, so that a font that
// fails stops the program at its start and not a facilitator on a Saturday.
func New() (*Press, error) {
	defer beFrugal()()
	f, err := loadFonts()
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	p, err := newPress(f)
	if err != nil {
		return nil, err
	}
	probe := properties{lang: words.French, title: "Zoé", at: time.Unix(0, 0)}
	if err := p.print(context.Background(), io.Discard, portrait, probe, func(d *pen) error {
		d.pdf.AddPage()
		d.font(regular, 12)
		d.text(20, 20, d.clean("Zoé Łukasz Nguyễn محمد"))
		d.font(bold, 12)
		d.text(20, 30, d.clean("Zoé Łukasz Nguyễn محمد"))
		return nil
	}); err != nil {
		return nil, err
	}
	return p, nil
}

func newPress(f *fonts) (*Press, error) {
	p := &Press{fonts: f, slots: make(chan *deflater, atOnce)}
	for range atOnce {
		z, err := newDeflater()
		if err != nil {
			return nil, fmt.Errorf("document: %w", err)
		}
		p.slots <- z
	}
	return p, nil
}

// format is the size of the pages. A landscape page is one that is wider than high, not
// a portrait page turned: gofpdf places templates wrongly on the latter.
type format gofpdf.SizeType

var (
	portrait  = format{Wd: 210, Ht: 297}
	landscape = format{Wd: 297, Ht: 210}
)

// properties are what a reader's window and a screen reader tell about a document.
type properties struct {
	lang  words.Lang
	title string
	at    time.Time // when it was made, as the file says; the same input gives the same bytes
}

// print waits for a free slot, draws, and writes the finished file in one piece: if it
// fails, or ctx ends while waiting, nothing has been written. A panic of the drawing
// library becomes an error, since it must never take the server down.
func (p *Press) print(ctx context.Context, w io.Writer, o format, props properties, draw func(*pen) error) error {
	var z *deflater
	select {
	case z = <-p.slots:
		defer func() { p.slots <- z }()
		defer beFrugal()()
	case <-ctx.Done():
		return fault.Wrap(ctx.Err(), fault.Unavailable, "document.busy")
	}
	file, err := p.render(z, o, props, draw)
	if err != nil {
		return fmt.Errorf("document: %w", err)
	}
	if _, err := w.Write(file); err != nil {
		return fmt.Errorf("document: writing: %w", err)
	}
	return nil
}

func (p *Press) render(z *deflater, o format, props properties, draw func(*pen) error) (file []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			file, err = nil, fmt.Errorf("the drawing library failed: %v", r)
		}
	}()
	pdf := gofpdf.NewCustom(&gofpdf.InitType{UnitStr: "mm", Size: gofpdf.SizeType(o)})
	pdf.SetCompression(false) // see deflater
	pdf.SetCatalogSort(true)
	pdf.SetCreationDate(props.at.UTC())
	pdf.SetModificationDate(props.at.UTC())
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	d := newPen(pdf, p.fonts, words.For(props.lang))
	if err := draw(d); err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	if err := pdf.Output(&raw); err != nil {
		return nil, err
	}
	return complete(raw.Bytes(), completion{lang: d.words.Lang(), title: props.title, at: props.at, fonts: d.used}, z)
}

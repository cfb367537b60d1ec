package document

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Register is the paper of one session on which presences are written: a Sheet, a BlankSheet or a ClassSheet.
type Register interface {
	properties() properties
	draw(d *pen)
}

// Bundle is the registers of several sessions in one file, in the order of the paper.
type Bundle struct {
	Lang  words.Lang
	Title string // of the file
	// MadeAt is the only clock of the file.
	MadeAt    time.Time
	Registers []Register
}

// Register draws the register of one session, A4 portrait. It waits while two documents are being drawn; when ctx ends
// before its turn the error is Unavailable. Nothing is written unless all is well.
func (p *Press) Register(ctx context.Context, w io.Writer, r Register) error {
	return p.print(ctx, w, portrait, r.properties(), func(d *pen) error {
		r.draw(d)
		return nil
	})
}

// Registers draws a bundle, as Register does one: each session on sheets of paper of its own, its pages numbered from
// 1. No register at all is an error, since a file without pages cannot be opened.
func (p *Press) Registers(ctx context.Context, w io.Writer, b Bundle) error {
	if len(b.Registers) == 0 {
		return errors.New("document: no register to draw")
	}
	return p.print(ctx, w, portrait, properties{lang: b.Lang, title: b.Title, at: b.MadeAt}, func(d *pen) error {
		for _, r := range b.Registers {
			d.replaced = false // the note at the foot is about this session alone
			r.draw(d)
		}
		return nil
	})
}

// newSheet begins a page on a fresh sheet of paper, also for who prints on both sides: a page that says so is left
// empty where the last one was a front. So what the team alone may read is never on the back of what lies on the
// table, and no two sessions share a sheet. Asking the printer for one side (see complete) is not enough: few
// programs listen.
func (d *pen) newSheet() {
	if d.pdf.PageCount()%2 == 1 {
		d.pdf.AddPage()
		d.ink(black)
		d.font(regular, 9)
		d.textCentre(pageWidth/2, portrait.Ht/2, d.t("document.verso"))
	}
	d.pdf.AddPage()
}

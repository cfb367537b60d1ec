package document

import (
	"context"
	"io"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/prose"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Agreement is what both sides sign before the workshops. Days are in the zone of the association. No string needs
// cleaning; an empty one and a zero time leave out their part.
type Agreement struct {
	Logo        []byte // of the association, a PNG; nil for none
	Lang        words.Lang
	Reference   string // of the request, « GRP-7K3M9QXW »
	Version     int    // 0 on a draft, which the paper then says it is
	Date        time.Time
	Association Association
	Client      Party
	Text        prose.Document // filled in
	// Hash is the SHA-256 of the text as it was frozen: what was signed can be recognised by it.
	Hash string
	// Issuer is who of the association issued it, on Date.
	Issuer string
	// Signed is who signed for the client; nil leaves the box to be filled in by hand.
	Signed *Signature
	// MadeAt is the only clock of the file; the day it says is not printed.
	MadeAt time.Time
}

// Signature is what somebody stated, and when that was confirmed.
type Signature struct {
	Name, Role    string
	On, Confirmed time.Time
}

// Agreement draws an agreement, A4 portrait, in the house's letterhead, with a box for each side at its end. It waits
// while two documents are being drawn; when ctx ends before its turn the error is Unavailable. Nothing is written
// unless all is well.
func (p *Press) Agreement(ctx context.Context, w io.Writer, a Agreement) error {
	title := words.For(a.Lang).T("document.agreement.file", a.Reference, a.Client.Name)
	return p.print(ctx, w, portrait, properties{lang: a.Lang, title: title, at: a.MadeAt}, func(d *pen) error {
		drawAgreement(d, a)
		return nil
	})
}

func drawAgreement(d *pen, a Agreement) {
	version := d.t("document.agreement.draft")
	if a.Version > 0 {
		version = d.t("document.agreement.version", a.Version)
	}
	card := titleCard{title: d.t("document.agreement.title"), code: a.Reference, lines: nonEmpty([]string{d.clean(a.Reference), version})}
	if !a.Date.IsZero() {
		card.lines = append(card.lines, d.t("document.bill.date", d.words.Birth(a.Date)))
	}
	l := newLetter(d, a.Association, a.Logo, d.t("document.agreement.name", a.Client.Name, a.Reference, version), card)
	for _, block := range a.Text {
		l.block(block)
	}
	l.drawSides(a)
	l.feet()
}

// drawSides draws where both sides sign, whole on one page.
func (l *letter) drawSides(a Agreement) {
	const height, gap, pad = 48.0, 8.0, 6.0
	width := (innerWidth - gap) / 2
	l.room(height + 14)
	l.y += 5
	top := l.y
	for i, side := range []struct{ key, name string }{
		{"document.agreement.ours", a.Association.Name}, {"document.agreement.theirs", a.Client.Name},
	} {
		x := sideMargin + float64(i)*(width+gap)
		l.card(x, top, width, height)
		l.ink(red)
		y := l.flow(l.t(side.key), bold, 10.5, x+pad+3, top+7, width-2*pad, 1)
		l.ink(inkColour)
		y = l.flow(l.clean(side.name), bold, sizeOfText, x+pad, y+0.8, width-2*pad, 2)
		if i == 1 && a.Signed != nil {
			l.drawSigned(*a.Signed, x+pad, y+1.5, width-2*pad)
			continue
		}
		if i == 0 && a.Issuer != "" && !a.Date.IsZero() {
			y = l.flow(l.t("document.agreement.issued", a.Issuer, l.words.Birth(a.Date)), regular, sizeOfText, x+pad, y+1, width-2*pad, 3)
			l.font(regular, sizeOfSmall)
			l.text(x+pad, y+1, l.t("document.approval.signature"))
			continue
		}
		for _, key := range []string{"document.approval.name", "document.approval.role", "document.approval.date", "document.approval.signature"} {
			l.font(regular, sizeOfSmall)
			l.text(x+pad, y+1, l.t(key))
			y += 5.4
		}
	}
	l.y = top + height
	if a.Hash != "" {
		l.flow(l.t("document.agreement.hash", a.Hash), regular, 6.8, sideMargin, l.y+4.5, innerWidth, 2)
	}
}

func (l *letter) drawSigned(s Signature, x, y, width float64) {
	y = l.flow(l.t("document.agreement.signed_by", s.Name), bold, 11, x, y+1.5, width, 2)
	y = l.flow(l.clean(s.Role), regular, sizeOfText, x, y, width, 2)
	if !s.On.IsZero() {
		y = l.flow(l.t("document.agreement.signed_on", l.words.Birth(s.On)), regular, sizeOfText, x, y, width, 1)
	}
	if !s.Confirmed.IsZero() {
		l.flow(l.t("document.agreement.confirmed", s.Confirmed), regular, sizeOfSmall, x, y, width, 2)
	}
}

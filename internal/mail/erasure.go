package mail

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// erasurePage is a message to a guardian who asked for the link that erases everything.
type erasurePage struct {
	frame
	Guardian string
}

func (r *Renderer) erasureAsked(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	e, err := decode[outbox.Erasure](m.Payload)
	if err != nil {
		return content{}, err
	}
	return content{page: erasurePage{
		frame: frame{
			Lang: p.Lang(), Holes: holes(fmt.Sprintf("%08d", m.ID)), Why: p.T("mail.erasure.why"),
			Link: r.site.BaseURL + r.site.Erasure(p.Lang(), e.Token),
		},
		Guardian: oneLine(e.Guardian),
	}}, nil
}

// erasedPage is the last message to somebody of whom nothing is kept any more: it calls nobody by name.
type erasedPage struct {
	frame
	outbox.Erased
}

func (r *Renderer) erased(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	e, err := decode[outbox.Erased](m.Payload)
	if err != nil {
		return content{}, err
	}
	return content{page: erasedPage{
		frame:  frame{Lang: p.Lang(), Holes: holes(fmt.Sprintf("%08d", m.ID)), Why: p.T("mail.erased.why"), Link: r.at(p, "/")},
		Erased: e,
	}}, nil
}

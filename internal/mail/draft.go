package mail

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// draftPage is the message that brings the link to a booking that is not finished.
type draftPage struct {
	frame
	Session sessionPage
	Until   string // how long the link works
}

func (r *Renderer) draft(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	d, err := decode[outbox.Draft](m.Payload)
	if err != nil {
		return content{}, err
	}
	cleanSession(&d.Session)
	session, err := newSessionPage(p, d.Session)
	if err != nil {
		return content{}, err
	}
	until, err := time.Parse(time.RFC3339, d.Until)
	if err != nil || d.ID == "" {
		return content{}, fmt.Errorf("draft %q until %q", d.ID, d.Until)
	}
	return content{page: draftPage{
		frame: frame{Lang: p.Lang(), Holes: holes(d.ID), Why: p.T("mail.draft.why"), Link: r.at(p, r.site.Draft(d.ID)),
			Facts: session.facts(p, m.Kind)},
		Session: session, Until: p.DateHour(until.In(session.Start.Location())),
	}}, nil
}

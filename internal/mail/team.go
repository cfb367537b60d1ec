package mail

import (
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// teamPage is a message to somebody of the team about their own access.
type teamPage struct {
	frame
	Name, By string
}

func (r *Renderer) teamAccess(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	a, err := decode[outbox.TeamAccess](m.Payload)
	if err != nil {
		return content{}, err
	}
	page := teamPage{
		frame: frame{Lang: p.Lang(), Holes: holes(fmt.Sprintf("%08d", m.ID)), Why: p.T("mail.why.team"), Link: r.site.BaseURL + r.site.Forgotten},
		Name:  oneLine(a.Name), By: oneLine(a.By),
	}
	if a.Nonce != "" {
		page.Link = r.site.BaseURL + r.site.Password(a.Nonce)
	}
	return content{page: page}, nil
}

// honorabilityPage is a message about the certificate of honorability of somebody of the team.
type honorabilityPage struct {
	frame
	Name, Member, Until string
	Over                bool // its last day is past
}

func (r *Renderer) honorability(p *words.Printer, m outbox.Claimed, now time.Time) (content, error) {
	h, err := decode[outbox.Honorability](m.Payload)
	if err != nil {
		return content{}, err
	}
	until, err := time.Parse(time.DateOnly, h.Until)
	if err != nil {
		return content{}, err
	}
	page := honorabilityPage{
		frame: frame{Lang: p.Lang(), Holes: holes(fmt.Sprintf("%08d", m.ID)), Why: p.T("mail.why.team"), Link: r.site.BaseURL + "/animation/compte"},
		Name:  oneLine(h.Name), Member: oneLine(h.Member), Until: p.Birth(until), Over: until.AddDate(0, 0, 1).Before(now),
	}
	if h.Member != "" {
		page.Link = fmt.Sprintf("%s/equipe/personnes/%d", r.site.BaseURL, h.MemberID)
	}
	return content{page: page}, nil
}

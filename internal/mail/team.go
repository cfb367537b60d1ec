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

package mail

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// signInPage brings the link to sign in, or says that there is no family for that address.
type signInPage struct {
	frame
	EnterURL, CatalogueURL string
}

func (r *Renderer) signIn(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	v, err := decode[outbox.SignIn](m.Payload)
	if err != nil {
		return content{}, err
	}
	page := signInPage{
		frame:        frame{Lang: p.Lang(), Holes: holes(m.MessageID), Why: p.T("mail.why.sign_in"), Link: r.at(p, "/")},
		CatalogueURL: r.at(p, "/seances"),
	}
	if m.Kind == outbox.SignInLink {
		page.EnterURL = r.at(p, r.site.SignIn(v.Nonce))
	}
	return content{page: page}, nil
}

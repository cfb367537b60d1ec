package mail

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// spacePage is a message about the space of a family. URL is where its button leads.
type spacePage struct {
	frame
	Guardian, Child, Name, By string
	Told                      string // what was changed
	URL                       string
}

func (r *Renderer) newSpacePage(p *words.Printer, m outbox.Claimed, why string) spacePage {
	return spacePage{frame: frame{Lang: p.Lang(), Holes: holes(m.MessageID), Why: why, Link: r.site.BaseURL}}
}

func (r *Renderer) childChanged(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	v, err := decode[outbox.ChildChange](m.Payload)
	if err != nil {
		return content{}, err
	}
	page := r.newSpacePage(p, m, p.T("mail.child_changed.why"))
	names := make([]string, len(v.Children))
	for i, name := range v.Children {
		names[i] = oneLine(name)
	}
	page.Guardian, page.Child = oneLine(v.Guardian), p.List(names)
	told := []any{page.Child}
	if v.Session != nil {
		session, err := newSessionPage(p, *v.Session)
		if err != nil {
			return content{}, err
		}
		told = append(told, oneLine(session.Title), session.DayHour, oneLine(session.Venue))
	}
	page.Told, page.URL = p.T("mail.child_changed."+v.What, told...), r.site.BaseURL+p.Lang().Path("/compte")
	return content{page: page}, nil
}

func (r *Renderer) invited(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	v, err := decode[outbox.Invited](m.Payload)
	if err != nil {
		return content{}, err
	}
	page := r.newSpacePage(p, m, p.T("mail.invited.why"))
	page.Name, page.By, page.URL = oneLine(v.Name), oneLine(v.By), r.site.BaseURL+p.Lang().Path(r.site.Invitation(v.Nonce))
	return content{page: page}, nil
}

func (r *Renderer) youngInvited(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	v, err := decode[outbox.Invited](m.Payload)
	if err != nil {
		return content{}, err
	}
	page := r.newSpacePage(p, m, p.T("mail.young.why"))
	page.Name, page.By, page.URL = oneLine(v.Name), oneLine(v.By), r.site.BaseURL+p.Lang().Path("/compte/connexion")
	return content{page: page}, nil
}

func (r *Renderer) emailChange(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	v, err := decode[outbox.EmailChange](m.Payload)
	if err != nil {
		return content{}, err
	}
	page := r.newSpacePage(p, m, p.T("mail.why.family"))
	page.Guardian, page.URL = oneLine(v.Guardian), r.site.BaseURL+p.Lang().Path(r.site.Email(v.Nonce))
	return content{page: page}, nil
}

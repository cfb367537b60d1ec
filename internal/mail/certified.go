package mail

import (
	"cmp"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// certifiedPage is a message to a family about the certificates of its children, or its thanks for having come.
type certifiedPage struct {
	frame
	outbox.Certified
	Session sessionPage // instead of that of Certified
	Names   []string
	// Certificates are the public pages, one for each child, and how long each took part.
	Certificates []certifiedLine
	// PassportURL is the page of what the children have done; empty where no booking signs its link.
	PassportURL string
	// CatalogueURL is where other sessions are.
	CatalogueURL string
}

// certifiedLine is one certificate.
type certifiedLine struct {
	link
	Length string
}

func (r *Renderer) certified(p *words.Printer, m outbox.Claimed, _ time.Time) (content, error) {
	c, err := decode[outbox.Certified](m.Payload)
	if err != nil {
		return content{}, err
	}
	cleanCertified(&c)
	if len(c.Children) == 0 {
		return content{}, errors.New("certificates of nobody")
	}
	session, err := newSessionPage(p, c.Session)
	if err != nil {
		return content{}, err
	}
	page := certifiedPage{
		frame:     frame{Lang: p.Lang(), Holes: holes(cmp.Or(c.Children[0].Code, c.Reference)), Why: p.T("mail.why.family"), Link: r.at(p, "/")},
		Certified: c, Session: session, CatalogueURL: r.at(p, "/seances"),
	}
	if c.Reference != "" {
		page.PassportURL = r.at(p, r.site.Passport(c.Reference, c.LinkVersion))
	}
	for _, child := range c.Children {
		page.Names = append(page.Names, child.FirstName)
		if child.Code == "" {
			continue // none yet: a thank-you comes before it
		}
		page.Certificates = append(page.Certificates, certifiedLine{
			link{p.T("mail.certificates.of", child.FirstName), r.at(p, r.site.Certificate(child.Code))}, p.Duration(child.Minutes)})
	}
	return content{page: page}, nil
}

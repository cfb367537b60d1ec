package document

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Certificate is what a child takes home. Times are in the zone of the venue. No string
// needs cleaning; an empty one leaves out its part.
type Certificate struct {
	Organisation string // « Les Ateliers d'Ada »
	Child        string // as it shall be read: first name, then last name
	Workshop     string
	// Discipline is that of the workshop (robotique, code, musique, …) and chooses the
	// colour; one that is not known gets that of the house.
	Discipline string
	Made       string   // what was made or done, a sentence or two
	Learnt     []string // what was learnt, one skill each
	// Minutes is how long the child took part; 0 is not said.
	Minutes int
	// Start and End are of the session; of a series, of the first and the last of Sessions.
	Start, End time.Time
	// Sessions are those of a series, whose title Workshop then is. They are listed in place of Made.
	Sessions []CertifiedSession
	Venue    string
	City     string
	// Facilitators led the workshop. Where nobody signs for the association, their names stand under the line for the signature.
	Facilitators []string
	Signatory    Signatory
	Number       string // « 2027-0042 »
	// Code is punched into the border, see punch. Letters, digits and hyphens.
	Code string
	// VerifyURL is the absolute address of the page that confirms the certificate.
	VerifyURL string
}

// CertifiedSession is one session of a series.
type CertifiedSession struct {
	Start    time.Time
	Workshop string
}

// Signatory is who signs for the association; without a name nobody does.
type Signatory struct {
	Name, Role string
	// Image is the signature as a PNG with a transparent ground, of a few hundred pixels; nil where there is none. All
	// certificates of one file show that of the first.
	Image []byte
}

// MadeText is what was made; of a series, one line for each session.
func (c Certificate) MadeText(p *words.Printer) string {
	if len(c.Sessions) == 0 {
		return c.Made
	}
	var lines []string
	for _, s := range c.Sessions {
		lines = append(lines, p.T("document.certificate.session", p.DateShort(s.Start), s.Workshop))
	}
	return strings.Join(lines, "\n")
}

// When says when it was, and for how long.
func (c Certificate) When(p *words.Printer) string {
	when := p.T("document.certificate.when", p.Date(c.Start), p.Span(c.Start, c.End))
	if len(c.Sessions) > 0 {
		when = p.N("document.certificate.sessions", len(c.Sessions), p.Birth(c.Start), p.Birth(c.End))
	}
	if c.Minutes == 0 {
		return when
	}
	return p.T("document.certificate.hours", when, p.Duration(c.Minutes))
}

// TookPart is the sentence between the name and the title.
func (c Certificate) TookPart(p *words.Printer) string {
	if len(c.Sessions) > 0 {
		return p.T("document.certificate.took_part.series")
	}
	return p.T("document.certificate.took_part")
}

// Certificates draws one certificate per page, A4 landscape, in the given order. madeAt
// is the only clock of the file. It waits while two documents are being drawn; when ctx
// ends before its turn the error is Unavailable. Nothing is written unless all is well;
// no certificate at all is an error, since a file without pages cannot be opened.
func (p *Press) Certificates(ctx context.Context, w io.Writer, lang words.Lang, madeAt time.Time, certificates []Certificate) error {
	if len(certificates) == 0 {
		return errors.New("document: no certificate to draw")
	}
	first := certificates[0]
	title := words.For(lang).T("document.certificate.titles", first.Workshop, words.For(lang).Date(first.Start))
	if len(certificates) == 1 {
		title = words.For(lang).T("document.certificate.title", first.Child, first.Workshop)
	}
	return p.print(ctx, w, landscape, properties{lang: lang, title: title, at: madeAt}, func(d *pen) error {
		return drawCertificates(d, certificates)
	})
}

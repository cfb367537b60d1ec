package document

import (
	"context"
	"errors"
	"io"
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
	Start, End time.Time
	Venue      string
	City       string
	// Facilitators are whose names stand under the line for the signature.
	Facilitators []string
	Number       string // « 2027-0042 »
	// Code is punched into the border, see punch. Letters, digits and hyphens.
	Code string
	// VerifyURL is the absolute address of the page that confirms the certificate.
	VerifyURL string
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

package document

import (
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// Session is what every paper of a session says at its head. Times are in the zone of the venue. No string needs
// cleaning; an empty one leaves out its part.
type Session struct {
	Lang         words.Lang
	Organisation string // « Les Ateliers d'Ada »
	Workshop     string
	Start, End   time.Time
	Venue        string
	Address      string // on one line: street, postcode and city
	Facilitators []string
	// MadeAt is when the session was read; it is printed, and the only clock of the file.
	MadeAt time.Time
}

// name tells one session from another on one clean line; empty for a session that is not known yet.
func (s Session) name(d *pen) string {
	if s.Start.IsZero() {
		return ""
	}
	return d.t("document.sheet.follows", s.Workshop, d.words.Date(s.Start), d.words.Span(s.Start, s.End))
}

// title is that of a file about the session: key takes the workshop and the day.
func (s Session) title(key string) string {
	p := words.For(s.Lang)
	return p.T(key, s.Workshop, p.Date(s.Start))
}

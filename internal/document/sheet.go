package document

import (
	"context"
	"io"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// MaxBlankLines is the most blank lines a sheet can have; the setting is 0 to 15.
const MaxBlankLines = 15

// Sheet is the register of one session on paper. Times are in the zone of the venue.
// No string needs cleaning; an empty one leaves its place empty.
type Sheet struct {
	Lang         words.Lang
	Organisation string // « Les Ateliers d'Ada »
	Workshop     string
	Start, End   time.Time
	Venue        string
	Address      string // on one line: street, postcode and city
	Facilitators []string
	// Capacity is how many seats the session has: the row of holes shows them.
	Capacity int
	// Rows are the children expected, in the order of the paper: by last name.
	Rows []SheetRow
	// BlankLines are for children who come without being on the list.
	BlankLines int
	// TeamPage adds the pages with health and phones, for the team alone. Without it the
	// private fields of the rows are not read, so leave it out for who may not see them.
	TeamPage bool
	// MadeAt is when the list was read; it is printed, and the only clock of the file.
	MadeAt time.Time
}

// SheetRow is one child. What follows Age is printed on the team page only.
type SheetRow struct {
	FirstName, LastName string
	Age                 int // on the day of the session
	Health              Health
	HealthText          string    // of HealthDescribed only
	Emergency           Contact   // the zero Contact: the guardian
	Guardians           []Contact // who is called first comes first
	PickUp              []string  // who may take the child away, besides the guardians
	NeverTo             []string  // « Ne pas remettre à »
	LeavesAlone         bool
	NoPhoto             bool // image rights refused, or not answered yet
}

// Health is what the family said about health and needs. The zero value is the one
// that makes the team ask: never "none" by omission.
type Health int

// The states of Health.
const (
	HealthToAsk Health = iota
	HealthNone
	HealthDescribed
	HealthRefused
)

// Contact is somebody to call.
type Contact struct{ Name, Phone string }

// Sheet draws the attendance sheet, A4 portrait: what lies on the table first, then the
// team page if asked for. It waits while two documents are being drawn; when ctx ends
// before its turn the error is Unavailable. Nothing is written unless all is well.
func (p *Press) Sheet(ctx context.Context, w io.Writer, s Sheet) error {
	props := properties{
		lang:  s.Lang,
		title: words.For(s.Lang).T("document.sheet.title", s.Workshop, words.For(s.Lang).Date(s.Start)),
		at:    s.MadeAt,
	}
	return p.print(ctx, w, portrait, props, func(d *pen) error {
		drawRegister(d, s)
		if s.TeamPage {
			drawTeamPages(d, s)
		}
		return nil
	})
}

package catalog

import (
	"context"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Catalog reads and changes workshops, venues and sessions in one database.
// Every change is one transaction that also consumes the form's key and writes the audit line.
type Catalog struct {
	db *sqlite.DB
}

// New returns the catalogue kept in db.
func New(db *sqlite.DB) *Catalog { return &Catalog{db: db} }

// Changes counts the commits of this process, and DataVersion differs from its last answer when another process
// has written too: between them they tell when what was shown may no longer be true.
func (c *Catalog) Changes() uint64 { return c.db.Changes() }

// DataVersion is that of sqlite.DB.
func (c *Catalog) DataVersion(ctx context.Context) (int64, error) { return c.db.DataVersion(ctx) }

// Discipline is what a workshop is about. Its name on screen is the text catalog.discipline.VALUE.
type Discipline string

// Disciplines are the ones that the database accepts, in the order in which people choose.
var Disciplines = []Discipline{"code", "robotique", "musique", "jeu", "fabrication"}

// Bounds of what can be typed; the ages and numbers are those of the schema.
const (
	MinAge      = 3
	MaxAge      = 25
	MaxCapacity = 500
	// MaxPriceCents keeps a slip of the keyboard (1 400 € for 14,00 €) from being published.
	MaxPriceCents = 100_000
	maxLine       = 120
	maxText       = 4000
	// maxYearsAhead keeps a slip in a year (2072 for 2027) from being planned.
	maxYearsAhead = 2
)

// Workshop is what is taught. Title and Level together are unique.
type Workshop struct {
	ID              int64
	Title           string
	Level           string // may be empty
	Discipline      Discipline
	MinAge, MaxAge  int    // in whole years on the day of the session, both included
	Summary         string // one sentence, for cards
	Description     string // what one does; paragraphs are separated by an empty line
	Skills          string // what one learns, one per line
	Tools           string
	Bring           string
	Capacity        int // usual, for new sessions
	PriceCents      int // usual, for new sessions
	DurationMinutes int // usual, for new sessions
}

// Name is how people call the workshop: title and level, « Robotique 2 – Avancé ».
func (w Workshop) Name() string {
	if w.Level == "" {
		return w.Title
	}
	return w.Title + " – " + w.Level
}

// SkillList returns the skills, one by one.
func (w Workshop) SkillList() []string { return lines(w.Skills) }

// Paragraphs returns the description, paragraph by paragraph.
func (w Workshop) Paragraphs() []string {
	var all []string
	for p := range strings.SplitSeq(w.Description, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			all = append(all, p)
		}
	}
	return all
}

func lines(s string) []string {
	var all []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// StepFree says whether a venue can be entered without a step.
type StepFree string

// The answers about step-free access.
const (
	StepFreeYes     StepFree = "yes"
	StepFreeNo      StepFree = "no"
	StepFreeUnknown StepFree = "unknown"
)

// Venue is where sessions take place. Name and Postcode together are unique.
type Venue struct {
	ID       int64
	Name     string
	Address  string
	Postcode string
	City     string
	Access   string // how to get there, which door
	StepFree StepFree
	Capacity int    // how many people the room holds
	TimeZone string // IANA name
	// ClosedFrom is the first day on which nothing takes place there any more, as 2027-05-01; empty where none is known.
	ClosedFrom string
	// Unlisted is the place of an organisation, for its own request: no family and no public session ever goes there.
	Unlisted bool
}

// AccessLines returns how to get there, line by line.
func (v Venue) AccessLines() []string { return lines(v.Access) }

// Status is the state of a session as it is stored.
type Status string

// The stored states.
const (
	Draft     Status = "draft"
	Published Status = "published"
	Cancelled Status = "cancelled"
)

// Session is one workshop at one venue at one time, with what its bookings leave open.
type Session struct {
	ID               int64
	Workshop         Workshop
	Venue            Venue
	StartsAt, EndsAt time.Time // in the venue's time zone
	Capacity         int
	Reserved         Reservation
	PriceCents       int // of a seat; of the whole series; or what is suggested: Pricing says which
	Pricing          Pricing
	PaymentURL       string // empty: paid on the spot
	Funding          string // who pays for it, as settings.Funding; empty: nobody in particular
	Status           Status
	OpensAt          time.Time // bookable from, in the venue's time zone
	ClosesAt         time.Time // bookable until (excluded), in the venue's time zone
	Sequence         int       // iCalendar SEQUENCE
	CancelReason     string
	// RestorableUntil is until when (excluded) a cancelled session can be made what it was; zero for all others, and for private ones.
	RestorableUntil time.Time
	ListClosed      bool   // nobody new may join the waiting list
	Series          Series // zero where the session belongs to none
	ScheduleID      int64  // the schedule that made it; 0 for none
	// RequestID is the group request that the session is for, and Organisation who asked. Such a session is private:
	// the team and its facilitators alone see it, and nobody books it. 0 and empty: everybody may come.
	RequestID    int64
	Organisation string
	// UpdatedAt is when the session, its workshop or its venue last changed.
	UpdatedAt time.Time
	ledBy     string // the ids of who leads it, for Version

	Taken   int // seats confirmed or under a live offer
	Held    int // seats that nobody but the partner of Reserved may have, when the session was read
	Waiting int // children on the waiting list
	// PlacesOpen is what anybody may book now, see the function of that name.
	PlacesOpen int
}

// Private reports whether the session is for a group request, and so appears nowhere in public.
func (s Session) Private() bool { return s.RequestID != 0 }

// Availability is what a session offers to a family at one instant.
type Availability string

// What a family may find. Only Open can be booked, only Full can be waited for.
const (
	Open       Availability = "open"
	Full       Availability = "full"
	NotYetOpen Availability = "not_yet_open"
	Closed     Availability = "closed"
	Started    Availability = "started"
	Past       Availability = "past"
	CalledOff  Availability = "cancelled"
)

// Availability returns what the session offers at now (domain, Capacity 3 and 7).
func (s Session) Availability(now time.Time) Availability {
	switch {
	case s.Status == Cancelled:
		return CalledOff
	case !now.Before(s.EndsAt):
		return Past
	case !now.Before(s.StartsAt):
		return Started
	case now.Before(s.OpensAt):
		return NotYetOpen
	case !now.Before(s.ClosesAt):
		return Closed
	case s.PlacesOpen > 0:
		return Open
	}
	return Full
}

// NextChange returns the first instant after now at which Availability changes by the passing
// of time alone, or reserved seats join the others, or the zero time when it never will.
func (s Session) NextChange(now time.Time) time.Time {
	var next time.Time
	if s.Status == Cancelled {
		return next
	}
	for _, t := range []time.Time{s.OpensAt, s.ClosesAt, s.StartsAt, s.EndsAt, s.Reserved.Until} {
		if t.After(now) && (next.IsZero() || t.Before(next)) {
			next = t
		}
	}
	return next
}

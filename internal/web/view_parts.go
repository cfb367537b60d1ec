package web

import "time"

// Badge is a state in a word and a shape: the partial "badge".
type Badge struct {
	Tone  Tone
	Label string
}

// Button submits a form, or leads somewhere when Href is given: the partial "button".
// A screen has one primary button, the zero Kind.
type Button struct {
	Label       string
	Kind        ButtonKind
	Name, Value string // sent with the form; may be empty
	Href        string
	// About ends the accessible name where the label alone is ambiguous in a list:
	// « Annuler » + « : Zoé ».
	About string
}

// ButtonKind is the weight of a button.
type ButtonKind string

// The kinds of buttons; the zero value is the primary one.
const (
	ButtonSecondary ButtonKind = "secondary"
	ButtonDanger    ButtonKind = "danger"
	ButtonQuiet     ButtonKind = "quiet"
)

// Seats are the seats of a session: the partial "holes" draws them as a row of punched
// holes, and "seats" as the row with its sentence.
type Seats struct {
	Capacity int
	Left     int // seats that a newcomer can book: 0 while anyone waits
	Waiting  int
	// ListClosed is true when nobody new may wait for a seat.
	ListClosed bool
}

// Hole is one hole of a row.
type Hole string

// The holes.
const (
	HoleTaken   Hole = "taken"
	HoleFree    Hole = "free"
	HoleWaiting Hole = "waiting"
)

const (
	mostHoles        = 24 // a longer row says nothing at a glance: it is drawn to scale
	mostWaitingHoles = 6
)

// Holes are the seats in order: taken, free, then those who wait.
func (s Seats) Holes() []Hole {
	seats, left := s.Capacity, min(max(s.Left, 0), s.Capacity)
	if seats > mostHoles {
		// A free seat never vanishes in the rounding.
		left = (left*mostHoles + seats - 1) / seats
		seats = mostHoles
	}
	holes := make([]Hole, 0, seats+mostWaitingHoles)
	for i := range seats {
		if i < seats-left {
			holes = append(holes, HoleTaken)
		} else {
			holes = append(holes, HoleFree)
		}
	}
	for range min(s.Waiting, mostWaitingHoles) {
		holes = append(holes, HoleWaiting)
	}
	return holes
}

// Steps is where one is in a form of several screens: the partial "steps".
type Steps struct {
	Current, Total int
}

// Holes are the steps: done ones are punched, the present one too.
func (s Steps) Holes() []Hole {
	return Seats{Capacity: s.Total, Left: s.Total - s.Current}.Holes()
}

// Answer is one line of a check page: the partial "answers" draws a list of them.
type Answer struct {
	Label, Value string
	ChangeHref   string // where to change it; none when empty
}

// SessionState is what a passer-by can do with a session.
type SessionState string

// The states of a session on a card.
const (
	SessionOpen      SessionState = "open"
	SessionFull      SessionState = "full"
	SessionUpcoming  SessionState = "upcoming" // not open yet: see SessionCard.OpensAt
	SessionClosed    SessionState = "closed"   // bookings have ended
	SessionPast      SessionState = "past"
	SessionCancelled SessionState = "cancelled"
)

// SessionCard is a session in a list: the partial "card-session". Times are in the
// zone of the venue.
type SessionCard struct {
	Href           string
	Title          string
	Discipline     Discipline
	DisciplineName string
	Level          string // may be empty
	Start, End     time.Time
	OpensAt        time.Time // of an upcoming session
	MinAge, MaxAge int       // MaxAge 0: no upper limit
	Venue, City    string
	Price          string // in a few words
	Seats          Seats
	State          SessionState
}

// Discipline chooses the pictogram and the colour of a card.
type Discipline string

// The disciplines that have a pictogram; any other gets the shuttle.
const (
	DisciplineCode     Discipline = "code"
	DisciplineRobotics Discipline = "robotique"
	DisciplineMusic    Discipline = "musique"
	DisciplineGames    Discipline = "jeu"
	DisciplineMaking   Discipline = "fabrication"
)

// Pictogram is the name of the discipline's symbol in img/icons.svg.
func (d Discipline) Pictogram() string {
	switch d {
	case DisciplineCode, DisciplineRobotics, DisciplineMusic, DisciplineGames, DisciplineMaking:
		return string(d)
	}
	return "navette"
}

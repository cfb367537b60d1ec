package web

import (
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
)

const familiesPath = "/equipe/familles"

// familiesPage finds the family that is on the phone.
type familiesPage struct {
	DeskHead
	Search   Field
	Asked    bool
	Session  string // in which the one that is found is booked; empty where nobody is
	For      string // which session that is
	New      string // the form for a family that is not found
	Families []foundFamily
	More     bool // there are more than it shows
}

type foundFamily struct {
	Href                       string
	Book                       string // the form that books them in the session that they are looked for; empty without one
	Name, Phone, Digits, Email string
	Proved                     bool
	Children                   []string
	Bookings                   []foundBooking
	Late, Absent               int
}

type foundBooking struct {
	Href, Title, Reference string
	Start                  time.Time
	State                  Badge
}

func getFamilies(s *Server, c *gin.Context) error {
	typed := c.Query("q")
	list, more, err := s.Bookings.FindFamilies(c.Request.Context(), s.actor(c), typed)
	if err != nil {
		return err
	}
	p := s.words
	page := &familiesPage{DeskHead: s.deskHead(c, p.T("find.title")), Asked: typed != "", More: more,
		Search: Field{Name: "q", Label: p.T("find.label"), Hint: p.T("find.hint"), Value: typed, Optional: true, Autocomplete: "off"}}
	session := rowID(c.Query("seance"))
	if session != 0 {
		v, _, err := s.Bookings.AvailableFor(c.Request.Context(), s.actor(c), session)
		if err != nil {
			return err
		}
		page.Session, page.New = idText(session), phonePath(session)
		page.For = p.T("known_phone.for", p.T("journal.record.session", newBookedSession(v).Name, p.DateHour(v.StartsAt)))
	}
	for _, f := range list {
		line := s.foundFamily(f)
		if session != 0 {
			line.Book = knownPhonePath(session, f.ID)
		}
		page.Families = append(page.Families, line)
	}
	return s.show(c, http.StatusOK, "equipe/families", page)
}

func (s *Server) foundFamily(f booking.Found) foundFamily {
	p := s.words
	line := foundFamily{Href: familyPath(f.ID), Name: f.Name, Phone: f.Phone, Digits: phoneDigits(f.Phone), Email: f.Email, Proved: f.Proved, Late: f.Late, Absent: f.Absent}
	for _, child := range f.Children {
		line.Children = append(line.Children, p.T("find.child", child.Name, p.N("find.age", child.Age)))
	}
	for _, b := range f.Bookings {
		state := Badge{Tone: ToneInfo, Label: p.T("find.given_up")}
		switch {
		case b.Seats > 0:
			state = Badge{Tone: ToneDone, Label: p.N("find.seats", b.Seats)}
		case b.Waiting > 0:
			state = Badge{Tone: ToneWaiting, Label: p.N("find.waiting", b.Waiting)}
		}
		line.Bookings = append(line.Bookings, foundBooking{Href: deskBookingPath(b.Reference), Title: b.Title, Reference: b.Reference, Start: b.StartsAt, State: state})
	}
	return line
}

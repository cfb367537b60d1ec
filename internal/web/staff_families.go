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
	Families []foundFamily
	More     bool // there are more than it shows
}

type foundFamily struct {
	Href                       string
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
	for _, f := range list {
		page.Families = append(page.Families, s.foundFamily(f))
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

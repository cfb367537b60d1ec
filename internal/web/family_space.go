package web

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// spacePage is the start of a family's space.
type spacePage struct {
	Page
	Coming, Past []ownBooking
	Asks         []Link // questions whose text has changed, or that are still open
	Children     []spaceChild
	You          []Answer
	Leave        FormKey
	Money        []string // what is to be paid, and what is left on carnets
	clockPart
	Strangers string // where to say who booked with one's address; empty when there is nothing to say
}

// spaceChild is a child in the space.
type spaceChild struct {
	Name     string
	Href     string
	Lines    []Answer
	ImageOff string // where the consent to pictures is withdrawn; empty unless it was given
}

// ownBooking is one booking in the space.
type ownBooking struct {
	Session  bookedSession
	Children []bookedChild
	Href     string // its page; empty for a booking of another guardian
}

func getSpace(s *Server, c *gin.Context) error { return s.showSpace(c, http.StatusOK, nil) }

func (s *Server) showSpace(c *gin.Context, status int, notice *Notice) error {
	p := s.printer(c)
	ctx, actor := c.Request.Context(), s.actor(c)
	bookings, err := s.Bookings.OfFamily(ctx, actor)
	if err != nil {
		return err
	}
	strangers, err := s.Bookings.Strangers(ctx, actor)
	if err != nil {
		return err
	}
	clock, err := s.clock(c)
	if err != nil {
		return err
	}
	page := &spacePage{Page: s.familyPage(c, p.T("space.title")), Leave: s.newKey(c, "family-leave"), clockPart: clock}
	if page.Notice = notice; notice == nil {
		page.Notice = s.doneNotice(c)
	}
	own, err := s.ownSpace(c)
	if err != nil {
		return err
	}
	s.addFamily(c, page, own)
	if len(strangers) > 0 {
		page.Strangers = s.to(c, "/compte/reconnaitre")
	}
	if page.Money, err = s.ownMoneyWords(c); err != nil {
		return err
	}
	for _, b := range bookings {
		if b.Session.EndsAt.After(s.config.Now()) && b.Session.Status != "cancelled" {
			page.Coming = append(page.Coming, s.ownBooking(c, b))
		} else {
			page.Past = append([]ownBooking{s.ownBooking(c, b)}, page.Past...)
		}
	}
	return s.show(c, status, "family/space", page)
}

// addFamily shows who belongs to the family and what they said.
func (s *Server) addFamily(c *gin.Context, page *spacePage, v family.Space) {
	p, g := s.printer(c), v.Guardian
	for _, child := range v.Children {
		part := spaceChild{Name: child.FirstName + " " + child.LastName, Href: s.to(c, ownChildPath(child.ID, "")), Lines: s.childLines(c, child)}
		if child.Answer(family.Image) == family.Yes {
			part.ImageOff = s.to(c, ownChildPath(child.ID, "/photos/retirer"))
		}
		page.Children = append(page.Children, part)
		for _, asked := range child.Ask() {
			page.Asks = append(page.Asks, Link{s.to(c, ownChildPath(child.ID, askedAt[asked])), p.T("space.ask."+string(asked), child.FirstName)})
		}
		if child.Health.State == family.HealthToAsk {
			page.Asks = append(page.Asks, Link{s.to(c, ownChildPath(child.ID, "/sante")), p.T("space.ask.open_health", child.FirstName)})
		}
	}
	if g.Phone == "" {
		page.Asks = append(page.Asks, Link{s.to(c, "/compte/coordonnees"), p.T("space.ask.contact")})
	}
	emergency := p.T("space.emergency.me")
	if g.EmergencyName != "" {
		emergency = p.T("space.emergency.other", g.EmergencyName, g.EmergencyPhone)
	}
	email := g.Email
	if v.NewEmail != "" {
		email = p.T("space.email.both", g.Email, v.NewEmail)
	}
	page.You = []Answer{
		{p.T("space.line.name"), g.Name, s.to(c, "/compte/coordonnees")}, {p.T("space.line.phone"), g.Phone, s.to(c, "/compte/coordonnees")},
		{p.T("space.line.email"), email, s.to(c, "/compte/adresse")}, {p.T("space.line.emergency"), emergency, s.to(c, "/compte/urgence")},
		{p.T("space.line.language"), words.Lang(g.Language).Name(), s.to(c, "/compte/langue")},
		{p.T("space.line.newsletter"), p.T("space.newsletter.is_" + string(v.Newsletter)), s.to(c, "/compte/nouvelles")},
	}
}

// askedAt is where the questions are answered whose text may change.
var askedAt = map[family.Purpose]string{family.Image: "/photos", family.LeaveAlone: "/depart", family.HealthText: "/sante"}

func (s *Server) ownBooking(c *gin.Context, b booking.FamilyBooking) ownBooking {
	p := s.printer(c)
	v := ownBooking{Session: newBookedSession(b.Session)}
	if b.Link != (booking.Link{}) {
		v.Href = s.to(c, bookingPath(b.Link))
	}
	for _, child := range b.Children {
		state := p.T("booking.state." + child.Status)
		if child.Rank > 0 {
			state = p.T("booking.state.ranked", p.Ordinal(child.Rank))
		}
		v.Children = append(v.Children, bookedChild{
			Name: child.FirstName + " " + child.LastName, State: Badge{Tone: bookingTones[child.Status], Label: state},
		})
	}
	return v
}

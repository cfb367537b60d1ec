package web

import (
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// eraseFamilyPage asks before the guardian who made a booking is erased for good, and says what goes and what stays (ACC-6).
type eraseFamilyPage struct {
	DeskHead
	Reference              string
	Erased                 bool // it was done: nothing more is known
	Guardian, Email, Phone string
	Going                  []string // children who are erased too
	Staying                []string // children of another guardian as well
	Cancelled              []erasedBooking
	Others                 []Link // bookings of others under the same address
	Busy                   *Notice
	Action, Back           string
	Key                    FormKey
}

// erasedBooking is a booking that is given up, with the children it is for.
type erasedBooking struct {
	Session  bookedSession
	Children []string
}

// leftName names, in the query, a booking that stays.
const leftName = "reste"

func eraseFamilyPath(reference string) string {
	return "/equipe/inscriptions/" + reference + "/effacer"
}

func getEraseFamily(s *Server, c *gin.Context) error {
	return s.showEraseFamily(c, http.StatusOK, nil)
}

func (s *Server) showEraseFamily(c *gin.Context, status int, problem *fault.Error) error {
	e, err := s.Bookings.Erasure(c.Request.Context(), s.actor(c), c.Param("reference"))
	if err != nil {
		return err
	}
	p := s.words
	page := &eraseFamilyPage{
		DeskHead: s.deskHead(c, p.T("erase.title")), Reference: e.Reference, Erased: e.Erased,
		Guardian: e.Guardian.Name, Email: e.Guardian.Email, Phone: e.Guardian.Phone, Cancelled: erasedBookings(e.Cancelled),
		Action: eraseFamilyPath(e.Reference), Back: deskBookingPath(e.Reference), Key: s.newKey(c, "erase-family"),
	}
	if e.Erased {
		page.Title = p.T("erase.family")
	}
	for _, child := range e.Children {
		list := &page.Going
		if child.Stays {
			list = &page.Staying
		}
		*list = append(*list, child.FirstName+" "+child.LastName)
	}
	others := e.Others
	if e.Erased {
		if others, err = s.leftOver(c); err != nil {
			return err
		}
	}
	for _, reference := range others {
		page.Others = append(page.Others, Link{Href: eraseFamilyPath(reference), Label: reference})
	}
	if !e.BusyUntil.IsZero() {
		page.Busy = &Notice{Tone: ToneWarning, Title: p.T("booking.erase_busy", e.BusyUntil)}
	} else if problem != nil {
		explain(p, &page.Page, problem)
	}
	return s.show(c, status, "equipe/erase_family", page)
}

// leftOver are the bookings that stayed under the address of a family that was just erased, as the redirect names them: the
// address is gone, and nothing else knows. What is no booking, or was erased since, is left out.
func (s *Server) leftOver(c *gin.Context) (references []string, err error) {
	for _, reference := range c.QueryArray(leftName) {
		other, err := s.Bookings.Erasure(c.Request.Context(), s.actor(c), reference)
		switch {
		case fault.KindOf(err) == fault.NotFound:
		case err != nil:
			return nil, err
		case !other.Erased:
			references = append(references, reference)
		}
	}
	return references, nil
}

func erasedBookings(groups []booking.Group) (list []erasedBooking) {
	for _, g := range groups {
		b := erasedBooking{Session: newBookedSession(g.Session)}
		for _, child := range g.Children {
			if child.Live() {
				b.Children = append(b.Children, child.FirstName)
			}
		}
		list = append(list, b)
	}
	return list
}

func postEraseFamily(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	return s.submit(c, deskForm{
		purpose: "erase-family",
		do: func(_ url.Values, key account.FormKey) (string, error) {
			others, err := s.Privacy.EraseFamily(c.Request.Context(), s.actor(c), key, reference)
			return eraseFamilyPath(reference) + "?" + url.Values{"fait": {"effacee"}, leftName: others}.Encode(), err
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showEraseFamily(c, status, problem)
		},
	})
}

package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// bookingFiguresPage asks what funders want to know, after the seat is secured; every answer may be left out.
type bookingFiguresPage struct {
	Page
	Reference string
	Children  []figuresFields
	Back      string
	Key       FormKey
}

type figuresFields struct {
	Legend     string
	Gender     Choices
	PostalCode Field
	QPV        Choices
	QPVHow     Choices
}

type figuresForm struct {
	Gender     string `form:"gender" validate:"omitempty,oneof=girl boy other unsaid" msg:"booking.figures.choice"`
	PostalCode string `form:"postal_code" validate:"omitempty,len=5,number" msg:"booking.figures.postal_code.wrong"`
	QPV        string `form:"qpv" validate:"omitempty,oneof=yes no unknown" msg:"booking.figures.choice"`
}

// lookedUp says that a family looked on the map whether its address is in a priority district (UX-A8).
const lookedUp = "looked_up"

// getBookingFigures shows the optional questions.
func getBookingFigures(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	return s.showFigures(c, http.StatusOK, g, url.Values{}, nil)
}

// postBookingFigures keeps what was answered; nothing is required.
func postBookingFigures(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	given := map[int64]family.Figures{}
	wrong := map[string]fault.Message{}
	for _, child := range g.Children {
		if !child.Live() {
			continue
		}
		suffix := "_" + strconv.FormatInt(child.BookingID, 10)
		f := figuresForm{form.Get("gender" + suffix), form.Get("postal_code" + suffix), form.Get("qpv" + suffix)}
		for name, m := range checkForm(f) {
			wrong[name+suffix] = m
		}
		given[child.BookingID] = family.Figures{Gender: answered(f.Gender), PostalCode: answered(f.PostalCode), QPV: answered(f.QPV), LookedUp: form.Get("qpv_how"+suffix) == lookedUp}
	}
	if len(wrong) > 0 {
		return s.showFigures(c, http.StatusUnprocessableEntity, g, form, fault.InvalidFields(wrong))
	}
	return s.bookingChange(c, func(key account.FormKey) error {
		return s.Bookings.SetFigures(c.Request.Context(), s.actor(c), key, bookingLink(c), given)
	})
}

// answered is nil for an answer that was left out.
func answered(answer string) *string {
	if answer == "" {
		return nil
	}
	return &answer
}

func (s *Server) showFigures(c *gin.Context, status int, g booking.Group, form url.Values, problem *fault.Error) error {
	if g.ByYoung && !g.ViaMail {
		return fault.New(fault.NotFound, "error.not_found") // as SetFigures says
	}
	p := s.words
	page := &bookingFiguresPage{
		Page: s.newPage(c, p.T("booking.figures.title")), Reference: g.Reference,
		Back: bookingPath(bookingLink(c)), Key: s.newKey(c, "booking"),
	}
	for _, child := range g.Children {
		if !child.Live() {
			continue
		}
		n := "_" + strconv.FormatInt(child.BookingID, 10)
		page.Children = append(page.Children, figuresFields{
			Legend: child.FirstName,
			Gender: Choices{Name: "gender" + n, Legend: p.T("booking.figures.gender"), Hint: p.T("booking.figures.gender.hint"), Optional: true, Options: choose([]Option{
				{Value: "girl", Label: p.T("booking.figures.gender.girl")}, {Value: "boy", Label: p.T("booking.figures.gender.boy")},
				{Value: "other", Label: p.T("booking.figures.gender.other")}, {Value: "unsaid", Label: p.T("booking.figures.gender.unsaid")},
			}, form.Get("gender"+n))},
			PostalCode: Field{Name: "postal_code" + n, Label: p.T("booking.figures.postal_code"), Value: form.Get("postal_code" + n), Optional: true,
				Autocomplete: "postal-code", InputMode: "numeric", Width: WidthShort},
			QPV: Choices{Name: "qpv" + n, Legend: p.T("booking.figures.qpv"), Hint: p.T("booking.figures.qpv.hint"), Optional: true, Inline: true, Options: choose([]Option{
				{Value: "yes", Label: p.T("booking.figures.qpv.yes")}, {Value: "no", Label: p.T("booking.figures.qpv.no")},
				{Value: "unknown", Label: p.T("booking.figures.qpv.unknown")},
			}, form.Get("qpv"+n))},
			QPVHow: Choices{Name: "qpv_how" + n, Legend: p.T("booking.figures.qpv.how"), Many: true, Optional: true,
				Options: choose([]Option{{Value: lookedUp, Label: p.T("booking.figures.qpv.looked_up")}}, form.Get("qpv_how"+n))},
		})
	}
	var controls []control
	for i := range page.Children {
		controls = append(controls, &page.Children[i].Gender, &page.Children[i].PostalCode, &page.Children[i].QPV, &page.Children[i].QPVHow)
	}
	if problem != nil {
		explain(p, &page.Page, problem, controls...)
	}
	return s.show(c, status, "booking/figures", page)
}

package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// priceTag is what a session costs in a few words, for lists.
func priceTag(p *words.Printer, pricing catalog.Pricing, cents int) string {
	switch {
	case pricing.Free(cents):
		return p.T("ui.free")
	case pricing.Way == catalog.PerSeries:
		return p.T("price.tag.series", p.Money(cents))
	case pricing.Way == catalog.Chosen && pricing.MinCents > 0:
		return p.T("price.tag.chosen", p.Money(pricing.MinCents))
	case pricing.Way == catalog.Chosen:
		return p.T("price.tag.chosen.any")
	}
	return p.Money(cents)
}

// priceSentence is what a session costs, for the page on which a family makes up its mind.
func priceSentence(p *words.Printer, pricing catalog.Pricing, cents int) string {
	switch {
	case pricing.Free(cents):
		return p.T("ui.free")
	case pricing.Way == catalog.PerSeries:
		return p.T("price.sentence.series", p.Money(cents))
	case pricing.Way == catalog.Chosen:
		steps := make([]string, len(pricing.Steps))
		for i, step := range pricing.Steps {
			steps[i] = p.Money(step)
		}
		last := len(steps) - 1
		amounts := p.T("price.sentence.or", strings.Join(steps[:last], ", "), steps[last])
		if pricing.MinCents == 0 {
			return p.T("price.sentence.chosen.any", amounts)
		}
		return p.T("price.sentence.chosen", amounts, p.Money(pricing.MinCents))
	}
	return p.T("catalog.show.price", p.Money(cents))
}

// priceWords says what seats cost together and how it is paid; price is what was chosen for a seat, nil for what the session says.
func (s *Server) priceWords(seats int, session booking.Session, price *int) string {
	return s.pricedWords("booking.price.link", seats, session, price)
}

// bookedPriceWords is priceWords for the seats of a booking: what is paid online no longer waits for anything.
func (s *Server) bookedPriceWords(g booking.Group) string {
	return s.pricedWords("booking.price.link.booked", g.Paying(), g.Session, g.SeatPrice)
}

// pricedWords is priceWords with the words for what is paid online.
func (s *Server) pricedWords(online string, seats int, session booking.Session, price *int) string {
	p := s.words
	cents := session.PriceCents
	if price != nil {
		cents = *price
	}
	amount := p.Money(max(seats, 1) * cents)
	switch {
	case cents == 0:
		return p.T("booking.price.free")
	case session.Pricing.Way == catalog.PerSeries:
		amount = p.N("price.series.amount", max(seats, 1), amount)
	}
	if session.PaymentURL != "" {
		return p.T(online, amount)
	}
	return p.T("booking.price.spot", amount)
}

// chosenWords says how what a family chooses is paid.
func (s *Server) chosenWords(session booking.Session) string {
	if session.PaymentURL != "" {
		return s.words.T("price.choice.link")
	}
	return s.words.T("price.choice.spot")
}

// otherTariff is the answer of a family that writes an amount of its own.
const otherTariff = "other"

// tariffQuestion asks a family what it pays for a seat, and the box for an amount of its own.
type tariffQuestion struct {
	Choices Choices
	Other   Field
}

// tariffQuestion asks what a seat of the session costs; nil where that is not for the family to say.
func (s *Server) tariffQuestion(session booking.Session, form url.Values, chosen int) *tariffQuestion {
	if session.Pricing.Way != catalog.Chosen {
		return nil
	}
	p := s.words
	q := &tariffQuestion{
		Choices: Choices{Name: booking.TariffField, Legend: p.T("price.choice.legend"), Hint: p.T("price.choice.hint")},
		Other: Field{Name: booking.TariffField + "_other", Label: p.T("price.choice.other.label"), Value: form.Get(booking.TariffField + "_other"),
			InputMode: "decimal", Width: WidthShort, Autocomplete: "off", Optional: true},
	}
	if least := session.Pricing.MinCents; least > 0 {
		q.Other.Hint = p.T("price.choice.other.least", p.Money(least))
	}
	answer := form.Get(booking.TariffField)
	if answer == "" {
		answer = strconv.Itoa(chosen)
		if !slices.Contains(session.Pricing.Steps, chosen) {
			answer, q.Other.Value = otherTariff, settings.WriteEuros(chosen)
		}
	}
	for _, step := range session.Pricing.Steps {
		label := p.Money(step)
		if step == 0 {
			label = p.T("ui.free")
		}
		q.Choices.Options = append(q.Choices.Options, Option{Value: strconv.Itoa(step), Label: label})
	}
	q.Choices.Options = choose(append(q.Choices.Options, Option{Value: otherTariff, Label: p.T("price.choice.other"), Reveals: true}), answer)
	return q
}

// chosenTariff reads the answer to a tariffQuestion: nil without one, -1 for what is no amount. Whether it is enough, and whether
// there is anything to choose, package booking says.
func chosenTariff(form url.Values) *int {
	answer := form.Get(booking.TariffField)
	if answer == "" {
		return nil
	}
	cents, err := strconv.Atoi(answer)
	if answer == otherTariff {
		cents, err = euros(form.Get(booking.TariffField+"_other")), nil
	}
	if err != nil {
		cents = -1
	}
	return &cents
}

// wrongTariff is a refusal of what a family chose, beside the box in which it wrote; nil where err is none.
func wrongTariff(form url.Values, err error) *fault.Error {
	f, ok := fault.As(err)
	if !ok || f.Fields[booking.TariffField].Key == "" {
		return nil
	}
	name := booking.TariffField
	if form.Get(name) == otherTariff {
		name += "_other"
	}
	return fault.InvalidFields(map[string]fault.Message{name: f.Fields[booking.TariffField]})
}

// bookingTariffPage changes what a family pays for the seats of a booking.
type bookingTariffPage struct {
	Page
	Session  bookedSession
	Question *tariffQuestion
	Action   string
	Back     string
	Key      FormKey
}

func tariffPath(l booking.Link) string { return bookingPath(l) + "/tarif" }

func getBookingTariff(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	if !s.config.Now().Before(g.Session.StartsAt) && g.Session.Pricing.Way == catalog.Chosen {
		return s.showBooking(c, http.StatusGone, g, &Notice{Tone: ToneWarning, Title: s.words.T("price.choice.late")})
	}
	return s.showTariff(c, http.StatusOK, g, url.Values{}, nil)
}

func (s *Server) showTariff(c *gin.Context, status int, g booking.Group, form url.Values, problem *fault.Error) error {
	page := &bookingTariffPage{
		Page: s.newPage(c, s.words.T("price.choice.title")), Session: newBookedSession(g.Session),
		Question: s.tariffQuestion(g.Session, form, g.SeatCents()),
		Action:   tariffPath(bookingLink(c)), Back: bookingPath(bookingLink(c)), Key: s.newKey(c, "booking"),
	}
	page.Section = SectionSessions
	if page.Question == nil {
		return s.showBooking(c, http.StatusOK, g, nil)
	}
	if problem != nil {
		explain(s.words, &page.Page, problem, &page.Question.Choices, &page.Question.Other)
	}
	return s.show(c, status, "booking/tariff", page)
}

func postBookingTariff(s *Server, c *gin.Context) error {
	g, err := s.findBooking(c)
	if err != nil {
		return err
	}
	form, err := readForm(c)
	if err != nil {
		return err
	}
	chosen := chosenTariff(form)
	if chosen == nil {
		chosen = new(-1)
	}
	key, err := s.checkKey(c, "booking", form)
	if err != nil {
		return err
	}
	err = s.Bookings.Choose(c.Request.Context(), s.actor(c), key, bookingLink(c), *chosen)
	if problem := wrongTariff(form, err); problem != nil {
		return s.showTariff(c, http.StatusUnprocessableEntity, g, form, problem)
	}
	if f, ok := fault.As(err); ok && (f.Kind == fault.Conflict || f.Kind == fault.Gone) {
		return s.showBookingNow(c, statuses[f.Kind], &Notice{Tone: ToneWarning, Title: s.words.Message(f.Message)})
	}
	if err != nil {
		return err
	}
	return seeOther(c, bookingPath(bookingLink(c)))
}

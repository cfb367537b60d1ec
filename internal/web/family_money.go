package web

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
)

const ownMoneyPath = "/compte/paiements"

func ownReceiptPath(id int64) string { return ownMoneyPath + "/" + idText(id) }

// ownMoneyPage is what a guardian paid and owes. Of another guardian's payments it shows nothing.
type ownMoneyPage struct {
	Page
	Back     string
	Owed     string
	Owes     bool
	Credit   string
	Units    string // how many seats are left on carnets; empty for none
	Seats    []moneySeat
	Payments []receiptLine
}

func getOwnMoney(s *Server, c *gin.Context) error {
	p, ctx, actor := s.words, c.Request.Context(), s.actor(c)
	b, err := s.Payments.Own(ctx, actor)
	if err != nil {
		return err
	}
	paid, err := s.Payments.Payments(ctx, actor, actor.ID)
	if err != nil {
		return err
	}
	page := &ownMoneyPage{Page: s.familyPage(c, p.T("money.own.title")), Back: familyStart, Owed: s.owedWords(b), Owes: b.OwedCents() > 0, Units: s.unitsWords(b)}
	if b.CreditCents > 0 {
		page.Credit = p.T("money.own.credit", p.Money(b.CreditCents))
	}
	for _, seat := range b.Seats {
		page.Seats = append([]moneySeat{s.moneySeat(seat)}, page.Seats...)
	}
	for _, x := range paid {
		when := ""
		if !x.Receipt.Forgotten() {
			when = p.T("money.own.paid", p.Birth(paperDay(x.Receipt.ReceivedOn)), s.paidIn(x))
		}
		page.Payments = append(page.Payments, s.receiptLine(x, ownReceiptPath(x.ID), when))
	}
	return s.show(c, http.StatusOK, "family/money", page)
}

// owedWords says how much is still to be paid, or that nothing is.
func (s *Server) owedWords(b payment.Balance) string {
	if owed := b.OwedCents(); owed > 0 {
		return s.words.T("money.own.owed", s.words.Money(owed))
	}
	return s.words.T("money.own.nothing")
}

// unitsWords says how many seats carnets still pay; empty for none.
func (s *Server) unitsWords(b payment.Balance) string {
	if n := b.UnitsLeft(); n > 0 {
		return s.words.N("money.own.left", n)
	}
	return ""
}

// ownMoneyWords are the lines about money at the start of the space of who is signed in.
func (s *Server) ownMoneyWords(c *gin.Context) ([]string, error) {
	b, err := s.Payments.Own(c.Request.Context(), s.actor(c))
	return filled(s.owedWords(b), s.unitsWords(b)), err
}

// settledWords says how far a booking that is not free is settled; empty while nothing is and its session has not begun.
func (s *Server) settledWords(v payment.Settled, begun bool) string {
	p := s.words
	switch {
	case v.Cents == 0: // its seats are in a series that is paid with another booking
		return p.T("money.series.held")
	case v.LeftCents == 0 && v.Units > 0 && v.PaidCents > 0:
		return p.N("money.booking.both", v.Units, p.Money(v.PaidCents))
	case v.LeftCents == 0 && v.Units > 0:
		return p.N("money.booking.carnet", v.Units)
	case v.LeftCents == 0:
		return p.T("money.booking.paid")
	case v.LeftCents < v.Cents, begun:
		return p.T("money.booking.rest", p.Money(v.LeftCents))
	}
	return ""
}

// inSeries counts the children of a booking by who is signed in for whom the series of its session is counted already.
func (s *Server) inSeries(c *gin.Context, v bookingVisit) (n int, err error) {
	if !v.own || v.session.Pricing.Way != catalog.PerSeries {
		return 0, nil
	}
	held, err := s.Bookings.InSeries(c.Request.Context(), s.actor(c), v.session.ID)
	for _, child := range v.answers.Children {
		if slices.Contains(held, child.ID) {
			n++
		}
	}
	return n, err
}

// prepaidWords says how many seats of a booking by who is signed in a carnet pays, how many are left on it, what is paid in advance, and what is
// left of the price; empty where nothing of it is paid, or where some are priced otherwise. Seats are paid in the order in which they are booked.
func (s *Server) prepaidWords(c *gin.Context, v bookingVisit, also []alsoSession) (string, error) {
	if !v.own {
		return "", nil
	}
	var prices []int
	add := func(session booking.Session, seats int) bool {
		for range seats {
			prices = append(prices, session.PriceCents)
		}
		return session.Pricing.Way == catalog.PerSession && session.PriceCents > 0
	}
	if !add(v.session, min(len(v.answers.Children), v.open)) {
		return "", nil
	}
	for _, one := range also {
		if one.Question == nil && one.Note == "" && !add(one.session, one.missing) {
			return "", nil
		}
	}
	b, err := s.Payments.Own(c.Request.Context(), s.actor(c))
	left, rest := b.UnitsLeft(), 0
	uses := min(left, len(prices))
	for _, cents := range prices[uses:] {
		rest += cents
	}
	credit := min(b.CreditCents, rest)
	if err != nil || uses == 0 && credit == 0 {
		return "", err
	}
	var told []string
	if uses > 0 {
		told = append(told, s.words.N("money.check.carnet", left), s.words.N("money.check.one", uses))
	}
	if credit > 0 {
		told = append(told, s.words.T("money.check.credit", s.words.Money(b.CreditCents), s.words.Money(credit)))
	}
	if rest > credit {
		told = append(told, s.words.T("money.check.rest", s.words.Money(rest-credit)))
	}
	return joinSentences(told), nil
}

// ownReceiptPage is one payment with its receipt.
type ownReceiptPage struct {
	Page
	Back    string
	File    string
	State   Badge
	Receipt receiptView
}

func getOwnReceipt(s *Server, c *gin.Context) error {
	x, err := s.findPayment(c)
	if err != nil {
		return err
	}
	line := s.receiptLine(x, ownReceiptPath(x.ID), "")
	page := &ownReceiptPage{Page: s.familyPage(c, line.Name), Back: ownMoneyPath, File: line.File, State: line.State}
	if page.Receipt, err = s.newReceiptView(x.Receipt); err != nil {
		return err
	}
	return s.show(c, http.StatusOK, "family/receipt", page)
}

func getOwnReceiptFile(s *Server, c *gin.Context) error {
	x, err := s.findPayment(c)
	if err != nil {
		return err
	}
	if x.Receipt.Forgotten() {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return s.sendReceipt(c, x.Receipt)
}

// moneySeat is one seat that costs.
type moneySeat struct {
	Href  string // its booking, for the team
	Label string
	Cents int
	State Badge
	Late  bool
	ID    string
	// Count counts a seat that was given up late, or takes that back; nil for others.
	Count  *deskAct
	Button string
}

// receiptLine is one payment in a list.
type receiptLine struct {
	Href, Name string
	File       string
	Cents      int
	When       string
	State      Badge
}

// moneySeat is a seat as both the team and its family read it.
func (s *Server) moneySeat(seat payment.Seat) moneySeat {
	p := s.words
	label := p.T("money.line.seat.nameless", seat.Workshop, p.DateHour(seat.StartsAt))
	switch {
	case seat.Series != "" && seat.Child != "":
		label = p.T("money.line.series", seat.Series, seat.Child)
	case seat.Series != "":
		label = p.T("money.line.series.nameless", seat.Series)
	case seat.Child != "":
		label = p.T("money.line.seat", seat.Workshop, p.DateHour(seat.StartsAt), seat.Child)
	}
	line := moneySeat{Label: label, Cents: seat.Cents, Late: seat.Late, ID: idText(seat.BookingID), State: Badge{ToneDone, p.T("money.seat.paid")}}
	switch {
	case seat.CarnetID != 0:
		line.State.Label = p.T("money.seat.carnet")
	case seat.LeftCents() > 0:
		line.State = Badge{ToneWaiting, p.T("money.seat.owed", p.Money(seat.LeftCents()))}
	}
	return line
}

// paidIn is how a payment was made; empty once that is forgotten.
func (s *Server) paidIn(x payment.FamilyPayment) string {
	if x.Receipt.Mode == "" {
		return ""
	}
	return s.words.T("money.mode." + string(x.Receipt.Mode))
}

func (s *Server) receiptLine(x payment.FamilyPayment, path, when string) receiptLine {
	line := receiptLine{Href: path, Name: s.words.T("money.receipt", x.Receipt.Number), Cents: x.Receipt.TotalCents, When: when, State: s.receiptState(x.Receipt)}
	if !x.Receipt.Forgotten() {
		line.File = path + "/recu.pdf"
	}
	return line
}

func (s *Server) receiptState(r payment.Receipt) Badge {
	if r.Reversed != "" {
		return Badge{ToneStopped, s.words.T("money.receipt.void")}
	}
	return Badge{ToneDone, s.words.T("money.receipt.valid")}
}

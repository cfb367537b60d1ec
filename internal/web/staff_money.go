package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
)

const (
	moneyPath        = "/equipe/paiements"
	moneyJournalPath = moneyPath + "/journal"
)

// shownPrefix begins the names of what a choice of the form costs, as it was shown beside it.
const shownPrefix = "shown_"

// payerMoneyPath is the page of what one family paid and owes. Where reference is not empty, its form begins with that booking.
func payerMoneyPath(guardianID int64, reference string) string {
	path := moneyPath + "/familles/" + idText(guardianID)
	if reference != "" {
		path += "?pour=" + url.QueryEscape(reference)
	}
	return path
}

// moneyOf is payerMoneyPath without a booking.
func moneyOf(guardianID int64) string { return payerMoneyPath(guardianID, "") }

// bookingMoneyPath is where what is paid for a booking is noted.
func bookingMoneyPath(reference string) string { return deskBookingPath(reference) + "/encaisser" }

func receiptPath(paymentID int64) string { return moneyPath + "/recus/" + idText(paymentID) }

// moneyView is one of the lists about money.
type moneyView struct {
	Href, Label, Current string
}

// moneyViews lead from one list to the others.
func (s *Server) moneyViews(c *gin.Context) (views []moneyView) {
	for _, v := range []Link{{moneyPath, s.words.T("money_desk.view.debts")}, {moneyJournalPath, s.words.T("money_desk.view.journal")}, {"/equipe/factures", s.words.T("money_desk.view.invoices")}} {
		view := moneyView{Href: v.Href, Label: v.Label}
		if c.Request.URL.Path == v.Href {
			view.Current = "page"
		}
		views = append(views, view)
	}
	return views
}

// moneyPage lists what families owe.
type moneyPage struct {
	DeskHead
	Views    []moneyView
	Search   Field
	Asked    bool
	Count    string // how many owe, and how much; empty for nobody
	Due      string
	Credit   string
	Units    string
	Families []debtLine
	More     bool
}

// debtLine is one family of the list.
type debtLine struct {
	Href       string
	Name       string
	Due, Owed  int
	Seats      int
	UnitsLeft  int
	NothingDue bool
}

func getMoney(s *Server, c *gin.Context) error {
	p, typed := s.words, c.Query("q")
	debts, err := s.Payments.Debts(c.Request.Context(), s.actor(c), typed)
	if err != nil {
		return err
	}
	page := &moneyPage{
		DeskHead: s.deskHead(c, p.T("money_desk.title")), Views: s.moneyViews(c), Asked: typed != "", More: debts.More,
		Search: Field{Name: "q", Label: p.T("money_desk.search"), Hint: p.T("money_desk.search.hint"), Value: typed, Optional: true, Autocomplete: "off"},
	}
	if debts.Count > 0 {
		page.Count = p.N("money_desk.count", debts.Count, p.Money(debts.OwedCents))
		page.Due = p.T("money_desk.due", p.Money(debts.DueCents))
	}
	if debts.CreditCents > 0 {
		page.Credit = p.T("money_desk.credit", p.Money(debts.CreditCents))
	}
	if debts.UnitsSold > 0 {
		page.Units = p.T("money_desk.units", debts.UnitsLeft, debts.UnitsSold)
	}
	for _, f := range debts.Families {
		page.Families = append(page.Families, debtLine{Href: payerMoneyPath(f.GuardianID, ""), Name: f.Name, Due: f.DueCents, Owed: f.OwedCents, Seats: f.Seats, UnitsLeft: f.UnitsLeft,
			NothingDue: f.OwedCents == 0})
	}
	return s.show(c, http.StatusOK, "equipe/money", page)
}

// payerMoneyPage is what one family paid and owes, with the form that notes what it pays now.
type payerMoneyPage struct {
	DeskHead
	Name      string
	Phone     string
	Digits    string
	Owed      string
	Credit    string
	Units     string
	Collect   *deskAct    // nil where nothing can be noted
	OwedCents int         // as the form shows it
	Shown     []keptField // what each choice costs, as the form shows it
	For       Choices
	Cents     Field
	Mode      Select
	Reference Field
	On        Field
	Advance   *Option // keeps what is more than is owed; nil where nobody gave more
	Seats     []moneySeat
	Payments  []receiptLine
}

func getPayerMoney(s *Server, c *gin.Context) error {
	return s.showPayerMoney(c, http.StatusOK, nil, nil)
}

// getBookingMoney leads from a booking to the money of who booked, with that booking chosen.
func getBookingMoney(s *Server, c *gin.Context) error {
	reference := c.Param("reference")
	guardian, err := s.Payments.PayerOf(c.Request.Context(), s.actor(c), reference)
	if err != nil {
		return err
	}
	return seeOther(c, payerMoneyPath(guardian, reference))
}

func (s *Server) showPayerMoney(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.showMoneyOf(c, status, id, form, problem)
}

// showMoneyOf shows the page; form is a payment that was not kept, with what is wrong. NotFound for a record that joined another one, whose money is
// that of the other (see followMerge).
func (s *Server) showMoneyOf(c *gin.Context, status int, id int64, form url.Values, problem *fault.Error) error {
	p, ctx, actor := s.words, c.Request.Context(), s.actor(c)
	f, err := s.Payments.OfFamily(ctx, actor, id)
	if err != nil {
		return err
	}
	paid, err := s.Payments.Payments(ctx, actor, id)
	if err != nil {
		return err
	}
	name := f.Name
	if name == "" {
		if into, err := s.Families.Joined(ctx, actor, id); err != nil || into != 0 {
			return cmp.Or(err, error(fault.New(fault.NotFound, "error.not_found")))
		}
		name = p.T("money_desk.erased")
	}
	page := &payerMoneyPage{DeskHead: s.deskHead(c, p.T("money_desk.of", name)), Name: name, Phone: f.Phone, Digits: phoneDigits(f.Phone), Owed: p.T("money_desk.settled")}
	if owed := f.OwedCents(); owed > 0 {
		page.Owed = p.T("money_desk.owes", p.Money(owed))
	}
	if f.CreditCents > 0 {
		page.Credit = p.T("money_desk.credit", p.Money(f.CreditCents))
	}
	if n := f.UnitsLeft(); n > 0 {
		page.Units = p.N("money_desk.units.left", n)
	}
	for _, seat := range f.Seats {
		line := s.moneySeat(seat)
		line.Href = deskBookingPath(seat.Reference)
		if seat.Late {
			act := s.deskAct(c, "uncharge", payerMoneyPath(id, "")+"/decompter")
			line.Count, line.Button = &act, p.T("money_desk.uncharge")
		}
		page.Seats = append([]moneySeat{line}, page.Seats...)
	}
	for _, seat := range f.Countable {
		line := s.moneySeat(seat)
		act := s.deskAct(c, "charge", payerMoneyPath(id, "")+"/compter")
		line.Href, line.Late, line.State, line.Count, line.Button = deskBookingPath(seat.Reference), false, Badge{ToneStopped, p.T("money_desk.late")}, &act, p.T("money_desk.charge")
		page.Seats = append(page.Seats, line)
	}
	for _, x := range paid {
		page.Payments = append(page.Payments, s.receiptLine(x, receiptPath(x.ID), p.T("money_desk.payment.by", p.Birth(paperDay(x.Receipt.ReceivedOn)), s.paidIn(x), x.By)))
	}
	if f.Name != "" {
		if err := s.addCollect(c, page, f, form); err != nil {
			return err
		}
	}
	if problem != nil {
		if more := problem.Fields["cents"].Key; more == "money.advance" || more == "money.advance_all" {
			cents := euros(form.Get("cents")) - f.OwedCents()
			page.Advance = &Option{Value: strconv.Itoa(cents), Label: p.T("money_desk.advance", p.Money(cents))}
		}
		explain(p, &page.Page, problem, &page.For, &page.Cents, &page.Mode, &page.Reference, &page.On)
		s.leadToNumbers(&page.Page, problem)
	}
	return s.show(c, status, "equipe/payer_money", page)
}

// addCollect fills the form that notes a payment: what for, of what is owed, and how much of it.
func (s *Server) addCollect(c *gin.Context, page *payerMoneyPage, f payment.Family, form url.Values) error {
	p := s.words
	today, err := s.officeDay()
	if err != nil {
		return err
	}
	units, price, err := s.Payments.CarnetOnSale(c.Request.Context())
	if err != nil {
		return err
	}
	all, owed := p.T("money_desk.for.advance"), f.OwedCents()
	if owed > 0 {
		all = p.T("money_desk.for.all", p.Money(owed))
	}
	options, chosen := []Option{{Value: payment.ForAll, Label: all}}, payment.ForAll
	show := func(what string, cents int) {
		page.Shown = append(page.Shown, keptField{Name: shownPrefix + what, Value: strconv.Itoa(cents)})
	}
	if owed > 0 {
		show(payment.ForAll, owed)
	}
	for i, seat := range f.Seats {
		left := f.OfGroup(seat.GroupID).LeftCents
		same := func(other payment.Seat) bool { return other.GroupID == seat.GroupID && other.LeftCents() > 0 }
		if left == 0 || slices.ContainsFunc(f.Seats[:i], same) || !same(seat) {
			continue
		}
		var names []string
		for _, other := range f.Seats[i:] {
			if same(other) {
				names = append(names, other.Child)
			}
		}
		seat.Child = p.List(names)
		options = append(options, Option{Value: seat.Reference, Label: p.T("money_desk.for.one", s.moneySeat(seat).Label, p.Money(left))})
		show(seat.Reference, left)
		if c.Query("pour") == seat.Reference {
			chosen = seat.Reference
		}
	}
	if price > 0 {
		options = append(options, Option{Value: payment.ForCarnet, Label: p.T("money_desk.for.carnet", units, p.Money(price))})
		show(payment.ForCarnet, price)
	}
	act := s.deskAct(c, "collect", payerMoneyPath(f.GuardianID, ""))
	page.Collect, page.OwedCents = &act, owed
	page.For = Choices{Name: "for", Legend: p.T("money_desk.for"), Hint: p.T("money_desk.for.hint"), Options: choose(options, typedOr(form, "for", chosen))}
	page.Cents = Field{Name: "cents", Label: p.T("school_money.payment.cents"), Value: form.Get("cents"), InputMode: "decimal", Width: WidthShort, Autocomplete: "off"}
	if len(page.Shown) > 0 {
		page.Cents.Optional, page.Cents.Hint = true, p.T("money_desk.cents.hint")
	}
	page.Mode = Select{Name: "mode", Label: p.T("school_money.payment.mode"), Empty: p.T("money_desk.mode.choose"), Options: choose(s.modeOptions(payment.FamilyModes()), form.Get("mode"))}
	page.Reference = Field{Name: "reference", Label: p.T("school_money.payment.reference"), Hint: p.T("money_desk.reference.hint"), Value: form.Get("reference"), Optional: true, Width: WidthMedium, Autocomplete: "off"}
	page.On = Field{Name: "received_on", Label: p.T("school_money.payment.on"), Hint: p.T("school_money.accept.stated_on.hint"), Value: typedOr(form, "received_on", today.Format("02/01/2006")), Width: WidthMedium, Autocomplete: "off"}
	return nil
}

func (s *Server) modeOptions(modes []payment.Mode) (options []Option) {
	for _, mode := range modes {
		options = append(options, Option{Value: string(mode), Label: s.words.T("money.mode." + string(mode))})
	}
	return options
}

func postPayerMoney(s *Server, c *gin.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	err = s.submit(c, deskForm{
		purpose: "collect",
		do: func(form url.Values, key account.FormKey) (string, error) {
			n := payment.Collected{For: form.Get("for"), OwedCents: shownNumber(form.Get("owed")), New: payment.New{
				Cents: euros(form.Get("cents")), Mode: payment.Mode(form.Get("mode")), Reference: form.Get("reference"), ReceivedOn: form.Get("received_on")}}
			advance, _ := strconv.Atoi(form.Get("advance"))
			n.AdvanceCents = &advance
			if strings.TrimSpace(form.Get("cents")) == "" {
				n.ShownCents = shownNumber(form.Get(shownPrefix + n.For))
			}
			_, err := s.Payments.Collect(c.Request.Context(), s.actor(c), key, id, n)
			return payerMoneyPath(id, "") + "?fait=encaisse", err
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showPayerMoney(c, status, form, problem)
		},
		made: func(string) string { return payerMoneyPath(id, "") },
	})
	if !fault.Is(err, fault.Gone, "money.erased") {
		return err
	}
	// A colleague has made one record of two meanwhile: what was typed stands in the form of the one that stays.
	return s.ifJoined(c, err, func(into int64) error {
		return s.showMoneyOf(c, http.StatusConflict, into, c.Request.PostForm, fault.New(fault.Conflict, "money.joined"))
	})
}

// shownNumber is a number that a form says its page showed, such as what was owed; nil where it says none.
func shownNumber(typed string) *int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return nil
	}
	return &n
}

func postCharge(s *Server, c *gin.Context) error {
	return s.countLate(c, "charge", "comptee", s.Payments.Charge)
}

func postUncharge(s *Server, c *gin.Context) error {
	return s.countLate(c, "uncharge", "decomptee", s.Payments.Uncharge)
}

// countLate does what the team decided about a seat of a family that was given up late.
func (s *Server) countLate(c *gin.Context, purpose, done string, decide func(ctx context.Context, actor account.Actor, key account.FormKey, guardianID, bookingID int64) error) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: purpose,
		do: func(form url.Values, key account.FormKey) (string, error) {
			return payerMoneyPath(id, "") + "?fait=" + done, decide(c.Request.Context(), s.actor(c), key, id, rowID(form.Get("booking")))
		},
		again: func(status int, _ url.Values, problem *fault.Error) error {
			return s.showPayerMoney(c, status, nil, problem)
		},
	})
}

// receiptPage is one payment for the team: its receipt, and the form that takes it back.
type receiptPage struct {
	DeskHead
	Back    string
	File    string // empty once there is nothing to print
	State   Badge
	When    string
	Receipt receiptView
	Reverse *deskAct // nil where it cannot be taken back
	Reason  Choices
	Button  string
}

func getReceipt(s *Server, c *gin.Context) error { return s.showReceipt(c, http.StatusOK, nil, nil) }

func (s *Server) findPayment(c *gin.Context) (payment.FamilyPayment, error) {
	id, err := pathID(c, "recu")
	if err != nil {
		return payment.FamilyPayment{}, err
	}
	return s.Payments.Payment(c.Request.Context(), s.actor(c), id)
}

func (s *Server) showReceipt(c *gin.Context, status int, form url.Values, problem *fault.Error) error {
	p := s.words
	x, err := s.findPayment(c)
	if err != nil {
		return err
	}
	line := s.receiptLine(x, receiptPath(x.ID), "")
	page := &receiptPage{DeskHead: s.deskHead(c, line.Name), Back: payerMoneyPath(x.GuardianID, ""), File: line.File, State: line.State}
	if on := paperDay(x.Receipt.ReceivedOn); !on.IsZero() {
		page.When = p.T("money_desk.payment.by", p.Birth(on), s.paidIn(x), x.By)
	}
	if page.Receipt, err = s.newReceiptView(x.Receipt); err != nil {
		return err
	}
	if x.Receipt.Reversed == "" {
		act := s.deskAct(c, "take-back", receiptPath(x.ID)+"/annuler")
		page.Reverse, page.Button = &act, p.T("money_desk.reverse.do", p.Money(x.Receipt.TotalCents))
		page.Reason = Choices{Name: "reason", Legend: p.T("money_desk.reverse.why")}
		for _, reason := range payment.Reasons() {
			page.Reason.Options = append(page.Reason.Options, Option{Value: string(reason), Label: p.T("money_desk.why." + string(reason))})
		}
		page.Reason.Options = choose(page.Reason.Options, form.Get("reason"))
	}
	if problem != nil {
		explain(p, &page.Page, problem, &page.Reason)
	}
	return s.show(c, status, "equipe/receipt", page)
}

func getReceiptFile(s *Server, c *gin.Context) error {
	x, err := s.findPayment(c)
	if err != nil {
		return err
	}
	if x.Receipt.Forgotten() {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return s.sendReceipt(c, x.Receipt)
}

func postTakeBack(s *Server, c *gin.Context) error {
	x, err := s.findPayment(c)
	if err != nil {
		return err
	}
	return s.submit(c, deskForm{
		purpose: "take-back",
		do: func(form url.Values, key account.FormKey) (string, error) {
			return payerMoneyPath(x.GuardianID, "") + "?fait=repris", s.Payments.TakeBack(c.Request.Context(), s.actor(c), key, x.ID, payment.Reason(form.Get("reason")))
		},
		again: func(status int, form url.Values, problem *fault.Error) error {
			return s.showReceipt(c, status, form, problem)
		},
	})
}

package web

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

var paperKinds = map[school.BillKind]document.BillKind{
	school.KindQuote: document.Quote, school.KindInvoice: document.Invoice, school.KindCreditNote: document.CreditNote,
}

// BillPaper is a frozen quote, invoice or credit note as it is printed.
func BillPaper(lang words.Lang, b school.Bill) (document.Bill, error) {
	paper := document.Bill{
		Lang: lang, Kind: paperKinds[b.Kind], Number: b.Number, Version: b.Version, Credits: b.Credits,
		Date: paperDay(b.Date), ValidUntil: paperDay(b.ValidUntil), Due: paperDay(b.DueOn), MadeAt: paperDay(b.Date),
		Seller: document.Association(b.Seller),
		Client: paperParty(b.Client), Engagement: b.Engagement, Subject: b.Subject, Place: billPlaces(b), Level: b.Level, Children: b.Children,
		Total: b.TotalCents, VAT: b.VAT, Terms: b.Terms, Note: b.Note,
	}
	if b.Payer != nil {
		payer := paperParty(*b.Payer)
		payer.ServiceCode = b.Service
		paper.Payer = &payer
	} else {
		paper.Client.ServiceCode = b.Service
	}
	periods, err := billPeriods(b.Dates)
	if err != nil {
		return document.Bill{}, err
	}
	paper.Times = periods
	for _, l := range b.Lines {
		paper.Lines = append(paper.Lines, document.BillLine{Label: l.Label, Quantity: l.Quantity, Unit: l.UnitCents, Discount: l.Discount, Total: l.TotalCents})
	}
	return paper, nil
}

func paperParty(c school.Client) document.Party {
	return document.Party{Name: c.Name, Address: c.Address, Postcode: c.Postcode, City: c.City, UAI: c.UAI, SIRET: c.SIRET}
}

// paperDay reads a frozen day; an empty one is zero.
func paperDay(day string) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return t
}

// billPeriods are the sessions of a paper, each in the zone of its venue.
func billPeriods(dates []school.BillDate) (all []document.Period, err error) {
	for _, d := range dates {
		zone, err := catalog.LoadZone(d.Zone)
		if err != nil {
			return nil, err
		}
		start, err := time.Parse(time.RFC3339, d.StartsAt)
		if err != nil {
			return nil, err
		}
		end, err := time.Parse(time.RFC3339, d.EndsAt)
		if err != nil {
			return nil, err
		}
		all = append(all, document.Period{Start: start.In(zone), End: end.In(zone)})
	}
	return all, nil
}

// billPlaces are the venues of a paper on one line, each once.
func billPlaces(b school.Bill) string {
	var places []string
	for _, d := range b.Dates {
		places = append(places, d.Venue+", "+d.Address+", "+d.Postcode+" "+d.City)
	}
	return strings.Join(eachOnce(places), " · ")
}

// sendBill answers with a paper as a PDF, named after its number alone (SEC-44).
func (s *Server) sendBill(c *gin.Context, b school.Bill) error {
	paper, err := BillPaper(words.French, b)
	if err != nil {
		return err
	}
	if paper.Logo, err = s.Office.Logo(c.Request.Context()); err != nil {
		return err
	}
	var file bytes.Buffer
	if err := s.Press.Bill(c.Request.Context(), &file, paper); err != nil {
		return err
	}
	name := b.Number
	if b.Version > 1 {
		name += "-v" + strconv.Itoa(b.Version)
	}
	return sendFile(c, name+".pdf", "application/pdf", file.Bytes())
}

// billView is the HTML twin of a paper, in French as the paper is: the partial "bill".
type billView struct {
	Kind    string
	Number  string
	Version int
	Facts   []Answer
	Seller  billParty
	Client  billParty
	Payer   *billParty
	Lines   []billLine
	Total   int
	VAT     string
	Terms   string
	Note    string
}

type billParty struct {
	Role  string
	Name  string
	Lines []string
}

type billLine struct {
	Label     string
	Quantity  string
	Discount  string
	UnitCents int
	Cents     int
}

func (s *Server) newBillView(b school.Bill) (billView, error) {
	s = s.in(words.French)
	p := s.words
	sign := 1
	if b.Kind == school.KindCreditNote {
		sign = -1
	}
	v := billView{
		Kind: p.T("school_money.bill." + string(b.Kind)), Number: b.Number, Version: b.Version, Total: sign * b.TotalCents, VAT: b.VAT, Terms: b.Terms, Note: b.Note,
		Seller: sellerParty(p, p.T("school_money.bill.seller"), b.Seller),
		Client: s.billParty("school_money.bill.client", b.Client),
	}
	if b.Kind == school.KindInvoice {
		v.Seller.add(p, "school_money.bill.iban", document.InFours(b.Seller.IBAN))
	}
	if b.Payer != nil {
		payer := s.billParty("school_money.bill.payer", *b.Payer)
		v.Payer = &payer
	}
	fact := func(label, value string) {
		if value != "" {
			v.Facts = append(v.Facts, Answer{Label: p.T(label), Value: value})
		}
	}
	day := func(label, text string) {
		if t := paperDay(text); !t.IsZero() {
			fact(label, p.Birth(t))
		}
	}
	day("school_money.bill.date", b.Date)
	day("school_money.bill.valid_until", b.ValidUntil)
	day("school_money.bill.due", b.DueOn)
	fact("school_money.bill.credits", b.Credits)
	fact("school_money.bill.engagement", b.Engagement)
	fact("school_money.bill.service", b.Service)
	fact("school_money.bill.subject", b.Subject)
	fact("school_money.bill.level", p.N("school_money.bill.children", b.Children, b.Level))
	periods, err := billPeriods(b.Dates)
	if err != nil {
		return billView{}, err
	}
	var dates []string
	for _, d := range periods {
		dates = append(dates, p.Date(d.Start)+", "+p.Span(d.Start, d.End))
	}
	fact("school_money.bill.dates", strings.Join(dates, "\n"))
	fact("school_money.bill.place", billPlaces(b))
	for _, l := range b.Lines {
		line := billLine{Label: l.Label, Quantity: p.Decimal(l.Quantity), UnitCents: l.UnitCents, Cents: sign * l.TotalCents}
		if l.Discount > 0 {
			line.Discount = p.T("school_money.bill.percent", p.Decimal(l.Discount))
		}
		v.Lines = append(v.Lines, line)
	}
	return v, nil
}

func (s *Server) billParty(role string, c school.Client) billParty {
	v := billParty{Role: s.words.T(role), Name: c.Name, Lines: []string{c.Address, c.Postcode + " " + c.City}}
	v.add(s.words, "school_money.bill.uai", c.UAI)
	v.add(s.words, "school_money.bill.siret", c.SIRET)
	return v
}

// add adds a line that begins with its name, unless there is nothing to say.
func (b *billParty) add(p *words.Printer, label, value string) {
	if value != "" {
		b.Lines = append(b.Lines, p.T("school_money.bill.named", p.T(label), value))
	}
}

// typedHundredths reads what words.Printer.Decimal writes, with a comma or a point; -1 when it cannot be a number.
func typedHundredths(typed string) int {
	return euros(strings.TrimSuffix(strings.TrimSpace(typed), "%"))
}

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/payment"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// demoRequests is demo/requests.json.
type demoRequests struct {
	Settings map[string]string
	Kits     []catalog.Kit
	Requests []demoRequest
}

// demoRequest is one group request and how far it went. Days count from now.
type demoRequest struct {
	UAI                           string // of the directory; else what follows
	Kind                          school.Kind
	Name, Address, Postcode, City string

	Contact, Role, Email, Phone string
	Workshop                    string // its title; empty: Wish
	Wish, Level, Aim            string
	Children, Adults            int
	Funding                     settings.Funding
	Adage                       string
	Payer                       *school.Payer
	Engagement, Service         string // what Chorus Pro asks for

	Sent, Day    int
	Starts, Ends string
	Kit          string
	Lead         int // which of the facilitators leads
	Until        string
	Lines        []school.Line
	Pupils       []string
	Girls, Boys  int
	Rating       int
	Comment      string
}

// stages are how far a request of a demo goes, as Until names them.
var stages = []string{"received", "proposed", "quoted", "accepted", "agreed", "done", "invoiced", "closed"}

// reaches reports whether the request goes as far as a stage.
func (r demoRequest) reaches(stage string) bool {
	return slices.Index(stages, r.Until) >= slices.Index(stages, stage)
}

// requests lets organisations ask, and the team answer.
func (f *furnisher) requests() error {
	all, err := readDemo[demoRequests]("requests.json")
	if err != nil {
		return err
	}
	f.at(0)
	if err := account.NewOffice(f.db, f.secret).ChangeSettings(f.ctx, account.Command(), f.key(), all.Settings, nil); err != nil {
		return err
	}
	kits := map[string]int64{}
	for _, k := range all.Kits {
		if kits[k.Name], err = f.catalog.CreateKit(f.ctx, account.Command(), f.key(), k); err != nil {
			return err
		}
	}
	for _, r := range all.Requests {
		if err := f.request(r, kits); err != nil {
			return fmt.Errorf("the request of %s: %w", r.Contact, err)
		}
	}
	return nil
}

// demoPath is a request on its way.
type demoPath struct {
	*furnisher
	demoRequest
	id    int64
	link  school.Link
	staff account.Actor
	// session is the private session, once there is one.
	session catalog.Session
}

func (f *furnisher) request(r demoRequest, kits map[string]int64) error {
	p := &demoPath{furnisher: f, demoRequest: r,
		staff: account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}}
	steps := []struct {
		stage string
		days  float64 // after the request was sent
		do    func() error
	}{
		{"received", 0, p.send},
		{"proposed", 0.5, func() error { return p.propose(kits) }},
		{"quoted", 1, p.quote},
		{"accepted", 2, p.accept},
		{"agreed", 3, p.agree},
		{"done", 0, p.hold},
		{"invoiced", 0, p.invoice},
		{"closed", 0, p.settle},
	}
	sent := f.onDay(r.Sent, "10:20")
	for _, s := range steps {
		if !r.reaches(s.stage) {
			return nil
		}
		if s.stage != "done" && s.stage != "invoiced" && s.stage != "closed" {
			f.clock.Set(sent.Add(time.Duration(s.days * 24 * float64(time.Hour))))
		}
		if err := s.do(); err != nil {
			return fmt.Errorf("%s: %w", s.stage, explained(err))
		}
	}
	return nil
}

// explained adds the fields of a refusal, which its text leaves out.
func explained(err error) error {
	if f, ok := fault.As(err); ok && len(f.Fields) > 0 {
		return fmt.Errorf("%w: %v", err, f.Fields)
	}
	return err
}

// onDay is an hour of a day counted from now.
func (f *furnisher) onDay(days int, hour string) time.Time {
	day := f.now.AddDate(0, 0, days)
	h, m, _ := strings.Cut(hour, ":")
	hours, _ := strconv.Atoi(h)
	minutes, _ := strconv.Atoi(m)
	return time.Date(day.Year(), day.Month(), day.Day(), hours, minutes, 0, 0, f.zone)
}

func (p *demoPath) send() error {
	n := school.NewRequest{
		Organisation: school.Organisation{Kind: p.Kind, Name: p.Name, Address: p.Address, Postcode: p.Postcode, City: p.City},
		Contact:      school.Contact{Name: p.Contact, Role: p.Role, Email: p.Email, Phone: p.Phone},
		Wish:         p.Wish, Aim: p.Aim, Level: p.Level, Children: p.Children, Adults: p.Adults, Place: school.Theirs, Wifi: "unknown",
		Funding: p.Funding, Adage: p.Adage, Period: "Quand cela vous arrange, plutôt le matin.",
	}
	if n.Funding == "" {
		n.Funding = settings.OwnBudget
	}
	if p.UAI != "" {
		found, err := p.school.Search(p.ctx, p.UAI, 1)
		if err != nil || len(found) == 0 {
			return fmt.Errorf("the directory lacks %s: %w", p.UAI, err)
		}
		n.DirectoryID = found[0].ID
	}
	if p.Workshop != "" {
		workshops, err := p.catalog.Workshops(p.ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(workshops, func(w catalog.Workshop) bool { return w.Title == p.Workshop })
		if i < 0 {
			return fmt.Errorf("there is no workshop %q", p.Workshop)
		}
		n.WorkshopID = workshops[i].ID
	}
	if p.Day > 0 {
		day := p.onDay(p.Day, "00:00")
		n.Wanted = []school.WantedDate{{Day: time.Date(day.Year(), day.Month(), day.Day(), 0, 0, 0, 0, time.UTC), Half: "morning"}}
	}
	var err error
	if p.link, err = p.school.Send(p.ctx, account.Guest(), p.key(), school.DraftKey{}, n); err != nil {
		return err
	}
	status, err := p.school.Status(p.ctx, p.link)
	p.id = status.ID
	return err
}

func (p *demoPath) propose(kits map[string]int64) error {
	if err := p.school.Assign(p.ctx, p.staff, p.key(), p.id, nil, p.staff.ID); err != nil {
		return err
	}
	if p.Payer != nil {
		if err := p.school.SetPayer(p.ctx, p.staff, p.key(), p.id, p.Payer); err != nil {
			return err
		}
	}
	status, err := p.school.Status(p.ctx, p.link)
	if err != nil {
		return err
	}
	offer := school.Proposal{
		WorkshopID: status.WorkshopID, Capacity: p.Children, Each: true,
		Facilitators: []int64{p.users[account.Facilitator][p.Lead]},
	}
	for _, days := range []int{p.Day, p.Day + 1} {
		offer.Times = append(offer.Times, school.TypedTime{Date: p.onDay(days, "00:00").Format(time.DateOnly), Starts: p.Starts, Ends: p.Ends})
	}
	if p.Kit != "" {
		offer.Kits = []catalog.KitUse{{KitID: kits[p.Kit], Copies: 1}}
	}
	return p.school.Propose(p.ctx, p.staff, p.key(), p.id, offer)
}

func (p *demoPath) quote() error {
	dates, err := p.school.Dates(p.ctx, p.link)
	if err != nil {
		return err
	}
	if err := p.school.Choose(p.ctx, account.Guest(), p.key(), p.link, dates.Open()[0].ID); err != nil {
		return err
	}
	if dates, err = p.school.Dates(p.ctx, p.link); err != nil {
		return err
	}
	p.session = dates.Sessions[0]
	_, err = p.school.IssueQuote(p.ctx, p.staff, p.key(), p.id, school.QuoteText{Lines: p.Lines})
	return err
}

// accept lets whoever pays agree to the quote, and confirm it from the mailbox.
func (p *demoPath) accept() error {
	work, err := p.school.QuoteWork(p.ctx, p.staff, p.id)
	if err != nil {
		return err
	}
	visit, version := school.Visit{Party: school.ByContact, Link: p.link}, 1
	name, role := p.Contact, p.Role
	if work.Payer != nil {
		version = work.Payer.LinkVersion
		visit = school.Visit{Party: school.ByPayer, Link: p.school.Sign(school.LinkPayer, p.link.Reference, version)}
		name, role = "Élise Wójcik", "Adjointe à l'éducation"
	}
	return p.agreeTo(visit, version, school.Subject{Quote: work.Quotes[0].ID}, name, role)
}

func (p *demoPath) agreeTo(visit school.Visit, version int, to school.Subject, name, role string) error {
	id, err := p.school.Accept(p.ctx, p.key(), visit, to, school.Statement{
		Name: name, Role: role, StatedOn: p.clock.Now().In(p.zone).Format(time.DateOnly), Engagement: p.Engagement, Agreed: true})
	if err != nil {
		return err
	}
	return p.school.Confirm(p.ctx, p.key(), id, p.school.SignConfirmation(id, version))
}

// agree issues the agreement and lets the contact sign it; then the teacher writes the class list.
func (p *demoPath) agree() error {
	id, err := p.school.IssueAgreement(p.ctx, p.staff, p.key(), p.id, web.AgreementFacts(words.French))
	if err != nil {
		return err
	}
	if err := p.agreeTo(school.Visit{Party: school.ByContact, Link: p.link}, 1, school.Subject{Agreement: id}, p.Contact, p.Role); err != nil {
		return err
	}
	if len(p.Pupils) == 0 {
		return nil
	}
	return p.attendance.WriteClass(p.ctx, attendance.ForContact(p.id), p.key(), p.session.ID, p.Pupils)
}

// hold counts who came, once the session is over.
func (p *demoPath) hold() error {
	p.clock.Set(p.session.EndsAt.Add(10 * time.Minute))
	leader := account.Actor{Kind: account.KindUser, ID: p.users[account.Facilitator][p.Lead], Role: account.Facilitator}
	count := attendance.Headcount{Level: p.Level, Children: map[attendance.Gender]int{attendance.Girl: p.Girls, attendance.Boy: p.Boys}}
	if err := p.attendance.Count(p.ctx, leader, p.key(), p.session.ID, []attendance.Headcount{count}); err != nil {
		return err
	}
	p.clock.Set(p.session.EndsAt.Add(25 * time.Hour)) // until then a count may be corrected
	return p.school.Settle(p.ctx)
}

func (p *demoPath) invoice() error {
	p.clock.Set(p.clock.Now().Add(20 * time.Hour))
	work, err := p.school.InvoiceWork(p.ctx, p.staff, p.id)
	if err != nil {
		return err
	}
	text := work.Usual
	text.ServiceCode = cmp.Or(text.ServiceCode, p.Service)
	_, err = p.school.IssueInvoice(p.ctx, p.staff, p.key(), p.id, text)
	return err
}

// settle has the invoice paid and the two questions answered: nothing is left to do.
func (p *demoPath) settle() error {
	p.clock.Set(p.clock.Now().Add(5 * 24 * time.Hour))
	work, err := p.school.InvoiceWork(p.ctx, p.staff, p.id)
	if err != nil {
		return err
	}
	paid := work.Invoices[0]
	if err := p.payments.Record(p.ctx, p.staff, p.key(), p.id, paid.ID, payment.New{
		Cents: paid.TotalCents, Mode: "transfer", Reference: "Virement " + p.link.Reference, ReceivedOn: p.clock.Now().In(p.zone).Format(time.DateOnly)}); err != nil {
		return err
	}
	if err := p.school.GiveFeedback(p.ctx, p.key(), p.link, p.Rating, p.Comment); err != nil {
		return err
	}
	return p.school.Settle(p.ctx)
}

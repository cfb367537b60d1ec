package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/message"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
)

// demoFiles are what a demo is furnished with.
//
//go:embed demo
var demoFiles embed.FS

// demoPeople is demo/people.json.
type demoPeople struct {
	Password string
	Team     []demoMember
	Invited  demoMember
	Venue    struct {
		Access   string
		StepFree catalog.StepFree `json:"step_free"`
	}
	Families []demoFamily
}

type demoMember struct {
	Role               account.Role
	Email, Name, Phone string
}

type demoFamily struct {
	Name, Email, Phone string
	Children           []demoChild
}

type demoChild struct {
	First, Last string
	Age         int // now, and for the whole programme
	Image       family.Answer
	Health      string
	Alone       bool
	PickUp      []string
}

// show prints who can sign in, and where to look.
func (p *demoPeople) show(w world, base *url.URL) {
	w.say("Everything here is made up. Nothing is sent, and nothing is kept but in the folder that you named.\n")
	table := tabwriter.NewWriter(w.stdout, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ROLE\tE-MAIL\tPASSWORD\tNAME")
	for _, m := range p.Team {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", m.Role, m.Email, p.Password, m.Name)
	}
	_ = table.Flush()
	w.say("\nfamilies, at %s (the link comes among the mails): %s, %s", base.JoinPath("compte"), p.Families[0].Email, p.Families[4].Email)
	w.say("\nmails %s   clock %s   pieces %s", base.JoinPath("_mails"), base.JoinPath("_horloge"), base.JoinPath(web.GalleryPath))
}

// furnisher fills a database with what happened in the weeks before now, all of it by the rules: its clock starts in
// the past and goes from one event to the next.
type furnisher struct {
	*house
	ctx    context.Context
	clock  *movingClock
	now    time.Time
	zone   *time.Location
	people *demoPeople
	// users are the ids of the team, by role in the order of the file.
	users map[account.Role][]int64
}

// weeksBack is how long ago the story of a demo begins.
const weeksBack = 3

// full is the session of the programme that has more families than seats.
const full = 4

// booked is how many children book each of the other sessions, in the order of the programme.
var booked = []int{7, 5, 9, 3, 0, 10, 11, 4, 8, 2, 6, 5, 3, 1, 2, 0}

// furnish tells the story and leaves the clock where it was.
func (h *house) furnish(ctx context.Context, clock *movingClock) (*demoPeople, error) {
	zone, err := catalog.LoadZone("Europe/Paris")
	if err != nil {
		return nil, err
	}
	f := &furnisher{house: h, ctx: ctx, clock: clock, now: clock.Now().In(zone), zone: zone, users: map[account.Role][]int64{}}
	defer clock.Set(f.now)
	if f.people, err = readDemo[*demoPeople]("people.json"); err != nil {
		return nil, err
	}
	f.at(0)
	for _, step := range []func() error{f.team, f.holidays, f.programme, f.texts, f.signature, f.logo, f.schools, f.hours, f.ownSessions, f.money, f.requests, f.plan, f.invitation, f.certificates, f.secondRecords, f.message} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return f.people, nil
}

func readDemo[T any](name string) (content T, err error) {
	text, err := demoFiles.ReadFile("demo/" + name)
	if err != nil {
		return content, err
	}
	if err := json.Unmarshal(text, &content); err != nil {
		return content, fmt.Errorf("%s: %w", name, err)
	}
	return content, nil
}

// at moves the clock to a time after the beginning of the story.
func (f *furnisher) at(after time.Duration) {
	f.clock.Set(f.now.AddDate(0, 0, -7*weeksBack).Add(after))
}

// key is a form key for acting without a form.
func (f *furnisher) key() account.FormKey {
	return account.FormKey{Nonce: rand.Text(), Expires: f.clock.Now().Add(24 * time.Hour)}
}

func (f *furnisher) team() error {
	for _, m := range f.people.Team {
		id, err := account.AddUser(f.ctx, f.db, account.Command(), account.NewUser{
			Email: m.Email, Name: m.Name, Phone: m.Phone, Role: m.Role, Password: f.people.Password})
		if err != nil {
			return err
		}
		f.users[m.Role] = append(f.users[m.Role], id)
	}
	return nil
}

// invitation invites somebody who has not chosen a password yet.
func (f *furnisher) invitation() error {
	f.clock.Set(f.now.Add(-time.Hour))
	m := f.people.Invited
	_, err := account.NewOffice(f.db, f.secret).Invite(f.ctx, f.admin(), f.key(), account.NewUser{Email: m.Email, Name: m.Name, Phone: m.Phone, Role: m.Role})
	return err
}

func (f *furnisher) admin() account.Actor {
	return account.Actor{Kind: account.KindUser, ID: f.users[account.Admin][0], Name: f.people.Team[0].Name, Role: account.Admin}
}

// certificates notes certificates of honorability: one that counts, and one that ends in two weeks.
func (f *furnisher) certificates() error {
	office := account.NewOffice(f.db, f.secret)
	for _, c := range []struct {
		user int64
		on   time.Time
	}{{f.users[account.Admin][0], f.now.AddDate(0, -2, 0)}, {f.users[account.Facilitator][0], f.now.AddDate(0, -6, 14)}} {
		if err := office.SetCertificate(f.ctx, f.admin(), f.key(), c.user, c.on.Format(time.DateOnly)); err != nil {
			return err
		}
	}
	return nil
}

// programme moves the sessions of 2016 to the coming weeks, the first to the first Saturday after today.
func (f *furnisher) programme() error {
	file, err := demoFiles.ReadFile("demo/programme-2016.csv")
	if err != nil {
		return err
	}
	_, problems, err := importProgramme(f.ctx, f.catalog, file, catalog.ImportOptions{
		ShiftTo: f.now.AddDate(0, 0, 1).Format(time.DateOnly)})
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("programme-2016.csv has %d mistakes", len(problems))
	}
	return err
}

// holidays moves those of two school years to where the clock is, as the programme: the next months are known.
func (f *furnisher) holidays() error {
	file, err := demoFiles.ReadFile("demo/vacances-scolaires-2024-2026.csv")
	if err != nil {
		return err
	}
	holidays, problems, err := web.ReadHolidays(bytes.NewReader(file))
	if err != nil {
		return err
	}
	if len(problems) > 0 {
		return fmt.Errorf("vacances-scolaires-2024-2026.csv has %d mistakes", len(problems))
	}
	const year = 52 * 7 // days: they begin on the same weekdays
	last := slices.MaxFunc(holidays, func(a, b catalog.Holiday) int { return strings.Compare(a.LastDay, b.LastDay) })
	days := 0
	for enough := f.now.AddDate(0, 4, 0).Format(time.DateOnly); moveDay(last.LastDay, days) < enough; {
		days += year
	}
	for i, h := range holidays {
		holidays[i].FirstDay, holidays[i].LastDay = moveDay(h.FirstDay, days), moveDay(h.LastDay, days)
	}
	_, err = f.catalog.ImportHolidays(f.ctx, account.Command(), holidays, false)
	return err
}

// moveDay is a day that a file was read to hold, some days later.
func moveDay(day string, later int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return day
	}
	return t.AddDate(0, 0, later).Format(time.DateOnly)
}

// signature lets certificates bear the name of staff and a made-up signature.
func (f *furnisher) signature() error {
	file, err := demoFiles.ReadFile("demo/signature.png")
	if err != nil {
		return err
	}
	picture, err := settings.ReadSignature("signature.png", file)
	if err != nil {
		return err
	}
	staff := slices.IndexFunc(f.people.Team, func(m demoMember) bool { return m.Role == account.Staff })
	office := account.NewOffice(f.db, f.secret)
	if err := office.ChangeSignature(f.ctx, account.Command(), f.key(), picture); err != nil {
		return err
	}
	return office.ChangeSettings(f.ctx, account.Command(), f.key(), map[string]string{
		settings.SignatoryName.Name: f.people.Team[staff].Name, settings.SignatoryRole.Name: "Coordination",
		settings.OwnFundings.Name: "Métropole de Lyon\nFondation de France"}, nil)
}

// logo lets letterheads bear a made-up logo.
func (f *furnisher) logo() error {
	file, err := demoFiles.ReadFile("demo/logo.png")
	if err != nil {
		return err
	}
	picture, err := settings.ReadLogo("logo.png", file)
	if err != nil {
		return err
	}
	return account.NewOffice(f.db, f.secret).ChangeLogo(f.ctx, account.Command(), f.key(), picture)
}

// schools lets the request form find the schools of one département.
func (f *furnisher) schools() error {
	file, err := demoFiles.Open("demo/annuaire-education-35.csv")
	if err != nil {
		return err
	}
	_, problems, err := importSchools(f.ctx, f.db, file, false)
	if err == nil && len(problems) > 0 {
		err = fmt.Errorf("annuaire-education-35.csv has %d mistakes", len(problems))
	}
	return errors.Join(err, file.Close())
}

// hours says when facilitators can lead.
func (f *furnisher) hours() error {
	all, err := readDemo[[]struct {
		Facilitator  int // the nth of the team
		Weekdays     []int
		Starts, Ends string
	}]("hours.json")
	if err != nil {
		return err
	}
	for _, h := range all {
		if err := f.catalog.AddHours(f.ctx, account.Command(), f.key(), f.users[account.Facilitator][h.Facilitator], h.Weekdays, h.Starts, h.Ends); err != nil {
			return err
		}
	}
	return nil
}

// texts says what one does in each workshop, and how to get there.
func (f *furnisher) texts() error {
	texts, err := readDemo[[]catalog.Workshop]("workshops.json")
	if err != nil {
		return err
	}
	workshops, err := f.catalog.Workshops(f.ctx)
	if err != nil {
		return err
	}
	for _, w := range workshops {
		i := slices.IndexFunc(texts, func(t catalog.Workshop) bool { return t.Title == w.Title && t.Level == w.Level })
		if i < 0 {
			return fmt.Errorf("workshops.json has no text for %s", w.Name())
		}
		w.Summary, w.Description, w.Skills, w.Tools, w.Bring = texts[i].Summary, texts[i].Description, texts[i].Skills, texts[i].Tools, texts[i].Bring
		if err := f.catalog.EditWorkshop(f.ctx, account.Command(), f.key(), w, ""); err != nil {
			return err
		}
	}
	venues, err := f.catalog.Venues(f.ctx)
	if err != nil {
		return err
	}
	for _, v := range venues {
		v.Access, v.StepFree = f.people.Venue.Access, f.people.Venue.StepFree
		if err := f.catalog.EditVenue(f.ctx, account.Command(), f.key(), v, ""); err != nil {
			return err
		}
	}
	return nil
}

// plan makes drafts of the Wednesday mornings of two months to come, outside the holidays.
func (f *furnisher) plan() error {
	venues, err := f.catalog.Venues(f.ctx)
	if err != nil {
		return err
	}
	workshops, err := f.catalog.Workshops(f.ctx)
	if err != nil {
		return err
	}
	r := catalog.ScheduleRequest{
		Each:     catalog.SessionRequest{WorkshopID: workshops[0].ID, VenueID: venues[0].ID, Starts: "10:00", Ends: "12:00", Capacity: 10, PriceCents: 1400},
		Weekdays: []int{3}, Every: 1, FirstDay: f.now.AddDate(0, 0, 6*7).Format(time.DateOnly), LastDay: f.now.AddDate(0, 0, 14*7).Format(time.DateOnly),
		Facilitators: f.users[account.Facilitator][:1],
	}
	days, err := f.catalog.Preview(f.ctx, account.Command(), r)
	if err != nil {
		return err
	}
	for _, d := range days {
		if d.Proposed() {
			r.Days = append(r.Days, d.Day)
		}
	}
	if len(r.Days) == 0 {
		return nil // in the middle of summer
	}
	_, err = f.catalog.CreateSchedule(f.ctx, account.Command(), f.key(), r)
	return err
}

// ownSessions adds a session of three days ago, one of today and one of the week before last to the programme, and lets
// families come. The two that are over are a series.
func (f *furnisher) ownSessions() error {
	coming, err := f.catalog.Between(f.ctx, f.now, f.now.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	if len(coming) != len(booked) {
		return fmt.Errorf("the programme has %d sessions, not %d", len(coming), len(booked))
	}
	past, err := f.addSession(coming[0], f.now.AddDate(0, 0, -3), 14, demoSeries)
	if err != nil {
		return err
	}
	// Under way where it is day, so that the register is alive.
	today, err := f.addSession(coming[2], f.now, min(max(f.now.Hour(), 9), 18), "")
	if err != nil {
		return err
	}
	earlier, err := f.addSession(coming[4], f.now.AddDate(0, 0, -10), 14, demoSeries)
	if err != nil {
		return err
	}
	if err := f.assign(append(coming, past, today, earlier)); err != nil {
		return err
	}
	if err := f.choosing(coming[len(coming)-1]); err != nil {
		return err
	}
	const day = 24 * time.Hour
	if err := f.fill(earlier, 7, 0, time.Hour, 5*time.Hour); err != nil {
		return err
	}
	if err := f.fill(past, 9, 0, day, 5*time.Hour); err != nil {
		return err
	}
	if err := f.fill(today, 10, 3, 3*day, 5*time.Hour); err != nil {
		return err
	}
	for i, s := range coming {
		if err := f.fill(s, booked[i], 5*i, 6*day+time.Duration(i)*12*time.Hour, 70*time.Minute); err != nil {
			return err
		}
	}
	if err := f.fillUp(coming[full], 14*day); err != nil {
		return err
	}
	if err := f.listStory(coming[full]); err != nil {
		return err
	}
	if err := f.reserve(coming[1]); err != nil {
		return err
	}
	if err := f.attend(earlier); err != nil {
		return err
	}
	if err := f.attend(past); err != nil {
		return err
	}
	if err := f.certifySeries(past); err != nil {
		return err
	}
	// A seat came free this morning: it is offered to the first of the list.
	f.clock.Set(f.now.Add(-5 * time.Hour))
	return f.cancelOne(coming[full])
}

// choosing lets families of the last session of the programme choose what they pay.
func (f *furnisher) choosing(s catalog.Session) error {
	return f.catalog.EditSession(f.ctx, account.Command(), f.key(), s.ID, catalog.SessionRequest{
		WorkshopID: s.Workshop.ID, VenueID: s.Venue.ID, Date: s.StartsAt.Format(time.DateOnly),
		Starts: s.StartsAt.Format(catalog.HourLayout), Ends: s.EndsAt.Format(catalog.HourLayout), Capacity: s.Capacity,
		PriceCents: 1000, Pricing: catalog.Pricing{Way: catalog.Chosen, MinCents: 200, Steps: []int{500, 1000, 1400}}})
}

// demoSeries is the title of a series.
const demoSeries = "Premiers pas, du code au robot"

// addSession publishes a session like another, on the day of a time, in a series where it is named.
func (f *furnisher) addSession(like catalog.Session, on time.Time, hour int, series string) (catalog.Session, error) {
	price, pricing := like.PriceCents, catalog.Pricing{}
	if series != "" {
		price, pricing = 2500, catalog.Pricing{Way: catalog.PerSeries}
	}
	id, err := f.catalog.CreateSession(f.ctx, account.Command(), f.key(), catalog.SessionRequest{
		Funding:    "Métropole de Lyon",
		WorkshopID: like.Workshop.ID, VenueID: like.Venue.ID, Date: on.Format(time.DateOnly),
		Starts: fmt.Sprintf("%02d:00", hour), Ends: fmt.Sprintf("%02d:00", hour+2), Capacity: like.Capacity, PriceCents: price,
		Pricing: pricing, NewSeries: series})
	if err != nil {
		return catalog.Session{}, err
	}
	if err := f.catalog.PublishSession(f.ctx, account.Command(), f.key(), id); err != nil {
		return catalog.Session{}, err
	}
	return f.catalog.Session(f.ctx, id)
}

// assign lets the first facilitator lead what is today and was, and all of them the others in turn.
func (f *furnisher) assign(sessions []catalog.Session) error {
	facilitators := f.users[account.Facilitator]
	for i, s := range sessions {
		leader := facilitators[i%len(facilitators)]
		if i >= len(booked) {
			leader = facilitators[0]
		}
		if err := f.catalog.Assign(f.ctx, account.Command(), f.key(), s.ID, leader); err != nil {
			return err
		}
	}
	return nil
}

// fill books children into a session, family by family from one on, until there are so many; the bookings begin at a
// time of the story and are some time apart.
func (f *furnisher) fill(s catalog.Session, children, from int, at, apart time.Duration) error {
	families := f.people.Families
	for i := range families {
		if children <= 0 {
			return nil
		}
		fam := families[(from+i)%len(families)]
		fitting := f.fitting(fam, s)
		if len(fitting) == 0 {
			continue
		}
		fitting = fitting[:min(len(fitting), children)]
		f.at(at)
		reference, err := f.book(s, fam, fitting, booking.Request{})
		if err != nil {
			return fmt.Errorf("%s books %s: %w", fam.Email, s.Workshop.Name(), err)
		}
		if s.ID%5 != 0 { // most follow the link of the mail
			if err := f.bookings.Prove(f.ctx, f.key(), f.bookings.Sign(booking.LinkMail, reference, 1)); err != nil {
				return err
			}
		}
		children -= len(fitting)
		at += apart
	}
	return nil
}

// fillUp books every seat of a session; then families join its list, one of them for two seats or none.
func (f *furnisher) fillUp(s catalog.Session, at time.Duration) error {
	for _, fam := range f.people.Families {
		s, err := f.catalog.Session(f.ctx, s.ID)
		if err != nil {
			return err
		}
		fitting := f.fitting(fam, s)
		if len(fitting) == 0 || s.Waiting >= 6 {
			continue
		}
		if s.PlacesOpen > 0 {
			fitting = fitting[:min(len(fitting), s.PlacesOpen)]
		}
		f.at(at)
		at += 2 * time.Hour
		if _, err := f.book(s, fam, fitting, booking.Request{IfFull: booking.Wait, Together: len(fitting) > 1}); err != nil {
			return err
		}
	}
	return nil
}

// fitting returns the children of a family who have the age for a session.
func (f *furnisher) fitting(fam demoFamily, s catalog.Session) []demoChild {
	var fitting []demoChild
	for _, c := range fam.Children {
		if s.Workshop.MinAge <= c.Age && c.Age <= s.Workshop.MaxAge {
			fitting = append(fitting, c)
		}
	}
	return fitting
}

// book completes a request with a family and some of its children.
func (f *furnisher) book(s catalog.Session, fam demoFamily, children []demoChild, req booking.Request) (reference string, err error) {
	req.SessionID = s.ID
	req.Guardian = family.NewGuardian{Name: fam.Name, Email: fam.Email, Phone: fam.Phone, Language: "fr"}
	for _, c := range children {
		// A birthday between the programme's end and a year before its beginning: nobody changes age on the way.
		birth := f.now.AddDate(-c.Age, 0, -30-17*len(c.First+c.Last)%200)
		health := family.Health{State: family.HealthNone}
		if c.Health != "" {
			health = family.Health{State: family.HealthDescribed, Text: c.Health}
		}
		req.Children = append(req.Children, family.NewChild{
			FirstName: c.First, LastName: c.Last, BirthDate: time.Date(birth.Year(), birth.Month(), birth.Day(), 0, 0, 0, 0, time.UTC),
			Health: health, Image: c.Image, LeavesAlone: c.Alone, PickupPersons: c.PickUp,
		})
	}
	return f.bookings.Book(f.ctx, account.Guest(), f.key(), req)
}

// attend marks who came to a session that is over, gives out the certificates, and closes it.
func (f *furnisher) attend(s catalog.Session) error {
	leader := account.Actor{Kind: account.KindUser, ID: f.users[account.Facilitator][0], Role: account.Facilitator}
	f.clock.Set(s.StartsAt.Add(2 * time.Minute))
	roster, err := f.attendance.Roster(f.ctx, leader, s.ID)
	if err != nil {
		return err
	}
	if err := f.attendance.NoteMember(f.ctx, leader, f.key(), s.ID, leader.ID, true); err != nil {
		return err
	}
	mark := func(c attendance.Child, a attendance.Action, taken attendance.Taken) error {
		return f.attendance.Mark(f.ctx, leader, f.key(), attendance.NewMark{EntryKey: rand.Text(), SessionID: s.ID, BookingID: c.BookingID, Action: a, Taken: taken})
	}
	if err := f.figures(roster); err != nil {
		return err
	}
	for i, c := range roster.Children {
		action := attendance.Present
		switch i {
		case 3:
			action = attendance.Late
		case 5:
			action = attendance.Absent
		}
		if err := mark(c, action, attendance.Taken{}); err != nil {
			return err
		}
	}
	f.clock.Set(s.EndsAt.Add(-20 * time.Minute))
	for i, c := range roster.Children {
		if i == 5 {
			continue
		}
		if err := mark(c, attendance.Left, attendance.Taken{By: attendance.ByGuardian, Name: c.Care.Guardians[0].Name}); err != nil {
			return err
		}
		f.clock.Set(s.EndsAt.Add(time.Duration(i) * time.Minute))
	}
	if _, err := f.attendance.Issue(f.ctx, leader, f.key(), s.ID, true); err != nil {
		return err
	}
	return f.privacy.Close(f.ctx, leader, f.key(), s.ID)
}

const sqlChildOf = `SELECT child_id FROM bookings WHERE id = ?`

// figures answers what funders ask of the children of a register, as families do: most of them, and not all of it.
func (f *furnisher) figures(r attendance.Roster) error {
	return f.db.Write(f.ctx, func(_ context.Context, tx *sqlite.Tx) error {
		for i, c := range r.Children {
			var child int64
			if err := tx.QueryRow(sqlChildOf, c.BookingID).Scan(&child); err != nil {
				return err
			}
			gender, postcode, qpv := []string{"girl", "boy", "girl", "unsaid"}[i%4], []string{"69001", "69100", "69003"}[i%3], []string{"no", "yes", "unknown"}[i%3]
			if err := family.SetFigures(tx, child, family.Figures{Gender: &gender, PostalCode: &postcode, QPV: &qpv}); err != nil {
				return err
			}
		}
		return nil
	})
}

// certifySeries gives out the certificates about the series whose last session is over.
func (f *furnisher) certifySeries(last catalog.Session) error {
	staff := account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}
	f.clock.Set(last.EndsAt.Add(2 * time.Hour))
	_, err := f.attendance.IssueSeries(f.ctx, staff, f.key(), last.Series.ID, false, true)
	return err
}

const sqlLastSeat = `
SELECT g.reference FROM bookings b JOIN booking_groups g ON g.id = b.group_id
WHERE b.session_id = ? AND b.status = 'confirmed' ORDER BY b.id DESC LIMIT 1`

// listStory gives a waiting list a past: a seat came free, the first family did not answer, the second took it. Then
// somebody wanted the next seat without being asked, and a family without e-mail called.
func (f *furnisher) listStory(s catalog.Session) error {
	staff := account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}
	f.clock.Set(time.Date(f.now.Year(), f.now.Month(), f.now.Day()-4, 10, 0, 0, 0, f.zone))
	seated, err := f.reference(sqlLastSeat, s.ID)
	if err != nil {
		return err
	}
	if err := f.bookings.CancelFor(f.ctx, staff, f.key(), seated, nil); err != nil {
		return err
	}
	hours, err := f.bookings.OfferHours(f.ctx)
	if err != nil {
		return err
	}
	if deadline, ok := hours.Deadline(f.clock.Now(), s.StartsAt); ok {
		f.clock.Set(deadline.Add(time.Minute))
	}
	if _, err := f.bookings.ExpireOffers(f.ctx); err != nil {
		return err
	}
	list, err := f.bookings.WaitingList(f.ctx, staff, s.ID)
	if err != nil {
		return err
	}
	for _, fam := range list.Offered {
		f.clock.Set(f.clock.Now().Add(2 * time.Hour))
		if err := f.bookings.Accept(f.ctx, account.Guest(), f.key(), f.bookings.Sign(booking.LinkMail, fam.First().Reference, 1), nil); err != nil {
			return err
		}
	}
	if n := len(list.Waiting); n > 0 {
		last := list.Waiting[n-1].First().Reference
		if err := f.bookings.SetWishes(f.ctx, account.Guest(), f.key(), f.bookings.Sign(booking.LinkMail, last, 1), booking.Wishes{Unasked: true}); err != nil {
			return err
		}
	}
	_, err = f.bookings.BookFor(f.ctx, staff, f.key(), booking.Request{
		SessionID: s.ID, IfFull: booking.Wait,
		Guardian: family.NewGuardian{Name: "Rosa Quispe Mamani", Phone: "06 39 98 10 40", Language: "fr"},
		Children: []family.NewChild{{FirstName: "Illary", LastName: "Quispe Mamani", BirthDate: time.Date(f.now.Year()-9, time.January, 15, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthToAsk}, Image: family.Later}},
	}, "")
	return err
}

// reserve keeps three seats of a session for a social centre until its eve, which no demo starts after, and books one of its families there.
func (f *furnisher) reserve(s catalog.Session) error {
	f.at(30 * time.Hour)
	kept := s.Request()
	kept.ReservedSeats, kept.ReservedFor = 3, "Centre social Łódź-Bonnefoi"
	kept.ReservedUntil = s.StartsAt.AddDate(0, 0, -1).Format(time.DateOnly)
	if err := f.bookings.EditSession(f.ctx, account.Command(), f.key(), s.ID, kept); err != nil {
		return err
	}
	staff := account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}
	_, err := f.bookings.BookFor(f.ctx, staff, f.key(), booking.Request{
		SessionID: s.ID, IfFull: booking.Reserved,
		Guardian: family.NewGuardian{Name: "محمد بن علي", Phone: "06 39 98 10 41", Language: "fr"},
		Children: []family.NewChild{{FirstName: "نور", LastName: "بن علي", BirthDate: time.Date(f.now.Year()-12, time.January, 15, 0, 0, 0, 0, time.UTC),
			Health: family.Health{State: family.HealthToAsk}, Image: family.Later}},
	}, "")
	return err
}

const sqlFirstBooking = `
SELECT g.reference FROM bookings b JOIN booking_groups g ON g.id = b.group_id
WHERE b.session_id = ? AND b.status = 'confirmed' ORDER BY b.id LIMIT 1`

// cancelOne cancels the first booking of a session, as its family would.
func (f *furnisher) cancelOne(s catalog.Session) error {
	reference, err := f.reference(sqlFirstBooking, s.ID)
	if err != nil {
		return err
	}
	link := f.bookings.Sign(booking.LinkMail, reference, 1)
	group, err := f.bookings.Find(f.ctx, link)
	if err != nil {
		return err
	}
	if len(group.Children) == 0 {
		return errors.New("a booking without children")
	}
	return f.bookings.Cancel(f.ctx, account.Guest(), f.key(), link, []int64{group.Children[0].BookingID}, "")
}

// reference returns the booking of a session that a query names.
func (f *furnisher) reference(query string, sessionID int64) (reference string, err error) {
	err = f.db.Read(f.ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(query, sessionID).Scan(&reference)
	})
	return reference, err
}

// secondRecords lets a family book by another address, so that it has two records, a young person book for themself, and the team note
// something about a family.
func (f *furnisher) secondRecords() error {
	f.clock.Set(f.now.Add(-2 * time.Hour))
	coming, err := f.catalog.Between(f.ctx, f.now, f.now.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	twin := f.people.Families[0]
	twin.Name, twin.Email = "Camille Lefèbvre", "camille.lefebvre.pro@example.org"
	young, booked := booking.Request{YoungEmail: "linh.tran@example.org"}, [2]bool{}
	// Where there is room: who tries the demo finds the nearly full sessions as the programme left them.
	coming = slices.DeleteFunc(coming, func(s catalog.Session) bool { return s.Status != catalog.Published || s.PlacesOpen < 4 })
	for _, s := range coming[len(coming)/2:] {
		if children := f.fitting(twin, s); len(children) > 0 && !booked[0] {
			booked[0] = true
			if _, err := f.book(s, twin, children[:1], booking.Request{IfFull: booking.Wait}); err != nil {
				return err
			}
		}
		linh := demoFamily{Name: "Trần Thị Mai", Email: "mai.tran@example.org", Phone: "06 39 98 10 77", Children: []demoChild{{First: "Linh", Last: "Trần", Age: 16}}}
		if len(f.fitting(linh, s)) > 0 && !booked[1] {
			booked[1] = true
			young.IfFull = booking.Wait
			if _, err := f.book(s, linh, linh.Children, young); err != nil {
				return err
			}
		}
	}
	var first int64
	err = f.db.Read(f.ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlFirstGuardian, f.people.Families[0].Email).Scan(&first)
	})
	if err != nil {
		return err
	}
	staff := account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}
	return family.NewService(f.db, f.secret).AddNote(f.ctx, staff, f.key(), first, 0, "Préfère être rappelée après 18 h. Vient souvent avec le petit frère, prévoir un coloriage.")
}

// message writes to the families of a session: one mail bounces, and one waits for room in a mailbox.
func (f *furnisher) message() error {
	f.clock.Set(f.now.Add(-time.Hour))
	coming, err := f.catalog.Between(f.ctx, f.now, f.now.AddDate(1, 0, 0))
	if err != nil {
		return err
	}
	families := []demoFamily{
		{Name: "Łukasz D'Artagnan-N'Guyen", Email: "lukasz@" + mail.Bounces, Phone: "06 39 98 10 78", Children: []demoChild{{First: "Żaneta", Last: "D'Artagnan-N'Guyen", Age: 11, Image: family.No}}},
		{Name: "李 伟", Email: "li.wei@" + mail.Waits, Phone: "06 39 98 10 79", Children: []demoChild{{First: "小龙", Last: "李", Age: 11, Image: family.No}}},
	}
	i := slices.IndexFunc(coming[len(coming)/2:], func(s catalog.Session) bool {
		return s.Status == catalog.Published && s.Taken > 0 && s.PlacesOpen >= 4 && len(f.fitting(families[0], s)) > 0
	})
	if i < 0 {
		return nil // a demo that begins late has no such session
	}
	session := coming[len(coming)/2+i]
	for _, fam := range families {
		if _, err := f.book(session, fam, fam.Children, booking.Request{}); err != nil {
			return err
		}
	}
	staff := account.Actor{Kind: account.KindUser, ID: f.users[account.Staff][0], Role: account.Staff}
	messages, draft := message.NewService(f.db), message.Draft{Sessions: []int64{session.ID}, Audience: message.Confirmed,
		Text: message.Text{Subject: "Ce qu'il faut apporter", Body: "Bonjour {{responsable}},\n\nnous attendons {{enfants}} {{seances}}.\n\nPensez à une gourde et à un goûter."}}
	preview, err := messages.Preview(f.ctx, staff, draft)
	if err != nil {
		return err
	}
	_, err = messages.Send(f.ctx, staff, f.key(), draft, preview.Seen)
	return err
}

const sqlFirstGuardian = `SELECT min(id) FROM guardians WHERE email = ?`

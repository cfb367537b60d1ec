package school

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// wantFault fails unless err is a fault of the kind and key; of an Invalid one key is "field=key", fields in order.
func wantFault(t *testing.T, err error, kind fault.Kind, key string) {
	t.Helper()
	f, ok := fault.As(err)
	if !ok || f.Kind != kind {
		t.Fatalf("got %v, want a fault of kind %v, %s", err, kind, key)
	}
	got := f.Message.Key
	if len(f.Fields) > 0 {
		var all []string
		for field, m := range f.Fields {
			all = append(all, field+"="+m.Key)
		}
		slices.Sort(all)
		got = strings.Join(all, " ")
	}
	if got != key {
		t.Fatalf("got %q, want %q", got, key)
	}
}

func TestProposeAndChoose(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	p := c.proposal()
	p.Times = append(p.Times, TypedTime{"2026-06-11", "14:00", "16:00"})
	link, id, _ := c.proposed("École Łucja", p)
	d := c.dates(link)
	if len(d.Open()) != 2 || d.Request.State != Proposed || !d.Request.WaitingSince.IsZero() || !d.Slots[0].Free() {
		t.Fatalf("after proposing: %+v", d)
	}
	// A colleague with an old page proposes one of them again: nobody chooses between two that are the same.
	again := c.proposal()
	again.Facilitators, again.Kits = []int64{c.nguyen}, nil
	wantFault(t, c.Propose(t.Context(), c.staff, c.key(), id, again), fault.Invalid, "date_1=school_dates.proposed_already")
	if n := c.messages(outbox.RequestProposed, `"starts_at":"2026-06-11T12:00:00Z"`); n != 1 {
		t.Errorf("%d mails propose the second date, want 1", n)
	}
	if n := c.count(`SELECT count(*) FROM sessions`); n != 0 {
		t.Errorf("proposing made %d sessions", n)
	}

	c.must(c.choose(link, d.Slots[1].ID))
	c.must(c.choose(link, d.Slots[1].ID)) // twice is once
	d = c.dates(link)
	if !d.Request.Scheduled || d.Request.State != Proposed || d.Request.WaitingSince.IsZero() {
		t.Errorf("after choosing: %+v", d.Request)
	}
	if d.Slots[0].State != SlotWithdrawn || d.Slots[1].State != SlotAccepted {
		t.Errorf("the options are %s and %s", d.Slots[0].State, d.Slots[1].State)
	}
	if len(d.Sessions) != 1 || d.Sessions[0].Organisation != "École Łucja" || d.Sessions[0].PriceCents != 0 || d.Sessions[0].Capacity != 24 ||
		d.Sessions[0].StartsAt.Format(time.RFC3339) != "2026-06-11T14:00:00+02:00" || d.Sessions[0].Venue.Address != "3 place de la Paix" {
		t.Fatalf("the sessions are %+v", d.Sessions)
	}
	session := d.Sessions[0].ID
	if n := c.count(`SELECT count(*) FROM session_facilitators WHERE session_id = ? AND user_id = ?`, session, c.lukasz); n != 1 {
		t.Error("Łukasz does not lead it")
	}
	if n := c.count(`SELECT copies FROM session_kits WHERE session_id = ? AND kit_id = ?`, session, c.kit); n != 1 {
		t.Error("it does not use the kit")
	}
	for kind, says := range map[string]string{
		outbox.RequestScheduled: "École Łucja", outbox.SessionAssigned: "Łukasz", outbox.RequestNews: "slot_accepted",
	} {
		if n := c.messages(kind, says); n != 1 {
			t.Errorf("%d messages %s, want 1", n, kind)
		}
	}
	for _, action := range []string{"request.proposed", "slot.propose", "slot.accept", "session.create"} {
		if c.count(`SELECT count(*) FROM audit WHERE action = ?`, action) == 0 {
			t.Errorf("the audit does not know of %s", action)
		}
	}
	wantFault(t, c.choose(link, d.Slots[0].ID), fault.Conflict, "school_dates.chosen_already")
	wantFault(t, c.Propose(t.Context(), c.staff, c.key(), id, c.proposal()), fault.Conflict, "school_dates.scheduled_already")
}

// Who leads a group learns that it will not take place, or is at another time, however that came about.
func TestLeadersLearnOfChanges(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	p := c.proposal()
	p.Each, p.Times = false, append(p.Times, TypedTime{"2026-06-16", "09:00", "11:00"}, TypedTime{"2026-06-23", "09:00", "11:00"})
	link, id, slot := c.proposed("École Łucja", p)
	c.must(c.choose(link, slot.ID))
	first, second := c.dates(link).Sessions[0], c.dates(link).Sessions[1]

	c.must(c.EditSession(t.Context(), c.staff, c.key(), first.ID, catalog.SessionRequest{WorkshopID: first.Workshop.ID, VenueID: first.Venue.ID,
		Date: "2026-06-10", Starts: "09:00", Ends: "11:00", Capacity: 24, Seen: first.Version()}))
	if n := c.messages(outbox.SessionChanged, `"starts_at":"2026-06-10T07:00:00Z"`); n != 1 {
		t.Errorf("%d messages tell Łukasz of the other day, want 1", n)
	}
	if n := c.messages(outbox.SessionChanged, `"sequence":1`); n != 1 {
		t.Error("a calendar would not take the change")
	}
	c.must(c.CancelSession(t.Context(), c.staff, c.key(), second.ID, "Grève"))
	if n := c.messages(outbox.SessionCalledOff, "Grève"); n != 1 {
		t.Errorf("%d messages tell Łukasz that one session is off, want 1", n)
	}
	withdraw := c.key()
	for range 2 { // sent twice
		c.must(c.Withdraw(t.Context(), withdraw, link, "Sortie scolaire"))
	}
	if n := c.messages(outbox.SessionCalledOff, "Sortie scolaire"); n != 2 {
		t.Errorf("%d messages tell Łukasz of the two that were left, want 2", n)
	}
	if n := c.messages(outbox.SessionCalledOff, `"sequence":2`); n != 1 {
		t.Error("the session that had moved does not leave the calendar")
	}
	if c.live(id) != 0 {
		t.Error("sessions are left")
	}
}

func TestSeveralTimesAreOneOption(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	p := c.proposal()
	p.Each, p.VenueID = false, c.venue
	p.Times = append(p.Times, TypedTime{"2026-06-09", "11:00", "12:00"}, TypedTime{"2026-06-16", "09:00", "11:00"})
	link, id, slot := c.proposed("Centre social 李", p)
	if len(slot.Times) != 3 || len(c.dates(link).Slots) != 1 {
		t.Fatalf("got %+v", slot)
	}
	c.must(c.choose(link, slot.ID))
	if n := c.live(id); n != 3 {
		t.Errorf("%d sessions, want 3", n)
	}
	if n := c.messages(outbox.RequestScheduled, "2026-06-16T07:00:00Z"); n != 1 {
		t.Errorf("%d mails tell all three, want 1", n)
	}
}

func TestProposeNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		change func(c *team, p *Proposal)
		want   string
	}{
		{"no workshop", func(_ *team, p *Proposal) { p.WorkshopID = 0 }, "workshop=catalog.session.workshop"},
		{"a venue that is not there", func(_ *team, p *Proposal) { p.VenueID = 99 }, "venue=catalog.session.venue"},
		{"nobody", func(_ *team, p *Proposal) { p.Facilitators = nil }, "facilitator=school_dates.facilitator_missing"},
		{"a made-up person", func(_ *team, p *Proposal) { p.Facilitators = []int64{987654} }, "facilitator=catalog.facilitator.cannot_lead"},
		{"a made-up kit", func(_ *team, p *Proposal) { p.Kits[0].KitID = 987654 }, "kits=catalog.kit.choose"},
		{"no copy", func(_ *team, p *Proposal) { p.Kits[0].Copies = 0 }, "kits=school_dates.copies"},
		{"more copies than there are", func(_ *team, p *Proposal) { p.Kits[0].Copies = 2 }, "date_1=catalog.hindered.kit"},
		{"no children", func(_ *team, p *Proposal) { p.Capacity = 0 }, "capacity=catalog.number"},
		{"no date", func(_ *team, p *Proposal) { p.Times = nil }, "date_1=school_dates.times_missing"},
		{"a past date", func(_ *team, p *Proposal) { p.Times[0].Date = "2026-05-04" }, "date_1=catalog.session.in_the_past"},
		{"a slip of a century", func(_ *team, p *Proposal) { p.Times[0].Date = "2126-06-09" }, "date_1=school_dates.too_far"},
		{"a day that is none", func(_ *team, p *Proposal) { p.Times[0].Date = "2026-02-30" }, "date_1=catalog.date.format"},
		{"an end before the start", func(_ *team, p *Proposal) { p.Times[0].Ends = "08:00" }, "ends_1=catalog.session.order"},
		{"an hour that is skipped", func(_ *team, p *Proposal) { p.Times[0] = TypedTime{"2027-03-28", "02:30", "04:00"} }, "starts_1=catalog.hour.skipped"},
		{"an hour that comes twice", func(_ *team, p *Proposal) { p.Times[0] = TypedTime{"2027-10-31", "01:30", "02:30"} }, "ends_1=catalog.hour.twice"},
		{"one time twice", func(_ *team, p *Proposal) { p.Times = append(p.Times, p.Times[0]) }, "date_2=school_dates.times_twice"},
		{"times of one option that overlap", func(_ *team, p *Proposal) {
			p.Each, p.Times = false, append(p.Times, TypedTime{"2026-06-09", "10:00", "12:00"})
		}, "date_2=school_dates.times_overlap"},
		{"somebody who leads something else", func(c *team, _ *Proposal) { c.publicSession("2026-06-09", "10:00", c.lukasz) }, "date_1=catalog.hindered.person"},
		{"a room that is taken", func(c *team, p *Proposal) {
			p.VenueID = c.venue
			c.publicSession("2026-06-09", "10:30", 0)
		}, "date_1=catalog.hindered.room"},
		{"a venue that is closed by then", func(c *team, p *Proposal) {
			p.VenueID = c.venue
			c.write(`UPDATE venues SET closed_from = '2026-06-09' WHERE id = ?`, c.venue)
		}, "date_1=catalog.hindered.closed"},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			c := newTeam(t)
			link, id := c.ask("Mairie d'Ézy")
			p := c.proposal()
			k.change(c, &p)
			wantFault(t, c.Propose(t.Context(), c.staff, c.key(), id, p), fault.Invalid, k.want)
			if d := c.dates(link); len(d.Slots) != 0 || d.Request.State != Received {
				t.Errorf("it left %+v", d)
			}
			if n := c.count(`SELECT count(*) FROM venues WHERE listed = 0`); n != 0 {
				t.Errorf("it left %d venues", n)
			}
		})
	}
}

// publicSession makes a session of two hours in our venue, led by somebody unless 0.
func (c *team) publicSession(date, starts string, leader int64) int64 {
	c.t.Helper()
	hour, err := time.Parse(catalog.HourLayout, starts)
	c.must(err)
	id, err := c.catalog.CreateSession(c.t.Context(), c.staff, c.key(), catalog.SessionRequest{WorkshopID: c.workshopID, VenueID: c.venue,
		Date: date, Starts: starts, Ends: hour.Add(2 * time.Hour).Format(catalog.HourLayout), Capacity: 12})
	c.must(err)
	if leader != 0 {
		c.must(c.catalog.Assign(c.t.Context(), c.staff, c.key(), id, leader))
	}
	return id
}

// TestChangeOfClocks: hours are those of the place, on both sides of the change (REL-15).
func TestChangeOfClocks(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	p := c.proposal()
	p.Each = false
	p.Times = []TypedTime{{"2027-03-27", "14:00", "16:00"}, {"2027-03-28", "14:00", "16:00"}, {"2027-10-31", "01:30", "02:30+02:00"}, {"2027-11-02", "14:00", "16:00"}}
	_, _, slot := c.proposed("École du Nord", p)
	var got []string
	for _, at := range slot.Times {
		got = append(got, at.From.UTC().Format("02T15:04")+" "+at.From.Format(catalog.HourLayout)+" "+at.To.Sub(at.From).String())
	}
	want := []string{"27T13:00 14:00 2h0m0s", "28T12:00 14:00 2h0m0s", "30T23:30 01:30 1h0m0s", "02T13:00 14:00 2h0m0s"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestWhatIsTakenMeanwhile: an option holds nobody; what else takes its people, kit or room makes it « n'est plus libre ».
func TestWhatIsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		take func(c *team)
	}{
		{"the person leads a public session", func(c *team) { c.publicSession("2026-06-09", "08:00", c.lukasz) }},
		{"the person left the team", func(c *team) { c.write(`UPDATE users SET disabled_at = '2026-05-04T12:00:00Z' WHERE id = ?`, c.lukasz) }},
		{"a public session uses the kit", func(c *team) {
			id := c.publicSession("2026-06-09", "08:00", 0)
			c.must(c.catalog.TakeKit(c.t.Context(), c.staff, c.key(), id, catalog.KitUse{KitID: c.kit, Copies: 1}))
		}},
		{"the kit is given away", func(c *team) {
			kit, err := c.catalog.Kit(c.t.Context(), c.kit)
			c.must(err)
			kit.Copies = 0
			c.must(c.catalog.EditKit(c.t.Context(), c.staff, c.key(), kit, ""))
		}},
		{"our room is booked", func(c *team) { c.publicSession("2026-06-09", "10:30", 0) }},
		{"another group chose", func(c *team) {
			p := c.proposal()
			p.Kits = nil
			link, _, slot := c.proposed("Collège محمد", p)
			c.must(c.choose(link, slot.ID))
		}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			c := newTeam(t)
			p := c.proposal()
			p.VenueID = c.venue
			p.Times = append(p.Times, TypedTime{"2026-06-10", "09:00", "11:00"})
			link, id, free := c.proposed("École Łucja", p)
			k.take(c)
			d := c.dates(link)
			if d.Slots[0].Free() {
				t.Error("it looks free")
			}
			before := c.count(`SELECT count(*) FROM audit`) + c.count(`SELECT count(*) FROM outbox`)
			wantFault(t, c.choose(link, d.Slots[0].ID), fault.Conflict, "school_dates.taken")
			if after := c.count(`SELECT count(*) FROM audit`) + c.count(`SELECT count(*) FROM outbox`); after != before || c.live(id) != 0 {
				t.Error("a refusal left something behind")
			}
			if d.Slots[1].Free() { // unless the person or the kit is gone for good
				c.must(c.choose(link, free.ID))
			}
		})
	}
}

func TestChooseIsForTheRightPeople(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id, slot := c.proposed("École Łucja", c.proposal())
	other, _ := c.ask("École 李")
	wantFault(t, c.choose(other, slot.ID), fault.NotFound, "error.not_found")
	wantFault(t, c.choose(Link{link.Reference, other.Signature}, slot.ID), fault.NotFound, "error.not_found")
	wantFault(t, c.Propose(t.Context(), c.somebodyElse, c.key(), id, c.proposal()), fault.Forbidden, "error.forbidden")
	wantFault(t, c.WithdrawSlot(t.Context(), c.somebodyElse, c.key(), id, slot.ID), fault.Forbidden, "error.forbidden")
	wantFault(t, c.Reschedule(t.Context(), c.somebodyElse, c.key(), id, ""), fault.Forbidden, "error.forbidden")
	wantFault(t, c.WithdrawSlot(t.Context(), c.staff, c.key(), id+1, slot.ID), fault.NotFound, "error.not_found")
	c.clock.Set(tuesday.Add(8 * time.Hour)) // it has begun
	wantFault(t, c.choose(link, slot.ID), fault.Conflict, "school_dates.past")
}

func TestWithdrawAnOption(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	p := c.proposal()
	p.Times = append(p.Times, TypedTime{"2026-06-11", "14:00", "16:00"})
	link, id, last := c.proposed("École Łucja", p)
	first := c.dates(link).Slots[0]
	c.must(c.WithdrawSlot(t.Context(), c.staff, c.key(), id, first.ID))
	wantFault(t, c.choose(link, first.ID), fault.Conflict, "school_dates.not_open")
	wantFault(t, c.WithdrawSlot(t.Context(), c.staff, c.key(), id, first.ID), fault.Conflict, "school_dates.not_open")
	if n := c.messages(outbox.RequestProposed, "École Łucja"); n != 2 {
		t.Errorf("%d mails with options, want 2", n)
	}
	if !c.dates(link).Request.WaitingSince.IsZero() {
		t.Error("one date is left: it is not the team's turn")
	}
	c.must(c.WithdrawSlot(t.Context(), c.staff, c.key(), id, last.ID))
	if c.dates(link).Request.WaitingSince.IsZero() {
		t.Error("no date is left: it is the team's turn")
	}
	c.must(c.Propose(t.Context(), c.staff, c.key(), id, c.proposal()))
}

func TestAskOtherDates(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, _, slot := c.proposed("École Łucja", c.proposal())
	ask := func(text string, wanted ...WantedDate) error {
		return c.AskOtherDates(t.Context(), account.Guest(), c.key(), link, text, wanted)
	}
	wantFault(t, ask(""), fault.Invalid, "period=school_dates.other.missing")
	wantFault(t, ask("", WantedDate{testNow.Truncate(24 * time.Hour), "morning"}), fault.Invalid, "date_1=ask.day_past")
	c.must(ask("Plutôt en juin, si c'est possible.", WantedDate{tuesday.AddDate(0, 0, 7), "day"}))
	d := c.dates(link)
	if d.Slots[0].State != SlotDeclined || len(d.Request.Wanted) != 1 || d.Request.Wanted[0].Day != tuesday.AddDate(0, 0, 7) || d.Request.WaitingSince.IsZero() {
		t.Errorf("got %+v", d)
	}
	if n := c.messages(outbox.RequestNews, "Plutôt en juin"); n != 1 {
		t.Errorf("%d mails to the team, want 1", n)
	}
	wantFault(t, c.choose(link, slot.ID), fault.Conflict, "school_dates.not_open")
}

func TestReschedule(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id, slot := c.proposed("École Łucja", c.proposal())
	wantFault(t, c.Reschedule(t.Context(), c.staff, c.key(), id, ""), fault.Conflict, "school.too_late")
	c.must(c.choose(link, slot.ID))
	c.write(`UPDATE group_requests SET state = 'agreed', waiting_since = NULL WHERE id = ?`, id)
	c.must(c.Reschedule(t.Context(), c.staff, c.key(), id, "Łukasz est malade."))
	d := c.dates(link)
	if d.Request.Scheduled || len(d.Sessions) != 0 || c.live(id) != 0 || d.Request.WaitingSince.IsZero() {
		t.Errorf("after: %+v", d)
	}
	if n := c.messages(outbox.RequestChanged, "Łukasz est malade."); n != 1 {
		t.Errorf("%d mails to the contact, want 1", n)
	}
	// The person and the kit are free again, and what was agreed stays agreed.
	c.must(c.Propose(t.Context(), c.staff, c.key(), id, c.proposal()))
	d = c.dates(link)
	if d.Request.State != Agreed || !d.Slots[1].Free() {
		t.Errorf("after proposing again: %+v", d)
	}
	c.must(c.choose(link, d.Slots[1].ID))
	c.clock.Set(tuesday.Add(8 * time.Hour))
	wantFault(t, c.Reschedule(t.Context(), c.staff, c.key(), id, ""), fault.Conflict, "school_dates.has_begun")
	if c.live(id) != 1 {
		t.Error("a session that has begun was called off")
	}
}

// A quote that waits for an answer goes with the dates that it names; one that was accepted stays.
func TestRescheduleTakesTheQuoteBack(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	c.seller()
	link, id, slot := c.proposed("École Łucja", c.proposal())
	c.must(c.choose(link, slot.ID))
	quote := c.issue(c.read(id), 15000)
	c.must(c.Reschedule(t.Context(), c.staff, c.key(), id, "Grève"))
	_, err := c.Accept(t.Context(), c.key(), Visit{Party: ByContact, Link: link}, Subject{Quote: quote.ID},
		Statement{Name: "Ánh Nguyễn", Role: "Directrice", StatedOn: "4/5/2026", Agreed: true})
	wantFault(t, err, fault.Conflict, "school_money.accept.replaced")

	c.must(c.Propose(t.Context(), c.staff, c.key(), id, c.proposal()))
	c.must(c.choose(link, c.dates(link).Slots[1].ID))
	again := c.issue(c.read(id), 15000)
	if again.Number != quote.Number || again.Version != 2 {
		t.Errorf("the next one is %s version %d", again.Number, again.Version)
	}
	c.must(c.RecordAcceptance(t.Context(), c.staff, c.key(), id, Subject{Quote: again.ID}, Statement{Name: "Ánh", Role: "Directrice", StatedOn: "4/5/2026"}, nil))
	c.must(c.Reschedule(t.Context(), c.staff, c.key(), id, "Panne"))
	if q := c.quote(c.read(id), again.ID); q.State != QuoteAccepted {
		t.Errorf("what was accepted is %s", q.State)
	}
}

func TestEditAndCancelPrivateSession(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, id, slot := c.proposed("École Łucja", c.proposal())
	c.must(c.choose(link, slot.ID))
	s := c.dates(link).Sessions[0]
	public := c.publicSession("2026-06-12", "09:00", c.lukasz)
	r := catalog.SessionRequest{WorkshopID: c.workshopID, VenueID: s.Venue.ID, Date: "2026-06-12", Starts: "10:00", Ends: "12:00", Capacity: 20,
		PriceCents: 1400, OpensDate: "2026-06-01", OpensHour: "10:00"}
	wantFault(t, c.EditSession(t.Context(), c.staff, c.key(), s.ID, r), fault.Conflict, "catalog.hindered.person")
	wantFault(t, c.EditSession(t.Context(), c.somebodyElse, c.key(), s.ID, r), fault.Forbidden, "error.forbidden")
	wantFault(t, c.EditSession(t.Context(), c.staff, c.key(), public, r), fault.NotFound, "error.not_found")
	r.Date = "2026-06-10"
	c.must(c.EditSession(t.Context(), c.staff, c.key(), s.ID, r))
	if s = c.dates(link).Sessions[0]; s.PriceCents != 0 || s.Capacity != 20 || s.Sequence != 1 || s.StartsAt.Day() != 10 {
		t.Errorf("after: %+v", s)
	}
	if n := c.messages(outbox.RequestChanged, `"news":"moved"`); n != 1 {
		t.Errorf("%d mails tell that it moved, want 1", n)
	}
	c.must(c.CancelSession(t.Context(), c.staff, c.key(), s.ID, "Panne de chauffage"))
	if n := c.messages(outbox.RequestChanged, "Panne de chauffage"); n != 1 {
		t.Errorf("%d mails tell that it is called off, want 1", n)
	}
	if d := c.dates(link); d.Request.Scheduled || d.Request.WaitingSince.IsZero() {
		t.Errorf("without a session: %+v", d.Request)
	}
	wantFault(t, c.CancelSession(t.Context(), c.staff, c.key(), s.ID, ""), fault.Conflict, "catalog.session.is_cancelled")
	c.must(c.Propose(t.Context(), c.staff, c.key(), id, c.proposal()))
}

// TestNobodyIsPromisedTwice: the programme cannot take what a group was promised.
func TestNobodyIsPromisedTwice(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	link, _, slot := c.proposed("École Łucja", c.proposal())
	c.must(c.choose(link, slot.ID))
	private := c.dates(link).Sessions[0].ID
	ctx := t.Context()
	public := c.publicSession("2026-06-09", "10:00", c.nguyen)
	wantFault(t, c.catalog.Assign(ctx, c.staff, c.key(), public, c.lukasz), fault.Conflict, "catalog.hindered.person")
	wantFault(t, c.catalog.HandOver(ctx, c.staff, c.key(), public, c.nguyen, c.lukasz), fault.Conflict, "catalog.hindered.person")
	wantFault(t, c.catalog.HandOver(ctx, c.staff, c.key(), private, c.lukasz, c.nguyen), fault.Conflict, "catalog.hindered.person")
	wantFault(t, c.catalog.TakeKit(ctx, c.staff, c.key(), public, catalog.KitUse{KitID: c.kit, Copies: 1}), fault.Conflict, "catalog.hindered.kit")
	later := c.publicSession("2026-06-09", "14:00", c.lukasz)
	wantFault(t, c.catalog.EditSession(ctx, c.staff, c.key(), later, catalog.SessionRequest{WorkshopID: c.workshopID, VenueID: c.venue,
		Date: "2026-06-09", Starts: "10:30", Ends: "12:00", Capacity: 12}), fault.Conflict, "catalog.hindered.person")
	_, err := c.catalog.DuplicateSession(ctx, c.staff, c.key(), private, "2026-06-20", catalog.Assent{})
	wantFault(t, err, fault.Conflict, "catalog.session.is_private")
	kit, err := c.catalog.Kit(ctx, c.kit)
	c.must(err)
	kit.Copies = 0
	wantFault(t, c.catalog.EditKit(ctx, c.staff, c.key(), kit, ""), fault.Invalid, "copies=catalog.kit.copies_used")
}

// Nor is a room: a session for families does not come into one that a group was promised, however it gets there. An older
// session for families beside it changes nothing.
func TestNoRoomIsPromisedTwice(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	ctx := t.Context()
	p := c.proposal()
	p.VenueID = c.venue
	link, _, slot := c.proposed("École Łucja", p)
	c.must(c.choose(link, slot.ID)) // 9:00 to 11:00
	before, later := c.publicSession("2026-06-09", "07:00", 0), c.publicSession("2026-06-09", "14:00", 0)
	wish := catalog.SessionRequest{WorkshopID: c.workshopID, VenueID: c.venue, Date: "2026-06-09", Starts: "08:00", Ends: "10:00", Capacity: 12}
	for range 2 {
		_, err := c.catalog.CreateSession(ctx, c.staff, c.key(), wish)
		wantFault(t, err, fault.Conflict, "catalog.hindered.room")
		wantFault(t, c.catalog.EditSession(ctx, c.staff, c.key(), later, wish), fault.Conflict, "catalog.hindered.room")
		// The second time the room holds both kinds, and the one for families begins first.
		c.write(`UPDATE sessions SET ends_at = '2026-06-09T08:30:00Z' WHERE id = ?`, before)
	}
	other := c.publicSession("2026-06-16", "09:00", 0)
	_, err := c.catalog.DuplicateSession(ctx, c.staff, c.key(), other, "2026-06-09", catalog.Assent{})
	wantFault(t, err, fault.Conflict, "catalog.hindered.room")
	if n := c.count(`SELECT count(*) FROM sessions`); n != 4 {
		t.Errorf("%d sessions, want 4", n)
	}
}

// TestOrganisationVenues: one place per organisation and address, which no list of venues shows.
func TestOrganisationVenues(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	_, _, a := c.proposed("École Łucja", c.proposal())
	_, _, b := c.proposed("École Łucja", c.proposal())
	if a.Venue.ID != b.Venue.ID {
		t.Error("one school has two places")
	}
	n := request()
	n.Organisation.Name, n.Organisation.Address = "École Łucja", "12 quai de la Pêche"
	moved, err := c.Send(t.Context(), account.Guest(), c.key(), DraftKey{}, n)
	c.must(err)
	c.must(c.Propose(t.Context(), c.staff, c.key(), c.dates(moved).Request.ID, c.proposal()))
	if v := c.dates(moved).Slots[0].Venue; v.ID == a.Venue.ID || v.Address != "12 quai de la Pêche" {
		t.Errorf("the other address is %+v", v)
	}
	venues, err := c.catalog.Venues(t.Context())
	c.must(err)
	if len(venues) != 1 || venues[0].ID != c.venue {
		t.Errorf("the venues are %+v", venues)
	}
	_, err = c.catalog.CreateSession(t.Context(), c.staff, c.key(), catalog.SessionRequest{WorkshopID: c.workshopID, VenueID: a.Venue.ID,
		Date: "2026-06-09", Starts: "09:00", Ends: "10:00", Capacity: 12})
	wantFault(t, err, fault.Invalid, "venue=catalog.session.venue")
}

func TestPlanning(t *testing.T) {
	t.Parallel()
	c := newTeam(t)
	ctx := t.Context()
	_, id := c.ask("École Łucja") // wants the morning of Tuesday 9 June
	c.must(c.catalog.AddHours(ctx, c.staff, c.key(), c.nguyen, []int{2}, "08:00", "12:30"))
	c.publicSession("2026-06-09", "10:00", c.lukasz)
	p, err := c.Planning(ctx, c.staff, id, TypedTime{"2026-06-10", "09:00", "11:00"})
	c.must(err)
	at := p.Wanted[0]
	if at.From.Format(catalog.HourLayout) != "09:00" || at.To.Format(catalog.HourLayout) != "12:00" || at.People[0].Name != "Nguyễn Thị Ánh" ||
		at.People[0].Standing != catalog.Available || at.People[2].Standing != catalog.Busy || at.People[2].Where != "Espace Altnet" ||
		at.Kits[0].Free != 1 || len(at.Rooms) != 1 {
		t.Errorf("the wanted morning: %+v", at)
	}
	if p.Looked.People[2].Standing != catalog.Unavailable || len(p.Looked.Rooms) != 0 {
		t.Errorf("the day that was looked at: %+v", p.Looked)
	}
	_, err = c.Planning(ctx, c.staff, id, TypedTime{"2026-05-01", "09:00", "11:00"})
	wantFault(t, err, fault.Invalid, "date_0=catalog.session.in_the_past")
	_, err = c.Planning(ctx, c.somebodyElse, id, TypedTime{})
	wantFault(t, err, fault.Forbidden, "error.forbidden")
}

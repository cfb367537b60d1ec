package school

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MaxTimes is how many times one form can propose.
const MaxTimes = 6

// maxYears is how far ahead a proposal can be: what is further is a slip of the hand.
const maxYears = 3

// Proposal is what the team proposes, as a form describes it.
type Proposal struct {
	WorkshopID int64
	VenueID    int64 // one of ours; 0: at the organisation's own place
	Capacity   int   // in children
	Times      []TypedTime
	// Each makes an option of every time, of which the organisation chooses one; otherwise all are one option.
	Each         bool
	Facilitators []int64
	Kits         []catalog.KitUse
}

// TypedTime is a day and two hours on the clocks of the place: 2027-05-08, 14:00, 16:00. An hour that comes twice says
// which, see catalog.LocalTime.
type TypedTime struct{ Date, Starts, Ends string }

// field names a field of the nth time, from 1.
func field(name string, n int) string { return name + "_" + strconv.Itoa(n) }

// read returns the instants, and notes what is wrong with the nth time.
func (t TypedTime) read(n int, place *time.Location, now time.Time, wrong typed) (p catalog.Period, ok bool) {
	note := func(name string, err error) bool {
		if f, known := fault.As(err); known {
			if f.Message.Key == "catalog.date.format" {
				name = "date"
			}
			wrong.wrong(field(name, n), f.Message.Key, f.Message.Args...)
		}
		return err == nil
	}
	from, err := catalog.LocalTime(t.Date, t.Starts, place)
	ok = note("starts", err)
	to, err := catalog.LocalTime(t.Date, t.Ends, place)
	ok = note("ends", err) && ok
	switch {
	case !ok:
	case !to.After(from):
		wrong.wrong(field("ends", n), "catalog.session.order")
	case !from.After(now):
		wrong.wrong(field("date", n), "catalog.session.in_the_past")
	case from.After(now.AddDate(maxYears, 0, 0)):
		wrong.wrong(field("date", n), "school_dates.too_far", maxYears)
	default:
		return catalog.Period{From: from, To: to}, true
	}
	return catalog.Period{}, false
}

const sqlListedVenue = `SELECT id, time_zone FROM venues WHERE id = ? AND listed = 1`

const sqlVenueZone = `SELECT id, time_zone FROM venues WHERE id = ?`

// place returns the venue of a proposal and its clocks; the organisation's own is made where it is new.
func (p Proposal) place(tx *sqlite.Tx, actor account.Actor, o Organisation, wrong typed) (id int64, clocks *time.Location, err error) {
	query, venue := sqlListedVenue, p.VenueID
	if venue == 0 {
		if venue, err = catalog.OrganisationVenueTx(tx, actor, o.Name, o.Address, o.Postcode, o.City); err != nil {
			return 0, nil, err
		}
		query = sqlVenueZone
	}
	name := catalog.HomeZone
	found := false
	err = each(tx, query, func(scan func(...any) error) error {
		found = true
		return scan(&id, &name)
	}, venue)
	if err != nil {
		return 0, nil, err
	}
	if !found {
		wrong.wrong("venue", "catalog.session.venue")
	}
	clocks, err = catalog.LoadZone(name)
	return id, clocks, err
}

const sqlWorkshopThere = `SELECT count(*) FROM workshops WHERE id = ?`

const (
	sqlInsertSlot = `
INSERT INTO slots (request_id, workshop_id, venue_id, capacity, state, created_by, created_at)
VALUES (?, ?, ?, ?, 'open', NULLIF(?, 0), ?) RETURNING id`
	sqlInsertSlotTime   = `INSERT INTO slot_times (slot_id, starts_at, ends_at) VALUES (?, ?, ?)`
	sqlInsertSlotPerson = `INSERT INTO slot_facilitators (slot_id, user_id) VALUES (?, ?)`
	sqlInsertSlotKit    = `INSERT INTO slot_kits (slot_id, kit_id, copies) VALUES (?, ?, ?)`
)

// Propose adds options to a request and mails all that are open to its contact. What is wrong is Invalid by field: workshop,
// venue, capacity, facilitator, kits, and date_N, starts_N, ends_N of the Nth time, where also a person, kit or room of ours
// that is taken then is told, and a date that is an open option already. Forbidden to all but staff; Conflict while an
// option is accepted (see Reschedule) and once the request is done or over.
func (s *Service) Propose(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, p Proposal) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		if r.Scheduled {
			return fault.New(fault.Conflict, "school_dates.scheduled_already")
		}
		if !r.State.TakesDates() {
			return fault.New(fault.Conflict, "school.too_late")
		}
		if err := p.store(tx, actor, r); err != nil {
			return err
		}
		if err := proposed(tx, actor, &r); err != nil {
			return err
		}
		return tellOptions(tx, r)
	})
}

// Somebody else of the team may have proposed the same a minute ago.
const sqlProposedAlready = `
SELECT EXISTS (SELECT 1 FROM slots s WHERE s.request_id = ?1 AND s.state = 'open' AND s.workshop_id = ?2 AND s.venue_id = ?3
   AND (SELECT count(*) = 1 AND min(t.starts_at) = ?4 AND min(t.ends_at) = ?5 FROM slot_times t WHERE t.slot_id = s.id))`

// store checks the proposal and inserts its options.
func (p Proposal) store(tx *sqlite.Tx, actor account.Actor, r Request) error {
	p.Facilitators = slices.Compact(slices.Sorted(slices.Values(p.Facilitators)))
	wrong := typed{}
	var there int
	if err := tx.QueryRow(sqlWorkshopThere, p.WorkshopID).Scan(&there); err != nil {
		return err
	}
	if there == 0 {
		wrong.wrong("workshop", "catalog.session.workshop")
	}
	if p.Capacity < 1 || p.Capacity > catalog.MaxCapacity {
		wrong.wrong("capacity", "catalog.number", 1, catalog.MaxCapacity)
	}
	if len(p.Facilitators) == 0 {
		wrong.wrong("facilitator", "school_dates.facilitator_missing")
	}
	for _, k := range p.Kits {
		if k.Copies < 1 || k.Copies > catalog.MaxCopies {
			wrong.wrong("kits", "school_dates.copies", catalog.MaxCopies)
		}
	}
	venue, clocks, err := p.place(tx, actor, r.Organisation, wrong)
	if err != nil {
		return err
	}
	times := p.times(clocks, tx.Now(), wrong)
	for i, t := range times {
		if wrong[field("date", i+1)].Key != "" || t == (catalog.Period{}) {
			continue
		}
		if p.Each || len(times) == 1 {
			var already bool
			if err := tx.QueryRow(sqlProposedAlready, r.ID, p.WorkshopID, venue, sqlite.Time(t.From), sqlite.Time(t.To)).Scan(&already); err != nil {
				return err
			}
			if already {
				wrong.wrong(field("date", i+1), "school_dates.proposed_already")
				continue
			}
		}
		found, err := catalog.Hindrances(tx, catalog.Plan{VenueID: venue, From: t.From, To: t.To, Facilitators: p.Facilitators, Kits: p.Kits})
		if fault.KindOf(err) == fault.NotFound {
			wrong.wrong("kits", "catalog.kit.choose")
			continue
		}
		if err != nil {
			return err // Invalid on facilitator where nobody has that id
		}
		if len(found) > 0 {
			m := found[0].Refusal().Message
			wrong.wrong(field("date", i+1), m.Key, m.Args...)
		}
	}
	if err := wrong.invalid(); err != nil {
		return err
	}
	options := [][]catalog.Period{times}
	if p.Each {
		options = nil
		for _, t := range times {
			options = append(options, []catalog.Period{t})
		}
	}
	for _, option := range options {
		if err := p.insert(tx, actor, r.ID, venue, option); err != nil {
			return err
		}
	}
	return nil
}

// times reads what was typed, in its order; a wrong time is the zero Period. Those of one option may not overlap.
func (p Proposal) times(clocks *time.Location, now time.Time, wrong typed) []catalog.Period {
	if len(p.Times) == 0 {
		wrong.wrong(field("date", 1), "school_dates.times_missing")
	}
	var all []catalog.Period
	for i, t := range p.Times[:min(len(p.Times), MaxTimes)] {
		read, ok := t.read(i+1, clocks, now, wrong)
		overlaps := slices.ContainsFunc(all, func(o catalog.Period) bool { return o.From.Before(read.To) && read.From.Before(o.To) })
		switch {
		case !ok:
		case overlaps && !p.Each:
			wrong.wrong(field("date", i+1), "school_dates.times_overlap")
		case slices.Contains(all, read):
			wrong.wrong(field("date", i+1), "school_dates.times_twice")
		}
		all = append(all, read)
	}
	return all
}

func (p Proposal) insert(tx *sqlite.Tx, actor account.Actor, requestID, venue int64, option []catalog.Period) error {
	var id int64
	if err := tx.QueryRow(sqlInsertSlot, requestID, p.WorkshopID, venue, p.Capacity, actor.MemberID(), sqlite.Time(tx.Now())).Scan(&id); err != nil {
		return err
	}
	for _, t := range option {
		if _, err := tx.Exec(sqlInsertSlotTime, id, sqlite.Time(t.From), sqlite.Time(t.To)); err != nil {
			return err
		}
	}
	for _, user := range p.Facilitators {
		if _, err := tx.Exec(sqlInsertSlotPerson, id, user); err != nil {
			return err
		}
	}
	for _, k := range p.Kits {
		if _, err := tx.Exec(sqlInsertSlotKit, id, k.KitID, k.Copies); err != nil {
			return err
		}
	}
	return audit.Add(tx, actor.String(), "slot.propose", record("slot", id), map[string]any{"request": requestID})
}

// proposed moves the request on, or, where a quote or an agreement came first, notes it and leaves the state: what was
// agreed stays agreed while only the date changes.
func proposed(tx *sqlite.Tx, actor account.Actor, r *Request) error {
	if r.State.MayBecome(Proposed) {
		return advance(tx, actor, r, step{to: Proposed, by: ByTeam, turn: othersTurn})
	}
	if err := addEvent(tx, actor, ByTeam, r.ID, string(Proposed), ""); err != nil {
		return err
	}
	if err := setTurn(tx, r.ID, othersTurn); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "request.proposed", record("request", r.ID), nil)
}

// tellOptions mails the open options to the contact; nothing when there are none.
func tellOptions(tx *sqlite.Tx, r Request) error {
	slots, err := slotsTx(tx, r.ID)
	if err != nil {
		return err
	}
	m := letter(r)
	for _, s := range slots {
		if s.State == SlotOpen && !s.Past {
			m.Options = append(m.Options, s.told())
		}
	}
	if len(m.Options) == 0 {
		return nil
	}
	return tellContact(tx, r, outbox.RequestProposed, m)
}

const sqlWithdrawSlot = `UPDATE slots SET state = 'withdrawn', ended_at = ?2 WHERE id = ?1 AND state = 'open'`

// WithdrawSlot takes an open option back. The contact gets a mail with those that remain; where none does, the next step is
// the team's. An option that is not open any more is Conflict; one of another request is NotFound. Forbidden to all but staff.
func (s *Service) WithdrawSlot(ctx context.Context, actor account.Actor, key account.FormKey, requestID, slotID int64) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		slot, err := slotOf(tx, r.ID, slotID)
		if err != nil {
			return err
		}
		if slot.State != SlotOpen {
			return fault.New(fault.Conflict, "school_dates.not_open")
		}
		if _, err := tx.Exec(sqlWithdrawSlot, slotID, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, "slot_withdrawn", ""); err != nil {
			return err
		}
		if err := audit.Add(tx, actor.String(), "slot.withdraw", record("slot", slotID), map[string]any{"request": r.ID}); err != nil {
			return err
		}
		left, err := slotsTx(tx, r.ID)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(left, func(s Slot) bool { return s.State == SlotOpen }) {
			if err := setTurn(tx, r.ID, teamsTurn); err != nil {
				return err
			}
		}
		return tellOptions(tx, r)
	})
}

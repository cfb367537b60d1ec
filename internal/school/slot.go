package school

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// SlotState is how an option stands.
type SlotState string

// The states of an option.
const (
	SlotOpen      SlotState = "open"
	SlotAccepted  SlotState = "accepted"
	SlotDeclined  SlotState = "declined"
	SlotWithdrawn SlotState = "withdrawn"
)

// Slot is an option proposed to an organisation: one or several times with the same team and equipment. It holds nobody
// and nothing until it is accepted.
type Slot struct {
	ID           int64
	Workshop     catalog.Workshop // ID, Title, Level and Bring alone
	Venue        catalog.Venue
	Capacity     int
	State        SlotState
	Times        []catalog.Period // in the zone of the venue
	Facilitators []catalog.Facilitator
	Kits         []catalog.SessionKit
	// By is who proposed it, by name; empty when not known.
	By string
	// Hindered is what stands in the way of an open option now; Past tells that it has begun.
	Hindered []catalog.Hindrance
	Past     bool
}

// Free reports whether the option can be accepted now.
func (s Slot) Free() bool { return s.State == SlotOpen && !s.Past && len(s.Hindered) == 0 }

// told is what a message says of the option.
func (s Slot) told() []outbox.Session {
	var all []outbox.Session
	for _, t := range s.Times {
		all = append(all, catalog.Session{Workshop: s.Workshop, Venue: s.Venue, StartsAt: t.From, EndsAt: t.To}.Told())
	}
	return all
}

// Dates is all about when a request takes place.
type Dates struct {
	Request Request
	Slots   []Slot // of every state, in the order in which they were proposed
	// Sessions are those that an accepted option made, without those called off.
	Sessions []catalog.Session
	// Begun tells that the last of them has begun: no other dates can be asked for.
	Begun bool
}

// Open returns the options that still wait for an answer, free or not.
func (d Dates) Open() []Slot {
	var open []Slot
	for _, s := range d.Slots {
		if s.State == SlotOpen {
			open = append(open, s)
		}
	}
	return open
}

// Dates returns the options of the request that a contact's link opens, and its sessions. A wrong link is NotFound.
func (s *Service) Dates(ctx context.Context, link Link) (d Dates, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.openTx(tx, link)
		if err != nil {
			return err
		}
		d, err = datesTx(tx, r)
		return err
	})
	return d, err
}

// DatesAtDesk is Dates for the desk. Forbidden for who has none; an unknown id is NotFound.
func (s *Service) DatesAtDesk(ctx context.Context, actor account.Actor, requestID int64) (d Dates, err error) {
	if err := mayRead(actor); err != nil {
		return Dates{}, err
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := requestTx(tx, requestID)
		if err != nil {
			return err
		}
		d, err = datesTx(tx, r)
		return err
	})
	return d, err
}

func datesTx(tx *sqlite.Tx, r Request) (d Dates, err error) {
	d.Request = r
	if d.Slots, err = slotsTx(tx, r.ID); err != nil {
		return Dates{}, err
	}
	d.Sessions, err = catalog.SessionsOfRequestTx(tx, r.ID)
	d.Begun = allBegun(d.Sessions, tx.Now())
	return d, err
}

// allBegun reports whether there are sessions, and none is left to come.
func allBegun(sessions []catalog.Session, now time.Time) bool {
	return len(sessions) > 0 && !slices.ContainsFunc(sessions, func(s catalog.Session) bool { return s.StartsAt.After(now) })
}

const sqlSlots = `
SELECT s.id, s.capacity, s.state, coalesce(u.name, ''), w.id, w.title, w.level, w.bring,
       v.id, v.name, v.address, v.postcode, v.city, v.access, v.time_zone, v.listed = 0
  FROM slots s JOIN workshops w ON w.id = s.workshop_id JOIN venues v ON v.id = s.venue_id LEFT JOIN users u ON u.id = s.created_by
 WHERE s.request_id = ? ORDER BY s.id`

const sqlSlotTimes = `SELECT starts_at, ends_at FROM slot_times WHERE slot_id = ? ORDER BY starts_at`

const sqlSlotPeople = `
SELECT u.id, u.name FROM slot_facilitators f JOIN users u ON u.id = f.user_id WHERE f.slot_id = ? ORDER BY u.name, u.id`

const sqlSlotKits = `
SELECT k.id, k.name, k.contents, k.copies, n.copies FROM slot_kits n JOIN kits k ON k.id = n.kit_id WHERE n.slot_id = ? ORDER BY k.name, k.id`

// slotsTx returns the options of a request with what hinders those that are open.
func slotsTx(tx *sqlite.Tx, requestID int64) ([]Slot, error) {
	var all []Slot
	err := each(tx, sqlSlots, func(scan func(...any) error) error {
		var s Slot
		w, v := &s.Workshop, &s.Venue
		err := scan(&s.ID, &s.Capacity, &s.State, &s.By, &w.ID, &w.Title, &w.Level, &w.Bring,
			&v.ID, &v.Name, &v.Address, &v.Postcode, &v.City, &v.Access, &v.TimeZone, &v.Unlisted)
		all = append(all, s)
		return err
	}, requestID)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if err := all[i].complete(tx); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// complete reads what belongs to an option, and looks at what hinders it.
func (s *Slot) complete(tx *sqlite.Tx) error {
	place, err := catalog.LoadZone(s.Venue.TimeZone)
	if err != nil {
		return err
	}
	err = each(tx, sqlSlotTimes, func(scan func(...any) error) error {
		var from, to string
		if err := scan(&from, &to); err != nil {
			return err
		}
		p, err := period(from, to, place)
		s.Times = append(s.Times, p)
		return err
	}, s.ID)
	if err != nil {
		return err
	}
	err = each(tx, sqlSlotPeople, func(scan func(...any) error) error {
		var f catalog.Facilitator
		err := scan(&f.ID, &f.Name)
		s.Facilitators = append(s.Facilitators, f)
		return err
	}, s.ID)
	if err != nil {
		return err
	}
	err = each(tx, sqlSlotKits, func(scan func(...any) error) error {
		var k catalog.SessionKit
		err := scan(&k.ID, &k.Name, &k.Contents, &k.Copies, &k.Used)
		s.Kits = append(s.Kits, k)
		return err
	}, s.ID)
	if err != nil || s.State != SlotOpen {
		return err
	}
	for _, t := range s.Times {
		s.Past = s.Past || !t.From.After(tx.Now())
		found, err := catalog.Hindrances(tx, s.plan(t))
		if err != nil {
			return err
		}
		s.Hindered = append(s.Hindered, found...)
	}
	return nil
}

// plan is one session of the option, as it would take place.
func (s Slot) plan(t catalog.Period) catalog.Plan {
	p := catalog.Plan{VenueID: s.Venue.ID, From: t.From, To: t.To, Kits: s.kitUses()}
	for _, f := range s.Facilitators {
		p.Facilitators = append(p.Facilitators, f.ID)
	}
	return p
}

func (s Slot) kitUses() []catalog.KitUse {
	var all []catalog.KitUse
	for _, k := range s.Kits {
		all = append(all, catalog.KitUse{KitID: k.ID, Copies: k.Used})
	}
	return all
}

// slotOf returns one option of a request; that of another request is NotFound like an unknown one.
func slotOf(tx *sqlite.Tx, requestID, slotID int64) (Slot, error) {
	all, err := slotsTx(tx, requestID)
	if err != nil {
		return Slot{}, err
	}
	for _, s := range all {
		if s.ID == slotID {
			return s, nil
		}
	}
	return Slot{}, fault.New(fault.NotFound, "error.not_found")
}

func period(from, to string, place *time.Location) (catalog.Period, error) {
	starts, err := sqlite.ParseTime(from)
	if err != nil {
		return catalog.Period{}, err
	}
	ends, err := sqlite.ParseTime(to)
	return catalog.Period{From: starts.In(place), To: ends.In(place)}, err
}

// each reads the rows of a query, one by one.
func each(tx *sqlite.Tx, query string, read func(scan func(...any) error) error, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := read(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

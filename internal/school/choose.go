package school

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlAcceptSlot = `UPDATE slots SET state = 'accepted', ended_at = ?2 WHERE id = ?1 AND state = 'open'`

// Choose accepts an option for the contact whose link it is. In one transaction it looks again whether people, kits and room
// are free, makes the private sessions, withdraws the other options, and tells the contact, the facilitators and the team.
//
// Of two organisations that choose the same person, kit or room at once, one has it and the other gets Conflict
// "school_dates.taken", with everything of theirs as it was (UX-S3). The same option chosen twice is chosen once. Another one
// after it is Conflict "school_dates.chosen_already", one that was withdrawn "school_dates.not_open", one that has begun
// "school_dates.past"; a request that takes no dates any more is "school.too_late". A wrong link, and an option of another
// request, are NotFound.
func (s *Service) Choose(ctx context.Context, actor account.Actor, key account.FormKey, link Link, slotID int64) error {
	return s.byContact(ctx, key, link, func(tx *sqlite.Tx, r Request) error {
		slot, err := slotOf(tx, r.ID, slotID)
		if err != nil {
			return err
		}
		if slot.State == SlotAccepted {
			return nil
		}
		if err := slot.refuse(r); err != nil {
			return err
		}
		return schedule(tx, actor, r, slot)
	})
}

// refuse is why an option cannot be chosen; nil when it can.
func (s Slot) refuse(r Request) error {
	key := ""
	switch {
	case r.Scheduled:
		key = "school_dates.chosen_already"
	case s.State != SlotOpen:
		key = "school_dates.not_open"
	case !r.State.TakesDates():
		key = "school.too_late"
	case s.Past:
		key = "school_dates.past"
	case len(s.Hindered) > 0:
		key = "school_dates.taken"
	default:
		return nil
	}
	return fault.New(fault.Conflict, key)
}

// Refusal is why an option of these dates cannot be chosen, nil when it can.
func (d Dates) Refusal(slot Slot) *fault.Error {
	f, _ := fault.As(slot.refuse(d.Request))
	return f
}

// schedule makes what an option promises.
func schedule(tx *sqlite.Tx, actor account.Actor, r Request, slot Slot) error {
	by := slot.By
	if by == "" {
		var err error
		if by, err = settings.Get(tx, settings.AssociationName); err != nil {
			return err
		}
	}
	var sessions []catalog.Session
	for _, t := range slot.Times {
		plan := slot.plan(t)
		session, err := catalog.CreateGroupSessionTx(tx, actor, catalog.GroupSession{
			RequestID: r.ID, WorkshopID: slot.Workshop.ID, VenueID: slot.Venue.ID, StartsAt: t.From, EndsAt: t.To,
			Capacity: slot.Capacity, Facilitators: plan.Facilitators, Kits: plan.Kits, By: by,
		})
		if err != nil {
			return err
		}
		sessions = append(sessions, session)
	}
	if _, err := tx.Exec(sqlAcceptSlot, slot.ID, sqlite.Time(tx.Now())); err != nil {
		return err
	}
	if err := endSlots(tx, r.ID, SlotWithdrawn); err != nil {
		return err
	}
	if err := addEvent(tx, actor, ByContact, r.ID, "slot_accepted", ""); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "slot.accept", record("slot", slot.ID), map[string]any{"request": r.ID}); err != nil {
		return err
	}
	// A quote, or an agreement, comes next; once all is agreed only the date was missing.
	next := teamsTurn
	if r.State == Agreed {
		next = othersTurn
	}
	if err := setTurn(tx, r.ID, next); err != nil {
		return err
	}
	m := letter(r)
	m.Sessions = toldSessions(sessions)
	if err := tellContact(tx, r, outbox.RequestScheduled, m); err != nil {
		return err
	}
	m.News = "slot_accepted"
	return tellTeam(tx, r, outbox.RequestNews, m)
}

// byContact runs one act of a contact, once for its form key.
func (s *Service) byContact(ctx context.Context, key account.FormKey, link Link, do func(tx *sqlite.Tx, r Request) error) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		r, err := s.openTx(tx, link)
		if err != nil {
			return err
		}
		_, _, err = account.Once(tx, key, func() (string, error) { return "", do(tx, r) })
		return err
	})
}

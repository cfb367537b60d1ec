package catalog

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Edited is what an edit of a session did.
type Edited struct {
	Before, After Session
	// Moved is true when its time or place changed: whoever is booked must be told.
	Moved bool
}

const sqlUpdateSession = `
UPDATE sessions SET workshop_id = ?2, venue_id = ?3, starts_at = ?4, ends_at = ?5, price_cents = ?6, payment_url = ?7,
       opens_at = ?8, closes_at = ?9, ical_sequence = ical_sequence + ?10, updated_at = ?11, series_id = nullif(?12, 0),
       pricing = ?13, price_min_cents = ?14, price_steps = ?15, reserved_seats = ?16, reserved_for = ?17, reserved_until = ?18, funding = ?19
 WHERE id = ?1`

// EditSession is EditSessionTx in a transaction of its own, for a session that nobody is booked in or
// that stays where and when it is. Moving a session that families have booked must tell them, which is not
// known here: it is refused as Conflict, and package booking does it.
func (c *Catalog) EditSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64, r SessionRequest) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		old, err := SessionTx(tx, id)
		if err != nil {
			return err
		}
		r := r
		r.Capacity = old.Capacity
		edited, err := EditSessionTx(tx, actor, id, r)
		if err == nil && edited.Moved && edited.After.Taken+edited.After.Waiting > 0 {
			return fault.New(fault.Conflict, "catalog.session.move_booked")
		}
		return err
	})
}

// EditSessionTx replaces every field of a session but its capacity, which it checks for who sets it next. A booked session keeps its
// workshop; a session that has started or is cancelled is Conflict; a published one cannot move to the
// past, nor any to where its people or kits are taken (see Hindrance). Another time or place raises the iCalendar sequence, and who leads a published session is told. An empty opening keeps the present
// one. An edit that changes nothing leaves no trace. The fields are those of CreateSession.
func EditSessionTx(tx *sqlite.Tx, actor account.Actor, id int64, r SessionRequest) (Edited, error) {
	if err := mayManage(actor); err != nil {
		return Edited{}, err
	}
	old, err := SessionTx(tx, id)
	if err != nil {
		return Edited{}, err
	}
	if err := old.changeable(tx); err != nil {
		return Edited{}, err
	}
	if err := unchanged(r.Seen, old.Version()); err != nil {
		return Edited{}, err
	}
	t := typed{}
	zone, err := placeOf(tx, t, r.WorkshopID, r.VenueID, old.Venue.ID)
	if err != nil {
		return Edited{}, err
	}
	at := r.resolve(t, zone, tx.Now(), old.OpensAt)
	if at.opens.Equal(old.OpensAt.Truncate(time.Minute)) { // a form shows no seconds of an opening « now »
		at.opens = old.OpensAt
	}
	if r.WorkshopID != old.Workshop.ID && old.Taken+old.Waiting > 0 {
		t["workshop"] = fault.Message{Key: "catalog.session.keeps_workshop"}
	}
	if old.Private() {
		r.SeriesID, r.NewSeries, r.Funding = 0, "", ""
		r.ReservedSeats, r.ReservedFor, r.ReservedUntil = 0, "", ""
	}
	if err := checkFunding(tx, t, r.Funding, old.Funding); err != nil {
		return Edited{}, err
	}
	kept := r.reservation(t, zone, at.starts, tx.Now(), old.Reserved)
	if r.SeriesID, err = r.settleSeries(tx, actor, t); err != nil {
		return Edited{}, err
	}
	t.pricing(&r.Pricing, r.PriceCents, r.SeriesID != 0)
	if err := r.joinSeriesPrice(tx, t, old); err != nil {
		return Edited{}, err
	}
	then := old // all that is wrong is told at once, also what SetCapacityTx refuses
	then.Reserved, then.Held = kept, kept.HeldAt(tx.Now())
	then.checkCapacity(t, r.Capacity)
	moved := r.VenueID != old.Venue.ID || !at.starts.Equal(old.StartsAt) || !at.ends.Equal(old.EndsAt)
	if moved {
		if err := noteClosed(tx, t, r.VenueID, at.starts); err != nil {
			return Edited{}, err
		}
	}
	if err := t.invalid(); err != nil {
		if !moved {
			return Edited{}, err
		}
		plan, failed := planOf(tx, old)
		if failed != nil {
			return Edited{}, failed
		}
		plan.VenueID, plan.From, plan.To = r.VenueID, at.starts, at.ends
		return Edited{}, withObstacles(tx, err, plan)
	}
	then.Workshop.ID, then.Venue.ID, then.Series.ID, then.PaymentURL, then.Funding = r.WorkshopID, r.VenueID, r.SeriesID, r.PaymentURL, r.Funding
	then.StartsAt, then.EndsAt, then.OpensAt, then.ClosesAt = at.starts, at.ends, at.opens, at.closes
	then.PriceCents, then.Pricing = r.PriceCents, r.Pricing
	if then.Version() == old.Version() {
		return Edited{Before: old, After: old}, nil
	}
	if err := r.priceSeries(tx, actor); err != nil {
		return Edited{}, err
	}
	if _, err := tx.Exec(sqlUpdateSession, id, r.WorkshopID, r.VenueID, sqlite.Time(at.starts), sqlite.Time(at.ends), r.PriceCents,
		r.PaymentURL, sqlite.Time(at.opens), sqlite.Time(at.closes), moved, sqlite.Time(tx.Now()), r.SeriesID,
		string(r.Pricing.Way), r.Pricing.MinCents, writeSteps(r.Pricing.Steps), kept.Seats, kept.Partner, kept.until(), r.Funding); err != nil {
		return Edited{}, err
	}
	now, err := SessionTx(tx, id)
	if err != nil {
		return Edited{}, err
	}
	if err := refuseOverfull(old, now, max(now.Capacity, r.Capacity)); err != nil {
		return Edited{}, err
	}
	if moved {
		if err := refuseHindered(tx, now); err != nil {
			return Edited{}, err
		}
		if now.Status == Published {
			if err := tellLeaders(tx, now, outbox.SessionChanged, "", tx.Now()); err != nil {
				return Edited{}, err
			}
		}
	}
	return Edited{Before: old, After: now, Moved: moved}, audit.Add(tx, actor.String(), "session.edit", record("session", id), changes{
		"workshop": {old.Workshop.ID, now.Workshop.ID}, "venue": {old.Venue.ID, now.Venue.ID},
		"starts_at": {sqlite.Time(old.StartsAt), sqlite.Time(now.StartsAt)}, "ends_at": {sqlite.Time(old.EndsAt), sqlite.Time(now.EndsAt)},
		"opens_at": {sqlite.Time(old.OpensAt), sqlite.Time(now.OpensAt)}, "closes_at": {sqlite.Time(old.ClosesAt), sqlite.Time(now.ClosesAt)},
		"price_cents": {old.PriceCents, now.PriceCents}, "pricing": {old.Pricing.Way, now.Pricing.Way},
		"price_min_cents": {old.Pricing.MinCents, now.Pricing.MinCents}, "price_steps": {writeSteps(old.Pricing.Steps), writeSteps(now.Pricing.Steps)},
		"reserved_seats": {old.Reserved.Seats, now.Reserved.Seats}, "reserved_until": {old.Reserved.LastDay(), now.Reserved.LastDay()},
		"payment_url": {old.PaymentURL, now.PaymentURL}, "funding": {old.Funding, now.Funding}, "series": {old.Series.ID, now.Series.ID},
	}.details())
}

// changeable refuses, as Conflict, a session that is cancelled or has started.
func (s Session) changeable(tx *sqlite.Tx) error {
	if s.Status == Cancelled {
		return fault.New(fault.Conflict, "catalog.session.is_cancelled")
	}
	if !s.StartsAt.After(tx.Now()) {
		return fault.New(fault.Conflict, "catalog.session.has_started")
	}
	return nil
}

package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// TariffField is the name under which an amount that a family chose is refused.
const TariffField = "tariff"

// seatPrice is what a family pays for a seat of s that asks for chosen: nil where it is what the session says.
func (s Session) seatPrice(chosen *int) (*int, error) {
	if s.Pricing.Way != catalog.Chosen || chosen == nil || *chosen == s.PriceCents {
		return nil, nil
	}
	if m := s.Pricing.Choice(*chosen); m != nil {
		return nil, fault.InvalidFields(map[string]fault.Message{TariffField: *m})
	}
	return chosen, nil
}

// seatCents is what a seat of s costs who pays price, or what the session says where that is nil.
func (s Session) seatCents(price *int) int {
	if price != nil {
		return *price
	}
	return s.PriceCents
}

const sqlSeatPrice = `UPDATE booking_groups SET seat_cents = ?2 WHERE id = ?1`

// Choose changes what the family pays for each seat of the booking that link opens, where that is for it to choose. Conflict
// "price.choice.none" where it is not, Gone "price.choice.late" once the session has begun; Invalid as Pricing.Choice says.
func (s *Service) Choose(ctx context.Context, actor account.Actor, key account.FormKey, link Link, cents int) error {
	return s.change(ctx, key, s.opened(link), func(tx *sqlite.Tx, v Group) error {
		if v.Session.Pricing.Way != catalog.Chosen || v.Session.Status == "cancelled" {
			return fault.New(fault.Conflict, "price.choice.none")
		}
		if !tx.Now().Before(v.Session.StartsAt) {
			return fault.New(fault.Gone, "price.choice.late")
		}
		price, err := v.Session.seatPrice(&cents)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSeatPrice, v.id, price); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "booking.choose_price", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference, "seat_cents": cents})
	})
}

const (
	sqlKeepSessionPrice = `UPDATE booking_groups SET seat_cents = ?2 WHERE seat_cents IS NULL AND session_id = ?1`
	sqlKeepSeriesPrice  = `
UPDATE booking_groups SET seat_cents = ?2 WHERE seat_cents IS NULL AND session_id IN (SELECT id FROM sessions WHERE series_id = ?1 AND pricing = 'series')`
	sqlForgetPrices = `UPDATE booking_groups SET seat_cents = NULL WHERE seat_cents IS NOT NULL AND session_id = ?`
)

// keepPrices leaves who has booked, or waits, the price that they read then. A session that comes to be paid with its series, or no longer is,
// costs what it says now: what one seat and what a whole series cost are no prices of each other.
func keepPrices(tx *sqlite.Tx, edited catalog.Edited) error {
	before, after := edited.Before, edited.After
	query, id := sqlKeepSessionPrice, before.ID
	switch withSeries := before.Pricing.Way == catalog.PerSeries; {
	case withSeries != (after.Pricing.Way == catalog.PerSeries):
		_, err := tx.Exec(sqlForgetPrices, before.ID)
		return err
	case before.PriceCents == after.PriceCents:
		return nil
	case withSeries:
		if before.Series.ID != after.Series.ID {
			break
		}
		query, id = sqlKeepSeriesPrice, before.Series.ID
	}
	_, err := tx.Exec(query, id, before.PriceCents)
	return err
}

package booking

import (
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlCancel = `
UPDATE bookings SET status = 'cancelled', cancelled_by = ?2, cancelled_at = ?3, updated_at = ?3, ical_sequence = ical_sequence + 1
WHERE id = ?1 AND status IN ('waiting', 'offered', 'confirmed')`

// Cancel gives up the seats, offers and places on the list of some children of the booking that link
// opens; no bookingIDs means all. Freed seats go to the list in the same transaction. Cancelling twice
// frees one seat and gives the same answer.
//
// Gone "booking.cancel_late" once the session has started; Invalid when a bookingID is not of this booking.
func (s *Service) Cancel(ctx context.Context, actor account.Actor, key account.FormKey, link Link, bookingIDs []int64) error {
	return s.change(ctx, key, link, func(tx *sqlite.Tx, g group, v Group) error {
		for _, id := range bookingIDs {
			if !slices.ContainsFunc(v.Children, func(c Seat) bool { return c.BookingID == id }) {
				return fault.New(fault.Invalid, "booking.cancel_unknown")
			}
		}
		var seats, places []string
		now := sqlite.Time(tx.Now())
		begun := !tx.Now().Before(v.Session.StartsAt)
		for _, c := range v.Children {
			if !c.Live() || len(bookingIDs) > 0 && !slices.Contains(bookingIDs, c.BookingID) {
				continue
			}
			if begun {
				return fault.New(fault.Gone, "booking.cancel_late")
			}
			if c.Status == "offered" {
				if _, err := tx.Exec(sqlEndOffer, c.BookingID, "declined", now); err != nil {
					return err
				}
			}
			if _, err := tx.Exec(sqlCancel, c.BookingID, "family", now); err != nil {
				return err
			}
			if c.Status == "waiting" {
				places = append(places, c.FirstName)
				continue
			}
			seats = append(seats, c.FirstName)
		}
		if len(seats)+len(places) == 0 {
			return nil // a second click
		}
		if err := s.tellCancelled(tx, v, seats, places); err != nil {
			return err
		}
		if err := audit.Add(tx, actor.String(), "booking.cancel", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference, "seats": len(seats), "places_on_list": len(places)}); err != nil {
			return err
		}
		// Leaving the list frees seats too: one that was too few for two together may do for who stays.
		return offerFreeSeats(tx, v.Session.ID, nil)
	})
}

// tellCancelled mails what was given up: seats and places on the list are different messages.
func (s *Service) tellCancelled(tx *sqlite.Tx, v Group, seats, places []string) error {
	after, err := viewGroup(tx, v.id)
	if err != nil {
		return err
	}
	m, kind := after.mail(), outbox.BookingCancelled
	m.Cancelled = append(seats, places...)
	if len(seats) == 0 {
		kind = outbox.WaitingLeft
	}
	return send(tx, kind, v.guardianID, v.GuardianEmail, v.language, m)
}

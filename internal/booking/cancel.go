package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// LateNotice is how long before the start a seat is given up late: too late, mostly, for another family to come.
const LateNotice = 48 * time.Hour

// LateFrom is since when a seat of s is given up late.
func (s Session) LateFrom() time.Time { return s.StartsAt.Add(-LateNotice) }

// LateReason is why a family gives a seat up late, of a few answers to choose among: a free text would collect illnesses.
// Empty: it was not asked, or did not say.
type LateReason string

// The reasons.
const (
	Unforeseen  LateReason = "unforeseen"
	Appointment LateReason = "appointment"
	Unwilling   LateReason = "unwilling"
	Distance    LateReason = "distance"
	OtherReason LateReason = "other"
)

// LateReasons lists the reasons as they are asked.
func LateReasons() []LateReason {
	return []LateReason{Unforeseen, Appointment, Distance, Unwilling, OtherReason}
}

const sqlCancel = `
UPDATE bookings SET status = 'cancelled', cancelled_by = ?2, cancelled_at = ?3, updated_at = ?3, ical_sequence = ical_sequence + 1
WHERE id = ?1 AND status IN ('waiting', 'offered', 'confirmed')`

const sqlCancelReason = `UPDATE bookings SET cancel_reason = ?2 WHERE id = ?1`

// Cancel gives up the seats, offers and places on the list of some children of the booking that link
// opens; no bookingIDs means all. Freed seats go to the list in the same transaction. Cancelling twice
// frees one seat and gives the same answer. reason stays with seats that are given up late (see LateNotice), and with nothing
// else.
//
// Gone "booking.cancel_late" once the session has started; Conflict "booking.cancel_unknown" when a bookingID is not of this
// booking, or no more since it moved; Invalid when the reason is none of LateReasons.
func (s *Service) Cancel(ctx context.Context, actor account.Actor, key account.FormKey, link Link, bookingIDs []int64, reason LateReason) error {
	if reason != "" && !slices.Contains(LateReasons(), reason) {
		return fault.InvalidFields(map[string]fault.Message{"reason": {Key: "booking.cancel_reason"}})
	}
	return s.change(ctx, key, s.opened(link), func(tx *sqlite.Tx, v Group) error { return s.cancel(tx, actor, v, bookingIDs, reason) })
}

// CancelFor is Cancel by the team, for a family that said so by phone. Forbidden to all but staff.
func (s *Service) CancelFor(ctx context.Context, actor account.Actor, key account.FormKey, reference string, bookingIDs []int64) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error { return s.cancel(tx, actor, v, bookingIDs, "") })
}

func (s *Service) cancel(tx *sqlite.Tx, actor account.Actor, v Group, bookingIDs []int64, reason LateReason) error {
	for _, id := range bookingIDs {
		if !slices.ContainsFunc(v.Children, func(c Seat) bool { return c.BookingID == id }) {
			return fault.New(fault.Conflict, "booking.cancel_unknown")
		}
	}
	var seats, places []string
	var gone []Seat
	begun := !tx.Now().Before(v.Session.StartsAt)
	for _, c := range v.Children {
		if !c.Live() || len(bookingIDs) > 0 && !slices.Contains(bookingIDs, c.BookingID) {
			continue
		}
		if begun {
			return fault.New(fault.Gone, "booking.cancel_late")
		}
		if err := giveBack(tx, v, c, reason); err != nil {
			return err
		}
		gone = append(gone, c)
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
	if err := tellOthers(tx, v, gone, "cancelled", v.Session); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "booking.cancel", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(seats), "places_on_list": len(places)}); err != nil {
		return err
	}
	// Leaving the list frees seats too: one that was too few for two together may do for who stays.
	return offerFreeSeats(tx, v.Session.ID, nil)
}

// giveBack ends what a child of a booking has, for its family: a seat, an offer or a place on the list.
func giveBack(tx *sqlite.Tx, v Group, c Seat, reason LateReason) error {
	now := sqlite.Time(tx.Now())
	if c.Status == "offered" {
		if _, err := tx.Exec(sqlEndOffer, c.BookingID, "declined", now); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(sqlCancel, c.BookingID, "family", now); err != nil {
		return err
	}
	if reason == "" || c.Status != "confirmed" || tx.Now().Before(v.Session.LateFrom()) {
		return nil
	}
	_, err := tx.Exec(sqlCancelReason, c.BookingID, string(reason))
	return err
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
	return send(tx, kind, v, m)
}

package booking

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Accept takes every seat offered to the booking that link opens. Accepting twice gives one seat. leave names the
// linked bookings whose places on other lists are given up with it (domain, Waiting list 8).
//
// Gone "booking.offer_over" when the offer ran out, was declined, or the session no longer takes place; Invalid when
// something in leave is not linked to this booking.
func (s *Service) Accept(ctx context.Context, actor account.Actor, key account.FormKey, link Link, leave []string) error {
	return s.change(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) error { return s.accept(tx, actor, v, leave) })
}

// AcceptFor is Accept by the team, for a family that said so by phone. Forbidden to all but staff.
func (s *Service) AcceptFor(ctx context.Context, actor account.Actor, key account.FormKey, reference string) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error { return s.accept(tx, actor, v, nil) })
}

func (s *Service) accept(tx *sqlite.Tx, actor account.Actor, v Group, leave []string) error {
	offered := v.With("offered")
	if len(offered) == 0 {
		accepted, err := lastOfferAccepted(tx, v.id)
		if err != nil {
			return err
		}
		if accepted {
			return nil // a second click
		}
		return fault.New(fault.Gone, "booking.offer_over")
	}
	if v.Session.Status != "published" || !tx.Now().Before(v.Session.StartsAt) {
		return fault.New(fault.Gone, "booking.offer_over")
	}
	if err := endOffers(tx, v, "accepted", "confirmed"); err != nil {
		return err
	}
	if err := s.leaveLinked(tx, actor, v, leave); err != nil {
		return err
	}
	after, err := viewGroup(tx, v.id)
	if err != nil {
		return err
	}
	m := after.mail()
	if m.Also, err = stillWaiting(tx, after); err != nil {
		return err
	}
	if err := send(tx, outbox.BookingConfirmed, after, m); err != nil {
		return err
	}
	if err := tellOthers(tx, v, v.those("offered"), "seated", v.Session); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "booking.accept", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(offered)})
}

const sqlLastOffers = `
SELECT coalesce(max(o.outcome IN ('accepted', 'given') AND b.status = 'confirmed'), 0)
FROM offers o JOIN bookings b ON b.id = o.booking_id
WHERE b.group_id = ?1 AND o.ended_at = (
  SELECT max(l.ended_at) FROM offers l JOIN bookings c ON c.id = l.booking_id WHERE c.group_id = ?1)`

// lastOfferAccepted reports whether the offers that ended last, to a booking without live offers, gave a seat that it
// still has. Siblings are offered and accept together: that one of them gave up since takes nothing from the others.
func lastOfferAccepted(tx *sqlite.Tx, groupID int64) (accepted bool, err error) {
	err = tx.QueryRow(sqlLastOffers, groupID).Scan(&accepted)
	return accepted, err
}

// Decline gives the offered seats back and leaves the list; the seats pass on at once.
// Declining twice, or after the offer ran out, is the same as once. Gone "booking.decline_late" for an offer that was
// accepted: the seat is theirs, and has to be cancelled.
func (s *Service) Decline(ctx context.Context, actor account.Actor, key account.FormKey, link Link) error {
	return s.change(ctx, key, s.opened(link), func(tx *sqlite.Tx, v Group) error { return decline(tx, actor, v) })
}

// DeclineFor is Decline by the team, for a family that said so by phone. Forbidden to all but staff.
func (s *Service) DeclineFor(ctx context.Context, actor account.Actor, key account.FormKey, reference string) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error { return decline(tx, actor, v) })
}

func decline(tx *sqlite.Tx, actor account.Actor, v Group) error {
	if len(v.With("offered")) == 0 {
		accepted, err := lastOfferAccepted(tx, v.id)
		if err == nil && accepted {
			err = fault.New(fault.Gone, "booking.decline_late")
		}
		return err
	}
	next, err := passesTo(tx, v)
	if err != nil {
		return err
	}
	if err := endOffers(tx, v, "declined", "declined"); err != nil {
		return err
	}
	m := v.mail()
	m.Cancelled, m.Offered, m.OfferUntil = v.With("offered"), next, ""
	m.Waiting = m.Waiting[len(next):] // who is next is the first of those who wait
	if v.givenAt(tx.Now()) {
		m.Offered, m.Given = nil, next
	}
	if err := send(tx, outbox.WaitingLeft, v, m); err != nil {
		return err
	}
	if err := tellOthers(tx, v, v.those("offered"), "unlisted", v.Session); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "booking.decline", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference}); err != nil {
		return err
	}
	return offerFreeSeats(tx, v.Session.ID, nil)
}

// passesTo returns which waiting children of a booking would be offered, or given (givenAt), the seats that are offered to others of it, if the
// family declined those: it may well be next itself, and should know so before.
func passesTo(tx *sqlite.Tx, v Group) ([]string, error) {
	offered := len(v.With("offered"))
	if offered == 0 || len(v.With("waiting")) == 0 {
		return nil, nil
	}
	if _, ok := v.Session.Deadline(tx.Now()); !ok && !v.givenAt(tx.Now()) {
		return nil, nil
	}
	list, err := queue(tx, v.Session.ID)
	if err != nil {
		return nil, err
	}
	next, _ := nextByPhone(v.Session.free()+offered, list, nil, v.id)
	return v.names(next.bookings), nil
}

const sqlEndOffer = `UPDATE offers SET outcome = ?2, ended_at = ?3 WHERE booking_id = ?1 AND outcome IS NULL`

// endOffers ends the live offers of a booking and gives its offered children a status.
func endOffers(tx *sqlite.Tx, v Group, outcome, status string) error {
	now := sqlite.Time(tx.Now())
	for _, c := range v.Children {
		if c.Status != "offered" {
			continue
		}
		if _, err := tx.Exec(sqlEndOffer, c.BookingID, outcome, now); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlSetStatus, c.BookingID, status, now); err != nil {
			return err
		}
		if status != "waiting" {
			continue
		}
		if _, err := tx.Exec(sqlForgetOverride, c.BookingID); err != nil {
			return err
		}
	}
	return nil
}

package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Move takes the children of a booking to another session of its workshop, in one step: all who have something in this one
// get a seat there, and what they had is free for others, or nothing changes. The booking keeps its reference, and so its
// links and its entry in calendars; what it had stays with its old session, as given up.
//
// Faults: NotFound (no such session, or one of another workshop), Gone "booking.move_nobody" (nothing is left to move, or the
// session has begun), Conflict "booking.move_known" (a child is in the other session already), Conflict "booking.move_full" (there
// are fewer seats than children), Conflict "booking.join_mail" as Join says, and those of decide.
func (s *Service) Move(ctx context.Context, actor account.Actor, key account.FormKey, link Link, sessionID int64) error {
	return s.change(ctx, key, s.byLink(link), func(tx *sqlite.Tx, v Group) error {
		if v.Proved && !v.Trusted {
			return fault.New(fault.Conflict, "booking.join_mail")
		}
		return s.move(tx, actor, v, sessionID, Session.Bookable)
	})
}

// MoveFor is Move by the team, for a family that called, with an e-mail or without one (domain, Waiting list 9): before the opening instant and after
// the closing one, too, until the start. From is the session that it was seen in: Conflict "staff_booking.move.meanwhile" where somebody moved it since.
// Forbidden to all but staff.
func (s *Service) MoveFor(ctx context.Context, actor account.Actor, key account.FormKey, reference string, from, sessionID int64) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error {
		if v.Session.ID != from {
			return fault.New(fault.Conflict, "staff_booking.move.meanwhile")
		}
		return s.move(tx, actor, v, sessionID, Session.bookableFor)
	})
}

// MovesFor is Moves for the team, among the sessions that families can book now. Forbidden to all but staff.
func (s *Service) MovesFor(ctx context.Context, actor account.Actor, reference string) (choices []Choice, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := byReference(actor, reference)(tx)
		if err != nil {
			return err
		}
		v, err := viewGroup(tx, g.id)
		if err != nil {
			return err
		}
		choices, err = s.moves(tx, v, Session.bookableFor)
		return err
	})
	return choices, err
}

// bookable says whether a session can be booked at an instant, by who moves there.
type bookable func(Session, time.Time) error

// moving returns the children of a booking who have something that could move.
func (g Group) moving() []Seat { return g.those("waiting", "offered", "confirmed") }

func (s *Service) move(tx *sqlite.Tx, actor account.Actor, v Group, sessionID int64, may bookable) error {
	children := v.moving()
	if len(children) == 0 || !tx.Now().Before(v.Session.StartsAt) || v.GuardianName == "" {
		return fault.New(fault.Gone, "booking.move_nobody")
	}
	session, err := loadSession(tx, sessionID)
	if err != nil {
		return err
	}
	if session.WorkshopID != v.Session.WorkshopID || session.ID == v.Session.ID {
		return fault.New(fault.NotFound, "error.not_found")
	}
	if err := s.mayMove(tx, v, children, session, may); err != nil {
		return err
	}
	left, err := leaveBehind(tx, v)
	if err != nil {
		return err
	}
	for _, c := range children {
		if err := giveBack(tx, v, c, ""); err != nil {
			return err
		}
	}
	if err := s.seatMoved(tx, v, children, session); err != nil {
		return err
	}
	after, err := viewGroup(tx, v.id)
	if err != nil {
		return err
	}
	m, before := after.mail(), v.Session.forMail()
	m.Before = &before
	if m.Also, err = stillWaiting(tx, after); err != nil {
		return err
	}
	if err := send(tx, outbox.BookingMoved, after, m); err != nil {
		return err
	}
	if err := tellOthers(tx, v, children, "moved", session); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "booking.cancel_move", record("session", v.Session.ID),
		map[string]any{"reference": left, "seats": len(v.With("confirmed")) + len(v.With("offered")), "places_on_list": len(v.With("waiting"))}); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "booking.move", record("session", session.ID),
		map[string]any{"reference": v.Reference, "seats": len(children), "from": v.Session.ID}); err != nil {
		return err
	}
	return offerFreeSeats(tx, v.Session.ID, nil)
}

// mayMove says why some children of a booking cannot have seats in another session.
func (s *Service) mayMove(tx *sqlite.Tx, v Group, children []Seat, session Session, may bookable) error {
	for _, c := range children {
		live, err := s.hasLive(tx, v, c, session.ID)
		if err != nil {
			return err
		}
		if live {
			return fault.New(fault.Conflict, "booking.move_known")
		}
	}
	open, err := openSeats(tx, session)
	if err != nil {
		return err
	}
	if err := may(session, tx.Now()); err != nil {
		return err
	}
	if !allFit(session, children) {
		return fault.New(fault.Conflict, "booking.out_of_age", session.MinAge, session.MaxAge)
	}
	if open < len(children) {
		return fault.New(fault.Conflict, "booking.move_full")
	}
	return nil
}

// A booking without a message of its own, made when the one that moves was, at its price.
const (
	sqlLeaveBehind = `
INSERT INTO booking_groups (reference, session_id, guardian_id, first_id, moved_id, seat_cents, created_by, created_at)
SELECT ?2, session_id, guardian_id, coalesce(first_id, id), id, seat_cents, created_by, created_at FROM booking_groups WHERE id = ?1`
	sqlLeaveBookings = `UPDATE bookings SET group_id = ?2 WHERE group_id = ?1`
)

// leaveBehind gives what a booking has in its session to a booking of its own there, and returns the reference of that.
func leaveBehind(tx *sqlite.Tx, v Group) (reference string, err error) {
	reference = account.NewReference("ADA")
	res, err := tx.Exec(sqlLeaveBehind, v.id, reference)
	if err != nil {
		return "", err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(sqlLeaveBookings, v.id, id)
	return reference, err
}

// Who still comes is asked anew.
const (
	sqlMoveGroup = `
UPDATE booking_groups SET session_id = ?2, seating = 'any', unasked = 0, reminded_at = NULL, coming_at = NULL, seat_cents = ?3 WHERE id = ?1`
	sqlMovedSequence = `UPDATE bookings SET ical_sequence = ?2 WHERE group_id = ?1`
)

// seatMoved seats children in the session that their booking moves to. Calendars follow a higher sequence alone, and the
// other session may have a lower one.
func (s *Service) seatMoved(tx *sqlite.Tx, v Group, children []Seat, session Session) error {
	if _, err := tx.Exec(sqlMoveGroup, v.id, session.ID, v.SeatPriceIn(session)); err != nil {
		return err
	}
	for _, c := range children {
		if err := insertBooking(tx, v.id, session.ID, c.ChildID, "confirmed", s.guestKey(session.ID, v.GuardianEmail, c.asGuest())); err != nil {
			return err
		}
	}
	_, err := tx.Exec(sqlMovedSequence, v.id, v.Sequence()+1)
	return err
}

// SeatPriceIn is what the family chose to pay for a seat, or booked it at, as far as it holds in another session: where the price is the same.
func (g Group) SeatPriceIn(session Session) *int {
	if g.SeatPrice == nil || session.PriceCents != g.Session.PriceCents || session.Pricing.Way != g.Session.Pricing.Way || session.Pricing.MinCents > *g.SeatPrice {
		return nil
	}
	return g.SeatPrice
}

// Moves returns the next sessions of the same workshop to which the booking behind link could move now, as Move says; none
// where Move refuses the link.
func (s *Service) Moves(ctx context.Context, link Link) (choices []Choice, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		g, err := s.open(tx, link)
		if err != nil {
			return err
		}
		v, err := viewGroup(tx, g.id)
		if err != nil || v.Proved && !g.trusted {
			return err
		}
		choices, err = s.moves(tx, v, Session.Bookable)
		return err
	})
	return choices, err
}

func (s *Service) moves(tx *sqlite.Tx, v Group, may bookable) (choices []Choice, err error) {
	children := v.moving()
	if len(children) == 0 || !tx.Now().Before(v.Session.StartsAt) {
		return nil, nil
	}
	ids, err := sqlite.Column[int64](tx, sqlOtherSessions, v.Session.WorkshopID, v.Session.ID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if len(choices) == choicesShown {
			break
		}
		session, err := loadSession(tx, id)
		if err != nil {
			return nil, err
		}
		switch err := s.mayMove(tx, v, children, session, may); {
		case fault.KindOf(err) == fault.Conflict:
			continue
		case err != nil:
			return nil, err
		}
		open, err := openSeats(tx, session)
		if err != nil {
			return nil, err
		}
		choices = append(choices, Choice{Session: session, Open: open})
	}
	return choices, nil
}

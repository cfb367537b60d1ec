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

// Accept takes every seat offered to the booking that link opens. Accepting twice gives one seat.
// Gone "booking.offer_over" when the offer ran out, was declined, or the session no longer takes place.
func (s *Service) Accept(ctx context.Context, actor account.Actor, key account.FormKey, link Link) error {
	return s.change(ctx, key, link, func(tx *sqlite.Tx, g group, v Group) error {
		offered := v.With("offered")
		if len(offered) == 0 {
			accepted, err := lastOfferAccepted(tx, g.id)
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
		after, err := viewGroup(tx, g.id)
		if err != nil {
			return err
		}
		if err := send(tx, outbox.BookingConfirmed, after.guardianID, after.GuardianEmail, after.language, after.mail()); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "booking.accept", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference, "seats": len(offered)})
	})
}

const sqlLastOffers = `
SELECT coalesce(max(o.outcome = 'accepted' AND b.status = 'confirmed'), 0)
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
// Declining twice, or after the offer ran out, is the same as once.
func (s *Service) Decline(ctx context.Context, actor account.Actor, key account.FormKey, link Link) error {
	return s.change(ctx, key, link, func(tx *sqlite.Tx, g group, v Group) error {
		if len(v.With("offered")) == 0 {
			return nil
		}
		if err := endOffers(tx, v, "declined", "declined"); err != nil {
			return err
		}
		m := v.mail()
		m.Cancelled, m.Offered, m.OfferUntil = v.With("offered"), nil, ""
		if err := send(tx, outbox.WaitingLeft, v.guardianID, v.GuardianEmail, v.language, m); err != nil {
			return err
		}
		if err := audit.Add(tx, actor.String(), "booking.decline", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference}); err != nil {
			return err
		}
		return offerFreeSeats(tx, v.Session.ID, nil)
	})
}

// change runs one change of the booking that link opens, once per key. A change from a mailed
// link proves the mailbox first.
func (s *Service) change(ctx context.Context, key account.FormKey, link Link, do func(*sqlite.Tx, group, Group) error) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			g, err := s.open(tx, link)
			if err != nil {
				return "", err
			}
			if g.viaMail {
				if err := prove(tx, g); err != nil {
					return "", err
				}
			}
			v, err := viewGroup(tx, g.id)
			if err != nil {
				return "", err
			}
			return g.reference, do(tx, g, v)
		})
		return err
	})
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
	}
	return nil
}

const sqlOverdue = `
SELECT DISTINCT b.group_id, b.session_id FROM offers o JOIN bookings b ON b.id = o.booking_id
WHERE o.outcome IS NULL AND o.expires_at <= ? ORDER BY o.id`

// stoppedAfter tells a stop of the program from the ordinary delay of the worker.
const stoppedAfter = 10 * time.Minute

// ExpireOffers ends the offers whose deadline has passed and passes their seats on: the first
// unanswered offer keeps the family's rank, the second leaves the list (domain, Waiting list 5).
// Offers that ran out while the program was stopped get three more waking hours instead.
// It may run at any time, any number of times; it returns how many families lost an offer.
func (s *Service) ExpireOffers(ctx context.Context) (expired int, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		expired = 0
		overdue, err := overdueGroups(tx)
		if err != nil {
			return err
		}
		freed := map[int64]map[int64]bool{} // session → families passed over
		var sessions []int64
		for _, o := range overdue {
			extended, err := expireOffer(tx, o.groupID)
			if err != nil {
				return err
			}
			if extended {
				continue
			}
			expired++
			if freed[o.sessionID] == nil {
				freed[o.sessionID] = map[int64]bool{}
				sessions = append(sessions, o.sessionID)
			}
			freed[o.sessionID][o.groupID] = true
		}
		for _, id := range sessions {
			if err := offerFreeSeats(tx, id, freed[id]); err != nil {
				return err
			}
		}
		return nil
	})
	return expired, err
}

type overdueGroup struct{ groupID, sessionID int64 }

func overdueGroups(tx *sqlite.Tx) ([]overdueGroup, error) {
	rows, err := tx.Query(sqlOverdue, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []overdueGroup
	for rows.Next() {
		var o overdueGroup
		if err := rows.Scan(&o.groupID, &o.sessionID); err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

const sqlExtendOffer = `UPDATE offers SET expires_at = ?2 WHERE booking_id = ?1 AND outcome IS NULL`

const sqlUnanswered = `
UPDATE bookings SET unanswered_offers = unanswered_offers + 1, updated_at = ?2,
       status = CASE WHEN unanswered_offers >= 1 THEN 'lapsed' ELSE 'waiting' END
WHERE id = ?1`

// expireOffer ends one family's overdue offers, or extends them when the program was stopped meanwhile.
func expireOffer(tx *sqlite.Tx, groupID int64) (extended bool, err error) {
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return false, err
	}
	now := tx.Now()
	var overdue []int64
	for _, c := range v.Children {
		if c.Status == "offered" && !c.OfferUntil.After(now) {
			overdue = append(overdue, c.BookingID)
		}
	}
	if now.Sub(v.OfferUntil()) > stoppedAfter {
		if until := overdueDeadline(now, v.Session.StartsAt); until.After(now) {
			return true, extendOffers(tx, v, overdue, until)
		}
	}
	for _, id := range overdue {
		if _, err := tx.Exec(sqlEndOffer, id, "expired", sqlite.Time(now)); err != nil {
			return false, err
		}
		if _, err := tx.Exec(sqlUnanswered, id, sqlite.Time(now)); err != nil {
			return false, err
		}
	}
	return false, tellExpired(tx, groupID, overdue)
}

func extendOffers(tx *sqlite.Tx, v Group, overdue []int64, until time.Time) error {
	for _, id := range overdue {
		if _, err := tx.Exec(sqlExtendOffer, id, sqlite.Time(until)); err != nil {
			return err
		}
	}
	return audit.Add(tx, "system", "booking.extend_offer", record("session", v.Session.ID), map[string]any{"reference": v.Reference})
}

// tellExpired mails that offers ran out, apart for the children who keep their rank and for those off the list.
func tellExpired(tx *sqlite.Tx, groupID int64, overdue []int64) error {
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return err
	}
	for _, kept := range []bool{true, false} {
		var children []int64
		for _, c := range v.Children {
			if slices.Contains(overdue, c.BookingID) && (c.Status == "waiting") == kept {
				children = append(children, c.BookingID)
			}
		}
		if len(children) == 0 {
			continue
		}
		m := v.mail()
		m.Offered, m.OfferUntil, m.RankKept = v.names(children), "", kept
		if !kept {
			m.Rank = 0 // that of a sibling
		}
		if err := send(tx, outbox.OfferExpired, v.guardianID, v.GuardianEmail, v.language, m); err != nil {
			return err
		}
		if err := audit.Add(tx, "system", "booking.expire_offer", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference, "rank_kept": kept}); err != nil {
			return err
		}
	}
	return nil
}

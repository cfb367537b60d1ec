package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlLiveGroups = `
SELECT DISTINCT group_id FROM bookings
WHERE session_id = ? AND status IN ('waiting', 'offered', 'confirmed') ORDER BY group_id`

const sqlWithdrawOffers = `
UPDATE offers SET outcome = 'withdrawn', ended_at = ?2
WHERE outcome IS NULL AND booking_id IN (SELECT id FROM bookings WHERE session_id = ?1)`

const sqlCancelAll = `
UPDATE bookings SET status = 'cancelled', called_off_from = status, cancelled_by = 'organiser', cancelled_at = ?2, updated_at = ?2, ical_sequence = ical_sequence + 1
WHERE session_id = ?1 AND status IN ('waiting', 'offered', 'confirmed')`

// CancelSession cancels a session: its bookings are kept as cancelled by the organiser, offers are
// withdrawn, and every family is told by a message that leaves after catalog.UndoDelay; until then RestoreSession takes it all
// back. Forbidden to all but staff;
// Conflict when it is cancelled already, has started, or is private.
func (s *Service) CancelSession(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, reason string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			return "", s.cancelSession(tx, actor, sessionID, reason)
		})
		return err
	})
}

func (s *Service) cancelSession(tx *sqlite.Tx, actor account.Actor, sessionID int64, reason string) error {
	cancelled, err := catalog.CancelTx(tx, actor, sessionID, reason)
	if err != nil {
		return err
	}
	if err := refusePrivate(cancelled); err != nil {
		return err
	}
	if err := tellFamilies(tx, outbox.SessionCancelled, sessionID, reason, tx.Now().Add(catalog.UndoDelay)); err != nil {
		return err
	}
	now := sqlite.Time(tx.Now())
	if _, err := tx.Exec(sqlWithdrawOffers, sessionID, now); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlCancelAll, sessionID, now); err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "booking.cancel_all", record("session", sessionID), nil)
}

// refusePrivate keeps the sessions of group requests, of which a contact must be told, to package school.
func refusePrivate(s catalog.Session) error {
	if s.Private() {
		return fault.New(fault.Conflict, "catalog.session.is_private")
	}
	return nil
}

// EditSession replaces what a session says, its capacity included. A capacity under the seats taken is
// refused with their number (domain, Capacity 5); a larger one offers the new seats to the list, and
// another time or place tells every family, in the same transaction, once what is in its way was asked about: see catalog.Assent. A private session is Conflict.
func (s *Service) EditSession(ctx context.Context, actor account.Actor, key account.FormKey, id int64, r catalog.SessionRequest) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", editSession(tx, actor, id, r) })
		return err
	})
}

func editSession(tx *sqlite.Tx, actor account.Actor, id int64, r catalog.SessionRequest) error {
	edited, err := catalog.EditSessionTx(tx, actor, id, r)
	if err != nil {
		return err
	}
	if err := refusePrivate(edited.Before); err != nil {
		return err
	}
	if err := keepPrices(tx, edited); err != nil {
		return err
	}
	if r.Capacity != edited.Before.Capacity {
		if _, err := catalog.SetCapacityTx(tx, actor, id, r.Capacity); err != nil {
			return err
		}
	}
	if edited.Moved {
		if err := catalog.AskTx(tx, r.Assent, id); err != nil {
			return err
		}
	}
	if edited.After.Status != catalog.Published {
		return nil
	}
	if edited.Moved {
		if err := fitOffers(tx, id); err != nil {
			return err
		}
		if err := askAnew(tx, id, edited.Before.StartsAt, edited.After.StartsAt); err != nil {
			return err
		}
		if err := tellFamilies(tx, outbox.SessionMoved, id, "", tx.Now()); err != nil {
			return err
		}
	}
	return offerFreeSeats(tx, id, nil)
}

const sqlLiveOffers = `
SELECT DISTINCT b.group_id FROM bookings b WHERE b.session_id = ? AND b.status = 'offered' ORDER BY b.group_id`

// fitOffers keeps the deadlines of the live offers of a session that was moved far enough before its start, and nothing else
// (domain, Waiting list 2). Where no time to answer is left they are withdrawn, which counts against nobody: the
// families keep their rank, and the team calls them.
func fitOffers(tx *sqlite.Tx, sessionID int64) error {
	groups, err := sqlite.Column[int64](tx, sqlLiveOffers, sessionID)
	if err != nil {
		return err
	}
	for _, id := range groups {
		v, err := viewGroup(tx, id)
		if err != nil {
			return err
		}
		if _, ok := v.Session.Deadline(tx.Now()); !ok {
			if err := endOffers(tx, v, "withdrawn", "waiting"); err != nil {
				return err
			}
			continue
		}
		latest := v.Session.Hours.lastFor(v.Session.StartsAt)
		for _, c := range v.Children {
			if c.Status != "offered" || !c.OfferUntil.After(latest) {
				continue
			}
			if _, err := tx.Exec(sqlMoveDeadline, c.BookingID, sqlite.Time(latest)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellFamilies adds one message to every family with a live booking of a session, and one to each other guardian of their children.
func tellFamilies(tx *sqlite.Tx, kind string, sessionID int64, reason string, at time.Time) error {
	groups, err := sqlite.Column[int64](tx, sqlLiveGroups, sessionID)
	if err != nil {
		return err
	}
	var wards []family.Ward
	var session outbox.Session
	for _, id := range groups {
		v, err := viewGroup(tx, id)
		if err != nil {
			return err
		}
		wards, session = append(wards, v.wards(v.moving())...), v.Session.forMail()
		m := v.mail()
		m.Reason = reason
		if err := sendAfter(tx, kind, v, m, at); err != nil {
			return err
		}
	}
	what := "rescheduled"
	if kind == outbox.SessionCancelled {
		what = "called_off"
	}
	return family.TellOthers(tx, wards, outbox.ChildChange{What: what, Session: &session}, at)
}

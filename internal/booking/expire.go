package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

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
		ended := map[int64][]int64{} // group → bookings whose offers ended
		for _, o := range overdue {
			if ended[o.groupID], err = expireOffer(tx, o.groupID); err != nil {
				return err
			}
			if len(ended[o.groupID]) == 0 {
				continue
			}
			expired++
			if freed[o.sessionID] == nil {
				freed[o.sessionID] = map[int64]bool{}
				sessions = append(sessions, o.sessionID)
			}
			freed[o.sessionID][o.groupID] = true
		}
		// Told once all are back on their lists: the ranks are right only then.
		for _, o := range overdue {
			if err := tellExpired(tx, o.groupID, ended[o.groupID]); err != nil {
				return err
			}
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

const sqlMoveDeadline = `UPDATE offers SET expires_at = ?2 WHERE booking_id = ?1 AND outcome IS NULL`

const sqlUnanswered = `
UPDATE bookings SET unanswered_offers = unanswered_offers + 1, updated_at = ?2,
       status = CASE WHEN unanswered_offers >= 1 THEN 'lapsed' ELSE 'waiting' END
WHERE id = ?1`

// expireOffer ends one family's overdue offers and returns whose, or extends them when the program was stopped meanwhile.
func expireOffer(tx *sqlite.Tx, groupID int64) (overdue []int64, err error) {
	v, err := viewGroup(tx, groupID)
	if err != nil {
		return nil, err
	}
	now := tx.Now()
	for _, c := range v.Children {
		if c.Status == "offered" && !c.OfferUntil.After(now) {
			overdue = append(overdue, c.BookingID)
		}
	}
	stopped, err := stoppedAt(tx, v.OfferUntil())
	if err != nil {
		return nil, err
	}
	if stopped {
		if until := v.Session.Hours.overdueDeadline(now, v.Session.StartsAt); until.After(now) {
			return nil, extendOffers(tx, v, overdue, until)
		}
	}
	for _, id := range overdue {
		if _, err := tx.Exec(sqlEndOffer, id, "expired", sqlite.Time(now)); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(sqlUnanswered, id, sqlite.Time(now)); err != nil {
			return nil, err
		}
		if _, err := tx.Exec(sqlForgetOverride, id); err != nil {
			return nil, err
		}
	}
	return overdue, nil
}

// When mails that were paused after a restore of the database left again; the index is for this.
const sqlResumedSince = `SELECT EXISTS (SELECT 1 FROM audit WHERE action = 'outbox.resume' AND at >= ?)`

// stoppedAt reports whether a deadline that has passed did so while the program was stopped, or while mails were paused: the family
// may know nothing of the offer.
func stoppedAt(tx *sqlite.Tx, deadline time.Time) (stopped bool, err error) {
	if tx.Now().Sub(deadline) > stoppedAfter {
		return true, nil
	}
	err = tx.QueryRow(sqlResumedSince, sqlite.Time(deadline)).Scan(&stopped)
	return stopped, err
}

// extendOffers gives a family the time that the program took from it, and says so.
func extendOffers(tx *sqlite.Tx, v Group, overdue []int64, until time.Time) error {
	for _, id := range overdue {
		if _, err := tx.Exec(sqlMoveDeadline, id, sqlite.Time(until)); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlOfferTold, id, sqlite.Time(tx.Now())); err != nil { // this message says when it ends
			return err
		}
	}
	m := v.mail()
	v.offering(&m, overdue, until)
	m.Extended = true
	if err := send(tx, outbox.OfferSoon, v, m); err != nil {
		return err
	}
	return audit.Add(tx, "system", "booking.extend_offer", record("session", v.Session.ID), map[string]any{"reference": v.Reference})
}

// tellExpired mails that offers ran out, apart for the children who keep their rank and for those off the list.
func tellExpired(tx *sqlite.Tx, groupID int64, overdue []int64) error {
	if len(overdue) == 0 {
		return nil
	}
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
			if err := tellOthers(tx, v, v.among(children), "unlisted", v.Session); err != nil {
				return err
			}
		}
		if err := send(tx, outbox.OfferExpired, v, m); err != nil {
			return err
		}
		if err := audit.Add(tx, "system", "booking.expire_offer", record("session", v.Session.ID),
			map[string]any{"reference": v.Reference, "rank_kept": kept}); err != nil {
			return err
		}
	}
	return nil
}

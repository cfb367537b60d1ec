package booking

import (
	"context"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Give makes seats theirs at once for children who wait: a family that the team reached by phone, or a child that a
// facilitator takes in on the day. No bookingIDs means all who wait in the booking. Against the order of the list or over
// the capacity it needs a reason, which stays with the booking and the name of who gave it (domain, Capacity 1).
//
// Forbidden to all but staff, and the facilitators of the session on its day; Invalid, field "reason", where one is
// needed; Gone "booking.give_late" when the session is over or called off; Conflict "booking.give_nobody" when none of
// the children waits any more: they have a seat already, or left.
func (s *Service) Give(ctx context.Context, actor account.Actor, key account.FormKey, reference string, bookingIDs []int64, reason string) error {
	return s.change(ctx, key, byDay(actor, reference), func(tx *sqlite.Tx, v Group) error {
		return giveTo(tx, actor, v, bookingIDs, reason)
	})
}

func giveTo(tx *sqlite.Tx, actor account.Actor, v Group, bookingIDs []int64, reason string) error {
	by, ids, err := placing(tx, actor, v, bookingIDs, reason)
	if err != nil {
		return err
	}
	if err := give(tx, v.id, ids, by); err != nil {
		return err
	}
	// Who waited for these children too may use what was too few for all of them.
	return offerFreeSeats(tx, v.Session.ID, nil)
}

// OfferTo offers seats to children who wait, by mail and with the deadline of the rule, where the team decides who is
// next. Reasons as in Give. Conflict "booking.offer_short" when too little time is left to answer: then one calls.
// A family without e-mail gets its offer too; the call list says to tell them.
func (s *Service) OfferTo(ctx context.Context, actor account.Actor, key account.FormKey, reference string, bookingIDs []int64, reason string) error {
	return s.change(ctx, key, byReference(actor, reference), func(tx *sqlite.Tx, v Group) error {
		deadline, ok := v.Session.Deadline(tx.Now())
		if !ok {
			return fault.New(fault.Conflict, "booking.offer_short")
		}
		by, ids, err := placing(tx, actor, v, bookingIDs, reason)
		if err != nil {
			return err
		}
		if err := offer(tx, v.id, ids, deadline, by); err != nil {
			return err
		}
		return offerFreeSeats(tx, v.Session.ID, nil)
	})
}

const sqlLeads = `SELECT count(*) FROM session_facilitators WHERE session_id = ? AND user_id = ?`

// byDay finds a booking for the team, and on the day for the facilitators of its session.
func byDay(actor account.Actor, reference string) finder {
	return func(tx *sqlite.Tx) (group, error) {
		if actor.Role != account.Facilitator || !actor.IsTeam() {
			return byReference(actor, reference)(tx)
		}
		g, err := groupByReference(tx, reference)
		if err != nil {
			return group{}, notFound(err)
		}
		session, err := loadSession(tx, g.sessionID)
		if err != nil {
			return group{}, err
		}
		if err := mayCallOnDay(tx, actor, session); err != nil {
			return group{}, err
		}
		return g, nil
	}
}

// mayCallOnDay is nil for staff, and for the facilitators of a session on its day; for others the session does not exist
// (SEC-20).
func mayCallOnDay(tx *sqlite.Tx, actor account.Actor, session Session) error {
	if actor.CanManage() {
		return nil
	}
	var leads int
	if err := tx.QueryRow(sqlLeads, session.ID, actor.MemberID()).Scan(&leads); err != nil {
		return err
	}
	if leads == 0 || !sameDay(tx.Now(), session.StartsAt) {
		return fault.New(fault.NotFound, "error.not_found")
	}
	return nil
}

// sameDay reports whether an instant is on the day of a session, where it takes place.
func sameDay(at, start time.Time) bool {
	return at.In(start.Location()).Format(time.DateOnly) == start.Format(time.DateOnly)
}

const sqlOverride = `UPDATE bookings SET override_by = ?2, override_reason = ?3 WHERE id = ?1`

// placing says which waiting children get seats by whom, and notes the reason on their bookings where what the actor
// does is beyond the rules.
func placing(tx *sqlite.Tx, actor account.Actor, v Group, bookingIDs []int64, reason string) (by maker, ids []int64, err error) {
	if ids, err = placed(tx, v, bookingIDs); err != nil {
		return maker{}, nil, err
	}
	by = maker{actor: actor.String(), userID: actor.MemberID()}
	inOrder, err := isNext(tx, v, len(ids))
	if err != nil || inOrder {
		return by, ids, err
	}
	if reason == "" {
		return maker{}, nil, fault.InvalidFields(map[string]fault.Message{"reason": {Key: "booking.give_reason"}})
	}
	if by.userID == 0 {
		return maker{}, nil, fault.New(fault.Forbidden, "error.forbidden") // a reason needs a name
	}
	by.reason = reason
	for _, id := range ids {
		if _, err := tx.Exec(sqlOverride, id, by.userID, reason); err != nil {
			return maker{}, nil, err
		}
	}
	return by, ids, audit.Add(tx, actor.String(), "booking.override", record("session", v.Session.ID),
		map[string]any{"reference": v.Reference, "seats": len(ids), "taken": v.Session.Taken, "capacity": v.Session.Capacity})
}

// isNext reports whether the rules themselves would give n seats to the waiting children of a booking now: they are free,
// and nobody before them can use them, but who was called and did not answer. The rules tear apart nobody who wants all
// seats or none.
func isNext(tx *sqlite.Tx, v Group, n int) (bool, error) {
	return isNextFor(tx, v, n, v.Session.free())
}

// isNextFor is isNext where so many seats are free.
func isNextFor(tx *sqlite.Tx, v Group, n, free int) (bool, error) {
	list, err := queue(tx, v.Session.ID)
	if err != nil {
		return false, err
	}
	silent, err := silentOnPhone(tx, v.Session.ID)
	if err != nil {
		return false, err
	}
	for _, passed := range []map[int64]bool{nil, silent} {
		w, ok := nextByPhone(free, list, passed, v.id)
		if ok && (n == len(w.bookings) || n < len(w.bookings) && !w.together) {
			return true, nil
		}
	}
	return false, nil
}

const sqlSilentOnPhone = `
SELECT DISTINCT c.group_id FROM calls c JOIN booking_groups bg ON bg.id = c.group_id
WHERE bg.session_id = ? AND c.outcome = 'no_answer' AND c.subject = 'group:' || c.group_id ORDER BY c.group_id`

// silentOnPhone returns the families of a list that were called about a free seat and did not answer: the seat passes on
// to the next, and they keep their rank.
func silentOnPhone(tx *sqlite.Tx, sessionID int64) (map[int64]bool, error) {
	ids, err := sqlite.Column[int64](tx, sqlSilentOnPhone, sessionID)
	silent := make(map[int64]bool, len(ids))
	for _, id := range ids {
		silent[id] = true
	}
	return silent, err
}

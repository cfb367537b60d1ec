package booking

import (
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// onTheWay is how long a family is believed that said its child comes: then somebody asks again.
const onTheWay = 20 * time.Minute

// A child is waited for while it has no mark that counts. One call for all of a family that are missing.
const sqlNotArrived = `
SELECT b.group_id, b.id, s.id, s.starts_at
  FROM sessions s JOIN bookings b ON b.session_id = s.id AND b.status = 'confirmed'
 WHERE s.status = 'published' AND s.request_id IS NULL AND s.starts_at <= ?1 AND s.ends_at > ?2
   AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.session_id = s.id AND c.reopened_at IS NULL)
   AND NOT EXISTS (
       SELECT 1 FROM participants p JOIN marks m ON m.participant_id = p.id
        WHERE p.booking_id = b.id AND m.action <> 'undo'
          AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key))
 ORDER BY b.group_id, b.id`

// notArrivedToCall finds the families of children who have not come, settings.NotArrivedMinutes after the start.
func notArrivedToCall(tx *sqlite.Tx) (found []Call, err error) {
	minutes, err := settings.Get(tx, settings.NotArrivedMinutes)
	if err != nil {
		return nil, err
	}
	wait := time.Duration(minutes) * time.Minute
	rows, err := tx.Query(sqlNotArrived, sqlite.Time(tx.Now().Add(-wait)), sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := Call{About: CallNotArrived}
		var booking int64
		var starts string
		if err := rows.Scan(&c.groupID, &booking, &c.Session.ID, &starts); err != nil {
			return nil, err
		}
		if n := len(found); n > 0 && found[n-1].groupID == c.groupID {
			found[n-1].Bookings = append(found[n-1].Bookings, booking)
			continue
		}
		c.Subject, c.Bookings = record("absent", c.groupID), []int64{booking}
		if c.Since, err = sqlite.ParseTime(starts); err != nil {
			return nil, err
		}
		c.Since = c.Since.Add(wait)
		found = append(found, c)
	}
	return found, rows.Err()
}

// NotArrivedTx returns whom to call about children who have not come to a session, those who did not answer last. It holds
// phones: whoever calls it says who may see it.
func NotArrivedTx(tx *sqlite.Tx, sessionID int64) (list []Call, err error) {
	found, err := notArrivedToCall(tx)
	if err != nil {
		return nil, err
	}
	for _, c := range found {
		if c.Session.ID != sessionID {
			continue
		}
		done, err := c.complete(tx)
		if err != nil {
			return nil, err
		}
		if !done {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b Call) int { return a.SilentAt.Compare(b.SilentAt) })
	return list, nil
}

// RecordNotArrivedTx keeps what came of a call about children who have not come to a session, and returns the bookings of
// those who will not: of those that about names, who are still waited for; none unless the family declined. Its other children
// are still waited for then. Whoever calls it says who may, and does what follows: who will not come is excused.
//
// Conflict "calls.over" when there is nothing left to call about, Invalid "calls.outcome" for an outcome that this call cannot
// have, and "calls.not_coming.nobody" where the family declined for nobody.
func RecordNotArrivedTx(tx *sqlite.Tx, actor account.Actor, sessionID int64, subject string, outcome CallOutcome, about []int64) (away []int64, err error) {
	if outcome == CallDeclined && len(about) == 0 {
		return nil, fault.New(fault.Invalid, "calls.not_coming.nobody")
	}
	if !slices.Contains(CallNotArrived.Outcomes(), outcome) {
		return nil, fault.New(fault.Invalid, "calls.outcome")
	}
	list, err := NotArrivedTx(tx, sessionID)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(list, func(c Call) bool { return c.Subject == subject })
	if i < 0 {
		return nil, fault.New(fault.Conflict, "calls.over")
	}
	if outcome == CallDeclined {
		away = slices.DeleteFunc(list[i].Bookings, func(id int64) bool { return !slices.Contains(about, id) })
		if len(away) == 0 {
			return nil, fault.New(fault.Conflict, "calls.over")
		}
	}
	v, err := viewGroup(tx, list[i].groupID)
	if err != nil {
		return nil, err
	}
	return away, keepCall(tx, actor, v, subject, outcome)
}

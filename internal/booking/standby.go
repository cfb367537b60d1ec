package booking

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// StandbyList is whom to call on the day of a session when a child does not come, and how many seats there are for them.
// Families is empty where nobody waits, and at any other time.
type StandbyList struct {
	Families []Standby
	// Free is how many children could come now: the seats that are free, and those of children marked as not coming; 0 at
	// least. Whoever is not marked may still come.
	Free     int
	Away     int // marked absent or excused
	Unmarked int // have a seat, and nobody has marked them
}

// Standby is a family that waits for a session, to be called on its day when a child does not come.
type Standby struct {
	Reference string
	Guardian  Contact
	Children  []StandbyChild
	Together  bool      // all of them or none
	SilentAt  time.Time // when they were called last and did not answer; zero before
}

// StandbyChild is a child who waits.
type StandbyChild struct {
	BookingID int64
	FirstName string
}

// standbyShown is how many families a facilitator has to look at: one, and who is next.
const standbyShown = 3

const sqlLastSilence = `SELECT coalesce(max(at), '') FROM calls WHERE group_id = ? AND subject = ? AND outcome = 'no_answer'`

// Standby returns whom to call when a child does not come to a session, in the order of the list: the first three, and
// whoever was called and did not answer. It holds phones, and so is for staff and for the facilitators of the session, on
// its day until its end; nobody at any other time. NotFound for who does not lead it.
func (s *Service) Standby(ctx context.Context, actor account.Actor, sessionID int64) (list StandbyList, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		session, err := loadSession(tx, sessionID)
		if err != nil {
			return err
		}
		if !session.goesOn(tx.Now()) {
			return nil
		}
		if err := mayCallOnDay(tx, actor, session); err != nil {
			return err
		}
		if list, err = dayRoom(tx, session); err != nil {
			return err
		}
		list.Families, err = standby(tx, session)
		return err
	})
	return list, err
}

// goesOn reports whether it is the day of a session, before its end.
func (s Session) goesOn(now time.Time) bool {
	return s.Status == "published" && sameDay(now, s.StartsAt) && now.Before(s.EndsAt)
}

// The last mark of each child that was not undone, as attendance.Fold has it. Who cancelled and is there all the same sits
// on a seat that nobody counts.
const sqlDayRoom = `
SELECT coalesce(sum(status = 'confirmed' AND mark IN ('absent', 'excused')), 0), coalesce(sum(status = 'confirmed' AND mark IS NULL), 0),
       coalesce(sum(status = 'cancelled' AND mark IN ('present', 'late')), 0)
FROM (SELECT b.status, (
          SELECT m.action FROM participants p JOIN marks m ON m.participant_id = p.id
          WHERE p.booking_id = b.id AND m.action <> 'undo'
            AND NOT EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = p.id AND u.undoes = m.entry_key)
          ORDER BY m.at DESC, m.entry_key DESC LIMIT 1) AS mark
      FROM bookings b WHERE b.session_id = ?)`

// dayRoom counts the seats of a session as they are in the room.
func dayRoom(tx *sqlite.Tx, session Session) (room StandbyList, err error) {
	var uncounted int
	if err := tx.QueryRow(sqlDayRoom, session.ID).Scan(&room.Away, &room.Unmarked, &uncounted); err != nil {
		return StandbyList{}, err
	}
	room.Free = max(0, session.free()-uncounted+room.Away)
	return room, nil
}

func standby(tx *sqlite.Tx, session Session) (list []Standby, err error) {
	waiters, err := queue(tx, session.ID)
	if err != nil {
		return nil, err
	}
	fresh := 0
	var silent []Standby
	for _, w := range waiters {
		var at string
		if err := tx.QueryRow(sqlLastSilence, w.groupID, record("group", w.groupID)).Scan(&at); err != nil {
			return nil, err
		}
		if at == "" {
			if fresh++; fresh > standbyShown {
				continue
			}
		}
		f, err := standbyFamily(tx, w)
		if err != nil {
			return nil, err
		}
		if f.SilentAt, err = instant(at, session.StartsAt.Location()); err != nil {
			return nil, err
		}
		if at == "" {
			list = append(list, f)
		} else {
			silent = append(silent, f)
		}
	}
	return append(list, silent...), nil
}

func standbyFamily(tx *sqlite.Tx, w waiter) (Standby, error) {
	v, err := viewGroup(tx, w.groupID)
	if err != nil {
		return Standby{}, err
	}
	f := Standby{Reference: v.Reference, Guardian: Contact{Name: v.GuardianName}, Together: v.Together && len(w.bookings) > 1}
	if err := tx.QueryRow(sqlPhone, w.groupID).Scan(&f.Guardian.Phone); err != nil {
		return Standby{}, err
	}
	for _, c := range v.Children {
		if slices.Contains(w.bookings, c.BookingID) {
			f.Children = append(f.Children, StandbyChild{c.BookingID, c.FirstName})
		}
	}
	return f, nil
}

// StandbyCall is what came of calling a family that Standby named.
type StandbyCall struct {
	SessionID  int64
	Reference  string
	Outcome    CallOutcome // CallAccepted or CallNoAnswer
	BookingIDs []int64     // accepted: who comes
	// Instead is the reason that is kept where they take the seats of children marked as not coming, in the order of the list.
	Instead string
	// Reason is why, where there is no such seat, or somebody is passed over.
	Reason string
}

// RecordStandby keeps what came of a call on the day of a session. Who accepts gets a seat at once: a free one, or that of
// a child who is marked as not coming. Where there is none of these, or others come first, it needs a reason; all that is
// beyond the capacity or the order is kept with a reason and the name of who called (domain, Capacity 1).
//
// Forbidden to who is neither staff nor facilitator; NotFound for who does not lead the session on that day; Invalid
// "calls.outcome" for any other outcome, or when nobody is said to come, and, field "reason", where one is needed; Gone "booking.give_late" on any other day;
// Conflict "booking.give_nobody" when they wait no more.
func (s *Service) RecordStandby(ctx context.Context, actor account.Actor, key account.FormKey, call StandbyCall) error {
	if !actor.IsStaff() && (!actor.IsTeam() || actor.Role != account.Facilitator) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.change(ctx, key, byDay(actor, call.Reference), func(tx *sqlite.Tx, v Group) error {
		switch {
		case v.Session.ID != call.SessionID:
			return fault.New(fault.NotFound, "error.not_found")
		case !v.Session.goesOn(tx.Now()):
			return fault.New(fault.Gone, "booking.give_late")
		case len(v.With("waiting")) == 0:
			return fault.New(fault.Conflict, "booking.give_nobody")
		}
		switch {
		case call.Outcome == CallAccepted && len(call.BookingIDs) > 0:
			reason, err := call.reason(tx, v)
			if err != nil {
				return err
			}
			if err := giveTo(tx, actor, v, call.BookingIDs, reason); err != nil {
				return err
			}
		case call.Outcome != CallNoAnswer:
			return fault.New(fault.Invalid, "calls.outcome")
		}
		return keepCall(tx, actor, v, record("group", v.id), call.Outcome)
	})
}

// reason is what is kept with the seats: what was typed, or that other children do not come, where that is so.
func (call StandbyCall) reason(tx *sqlite.Tx, v Group) (string, error) {
	if call.Reason != "" {
		return call.Reason, nil
	}
	room, err := dayRoom(tx, v.Session)
	if err != nil {
		return "", err
	}
	next, err := isNextFor(tx, v, len(call.BookingIDs), room.Free)
	if err != nil || !next {
		return "", err
	}
	return call.Instead, nil
}

package attendance

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// aheadOfTime is how much later than our own a tablet's clock may be: a mark from the future would win
// against every true one until then.
const aheadOfTime = 5 * time.Minute

// longestKey is how many bytes an entry's key may have.
const longestKey = 64

// NewMark is a mark that somebody makes.
type NewMark struct {
	// EntryKey is made by who makes the mark and tells it from every other one; 1 to 64 bytes.
	EntryKey  string
	SessionID int64
	BookingID int64     // of a child, or
	PupilID   int64     // of a class list: one of the two
	Action    Action    // any but Expected, and Undone for Upload alone
	Undoes    string    // of Undone: the EntryKey of what it cancels
	At        time.Time // when it happened; zero for now
	Taken     Taken     // of Left: with whom
	IfHere    bool      // Conflict "attendance.depart.not_here" unless the journal says that the child is in the room
	IfNew     bool      // nothing is written where the journal says already where the child is: a page may be old
	Device    string    // the tablet that kept it; empty for a form
	Carrier   string    // who brought what another author wrote, for the audit; empty for the author
}

func (m NewMark) entry() Entry {
	return Entry{Key: m.EntryKey, Action: m.Action, Undoes: m.Undoes, At: m.At, Taken: m.Taken}
}

// Mark adds entries to the journals of children of one session, all or none. The same form, or the same entry, sent twice
// is one entry.
//
// Facilitators mark in their own sessions from the day before to the day after, staff in all and at any
// time; later or earlier is Forbidden, a session of others or a booking or pupil of another session NotFound. A
// booking cancelled in the meantime takes the mark all the same: the child is there. A cancelled or closed session
// is Conflict, and so is an EntryKey that another entry has. An unknown action, key or an instant to come is Invalid.
// With whom a child may leave is for checkTaken to say.
func (s *Service) Mark(ctx context.Context, actor account.Actor, key account.FormKey, first NewMark, others ...NewMark) error {
	marks := append([]NewMark{first}, others...)
	for _, m := range marks {
		if !m.Action.isMark() || m.SessionID != first.SessionID {
			return fault.New(fault.Invalid, "attendance.error.action")
		}
	}
	return s.write(ctx, actor, key, first.SessionID, func(tx *sqlite.Tx) error {
		for _, m := range marks {
			participant, err := seat(tx, m)
			if err != nil {
				return err
			}
			if m.IfNew {
				if known, err := whereabouts(tx, participant, m); err != nil {
					return err
				} else if known != Expected {
					continue
				}
			}
			if err := checkHere(tx, participant, m); err != nil {
				return err
			}
			if err := checkTaken(tx, m); err != nil {
				return err
			}
			if err := add(tx, actor, participant, m); err != nil {
				return err
			}
		}
		return nil
	})
}

// isMark reports whether the action says where a child is.
func (a Action) isMark() bool {
	switch a {
	case Present, Late, Absent, Excused, Left:
		return true
	}
	return false
}

// Undo cancels the entry named undoes by one more entry (UX-F3). An entry cancelled before stays so,
// with nothing added. Who may, and when, is as for Mark; an entry of another session, or one that is itself an undo, is NotFound.
func (s *Service) Undo(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, entryKey, undoes string) error {
	return s.write(ctx, actor, key, sessionID, func(tx *sqlite.Tx) error {
		participant, done, err := toUndo(tx, sessionID, undoes)
		if err != nil || done {
			return err
		}
		return add(tx, actor, participant, NewMark{EntryKey: entryKey, SessionID: sessionID, Action: Undone, Undoes: undoes})
	})
}

// write runs do once for a form key, for who may mark in a session.
func (s *Service) write(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, do func(*sqlite.Tx) error) error {
	_, err := s.writeTo(ctx, actor, key, sessionID, func(tx *sqlite.Tx) (string, error) { return "", do(tx) })
	return err
}

// writeTo is write for what has a result, which the same form gives again.
func (s *Service) writeTo(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, do func(*sqlite.Tx) (string, error)) (result string, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if err := reachToMark(tx, actor, sessionID); err != nil {
			return err
		}
		result, _, err = account.Once(tx, key, func() (string, error) { return do(tx) })
		return err
	})
	return result, err
}

// reachToMark is nil for who may write to the journal of a session now.
func reachToMark(tx *sqlite.Tx, actor account.Actor, sessionID int64) error {
	a, status, err := reach(tx, actor, sessionID)
	if err != nil {
		return err
	}
	if err := a.toMark(actor); err != nil {
		return err
	}
	if status == catalog.Cancelled {
		return fault.New(fault.Conflict, "attendance.error.session_cancelled")
	}
	closing, err := closingOf(tx, sessionID)
	if err == nil && closing != nil {
		err = fault.New(fault.Conflict, "attendance.error.closed")
	}
	return err
}

// toMark is nil for who may write about the session now.
func (a access) toMark(actor account.Actor) error {
	switch {
	case a.mark:
		return nil
	case a.lead && actor.IsTeam():
		return fault.New(fault.Forbidden, "attendance.error.too_far")
	}
	return fault.New(fault.Forbidden, "error.forbidden")
}

const sqlSeat = `
SELECT coalesce(p.id, 0) FROM bookings b LEFT JOIN participants p ON p.booking_id = b.id
 WHERE b.id = ? AND b.session_id = ? AND (b.status IN ('confirmed', 'cancelled') OR p.id IS NOT NULL)`

const sqlEnrol = `INSERT INTO participants (session_id, booking_id) VALUES (?, ?)`

const sqlPupilSeat = `
SELECT coalesce(p.id, 0) FROM pupils u LEFT JOIN participants p ON p.pupil_id = u.id WHERE u.id = ? AND u.session_id = ?`

const sqlEnrolPupil = `INSERT INTO participants (session_id, pupil_id) VALUES (?, ?)`

// seat returns the participant whom a mark is about, 0 before the first mark. Who is not of the session is NotFound.
func seat(tx *sqlite.Tx, m NewMark) (participant int64, err error) {
	who, query := m.BookingID, sqlSeat
	if m.PupilID != 0 {
		who, query = m.PupilID, sqlPupilSeat
	}
	err = tx.QueryRow(query, who, m.SessionID).Scan(&participant)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return participant, err
}

// enrol makes the participant whom the first mark is about.
func enrol(tx *sqlite.Tx, m NewMark) (int64, error) {
	who, insert := m.BookingID, sqlEnrol
	if m.PupilID != 0 {
		who, insert = m.PupilID, sqlEnrolPupil
	}
	res, err := tx.Exec(insert, m.SessionID, who)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

const sqlToUndo = `
SELECT m.participant_id, EXISTS (SELECT 1 FROM marks u WHERE u.participant_id = m.participant_id AND u.undoes = m.entry_key)
  FROM marks m JOIN participants p ON p.id = m.participant_id
 WHERE m.entry_key = ? AND p.session_id = ? AND m.action <> 'undo'`

// toUndo returns whose entry it is and whether it is cancelled already.
func toUndo(tx *sqlite.Tx, sessionID int64, key string) (participant int64, done bool, err error) {
	err = tx.QueryRow(sqlToUndo, key, sessionID).Scan(&participant, &done)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return participant, done, err
}

const (
	sqlAddMark = `
INSERT INTO marks (entry_key, participant_id, action, undoes, at, recorded_at, author_id, device, taken_by, taken_name, taken_reason)
VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?, ?, nullif(?, ''), ?, ?)`
	sqlMarkWithKey = `SELECT participant_id, action, coalesce(undoes, '') FROM marks WHERE entry_key = ?`
	// Undos may come before what they undo; what then comes must be something that can be undone.
	sqlUndoneElsewhere = `SELECT EXISTS (SELECT 1 FROM marks WHERE undoes = ?1 AND (participant_id <> ?2 OR ?3 = 'undo'))`
)

// add writes an entry with its audit line, and makes the participant, 0, whose first it is. One that is in the journal
// already changes nothing.
func add(tx *sqlite.Tx, actor account.Actor, participant int64, m NewMark) error {
	e := m.entry()
	if e.At.IsZero() {
		e.At = tx.Now()
	}
	if err := e.check(tx.Now()); err != nil {
		return err
	}
	if known, err := isKnown(tx, participant, e); known || err != nil {
		return err
	}
	if participant == 0 {
		var err error
		if participant, err = enrol(tx, m); err != nil {
			return err
		}
	}
	_, err := tx.Exec(sqlAddMark, e.Key, participant, string(e.Action), e.Undoes, sqlite.Time(e.At), sqlite.Time(tx.Now()), actor.ID,
		m.Device, string(e.Taken.By), e.Taken.Name, e.Taken.Reason)
	if err != nil {
		return err
	}
	details := map[string]any{"session": m.SessionID, "at": sqlite.Time(e.At)}
	if m.Carrier != "" {
		details["carrier"] = m.Carrier
	}
	return audit.Add(tx, actor.String(), "mark."+string(e.Action), record("participant", participant), details)
}

// check refuses a key that is none, and an instant to come.
func (e Entry) check(now time.Time) error {
	switch {
	case e.Key == "" || len(e.Key) > longestKey:
		return fault.New(fault.Invalid, "attendance.error.entry_key")
	case e.At.After(now.Add(aheadOfTime)):
		return fault.New(fault.Invalid, "attendance.error.future")
	}
	return nil
}

// isKnown reports whether an entry is in the journal already. A key that means something else is Conflict.
func isKnown(tx *sqlite.Tx, participant int64, e Entry) (bool, error) {
	var of int64
	var known Entry
	switch err := tx.QueryRow(sqlMarkWithKey, e.Key).Scan(&of, &known.Action, &known.Undoes); {
	case err == nil && of == participant && known.Action == e.Action && known.Undoes == e.Undoes:
		return true, nil
	case err == nil:
		return false, fault.New(fault.Conflict, "attendance.error.entry_taken")
	case !errors.Is(err, sql.ErrNoRows):
		return false, err
	}
	var elsewhere bool
	if err := tx.QueryRow(sqlUndoneElsewhere, e.Key, participant, string(e.Action)).Scan(&elsewhere); err != nil {
		return false, err
	}
	if elsewhere {
		return false, fault.New(fault.Conflict, "attendance.error.entry_taken")
	}
	return false, nil
}

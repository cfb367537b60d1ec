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
	Action    Action    // any but Expected and Undone
	At        time.Time // when it happened; zero for now
}

// Mark adds an entry to the journal of a child. The same form, or the same entry, sent twice is one entry.
//
// Facilitators mark in their own sessions from the day before to the day after, staff in all and at any
// time; later or earlier is Forbidden, a session of others or a booking or pupil of another session NotFound. A
// booking cancelled in the meantime takes the mark all the same: the child is there. A cancelled session
// is Conflict, and so is an EntryKey that another entry has. An unknown action, key or an instant to come is Invalid.
func (s *Service) Mark(ctx context.Context, actor account.Actor, key account.FormKey, m NewMark) error {
	switch m.Action {
	case Present, Late, Absent, Excused, Left:
	default:
		return fault.New(fault.Invalid, "attendance.error.action")
	}
	return s.write(ctx, actor, key, m.SessionID, func(tx *sqlite.Tx) error {
		participant, err := enrol(tx, m)
		if err != nil {
			return err
		}
		return add(tx, actor, m.SessionID, participant, Entry{Key: m.EntryKey, Action: m.Action, At: m.At})
	})
}

// Undo cancels the entry named undoes by one more entry (UX-F3). An entry cancelled before stays so,
// with nothing added. Who may, and when, is as for Mark; an entry of another session, or one that is itself an undo, is NotFound.
func (s *Service) Undo(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, entryKey, undoes string) error {
	return s.write(ctx, actor, key, sessionID, func(tx *sqlite.Tx) error {
		participant, done, err := toUndo(tx, sessionID, undoes)
		if err != nil || done {
			return err
		}
		return add(tx, actor, sessionID, participant, Entry{Key: entryKey, Action: Undone, Undoes: undoes})
	})
}

// write runs do once for a form key, for who may mark in a session.
func (s *Service) write(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, do func(*sqlite.Tx) error) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		a, status, err := reach(tx, actor, sessionID)
		switch {
		case err != nil:
			return err
		case !a.mark && a.lead && actor.IsTeam():
			return fault.New(fault.Forbidden, "attendance.error.too_far")
		case !a.mark:
			return fault.New(fault.Forbidden, "error.forbidden")
		case status == catalog.Cancelled:
			return fault.New(fault.Conflict, "attendance.error.session_cancelled")
		}
		_, _, err = account.Once(tx, key, func() (string, error) { return "", do(tx) })
		return err
	})
}

const sqlSeat = `
SELECT coalesce(p.id, 0) FROM bookings b LEFT JOIN participants p ON p.booking_id = b.id
 WHERE b.id = ? AND b.session_id = ? AND (b.status IN ('confirmed', 'cancelled') OR p.id IS NOT NULL)`

const sqlEnrol = `INSERT INTO participants (session_id, booking_id) VALUES (?, ?)`

const sqlPupilSeat = `
SELECT coalesce(p.id, 0) FROM pupils u LEFT JOIN participants p ON p.pupil_id = u.id WHERE u.id = ? AND u.session_id = ?`

const sqlEnrolPupil = `INSERT INTO participants (session_id, pupil_id) VALUES (?, ?)`

// enrol returns the participant whom a mark is about, made with the first mark.
func enrol(tx *sqlite.Tx, m NewMark) (int64, error) {
	who, seat, insert := m.BookingID, sqlSeat, sqlEnrol
	if m.PupilID != 0 {
		who, seat, insert = m.PupilID, sqlPupilSeat, sqlEnrolPupil
	}
	var id int64
	err := tx.QueryRow(seat, who, m.SessionID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.New(fault.NotFound, "error.not_found")
	}
	if err != nil || id != 0 {
		return id, err
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
INSERT INTO marks (entry_key, participant_id, action, undoes, at, recorded_at, author_id)
VALUES (?, ?, ?, nullif(?, ''), ?, ?, ?) ON CONFLICT (entry_key) DO NOTHING`
	sqlMarkWithKey = `SELECT participant_id, action, coalesce(undoes, '') FROM marks WHERE entry_key = ?`
)

// add writes an entry with its audit line; one that is in the journal already changes nothing.
func add(tx *sqlite.Tx, actor account.Actor, sessionID, participant int64, e Entry) error {
	if e.At.IsZero() {
		e.At = tx.Now()
	}
	switch {
	case e.Key == "" || len(e.Key) > longestKey:
		return fault.New(fault.Invalid, "attendance.error.entry_key")
	case e.At.After(tx.Now().Add(aheadOfTime)):
		return fault.New(fault.Invalid, "attendance.error.future")
	}
	res, err := tx.Exec(sqlAddMark, e.Key, participant, string(e.Action), e.Undoes, sqlite.Time(e.At), sqlite.Time(tx.Now()), actor.ID)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		return sameEntry(tx, participant, e)
	}
	return audit.Add(tx, actor.String(), "mark."+string(e.Action), record("participant", participant),
		map[string]any{"session": sessionID, "at": sqlite.Time(e.At)})
}

// sameEntry refuses a key that means something else.
func sameEntry(tx *sqlite.Tx, participant int64, e Entry) error {
	var other int64
	var known Entry
	if err := tx.QueryRow(sqlMarkWithKey, e.Key).Scan(&other, &known.Action, &known.Undoes); err != nil {
		return err
	}
	if other != participant || known.Action != e.Action || known.Undoes != e.Undoes {
		return fault.New(fault.Conflict, "attendance.error.entry_taken")
	}
	return nil
}

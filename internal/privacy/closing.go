package privacy

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Service closes sessions, gives people what is kept of them, and erases it. Its methods are safe for concurrent use.
type Service struct {
	db      *sqlite.DB
	secret  account.Secret
	listing sync.Mutex // held while the list of erasures is written
}

// NewService returns a Service on db. secret signs the links by which guardians erase what is kept of them.
func NewService(db *sqlite.DB, secret account.Secret) *Service {
	return &Service{db: db, secret: secret}
}

// longestReason is how many signs the reason of a reopening may have.
const longestReason = 300

// Unsettled returns the children of a register for whom something is left to say before the session can be closed: who is
// still in the room, and who has no mark (UX-F15).
func Unsettled(r attendance.Roster) (inside, unmarked []attendance.Child) {
	for _, c := range r.Children {
		switch {
		case c.State.Action.Here():
			inside = append(inside, c)
		case c.State.Action == attendance.Expected && !c.Cancelled:
			unmarked = append(unmarked, c)
		}
	}
	return inside, unmarked
}

// Close ends the register of a public session and writes its facts: one for each presence, already generalised, and the
// figures of who did not come (domain, Family data 2; RGPD-9). Closing what is closed changes nothing.
//
// Whoever may mark may close. Conflict "closing.not_started" before the start, "closing.unsettled" while Unsettled finds
// somebody, and for a session that was called off; NotFound for a private session, which counts heads instead.
func (s *Service) Close(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			r, err := toClose(tx, actor, sessionID)
			switch {
			case err != nil || r.Closing != nil:
				return "", err
			case r.ReadAt.Before(r.Session.StartsAt):
				return "", fault.New(fault.Conflict, "closing.not_started")
			}
			if inside, unmarked := Unsettled(r); len(inside)+len(unmarked) > 0 {
				return "", fault.New(fault.Conflict, "closing.unsettled", len(inside), len(unmarked))
			}
			return "", closeRegister(tx, actor, r)
		})
		return err
	})
}

// toClose reads the register of a public session that takes place, for who may close it or open it again.
func toClose(tx *sqlite.Tx, actor account.Actor, sessionID int64) (attendance.Roster, error) {
	r, err := attendance.RegisterTx(tx, actor, sessionID)
	switch {
	case err != nil:
		return attendance.Roster{}, err
	case r.Group != nil:
		return attendance.Roster{}, fault.New(fault.NotFound, "error.not_found")
	case !r.MayMark && !r.MayReopen && r.MayLead && actor.IsTeam():
		return attendance.Roster{}, fault.New(fault.Forbidden, "attendance.error.too_far")
	case !r.MayMark && !r.MayReopen:
		return attendance.Roster{}, fault.New(fault.Forbidden, "error.forbidden")
	case r.Session.Status != "published":
		return attendance.Roster{}, fault.New(fault.Conflict, "attendance.error.session_cancelled")
	}
	return r, nil
}

const sqlClosedBefore = `SELECT EXISTS (SELECT 1 FROM closings WHERE session_id = ?)`

const sqlClose = `INSERT INTO closings (session_id, closed_at, closed_by, last_mark) VALUES (?, ?, nullif(?, 0), ?)`

// closeRegister closes a register as it is: who has no mark did not come, who is still inside came. The first time, the families
// are thanked.
func closeRegister(tx *sqlite.Tx, actor account.Actor, r attendance.Roster) error {
	var before bool
	if err := tx.QueryRow(sqlClosedBefore, r.Session.ID).Scan(&before); err != nil {
		return err
	}
	if !before {
		if _, err := attendance.Thank(tx, r); err != nil {
			return err
		}
	}
	last, err := attendance.LastMark(tx, r.Session.ID)
	if err != nil {
		return err
	}
	res, err := tx.Exec(sqlClose, r.Session.ID, sqlite.Time(tx.Now()), actor.MemberID(), last)
	if err != nil {
		return err
	}
	closing, err := res.LastInsertId()
	if err != nil {
		return err
	}
	f, err := writeFacts(tx, closing, r)
	if err != nil {
		return err
	}
	return audit.Add(tx, actor.String(), "session.close", sessionRecord(r.Session.ID),
		map[string]any{"closing": closing, "came": f.came, "absent": f.absent, "excused": f.excused, "later": f.later})
}

const (
	sqlReopen           = `UPDATE closings SET reopened_at = ?2, reopened_by = ?3, reason = ?4 WHERE id = ?1`
	sqlDropFacts        = `DELETE FROM facts WHERE closing_id = ?`
	sqlDropSessionFacts = `DELETE FROM session_facts WHERE closing_id = ?`
)

// What is known of who was erased does not make the same facts again.
const sqlHasErased = `
SELECT EXISTS (SELECT 1 FROM participants p JOIN bookings b ON b.id = p.booking_id JOIN children c ON c.id = b.child_id
                WHERE p.session_id = ? AND c.name_folded = '')`

// Reopen lets a closed register be corrected, and takes its facts back; closing it again writes them anew. Whoever may mark
// may reopen, with a reason, which is kept with their name. Invalid, by field "reason", where it is missing or too long;
// Conflict "closing.open" for a session that is not closed, "closing.erased" where a child of it was erased since: its figures
// could not be made again, and reports of what is over never change (I14).
func (s *Service) Reopen(ctx context.Context, actor account.Actor, key account.FormKey, sessionID int64, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			r, err := toClose(tx, actor, sessionID)
			switch {
			case err != nil:
				return "", err
			case r.Closing == nil:
				return "", fault.New(fault.Conflict, "closing.open")
			case reason == "":
				return "", fault.InvalidFields(map[string]fault.Message{"reason": {Key: "closing.reason.missing"}})
			case len([]rune(reason)) > longestReason:
				return "", fault.InvalidFields(map[string]fault.Message{"reason": {Key: "closing.reason.long", Args: []any{longestReason}}})
			}
			var erased bool
			if err := tx.QueryRow(sqlHasErased, sessionID).Scan(&erased); err != nil {
				return "", err
			}
			if erased {
				return "", fault.New(fault.Conflict, "closing.erased")
			}
			if _, err := tx.Exec(sqlReopen, r.Closing.ID, sqlite.Time(tx.Now()), actor.MemberID(), reason); err != nil {
				return "", err
			}
			for _, drop := range []string{sqlDropFacts, sqlDropSessionFacts} {
				if _, err := tx.Exec(drop, r.Closing.ID); err != nil {
					return "", err
				}
			}
			later, err := recount(tx, sessionID)
			if err != nil {
				return "", err
			}
			return "", audit.Add(tx, actor.String(), "session.reopen", sessionRecord(sessionID), map[string]any{"closing": r.Closing.ID, "later": later})
		})
		return err
	})
}

// A session that was opened again has the same time once more.
const sqlOverdue = `
SELECT id FROM sessions s
 WHERE status = 'published' AND request_id IS NULL AND ends_at < ?1
   AND NOT EXISTS (SELECT 1 FROM closings c WHERE c.session_id = s.id AND (c.reopened_at IS NULL OR c.reopened_at >= ?1))
 ORDER BY starts_at, id`

// CloseOverdue closes the sessions that nobody closed, settings.CloseAfterDays after their end: reports must not wait for
// somebody who forgot. Whoever has no mark counts as absent. Each session is a transaction of its own.
func (s *Service) CloseOverdue(ctx context.Context) error {
	var due []int64
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		before, err := overdueBefore(tx)
		if err != nil {
			return err
		}
		rows, err := tx.Query(sqlOverdue, before)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			due = append(due, id)
		}
		return rows.Err()
	})
	for i := 0; err == nil && i < len(due); i++ {
		err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return closeOverdue(tx, due[i]) })
	}
	return err
}

// overdueBefore is when a session must have ended that is closed by itself now.
func overdueBefore(tx *sqlite.Tx) (string, error) {
	days, err := settings.Get(tx, settings.CloseAfterDays)
	return sqlite.Time(tx.Now().AddDate(0, 0, -days)), err
}

func closeOverdue(tx *sqlite.Tx, sessionID int64) error {
	r, err := attendance.RegisterTx(tx, account.System(), sessionID)
	if err != nil || r.Closing != nil { // somebody was faster
		return err
	}
	return closeRegister(tx, account.System(), r)
}

const sqlForgetReasons = `UPDATE closings SET reason = '' WHERE reason <> '' AND reopened_at < ?`

// forgetReasons empties what was written to open sessions again, settings.IncidentMonths later: it may tell of a child.
func forgetReasons(tx *sqlite.Tx) (emptied int, err error) {
	months, err := settings.Get(tx, settings.IncidentMonths)
	if err != nil {
		return 0, err
	}
	res, err := tx.Exec(sqlForgetReasons, sqlite.Time(tx.Now().AddDate(0, -months, 0)))
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	if err != nil || n == 0 {
		return 0, err
	}
	return int(n), audit.Add(tx, "system", "session.forget_reasons", "closings", map[string]any{"count": n})
}

func minutesOf(from, until time.Time) int { return max(int(until.Sub(from).Minutes()), 1) }

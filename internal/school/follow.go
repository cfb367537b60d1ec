package school

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// What the team does about a request among itself. Nobody outside reads these events.

const sqlActedSince = `
SELECT EXISTS (SELECT 1 FROM (SELECT user_id FROM request_events WHERE request_id = ?1 ORDER BY id LIMIT -1 OFFSET ?2) WHERE coalesce(user_id, 0) <> ?3)`

// changeSeen is change for a form that was written at a page with so many events; nil: it does not say how many. Where somebody else has acted since then, it is
// Conflict "school.acted_meanwhile": two people do not answer the same school, nor plan over each other.
func (s *Service) changeSeen(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, seen *int, do func(tx *sqlite.Tx, r Request) error) error {
	return s.change(ctx, actor, key, requestID, func(tx *sqlite.Tx, r Request) error {
		if seen != nil {
			var acted bool
			if err := tx.QueryRow(sqlActedSince, r.ID, *seen, actor.ID).Scan(&acted); err != nil {
				return err
			}
			if acted {
				return fault.New(fault.Conflict, "school.acted_meanwhile")
			}
		}
		return do(tx, r)
	})
}

// AddNote keeps a note that the team alone reads. An empty or overlong one is Invalid on note; seen as in changeSeen.
// Forbidden to all but staff.
func (s *Service) AddNote(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, seen *int, text string) error {
	return s.changeSeen(ctx, actor, key, requestID, seen, func(tx *sqlite.Tx, r Request) error {
		if err := required("note", &text, "school.note_missing"); err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, KindNote, text); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "request.note", record("request", r.ID), nil)
	})
}

// required cleans a text in place; an empty one is Invalid with the message missing.
func required(field string, text *string, missing string) error {
	wrong := typed{}
	wrong.text(field, text)
	if *text == "" {
		wrong.wrong(field, missing)
	}
	return wrong.invalid()
}

const (
	sqlColleague = `SELECT name FROM users WHERE id = ? AND role IN ('staff', 'admin') AND disabled_at IS NULL`
	sqlAssign    = `UPDATE group_requests SET assigned_to = NULLIF(?2, 0), updated_at = ?3 WHERE id = ?1`
)

// Assign gives a request to a member of the team, or to nobody with 0. Somebody else than the actor is told by mail. Who may
// not look after requests is Invalid on person; seen as in changeSeen. Forbidden to all but staff.
func (s *Service) Assign(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, seen *int, userID int64) error {
	return s.changeSeen(ctx, actor, key, requestID, seen, func(tx *sqlite.Tx, r Request) error {
		if userID == r.AssignedTo {
			return nil
		}
		var name string
		if userID != 0 {
			err := tx.QueryRow(sqlColleague, userID).Scan(&name)
			if errors.Is(err, sql.ErrNoRows) {
				return fault.InvalidFields(map[string]fault.Message{"person": {Key: "school.person_unknown"}})
			}
			if err != nil {
				return err
			}
		}
		if _, err := tx.Exec(sqlAssign, r.ID, userID, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, "assigned", name); err != nil {
			return err
		}
		details := map[string]any{"before": r.AssignedTo, "after": userID}
		if err := audit.Add(tx, actor.String(), "request.assign", record("request", r.ID), details); err != nil {
			return err
		}
		if userID == 0 || actor.IsUser(userID) {
			return nil
		}
		m := letter(r)
		m.News = "assigned"
		return tellTeam(tx, r, outbox.RequestNews, m)
	})
}

const sqlPlan = `UPDATE group_requests SET next_action = ?2, next_action_on = NULLIF(?3, ''), updated_at = ?4 WHERE id = ?1`

// Plan notes what the team will do next about a request, and on which day, as people write it (see ParseDay). Both empty takes
// the plan away. A day without a text, and one that is past, are Invalid on action or on day; seen as in
// changeSeen. Forbidden to all but staff.
func (s *Service) Plan(ctx context.Context, actor account.Actor, key account.FormKey, requestID int64, seen *int, action, day string) error {
	return s.changeSeen(ctx, actor, key, requestID, seen, func(tx *sqlite.Tx, r Request) error {
		wrong, action, on := typed{}, action, ""
		wrong.line("action", &action, "")
		if day != "" {
			read, m := ParseDay(day)
			now, err := today(tx)
			switch {
			case err != nil:
				return err
			case m != nil:
				wrong.wrong("day", m.Key, m.Args...)
			case read.Before(now):
				wrong.wrong("day", "school.plan_past")
			case action == "":
				wrong.wrong("action", "school.plan_missing")
			}
			on = read.Format(time.DateOnly)
		}
		if err := wrong.invalid(); err != nil {
			return err
		}
		if action == r.NextAction && on == r.NextActionOn {
			return nil
		}
		if _, err := tx.Exec(sqlPlan, r.ID, action, on, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		if err := addEvent(tx, actor, ByTeam, r.ID, "planned", action); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "request.plan", record("request", r.ID), map[string]any{"on": on})
	})
}

package school

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// turn says who owes the next step.
type turn bool

const (
	teamsTurn  turn = true
	othersTurn turn = false
)

// step is one move of a request along the pipeline.
type step struct {
	to   State
	by   By
	turn turn
	// text is what was written with it, for the history; may be empty.
	text string
}

// The team's waiting time runs on while it owes one step after another.
const sqlAdvance = `
UPDATE group_requests
   SET state = ?2, state_since = iif(state = ?2, state_since, ?3), updated_at = ?3,
       waiting_since = iif(?4, coalesce(waiting_since, ?3), NULL)
 WHERE id = ?1`

// advance moves r to another state, with its event and its audit line; whoever calls it also tells people (see tell.go).
// A state that may not follow is Conflict "school.too_late": somebody else was faster, or the page was old.
func advance(tx *sqlite.Tx, actor account.Actor, r *Request, s step) error {
	if !r.State.MayBecome(s.to) {
		return fault.New(fault.Conflict, "school.too_late")
	}
	if _, err := tx.Exec(sqlAdvance, r.ID, string(s.to), sqlite.Time(tx.Now()), bool(s.turn)); err != nil {
		return err
	}
	if err := addEvent(tx, actor, s.by, r.ID, string(s.to), s.text); err != nil {
		return err
	}
	before := r.State
	r.State = s.to
	return audit.Add(tx, actor.String(), "request."+string(s.to), record("request", r.ID), map[string]any{"before": string(before)})
}

const sqlSetTurn = `
UPDATE group_requests SET waiting_since = iif(?2, coalesce(waiting_since, ?3), NULL), updated_at = ?3 WHERE id = ?1`

// setTurn notes who owes the next step, where that changes without a change of state.
func setTurn(tx *sqlite.Tx, requestID int64, t turn) error {
	_, err := tx.Exec(sqlSetTurn, requestID, bool(t), sqlite.Time(tx.Now()))
	return err
}

package catalog

import (
	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const sqlSetCapacity = `UPDATE sessions SET capacity = ?2, updated_at = ?3 WHERE id = ?1`

// SetCapacityTx changes how many seats a session has and returns it as it was. It touches the session and
// the audit alone: offering the seats that it frees is package booking's. Fewer than the seats taken, and those that a partner
// may still take, is Invalid on capacity, with their number (domain, Capacity 5 and 8; UX-A5); a session that is cancelled or has
// started is Conflict.
func SetCapacityTx(tx *sqlite.Tx, actor account.Actor, id int64, capacity int) (Session, error) {
	if err := mayManage(actor); err != nil {
		return Session{}, err
	}
	s, err := SessionTx(tx, id)
	if err != nil {
		return Session{}, err
	}
	if err := s.changeable(tx); err != nil {
		return Session{}, err
	}
	t := typed{}
	s.checkCapacity(t, capacity)
	if err := t.invalid(); err != nil {
		return Session{}, err
	}
	if capacity == s.Capacity {
		return s, nil
	}
	if _, err := tx.Exec(sqlSetCapacity, id, capacity, sqlite.Time(tx.Now())); err != nil {
		return Session{}, err
	}
	return s, audit.Add(tx, actor.String(), "session.capacity", record("session", id), changes{"capacity": {s.Capacity, capacity}}.details())
}

// checkCapacity notes what is wrong with another capacity of the session.
func (s Session) checkCapacity(t typed, capacity int) {
	t.number("capacity", capacity, 1, MaxCapacity)
	if _, wrong := t["capacity"]; wrong || capacity >= min(s.Capacity, s.Taken+s.Held) {
		return
	}
	t["capacity"] = fault.Message{Key: "catalog.session.capacity_taken", Args: []any{s.Taken}}
	if s.Held > 0 {
		t["capacity"] = fault.Message{Key: "catalog.session.capacity_held", Args: []any{s.Taken + s.Held, s.Held, s.Reserved.Partner}}
	}
}

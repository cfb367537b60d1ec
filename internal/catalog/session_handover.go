package catalog

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// HandOver makes to lead a session in place of from, at once, and mails to, and from where somebody else did it. That to leads something
// else at that time is no obstacle, but where one of the two is private, as in Assign. Staff may hand over any session; a facilitator only one that is theirs (from is themself):
// another one is NotFound to them. If from does not lead the session (any more) it is Conflict; who cannot
// lead is Invalid on facilitator; a session that is cancelled or has ended is Conflict.
func (c *Catalog) HandOver(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, from, to int64) error {
	if !actor.CanManage() && !actor.IsUser(from) {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		s, err := sessionToLead(tx, sessionID)
		if err != nil {
			return err
		}
		if from == to {
			return fault.InvalidFields(map[string]fault.Message{"facilitator": {Key: "catalog.facilitator.same"}})
		}
		email, name, err := leader(tx, to)
		if err != nil {
			return err
		}
		led, err := unassign(tx, actor, sessionID, from)
		if err != nil {
			return err
		}
		if !led {
			if !actor.CanManage() {
				return fault.New(fault.NotFound, "catalog.session.not_found")
			}
			return fault.New(fault.Conflict, "catalog.facilitator.not_leading")
		}
		if err := assign(tx, actor, sessionID, to); err != nil {
			return err
		}
		if err := refuseHindered(tx, s); err != nil {
			return err
		}
		if err := tellReplaced(tx, actor, s, from); err != nil {
			return err
		}
		return tellLeader(tx, s, email, name, actor.Name)
	})
}

const sqlReplaced = `SELECT email, name FROM users WHERE id = ? AND disabled_at IS NULL`

// tellReplaced tells somebody that actor gave a session of theirs to others, unless they did it themself or cannot sign in any more.
func tellReplaced(tx *sqlite.Tx, actor account.Actor, s Session, userID int64) error {
	if actor.IsUser(userID) {
		return nil
	}
	var email, name string
	switch err := tx.QueryRow(sqlReplaced, userID).Scan(&email, &name); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return err
	}
	return outbox.Add(tx, outbox.Message{Kind: outbox.SessionHandedOver, Language: "fr", To: email,
		Payload: outbox.Assignment{Facilitator: name, By: actor.Name, Session: s.Told()}})
}

// UnassignOthersTx ends the leading of whoever leads a session, but of userID, who is to lead it alone: see LeadTx. Faults are those
// of Assign.
func UnassignOthersTx(tx *sqlite.Tx, actor account.Actor, sessionID, userID int64) error {
	s, err := sessionToLead(tx, sessionID)
	if err != nil {
		return err
	}
	if _, _, err := leader(tx, userID); err != nil {
		return err
	}
	led, err := idsOf(tx, sqlLedBy, sessionID)
	if err != nil {
		return err
	}
	for _, id := range led {
		if id == userID {
			continue
		}
		if _, err := unassign(tx, actor, sessionID, id); err != nil {
			return err
		}
		if s.Status != Published {
			continue
		}
		if err := tellReplaced(tx, actor, s, id); err != nil {
			return err
		}
	}
	return nil
}

// LeadTx makes somebody lead a session, and mails to them if it is published and they did not lead it. Faults are those of Assign.
func LeadTx(tx *sqlite.Tx, actor account.Actor, sessionID, userID int64) error {
	s, err := sessionToLead(tx, sessionID)
	if err != nil {
		return err
	}
	email, name, err := leader(tx, userID)
	if err != nil {
		return err
	}
	led, err := idsOf(tx, sqlLedBy, sessionID)
	if err != nil || slices.Contains(led, userID) {
		return err
	}
	if err := assign(tx, actor, sessionID, userID); err != nil {
		return err
	}
	if err := refuseHindered(tx, s); err != nil || s.Status != Published {
		return err
	}
	return tellLeader(tx, s, email, name, actor.Name)
}

// tellLeader tells somebody that a session was handed to them, and by whom.
func tellLeader(tx *sqlite.Tx, s Session, email, name, by string) error {
	return outbox.Add(tx, outbox.Message{Kind: outbox.SessionAssigned, Language: "fr", To: email,
		Payload: outbox.Assignment{Facilitator: name, By: by, Session: s.Told()}})
}

const sqlLeaders = `
SELECT u.email, u.name FROM session_facilitators f JOIN users u ON u.id = f.user_id
 WHERE f.session_id = ? AND u.disabled_at IS NULL ORDER BY u.id`

// tellLeaders tells everybody who leads a session that it changed or was called off, with the reason if there is one. It is
// for sessions that were published: a draft is nobody's to know yet.
func tellLeaders(tx *sqlite.Tx, s Session, kind, reason string, sendAfter time.Time) error {
	rows, err := tx.Query(sqlLeaders, s.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	var all []outbox.Message
	for rows.Next() {
		var email, name string
		if err := rows.Scan(&email, &name); err != nil {
			return err
		}
		all = append(all, outbox.Message{Kind: kind, Language: "fr", To: email, SendAfter: sendAfter,
			Payload: outbox.Assignment{Facilitator: name, Reason: reason, Session: s.Told()}})
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, m := range all {
		if err := outbox.Add(tx, m); err != nil {
			return err
		}
	}
	return nil
}

// Told returns what a mail says of the session.
func (s Session) Told() outbox.Session {
	return outbox.Session{ID: s.ID, Title: s.Workshop.Title, Level: s.Workshop.Level,
		StartsAt: sqlite.Time(s.StartsAt), EndsAt: sqlite.Time(s.EndsAt), Zone: s.Venue.TimeZone,
		Venue: s.Venue.Name, Address: s.Venue.Address, Postcode: s.Venue.Postcode, City: s.Venue.City,
		Access: s.Venue.Access, Bring: s.Workshop.Bring, Sequence: s.Sequence}
}

package attendance

import (
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Group is whom a private session is for.
type Group struct {
	RequestID    int64
	Organisation string
	City         string
	Level        string // as asked for: CM1-CM2
	Children     int    // as announced
	// over is true once nothing more is counted: the request is done, or came to nothing.
	over bool
}

// A done request has its figures written for good.
const sqlGroup = `
SELECT r.id, o.name, o.city, r.level, r.children, r.state IN ('done', 'closed', 'declined', 'withdrawn')
  FROM sessions s JOIN group_requests r ON r.id = s.request_id JOIN organisations o ON o.id = r.organisation_id
 WHERE s.id = ?`

// groupOf returns whom a session is for; nil for a public one.
func groupOf(tx *sqlite.Tx, sessionID int64) (*Group, error) {
	var g Group
	err := tx.QueryRow(sqlGroup, sessionID).Scan(&g.RequestID, &g.Organisation, &g.City, &g.Level, &g.Children, &g.over)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &g, nil
}

// ClassWriter is who works on a class list. The zero value may do nothing.
type ClassWriter struct {
	actor   account.Actor
	request int64
}

// ForTeam is a member of the team: staff, or who leads the session.
func ForTeam(actor account.Actor) ClassWriter { return ClassWriter{actor: actor} }

// ForContact is the contact of a request. Whoever calls it has opened the link that proves so.
func ForContact(requestID int64) ClassWriter {
	return ClassWriter{actor: account.Guest(), request: requestID}
}

// isContact reports whether w writes for the organisation.
func (w ClassWriter) isContact() bool { return w.request != 0 }

// reachGroup returns the group of a private session that w may work on. Anything else is NotFound, or Forbidden for
// those of the team who see the session without leading it.
func reachGroup(tx *sqlite.Tx, w ClassWriter, sessionID int64) (Group, error) {
	if !w.isContact() {
		if err := reachToLead(tx, w.actor, sessionID); err != nil {
			return Group{}, err
		}
	}
	g, err := groupOf(tx, sessionID)
	if err != nil {
		return Group{}, err
	}
	if g == nil || w.isContact() && g.RequestID != w.request {
		return Group{}, fault.New(fault.NotFound, "error.not_found")
	}
	return *g, nil
}

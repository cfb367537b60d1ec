package attendance

import (
	"context"
	"slices"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Member is somebody of the team at a session.
type Member struct {
	UserID int64
	Name   string
	// Leads says that the session is theirs; who only stands in is Here.
	Leads bool
	Here  bool
	At    time.Time // since when it is known, in UTC; zero for who is not Here
	By    string    // who said so, by name
}

// The session's facilitators, and whoever else was there.
const sqlTeam = `
SELECT u.id, u.name, f.user_id IS NOT NULL, t.user_id IS NOT NULL, coalesce(t.noted_at, ''), coalesce(n.name, '')
  FROM users u
  LEFT JOIN session_facilitators f ON f.user_id = u.id AND f.session_id = ?1
  LEFT JOIN team_presences t ON t.user_id = u.id AND t.session_id = ?1
  LEFT JOIN users n ON n.id = t.noted_by
 WHERE f.user_id IS NOT NULL OR t.user_id IS NOT NULL ORDER BY u.name, u.id`

// Team returns who leads a session and who of the team was there, for all who see its register; NotFound for the others.
func (s *Service) Team(ctx context.Context, actor account.Actor, sessionID int64) (team []Member, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, _, err := reach(tx, actor, sessionID); err != nil {
			return err
		}
		team, err = members(tx, sessionID)
		return err
	})
	return team, err
}

func members(tx *sqlite.Tx, sessionID int64) ([]Member, error) {
	rows, err := tx.Query(sqlTeam, sessionID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var team []Member
	for rows.Next() {
		var m Member
		var at string
		if err := rows.Scan(&m.UserID, &m.Name, &m.Leads, &m.Here, &at, &m.By); err != nil {
			return nil, err
		}
		if m.Here {
			if m.At, err = sqlite.ParseTime(at); err != nil {
				return nil, err
			}
		}
		team = append(team, m)
	}
	return team, rows.Err()
}

const (
	sqlNoteMember = `INSERT INTO team_presences (session_id, user_id, noted_at, noted_by) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`
	sqlDropMember = `DELETE FROM team_presences WHERE session_id = ? AND user_id = ?`
)

// NoteMember says that somebody of the team is at a session, or, here false, that they are not: for oneself and for
// colleagues who lead it. Who may is as for Mark, and so are its faults; NotFound for anybody else.
func (s *Service) NoteMember(ctx context.Context, actor account.Actor, key account.FormKey, sessionID, userID int64, here bool) error {
	return s.write(ctx, actor, key, sessionID, func(tx *sqlite.Tx) error {
		team, err := members(tx, sessionID)
		if err != nil {
			return err
		}
		known := slices.ContainsFunc(team, func(m Member) bool { return m.UserID == userID })
		if !known && !actor.IsUser(userID) {
			return fault.New(fault.NotFound, "error.not_found")
		}
		action := "session.member_here"
		if here {
			_, err = tx.Exec(sqlNoteMember, sessionID, userID, sqlite.Time(tx.Now()), actor.MemberID())
		} else {
			action = "session.member_away"
			_, err = tx.Exec(sqlDropMember, sessionID, userID)
		}
		if err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), action, record("session", sessionID), map[string]any{"user": userID})
	})
}

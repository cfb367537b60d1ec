package attendance

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Closing is how a session was closed. Package privacy closes sessions, and writes their figures.
type Closing struct {
	ID   int64
	At   time.Time // in UTC
	By   string    // by name; empty for the program itself
	Late int       // entries that tablets brought afterwards: they are in the journal and in no figure
}

const sqlClosing = `
SELECT c.id, c.closed_at, coalesce(u.name, ''),
       (SELECT count(*) FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.session_id = c.session_id AND m.id > c.last_mark)
  FROM closings c LEFT JOIN users u ON u.id = c.closed_by WHERE c.session_id = ? AND c.reopened_at IS NULL`

// closingOf returns how a session is closed; nil while it is not.
func closingOf(tx *sqlite.Tx, sessionID int64) (*Closing, error) {
	var c Closing
	var at string
	err := tx.QueryRow(sqlClosing, sessionID).Scan(&c.ID, &at, &c.By, &c.Late)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.At, err = sqlite.ParseTime(at)
	return &c, err
}

// Closing returns how a session was closed; nil while it is not. For who sees its register; NotFound for the others.
func (s *Service) Closing(ctx context.Context, actor account.Actor, sessionID int64) (closing *Closing, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if _, _, err := reach(tx, actor, sessionID); err != nil {
			return err
		}
		closing, err = closingOf(tx, sessionID)
		return err
	})
	return closing, err
}

// RegisterTx is Roster inside a transaction, for what is decided from a register and shown to nobody: it leaves no trace in
// the access log.
func RegisterTx(tx *sqlite.Tx, actor account.Actor, sessionID int64) (Roster, error) {
	return roster(tx, actor, sessionID)
}

const sqlLastMark = `SELECT coalesce(max(m.id), 0) FROM participants p JOIN marks m ON m.participant_id = p.id WHERE p.session_id = ?`

// LastMark is the last entry in the journal of a session, 0 for none.
func LastMark(tx *sqlite.Tx, sessionID int64) (id int64, err error) {
	err = tx.QueryRow(sqlLastMark, sessionID).Scan(&id)
	return id, err
}

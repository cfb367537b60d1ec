package booking

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// DraftLife is how long unfinished answers are kept.
const DraftLife = 24 * time.Hour

// DraftKey says which answers a booking was made from. The zero value means none.
type DraftKey struct {
	TokenHash []byte // SHA-256 of the cookie's token
	SessionID int64
	Version   int
	// Saved is the id of the copy of these answers that was kept for another device; empty for nearly all.
	Saved string
}

// Draft is what a parent has answered so far. Answers is the web form as JSON, without health text;
// Result is the reference or Repeated once the seat is taken, and Answers is then empty.
type Draft struct {
	Answers string
	Version int
	Result  string
	// GuardianID is who was signed in when it was written, 0 for a guest.
	GuardianID int64
	// Link opens the booking of Result; empty for none or Repeated.
	Link Link
	// StartsAt is the start of the session, in the venue's zone.
	StartsAt time.Time
}

// The + keeps SQLite from looking at the value to choose a plan, and so from parsing the statement at each use.
const sqlDraft = `
SELECT d.answers, d.version, d.result, coalesce(d.guardian_id, 0), coalesce(bg.link_version, 0), s.starts_at, v.time_zone
FROM drafts d JOIN sessions s ON s.id = d.session_id JOIN venues v ON v.id = s.venue_id
LEFT JOIN booking_groups bg ON bg.reference = d.result
WHERE d.token_hash = ? AND d.session_id = ? AND d.expires_at > +?`

// Draft reads the answers kept for a browser and a session. fault.NotFound when there are none.
func (s *Service) Draft(ctx context.Context, tokenHash []byte, sessionID int64) (d Draft, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var version int
		var starts, zone string
		err := tx.QueryRow(sqlDraft, tokenHash, sessionID, sqlite.Time(tx.Now())).
			Scan(&d.Answers, &d.Version, &d.Result, &d.GuardianID, &version, &starts, &zone)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "booking.draft_missing")
		}
		if err != nil {
			return err
		}
		if version > 0 {
			d.Link = s.Sign(LinkScreen, d.Result, version)
			if d.GuardianID != 0 {
				d.Link = OwnLink(account.Guardian(d.GuardianID), d.Result)
			}
		}
		d.StartsAt, err = venueTime(starts, zone)
		return err
	})
	return d, err
}

// The first version is random: a page of an earlier draft of the same phone must never fit a later one.
const sqlSaveDraft = `
INSERT INTO drafts (token_hash, session_id, answers, version, expires_at, guardian_id)
VALUES (?1, ?2, ?3, abs(random() % 1000000000) + 1, ?4, nullif(?5, 0))
ON CONFLICT (token_hash, session_id) DO UPDATE
SET answers = ?3, version = version + 1, result = '', expires_at = ?4, guardian_id = nullif(?5, 0)`

// SaveDraft keeps answers (JSON) for a browser and a session, replacing what was there. It keeps nothing
// but what was typed, so it writes no audit line and no message. What a guardian who is signed in answers is for them alone.
func (s *Service) SaveDraft(ctx context.Context, actor account.Actor, tokenHash []byte, sessionID int64, answers string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlSaveDraft, tokenHash, sessionID, answers, sqlite.Time(tx.Now().Add(DraftLife)), guardianID(actor))
		return err
	})
}

// guardianID is that of a guardian who is signed in, 0 for anybody else.
func guardianID(actor account.Actor) int64 {
	if actor.Kind == account.KindGuardian {
		return actor.ID
	}
	return 0
}

const sqlDropDraft = `DELETE FROM drafts WHERE token_hash = ? AND session_id = ?`

// DropDraft forgets what was answered, to start again for other children.
func (s *Service) DropDraft(ctx context.Context, tokenHash []byte, sessionID int64) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlDropDraft, tokenHash, sessionID)
		return err
	})
}

const sqlDropDrafts = `DELETE FROM drafts WHERE token_hash = ?`

// DropDrafts forgets all that a browser answered, and where it led: whoever comes next at a shared computer shall find nothing (domain, Family data 8).
func (s *Service) DropDrafts(ctx context.Context, tokenHash []byte) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlDropDrafts, tokenHash)
		return err
	})
}

// ReturnTime is how long after a booking its browser is led back to it by Back or a second tab. It is short since the
// next person at a shared computer must not be led there (domain, Family data 8).
const ReturnTime = 30 * time.Minute

const sqlFinishDraft = `
UPDATE drafts SET answers = '', result = ?4, expires_at = ?5 WHERE token_hash = ?1 AND session_id = ?2 AND version = ?3 AND result = ''`

const sqlDraftResult = `SELECT result FROM drafts WHERE token_hash = ? AND session_id = ?`

// finishDraft empties the draft and notes where it led. When it was already finished it returns that
// first result; when its answers changed since they were shown, Conflict "booking.draft_changed".
func finishDraft(tx *sqlite.Tx, key DraftKey, reference string) (first string, err error) {
	if key.TokenHash == nil {
		return "", nil
	}
	res, err := tx.Exec(sqlFinishDraft, key.TokenHash, key.SessionID, key.Version, reference, sqlite.Time(tx.Now().Add(ReturnTime)))
	if err != nil {
		return "", err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return "", err
	}
	err = tx.QueryRow(sqlDraftResult, key.TokenHash, key.SessionID).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) || err == nil && first == "" {
		return "", fault.New(fault.Conflict, "booking.draft_changed")
	}
	return first, err
}

const sqlSetDraftResult = `UPDATE drafts SET result = ?3 WHERE token_hash = ?1 AND session_id = ?2`

// setDraftResult corrects the result that finishDraft noted before the outcome was known.
func setDraftResult(tx *sqlite.Tx, key DraftKey, result string) error {
	if key.TokenHash == nil {
		return nil
	}
	_, err := tx.Exec(sqlSetDraftResult, key.TokenHash, key.SessionID, result)
	return err
}

const sqlPurgeDrafts = `DELETE FROM drafts WHERE expires_at <= ?`

// PurgeDrafts forgets drafts whose time has passed.
func (s *Service) PurgeDrafts(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlPurgeDrafts, sqlite.Time(tx.Now()))
		return err
	})
}

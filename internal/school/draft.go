package school

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// DraftLife is how long the answers of an unfinished request are kept.
const DraftLife = 24 * time.Hour

// ReturnTime is how long after sending a request its browser is led back to it by Back or a second tab. It is short
// since the next person at a shared computer must not be led there.
const ReturnTime = 30 * time.Minute

// DraftKey says which answers a request was made from. The zero value means none.
type DraftKey struct {
	TokenHash []byte // SHA-256 of the cookie's token
	Version   int
}

// Draft is what has been answered so far. Answers is the web form as JSON; once the request is sent it is empty, and
// Sent opens the request.
type Draft struct {
	Answers string
	Version int
	Sent    Link
}

const sqlRequestDraft = `
SELECT d.answers, d.version, d.result, coalesce(r.link_version, 0)
  FROM request_drafts d LEFT JOIN group_requests r ON r.reference = d.result
 WHERE d.token_hash = ? AND d.expires_at > ?`

// Draft reads the answers kept for a browser. fault.NotFound "ask.draft_missing" when there are none.
func (s *Service) Draft(ctx context.Context, tokenHash []byte) (d Draft, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var result string
		var linkVersion int
		err := tx.QueryRow(sqlRequestDraft, tokenHash, sqlite.Time(tx.Now())).Scan(&d.Answers, &d.Version, &result, &linkVersion)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "ask.draft_missing")
		}
		if result != "" {
			d.Sent = s.Sign(LinkContact, result, linkVersion)
		}
		return err
	})
	return d, err
}

// The first version is random: a page of an earlier draft of the same browser must never fit a later one.
const sqlSaveRequestDraft = `
INSERT INTO request_drafts (token_hash, answers, version, expires_at) VALUES (?1, ?2, abs(random() % 1000000000) + 1, ?3)
ON CONFLICT (token_hash) DO UPDATE SET answers = ?2, version = version + 1, result = '', expires_at = ?3`

// SaveDraft keeps answers (JSON) for a browser, replacing what was there. It keeps nothing but what was typed, so it
// writes no audit line and no message.
func (s *Service) SaveDraft(ctx context.Context, tokenHash []byte, answers string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlSaveRequestDraft, tokenHash, answers, sqlite.Time(tx.Now().Add(DraftLife)))
		return err
	})
}

const sqlBeginRequestDraft = `
INSERT INTO request_drafts (token_hash, answers, version, expires_at) VALUES (?1, ?2, abs(random() % 1000000000) + 1, ?3)
ON CONFLICT (token_hash) DO NOTHING`

// BeginDraft is SaveDraft for answers that nobody has typed here yet, once for its form key: sent again, it leaves what
// the browser has answered since.
func (s *Service) BeginDraft(ctx context.Context, key account.FormKey, tokenHash []byte, answers string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		until := sqlite.Time(tx.Now().Add(DraftLife))
		_, repeated, err := account.Once(tx, key, func() (string, error) {
			_, err := tx.Exec(sqlSaveRequestDraft, tokenHash, answers, until)
			return "", err
		})
		if err == nil && repeated { // of two clicks the browser keeps the cookie of the second
			_, err = tx.Exec(sqlBeginRequestDraft, tokenHash, answers, until)
		}
		return err
	})
}

const sqlDropRequestDraft = `DELETE FROM request_drafts WHERE token_hash = ?`

// DropDraft forgets what a browser has answered.
func (s *Service) DropDraft(ctx context.Context, tokenHash []byte) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlDropRequestDraft, tokenHash)
		return err
	})
}

const (
	sqlFinishRequestDraft = `
UPDATE request_drafts SET answers = '', result = ?3, expires_at = ?4 WHERE token_hash = ?1 AND version = ?2 AND result = ''`

	sqlRequestDraftResult = `SELECT result FROM request_drafts WHERE token_hash = ?`
)

// finishDraft empties the draft and notes where it led. When it was sent already it returns that first reference; when
// its answers changed since they were shown, Conflict "ask.draft_changed".
func finishDraft(tx *sqlite.Tx, key DraftKey, reference string) (first string, err error) {
	if key.TokenHash == nil {
		return "", nil
	}
	res, err := tx.Exec(sqlFinishRequestDraft, key.TokenHash, key.Version, reference, sqlite.Time(tx.Now().Add(ReturnTime)))
	if err != nil {
		return "", err
	}
	if n, err := res.RowsAffected(); err != nil || n == 1 {
		return "", err
	}
	err = tx.QueryRow(sqlRequestDraftResult, key.TokenHash).Scan(&first)
	if errors.Is(err, sql.ErrNoRows) || err == nil && first == "" {
		return "", fault.New(fault.Conflict, "ask.draft_changed")
	}
	return first, err
}

const sqlPurgeRequestDrafts = `DELETE FROM request_drafts WHERE expires_at <= ?`

// PurgeDrafts forgets drafts whose time has passed.
func (s *Service) PurgeDrafts(ctx context.Context) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlPurgeRequestDrafts, sqlite.Time(tx.Now()))
		return err
	})
}

package booking

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"errors"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// SavedLife is how long answers are kept that a parent asked to keep, to finish later on another device (UX-P5).
const SavedLife = 7 * 24 * time.Hour

// LinkDraft is the purpose of the mailed links that bring kept answers back.
const LinkDraft = "draft"

// SavedDraft is a copy of unfinished answers that a mailed link brings back; a copy that led to a booking is empty.
type SavedDraft struct {
	Session Session
	Answers string // the web form as JSON, without health text
	Booked  bool   // the answers led to a booking, whose mail has another link
	Until   time.Time
}

// NewSavedID returns the name of a copy of answers: it authorises nothing without its signature.
func NewSavedID() string { return rand.Text() }

// savedKey is under what a copy lies among the drafts: no token of a browser has it.
func savedKey(id string) []byte {
	sum := sha256.Sum256([]byte("saved\x00" + id))
	return sum[:]
}

// DraftLink is the link to the copy of an id.
func (s *Service) DraftLink(id string) Link { return s.Sign(LinkDraft, id, 1) }

const (
	sqlKeepCopy = `
INSERT INTO drafts (token_hash, session_id, answers, version, expires_at) VALUES (?1, ?2, ?3, 1, ?4)
ON CONFLICT (token_hash, session_id) DO UPDATE SET answers = ?3, version = version + 1, result = '', expires_at = ?4`
	sqlDropCopy = `DELETE FROM drafts WHERE token_hash = ?`
	sqlCopy     = `SELECT session_id, answers, result, expires_at FROM drafts WHERE token_hash = ? AND expires_at > ?`
	sqlDone     = `UPDATE drafts SET answers = '', result = ?2 WHERE token_hash = ?1`
)

// MailDraft keeps answers (JSON) for the browser, as SaveDraft does, and a copy of them for SavedLife under id, whose link it
// mails to an address. That address is not proved: the message tells nothing that was answered. The copy of the id instead goes, whose link went to
// another address; empty for none.
//
// Faults: NotFound and those of Bookable for a session that cannot be booked.
func (s *Service) MailDraft(ctx context.Context, key account.FormKey, tokenHash []byte, sessionID int64, answers, id, instead, email, language string) error {
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			session, err := loadSession(tx, sessionID)
			if err != nil {
				return "", err
			}
			if err := session.Bookable(tx.Now()); err != nil {
				return "", err
			}
			if _, err := tx.Exec(sqlSaveDraft, tokenHash, sessionID, answers, sqlite.Time(tx.Now().Add(DraftLife)), 0); err != nil {
				return "", err
			}
			if instead != "" {
				if _, err := tx.Exec(sqlDropCopy, savedKey(instead)); err != nil {
					return "", err
				}
			}
			until := sqlite.Time(tx.Now().Add(SavedLife))
			if _, err := tx.Exec(sqlKeepCopy, savedKey(id), sessionID, answers, until); err != nil {
				return "", err
			}
			if err := outbox.Add(tx, outbox.Message{Kind: outbox.DraftSaved, Language: language, To: email,
				Payload: outbox.Draft{ID: id, Until: until, Session: session.forMail()}}); err != nil {
				return "", err
			}
			return "", audit.Add(tx, "guest", "booking.save_draft", record("session", sessionID), nil)
		})
		return err
	})
}

// SavedDraft returns the copy that a mailed link brings back; reading it changes nothing. NotFound for any other link;
// Gone "booking.draft_over" once its time has passed.
func (s *Service) SavedDraft(ctx context.Context, link Link) (d SavedDraft, err error) {
	if !s.secret.Verify(LinkDraft, link.Reference, 1, link.Signature) {
		return SavedDraft{}, fault.New(fault.NotFound, "error.not_found")
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var sessionID int64
		var result, until string
		err := tx.QueryRow(sqlCopy, savedKey(link.Reference), sqlite.Time(tx.Now())).Scan(&sessionID, &d.Answers, &result, &until)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.Gone, "booking.draft_over")
		}
		if err != nil {
			return err
		}
		if d.Session, err = loadSession(tx, sessionID); err != nil {
			return err
		}
		d.Booked = result != ""
		d.Until, err = instant(until, d.Session.StartsAt.Location())
		return err
	})
	return d, err
}

// finishCopy empties the copy of answers that led to a booking: its link then says so, on whatever device.
func finishCopy(tx *sqlite.Tx, id, reference string) error {
	if id == "" {
		return nil
	}
	_, err := tx.Exec(sqlDone, savedKey(id), reference)
	return err
}

package booking

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Seen names what of a contact was shown, so that who corrects it does not write over what another changed meanwhile.
func (f DeskFamily) Seen() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{f.Name, f.Phone, f.Email, f.Language}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

const sqlLiveGroupsOf = `
SELECT DISTINCT bg.id FROM booking_groups bg JOIN bookings b ON b.group_id = bg.id JOIN sessions s ON s.id = b.session_id
WHERE bg.guardian_id = ? AND b.status IN ('waiting', 'offered', 'confirmed') AND s.status = 'published' AND s.ends_at > ? ORDER BY s.starts_at, bg.id`

// CorrectContact corrects how a family is reached, as it said on the phone; to has passed the rules of package family, and an empty
// address is of a family without e-mail. Another address is nobody's proved mailbox: what was mailed to the old one opens nothing any
// more, mails that have not left do not leave, whoever is signed in is signed out, and the links to what is still to come go to the
// new one. An old address that was proved is told.
//
// Forbidden to all but staff; NotFound for who is unknown or was erased; Conflict "desk_family.changed" where seen is not DeskFamily.Seen.
func (s *Service) CorrectContact(ctx context.Context, actor account.Actor, key account.FormKey, guardianID int64, to Contact, language, seen string) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			f, err := deskFamily(tx, guardianID)
			if err != nil {
				return "", err
			}
			if f.Seen() != seen {
				return "", fault.New(fault.Conflict, "desk_family.changed")
			}
			return "", s.correctContact(tx, actor, f, to, language)
		})
		return err
	})
}

func (s *Service) correctContact(tx *sqlite.Tx, actor account.Actor, f DeskFamily, to Contact, language string) error {
	var changed []string
	for _, field := range []struct{ name, was, is string }{{"name", f.Name, to.Name}, {"phone", f.Phone, to.Phone}, {"email", f.Email, to.Email}, {"language", f.Language, language}} {
		if field.was != field.is {
			changed = append(changed, field.name)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	moved := account.FoldEmail(f.Email) != account.FoldEmail(to.Email)
	if moved {
		if err := s.leaveMailbox(tx, f); err != nil {
			return err
		}
	}
	if err := family.Correct(tx, f.ID, family.NewGuardian{Name: to.Name, Phone: to.Phone, Email: to.Email, Language: language}, moved); err != nil {
		return err
	}
	if err := audit.Add(tx, actor.String(), "family.correct", record("guardian", f.ID), map[string]any{"fields": changed}); err != nil || !moved {
		return err
	}
	return s.mailLinks(tx, f.ID)
}

// leaveMailbox ends what the mailbox of a guardian may do: it was a stranger's, or is no longer theirs.
func (s *Service) leaveMailbox(tx *sqlite.Tx, f DeskFamily) error {
	if f.Email == "" {
		return nil
	}
	if err := s.secret.EndLinks(tx, f.ID); err != nil {
		return err
	}
	if err := outbox.Recall(tx, f.ID, f.Email); err != nil {
		return err
	}
	if _, err := tx.Exec(sqlRevokeLinks, f.ID); err != nil || !f.Proved {
		return err
	}
	return outbox.Add(tx, outbox.Message{Kind: outbox.EmailChanged, Language: f.Language, To: f.Email, GuardianID: f.ID, Payload: outbox.EmailChange{Guardian: f.Name}})
}

// mailLinks mails a guardian the links to all they booked that is not over.
func (s *Service) mailLinks(tx *sqlite.Tx, guardianID int64) error {
	groups, err := sqlite.Column[int64](tx, sqlLiveGroupsOf, guardianID, sqlite.Time(tx.Now()))
	if err != nil {
		return err
	}
	for _, id := range groups {
		if err := s.repeatMail(tx, id); err != nil {
			return err
		}
	}
	return nil
}

package family

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// InvitationLife is how long an invitation can be accepted, and EmailChangeLife how long a new address can be confirmed.
const (
	InvitationLife  = 7 * 24 * time.Hour
	EmailChangeLife = 24 * time.Hour
)

// mostInvitations bounds how many one guardian may send in a day: they are mails to whomever is named.
const mostInvitations = 5

// Invitation is another guardian whom the one who is signed in asks to join.
type Invitation struct {
	ID       int64
	Name     string // empty once it is over
	Email    string
	Until    time.Time // UTC
	Outcome  string    // accepted, withdrawn, expired; empty while it is open
	Children []string  // first names
}

const sqlInvitations = `
SELECT i.id, i.name, i.email, i.expires_at, coalesce(i.outcome, iif(i.expires_at <= ?2, 'expired', '')),
       (SELECT json_group_array(c.first_name) FROM invitation_children x JOIN children c ON c.id = x.child_id WHERE x.invitation_id = i.id)
FROM invitations i WHERE i.guardian_id = ?1 ORDER BY i.id DESC`

func invitations(tx *sqlite.Tx, guardianID int64) (list []Invitation, err error) {
	rows, err := tx.Query(sqlInvitations, guardianID, sqlite.Time(tx.Now()))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var i Invitation
		var until, children string
		if err := rows.Scan(&i.ID, &i.Name, &i.Email, &until, &i.Outcome, &children); err != nil {
			return nil, err
		}
		if i.Until, err = sqlite.ParseTime(until); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(children), &i.Children); err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

const (
	sqlInviter         = `SELECT name, email_folded, language FROM guardians WHERE id = ?`
	sqlSentInvitations = `SELECT count(*) FROM invitations WHERE guardian_id = ? AND created_at > ?`
	sqlAddInvitation   = `INSERT INTO invitations (token_hash, guardian_id, name, email, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)`
	sqlInviteTo        = `INSERT INTO invitation_children (invitation_id, child_id) SELECT ?1, child_id FROM guardianships WHERE guardian_id = ?2 AND child_id = ?3`
	sqlEndInvitation   = `UPDATE invitations SET outcome = ?2, ended_at = ?3, name = '', email = '' WHERE id = ?1`
)

const (
	linkInvitation = "invitation"
	linkEmail      = "email-change"
)

// InvitationToken makes the token of the link that a mail of the kind outbox.GuardianInvited brings.
func InvitationToken(secret account.Secret, nonce string) string {
	return secret.Sign(linkInvitation, nonce, 1)
}

// EmailToken makes the token of the link that a mail of the kind outbox.EmailConfirm brings.
func EmailToken(secret account.Secret, nonce string) string { return secret.Sign(linkEmail, nonce, 1) }

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}

// Invite asks somebody by mail to be a guardian of some children too. name and email have passed ParseName and ParseEmail. Invalid by field for one's own
// address and without a child; Conflict "family.invited_enough" after five invitations in a day.
func (s *Service) Invite(ctx context.Context, actor account.Actor, key account.FormKey, name, email string, children []int64) error {
	return s.change(ctx, actor, key, "family.invite", actor.String(), func(tx *sqlite.Tx) error {
		var inviter, own, language string
		if err := tx.QueryRow(sqlInviter, actor.ID).Scan(&inviter, &own, &language); err != nil {
			return err
		}
		if account.FoldEmail(email) == own {
			return fault.InvalidFields(map[string]fault.Message{"email": {Key: "family.invite_self"}})
		}
		var sent int
		if err := tx.QueryRow(sqlSentInvitations, actor.ID, sqlite.Time(tx.Now().Add(-24*time.Hour))).Scan(&sent); err != nil {
			return err
		}
		if sent >= mostInvitations {
			return fault.New(fault.Conflict, "family.invited_enough", mostInvitations)
		}
		nonce := rand.Text()
		res, err := tx.Exec(sqlAddInvitation, hashOf(InvitationToken(s.secret, nonce)), actor.ID, name, email, sqlite.Time(tx.Now()), sqlite.Time(tx.Now().Add(InvitationLife)))
		if err != nil {
			return err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		invited := 0
		for _, child := range children {
			res, err := tx.Exec(sqlInviteTo, id, actor.ID, child)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			invited += int(n)
		}
		if invited == 0 || invited < len(children) {
			return fault.InvalidFields(map[string]fault.Message{"children": {Key: "family.invite_children"}})
		}
		return outbox.Add(tx, outbox.Message{Kind: outbox.GuardianInvited, Language: language, To: email, GuardianID: actor.ID,
			Payload: outbox.Invited{Name: name, By: inviter, Nonce: nonce}})
	})
}

const sqlOwnInvitation = `SELECT count(*) FROM invitations WHERE id = ? AND guardian_id = ? AND outcome IS NULL`

// WithdrawInvitation takes an open invitation back. NotFound for those of others, and for what is over.
func (s *Service) WithdrawInvitation(ctx context.Context, actor account.Actor, key account.FormKey, id int64) error {
	return s.change(ctx, actor, key, "family.withdraw_invitation", actor.String(), func(tx *sqlite.Tx) error {
		var n int
		if err := tx.QueryRow(sqlOwnInvitation, id, actor.ID).Scan(&n); err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "error.not_found")
		}
		_, err := tx.Exec(sqlEndInvitation, id, "withdrawn", sqlite.Time(tx.Now()))
		return err
	})
}

// Invited is an invitation as whom it is for sees it.
type Invited struct {
	Name, Email, By string
	Children        []string // first names
	// Known says that somebody gave that address before: accepting opens no space (see Accept).
	Known bool

	id, inviter int64
	language    string
}

const sqlFindInvitation = `
SELECT i.id, i.guardian_id, i.name, i.email, g.name, g.language, i.expires_at, coalesce(i.outcome, ''),
       (SELECT json_group_array(c.first_name) FROM invitation_children x JOIN guardianships o ON o.child_id = x.child_id AND o.guardian_id = i.guardian_id
         JOIN children c ON c.id = x.child_id WHERE x.invitation_id = i.id)
FROM invitations i JOIN guardians g ON g.id = i.guardian_id WHERE i.token_hash = ?`

// FindInvitation returns the invitation of a token without using it. Gone "family.invitation_over" once it was answered, taken back or is too old; NotFound
// "account.link_unknown" for any other token.
func (s *Service) FindInvitation(ctx context.Context, token string) (v Invited, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		v, err = findInvitation(tx, token)
		return err
	})
	return v, err
}

func findInvitation(tx *sqlite.Tx, token string) (v Invited, err error) {
	var expires, outcome, children string
	err = tx.QueryRow(sqlFindInvitation, hashOf(token)).Scan(&v.id, &v.inviter, &v.Name, &v.Email, &v.By, &v.language, &expires, &outcome, &children)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "account.link_unknown")
	}
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal([]byte(children), &v.Children); err != nil {
		return v, err
	}
	until, err := sqlite.ParseTime(expires)
	if err != nil {
		return v, err
	}
	if outcome != "" || !tx.Now().Before(until) || len(v.Children) == 0 {
		return v, fault.New(fault.Gone, "family.invitation_over")
	}
	err = tx.QueryRow(sqlIsKnown, account.FoldEmail(v.Email)).Scan(&v.Known)
	return v, err
}

const (
	sqlProvedOf   = `SELECT id FROM guardians WHERE email_folded = ? AND proved_at IS NOT NULL`
	sqlIsKnown    = `SELECT EXISTS (SELECT 1 FROM guardians WHERE email_folded = ?)`
	sqlAddInvited = `INSERT INTO guardians (name, email, email_folded, phone, language, proved_at, last_contact_at, created_at) VALUES (?, ?, ?, '', ?, ?5, ?5, ?5)`
	sqlJoin       = `
INSERT OR IGNORE INTO guardianships (guardian_id, child_id)
SELECT ?1, x.child_id FROM invitation_children x JOIN guardianships o ON o.child_id = x.child_id AND o.guardian_id = ?3 WHERE x.invitation_id = ?2`
	sqlComeBack    = `DELETE FROM former_guardianships WHERE guardian_id = ?1 AND child_id IN (SELECT child_id FROM guardianships WHERE guardian_id = ?1)`
	sqlInvitedKids = `SELECT child_id FROM invitation_children WHERE invitation_id = ? ORDER BY child_id`
)

// Accept makes who was invited a guardian of the children, under a name and contacts of their own. The one who invited sees only that it was accepted. It
// returns who may be signed in: the new guardian. That is 0 where the address is known: an invitation lives for days and is forwarded, and opens nothing that was
// there before (SEC-8). The same form sent again returns 0 too: it accepts nothing and signs nobody in. Errors are those of FindInvitation.
func (s *Service) Accept(ctx context.Context, key account.FormKey, token string) (guardianID, epoch int64, err error) {
	err = s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		result, repeated, err := account.Once(tx, key, func() (string, error) {
			v, err := findInvitation(tx, token)
			if err != nil {
				return "", err
			}
			now := sqlite.Time(tx.Now())
			var id int64
			err = tx.QueryRow(sqlProvedOf, account.FoldEmail(v.Email)).Scan(&id)
			if errors.Is(err, sql.ErrNoRows) {
				var res sql.Result
				if res, err = tx.Exec(sqlAddInvited, v.Name, v.Email, account.FoldEmail(v.Email), v.language, now); err == nil {
					id, err = res.LastInsertId()
				}
			}
			if err != nil {
				return "", err
			}
			if _, err := tx.Exec(sqlJoin, id, v.id, v.inviter); err != nil {
				return "", err
			}
			if _, err := tx.Exec(sqlComeBack, id); err != nil {
				return "", err
			}
			if _, err := tx.Exec(sqlEndInvitation, v.id, "accepted", now); err != nil {
				return "", err
			}
			children, err := sqlite.Column[int64](tx, sqlInvitedKids, v.id)
			if err != nil {
				return "", err
			}
			for _, child := range children {
				if err := tellOthers(tx, id, child, "joined"); err != nil {
					return "", err
				}
			}
			actor, enters := account.Guardian(id).String(), id
			if v.Known {
				enters = 0
			}
			return strconv.FormatInt(enters, 10), audit.Add(tx, actor, "family.accept_invitation", "guardian:"+strconv.FormatInt(v.inviter, 10), nil)
		})
		if err != nil || repeated {
			return err
		}
		if guardianID, err = strconv.ParseInt(result, 10, 64); err != nil || guardianID == 0 {
			return err
		}
		return tx.QueryRow(sqlEpoch, guardianID).Scan(&epoch)
	})
	return guardianID, epoch, err
}

const (
	sqlAskEmail = `
INSERT INTO email_changes (guardian_id, token_hash, email, expires_at) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT (guardian_id) DO UPDATE SET token_hash = ?2, email = ?3, expires_at = ?4`
	sqlDropEmailChange = `DELETE FROM email_changes WHERE guardian_id = ?`
)

// AskEmail mails a link to a new address of the guardian, which counts once it is confirmed from there; a newer one replaces it. Who else has that address
// makes no difference here. Invalid by field for the address that counts already.
func (s *Service) AskEmail(ctx context.Context, actor account.Actor, key account.FormKey, email string) error {
	return s.change(ctx, actor, key, "family.ask_email", actor.String(), func(tx *sqlite.Tx) error {
		var name, own, language string
		if err := tx.QueryRow(sqlInviter, actor.ID).Scan(&name, &own, &language); err != nil {
			return err
		}
		if account.FoldEmail(email) == own {
			return fault.InvalidFields(map[string]fault.Message{"email": {Key: "family.email_same"}})
		}
		nonce := rand.Text()
		if _, err := tx.Exec(sqlAskEmail, actor.ID, hashOf(EmailToken(s.secret, nonce)), email, sqlite.Time(tx.Now().Add(EmailChangeLife))); err != nil {
			return err
		}
		return outbox.Add(tx, outbox.Message{Kind: outbox.EmailConfirm, Language: language, To: email, GuardianID: actor.ID,
			Payload: outbox.EmailChange{Guardian: name, Nonce: nonce}})
	})
}

// DropEmail gives a new address up that was not confirmed yet.
func (s *Service) DropEmail(ctx context.Context, actor account.Actor, key account.FormKey) error {
	return s.change(ctx, actor, key, "family.drop_email", actor.String(), func(tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlDropEmailChange, actor.ID)
		return err
	})
}

const sqlFindEmail = `
SELECT e.guardian_id, e.email, e.expires_at, g.name, g.email, g.language FROM email_changes e JOIN guardians g ON g.id = e.guardian_id WHERE e.token_hash = ?`

// EmailChange is a new address that waits to be confirmed.
type EmailChange struct {
	Email string

	guardian            int64
	name, old, language string
}

// FindEmailChange returns the new address of a token without confirming it. Gone "family.email_expired" after a day; NotFound "account.link_unknown" for any other
// token, also once it was confirmed or replaced; Conflict "family.email_elsewhere" for all but the guardian who asked: an address that was
// mistyped is that of a stranger, who reads the link as well.
func (s *Service) FindEmailChange(ctx context.Context, actor account.Actor, token string) (v EmailChange, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		v, err = findEmailChange(tx, actor, token)
		return err
	})
	return v, err
}

func findEmailChange(tx *sqlite.Tx, actor account.Actor, token string) (v EmailChange, err error) {
	var expires string
	err = tx.QueryRow(sqlFindEmail, hashOf(token)).Scan(&v.guardian, &v.Email, &expires, &v.name, &v.old, &v.language)
	if errors.Is(err, sql.ErrNoRows) {
		return v, fault.New(fault.NotFound, "account.link_unknown")
	}
	if err != nil {
		return v, err
	}
	until, err := sqlite.ParseTime(expires)
	if err == nil && !tx.Now().Before(until) {
		err = fault.New(fault.Gone, "family.email_expired")
	}
	if err == nil && !actor.IsGuardian(v.guardian) {
		return EmailChange{}, fault.New(fault.Conflict, "family.email_elsewhere")
	}
	return v, err
}

const sqlSetEmail = `
UPDATE guardians SET email = ?2, email_folded = ?3, proved_at = ?4, last_contact_at = ?4, sign_in_epoch = sign_in_epoch + 1,
       name = iif(name = email, ?2, name) WHERE id = ?1`

// ConfirmEmail makes the new address of a token the one that counts, ends every sign-in, and tells the old address. Conflict "family.email_taken" where another
// guardian has proved it: their mailbox says so, and nobody else. Other errors are those of FindEmailChange. Who calls it revokes the links that went to
// the old address.
func ConfirmEmail(tx *sqlite.Tx, actor account.Actor, token string) (guardianID, epoch int64, err error) {
	v, err := findEmailChange(tx, actor, token)
	if err != nil {
		return 0, 0, err
	}
	var taken int64
	err = tx.QueryRow(sqlProvedOf, account.FoldEmail(v.Email)).Scan(&taken)
	if err == nil {
		return 0, 0, fault.New(fault.Conflict, "family.email_taken")
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return 0, 0, err
	}
	if _, err := tx.Exec(sqlSetEmail, v.guardian, v.Email, account.FoldEmail(v.Email), sqlite.Time(tx.Now())); err != nil {
		return 0, 0, err
	}
	if _, err := tx.Exec(sqlDropEmailChange, v.guardian); err != nil {
		return 0, 0, err
	}
	if err := outbox.Add(tx, outbox.Message{Kind: outbox.EmailChanged, Language: v.language, To: v.old, GuardianID: v.guardian,
		Payload: outbox.EmailChange{Guardian: v.name}}); err != nil {
		return 0, 0, err
	}
	if err := audit.Add(tx, actor.String(), "family.confirm_email", actor.String(), nil); err != nil {
		return 0, 0, err
	}
	err = tx.QueryRow(sqlEpoch, v.guardian).Scan(&epoch)
	return v.guardian, epoch, err
}

const (
	sqlExpireInvitations = `UPDATE invitations SET outcome = 'expired', ended_at = ?1, name = '', email = '' WHERE outcome IS NULL AND expires_at <= ?1`
	sqlPurgeInvitations  = `DELETE FROM invitations WHERE ended_at < ?`
	sqlPurgeEmailChanges = `DELETE FROM email_changes WHERE expires_at <= ?`
)

// invitationsKept is how long the space shows what became of an invitation.
const invitationsKept = 30 * 24 * time.Hour

// Purge forgets invitations and new addresses whose time has passed. It is for a timer.
func Purge(ctx context.Context, db *sqlite.DB) error {
	return db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		now := tx.Now()
		if _, err := tx.Exec(sqlExpireInvitations, sqlite.Time(now)); err != nil {
			return err
		}
		if _, err := tx.Exec(sqlPurgeInvitations, sqlite.Time(now.Add(-invitationsKept))); err != nil {
			return err
		}
		_, err := tx.Exec(sqlPurgeEmailChanges, sqlite.Time(now))
		return err
	})
}

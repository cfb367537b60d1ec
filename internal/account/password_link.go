package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// How long a link to choose a password can be used: an invitation may wait for somebody's holidays, a password that was forgotten is
// wanted now.
const (
	InvitationLife = 7 * 24 * time.Hour
	ForgottenLife  = time.Hour
)

// teamLanguage is that of mails to the team.
const teamLanguage = "fr"

// PasswordToken makes the token of the link that outbox.TeamInvited and outbox.PasswordForgotten bring. The nonce alone opens nothing, as that of SignInToken.
func (s Secret) PasswordToken(nonce string) string { return s.Sign("password", nonce, 1) }

const (
	sqlAddPasswordLink = `INSERT INTO password_links (token_hash, user_id, expires_at) VALUES (?, NULLIF(?, 0), ?)`
	sqlEndPasswordLink = `UPDATE password_links SET outcome = ?2, ended_at = ?3 WHERE user_id = ?1 AND outcome IS NULL`
)

// endPasswordLinks lets the open links of a user open nothing any more.
func endPasswordLinks(tx *sqlite.Tx, userID int64, outcome string) error {
	if _, err := tx.Exec(sqlEndPasswordLink, userID, outcome, sqlite.Time(tx.Now())); err != nil {
		return fmt.Errorf("account: end links of user %d: %w", userID, err)
	}
	return nil
}

// mailPasswordLink mails the user id a link: an invitation by somebody whose name is by while they have no password, and else one
// to choose another. The links from before open nothing any more.
func (s Secret) mailPasswordLink(tx *sqlite.Tx, id int64, by string) error {
	u, err := FindUser(tx, id)
	if err != nil {
		return err
	}
	if err := endPasswordLinks(tx, id, "superseded"); err != nil {
		return err
	}
	kind, life := outbox.PasswordForgotten, ForgottenLife
	if u.Invited {
		kind, life = outbox.TeamInvited, InvitationLife
	}
	nonce := rand.Text()
	if err := s.addPasswordLink(tx, nonce, id, life); err != nil {
		return err
	}
	return outbox.Add(tx, outbox.Message{
		Kind: kind, Language: teamLanguage, To: u.Email, Payload: outbox.TeamAccess{Name: u.Name, By: by, Nonce: nonce},
	})
}

func (s Secret) addPasswordLink(tx *sqlite.Tx, nonce string, userID int64, life time.Duration) error {
	if _, err := tx.Exec(sqlAddPasswordLink, hashOf(s.PasswordToken(nonce)), userID, sqlite.Time(tx.Now().Add(life))); err != nil {
		return fmt.Errorf("account: link of user %d: %w", userID, err)
	}
	return nil
}

const sqlMemberByEmail = `SELECT id FROM users WHERE email_folded = ? AND disabled_at IS NULL`

// Forgot mails a link to choose another password to an address that somebody of the team has, invited ones included. Either way the
// answer is nil after the same work, so that nobody learns who is of the team (SEC-7), and a stranger gets no mail. Too many
// requests are those of FamilyDoor.Ask.
//
// The same form sent twice is one request.
func (d *Door) Forgot(ctx context.Context, key FormKey, email, ip string) error {
	if err := d.asked.take(FoldEmail(email), ip, d.clock()); err != nil {
		return err
	}
	return inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (string, error) {
			var id int64
			err := tx.QueryRow(sqlMemberByEmail, FoldEmail(email)).Scan(&id)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return "", fmt.Errorf("account: forgotten password: %w", err)
			}
			if err := audit.Add(tx, Guest().String(), "account.forgot_password", userRecord(id), nil); err != nil {
				return "", err
			}
			if id == 0 {
				return "", d.secret.addPasswordLink(tx, rand.Text(), 0, ForgottenLife)
			}
			return "", d.secret.mailPasswordLink(tx, id, "")
		})
		return err
	})
}

const sqlFindPasswordLink = `
SELECT coalesce(user_id, 0), expires_at, coalesce(outcome, '') FROM password_links WHERE token_hash = ?`

// passwordLink returns the user to whom the link of a token was mailed, or why it opens nothing: fault.Gone
// "account.password_link_expired", "…_used", "…_superseded" or "…_withdrawn". A token that nobody made, or only half of one, is fault.NotFound
// "account.password_link_unknown".
func passwordLink(tx *sqlite.Tx, token string) (User, error) {
	var id int64
	var expires, outcome string
	err := tx.QueryRow(sqlFindPasswordLink, hashOf(token)).Scan(&id, &expires, &outcome)
	if errors.Is(err, sql.ErrNoRows) || err == nil && id == 0 {
		return User{}, fault.New(fault.NotFound, "account.password_link_unknown")
	}
	if err != nil {
		return User{}, fmt.Errorf("account: password link: %w", err)
	}
	until, err := sqlite.ParseTime(expires)
	switch {
	case err != nil:
		return User{}, err
	case outcome != "":
		return User{}, fault.New(fault.Gone, "account.password_link_"+outcome)
	case !tx.Now().Before(until):
		return User{}, fault.New(fault.Gone, "account.password_link_expired")
	}
	return FindUser(tx, id)
}

// LookPassword returns whose password the link of a token lets choose, without using it, as often as somebody or a scanner of mails
// opens it (SEC-8). Errors are those of passwordLink.
func (d *Door) LookPassword(ctx context.Context, token string) (u User, err error) {
	err = d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u, err = passwordLink(tx, token)
		return err
	})
	return u, err
}

// ChoosePassword uses a link up: the password counts from this moment on, and every sign-in of the user ends (SEC-2). A password that
// breaks the rules is fault.Invalid with the field password; other errors are those of LookPassword. Nobody is signed in by it: a
// link that somebody else could open is not the second factor.
//
// The same form sent twice is one.
func (d *Door) ChoosePassword(ctx context.Context, key FormKey, token, password string) error {
	u, err := d.LookPassword(ctx, token)
	if f, ok := fault.As(err); ok && f.Message.Key == "account.password_link_used" {
		return inWrite(ctx, d.db, func(tx *sqlite.Tx) error { // a double click has its answer already
			_, _, usedErr := Once(tx, key, func() (string, error) { return "", err })
			return usedErr
		})
	}
	if err != nil {
		return err
	}
	hash, err := newPassword(ctx, u, "password", password)
	if err != nil {
		return err
	}
	return inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (string, error) {
			u, err := passwordLink(tx, token)
			if err != nil {
				return "", err
			}
			if _, err := tx.Exec(sqlUsePasswordLink, hashOf(token), sqlite.Time(tx.Now())); err != nil {
				return "", fmt.Errorf("account: use password link: %w", err)
			}
			return "", setPassword(tx, u, hash)
		})
		return err
	})
}

const (
	sqlUsePasswordLink = `UPDATE password_links SET outcome = 'used', ended_at = ?2 WHERE token_hash = ?1`
	sqlSetPassword     = `UPDATE users SET password_hash = ?, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`
)

// newPassword checks a password that u chose, in the field of that name, and hashes it, which takes too long for a transaction.
func newPassword(ctx context.Context, u User, field, password string) (hash string, err error) {
	if problem := passwordProblem(password, u.Email, u.Name); problem.Key != "" {
		return "", fault.InvalidFields(map[string]fault.Message{field: problem})
	}
	return hashPassword(ctx, password)
}

// setPassword gives u the password that u chose, ends their sign-ins and open links, and tells them unless it is their first.
func setPassword(tx *sqlite.Tx, u User, hash string) error {
	if _, err := tx.Exec(sqlSetPassword, hash, u.ID); err != nil {
		return fmt.Errorf("account: password of user %d: %w", u.ID, err)
	}
	if err := endPasswordLinks(tx, u.ID, "superseded"); err != nil {
		return err
	}
	if err := audit.Add(tx, u.Actor().String(), "account.choose_password", userRecord(u.ID), nil); err != nil || u.Invited {
		return err
	}
	return outbox.Add(tx, outbox.Message{
		Kind: outbox.PasswordChanged, Language: teamLanguage, To: u.Email, Payload: outbox.TeamAccess{Name: u.Name},
	})
}

const sqlPasswordHash = `SELECT password_hash FROM users WHERE id = ?`

// ChangePassword gives a signed-in member of the team another password if they know the current one, ends their sign-ins
// everywhere, and returns them as they are now, for a new one. What is wrong is fault.Invalid with the field current or password; too many
// wrong ones are throttled as those of SignIn are.
func (d *Door) ChangePassword(ctx context.Context, key FormKey, actor Actor, current, password, ip string) (u User, err error) {
	if !actor.IsTeam() {
		return User{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	if u, err = d.confirm(ctx, actor.ID, "current", current, ip); err != nil {
		return User{}, err
	}
	hash, err := newPassword(ctx, u, "password", password)
	if err != nil {
		return User{}, err
	}
	err = inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
		_, _, err := Once(tx, key, func() (string, error) { return "", setPassword(tx, u, hash) })
		if err != nil {
			return err
		}
		u, err = FindUser(tx, u.ID)
		return err
	})
	return u, err
}

// confirm returns the user id if that is their password; else fault.Invalid with the field, and after too many tries fault.Unavailable as in SignIn.
func (d *Door) confirm(ctx context.Context, id int64, field, password, ip string) (u User, err error) {
	var hash string
	err = d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		if u, err = FindUser(tx, id); err != nil {
			return err
		}
		return tx.QueryRow(sqlPasswordHash, id).Scan(&hash)
	})
	if err != nil {
		return User{}, err
	}
	same, err := d.try(ctx, u.Email, password, hash, ip)
	if err != nil {
		return User{}, err
	}
	if !same {
		return User{}, fault.InvalidFields(map[string]fault.Message{field: {Key: "account.password_wrong"}})
	}
	return u, nil
}

// Self returns who of the team acts, as they are kept.
func (d *Door) Self(ctx context.Context, actor Actor) (u User, err error) {
	if !actor.IsTeam() {
		return User{}, fault.New(fault.Forbidden, "error.forbidden")
	}
	err = d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u, err = FindUser(tx, actor.ID)
		return err
	})
	return u, err
}

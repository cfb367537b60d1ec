package account

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// The second factor is the code that an app makes every half minute (TOTP, RFC 6238), after the password (SEC-5). A code is good a step
// before and after its own, since clocks differ, and once.
const (
	stepLength    = 30 * time.Second
	stepsAround   = 1
	factorIssuer  = "Les Ateliers d'Ada" // what the app calls us
	factorKeySize = 20                   // bytes, as RFC 4226 advises for SHA-1
)

// Recovery codes let in who has lost the app, each once.
const (
	RecoveryCodes      = 10
	recoveryCodeLength = 10 // signs of 5 bits
)

// AsksForCode reports whether a password alone does not sign u in: a code is wanted too, or first the app is to be set up.
func (d *Door) AsksForCode() bool { return d.secondFactor }

// Enrolment is what somebody types, or scans, into an app.
type Enrolment struct {
	Key string // in groups of four, to type
	URL string // otpauth://…, to scan
}

// Enrolment returns that of u on the browser that is signed in as signIn: the same whenever its page is shown, and another one on every
// other sign-in. Nothing is stored.
func (d *Door) Enrolment(u User, signIn string) (Enrolment, error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: factorIssuer, AccountName: u.Email, Secret: d.secret.factorKey(u.ID, d.secret.factorSeed(signIn))})
	if err != nil {
		return Enrolment{}, fmt.Errorf("account: enrolment: %w", err)
	}
	return Enrolment{Key: grouped(key.Secret(), 4, " "), URL: key.URL()}, nil
}

// factorSeed is what the database keeps of a second factor. It makes no code without the secret of the data folder.
func (s Secret) factorSeed(signIn string) string {
	sum := s.mac("factor seed", signIn)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// factorKey is the key that the app shares with us. It is kept nowhere.
func (s Secret) factorKey(userID int64, seed string) []byte {
	sum := s.mac("factor", strconv.FormatInt(userID, 10), seed)
	return sum[:factorKeySize]
}

// stepOf returns the step, near now, whose code was typed.
func (s Secret) stepOf(userID int64, seed, code string, now time.Time) (step int64, found bool, err error) {
	key, err := totp.Generate(totp.GenerateOpts{Issuer: factorIssuer, AccountName: "-", Secret: s.factorKey(userID, seed)})
	if err != nil {
		return 0, false, fmt.Errorf("account: second factor: %w", err)
	}
	present := now.Unix() / int64(stepLength/time.Second)
	for at := present - stepsAround; at <= present+stepsAround; at++ {
		want, err := hotp.GenerateCode(key.Secret(), uint64(at))
		if err != nil {
			return 0, false, fmt.Errorf("account: second factor: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, found = at, true
		}
	}
	return step, found, nil
}

// typedCode is a code without what people put between its signs.
func typedCode(code string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '\u00a0' || r == '\u202f' || r == '\t' {
			return -1
		}
		return r
	}, code))
}

func wrongCode() error {
	return fault.InvalidFields(map[string]fault.Message{"code": {Key: "account.code_wrong"}})
}

const (
	sqlFactor        = `SELECT seed, last_step FROM second_factors WHERE user_id = ?`
	sqlUseStep       = `UPDATE second_factors SET last_step = ? WHERE user_id = ?`
	sqlUseRecovery   = `UPDATE recovery_codes SET used_at = ?3 WHERE code_hash = ?1 AND user_id = ?2 AND used_at IS NULL`
	sqlSetFactor     = `INSERT INTO second_factors (user_id, seed, last_step, since) VALUES (?, ?, ?, ?)`
	sqlDropFactor    = `DELETE FROM second_factors WHERE user_id = ?`
	sqlDropRecovery  = `DELETE FROM recovery_codes WHERE user_id = ?`
	sqlAddRecovery   = `INSERT INTO recovery_codes (code_hash, user_id) VALUES (?, ?)`
	sqlEndEverywhere = `UPDATE users SET sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`
)

// useCode uses up a code of the app, or a recovery code, of u, and says which it was. A code that is wrong, or was used before, is fault.Invalid
// "account.code_wrong" in the field code.
func (s Secret) useCode(tx *sqlite.Tx, u User, typed string) (kind string, err error) {
	var seed string
	var last int64
	err = tx.QueryRow(sqlFactor, u.ID).Scan(&seed, &last)
	if errors.Is(err, sql.ErrNoRows) {
		return "", wrongCode()
	}
	if err != nil {
		return "", fmt.Errorf("account: second factor of user %d: %w", u.ID, err)
	}
	code := typedCode(typed)
	step, found, err := s.stepOf(u.ID, seed, code, tx.Now())
	if err != nil {
		return "", err
	}
	if found && step > last {
		_, err := tx.Exec(sqlUseStep, step, u.ID)
		return "app", err
	}
	res, err := tx.Exec(sqlUseRecovery, s.recoveryHash(u.ID, code), u.ID, sqlite.Time(tx.Now()))
	if err != nil {
		return "", fmt.Errorf("account: recovery code of user %d: %w", u.ID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return "", errors.Join(err, wrongCode())
	}
	return "recovery", nil
}

func (s Secret) recoveryHash(userID int64, code string) []byte {
	return s.Digest("recovery code", strconv.FormatInt(userID, 10), code)
}

// guarded lets do compare a code of u, unless too many were wrong lately. Codes are counted by account, wherever they come from: who is
// asked for one knows the password, so that a stranger keeps nobody out, and many machines together guess no faster than one.
func (d *Door) guarded(u User, do func() error) error {
	account := userRecord(u.ID)
	try, wait := d.codes.begin(account, account, d.clock())
	if wait > 0 {
		return throttled(wait)
	}
	err := do()
	f, known := fault.As(err)
	switch {
	case err == nil:
		try.succeeded()
	case known && f.Fields["code"].Key == "account.code_wrong":
		try.failed(d.clock())
	default:
		try.abandoned()
	}
	return err
}

// CheckCode completes the sign-in of u, whose password was right, with a code of the app or a recovery code, and notes it in the audit. What is
// wrong is that of useCode; too many wrong ones are fault.Unavailable as in SignIn.
func (d *Door) CheckCode(ctx context.Context, u User, code string) error {
	return d.guarded(u, func() error {
		return inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
			kind, err := d.secret.useCode(tx, u, code)
			if err != nil {
				return err
			}
			return audit.Add(tx, u.Actor().String(), "account.sign_in", userRecord(u.ID), map[string]any{"code": kind})
		})
	})
}

// Enrol sets up the app of u, who has none, and completes their sign-in: code is the first that it shows, by the Enrolment of the same
// sign-in. It returns the recovery codes, which are kept only as keyed hashes: the same form sent again returns the same. Errors are those of
// CheckCode; somebody who has an app already gets fault.Conflict "account.factor_set".
func (d *Door) Enrol(ctx context.Context, key FormKey, u User, signIn, code string) (codes []string, err error) {
	seed := d.secret.factorSeed(signIn)
	err = d.guarded(u, func() error {
		return inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
			_, _, err := Once(tx, key, func() (string, error) {
				now, err := FindUser(tx, u.ID)
				if err != nil {
					return "", err
				}
				if now.HasFactor {
					return "", fault.New(fault.Conflict, "account.factor_set")
				}
				step, found, err := d.secret.stepOf(u.ID, seed, typedCode(code), tx.Now())
				if err != nil {
					return "", err
				}
				if !found {
					return "", wrongCode()
				}
				if _, err := tx.Exec(sqlSetFactor, u.ID, seed, step, sqlite.Time(tx.Now())); err != nil {
					return "", fmt.Errorf("account: second factor of user %d: %w", u.ID, err)
				}
				if err := audit.Add(tx, u.Actor().String(), "account.set_factor", userRecord(u.ID), nil); err != nil {
					return "", err
				}
				if err := audit.Add(tx, u.Actor().String(), "account.sign_in", userRecord(u.ID), map[string]any{"code": "app"}); err != nil {
					return "", err
				}
				return "", d.secret.replaceRecoveryCodes(tx, u, key)
			})
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return d.secret.recoveryCodes(u.ID, key), nil
}

// NewRecoveryCodes replaces the recovery codes of the actor, used or not, if they prove themself once more by a code (SEC-3).
func (d *Door) NewRecoveryCodes(ctx context.Context, key FormKey, actor Actor, code string) (codes []string, err error) {
	u, err := d.Self(ctx, actor)
	if err != nil {
		return nil, err
	}
	err = d.proved(ctx, key, u, code, func(tx *sqlite.Tx) error {
		if err := audit.Add(tx, actor.String(), "account.new_recovery_codes", userRecord(u.ID), nil); err != nil {
			return err
		}
		return d.secret.replaceRecoveryCodes(tx, u, key)
	})
	if err != nil {
		return nil, err
	}
	return d.secret.recoveryCodes(u.ID, key), nil
}

// DropFactor takes the app of the actor away if they prove themself once more by a code, and signs them out everywhere: at the next door
// they set up another.
func (d *Door) DropFactor(ctx context.Context, key FormKey, actor Actor, code string) error {
	u, err := d.Self(ctx, actor)
	if err != nil {
		return err
	}
	return d.proved(ctx, key, u, code, func(tx *sqlite.Tx) error { return dropFactor(tx, actor, u) })
}

// proved runs do once, with a code of u used up.
func (d *Door) proved(ctx context.Context, key FormKey, u User, code string, do func(*sqlite.Tx) error) error {
	return d.guarded(u, func() error {
		return inWrite(ctx, d.db, func(tx *sqlite.Tx) error {
			_, _, err := Once(tx, key, func() (string, error) {
				if _, err := d.secret.useCode(tx, u, code); err != nil {
					return "", err
				}
				return "", do(tx)
			})
			return err
		})
	})
}

// recoveryCodes are made of the key of the form that asked for them, so that a double click shows the same.
func (s Secret) recoveryCodes(userID int64, key FormKey) []string {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		sum := s.mac("recovery", strconv.FormatInt(userID, 10), key.Nonce, strconv.Itoa(i))
		code := make([]byte, recoveryCodeLength)
		for j := range code {
			code[j] = referenceSigns[int(sum[j])%len(referenceSigns)]
		}
		codes[i] = grouped(string(code), recoveryCodeLength/2, "-")
	}
	return codes
}

func (s Secret) replaceRecoveryCodes(tx *sqlite.Tx, u User, key FormKey) error {
	if _, err := tx.Exec(sqlDropRecovery, u.ID); err != nil {
		return fmt.Errorf("account: recovery codes of user %d: %w", u.ID, err)
	}
	for _, code := range s.recoveryCodes(u.ID, key) {
		if _, err := tx.Exec(sqlAddRecovery, s.recoveryHash(u.ID, typedCode(code)), u.ID); err != nil {
			return fmt.Errorf("account: recovery codes of user %d: %w", u.ID, err)
		}
	}
	return nil
}

// grouped puts sep between groups of size signs.
func grouped(s string, size int, sep string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%size == 0 {
			b.WriteString(sep)
		}
		b.WriteRune(r)
	}
	return b.String()
}

// dropFactor takes the app and the recovery codes of u away, ends their sign-ins, and tells them. Without an app it changes nothing.
func dropFactor(tx *sqlite.Tx, actor Actor, u User) error {
	if !u.HasFactor {
		return nil
	}
	for _, statement := range []string{sqlDropRecovery, sqlDropFactor, sqlEndEverywhere} {
		if _, err := tx.Exec(statement, u.ID); err != nil {
			return fmt.Errorf("account: drop second factor of user %d: %w", u.ID, err)
		}
	}
	if err := audit.Add(tx, actor.String(), "account.drop_factor", userRecord(u.ID), nil); err != nil {
		return err
	}
	by := actor.Name
	if actor.IsUser(u.ID) {
		by = ""
	}
	return outbox.Add(tx, outbox.Message{
		Kind: outbox.FactorDropped, Language: teamLanguage, To: u.Email, Payload: outbox.TeamAccess{Name: u.Name, By: by},
	})
}

// DropFactor takes the app of the user id away, who lost it and their recovery codes: see Door.DropFactor. It is for an actor that
// CanAdminister.
func (o *Office) DropFactor(ctx context.Context, actor Actor, key FormKey, id int64) error {
	return o.once(ctx, key, func(tx *sqlite.Tx) error {
		return change(tx, actor, id, func(u User) error { return dropFactor(tx, actor, u) })
	})
}

// DropFactor is that of Office for whoever is at the server's command line, by address: the last admin may have lost their phone. An address that
// nobody of the team has is fault.NotFound.
func DropFactor(ctx context.Context, db *sqlite.DB, actor Actor, email string) error {
	return inWrite(ctx, db, func(tx *sqlite.Tx) error {
		var id int64
		err := tx.QueryRow(sqlMemberByEmail, FoldEmail(email)).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "account.nobody")
		}
		if err != nil {
			return fmt.Errorf("account: %w", err)
		}
		return change(tx, actor, id, func(u User) error { return dropFactor(tx, actor, u) })
	})
}

package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Door is where the team signs in, and chooses its passwords. There is one per process: it remembers failures.
type Door struct {
	db       *sqlite.DB
	secret   Secret
	clock    sqlite.Clock
	throttle *throttle
	codes    *throttle  // of the second factor
	asked    linkQuotas // of Forgot
	nobody   string     // see nobodysHash

	secondFactor bool
}

// NewDoor returns the door to the users of db. With secondFactor a password alone signs nobody in: see AsksForCode.
func NewDoor(db *sqlite.DB, secret Secret, clock sqlite.Clock, secondFactor bool) *Door {
	return &Door{
		db: db, secret: secret, clock: clock, throttle: newThrottle(), codes: newThrottle(), asked: newLinkQuotas(), nobody: nobodysHash(),
		secondFactor: secondFactor,
	}
}

// SignIn returns the user whose e-mail address and password these are. ip is the client's address. It starts nothing: see
// SignIns.Start, or SignIns.StartHalf where it AsksForCode. Where it does not, the sign-in is noted in the audit.
//
// An unknown address, a wrong password and a disabled user get the same answer after
// the same work (SEC-7): fault.Invalid "account.sign_in_wrong". After too many failures
// it is fault.Unavailable "account.throttled" with the minutes to wait, also with the
// right password; RetryAfter tells the exact time.
func (d *Door) SignIn(ctx context.Context, email, password, ip string) (User, error) {
	user, hash, err := d.find(ctx, email)
	if err != nil {
		return User{}, err
	}
	same, err := d.try(ctx, email, password, hash, ip)
	if err != nil {
		return User{}, err
	}
	if !same {
		return User{}, fault.New(fault.Invalid, "account.sign_in_wrong")
	}
	if d.secondFactor {
		return user, nil
	}
	err = d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Add(tx, user.Actor().String(), "account.sign_in", userRecord(user.ID), nil)
	})
	if err != nil {
		return User{}, err
	}
	return user, nil
}

// try compares a password with a hash, unless the account or the client failed too often lately.
func (d *Door) try(ctx context.Context, email, password, hash, ip string) (same bool, err error) {
	try, wait := d.throttle.begin(email, ip, d.clock())
	if wait > 0 {
		return false, throttled(wait)
	}
	switch same, err = isPassword(ctx, password, hash); {
	case err != nil:
		try.abandoned()
	case same:
		try.succeeded()
	default:
		try.failed(d.clock())
	}
	return same, err
}

const sqlUserByEmail = `SELECT id, password_hash FROM users WHERE email_folded = ? AND disabled_at IS NULL AND password_hash <> ''`

// find returns the user to whom the address belongs, with the hash of their password.
// Where there is none it returns a hash that no password has.
func (d *Door) find(ctx context.Context, email string) (u User, hash string, err error) {
	err = d.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var id int64
		err := tx.QueryRow(sqlUserByEmail, FoldEmail(email)).Scan(&id, &hash)
		if errors.Is(err, sql.ErrNoRows) {
			hash = d.nobody
			return nil
		}
		if err != nil {
			return fmt.Errorf("account: sign-in: %w", err)
		}
		u, err = FindUser(tx, id)
		return err
	})
	return u, hash, err
}

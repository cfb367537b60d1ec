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

// Door is where the team signs in. There is one per process: it remembers failures.
type Door struct {
	db       *sqlite.DB
	clock    sqlite.Clock
	throttle *throttle
	nobody   string // see nobodysHash
}

// NewDoor returns the door to the users of db.
func NewDoor(db *sqlite.DB, clock sqlite.Clock) *Door {
	return &Door{db: db, clock: clock, throttle: newThrottle(), nobody: nobodysHash()}
}

// SignIn returns the user whose e-mail address and password these are, and notes it in
// the audit. ip is the client's address. It starts nothing: see SignIns.Start.
//
// An unknown address, a wrong password and a disabled user get the same answer after
// the same work (SEC-7): fault.Invalid "account.sign_in_wrong". After too many failures
// it is fault.Unavailable "account.throttled" with the minutes to wait, also with the
// right password; RetryAfter tells the exact time.
func (d *Door) SignIn(ctx context.Context, email, password, ip string) (User, error) {
	try, wait := d.throttle.begin(email, ip, d.clock())
	if wait > 0 {
		return User{}, throttled(wait)
	}
	user, hash, err := d.find(ctx, email)
	if err != nil {
		try.abandoned()
		return User{}, err
	}
	same, err := isPassword(ctx, password, hash)
	if err != nil {
		try.abandoned()
		return User{}, err
	}
	if !same {
		try.failed(d.clock())
		return User{}, fault.New(fault.Invalid, "account.sign_in_wrong")
	}
	try.succeeded()
	err = d.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Add(tx, user.Actor().String(), "account.sign_in", userRecord(user.ID), nil)
	})
	if err != nil {
		return User{}, err
	}
	return user, nil
}

const sqlUserByEmail = `SELECT id, password_hash FROM users WHERE email_folded = ? AND disabled_at IS NULL`

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

package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// signInLifetime is how long a sign-in lasts at most: a day on site (SEC-3).
const signInLifetime = 12 * time.Hour

// What a sign-in remembers.
const (
	keyUser  = "user"  // int64: users.id
	keyEpoch = "epoch" // int64: users.sign_in_epoch at the time
	keyHalf  = "half"  // int64, instead of keyUser: users.id of who has yet to give a code
)

// halfLifetime is how long somebody may look for their phone after the password.
const halfLifetime = 15 * time.Minute

// SignIns are the signed-in browsers. Every method below needs a ctx from the embedded
// manager's Load; after Start and End, Save tells the browser. (LoadAndSave does both for
// plain handlers.) Put must not be used for anything else, so that nobody has a cookie
// before signing in (RGPD-12) and no GET writes.
type SignIns struct {
	*scs.SessionManager
	db    *sqlite.DB
	clock sqlite.Clock
}

// NewSignIns returns the sign-ins that db keeps. secure is false only where the base
// URL is plain http on loopback: the cookie then has neither the __Host- prefix nor
// Secure, which a browser would refuse there.
//
// The cookie ends with the browser: scs would count its age with the real clock, which
// the demo's clock does not follow. The row in the database ends after 12 hours.
func NewSignIns(db *sqlite.DB, secure bool, clock sqlite.Clock) *SignIns {
	return &SignIns{SessionManager: newManager(db, "ateliers", secure, signInLifetime), db: db, clock: clock}
}

// newManager keeps the sign-ins of one kind of people, in a cookie of their own (SEC-1).
func newManager(db *sqlite.DB, cookie string, secure bool, lifetime time.Duration) *scs.SessionManager {
	m := scs.New()
	m.Store = signInStore{db}
	m.HashTokenInStore = true
	m.Lifetime = lifetime
	m.Cookie.Name = CookieName(cookie, secure)
	m.Cookie.Path = "/"
	m.Cookie.HttpOnly = true
	m.Cookie.Secure = secure
	m.Cookie.SameSite = http.SameSiteLaxMode
	m.Cookie.Persist = false
	return m
}

// CookieName is name with the prefix that makes browsers insist on Secure, Path=/ and
// no Domain (SEC-1), where cookies are secure.
func CookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// Start signs user in on this browser, under a new id (SEC-2): what the cookie was
// before is dead. It ends at the latest 12 hours from now.
func (s *SignIns) Start(ctx context.Context, user User) error {
	if err := s.RenewToken(ctx); err != nil {
		return fmt.Errorf("account: start sign-in: %w", err)
	}
	s.SetDeadline(ctx, s.clock().Add(signInLifetime).UTC())
	s.Remove(ctx, keyHalf)
	s.Put(ctx, keyUser, user.ID)
	s.Put(ctx, keyEpoch, user.epoch)
	return nil
}

// StartHalf remembers on this browser, under a new id, that the password of user was right. Nobody is signed in by it: see Half.
func (s *SignIns) StartHalf(ctx context.Context, user User) error {
	if err := s.RenewToken(ctx); err != nil {
		return fmt.Errorf("account: start sign-in: %w", err)
	}
	s.SetDeadline(ctx, s.clock().Add(halfLifetime).UTC())
	s.Remove(ctx, keyUser)
	s.Put(ctx, keyHalf, user.ID)
	s.Put(ctx, keyEpoch, user.epoch)
	return nil
}

// Half returns who has given their password on this browser and is yet to give a code, and the id of this half of a sign-in, which is as secret as
// that of ID; false for everybody else, and when the user was changed since.
func (s *SignIns) Half(ctx context.Context) (u User, id string, ok bool, err error) {
	userID := s.GetInt64(ctx, keyHalf)
	if userID == 0 {
		return User{}, "", false, nil
	}
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u, err = FindUser(tx, userID)
		return err
	})
	if err != nil || u.Disabled() || u.epoch != s.GetInt64(ctx, keyEpoch) {
		return User{}, "", false, err
	}
	return u, s.Token(ctx), true, nil
}

const sqlSignedIn = `SELECT name, role FROM users WHERE id = ? AND sign_in_epoch = ? AND disabled_at IS NULL`

// Current returns who is signed in on this browser: a guest when nobody is, or when the
// user was disabled, or got another role or password since. Whether staff were away
// too long is another matter: see Secret.StillThere.
func (s *SignIns) Current(ctx context.Context) (Actor, error) {
	id := s.GetInt64(ctx, keyUser)
	if id == 0 {
		return Guest(), nil
	}
	actor := Actor{Kind: KindUser, ID: id}
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlSignedIn, id, s.GetInt64(ctx, keyEpoch)).Scan(&actor.Name, &actor.Role)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Guest(), nil
	}
	if err != nil {
		return Guest(), fmt.Errorf("account: who is signed in: %w", err)
	}
	return actor, nil
}

// ID tells this sign-in from every other one; empty for a guest. It binds form keys and
// the idle cookie to the browser. It is as secret as the cookie: never shown, never
// logged.
func (s *SignIns) ID(ctx context.Context) string {
	if s.GetInt64(ctx, keyUser) == 0 {
		return ""
	}
	return s.Token(ctx)
}

// End signs this browser out: the cookie is dead, a copy of it too. Without a sign-in
// it does nothing.
func (s *SignIns) End(ctx context.Context) error {
	if s.Token(ctx) == "" {
		return nil
	}
	if err := s.Destroy(ctx); err != nil {
		return fmt.Errorf("account: end sign-in: %w", err)
	}
	return nil
}

// Save keeps what Start or End did and sends the browser its cookie, which it must do
// before the answer begins. Without a Start or an End it does nothing.
func (s *SignIns) Save(ctx context.Context, w http.ResponseWriter) error {
	switch s.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.Commit(ctx)
		if err != nil {
			return fmt.Errorf("account: keep sign-in: %w", err)
		}
		s.WriteSessionCookie(ctx, w, token, expiry)
	case scs.Destroyed:
		s.WriteSessionCookie(ctx, w, "", time.Time{})
	}
	return nil
}

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

// How long guardians stay signed in (SEC-3): until they were away for so long, and never longer than the lifetime. On a
// device that others use too, a pause is enough, and the cookies go with the browser (domain, Family data 8).
const (
	familyIdle     = 30 * 24 * time.Hour
	familyLifetime = 180 * 24 * time.Hour
	sharedIdle     = 30 * time.Minute
	sharedLifetime = 12 * time.Hour
)

// What the sign-in of a guardian remembers, beside keyEpoch.
const (
	keyGuardian = "guardian" // int64: guardians.id
	keyYoung    = "young"    // int64: children.id, instead of keyGuardian
	keyShared   = "shared"   // bool: a device that others use too
)

// FamilySignIns are the browsers on which guardians are signed in. They have a cookie of their own, since a facilitator may be a
// parent on the same phone. Otherwise as SignIns: methods need a ctx from the embedded manager's Load; after Start and
// End, Save tells the browser.
type FamilySignIns struct {
	*scs.SessionManager
	db    *sqlite.DB
	clock sqlite.Clock
}

// NewFamilySignIns returns the sign-ins of guardians that db keeps; secure is that of NewSignIns.
func NewFamilySignIns(db *sqlite.DB, secure bool, clock sqlite.Clock) *FamilySignIns {
	return &FamilySignIns{SessionManager: newManager(db, "ateliers-famille", secure, familyLifetime), db: db, clock: clock}
}

// Start signs a guardian, or a young person, in on this browser, under a new id (SEC-2). epoch is their sign_in_epoch of this moment. shared
// is true on a device that others use too.
func (s *FamilySignIns) Start(ctx context.Context, who Actor, epoch int64, shared bool) error {
	if err := s.RenewToken(ctx); err != nil {
		return fmt.Errorf("account: start sign-in: %w", err)
	}
	life := familyLifetime
	if shared {
		life = sharedLifetime
	}
	s.SetDeadline(ctx, s.clock().Add(life).UTC())
	s.Remove(ctx, keyGuardian)
	s.Remove(ctx, keyYoung)
	switch who.Kind {
	case KindGuardian:
		s.Put(ctx, keyGuardian, who.ID)
	case KindYoung:
		s.Put(ctx, keyYoung, who.ID)
	default:
		return fmt.Errorf("account: %s has no space to sign in to", who)
	}
	s.Put(ctx, keyEpoch, epoch)
	s.Put(ctx, keyShared, shared)
	return nil
}

const sqlGuardianSignedIn = `
SELECT 1 FROM guardians WHERE id = ? AND sign_in_epoch = ? AND proved_at IS NOT NULL AND email <> ''`

const sqlYoungSignedIn = `SELECT 1 FROM young_holders WHERE child_id = ? AND sign_in_epoch = ? AND proved_at IS NOT NULL`

// Current returns which guardian, or young person, is signed in on this browser: a guest when nobody is, or when the guardian was erased or merged into another, has
// another address or signed out everywhere since. Whether they were away too long is another matter: see Secret.FamilyStillThere.
func (s *FamilySignIns) Current(ctx context.Context) (Actor, error) {
	who, query := Guardian(s.GetInt64(ctx, keyGuardian)), sqlGuardianSignedIn
	if who.ID == 0 {
		who, query = Young(s.GetInt64(ctx, keyYoung)), sqlYoungSignedIn
	}
	if who.ID == 0 {
		return Guest(), nil
	}
	err := s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		var one int
		return tx.QueryRow(query, who.ID, s.GetInt64(ctx, keyEpoch)).Scan(&one)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return Guest(), nil
	}
	if err != nil {
		return Guest(), fmt.Errorf("account: who is signed in: %w", err)
	}
	return who, nil
}

// IsShared reports whether the guardian signed in on a device that others use too: nothing may stay on it.
func (s *FamilySignIns) IsShared(ctx context.Context) bool { return s.GetBool(ctx, keyShared) }

// Since is when the guardian signed in on this browser; zero for a guest.
func (s *FamilySignIns) Since(ctx context.Context) time.Time {
	if s.GetInt64(ctx, keyGuardian) == 0 {
		return time.Time{}
	}
	life := familyLifetime
	if s.IsShared(ctx) {
		life = sharedLifetime
	}
	return s.Deadline(ctx).Add(-life)
}

// ID tells this sign-in from every other one; empty for a guest. It is as secret as the cookie.
func (s *FamilySignIns) ID(ctx context.Context) string {
	if s.GetInt64(ctx, keyGuardian) == 0 && s.GetInt64(ctx, keyYoung) == 0 {
		return ""
	}
	return s.Token(ctx)
}

// CookieLife is how long the browser keeps the cookies of this sign-in; 0 until it is closed.
func (s *FamilySignIns) CookieLife(ctx context.Context) time.Duration {
	if s.IsShared(ctx) {
		return 0
	}
	return familyLifetime
}

// End signs this browser out: the cookie is dead, a copy of it too. Without a sign-in it does nothing.
func (s *FamilySignIns) End(ctx context.Context) error {
	if s.Token(ctx) == "" {
		return nil
	}
	if err := s.Destroy(ctx); err != nil {
		return fmt.Errorf("account: end sign-in: %w", err)
	}
	return nil
}

// Save keeps what Start or End did and sends the browser its cookie, which it must do before the answer begins.
func (s *FamilySignIns) Save(ctx context.Context, w http.ResponseWriter) error {
	// scs would count the age of a lasting cookie with the real clock, which the demo's does not follow.
	cookie := &http.Cookie{
		Name: s.Cookie.Name, Path: s.Cookie.Path, HttpOnly: s.Cookie.HttpOnly, Secure: s.Cookie.Secure, SameSite: s.Cookie.SameSite,
	}
	switch s.Status(ctx) {
	case scs.Modified:
		token, _, err := s.Commit(ctx)
		if err != nil {
			return fmt.Errorf("account: keep sign-in: %w", err)
		}
		cookie.Value, cookie.MaxAge = token, int(s.CookieLife(ctx)/time.Second)
	case scs.Destroyed:
		cookie.MaxAge = -1
	default:
		return nil
	}
	http.SetCookie(w, cookie)
	return nil
}

// FamilyStillThere reports whether the guardian signed in as signIn was seen lately enough by the idle cookie to go on. A
// missing, foreign or forged cookie counts as away.
func (s Secret) FamilyStillThere(cookie, signIn string, shared bool, now time.Time) bool {
	if shared {
		return s.seenWithin(cookie, signIn, sharedIdle, now)
	}
	return s.seenWithin(cookie, signIn, familyIdle, now)
}

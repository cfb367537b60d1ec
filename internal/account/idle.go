package account

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// idleLimit is how long staff may be away from their screen (SEC-3). A facilitator has
// none: a tablet waits on a table for a whole day.
const idleLimit = 30 * time.Minute

// Seen is the value of the idle cookie: the present, signed for one sign-in
// (SignIns.ID). Web sets it anew with its answers, so that no GET writes to the
// database. Its cookie is CookieName("ateliers-vu", secure).
func (s Secret) Seen(signIn string, now time.Time) string {
	at := strconv.FormatInt(now.Unix(), 10)
	return at + "." + s.seenSignature(signIn, at)
}

// StillThere reports whether actor, signed in as signIn, was seen lately enough by the
// idle cookie to go on. For staff a missing, foreign or forged cookie counts as away:
// removing it must not help. Facilitators are always still there.
func (s Secret) StillThere(actor Actor, cookie, signIn string, now time.Time) bool {
	return actor.Role == Facilitator || s.seenWithin(cookie, signIn, idleLimit, now)
}

func (s Secret) seenWithin(cookie, signIn string, limit time.Duration, now time.Time) bool {
	at, signature, _ := strings.Cut(cookie, ".")
	if !equal(s.seenSignature(signIn, at), signature) {
		return false
	}
	seconds, err := strconv.ParseInt(at, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)) <= limit
}

func (s Secret) seenSignature(signIn, at string) string {
	sum := s.mac("seen", signIn, at)
	return base64.RawURLEncoding.EncodeToString(sum[:signatureBytes])
}

package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// formLifetime is how long a form may stay open before it is sent.
const formLifetime = 24 * time.Hour

// A form key is a nonce and its HMAC, in base64url. The nonce is the instant at which
// the key expires and random bytes, so that keys made together lie together in the
// primary key of form_keys: a rush then touches few pages of the database.
const (
	expiryBytes = 4 // seconds since 1970, enough until 2106
	nonceBytes  = expiryBytes + 16
	keyBytes    = nonceBytes + signatureBytes
)

// FormKey is a key that a form came back with, checked.
type FormKey struct {
	Nonce   string // sorts by expiry
	Expires time.Time
	body    [sha256.Size]byte
}

// WithBody returns the key together with the SHA-256 of everything else that the form
// sent, by which Once tells a repeated form from another one.
func (k FormKey) WithBody(hash [sha256.Size]byte) FormKey {
	k.body = hash
	return k
}

// FormKey makes the one-time key of a form, valid 24 hours for one purpose ('book',
// 'cancel', …) and one sign-in (SignIns.ID; empty for a guest). Nothing is stored.
func (s Secret) FormKey(purpose, signIn string, now time.Time) string {
	var raw [keyBytes]byte
	binary.BigEndian.PutUint32(raw[:], uint32(now.Add(formLifetime).Unix()))
	_, _ = rand.Read(raw[expiryBytes:nonceBytes]) // never fails
	sum := s.mac("form", purpose, signIn, string(raw[:nonceBytes]))
	copy(raw[nonceBytes:], sum[:])
	return base64.RawURLEncoding.EncodeToString(raw[:])
}

// CheckFormKey returns the key that FormKey made for the same purpose and sign-in. A
// made-up key, or one of another form or person, is fault.Forbidden "error.form_key";
// one that is too old is fault.Gone "error.form_expired".
func (s Secret) CheckFormKey(key, purpose, signIn string, now time.Time) (FormKey, error) {
	var raw [keyBytes]byte
	// The length first: Decode writes as much as key holds. Line breaks, which it skips,
	// make the count short.
	if len(key) != base64.RawURLEncoding.EncodedLen(keyBytes) {
		return FormKey{}, fault.New(fault.Forbidden, "error.form_key")
	}
	if n, err := base64.RawURLEncoding.Decode(raw[:], []byte(key)); err != nil || n != keyBytes {
		return FormKey{}, fault.New(fault.Forbidden, "error.form_key")
	}
	sum := s.mac("form", purpose, signIn, string(raw[:nonceBytes]))
	if subtle.ConstantTimeCompare(sum[:signatureBytes], raw[nonceBytes:]) != 1 {
		return FormKey{}, fault.New(fault.Forbidden, "error.form_key")
	}
	expires := time.Unix(int64(binary.BigEndian.Uint32(raw[:])), 0).UTC()
	if !now.Before(expires) {
		return FormKey{}, fault.New(fault.Gone, "error.form_expired")
	}
	return FormKey{Nonce: base32.HexEncoding.EncodeToString(raw[:nonceBytes]), Expires: expires}, nil
}

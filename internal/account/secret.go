package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

// SecretFile is the name of the file with the secret, in the data folder. It travels
// with backups; replacing it revokes every link, form and idle cookie at once.
const SecretFile = "ateliers.secret"

const secretBytes = 32

// Secret makes what only this installation can have made: links, form keys, idle
// cookies, digests. It never shows its key. The zero value is of no use: LoadSecret.
type Secret struct {
	macs *sync.Pool // of *macer
}

// LoadSecret reads the secret of the data folder dir, and makes it if there is none.
// A secret that is too short, that is not hexadecimal or that others may read is
// refused (SEC-50), with one line that says what to do.
func LoadSecret(dir string) (Secret, error) {
	path := filepath.Join(dir, SecretFile)
	text, err := readSecret(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeSecret(dir, path); err != nil {
			return Secret{}, fmt.Errorf("cannot make the secret %s: %w", path, err)
		}
		text, err = readSecret(path)
	}
	if err != nil {
		return Secret{}, err
	}
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) < secretBytes {
		return Secret{}, fmt.Errorf("the secret %s is damaged: want at least %d hexadecimal digits; restore it from a backup, or remove it and a new one is made (links in mails already sent will no longer work)",
			path, 2*secretBytes)
	}
	return newSecret(key), nil
}

// LoadSecretIn is LoadSecret where a secret that is not there is an error, and none is made.
func LoadSecretIn(dir string) (Secret, error) {
	if _, err := os.Stat(filepath.Join(dir, SecretFile)); err != nil {
		return Secret{}, fmt.Errorf("cannot read the secret: %w", err)
	}
	return LoadSecret(dir)
}

func readSecret(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the secret: %w", err)
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return "", fmt.Errorf("the secret %s can be read by others (mode %#o): run chmod 600 on it", path, mode)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("cannot read the secret: %w", err)
	}
	return string(text), nil
}

// makeSecret writes a new secret under another name and links it to path, so that two
// programs that start together end with the same one and a crash leaves no half of it.
func makeSecret(dir, path string) (err error) {
	f, err := os.CreateTemp(dir, SecretFile+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	key := make([]byte, secretBytes)
	_, _ = rand.Read(key) // never fails
	_, err = f.WriteString(hex.EncodeToString(key) + "\n")
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

func newSecret(key []byte) Secret {
	return Secret{macs: &sync.Pool{New: func() any { return &macer{mac: hmac.New(sha256.New, key)} }}}
}

// macer is a keyed hash with its buffers, kept because bookings come by the thousand.
type macer struct {
	mac  hash.Hash
	text []byte
	sum  []byte
}

// mac returns HMAC-SHA256 over use and parts. Each is preceded by its length, so that
// no two lists of parts are the same text; use keeps the purposes of this file apart.
func (s Secret) mac(use string, parts ...string) [sha256.Size]byte {
	m := s.macs.Get().(*macer)
	defer s.macs.Put(m)
	m.text = binary.AppendUvarint(m.text[:0], uint64(len(use)))
	m.text = append(m.text, use...)
	for _, part := range parts {
		m.text = binary.AppendUvarint(m.text, uint64(len(part)))
		m.text = append(m.text, part...)
	}
	m.mac.Reset()
	m.mac.Write(m.text)
	m.sum = m.mac.Sum(m.sum[:0])
	return [sha256.Size]byte(m.sum)
}

// signatureBytes is how much of an HMAC a link carries: 128 bits (SEC-9).
const signatureBytes = 16

// Sign makes the secret part of a link: 22 characters that are safe in a URL. The same
// purpose ('booking', 'offer', …), id and version always give the same, so that a link
// can be mailed again; raising the version revokes it. A reference never authorises:
// only this does.
func (s Secret) Sign(purpose, id string, version int) string {
	sum := s.mac("link", purpose, id, strconv.Itoa(version))
	return base64.RawURLEncoding.EncodeToString(sum[:signatureBytes])
}

// Verify reports in constant time whether sig is what Sign makes.
func (s Secret) Verify(purpose, id string, version int, sig string) bool {
	return equal(s.Sign(purpose, id, version), sig)
}

// Digest is a keyed fingerprint of parts for one purpose: equal parts give equal
// digests, and a stolen database alone does not tell what the parts were.
func (s Secret) Digest(purpose string, parts ...string) []byte {
	inner := s.mac("parts", parts...)
	sum := s.mac("digest", purpose, string(inner[:]))
	return sum[:]
}

func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

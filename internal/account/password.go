package account

import (
	"context"
	"crypto/rand"
	_ "embed"
	"encoding/base64"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Length of a password in characters (SEC-4). There is no rule on which characters.
const (
	ShortestPassword = 12
	LongestPassword  = 128
)

// passwordProblem says why the password of somebody with this e-mail and name is
// refused; a Message without key when it is fine. Beside the length, what is refused
// is what an attacker tries first: a listed password however it is spaced and cased, a
// short pattern repeated, the person's own name or address.
func passwordProblem(password, email, name string) fault.Message {
	switch n := utf8.RuneCountInString(password); {
	case n < ShortestPassword:
		return fault.Message{Key: "account.password_short", Args: []any{ShortestPassword}}
	case n > LongestPassword:
		return fault.Message{Key: "account.password_long", Args: []any{LongestPassword}}
	}
	bare := bareForm(password)
	if _, listed := commonPasswords()[bare]; listed || isRepetition(bare) || isRepetition(password) {
		return fault.Message{Key: "account.password_common"}
	}
	if bare != "" && (bare == bareForm(email) || bare == bareForm(name)) {
		return fault.Message{Key: "account.password_own_name"}
	}
	return fault.Message{}
}

// commonPasswords are the listed ones in bare form: what leaks of long passwords show
// again and again, in French and English, with the association's own words. Sorted,
// one a line.
//
//go:embed common_passwords.txt
var commonPasswordsText string

var commonPasswords = sync.OnceValue(func() map[string]struct{} {
	listed := map[string]struct{}{}
	for word := range strings.FieldsSeq(commonPasswordsText) {
		listed[word] = struct{}{}
	}
	return listed
})

// bareForm keeps letters and digits, lowered, so that « Mot-de-Passe 123! » is
// motdepasse123.
func bareForm(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFC.String(s))
}

// isRepetition reports whether s is a unit of at most 4 characters over and over.
func isRepetition(s string) bool {
	runes := []rune(s)
	for unit := 1; unit <= 4 && 2*unit <= len(runes); unit++ {
		same := true
		for i := unit; i < len(runes) && same; i++ {
			same = runes[i] == runes[i-unit]
		}
		if same {
			return true
		}
	}
	return false
}

// hashing is what a hash costs: 19 MiB and about 25 ms.
var hashing = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hashers bounds the memory and the processors that hashes take at one moment, for
// whoever asks. Waiting longer than patience for one is fault.Unavailable.
var hashers = make(chan struct{}, 2)

const patience = 5 * time.Second

func takeHasher(ctx context.Context) (release func(), err error) {
	ctx, stop := context.WithTimeout(ctx, patience)
	defer stop()
	select {
	case hashers <- struct{}{}:
		return func() { <-hashers }, nil
	case <-ctx.Done():
		return nil, fault.Wrap(ctx.Err(), fault.Unavailable, "error.unavailable")
	}
}

func hashPassword(ctx context.Context, password string) (string, error) {
	release, err := takeHasher(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	hash, err := argon2id.CreateHash(norm.NFC.String(password), hashing)
	if err != nil {
		return "", fmt.Errorf("account: hash password: %w", err)
	}
	return hash, nil
}

// isPassword reports whether hash was made of password. Composed and decomposed
// accents are the same password: which of them is typed depends on the keyboard.
func isPassword(ctx context.Context, password, hash string) (bool, error) {
	release, err := takeHasher(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	same, err := argon2id.ComparePasswordAndHash(norm.NFC.String(password), hash)
	if err != nil {
		return false, fmt.Errorf("account: compare password: %w", err)
	}
	return same, nil
}

// nobodysHash is a well-formed hash of no password. Comparing with it takes as long as
// with a real one, so that the time of an answer does not tell who has an account.
func nobodysHash() string {
	salt, key := make([]byte, hashing.SaltLength), make([]byte, hashing.KeyLength)
	_, _ = rand.Read(salt) // never fails
	_, _ = rand.Read(key)
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		hashing.Memory, hashing.Iterations, hashing.Parallelism,
		base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

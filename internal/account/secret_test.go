package account

import (
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func testSecret(t testing.TB) Secret {
	t.Helper()
	s, err := LoadSecret(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// SEC-50
func TestLoadSecretMakesOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	signatures := make([]string, 8)
	var all sync.WaitGroup
	for i := range signatures {
		all.Go(func() {
			s, err := LoadSecret(dir)
			if err != nil {
				t.Error(err)
				return
			}
			signatures[i] = s.Sign("booking", "12", 1)
		})
	}
	all.Wait()
	if len(slices.Compact(signatures)) != 1 {
		t.Errorf("programs started together have different secrets: %q", signatures)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 || entries[0].Name() != SecretFile {
		t.Fatalf("the folder holds %v, %v", entries, err)
	}
	info, err := entries[0].Info()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
	}
	text, err := os.ReadFile(filepath.Join(dir, SecretFile))
	if err != nil || !regexp.MustCompile(`^[0-9a-f]{64}\n$`).Match(text) {
		t.Errorf("the file holds %q, %v", text, err)
	}
	if testSecret(t).Sign("booking", "12", 1) == signatures[0] {
		t.Error("two folders have the same secret")
	}
}

func TestLoadSecretRefuses(t *testing.T) {
	t.Parallel()
	good := strings.Repeat("0a", 32)
	tests := []struct {
		name, text string
		mode       os.FileMode
		want       string // "" if it is accepted
	}{
		{"as made", good + "\n", 0o600, ""},
		{"read-only", good, 0o400, ""},
		{"longer", good + good, 0o600, ""},
		{"short", good[:62], 0o600, "damaged"},
		{"empty", "", 0o600, "damaged"},
		{"not hexadecimal", "x" + good[1:], 0o600, "damaged"},
		{"world-readable", good, 0o644, "chmod 600"},
		{"group-readable", good, 0o640, "chmod 600"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), SecretFile)
			if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, test.mode); err != nil {
				t.Fatal(err)
			}
			_, err := LoadSecret(filepath.Dir(path))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
				t.Errorf("LoadSecret = %v, want one line with %q and the path", err, test.want)
			}
			if err != nil && test.text != "" && strings.Contains(err.Error(), test.text[1:]) {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
	if _, err := LoadSecret(filepath.Join(t.TempDir(), "absent")); err == nil {
		t.Error("a missing folder is accepted")
	}
}

func TestSecretIsNotPrinted(t *testing.T) {
	t.Parallel()
	key := []byte("a key that nobody should ever see")
	s := newSecret(key)
	s.Sign("booking", "12", 1)
	text := fmt.Sprintf("%v %+v %#v", s, s, s)
	if strings.Contains(text, string(key)) || strings.Contains(text, hex.EncodeToString(key)) || strings.Contains(text, fmt.Sprint(key)) {
		t.Errorf("printed: %s", text)
	}
}

// A reference never authorises: only the signature of this purpose, id and version does.
func TestSignAndVerify(t *testing.T) {
	t.Parallel()
	s := newSecret([]byte(strings.Repeat("k", 32)))
	sig := s.Sign("booking", "12", 1)
	if sig != s.Sign("booking", "12", 1) || !s.Verify("booking", "12", 1, sig) {
		t.Fatal("a link cannot be mailed again")
	}
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`).MatchString(sig) {
		t.Errorf("signature = %q", sig)
	}
	for name, ok := range map[string]bool{
		"another purpose":     s.Verify("offer", "12", 1, sig),
		"another id":          s.Verify("booking", "13", 1, sig),
		"a revoked version":   s.Verify("booking", "12", 2, sig),
		"parts cut elsewhere": s.Verify("booking1", "2", 1, sig),
		"another secret":      testSecret(t).Verify("booking", "12", 1, sig),
		"nothing":             s.Verify("booking", "12", 1, ""),
		"a part":              s.Verify("booking", "12", 1, sig[:21]),
		"more":                s.Verify("booking", "12", 1, sig+"A"),
	} {
		if ok {
			t.Errorf("%s is accepted", name)
		}
	}
	for i := range sig {
		for _, c := range "AQgw_" { // also those that differ only in the unused last bits
			forged := sig[:i] + string(c) + sig[i+1:]
			if forged != sig && s.Verify("booking", "12", 1, forged) {
				t.Errorf("%q is accepted for %q", forged, sig)
			}
		}
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	s := newSecret([]byte(strings.Repeat("k", 32)))
	seen := map[string]string{}
	for _, test := range []struct {
		name    string
		purpose string
		parts   []string
	}{
		{"plain", "guest", []string{"12", "zoe@exemple.fr", "zoé"}},
		{"cut elsewhere", "guest", []string{"12z", "oe@exemple.fr", "zoé"}},
		{"joined", "guest", []string{"12zoe@exemple.frzoé"}},
		{"another purpose", "other", []string{"12", "zoe@exemple.fr", "zoé"}},
		{"purpose as a part", "", []string{"guest", "12", "zoe@exemple.fr", "zoé"}},
		{"no part", "guest", nil},
	} {
		digest := s.Digest(test.purpose, test.parts...)
		if len(digest) != 32 || !slices.Equal(digest, s.Digest(test.purpose, test.parts...)) {
			t.Errorf("%s: %x is not a stable digest", test.name, digest)
		}
		if twin, ok := seen[string(digest)]; ok {
			t.Errorf("%s has the digest of %s", test.name, twin)
		}
		seen[string(digest)] = test.name
	}
}

// SEC-3
func TestStillThere(t *testing.T) {
	t.Parallel()
	s := testSecret(t)
	user := func(role Role) Actor { return Actor{Kind: KindUser, ID: 3, Role: role} }
	seen := s.Seen("sign-in", noon)
	forged := fmt.Sprint(noon.Add(time.Hour).Unix()) + seen[strings.Index(seen, "."):]
	tests := []struct {
		name   string
		actor  Actor
		cookie string
		signIn string
		after  time.Duration
		want   bool
	}{
		{"staff at once", user(Staff), seen, "sign-in", 0, true},
		{"staff after 30 min", user(Staff), seen, "sign-in", 30 * time.Minute, true},
		{"staff after more", user(Staff), seen, "sign-in", 30*time.Minute + time.Second, false},
		{"admin after more", user(Admin), seen, "sign-in", 31 * time.Minute, false},
		{"communication after more", user(Communication), seen, "sign-in", 31 * time.Minute, false},
		{"facilitator after hours", user(Facilitator), seen, "sign-in", 11 * time.Hour, true},
		{"facilitator without cookie", user(Facilitator), "", "sign-in", 0, true},
		{"staff without cookie", user(Staff), "", "sign-in", 0, false},
		{"staff with another sign-in's cookie", user(Staff), seen, "other", 0, false},
		{"staff with a forged time", user(Staff), forged, "sign-in", 31 * time.Minute, false},
		{"staff with garbage", user(Staff), "x.y.z", "sign-in", 0, false},
		{"staff with another secret's cookie", user(Staff), testSecret(t).Seen("sign-in", noon), "sign-in", 0, false},
	}
	for _, test := range tests {
		if got := s.StillThere(test.actor, test.cookie, test.signIn, noon.Add(test.after)); got != test.want {
			t.Errorf("%s: %t, want %t", test.name, got, test.want)
		}
	}
}

package account

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// SEC-4
func TestPasswordProblem(t *testing.T) {
	t.Parallel()
	const email, name = "zoe.dartagnan@exemple.fr", "Zoé D'Artagnan-N'Guyen"
	tests := []struct{ password, problem string }{
		{"", "account.password_short"},
		{"onze-signes", "account.password_short"},
		{"douze-signes", ""},
		{"ééééééééééé", "account.password_short"}, // 11 characters, 22 bytes
		{strings.Repeat("tuyau orange ", 9) + "bleu ciel..", ""},
		{strings.Repeat("tuyau orange ", 9) + "bleu ciel...", "account.password_long"},
		// No rule of composition: one kind of character will do.
		{"girafe parapluie trompette", ""},
		{"李小龙和他的朋友们去学校", ""},
		{"837465019283", ""},
		// Listed, however it is written.
		{"motdepasse123", "account.password_common"},
		{"Mot-de-Passe 123!", "account.password_common"},
		{"AZERTYUIOP123", "account.password_common"},
		{"123456789012", "account.password_common"},
		{"correct horse battery staple", "account.password_common"},
		{"LesBricodeurs2027", "account.password_common"},
		{"motdepasse123 et encore un mot", ""},
		// Patterns.
		{"aaaaaaaaaaaa", "account.password_common"},
		{"!!!!!!!!!!!!!", "account.password_common"},
		{"zoézoézoézoé", "account.password_common"},
		{"a1b2a1b2a1b2a1", "account.password_common"},
		// The person themself.
		{"Zoe.Dartagnan@exemple.fr", "account.password_own_name"},
		{"zoé d’artagnan n’guyen", "account.password_own_name"},
	}
	for _, test := range tests {
		if got := passwordProblem(test.password, email, name).Key; got != test.problem {
			t.Errorf("%q: %q, want %q", test.password, got, test.problem)
		}
	}
}

// A listed password that another rule refuses first, or that cannot match, is dead weight.
func TestCommonPasswordsAreInBareForm(t *testing.T) {
	t.Parallel()
	lines := strings.Split(strings.TrimSuffix(commonPasswordsText, "\n"), "\n")
	if len(lines) < 300 || !slices.IsSorted(lines) {
		t.Errorf("%d lines, sorted %t", len(lines), slices.IsSorted(lines))
	}
	for i, line := range lines {
		if line != bareForm(line) || len(line) < ShortestPassword || i > 0 && line == lines[i-1] {
			t.Errorf("line %d: %q is not in bare form, too short or there twice", i+1, line)
		}
	}
}

func TestHashPassword(t *testing.T) {
	t.Parallel()
	const password = "girafe d'été, 李, نخلة"
	hash, err := hashPassword(t.Context(), password)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash = %s", hash)
	}
	for typed, want := range map[string]bool{
		password: true,
		"girafe d'e\u0301te\u0301, 李, نخلة": true, // the same on a keyboard that sends accents apart
		"Girafe d'été, 李, نخلة":             false,
		password + " ":                      false,
		"":                                  false,
	} {
		if same, err := isPassword(t.Context(), typed, hash); err != nil || same != want {
			t.Errorf("isPassword(%q) = %t, %v; want %t", typed, same, err, want)
		}
	}
	if same, err := isPassword(t.Context(), "", nobodysHash()); same || err != nil {
		t.Errorf("nobody's hash: %t, %v", same, err)
	}
}

func TestHashersAreBounded(t *testing.T) {
	// Not parallel: it takes every hasher there is.
	for range cap(hashers) {
		release, err := takeHasher(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer release()
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := hashPassword(gone, "girafe parapluie"); !fault.Is(err, fault.Unavailable, "error.unavailable") {
		t.Errorf("a third hash at once = %v, want Unavailable", err)
	}
	if cap(hashers) != 2 {
		t.Errorf("%d hashes at once, want 2", cap(hashers))
	}
}

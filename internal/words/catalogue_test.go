package words

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/go-playground/locales/fr"
)

func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, a, b string
		want       []string // parts of the error
	}{
		{"a key in two files", `{"a.x": "un"}`, `{"a.x": "deux"}`, []string{`fr/b.json`, `"a.x" is already in fr/a.json`}},
		{"a key twice in a file", `{"a.x": "un", "a.x": "deux"}`, `{}`, []string{`"a.x" is already in fr/a.json`}},
		{"a gap in the placeholders", `{"a.x": "{0} et {2}"}`, `{}`, []string{`"a.x"`, "skips a placeholder"}},
		{"a named placeholder", `{"a.x": "Bonjour {name}"}`, `{}`, []string{`"a.x"`, "bad placeholder"}},
		{"an open placeholder", `{"a.x": "Bonjour {0"}`, `{}`, []string{`"a.x"`, "bad placeholder"}},
		{"a lone closing brace", `{"a.x": "Bonjour }"}`, `{}`, []string{`"a.x"`, "bad placeholder"}},
		{"a placeholder of two digits", `{"a.x": "Bonjour {10}"}`, `{}`, []string{`"a.x"`, "bad placeholder"}},
		{"an unknown plural form", `{"a.x": {"one": "un", "many": "{0}", "other": "{0}"}}`, `{}`, []string{`"a.x"`, `"many"`}},
		{"a made-up plural form", `{"a.x": {"one": "un", "others": "{0}"}}`, `{}`, []string{`"a.x"`, `"others"`}},
		{"a plural form twice", `{"a.x": {"one": "un", "one": "une", "other": "{0}"}}`, `{}`, []string{`"a.x"`, `"one" comes twice`}},
		{"a lacking plural form", `{"a.x": {"other": "{0} places"}}`, `{}`, []string{`"a.x"`, `lacks the plural form`, `one`}},
		{"a plural form that is no text", `{"a.x": {"one": 1, "other": "{0}"}}`, `{}`, []string{`"a.x"`, "not a string"}},
		{"an empty text", `{"a.x": " "}`, `{}`, []string{`"a.x"`, "empty"}},
		{"a number", `{"a.x": 3}`, `{}`, []string{`"a.x"`, "not a JSON object"}},
		{"a nested file", `{"a": {"x": "un"}}`, `{}`, []string{`"a" is not a key`}},
		{"a key with a space", `{"a.x y": "un"}`, `{}`, []string{"is not a key"}},
		{"a list", `["a.x"]`, `{}`, []string{"fr/a.json", "not a JSON object"}},
		{"broken JSON", `{"a.x": "un",}`, `{}`, []string{"fr/a.json"}},
		{"a cut file", `{"a.x": "un"`, `{}`, []string{"fr/a.json"}},
		{"two objects", `{"a.x": "un"} {"a.y": "un"}`, `{}`, []string{"after the end"}},
		{"every mistake at once", `{"a.x": "{", "a.y": "}"}`, `{"b.z": ""}`, []string{`"a.x"`, `"a.y"`, `"b.z"`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := load(French, fr.New(), fstest.MapFS{"a.json": {Data: []byte(tt.a)}, "b.json": {Data: []byte(tt.b)}})
			if err == nil {
				t.Fatal("loaded")
			}
			for _, part := range tt.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q does not say %q", err, part)
				}
			}
		})
	}
}

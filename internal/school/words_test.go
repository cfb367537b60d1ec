package school

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	french "github.com/lesbricodeurs/ateliersdada/internal/words"
)

// What the history and the mails to the team name is said in words: a kind without a text would show its key.
func TestEveryKindHasWords(t *testing.T) {
	t.Parallel()
	p := french.For(french.French)
	said := func(key string) {
		t.Helper()
		if text := p.T(key, "École"); strings.Contains(text, "⟦") {
			t.Errorf("%s is not in the catalogue", key)
		}
	}
	for _, state := range States() {
		said(state.Label())
		said("school.event." + string(state))
	}
	for _, by := range []By{ByTeam, ByContact, ByPayer, BySystem} {
		said("school.by." + string(by))
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]*regexp.Regexp{
		"school.event.":      regexp.MustCompile(`addEvent\([^"\n]*"(\w+)"`),
		"mail.request_news.": regexp.MustCompile(`\.News[^"\n]*= (?:[^"\n]*, )?"(\w+)"`),
	}
	found := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for prefix, kind := range kinds {
			for _, m := range kind.FindAllStringSubmatch(string(source), -1) {
				said(prefix + m[1])
				found++
			}
		}
	}
	if found < 15 {
		t.Errorf("%d kinds were found: the sources read otherwise than the test", found)
	}
}

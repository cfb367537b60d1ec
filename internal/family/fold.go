package family

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Letters that keep their stroke when accents are taken off, and letters written as two.
var unstroked = strings.NewReplacer("ł", "l", "ø", "o", "đ", "d", "ħ", "h", "ŧ", "t", "ı", "i",
	"ß", "ss", "æ", "ae", "œ", "oe", "þ", "th", "ð", "d", "’", "'", "ʼ", "'", "‐", "-", "‑", "-")

// Fold returns s in lower case without accents, with single spaces: the form in which
// names are sorted, searched and compared. SQLite folds ASCII only, so it is done here.
func Fold(s string) string {
	if isPlain(s) {
		return s
	}
	s = norm.NFD.String(strings.ToLower(s))
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, s)
	return strings.Join(strings.Fields(unstroked.Replace(s)), " ")
}

// isPlain reports whether folding would change nothing: lower-case ASCII letters, digits, - and '.
func isPlain(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '\'' {
			return false
		}
	}
	return true
}

// SortName is the folded "last first" by which lists of children are sorted and searched.
func SortName(last, first string) string { return Fold(last) + " " + Fold(first) }

// NearlySame reports whether two folded names may be two spellings of one: the same words in another order, one of a compound
// name left out, or one letter more, less or other.
func NearlySame(a, b string) bool {
	if isPart(a, b) || isPart(b, a) {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	start := 0
	for start < len(a) && a[start] == b[start] {
		start++
	}
	switch len(b) - len(a) {
	case 0:
		return start == len(a) || a[start+1:] == b[start+1:]
	case 1:
		return a[start:] == b[start+1:]
	}
	return false
}

// isPart reports whether all words of a name, two or more, are in another one.
func isPart(a, b string) bool {
	words := strings.Fields(a)
	others := strings.Fields(b)
	return len(words) > 1 && !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(others, w) })
}

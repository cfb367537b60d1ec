package family

import (
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

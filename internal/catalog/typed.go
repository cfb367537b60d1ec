package catalog

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// typed checks what was typed, field by field, and keeps one message per wrong field.
type typed map[string]fault.Message

// line cleans a text of one line in place and checks its length in runes.
func (t typed) line(field string, s *string, required bool) {
	*s = strings.Join(strings.Fields(clean(*s, false)), " ")
	switch {
	case required && *s == "":
		t[field] = fault.Message{Key: "catalog.required"}
	case utf8.RuneCountInString(*s) > maxLine:
		t[field] = fault.Message{Key: "catalog.too_long", Args: []any{maxLine}}
	}
}

// text cleans a text of several lines in place and checks its length in runes.
func (t typed) text(field string, s *string) {
	*s = strings.TrimSpace(clean(*s, true))
	if utf8.RuneCountInString(*s) > maxText {
		t[field] = fault.Message{Key: "catalog.too_long", Args: []any{maxText}}
	}
}

// number checks that n is from low to high, both included.
func (t typed) number(field string, n, low, high int) {
	if n < low || n > high {
		t[field] = fault.Message{Key: "catalog.number", Args: []any{low, high}}
	}
}

// price checks an amount of cents.
func (t typed) price(field string, cents int) {
	if cents < 0 || cents > MaxPriceCents {
		t[field] = fault.Message{Key: "catalog.price", Args: []any{MaxPriceCents / 100}}
	}
}

// put notes that err, whose message is for people, is about field. It reports whether there was one.
func (t typed) put(field string, err error) bool {
	if f, ok := fault.As(err); ok {
		t[field] = f.Message
		return true
	}
	return false
}

// invalid returns the fault of what is wrong, or nil.
func (t typed) invalid() error {
	if len(t) == 0 {
		return nil
	}
	return fault.InvalidFields(t)
}

// clean returns valid, composed text without control signs, and without those that nobody sees and that turn the direction of a line; what
// joins letters (U+200C, U+200D) stays. Line ends stay if lines is true.
func clean(s string, lines bool) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case unicode.IsSpace(r):
			return ' '
		case r == '\u200c', r == '\u200d':
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

package school

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// The lengths of what is typed, in signs.
const (
	MaxLine = 200
	MaxText = 2000
)

// typed cleans what was typed, in place, and keeps one message per wrong field.
type typed map[string]fault.Message

// wrong notes what is wrong with a field, unless that was said already.
func (t typed) wrong(field, key string, args ...any) {
	if _, said := t[field]; !said {
		t[field] = fault.Message{Key: key, Args: args}
	}
}

// line is one line; missing is the message of an empty one, none where it may be empty.
func (t typed) line(field string, s *string, missing string) {
	*s = strings.Join(strings.Fields(readable(*s)), " ")
	switch {
	case *s == "" && missing != "":
		t.wrong(field, missing)
	case utf8.RuneCountInString(*s) > MaxLine:
		t.wrong(field, "ask.too_long", MaxLine)
	}
}

// told is line for what our mails repeat to whoever is given as the contact: nobody shall make us send advertisements.
func (t typed) told(field string, s *string, missing string) {
	t.line(field, s, missing)
	if outbox.HoldsAddress(*s) {
		t.wrong(field, "ask.address")
	}
}

// text is any number of lines, and may be empty.
func (t typed) text(field string, s *string) {
	*s = strings.TrimSpace(readable(*s))
	if utf8.RuneCountInString(*s) > MaxText {
		t.wrong(field, "ask.too_long", MaxText)
	}
}

// with returns the fault of what is wrong here and, by other fields, in err. Where err is about no field it is err.
func (t typed) with(err error) error {
	if f, ok := fault.As(err); ok && f.Fields != nil {
		for field, m := range f.Fields {
			t.wrong(field, m.Key, m.Args...)
		}
	} else if err != nil {
		return err
	}
	return t.invalid()
}

// invalid returns the fault of what is wrong, or nil.
func (t typed) invalid() error {
	if len(t) == 0 {
		return nil
	}
	return fault.InvalidFields(t)
}

// readable is s composed, without the signs that nobody sees: they turn the direction of a line, and of what is printed
// after it. What joins letters (U+200C, U+200D) stays: Persian and Indian names need it.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\u200c', r == '\u200d':
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(s, "")))
}

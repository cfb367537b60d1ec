package calendar

import (
	"strings"
	"unicode"
)

// isBreak reports whether some reader of calendars ends a line at r.
func isBreak(r rune) bool {
	switch r {
	case '\n', '\r', '\v', '\f', '\u0085', '\u2028', '\u2029':
		return true
	}
	return false
}

// text makes s fit for a property that may have several lines: valid UTF-8, no control
// character, every kind of line break written \n, which golang-ical then escapes with
// \ ; and , (it lets \r through, hence this).
func text(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case isBreak(r):
			return '\n'
		case r == '\t':
			return ' '
		case unicode.IsControl(r):
			return -1
		}
		return r
	}, s)
}

// line is text on one line, without spaces around it.
func line(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(text(s), "\n", " "))
}

package account

import (
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"
)

// FoldEmail gives the form under which an address is looked up and kept unique:
// without outer spaces, in lower case.
//
// It unites as little as possible, because two mailboxes under one folded form would
// be one person to us: accents stay, and a letter that only looks like an ASCII one
// when lowered (the Kelvin sign K, the dotted İ) stays itself.
func FoldEmail(address string) string {
	return strings.Map(func(r rune) rune {
		low := unicode.ToLower(r)
		if r >= utf8.RuneSelf && low < utf8.RuneSelf {
			return r
		}
		return low
	}, strings.TrimSpace(address))
}

// IsEmail reports whether s is one bare address.
func IsEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254
}

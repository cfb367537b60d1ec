package attendance

import (
	"crypto/rand"
	"strings"
	"unicode"

	"github.com/lesbricodeurs/ateliersdada/internal/numbering"
)

// codeSigns cannot be mistaken for one another on paper: no 0, O, 1 or I. There are 32 of them, so that each sign is 5 bits.
const codeSigns = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// codeLength makes 60 bits: nobody finds a certificate by trying.
const codeLength = 12

// newCode returns a code that nobody can guess.
func newCode() string {
	var raw [codeLength]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	for i, b := range raw {
		raw[i] = codeSigns[int(b)%len(codeSigns)] // 256 is a multiple of 32: no sign is likelier
	}
	return string(raw[:])
}

// ParseCode reads a code as people type it: in any case, with spaces or hyphens of any kind. ok is false for what no
// certificate can have.
func ParseCode(typed string) (code string, ok bool) {
	if len(typed) > 200 {
		return "", false
	}
	code = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
	if len(code) != codeLength || strings.Trim(code, codeSigns) != "" {
		return "", false
	}
	return code, true
}

// ShowCode writes a code in groups of four, as it is printed: 7K3M-9QXW-2BCD.
func ShowCode(code string) string {
	if len(code) != codeLength {
		return code
	}
	return code[:4] + "-" + code[4:8] + "-" + code[8:]
}

// number names a certificate: ADA-2027-000123.
func number(year, n int) string { return numbering.Format(numbering.Certificate, year, n) }

package settings

import (
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// Kind says what a setting accepts and which field a form shows for it.
type Kind int

// The kinds.
const (
	Number Kind = iota // a whole number
	Line               // one line of text
	Lines              // text of several lines
	Names              // names, one a line, each once
	Prose              // a text in Markdown with fields: edited on a page of its own, checked by the package it is for
	Email              // one address
	Web                // an http or https address
	SIRET              // 14 digits with their check digit
	RNA                // the number of an association: W and 9 digits
	IBAN               // a bank account, with its check digits
	Euros              // an amount, read in cents
)

// check returns typed as it is stored, or the message that says what is wrong.
func (d Declaration) check(typed string) (string, fault.Message) {
	value := strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
	switch d.Kind {
	case Number:
		return d.checkNumber(value)
	case Euros:
		return d.checkEuros(value)
	}
	if value == "" {
		if d.Min > 0 {
			return "", fault.Message{Key: "settings.empty"}
		}
		return "", fault.Message{}
	}
	if utf8.RuneCountInString(value) > d.Max {
		return "", fault.Message{Key: "settings.too_long", Args: []any{d.Max}}
	}
	if !utf8.ValidString(value) || strings.ContainsFunc(value, d.refuses) {
		return "", fault.Message{Key: "settings.one_line"}
	}
	switch d.Kind {
	case Names:
		return checkNames(value)
	case Email:
		if a, err := mail.ParseAddress(value); err != nil || a.Address != value {
			return "", fault.Message{Key: "settings.email"}
		}
	case Web:
		if u, err := url.Parse(value); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
			return "", fault.Message{Key: "settings.web"}
		}
	case SIRET:
		value = strings.Join(strings.Fields(value), "")
		if !IsSIRET(value) {
			return "", fault.Message{Key: "settings.siret"}
		}
	case RNA:
		value = strings.ToUpper(value)
		if !rnaShape.MatchString(value) {
			return "", fault.Message{Key: "settings.rna"}
		}
	case IBAN:
		value = strings.ToUpper(strings.Join(strings.Fields(value), ""))
		if !isIBAN(value) {
			return "", fault.Message{Key: "settings.iban"}
		}
	}
	return value, fault.Message{}
}

// refuses tells characters that would break a line of a mail or of a paper.
func (d Declaration) refuses(r rune) bool {
	return unicode.IsControl(r) && (r != '\n' && r != '\t' || d.Kind != Lines && d.Kind != Names && d.Kind != Prose)
}

func (d Declaration) checkNumber(value string) (string, fault.Message) {
	n, err := strconv.Atoi(value)
	if err != nil || n < d.Min || n > d.Max {
		return "", fault.Message{Key: "settings.number", Args: []any{d.Min, d.Max}}
	}
	return strconv.Itoa(n), fault.Message{}
}

// checkEuros keeps an amount as people write it, 14 or 14,50, so that what is stored can be typed again. Min and Max
// are in cents.
func (d Declaration) checkEuros(value string) (string, fault.Message) {
	cents, ok := ParseEuros(value)
	if !ok || cents < d.Min || cents > d.Max {
		return "", fault.Message{Key: "settings.euros", Args: []any{d.Max / 100}}
	}
	return WriteEuros(cents), fault.Message{}
}

// ParseEuros reads an amount as people type it, 14 or 14,50 or 1 400.50 €, in cents.
func ParseEuros(typed string) (cents int, ok bool) {
	text := strings.Join(strings.Fields(strings.TrimSuffix(strings.TrimSpace(typed), "€")), "")
	whole, part, _ := strings.Cut(strings.ReplaceAll(text, ".", ","), ",")
	if whole == "" || len(whole) > 6 || len(part) > 2 || strings.ContainsFunc(whole+part, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	cents, err := strconv.Atoi(whole + (part + "00")[:2])
	return cents, err == nil
}

// WriteEuros writes cents, which must not be negative, as ParseEuros reads them: 14 or 14,50.
func WriteEuros(cents int) string {
	if cents%100 == 0 {
		return strconv.Itoa(cents / 100)
	}
	return fmt.Sprintf("%d,%02d", cents/100, cents%100)
}

var ibanShape = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$`)

// isIBAN checks the shape and the sum of ISO 13616: the first four signs go to the end, letters count from 10, and
// the whole number leaves 1 when divided by 97.
func isIBAN(value string) bool {
	if !ibanShape.MatchString(value) || strings.HasPrefix(value, "FR") && len(value) != 27 {
		return false
	}
	rest := 0
	for _, r := range value[4:] + value[:4] {
		if r >= 'A' {
			rest = (rest*100 + int(r-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(r-'0')) % 97
		}
	}
	return rest == 1
}

var rnaShape = regexp.MustCompile(`^W[0-9]{9}$`)

// IsSIRET checks 14 digits and their Luhn sum, as INSEE defines it. (The one known
// exception, the post offices of La Poste, are not associations.)
func IsSIRET(digits string) bool {
	if len(digits) != 14 {
		return false
	}
	sum := 0
	for i, r := range digits {
		if r < '0' || r > '9' {
			return false
		}
		n := int(r - '0')
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

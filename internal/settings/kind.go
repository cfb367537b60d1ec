package settings

import (
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
	Email              // one address
	Web                // an http or https address
	SIRET              // 14 digits with their check digit
	RNA                // the number of an association: W and 9 digits
)

// check returns typed as it is stored, or the message that says what is wrong.
func (d Declaration) check(typed string) (string, fault.Message) {
	value := strings.TrimSpace(strings.ReplaceAll(typed, "\r\n", "\n"))
	if d.Kind == Number {
		return d.checkNumber(value)
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
		if !isSIRET(value) {
			return "", fault.Message{Key: "settings.siret"}
		}
	case RNA:
		value = strings.ToUpper(value)
		if !rnaShape.MatchString(value) {
			return "", fault.Message{Key: "settings.rna"}
		}
	}
	return value, fault.Message{}
}

// refuses tells characters that would break a line of a mail or of a paper.
func (d Declaration) refuses(r rune) bool {
	return unicode.IsControl(r) && (r != '\n' || d.Kind != Lines)
}

func (d Declaration) checkNumber(value string) (string, fault.Message) {
	n, err := strconv.Atoi(value)
	if err != nil || n < d.Min || n > d.Max {
		return "", fault.Message{Key: "settings.number", Args: []any{d.Min, d.Max}}
	}
	return strconv.Itoa(n), fault.Message{}
}

var rnaShape = regexp.MustCompile(`^W[0-9]{9}$`)

// isSIRET checks 14 digits and their Luhn sum, as INSEE defines it. (The one known
// exception, the post offices of La Poste, are not associations.)
func isSIRET(digits string) bool {
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

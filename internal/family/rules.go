package family

import (
	"net/mail"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// MaxName is how long a name may be, in signs.
const MaxName = 100

func wrong(key string, args ...any) *fault.Message { return &fault.Message{Key: key, Args: args} }

// visible takes out the signs that nobody sees and phones paste along: those that turn the direction of a line, and
// with it of everything printed after a name, and spaces without width. What joins letters (U+200C, U+200D) stays:
// Persian and Indian names need it.
func visible(typed string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(typed, ""))
}

// ParseName returns a name ready to keep: trimmed, composed (NFC), without invisible signs, otherwise as typed. One
// letter is a name, and so is « 李 ». The message says what is wrong, nil when nothing is.
func ParseName(typed string) (string, *fault.Message) {
	name := strings.Join(strings.Fields(norm.NFC.String(visible(typed))), " ")
	letters := false
	for _, r := range name {
		if unicode.IsLetter(r) {
			letters = true
		}
		if unicode.IsControl(r) || r == '<' || r == '>' {
			return "", wrong("family.name_signs")
		}
	}
	switch {
	case name == "":
		return "", wrong("family.name_missing")
	case !letters, outbox.HoldsAddress(name):
		return "", wrong("family.name_signs")
	case utf8.RuneCountInString(name) > MaxName:
		return "", wrong("family.name_long", MaxName)
	}
	return name, nil
}

// maxPickups is how long the list of who may pick a child up may be, in signs.
const maxPickups = 200

// ParsePickups splits « Mamie Jeanne, Paul » where commas, semicolons and lines end a name. Whoever is written there
// may take a child away: what is no name is told, never left out.
func ParsePickups(typed string) (names []string, _ *fault.Message) {
	if utf8.RuneCountInString(typed) > maxPickups {
		return nil, wrong("family.pickups_long", maxPickups)
	}
	for _, part := range strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
		if strings.TrimSpace(part) == "" {
			continue
		}
		name, m := ParseName(part)
		if m != nil {
			return nil, wrong("family.pickups_signs")
		}
		names = append(names, name)
	}
	if len(names) == 0 {
		return nil, wrong("family.pickups_missing")
	}
	return names, nil
}

// ParseEmail returns an address that a mail can be sent to.
func ParseEmail(typed string) (string, *fault.Message) {
	s := strings.TrimSpace(visible(typed))
	if s == "" {
		return "", wrong("family.email_missing")
	}
	at := strings.LastIndexByte(s, '@')
	addr, err := mail.ParseAddress(s)
	if err != nil || addr.Address != s || at < 1 || !strings.Contains(s[at:], ".") ||
		strings.HasSuffix(s, ".") || len(s) > 254 || strings.ContainsAny(s, " \t\r\n\"<>()[]") {
		return "", wrong("family.email_wrong")
	}
	return s, nil
}

// ParsePhone accepts a phone number however it is written, French or foreign, and returns it as typed
// (UX-P10), as account.IsPhone reads it.
func ParsePhone(typed string) (string, *fault.Message) {
	s := strings.Join(strings.Fields(typed), " ")
	if s == "" {
		return "", wrong("family.phone_missing")
	}
	if !account.IsPhone(s) {
		return "", wrong("family.phone_wrong")
	}
	return s, nil
}

var months = map[string]time.Month{
	"janvier": 1, "janv": 1, "fevrier": 2, "fevr": 2, "fev": 2, "mars": 3, "avril": 4, "avr": 4, "mai": 5, "juin": 6,
	"juillet": 7, "juil": 7, "aout": 8, "septembre": 9, "sept": 9, "octobre": 10, "oct": 10,
	"novembre": 11, "nov": 11, "decembre": 12, "dec": 12,
	"january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8,
	"september": 9, "october": 10, "november": 11, "december": 12,
}

// ParseBirthDate reads the three boxes of a birth date; the month may be a French or English name (UX-P8).
// today is the present day where the workshop is. It gives midnight UTC of the day.
func ParseBirthDate(day, month, year string, today time.Time) (time.Time, *fault.Message) {
	day, month, year = strings.TrimSpace(day), strings.TrimSpace(month), strings.TrimSpace(year)
	if day == "" && month == "" && year == "" {
		return time.Time{}, wrong("family.birth_missing")
	}
	if day == "" || month == "" || year == "" {
		return time.Time{}, wrong("family.birth_incomplete")
	}
	m := months[strings.TrimSuffix(Fold(month), ".")]
	if m == 0 {
		n, err := strconv.Atoi(month)
		if err != nil || n < 1 || n > 12 {
			return time.Time{}, wrong("family.birth_month")
		}
		m = time.Month(n)
	}
	d, errDay := strconv.Atoi(strings.TrimSuffix(strings.ToLower(day), "er"))
	y, errYear := strconv.Atoi(year)
	if errYear != nil || len(year) != 4 {
		return time.Time{}, wrong("family.birth_year")
	}
	if errDay != nil {
		return time.Time{}, wrong("family.birth_impossible")
	}
	date := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	if date.Day() != d || date.Month() != m {
		return time.Time{}, wrong("family.birth_impossible")
	}
	switch now := time.Date(today.Year(), today.Month(), today.Day(), 0, 0, 0, 0, time.UTC); {
	case date.After(now):
		return time.Time{}, wrong("family.birth_future")
	case AgeOn(date, now) > 100:
		return time.Time{}, wrong("family.birth_year")
	}
	return date, nil
}

// AgeOn returns the age in whole years on a day. Who is born on 29 February turns
// a year older on 1 March of a common year.
func AgeOn(birth, day time.Time) int {
	age := day.Year() - birth.Year()
	if day.Month() < birth.Month() || day.Month() == birth.Month() && day.Day() < birth.Day() {
		age--
	}
	return age
}

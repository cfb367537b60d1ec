package school

import (
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// uaiLetters are the letters of a UAI, each at the rest of its number divided by 23: I, O and Q are left out since they
// look like digits.
const uaiLetters = "ABCDEFGHJKLMNPRSTUVWXYZ"

// ParseUAI returns the official number of a school, « 0350122T »: seven digits and the letter that proves them. It may
// be typed with spaces and in lower case. The message says what is wrong, nil when nothing is; an empty text is wrong.
func ParseUAI(typed string) (string, *fault.Message) {
	uai := strings.ToUpper(strings.Join(strings.Fields(typed), ""))
	number := 0
	if len(uai) != 8 {
		return "", &fault.Message{Key: "ask.uai_form"}
	}
	for _, digit := range []byte(uai[:7]) {
		if digit < '0' || digit > '9' {
			return "", &fault.Message{Key: "ask.uai_form"}
		}
		number = number*10 + int(digit-'0')
	}
	switch letter := uai[7]; {
	case letter < 'A' || letter > 'Z':
		return "", &fault.Message{Key: "ask.uai_form"}
	case letter != uaiLetters[number%len(uaiLetters)]:
		return "", &fault.Message{Key: "ask.uai_letter"}
	}
	return uai, nil
}

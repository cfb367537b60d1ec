package document

import "strings"

// bitsPerSign is how many holes stand for one sign of a code.
const bitsPerSign = 6

// rubOut is what a sign that has no number is punched as: all holes, as operators of
// paper tape did with a mistake.
const rubOut = 1<<bitsPerSign - 1

// punchSigns are the signs of a code in the order of their numbers, from 0.
const punchSigns = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

// punched is one sign of a code and its holes, the highest bit first.
type punched struct {
	sign rune
	hole [bitsPerSign]bool
}

// punch encodes a code for the row of holes at the bottom of a certificate. Each letter
// or digit becomes six places, the number of the sign in binary, the highest bit left:
// 0 to 9 are themselves, A is 10, Z is 35; a filled hole is a one. Hyphens only help to
// read and are not punched. So « A1 » is ○○●○●○ ○○○○○●.
func punch(code string) []punched {
	var row []punched
	for _, sign := range strings.ToUpper(code) {
		if sign == '-' || sign == ' ' {
			continue
		}
		number := strings.IndexRune(punchSigns, sign)
		if number < 0 {
			number = rubOut
		}
		p := punched{sign: sign}
		for bit := range bitsPerSign {
			p.hole[bit] = number>>(bitsPerSign-1-bit)&1 == 1
		}
		row = append(row, p)
	}
	return row
}

package family

// HasCardNumber says whether a text holds what may be the number of a bank card, which is kept nowhere (issue 7, point 3): 13 to 19 digits, spaced
// or not, with the check digit of ISO/IEC 7812-1. Of other numbers of that length one in ten is taken for one.
func HasCardNumber(text string) bool {
	var digits []int
	for _, r := range text + "." {
		switch {
		case r >= '0' && r <= '9':
			digits = append(digits, int(r-'0'))
		case r == ' ' || r == '-' || r == '\u00a0' || r == '\u202f':
		default:
			if isCardNumber(digits) {
				return true
			}
			digits = nil
		}
	}
	return false
}

func isCardNumber(digits []int) bool {
	if len(digits) < 13 || len(digits) > 19 {
		return false
	}
	sum := 0
	for i, digit := range digits {
		if (len(digits)-i)%2 == 0 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}

package account

import "strings"

// IsPhone reports whether s can be called, however it is written, French or foreign (UX-P10): 8 to 15 digits (E.164), with two more
// for 00, and ten for a French number that starts with one 0.
func IsPhone(s string) bool {
	digits := 0
	for i, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r == '+' && i == 0, strings.ContainsRune(" .-/()", r), r == '\u00a0', r == '\u202f':
		default:
			return false
		}
	}
	national := strings.HasPrefix(s, "0") && !strings.HasPrefix(s, "00")
	return digits >= 8 && digits <= 17 && (!national || digits == 10)
}

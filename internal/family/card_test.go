package family

import "testing"

func TestCardNumbers(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"4242424242424242": true, "4242 4242 4242 4242": true, "n° 3782-822463-10005.": true, "4242424242424243": false, "Chèque 0042": false, "": false,
		"HA-2027-000123": false, "FR76 3000 6000 0112 3456 7890 189": false,
	} {
		if got := HasCardNumber(text); got != want {
			t.Errorf("%q = %v", text, got)
		}
	}
}

package family

import "testing"

// Who may be the same child under another spelling; twins and strangers are not.
func TestNearlySame(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"dartagnan nguyen zoe", "dartagnan zoe", true},
		{"zoe dartagnan", "dartagnan zoe", true},
		{"nowak lukasz", "nowak lucasz", true},
		{"nowak lukasz", "nowak lukas", true},
		{"nowak lukas", "nowak lukasz", true},
		{"martin lea", "martin noe", false},
		{"martin lea", "durand lea", false},
		{"li", "li wei", false},
		{"li wei", "li wei", true},
	} {
		if got := NearlySame(tt.a, tt.b); got != tt.want {
			t.Errorf("%q and %q: %v", tt.a, tt.b, got)
		}
	}
}

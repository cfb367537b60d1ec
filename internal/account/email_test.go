package account

import "testing"

func TestFoldEmail(t *testing.T) {
	t.Parallel()
	tests := []struct{ address, want string }{
		{" Zoe@Exemple.FR\t", "zoe@exemple.fr"},
		{"ŁUKASZ@exemple.fr", "łukasz@exemple.fr"},
		{"Nguyễn@exemple.fr", "nguyễn@exemple.fr"},
		{"李@exemple.fr", "李@exemple.fr"},
		{"محمد@exemple.fr", "محمد@exemple.fr"},
		// Another mailbox stays another mailbox.
		{"José@exemple.fr", "josé@exemple.fr"},
		{"mi\u212Ae@exemple.fr", "mi\u212Ae@exemple.fr"}, // Kelvin sign
		{"İda@exemple.fr", "İda@exemple.fr"},
		{"zoe+ateliers@exemple.fr", "zoe+ateliers@exemple.fr"},
	}
	for _, test := range tests {
		if got := FoldEmail(test.address); got != test.want {
			t.Errorf("FoldEmail(%q) = %q, want %q", test.address, got, test.want)
		}
	}
}

func TestIsEmail(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"zoe@exemple.fr", "d'artagnan-n'guyen@exemple.fr", "łukasz@exemple.fr", "zoe@localhost"} {
		if !IsEmail(good) {
			t.Errorf("%q refused", good)
		}
	}
	for _, bad := range []string{"", "zoe", "zoe@", "@exemple.fr", "Zoé <zoe@exemple.fr>", "a@b.fr, c@d.fr", "a@b.fr\r\nBcc: c@d.fr", "zoe @exemple.fr"} {
		if IsEmail(bad) {
			t.Errorf("%q accepted", bad)
		}
	}
}

package words

import "testing"

func TestTypeset(t *testing.T) {
	t.Parallel()
	const nb, thin = "\u00a0", "\u202f"
	tests := []struct{ in, want string }{
		{"Qui participe ?", "Qui participe" + thin + "?"},
		{"C'est réservé : Zoé vous attend !", "C'est réservé" + nb + ": Zoé vous attend" + thin + "!"},
		{"« Reprendre » ; fini", "«" + nb + "Reprendre" + nb + "»" + thin + "; fini"},
		{"Que faire ? ", "Que faire" + thin + "? "},
		{"https://x.fr/?a=1;b", "https://x.fr/?a=1;b"},
		{"14 € la séance, 50 % remboursés", "14" + nb + "€ la séance, 50" + thin + "% remboursés"},
		{"à 14 h 30, à 9 h, dès {0} h", "à 14" + nb + "h" + nb + "30, à 9" + nb + "h, dès {0}" + nb + "h"},
		{"14 h – 16 h", "14" + nb + "h" + nb + "– 16" + nb + "h"},
		{"14 habitants, 2 minutes, 3 mois, 12 enfants", "14 habitants, 2 minutes, 3 mois, 12 enfants"},
		{"de 9 ans à {0} ans, 1 an, 30 min", "de 9" + nb + "ans à {0}" + nb + "ans, 1" + nb + "an, 30" + nb + "min"},
		{"le 8 mai, le 1er mai, en mai", "le 8" + nb + "mai, le 1er" + nb + "mai, en mai"},
		{"reçu n° 12", "reçu n°" + nb + "12"},
	}
	for _, tt := range tests {
		if got := typeset(tt.in); got != tt.want {
			t.Errorf("typeset(%q) = %q, want %q", tt.in, got, tt.want)
		}
		if again := typeset(tt.want); again != tt.want {
			t.Errorf("typeset is not stable on %q: %q", tt.want, again)
		}
	}
}

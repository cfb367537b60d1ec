package outbox

import "testing"

func TestHoldsAddress(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"https://evil.example/win", "WWW.evil.example", "moi@exemple.fr", "Gagnez 1000 € sur evil-casino.com", "Cliquez bit.ly/abc", "casino.ru",
		"t.me/gratuit", "evil.example/win", "ｅｖｉｌ．ｃｏｍ", "evil.com, vite", "(evil.xyz)", "EVIL.SHOP",
	} {
		if !HoldsAddress(text) {
			t.Errorf("%q passes", text)
		}
	}
	for _, text := range []string{
		"Zoé D'Artagnan-N'Guyen", "J.-P. Łukasz", "M.Nguyễn", "Collège J.de La Fontaine", "St.Martin", "École St. Coëtmeur", "CM1/CM2", "CE1.CE2",
		"P.S. Compagnon", "محمد", "李", "Dr.Comte", "2.5 classes", "C.L.I.S.", "",
	} {
		if HoldsAddress(text) {
			t.Errorf("%q is refused", text)
		}
	}
}

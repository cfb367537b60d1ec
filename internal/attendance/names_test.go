package attendance

import "testing"

func TestShortName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ first, last, want string }{
		{"Zoé", "D'Artagnan-N'Guyen", "Zoé D."},
		{"Łukasz", "Żuk", "Łukasz Ż."},
		{"Anh", "Nguyễn", "Anh N."},
		{"Jean-Loup", "de la Tour", "Jean-Loup D."},
		{"محمد", "علي", "محمد ع."},
		{"明", "李", "明 李."},
		{"E\u0301lea", "e\u0301cuyer", "E\u0301lea E\u0301."},
		{"Ada", "'t Hooft", "Ada T."},
		{"Ada", "", "Ada"},
		{"Ada", "--", "Ada"},
		{"", "Byron", ""},
	} {
		if got := shortName(tt.first, tt.last); got != tt.want {
			t.Errorf("%q %q: got %q, want %q", tt.first, tt.last, got, tt.want)
		}
	}
}

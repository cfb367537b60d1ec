package document

import (
	"bytes"
	"strings"
	"testing"
)

// Issue 5, 5: the poster says what, when, where, for whom and with whom, on one page.
func TestPosterText(t *testing.T) {
	t.Parallel()
	file := drawPosterFile(t, examplePoster())
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "poster.txt", pages)
	if len(pages) != 1 {
		t.Fatalf("%d pages", len(pages))
	}
	for _, want := range []string{
		"Les Ateliers d'Ada", "Robotique : piloter Thymio", "samedi 8 mai 2027, 14 h – 16 h", "Espace Altnet", "porte verte", "de 6 à 12 ans",
		"Avec Inès et Łukasz", "C'est ici !", "Tout sur cette séance",
	} {
		if !strings.Contains(flat(pages[0]), want) {
			t.Errorf("it does not say %q:\n%s", want, pages[0])
		}
	}
	class := examplePoster()
	class.Group, class.URL, class.Ages, class.Facilitators, class.Access = "École Les Lucioles, CM1-CM2", "", "", nil, ""
	page := flat(text(t, drawPosterFile(t, class))[0])
	if !strings.Contains(page, "École Les Lucioles, CM1-CM2") || strings.Contains(page, "Tout sur") || strings.Contains(page, "Avec") {
		t.Errorf("the poster of a class: %s", page)
	}
}

// The QR code on the poster is the one of the session's address; one too long for it is an error that says so.
func TestQRCodeOnPoster(t *testing.T) {
	t.Parallel()
	s := examplePoster()
	checkQR(t, drawPosterFile(t, s), s.URL, posterQRLeft, posterQRTop, posterQR)
	s.URL = "https://exemple.fr/" + strings.Repeat("x", 4000)
	var file bytes.Buffer
	if err := testPress(t).Poster(t.Context(), &file, s); err == nil || !strings.Contains(err.Error(), "QR") || file.Len() > 0 {
		t.Errorf("an address too long: %v, %d bytes", err, file.Len())
	}
}

// Every hour of the day can be punched, in both languages.
func TestHoursHaveTheirSigns(t *testing.T) {
	t.Parallel()
	for _, sign := range "0123456789h:" {
		shape, ok := dotLetters[sign]
		if !ok {
			t.Errorf("no shape for %q", sign)
		}
		for _, line := range shape {
			if len(line) != 5 {
				t.Errorf("%q has a line of %d holes", sign, len(line))
			}
		}
	}
}

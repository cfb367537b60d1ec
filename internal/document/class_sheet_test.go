package document

import (
	"fmt"
	"strings"
	"testing"
)

// Issue 3, 6: first names alone, in the order given, with the school and the level; blank lines numbered on.
func TestClassSheetText(t *testing.T) {
	t.Parallel()
	file := drawRegisterFile(t, exampleClass(12, 3))
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "class.txt", pages)
	all := flat(strings.Join(pages, " "))
	for _, want := range []string{
		"Feuille de classe", "Robotique : piloter Thymio", "mardi 11 mai 2027", "École élémentaire Zoé D'Artagnan-N'Guyen, Lyon",
		"CM1-CM2, 12 enfants", "Animation : Inès Roche et Łukasz Nowak", "1 Zoé", "2 Łukasz", "محمد", "15", "Nombre d'enfants présents",
		"dont filles", "Adulte responsable du groupe", "page 1/1",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
}

// A whole class takes one page, whatever the mix of names and blank lines; every line has its number once, and the
// card for the count is on the last page alone.
func TestClassSheetPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ names, blank, atMost int }{
		{0, 0, 1}, {1, 0, 1}, {12, 0, 1}, {13, 0, 1}, {0, 30, 1}, {30, 2, 1}, {60, 0, 2}, {0, 500, 12}, {500, 500, 12},
	} {
		t.Run(fmt.Sprintf("%d names, %d blank lines", c.names, c.blank), func(t *testing.T) {
			t.Parallel()
			pages := text(t, drawRegisterFile(t, exampleClass(c.names, c.blank)))
			if len(pages) > c.atMost {
				t.Errorf("%d pages, at most %d", len(pages), c.atMost)
			}
			for i, page := range pages {
				if !strings.Contains(page, fmt.Sprintf("page %d/%d", i+1, len(pages))) {
					t.Errorf("page %d has no number", i+1)
				}
				if last := i == len(pages)-1; strings.Contains(page, "Adulte responsable") != last {
					t.Errorf("page %d: the card is there: %v, want %v", i+1, !last, last)
				}
			}
			on := map[string]int{}
			for _, word := range strings.Fields(strings.Join(pages, " ")) {
				on[word]++
			}
			for n := 31; n < min(c.names+c.blank, MostClassLines); n++ { // smaller ones are days and hours too, the last is the count
				if on[fmt.Sprint(n)] != 1 {
					t.Fatalf("line %d is there %d times", n, on[fmt.Sprint(n)])
				}
			}
		})
	}
}

// Issue 3, 6: a certificate for a child of whom the first name alone is known.
func TestCertificateOfAFirstName(t *testing.T) {
	t.Parallel()
	for _, name := range worldNames {
		c := exampleCertificate()
		c.Child = name[0]
		file := drawDiplomas(t, c)
		checkSound(t, file)
		if page := text(t, file)[0]; name[0] == "Zoé" && !strings.Contains(page, "Zoé") {
			t.Errorf("no name:\n%s", page)
		}
	}
}

// A class that stays at its school is not told where it is twice.
func TestClassSheetNamesTheSchoolOnce(t *testing.T) {
	t.Parallel()
	class := exampleClass(3, 0)
	class.Venue = class.School
	if all := flat(strings.Join(text(t, drawRegisterFile(t, class)), " ")); strings.Count(all, class.School) != 1 {
		t.Errorf("it says:\n%s", all)
	}
}

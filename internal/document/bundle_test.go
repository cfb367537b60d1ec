package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// Issue 5, 5: the sheets of a day in one file, in the order given, with pages numbered by session; the golden file is the
// whole text.
func TestBundleText(t *testing.T) {
	t.Parallel()
	file := drawBundleFile(t, exampleDay())
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "day.txt", pages)
	var heads []string
	for _, page := range pages {
		line, _, _ := strings.Cut(strings.TrimSpace(page), "\n")
		number := ""
		for _, word := range strings.Fields(page) {
			if strings.Contains(word, "/") {
				number = word
			}
		}
		heads = append(heads, strings.TrimSpace(strings.Join(strings.Fields(line)[:2], " ")+" "+number))
	}
	want := []string{
		"Feuille d'émargement 1/1", "Page laissée", "Fiche équipe 1/1", "Page laissée",
		"Feuille de 1/1", "Page laissée",
		"Feuille d'émargement 1/2", "Robotique : 2/2", "Fiche équipe 1/4", "Robotique : 2/4", "Robotique : 3/4", "Robotique : 4/4",
	}
	if !slices.Equal(heads, want) {
		t.Errorf("pages %q, want %q", heads, want)
	}
}

// Domain, "On the day" 4: who prints on both sides finds nothing of the team page on the back of what lies on the table,
// and no two sessions on one sheet of paper, whatever their lengths.
func TestEachPartHasItsOwnPaper(t *testing.T) {
	t.Parallel()
	for _, children := range [][]int{{1, 1}, {30, 2, 30}, {40, 1}, {0, 60, 12}, {17, 120}} {
		t.Run(fmt.Sprint(children), func(t *testing.T) {
			t.Parallel()
			day := exampleDay()
			day.Registers = []Register{exampleBlank(12)}
			for i, n := range children {
				s := exampleSheet(n)
				s.Workshop = fmt.Sprintf("Atelier%d", i)
				day.Registers = append(day.Registers, s)
			}
			pages := text(t, drawBundleFile(t, day))
			part := func(page int) (part string) {
				if page >= len(pages) || strings.Contains(pages[page], "Page laissée vide") {
					return ""
				}
				for i := range children {
					if name := fmt.Sprintf("Atelier%d", i); strings.Contains(pages[page], name) {
						part = name
					}
				}
				return part + fmt.Sprint(strings.Contains(pages[page], "Fiche équipe"))
			}
			for front := 0; front < len(pages); front += 2 {
				if part(front) == "" {
					t.Errorf("page %d, a front, is empty", front+1)
				}
				if back := part(front + 1); back != "" && back != part(front) {
					t.Errorf("page %d is %s, and on its back is %s", front+1, part(front), back)
				}
			}
		})
	}
}

// The note on signs that could not be printed is at the foot of the sessions that have some.
func TestNoteIsInItsSessionOnly(t *testing.T) {
	t.Parallel()
	plain, li := exampleSheet(1), exampleSheet(1)
	plain.TeamPage, li.TeamPage = false, false
	li.Rows[0].FirstName = "小龙"
	day := exampleDay()
	day.Registers = []Register{plain, li, plain}
	pages := text(t, drawBundleFile(t, day))
	for i, want := range []bool{false, false, true, false, false} {
		if got := strings.Contains(pages[i], "certains signes ne peuvent être imprimés"); got != want {
			t.Errorf("page %d: note %v, want %v", i+1, got, want)
		}
	}
}

func TestBundleOfNothing(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := testPress(t).Registers(t.Context(), &file, Bundle{Lang: "fr"}); err == nil || file.Len() > 0 {
		t.Errorf("error %v and %d bytes, want an error and nothing", err, file.Len())
	}
}

// Issue 5, 5: a sheet without names has its lines, as many as asked for, and a team page to fill in; of a session that
// nobody planned the head is lines to write on.
func TestBlankSheet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		sheet BlankSheet
		says  []string
		hides []string
	}{
		"blank.txt": {exampleBlank(12), []string{"Feuille d'émargement vierge", "Robotique : piloter Thymio", "samedi 8 mai 2027", "Inès Roche"}, []string{"enfants inscrits"}},
		"fill.txt":  {exampleToFill(12), []string{"Feuille d'émargement vierge", "Atelier", "Date", "Lieu", "Animation", "Séance"}, []string{"janvier", "Inès"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := drawRegisterFile(t, c.sheet)
			checkSound(t, file)
			pages := text(t, file)
			golden(t, name, pages)
			all := flat(strings.Join(pages, " "))
			for _, want := range append(c.says, "Nom, prénom", "Enfants venus", "Fiche équipe", "À détruire après l'atelier") {
				if !strings.Contains(all, want) {
					t.Errorf("it does not say %q:\n%s", want, all)
				}
			}
			for _, hidden := range c.hides {
				if strings.Contains(all, hidden) {
					t.Errorf("it says %q:\n%s", hidden, all)
				}
			}
		})
	}
	for _, c := range []struct{ lines, want int }{{-1, 1}, {0, 1}, {1, 1}, {40, 40}, {120, 120}, {1 << 30, 120}} {
		words := strings.Fields(strings.Join(text(t, drawRegisterFile(t, exampleToFill(c.lines))), " "))
		if !slices.Contains(words, fmt.Sprint(c.want)) || slices.Contains(words, fmt.Sprint(c.want+1)) {
			t.Errorf("%d lines asked for, want %d", c.lines, c.want)
		}
	}
}

package document

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// UX-F13: a French header, rows in the order given, the columns, blank lines, « page
// x/y », and a second paper for the team. The golden file is the whole text.
func TestSheetText(t *testing.T) {
	t.Parallel()
	file := drawRegisterFile(t, exampleSheet(12))
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "sheet.txt", pages)
	if len(pages) != 3 {
		t.Fatalf("12 children and 5 blank lines take %d pages, want one, its empty back, and one for the team", len(pages))
	}
	for _, want := range []string{
		"Feuille d'émargement", "Robotique : piloter Thymio", "samedi 8 mai 2027", "14 h – 16 h",
		"Espace Altnet, 7 place Louis Chazette, 69001 Lyon", "Animation : Inès Roche et Łukasz Nowak",
		"Nom, prénom", "Âge", "Arrivée", "Départ", "Signature", "page 1/1", "12 enfants inscrits", "Enfants venus",
	} {
		if !strings.Contains(flat(pages[0]), want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
}

// UX-F13: 12 children and 5 blank lines fit one page; 40 children take at most three;
// the head of the table is on each page, with its number.
func TestSheetPages(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ children, blank, atMost int }{
		{0, 0, 1}, {0, 5, 1}, {1, 0, 1}, {1, 5, 1}, {12, 5, 1}, {12, 15, 2}, {17, 5, 1}, {18, 5, 2}, {30, 5, 2}, {40, 5, 2}, {40, 15, 3}, {120, 15, 6},
	} {
		t.Run(fmt.Sprintf("%d children, %d blank lines", c.children, c.blank), func(t *testing.T) {
			t.Parallel()
			s := exampleSheet(c.children)
			s.BlankLines, s.TeamPage = c.blank, false
			pages := text(t, drawRegisterFile(t, s))
			if len(pages) > c.atMost {
				t.Errorf("%d pages, at most %d", len(pages), c.atMost)
			}
			for i, page := range pages {
				if last := i == len(pages)-1; strings.Contains(page, "Enfants venus") != last {
					t.Errorf("page %d: the card to sign is there: %v, want %v", i+1, !last, last)
				}
				for _, want := range []string{"Nom, prénom", "Signature", "Robotique : piloter Thymio", fmt.Sprintf("page %d/%d", i+1, len(pages))} {
					if !strings.Contains(flat(page), want) {
						t.Errorf("page %d does not say %q", i+1, want)
					}
				}
			}
			for _, row := range s.Rows {
				if row.LastName == "Kowalczyk" && !strings.Contains(strings.Join(pages, " "), "Kowalczyk Łukasz") {
					t.Error("a child is missing")
				}
			}
			if lines := c.children + c.blank; lines > 0 && !slices.Contains(strings.Fields(strings.Join(pages, " ")), fmt.Sprint(lines)) {
				t.Errorf("line %d is missing", lines)
			}
		})
	}
}

// UX-F13: rows are 8 mm high or more, whatever the number of children; and there are as
// many blank ones as asked for, from 0 to 15.
func TestRowsAreHighEnoughForABiro(t *testing.T) {
	t.Parallel()
	d := testPen(t)
	for children := range 60 {
		s := exampleSheet(children)
		s.BlankLines = children%18 - 1
		rows := registerRows(d, s)
		if blank, want := len(rows)-children, min(max(s.BlankLines, 0), 15); blank != want {
			t.Errorf("%d blank lines of %d asked, want %d", blank, s.BlankLines, want)
		}
		height, pages := shareOut(rows, 205, 250)
		shared := 0
		for i, page := range pages {
			used := 0.0
			for _, row := range page {
				if row.height(height) < 8 {
					t.Fatalf("a row of %d is %v mm high", len(rows), row.height(height))
				}
				used += row.height(height)
			}
			room := 250.0
			if i == 0 {
				room = 205
			}
			if i == len(pages)-1 {
				room -= signCardHeight
				if len(page) == 0 && len(rows) > 0 {
					t.Errorf("of %d rows none is beside the signature", len(rows))
				}
			}
			if used > room {
				t.Errorf("%d rows: page %d of %d is %v mm too high", len(rows), i+1, len(pages), used-room)
			}
			shared += len(page)
		}
		if shared != len(rows) {
			t.Errorf("%d rows on paper of %d", shared, len(rows))
		}
	}
}

// Domain, "On the day" 4: what lies on the table tells nothing of health, phones, photos
// or who picks up; the team page does, and says that it must not lie there.
func TestPrivateDataAreOnTheTeamPageOnly(t *testing.T) {
	t.Parallel()
	s := exampleSheet(3)
	s.Rows[0] = SheetRow{
		FirstName: "Zoé", LastName: "N'Guyen", Age: 9,
		Health: HealthDescribed, HealthText: "Allergie aux noix",
		Emergency: Contact{"Mamie Jo", "06 12 34 56 78"},
		Guardians: []Contact{{"Claire Dupont", "07 11 22 33 44"}, {"Sam Nguyễn", ""}},
		PickUp:    []string{"Ali Ben", "Li Wei"}, NeverTo: []string{"Paul Durand"}, NoPhoto: true,
	}
	private := []string{
		"Allergie aux noix", "Mamie Jo", "06 12 34 56 78", "Claire Dupont", "07 11 22 33 44", "Sam Nguyễn", "pas de téléphone",
		"Aussi avec Ali Ben et Li Wei", "Ne pas remettre à Paul Durand", "Pas de photo",
	}
	both := text(t, drawRegisterFile(t, s))
	for _, secret := range private {
		if strings.Contains(flat(both[0]), secret) {
			t.Errorf("the sheet on the table says %q", secret)
		}
		if !containsWords(both[2], secret) {
			t.Errorf("the team page does not say %q", secret)
		}
	}
	for _, want := range []string{"Fiche équipe", "À ne pas laisser sur la table. À détruire après l'atelier.", "fiche équipe, page 1/1"} {
		if !strings.Contains(flat(both[2]), want) {
			t.Errorf("the team page does not say %q", want)
		}
	}
	s.TeamPage = false
	alone := text(t, drawRegisterFile(t, s))
	if len(alone) != 1 || alone[0] != both[0] {
		t.Error("without the team page the sheet is not the same single page")
	}
}

// containsWords reports whether all words are on the page, which may have broken the
// line between them.
func containsWords(page, phrase string) bool {
	on := strings.Fields(page)
	for _, word := range strings.Fields(phrase) {
		if !slices.Contains(on, word) {
			return false
		}
	}
	return true
}

// Domain, "Family data" 2: an answer that is not known is printed « à demander », and
// the zero value of Health is that one, so that forgetting it never says "none".
func TestHealthIsNeverNoneByOmission(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		health Health
		want   string
	}{
		{Health(0), "À demander"}, {HealthToAsk, "À demander"}, {Health(99), "À demander"},
		{HealthNone, "Rien à signaler"}, {HealthRefused, "La famille ne répond pas à cette question"},
		{HealthDescribed, "Asthme"},
	} {
		s := exampleSheet(0)
		s.Rows = []SheetRow{{FirstName: "Zoé", LastName: "Martin", Age: 9, Health: c.health, HealthText: "Asthme"}}
		page := text(t, drawRegisterFile(t, s))[2]
		if !containsWords(page, c.want) {
			t.Errorf("health %d: the team page does not say %q:\n%s", c.health, c.want, page)
		}
		for _, other := range []string{"À demander", "Rien à signaler", "Asthme"} {
			if other != c.want && strings.Contains(flat(page), other) {
				t.Errorf("health %d: the team page says %q", c.health, other)
			}
		}
	}
}

// A text of a family may be long; on the team page none of it is lost, however many
// pages that takes.
func TestLongHealthTextIsNeverShortened(t *testing.T) {
	t.Parallel()
	s := exampleSheet(2)
	s.Rows[0].Health = HealthDescribed
	var parts []string
	for i := range 900 {
		parts = append(parts, fmt.Sprintf("besoin%d", i))
	}
	s.Rows[0].HealthText = strings.Join(parts, " ")
	file := drawRegisterFile(t, s)
	checkSound(t, file)
	on := strings.Fields(strings.Join(text(t, file), " "))
	for _, part := range parts {
		if !slices.Contains(on, part) {
			t.Fatalf("%s is lost", part)
		}
	}
}

// The pitfall of {nb}: the count of pages is drawn with digits that occur nowhere else
// in that style, and a child called {nb} keeps that name.
func TestPageNumbersNeedNoAlias(t *testing.T) {
	t.Parallel()
	s := Sheet{Session: Session{Workshop: "Atelier", MadeAt: exampleSession().MadeAt}, Rows: []SheetRow{{LastName: "{nb}", FirstName: "Zoé"}}}
	page := text(t, drawRegisterFile(t, s))[0]
	if !strings.Contains(flat(page), "{nb} Zoé") || !strings.Contains(flat(page), "page 1/1") {
		t.Errorf("got:\n%s", page)
	}
}

// A number from abroad is read in one glance: it stands on one line, in either column.
func TestForeignNumbersAreNotBroken(t *testing.T) {
	t.Parallel()
	sheet := exampleSheet(1)
	sheet.Rows[0].Emergency = Contact{"Mamie Jo", "+44 7911 123 456"}
	sheet.Rows[0].Guardians = []Contact{{"李 伟", "+33 6 39 98 10 04"}}
	sheet.TeamPage = true
	pages := text(t, drawRegisterFile(t, sheet))
	for _, number := range []string{"+44 7911 123 456", "+33 6 39 98 10 04"} {
		if !strings.Contains(flat(pages[len(pages)-1]), number) {
			t.Errorf("%s is broken:\n%s", number, pages[len(pages)-1])
		}
	}
}

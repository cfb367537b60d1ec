package document

import (
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/prose"
)

// UX-S5: the text that staff wrote with its fields as plain text, whatever a school is called; both boxes; the version.
// The golden file is the whole text.
func TestAgreementText(t *testing.T) {
	t.Parallel()
	file := drawAgreementFile(t, exampleAgreement(t))
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "agreement.txt", pages)
	all := flat(strings.Join(pages, " "))
	for _, want := range []string{
		"Convention", "GRP-7K3M9QXW", "version 2", "du 3 mai 2027", "École « **x** # {{total}} <b> »", "SIRET ............, représenté",
		"représenté par Zoé D'Artagnan-N'Guyen (directrice)", "mardi 18 mai 2027, 9 h – 11 h Lieu", "Nguyễn Ánh", "1 757,00 €", "adulte responsable",
		"Droit à l'image", "Données personnelles", "Responsabilité et assurance", "Pour l'association", "Émise par Łukasz Nowak", "le 3 mai 2027",
		"Pour l'organisme", "Nom et prénom", "Empreinte SHA-256 du texte : 9f86d081", "page 2/2",
	} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
}

// Once signed, the box says by whom, when, and when it was confirmed; a draft says that it is one.
func TestAgreementSignedAndDraft(t *testing.T) {
	t.Parallel()
	a := exampleAgreement(t)
	a.Signed = &Signature{Name: "Ánh Nguyễn", Role: "directrice", On: a.Date, Confirmed: a.Date.Add(34 * time.Hour)}
	all := flat(strings.Join(text(t, drawAgreementFile(t, a)), " "))
	for _, want := range []string{"Signée par Ánh Nguyễn", "directrice", "Signature confirmée le mardi 4 mai 2027 à 10 h."} {
		if !strings.Contains(all, want) {
			t.Errorf("it does not say %q:\n%s", want, all)
		}
	}
	if strings.Contains(all, "Nom et prénom") {
		t.Error("there is still a box to fill in")
	}
	a.Version, a.Signed = 0, nil
	if all = flat(strings.Join(text(t, drawAgreementFile(t, a)), " ")); !strings.Contains(all, "projet, sans valeur") {
		t.Errorf("the draft does not say that it is one:\n%s", all)
	}
}

// Runs of several styles make one line: no space is lost or made between them, what belongs together is not broken,
// nothing is wider than the line, and lines that the author ended end.
func TestBreakPieces(t *testing.T) {
	t.Parallel()
	d := testPen(t)
	broken := func(source string, width float64) string {
		text, problems := prose.Parse(source)
		if len(problems) > 0 || len(text) != 1 {
			t.Fatalf("%q: %v, %d blocks", source, problems, len(text))
		}
		var lines []string
		for _, line := range d.breakPieces(d.pieces(text[0].Text, regular), 10, width) {
			all, used := "", 0.0
			for _, p := range line {
				all += p.text
				d.font(p.style, 10)
				used += d.width(strings.TrimRight(p.text, " "))
			}
			if used > width+0.1 {
				t.Errorf("%q is %v mm wide", all, used)
			}
			lines = append(lines, strings.TrimRight(all, " "))
		}
		return strings.Join(lines, "|")
	}
	for _, c := range []struct {
		in    string
		width float64
		want  string
	}{
		{"un **deux** trois", 100, "un deux trois"},
		{"un(**deux**)trois", 100, "un(deux)trois"},
		{"aaaa bbbb(**cccc**)dddd", 31, "aaaa|bbbb(cccc)dddd"},
		{"un\\\n**deux** *trois*", 100, "un|deux trois"},
		{"**Maximilienne-Anastasie** et *Zoé*", 30, "Maximilienne-|Anastasie et Zoé"},
	} {
		if got := broken(c.in, c.width); got != c.want {
			t.Errorf("%q at %v mm: %q, want %q", c.in, c.width, got, c.want)
		}
	}
	if got := broken(strings.Repeat("W", 300)+"**"+strings.Repeat("M", 300)+"**", 50); strings.Count(got, "W") != 300 || strings.Count(got, "M") != 300 {
		t.Errorf("signs are lost: %q", got)
	}
}

// A text of many pages keeps its foot on each, and its boxes whole on the last.
func TestAgreementOfManyPages(t *testing.T) {
	t.Parallel()
	a := exampleAgreement(t)
	for range 3 {
		a.Text = append(a.Text, a.Text...)
	}
	file := drawAgreementFile(t, a)
	checkSound(t, file)
	pages := text(t, file)
	if len(pages) < 8 || len(file) > 150<<10 {
		t.Fatalf("%d pages, %d bytes", len(pages), len(file))
	}
	for i, page := range pages {
		if last := i == len(pages)-1; strings.Contains(page, "Pour l'organisme") != last || !strings.Contains(page, "Convention avec École") {
			t.Errorf("page %d: the boxes are there: %v", i+1, !last)
		}
	}
}

package document

import (
	"bytes"
	"fmt"
	"image"
	_ "image/png"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// Issue 2, 7: a certificate says who, what, when, where, with which number and code; the
// golden file is the whole text of a batch, one page for each child.
func TestCertificateText(t *testing.T) {
	t.Parallel()
	var batch []Certificate
	for i, name := range worldNames {
		c := exampleCertificate()
		c.Child = name[0] + " " + name[1]
		c.Number = fmt.Sprintf("2027-%04d", i+1)
		batch = append(batch, c)
	}
	file := drawDiplomas(t, batch...)
	checkSound(t, file)
	pages := text(t, file)
	golden(t, "certificates.txt", pages)
	if len(pages) != len(batch) {
		t.Fatalf("%d pages for %d children", len(pages), len(batch))
	}
	if title := wordstest.Plain(info(t, file, "Title")); !strings.HasPrefix(title, "Attestations – Robotique") {
		t.Errorf("title of the batch: %q", title)
	}
	for i, page := range pages {
		for _, want := range []string{
			"a participé à l'atelier", "Robotique : piloter Thymio", "samedi 8 mai 2027, 14 h – 16 h", "Espace Altnet, Lyon",
			"Inès Roche et Łukasz Nowak", "n° " + batch[i].Number, "7K3M-9QXW-TB", "ateliers.lesbricodeurs.fr/attestations/7K3M-9QXW-TB",
		} {
			if !strings.Contains(flat(page), want) {
				t.Errorf("page %d does not say %q", i+1, want)
			}
		}
	}
	if !strings.Contains(pages[0], "Zoé D'Artagnan-N'Guyen") {
		t.Error("no name on the first page")
	}
}

// UX-P9: a sign that cannot be printed is a box, and the foot of that page says so; the
// next child's page does not.
func TestNoteIsOnItsPageOnly(t *testing.T) {
	t.Parallel()
	li, zoe := exampleCertificate(), exampleCertificate()
	li.Child = "李小龙"
	pages := text(t, drawDiplomas(t, zoe, li, zoe))
	for i, want := range []bool{false, true, false} {
		if got := strings.Contains(pages[i], "certains signes ne peuvent être imprimés"); got != want {
			t.Errorf("page %d: note %v, want %v", i+1, got, want)
		}
	}
	if !strings.Contains(pages[1], "□□□") {
		t.Errorf("no box for each sign:\n%s", pages[1])
	}
}

// What is missing leaves no empty card and no broken page.
func TestCertificateOfLittle(t *testing.T) {
	t.Parallel()
	whole := exampleCertificate()
	noMade, noLearnt, neither := whole, whole, whole
	noMade.Made, noLearnt.Learnt = "", nil
	neither.Made, neither.Learnt, neither.City, neither.Facilitators = "", nil, "", nil
	blank := whole
	blank.Learnt = []string{"", " "}
	blank.Made = "\u200b"
	pages := text(t, drawDiplomas(t, noMade, noLearnt, neither, blank))
	for i, want := range []struct{ made, learnt bool }{{false, true}, {true, false}, {}, {}} {
		if got := strings.Contains(pages[i], "Ce que j'ai fait"); got != want.made {
			t.Errorf("page %d: what was made: %v", i+1, got)
		}
		if got := strings.Contains(pages[i], "Ce que j'ai appris"); got != want.learnt {
			t.Errorf("page %d: what was learnt: %v", i+1, got)
		}
	}
}

func TestNoCertificateIsAnError(t *testing.T) {
	t.Parallel()
	var file bytes.Buffer
	if err := testPress(t).Certificates(t.Context(), &file, "fr", exampleCertificate().End, nil); err == nil || file.Len() > 0 {
		t.Errorf("%v, %d bytes", err, file.Len())
	}
}

// An address too long for a QR code is an error that says so, and nothing is written.
func TestAddressTooLongForQR(t *testing.T) {
	t.Parallel()
	c := exampleCertificate()
	c.VerifyURL = "https://example.org/" + strings.Repeat("a", 4000)
	var file bytes.Buffer
	err := testPress(t).Certificates(t.Context(), &file, "fr", c.End, []Certificate{exampleCertificate(), c})
	if err == nil || !strings.Contains(err.Error(), "QR") || file.Len() > 0 {
		t.Errorf("%v, %d bytes", err, file.Len())
	}
}

// Whoever knows the table reads the code from the holes: the row says what was punched.
func TestPunch(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"A1":    "○○●○●○ ○○○○○●",
		"a-1":   "○○●○●○ ○○○○○●",
		"0Z":    "○○○○○○ ●○○○●●",
		"é":     "●●●●●●",
		"":      "",
		" - -":  "",
		"7K3M9": "○○○●●● ○●○●○○ ○○○○●● ○●○●●○ ○○●○○●",
	} {
		var groups []string
		for _, p := range punch(code) {
			group := ""
			for _, hole := range p.hole {
				group += map[bool]string{true: "●", false: "○"}[hole]
			}
			groups = append(groups, group)
		}
		if got := strings.Join(groups, " "); got != want {
			t.Errorf("punch(%q) = %s, want %s", code, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.StringMatching(`[0-9A-Z]{0,20}`).Draw(t, "code")
		var read []byte
		for _, p := range punch(code) {
			number := 0
			for _, hole := range p.hole {
				number *= 2
				if hole {
					number++
				}
			}
			read = append(read, punchSigns[number])
		}
		if string(read) != code {
			t.Errorf("punched %q, read %q", code, read)
		}
	})
}

// The word that is punched across the card is one that the lettering can write.
func TestBannerCanBeLettered(t *testing.T) {
	t.Parallel()
	word := words.For(words.French).T("document.certificate.bravo")
	for _, letter := range word {
		if _, ok := dotLetters[letter]; !ok {
			t.Errorf("%q of %q has no shape", letter, word)
		}
	}
}

// The QR code on the paper is, module by module, the one of the address: what a camera
// sees is sampled from a picture of the page.
func TestQRCodeOnPaper(t *testing.T) {
	t.Parallel()
	const perMillimetre = 6.0
	c := exampleCertificate()
	page := picture(t, drawDiplomas(t, c), perMillimetre)
	code, err := encodeQR(c.VerifyURL)
	if err != nil {
		t.Fatal(err)
	}
	module := qrSide / float64(len(code))
	dark := func(x, y float64) bool {
		r, _, _, _ := page.At(int(x*perMillimetre), int(y*perMillimetre)).RGBA()
		return r < 0x8000
	}
	for y, row := range code {
		for x, want := range row {
			if got := dark(qrLeft+(float64(x)+0.5)*module, qrTop+(float64(y)+0.5)*module); got != want {
				t.Fatalf("module %d, %d is dark: %v, want %v", x, y, got, want)
			}
		}
	}
	// Four modules of silence all around, as scanners need.
	for i := -3.5; i < float64(len(code))+4; i++ {
		for _, at := range [][2]float64{{i, -3.5}, {i, float64(len(code)) + 3.5}, {-3.5, i}, {float64(len(code)) + 3.5, i}} {
			if dark(qrLeft+at[0]*module, qrTop+at[1]*module) {
				t.Fatalf("the margin is dark at %v", at)
			}
		}
	}
	if module < 0.7 {
		t.Errorf("modules of %v mm are too small for a phone at arm's length", module)
	}
}

// The code can be read off the border of the printed page.
func TestCodeRowOnPaper(t *testing.T) {
	t.Parallel()
	const perMillimetre = 8.0
	c := exampleCertificate()
	page := picture(t, drawDiplomas(t, c), perMillimetre)
	var want []bool
	for _, p := range punch(c.Code) {
		want = append(want, p.hole[:]...)
	}
	var holes []bool // each place on the line is a disc or a ring: dark at its left rim
	y := int(codeRowY * perMillimetre)
	dark := func(x int) bool { r, _, _, _ := page.At(x, y).RGBA(); return r < 0x9000 }
	for x := int(22 * perMillimetre); x < int(275*perMillimetre); x++ {
		if !dark(x) {
			continue
		}
		holes = append(holes, dark(x+int(borderHole/2*perMillimetre)))
		x += int(borderHole*perMillimetre) + 2
	}
	if !slices.Equal(holes, want) {
		t.Errorf("the border says\n%v, want\n%v", holes, want)
	}
}

// picture is the first page as a printer would draw it.
func picture(t *testing.T, file []byte, perMillimetre float64) image.Image {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "pdftoppm", "-png", "-r", fmt.Sprint(perMillimetre*25.4), "-f", "1", "-l", "1", "-")
	cmd.Stdin = bytes.NewReader(file)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	page, _, err := image.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	return page
}

package document

import (
	"bytes"
	"fmt"
	"image"
	"os/exec"
	"path/filepath"
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

// The QR code on the paper is the one of the address.
func TestQRCodeOnPaper(t *testing.T) {
	t.Parallel()
	c := exampleCertificate()
	checkQR(t, drawDiplomas(t, c), c.VerifyURL, qrLeft, qrTop, qrSide)
}

// checkQR compares the code on the first page of a file, module by module, with that of an address: what a camera sees
// is sampled from a picture of the page.
func checkQR(t *testing.T, file []byte, address string, left, top, side float64) {
	t.Helper()
	const perMillimetre = 6.0
	page := picture(t, file, perMillimetre)
	code, err := encodeQR(address)
	if err != nil {
		t.Fatal(err)
	}
	module := side / float64(len(code))
	dark := func(x, y float64) bool {
		r, _, _, _ := page.At(int((left+x*module)*perMillimetre), int((top+y*module)*perMillimetre)).RGBA()
		return r < 0x8000
	}
	for y, row := range code {
		for x, want := range row {
			if got := dark(float64(x)+0.5, float64(y)+0.5); got != want {
				t.Fatalf("module %d, %d is dark: %v, want %v", x, y, got, want)
			}
		}
	}
	// Four modules of silence all around, as scanners need.
	for i := -3.5; i < float64(len(code))+4; i++ {
		for _, at := range [][2]float64{{i, -3.5}, {i, float64(len(code)) + 3.5}, {-3.5, i}, {float64(len(code)) + 3.5, i}} {
			if dark(at[0], at[1]) {
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

// Who signs for the association stands under the line with the picture of the signature above it, once in the file; who led
// the workshop is then named beside its place. Without anybody, the line is for a pen and the names of who led.
func TestSignatory(t *testing.T) {
	t.Parallel()
	signed := exampleCertificate()
	signed.Signatory = Signatory{Name: "Łukasz D'Artagnan", Role: "Coordination", Image: exampleSignature(t)}
	file := drawDiplomas(t, signed, signed, exampleCertificate())
	checkSound(t, file)
	if n := bytes.Count(file, []byte("/Subtype /Image")); n != 2 { // the strokes and their mask
		t.Errorf("%d pictures in the file, want one with its mask", n)
	}
	for i, page := range text(t, file) {
		if got := strings.Contains(flat(page), "Łukasz D'Artagnan") && strings.Contains(flat(page), "Coordination, Les Ateliers d'Ada") &&
			strings.Contains(flat(page), "Espace Altnet, Lyon · avec Inès Roche et Łukasz Nowak"); got != (i < 2) {
			t.Errorf("page %d is signed: %v\n%s", i+1, got, page)
		}
	}
	const perMillimetre = 4
	for i, want := range []bool{true, false} {
		c := []Certificate{signed, exampleCertificate()}[i]
		page := picture(t, drawDiplomas(t, c), perMillimetre)
		ink := 0
		for x := int(textLeft * perMillimetre); x < int((textLeft+signWidth)*perMillimetre); x++ {
			for y := int((signLine - signHeight) * perMillimetre); y < int((signLine-1)*perMillimetre); y++ {
				if r, _, _, _ := page.At(x, y).RGBA(); r < 0x6000 {
					ink++
				}
			}
		}
		if got := ink > 100; got != want {
			t.Errorf("certificate %d has %d dark points above its line, want some: %v", i+1, ink, want)
		}
	}
	broken := signed
	broken.Signatory.Image = []byte("no picture")
	var out bytes.Buffer
	if err := testPress(t).Certificates(t.Context(), &out, "fr", broken.End, []Certificate{broken}); err == nil || out.Len() > 0 {
		t.Errorf("a broken picture: %v, %d bytes", err, out.Len())
	}
}

// A certificate about a series says so, sums the hours and lists the sessions.
func TestSeriesCertificateText(t *testing.T) {
	t.Parallel()
	c := exampleCertificate()
	c.Workshop, c.Minutes = "Les mercredis de 李 et Łukasz", 450
	for i := range 4 {
		c.Sessions = append(c.Sessions, CertifiedSession{Start: c.Start.AddDate(0, 0, 7*i), Workshop: "Robotique : piloter Thymio"})
	}
	c.End = c.Sessions[3].Start
	page := flat(text(t, drawDiplomas(t, c))[0])
	for _, want := range []string{"a suivi le cycle", "Les mercredis de □ et Łukasz", "4 séances, du 8 mai 2027 au 29 mai 2027 (7 h 30 d'atelier)",
		"sam. 8 mai : Robotique : piloter Thymio", "sam. 29 mai", "certains signes"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	if strings.Contains(page, "obstacles") {
		t.Error("what was made stands beside the sessions")
	}
}

// A reader finds the address in the code of each page, whatever the code: a camera sees little more than this picture.
func TestQRCodesAreRead(t *testing.T) {
	t.Parallel()
	var batch []Certificate
	for i := range 12 {
		c := exampleCertificate()
		c.VerifyURL = fmt.Sprintf("https://ateliers.lesbricodeurs.fr/attestations/7K3M-%04X-TB%02d", 0x2222+i*0x1357%0xdddd, i+10)
		batch = append(batch, c)
	}
	dir := t.TempDir()
	draw := exec.CommandContext(t.Context(), "pdftoppm", "-gray", "-r", "100", "-", filepath.Join(dir, "page"))
	draw.Stdin = bytes.NewReader(drawDiplomas(t, batch...))
	if out, err := draw.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	pages, err := filepath.Glob(filepath.Join(dir, "page-*.pgm"))
	if err != nil || len(pages) != len(batch) {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	slices.Sort(pages)
	read, err := exec.CommandContext(t.Context(), "zbarimg", append([]string{"--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"}, pages...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Fields(string(read)) {
		if line != batch[i].VerifyURL {
			t.Errorf("page %d reads %q, want %q", i+1, line, batch[i].VerifyURL)
		}
	}
	if n := len(strings.Fields(string(read))); n != len(batch) {
		t.Errorf("%d codes read of %d", n, len(batch))
	}
}

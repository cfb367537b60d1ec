package document

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/jung-kurt/gofpdf"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// testPen draws on a document that nobody sees, to measure with.
func testPen(t testing.TB) *pen {
	t.Helper()
	pdf := gofpdf.New("P", "mm", "A4", "")
	pdf.AddPage()
	return newPen(pdf, testPress(t).fonts, words.For(words.French))
}

// ACC-21: language, title, the wish to show it, embedded fonts, real text, size, whole.
func TestFilesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	certificate := exampleCertificate()
	certificate.Child, certificate.Made = "Zoé N'Guyen", "Zoé N'Guyen – 12 €"
	sheet := exampleSheet(12)
	sheet.Venue = "Zoé N'Guyen – 12 €"
	bill := exampleBill(Quote, 40)
	bill.Subject = "Zoé N'Guyen – 12 €"
	class := exampleClass(30, 0)
	class.School = "Zoé N'Guyen – 12 €"
	attestation := exampleAttestation()
	attestation.Workshops = []string{"Zoé N'Guyen – 12 €"}
	agreement := exampleAgreement(t)
	agreement.Client.Name = "Zoé N'Guyen – 12 €"
	poster := examplePoster()
	poster.Venue = "Zoé N'Guyen – 12 €"
	blank := exampleBlank(15)
	blank.Venue = "Zoé N'Guyen – 12 €"
	day := exampleDay()
	day.Registers = append(day.Registers, sheet)
	for name, c := range map[string]struct {
		file  []byte
		title string
	}{
		"poster":      {drawPosterFile(t, poster), "Affiche – Robotique : piloter Thymio – samedi 8 mai 2027"},
		"blank sheet": {drawRegisterFile(t, blank), "Feuille d'émargement vierge – Robotique : piloter Thymio – samedi 8 mai 2027"},
		"day":         {drawBundleFile(t, day), "Feuilles d'émargement – samedi 8 mai 2027"},
		"quote":       {drawBillFile(t, bill), "Devis D2027-0007 – Zoé N'Guyen – 12 € – École élémentaire Zoé D'Artagnan-N'Guyen"},
		"class sheet": {drawRegisterFile(t, class), "Feuille de classe – Zoé N'Guyen – 12 € – Robotique : piloter Thymio – mardi 11 mai 2027"},
		"agreement":   {drawAgreementFile(t, agreement), "Convention GRP-7K3M9QXW – Zoé N'Guyen – 12 €"},
		"attestation": {drawAttestationFile(t, attestation), "Attestation de service fait – Zoé N'Guyen – 12 € – École élémentaire Zoé D'Artagnan-N'Guyen"},
		"sheet":       {drawRegisterFile(t, sheet), "Feuille d'émargement – Robotique : piloter Thymio – samedi 8 mai 2027"},
		"certificate": {drawDiplomas(t, certificate), "Attestation : Zoé N'Guyen – Robotique : piloter Thymio"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkSound(t, c.file)
			if got := strings.ReplaceAll(info(t, c.file, "Title"), "\u00a0", " "); got != c.title {
				t.Errorf("title %q, want %q", got, c.title)
			}
			catalogue := tool(t, c.file, "qpdf", "--show-object=trailer", "FILE")
			root := regexp.MustCompile(`/Root (\d+) 0 R`).FindStringSubmatch(catalogue)[1]
			catalogue = tool(t, c.file, "qpdf", "--show-object="+root, "FILE")
			for _, want := range []string{"/Lang (fr-FR)", "/DisplayDocTitle true", "/Duplex /Simplex"} {
				if !strings.Contains(catalogue, want) {
					t.Errorf("the catalogue has no %s: %s", want, catalogue)
				}
			}
			fonts := strings.Split(strings.TrimSpace(tool(t, c.file, "pdffonts", "FILE")), "\n")[2:]
			if len(fonts) != 2 {
				t.Errorf("%d fonts, want regular and bold", len(fonts))
			}
			for _, font := range fonts {
				if !regexp.MustCompile(`Identity-H\s+yes\s+(yes|no)\s+yes`).MatchString(font) {
					t.Errorf("not embedded, or without a map to Unicode: %s", font)
				}
			}
			if page := flat(strings.Join(text(t, c.file), " ")); !strings.Contains(page, "Zoé N'Guyen – 12 €") {
				t.Errorf("no real text: %s", page)
			}
			if len(c.file) > 150<<10 {
				t.Errorf("%d bytes, at most 150 KB", len(c.file))
			}
		})
	}
}

// A sheet of 40 and the certificates of a whole session stay under 150 KB too (ACC-21).
func TestLargeFilesStaySmall(t *testing.T) {
	t.Parallel()
	batch := make([]Certificate, 30)
	for i := range batch {
		batch[i] = exampleCertificate()
		batch[i].Child = strings.Join(worldNames[i%len(worldNames)][:], " ")
		batch[i].VerifyURL += fmt.Sprint(i)
	}
	for name, file := range map[string][]byte{"sheet": drawRegisterFile(t, exampleSheet(40)), "certificates": drawDiplomas(t, batch...)} {
		if len(file) > 150<<10 {
			t.Errorf("%s: %d bytes, at most 150 KB", name, len(file))
		}
	}
}

// The same input gives the same bytes, from any press, whatever is drawn beside it.
// Run with -race it also shows that nothing is written to the fonts, which all share.
func TestFilesAreDeterministic(t *testing.T) {
	t.Parallel()
	other, err := New()
	if err != nil {
		t.Fatal(err)
	}
	sheet, certificate := drawRegisterFile(t, exampleSheet(12)), drawDiplomas(t, exampleCertificate())
	var all sync.WaitGroup
	for range 2 {
		for _, press := range []*Press{testPress(t), other} {
			all.Go(func() {
				var file bytes.Buffer
				if err := press.Register(t.Context(), &file, exampleSheet(12)); err != nil || !bytes.Equal(file.Bytes(), sheet) {
					t.Errorf("another sheet (%v)", err)
				}
				file.Reset()
				c := exampleCertificate()
				if err := press.Certificates(t.Context(), &file, words.French, c.End, []Certificate{c}); err != nil || !bytes.Equal(file.Bytes(), certificate) {
					t.Errorf("another certificate (%v)", err)
				}
			})
		}
	}
	all.Wait()
}

// A panic of the library is an error, nothing is written, and the slot is free again.
func TestPanicBecomesError(t *testing.T) {
	t.Parallel()
	press, err := New()
	if err != nil {
		t.Fatal(err)
	}
	for range atOnce + 1 {
		var file bytes.Buffer
		err := press.print(t.Context(), &file, portrait, properties{}, func(d *pen) error {
			d.pdf.AddPage()
			d.pdf.CreateTemplateCustom(gofpdf.PointType{}, gofpdf.SizeType{}, nil) // the library calls what is not there
			return nil
		})
		if err == nil || file.Len() > 0 {
			t.Fatalf("error %v and %d bytes, want an error and nothing", err, file.Len())
		}
	}
	if err := press.Register(t.Context(), &bytes.Buffer{}, exampleSheet(1)); err != nil {
		t.Errorf("after the panics: %v", err)
	}
}

// papers are all that a press draws, each with an example.
func papers(t *testing.T) map[string]func(ctx context.Context, p *Press, w io.Writer) error {
	t.Helper()
	register := func(r Register) func(context.Context, *Press, io.Writer) error {
		return func(ctx context.Context, p *Press, w io.Writer) error { return p.Register(ctx, w, r) }
	}
	c, agreement := exampleCertificate(), exampleAgreement(t)
	return map[string]func(context.Context, *Press, io.Writer) error{
		"sheet": register(exampleSheet(1)), "blank sheet": register(exampleToFill(12)), "class sheet": register(exampleClass(2, 2)),
		"day":    func(ctx context.Context, p *Press, w io.Writer) error { return p.Registers(ctx, w, exampleDay()) },
		"poster": func(ctx context.Context, p *Press, w io.Writer) error { return p.Poster(ctx, w, examplePoster()) },
		"certificates": func(ctx context.Context, p *Press, w io.Writer) error {
			return p.Certificates(ctx, w, words.French, c.End, []Certificate{c})
		},
		"bill":      func(ctx context.Context, p *Press, w io.Writer) error { return p.Bill(ctx, w, exampleBill(Quote, 1)) },
		"agreement": func(ctx context.Context, p *Press, w io.Writer) error { return p.Agreement(ctx, w, agreement) },
		"attestation": func(ctx context.Context, p *Press, w io.Writer) error {
			return p.Attestation(ctx, w, exampleAttestation())
		},
		"receipt": func(ctx context.Context, p *Press, w io.Writer) error { return p.Receipt(ctx, w, exampleReceipt()) },
		"report":  func(ctx context.Context, p *Press, w io.Writer) error { return p.Bilan(ctx, w, exampleBilan()) },
	}
}

// TestPapersAreAllOfThem: a paper that is not on the list is one that nobody saw wait.
func TestPapersAreAllOfThem(t *testing.T) {
	t.Parallel()
	if drawn, methods := len(papers(t)), reflect.TypeFor[*Press]().NumMethod(); drawn != methods+2 { // Register draws three of them
		t.Errorf("%d papers on the list, and the press has %d methods", drawn, methods)
	}
}

// Issue 5, "Speed": at most two documents are drawn at once, whatever they are. A third waits, and is drawn when one of
// them is done; who gives up while waiting gets Unavailable, nothing is written, and no turn is lost.
func TestTwoDocumentsAtOnce(t *testing.T) {
	t.Parallel()
	for name, draw := range papers(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shared := testPress(t).fonts
			synctest.Test(t, func(t *testing.T) {
				press, err := newPress(shared)
				if err != nil {
					t.Fatal(err)
				}
				release := make(chan struct{})
				for range atOnce {
					go func() {
						err := press.print(t.Context(), io.Discard, portrait, properties{at: time.Unix(0, 0)}, func(d *pen) error {
							d.pdf.AddPage()
							<-release
							return nil
						})
						if err != nil {
							t.Error(err)
						}
					}()
				}
				synctest.Wait()

				var third, gone bytes.Buffer
				waited, gaveUp := make(chan error, 1), make(chan error, 1)
				leaving, leave := context.WithCancel(t.Context())
				go func() { gaveUp <- draw(leaving, press, &gone) }()
				synctest.Wait()
				go func() { waited <- draw(t.Context(), press, &third) }()
				synctest.Wait() // all stand still: two are drawing, two wait
				if len(waited) > 0 || len(gaveUp) > 0 || third.Len() > 0 {
					t.Fatal("a third document did not wait")
				}
				leave()
				if err := <-gaveUp; !fault.Is(err, fault.Unavailable, "document.busy") || !errors.Is(err, context.Canceled) || gone.Len() > 0 {
					t.Errorf("who left: %v, %d bytes; want Unavailable and nothing", err, gone.Len())
				}
				release <- struct{}{}
				if err := <-waited; err != nil || third.Len() == 0 {
					t.Errorf("when one was done: %v, %d bytes", err, third.Len())
				}
				close(release)
				synctest.Wait()
				if lost := atOnce - len(press.slots); lost != 0 {
					t.Errorf("%d turns are lost", lost)
				}
			})
		})
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("the printer is on fire") }

func TestFailingWriterIsReported(t *testing.T) {
	t.Parallel()
	err := testPress(t).Register(t.Context(), brokenWriter{}, exampleSheet(1))
	if err == nil || !strings.Contains(err.Error(), "on fire") {
		t.Errorf("got %v", err)
	}
}

// Issue 2, "Bad input": a font that fails gives one clear line at the start.
func TestBrokenFontIsAnErrorAtTheStart(t *testing.T) {
	t.Parallel()
	whole := dejavusanscondensed.TTF
	for name, ttf := range map[string][]byte{
		"empty": nil, "not a font": []byte("%PDF-1.7 and so on and so on"), "cut off": whole[:2000], "half": whole[:len(whole)/2],
	} {
		if _, err := readFonts(ttf, dejavusanscondensedbold.TTF); err == nil {
			t.Errorf("%s: no error", name)
		} else if strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: more than a line: %v", name, err)
		}
	}
}

// Every sign is as wide as gofpdf, which reads fonts in a way of its own, takes it to be; and the bytes of the font, which
// are shared by the process, stay as they are.
func TestSignsAreAsWideAsTheFontSays(t *testing.T) {
	t.Parallel()
	before := bytes.Clone(dejavusanscondensed.TTF)
	d, signs := testPen(t), 0
	drawRegisterFile(t, exampleSheet(1))
	if !bytes.Equal(before, dejavusanscondensed.TTF) {
		t.Error("the font was written into")
	}
	other := gofpdf.New("P", "mm", "A4", "")
	for s, ttf := range map[style][]byte{regular: before, bold: bytes.Clone(dejavusanscondensedbold.TTF)} {
		other.AddUTF8FontFromBytes("dejavu", string(s), ttf)
		other.SetFont("dejavu", string(s), 11)
		d.font(s, 11)
		for r := rune(0x20); r < 0xffff; r++ {
			if !d.fonts.has.contains(r) {
				continue
			}
			if signs++; math.Abs(d.width(string(r))-other.GetStringWidth(string(r))) > 1e-9 {
				t.Fatalf("%q in style %q is %v wide, not %v", r, s, d.width(string(r)), other.GetStringWidth(string(r)))
			}
		}
	}
	if signs < 2*2500 {
		t.Errorf("only %d signs can be printed", signs/2)
	}
}

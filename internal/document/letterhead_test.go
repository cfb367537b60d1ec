package document

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// exampleLogo is a logo of so many points.
func exampleLogo(t testing.TB, width, height int) []byte {
	t.Helper()
	mark := image.NewRGBA(image.Rect(0, 0, width, height))
	draw.Draw(mark, mark.Rect, image.NewUniform(color.RGBA{0xb0, 0x1e, 0x33, 255}), image.Point{}, draw.Src)
	var logo bytes.Buffer
	if err := png.Encode(&logo, mark); err != nil {
		t.Fatal(err)
	}
	return logo.Bytes()
}

var (
	imageLine = regexp.MustCompile(`(?m)^ +1 +0 image +(\d+) +(\d+) .* (\d+) +(\d+) +\S+ +\S+$`) // of pdfimages -list: size in points, and points an inch
	firstWord = regexp.MustCompile(`<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>Les</word>`)
)

// A logo of whatever shape stands above the name at the top left of every letter: not distorted, never coarse, nothing over it, and the
// letter says the same on as many pages as without it.
func TestLetterheadWithLogo(t *testing.T) {
	t.Parallel()
	p := testPress(t)
	papers := map[string]func(context.Context, io.Writer, []byte) error{
		"quote": func(ctx context.Context, w io.Writer, logo []byte) error {
			b := exampleBill(Quote, 3)
			b.Logo = logo
			return p.Bill(ctx, w, b)
		},
		"invoice": func(ctx context.Context, w io.Writer, logo []byte) error {
			b := exampleBill(Invoice, 6)
			b.Logo = logo
			return p.Bill(ctx, w, b)
		},
		"credit note": func(ctx context.Context, w io.Writer, logo []byte) error {
			b := exampleBill(CreditNote, 3)
			b.Logo = logo
			return p.Bill(ctx, w, b)
		},
		"agreement": func(ctx context.Context, w io.Writer, logo []byte) error {
			a := exampleAgreement(t)
			a.Logo = logo
			return p.Agreement(ctx, w, a)
		},
		"attestation": func(ctx context.Context, w io.Writer, logo []byte) error {
			a := exampleAttestation()
			a.Logo = logo
			return p.Attestation(ctx, w, a)
		},
		"receipt": func(ctx context.Context, w io.Writer, logo []byte) error {
			r := exampleReceipt()
			r.Logo = logo
			return p.Receipt(ctx, w, r)
		},
		"bilan": func(ctx context.Context, w io.Writer, logo []byte) error {
			b := exampleBilan()
			b.Logo = logo
			return p.Bilan(ctx, w, b)
		},
	}
	logos := map[string][]byte{"wide": exampleLogo(t, 600, 120), "tall": exampleLogo(t, 90, 300), "square": exampleLogo(t, 300, 300), "tiny": exampleLogo(t, 40, 40)}
	for paper, print := range papers {
		drawn := func(logo []byte) []byte {
			var file bytes.Buffer
			if err := print(t.Context(), &file, logo); err != nil {
				t.Fatalf("%s: %v", paper, err)
			}
			return file.Bytes()
		}
		said := func(file []byte) (words []string, pages int) {
			all := text(t, file)
			return slices.Sorted(slices.Values(strings.Fields(strings.Join(all, " ")))), len(all)
		}
		plain, pages := said(drawn(nil))
		for shape, logo := range logos {
			file := drawn(logo)
			if words, n := said(file); n != pages || !slices.Equal(words, plain) {
				t.Errorf("%s, %s logo: %d pages instead of %d, or other words", paper, shape, n, pages)
			}
			placed := imageLine.FindStringSubmatch(tool(t, file, "pdfimages", "-list", "FILE"))
			name := firstWord.FindStringSubmatch(tool(t, file, "pdftotext", "-bbox", "-l", "1", "FILE", "-"))
			if placed == nil || name == nil {
				t.Fatalf("%s, %s logo: no picture on the first page, or no name", paper, shape)
			}
			high, across, down := figure(t, placed[2]), figure(t, placed[3]), figure(t, placed[4])
			if across < 150 || math.Abs(across-down) > 1 {
				t.Errorf("%s, %s logo: %v by %v points an inch", paper, shape, across, down)
			}
			if bottom := (headTop-3)*millimetre + high/down*72; figure(t, name[2]) < bottom-0.5 {
				t.Errorf("%s, %s logo: it ends at %.1f, and the name begins at %s", paper, shape, bottom, name[2])
			}
		}
	}
}

func figure(t *testing.T, text string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

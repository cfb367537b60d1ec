package settings_test

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

var (
	white = color.RGBA{255, 255, 255, 255}
	brand = color.RGBA{0xb0, 0x1e, 0x33, 255}
)

// flag is a picture whose left half is the brand's colour and whose right half is another, with a margin on all sides.
func flag(width, height, margin int, right, ground color.Color) *image.NRGBA {
	picture := image.NewNRGBA(image.Rect(0, 0, width+2*margin, height+2*margin))
	draw.Draw(picture, picture.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	inner := picture.Rect.Inset(margin)
	draw.Draw(picture, inner, image.NewUniform(right), image.Point{}, draw.Src)
	inner.Max.X = inner.Min.X + width/2
	draw.Draw(picture, inner, image.NewUniform(brand), image.Point{}, draw.Src)
	return picture
}

func asPNG(t *testing.T, picture image.Image) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, picture); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

func readLogo(t *testing.T, name string, file []byte) (image.Image, []byte) {
	t.Helper()
	kept, err := settings.ReadLogo(name, file)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	picture, err := png.Decode(bytes.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	return picture, kept
}

// near reports whether two colours are as close as a JPEG keeps them.
func near(a, b color.Color) bool {
	ar, ag, ab, _ := a.RGBA()
	br, bg, bb, _ := b.RGBA()
	far := func(x, y uint32) bool { return max(x, y)-min(x, y) > 0x1800 }
	return !far(ar, br) && !far(ag, bg) && !far(ab, bb)
}

// What is kept of a logo is all that is seen of it on paper, with its colours and its proportions, no larger than letterheads need, and
// nothing else that the file held (SEC-26).
func TestReadLogo(t *testing.T) {
	t.Parallel()
	blue := color.RGBA{0x0b, 0x64, 0x70, 255}
	for _, tt := range []struct {
		what    string
		picture image.Image
		size    image.Point
		right   color.RGBA
	}{
		{"as wide as papers take", flag(1600, 400, 0, blue, white), image.Pt(600, 150), blue},
		{"as high as papers take", flag(300, 1500, 0, blue, white), image.Pt(60, 300), blue},
		{"small, which stays", flag(64, 48, 0, blue, white), image.Pt(64, 48), blue},
		{"with a margin", flag(400, 200, 120, blue, white), image.Pt(400, 200), blue},
		{"on no ground", flag(400, 200, 50, blue, color.NRGBA{}), image.Pt(400, 200), blue},
		{"half seen through", flag(400, 200, 0, color.NRGBA{A: 128}, white), image.Pt(400, 200), color.RGBA{127, 127, 127, 255}},
		{"on a ground of its own", flag(400, 200, 50, blue, color.RGBA{0xc8, 0xe6, 0xc8, 255}), image.Pt(500, 300), color.RGBA{0xc8, 0xe6, 0xc8, 255}},
	} {
		picture, kept := readLogo(t, "logo.png", append(asPNG(t, tt.picture), "<script>alert(1)</script>"...))
		size := picture.Bounds().Size()
		if size != tt.size || bytes.Contains(kept, []byte("script")) || len(kept) > 50<<10 {
			t.Errorf("%s: %v, want %v; %d bytes", tt.what, size, tt.size, len(kept))
		}
		if right := picture.At(size.X-3, size.Y/2); !near(right, tt.right) {
			t.Errorf("%s: the right is %v, want %v", tt.what, right, tt.right)
		}
		if left := picture.At(size.X/3, size.Y/2); !near(left, brand) {
			t.Errorf("%s: the left is %v", tt.what, left)
		}
	}
	for what, nothing := range map[string]image.Image{
		"white": flag(400, 200, 0, white, white).SubImage(image.Rect(200, 0, 400, 200)), "see-through": image.NewNRGBA(image.Rect(0, 0, 400, 200)),
		"white letters on no ground": flag(200, 100, 50, white, color.NRGBA{}).SubImage(image.Rect(150, 0, 300, 200)),
	} {
		if _, err := settings.ReadLogo("logo.png", asPNG(t, nothing)); refusal(err) != "settings.logo.empty" {
			t.Errorf("%s is taken, or for another reason not: %v", what, err)
		}
	}
	if _, err := settings.ReadLogo("logo.svg", asPNG(t, flag(400, 200, 0, white, white))); refusal(err) != "settings.picture.kind" {
		t.Errorf("a PNG called SVG is taken: %v", err)
	}
}

// refusal is the key of what is said about a picture.
func refusal(err error) string {
	if f, ok := fault.As(err); ok {
		return f.Fields["picture"].Key
	}
	return ""
}

// Printers are sent pictures in four inks.
func TestReadLogoInFourInks(t *testing.T) {
	t.Parallel()
	file, err := os.ReadFile("testdata/cmyk.jpg") // red on the left, teal on the right; written by Pillow for this test
	if err != nil {
		t.Fatal(err)
	}
	picture, _ := readLogo(t, "logo.JPG", file)
	if size := picture.Bounds().Size(); size != image.Pt(120, 60) {
		t.Errorf("size %v", size)
	}
	if left, right := picture.At(20, 30), picture.At(100, 30); !near(left, color.RGBA{176, 30, 51, 255}) || !near(right, color.RGBA{11, 100, 112, 255}) {
		t.Errorf("left %v, right %v", left, right)
	}
}

// A photo is kept the way up that it was taken: what telephones write into EXIF data counts, in both orders of bytes. Data that are cut
// off, or that say nonsense, turn nothing and break nothing.
func TestReadLogoUpright(t *testing.T) {
	t.Parallel()
	var photo bytes.Buffer
	if err := jpeg.Encode(&photo, flag(400, 200, 0, color.RGBA{0x0b, 0x64, 0x70, 255}, white), nil); err != nil {
		t.Fatal(err)
	}
	little := func(held byte) string {
		return "II*\x00\x08\x00\x00\x00\x02\x00" + "\x00\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00" + "\x12\x01\x03\x00\x01\x00\x00\x00" + string([]byte{held, 0, 0, 0}) + "\x00\x00\x00\x00"
	}
	big := func(held byte) string {
		return "MM\x00*\x00\x00\x00\x08\x00\x01" + "\x01\x12\x00\x03\x00\x00\x00\x01\x00" + string([]byte{held, 0, 0}) + "\x00\x00\x00\x00"
	}
	held := func(exif string) []byte {
		segment := "Exif\x00\x00" + exif
		file := append([]byte{0xFF, 0xD8, 0xFF, 0xE1, 0, byte(len(segment) + 2)}, segment...)
		return append(file, photo.Bytes()[2:]...)
	}
	lying, standing := image.Pt(400, 200), image.Pt(150, 300)
	for _, tt := range []struct {
		what  string
		exif  string
		size  image.Point
		brand image.Point // somewhere in the half that has the brand's colour
	}{
		{"upright", little(1), lying, image.Pt(50, 100)},
		{"seen in a mirror", little(2), lying, image.Pt(350, 100)},
		{"upside down", big(3), lying, image.Pt(350, 100)},
		{"upside down in a mirror", big(4), lying, image.Pt(50, 100)},
		{"transposed", little(5), standing, image.Pt(75, 40)},
		{"turned right", little(6), standing, image.Pt(75, 40)},
		{"turned right, the other order", big(6), standing, image.Pt(75, 40)},
		{"transversed", big(7), standing, image.Pt(75, 260)},
		{"turned left", little(8), standing, image.Pt(75, 260)},
		{"nonsense", little(9), lying, image.Pt(50, 100)},
		{"cut off", little(6)[:20], lying, image.Pt(50, 100)},
		{"without a directory", "II*\x00\xff\xff\xff\xff", lying, image.Pt(50, 100)},
		{"empty", "", lying, image.Pt(50, 100)},
	} {
		picture, _ := readLogo(t, "photo.jpeg", held(tt.exif))
		if size := picture.Bounds().Size(); size != tt.size {
			t.Errorf("%s: %v, want %v", tt.what, size, tt.size)
		} else if c := picture.At(tt.brand.X, tt.brand.Y); !near(c, brand) {
			t.Errorf("%s: %v where the brand's colour is to be", tt.what, c)
		}
	}
}

package settings_test

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/settings"
)

// sheet is grey paper with a black bar of a third of its width in the middle, 12 pixels high.
func sheet(width, height int) *image.Gray {
	picture := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			tone := uint8(225)
			if x >= width/3 && x < 2*width/3 && y >= height/2-6 && y < height/2+6 {
				tone = 10
			}
			picture.SetGray(x, y, color.Gray{Y: tone})
		}
	}
	return picture
}

// What is kept is the strokes alone: no paper, nothing around them, no larger than papers need, whatever the file held.
func TestReadSignature(t *testing.T) {
	t.Parallel()
	var asPNG, asJPEG bytes.Buffer
	if err := png.Encode(&asPNG, sheet(1800, 900)); err != nil {
		t.Fatal(err)
	}
	if err := jpeg.Encode(&asJPEG, sheet(300, 150), nil); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name          string
		content       []byte
		width, height int
	}{{"signature.png", asPNG.Bytes(), 600, 12}, {"SIGNATURE.JPG", asJPEG.Bytes(), 100, 12}} {
		kept, err := settings.ReadSignature(tt.name, tt.content)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		picture, err := png.Decode(bytes.NewReader(kept))
		if err != nil {
			t.Fatal(err)
		}
		size := picture.Bounds().Size()
		if size.X < tt.width-4 || size.X > tt.width+4 || size.Y < tt.height-4 || size.Y > tt.height+4 {
			t.Errorf("%s became %v, want about %d by %d", tt.name, size, tt.width, tt.height)
		}
		if _, _, _, dark := picture.At(size.X/2, size.Y/2).RGBA(); dark < 0xf000 {
			t.Errorf("%s: a stroke is as thin as %x", tt.name, dark)
		}
		again, err := settings.ReadSignature("signature.png", append(bytes.Clone(tt.content), "<script>alert(1)</script>"...))
		if tt.name == "signature.png" && (err != nil || bytes.Contains(again, []byte("script"))) {
			t.Errorf("what hides behind the picture is kept: %v", err)
		}
	}
}

package settings

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// logoWidth and logoHeight bound what is kept of a logo: enough for letterheads, see document.
const logoWidth, logoHeight = 600, 300

// ReadLogo makes the logo that letterheads bear of a file that was sent (SEC-26): on white, which paper is, without the empty space
// around it, no larger than letterheads need, as a PNG of our own without transparency, which papers take as it is. What is wrong is
// Invalid on picture, and says what to do.
func ReadLogo(fileName string, content []byte) ([]byte, error) {
	picture, err := openPicture(fileName, content)
	if err != nil {
		return nil, err
	}
	flat := image.NewRGBA(image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy()))
	draw.Draw(flat, flat.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(flat, flat.Rect, picture, picture.Bounds().Min, draw.Over)
	seen := seenOnPaper(flat)
	if seen.Dx() < minSide/2 || seen.Dy() < minSide/4 {
		return nil, wrongPicture("settings.logo.empty")
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, shrinkColours(flat, seen)); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// seenOnPaper is the smallest rectangle that holds all that stands out from white; the noise of a JPEG does not.
func seenOnPaper(picture *image.RGBA) (seen image.Rectangle) {
	const paper = 245
	for y := range picture.Rect.Dy() {
		for x := range picture.Rect.Dx() {
			if at := picture.PixOffset(x, y); min(picture.Pix[at], picture.Pix[at+1], picture.Pix[at+2]) < paper {
				seen = seen.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return seen
}

// shrinkColours is a part of an opaque picture, no larger than what is kept, each point the mean of those it stands for.
func shrinkColours(picture *image.RGBA, part image.Rectangle) *image.RGBA {
	width, height := fitted(part, logoWidth, logoHeight)
	small := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		top, bottom := part.Min.Y+y*part.Dy()/height, part.Min.Y+(y+1)*part.Dy()/height
		for x := range width {
			left, right := part.Min.X+x*part.Dx()/width, part.Min.X+(x+1)*part.Dx()/width
			small.SetRGBA(x, y, meanColour(picture, image.Rect(left, top, right, bottom)))
		}
	}
	return small
}

func meanColour(picture *image.RGBA, part image.Rectangle) color.RGBA {
	var sum [3]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		for x := part.Min.X; x < part.Max.X; x++ {
			at := picture.PixOffset(x, y)
			for i := range sum {
				sum[i] += int(picture.Pix[at+i])
			}
		}
	}
	points := part.Dx() * part.Dy()
	return color.RGBA{uint8(sum[0] / points), uint8(sum[1] / points), uint8(sum[2] / points), 255} //nolint:gosec // means of bytes
}

const sqlLogo = `SELECT png FROM logo`

// Logo returns the logo of the association as a PNG; nil where there is none.
func Logo(tx *sqlite.Tx) ([]byte, error) { return pictureIn(tx.QueryRow(sqlLogo)) }

const (
	sqlSetLogo = `INSERT INTO logo (id, png, updated_at) VALUES (1, ?1, ?2)
	ON CONFLICT (id) DO UPDATE SET png = excluded.png, updated_at = excluded.updated_at`
	sqlDropLogo = `DELETE FROM logo`
)

// SetLogo keeps a picture that ReadLogo made, in place of the one before; nil keeps none. Use account.Office.ChangeLogo, which also
// asks who may and writes the audit line.
func SetLogo(tx *sqlite.Tx, picture []byte) (err error) {
	if picture == nil {
		_, err = tx.Exec(sqlDropLogo)
	} else {
		_, err = tx.Exec(sqlSetLogo, picture, sqlite.Time(tx.Now()))
	}
	return err
}

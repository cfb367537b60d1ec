package settings

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// keptWidth and keptHeight bound what is kept of a signature: enough for 60 mm on paper.
const keptWidth, keptHeight = 600, 200

// ReadSignature makes the picture that certificates bear of a file that was sent (SEC-26): the dark strokes alone, on
// no ground, without the empty space around them, as a PNG of our own. The file must be a PNG or a JPEG by its name and by its
// first bytes. What is wrong is Invalid on picture, and says what to do.
func ReadSignature(fileName string, content []byte) ([]byte, error) {
	picture, err := openPicture(fileName, content)
	if err != nil {
		return nil, err
	}
	ink := inkOf(picture)
	strokes := boundsOf(ink)
	if strokes.Empty() {
		return nil, wrongPicture("settings.signature.empty")
	}
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(&out, drawn(shrink(ink, strokes))); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// inkOf is how dark each point is, from 0 for the paper to 255: what is transparent is paper, and the grey of a photographed
// sheet too.
func inkOf(picture image.Image) *image.Alpha {
	bounds := picture.Bounds()
	ink := image.NewAlpha(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	const black, paper = 60, 190 // darker is ink, lighter is paper, and between them the edge of a stroke
	for y := range bounds.Dy() {
		for x := range bounds.Dx() {
			c := color.NRGBAModel.Convert(picture.At(bounds.Min.X+x, bounds.Min.Y+y)).(color.NRGBA)
			luminance := (299*int(c.R) + 587*int(c.G) + 114*int(c.B)) / 1000
			dark := min(255, max(0, paper-luminance)*255/(paper-black))
			ink.Pix[y*ink.Stride+x] = uint8(dark * int(c.A) / 255) //nolint:gosec // from 0 to 255
		}
	}
	return ink
}

// boundsOf is the smallest rectangle that holds all ink worth seeing.
func boundsOf(ink *image.Alpha) image.Rectangle {
	var strokes image.Rectangle
	for y := range ink.Rect.Dy() {
		for x, dark := range ink.Pix[y*ink.Stride : y*ink.Stride+ink.Rect.Dx()] {
			if dark > 64 {
				strokes = strokes.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return strokes
}

// shrink is the part of ink inside a rectangle, each point the mean of those it stands for, no larger than what is kept.
func shrink(ink *image.Alpha, part image.Rectangle) *image.Alpha {
	width, height := fitted(part, keptWidth, keptHeight)
	small := image.NewAlpha(image.Rect(0, 0, width, height))
	for y := range height {
		top, bottom := part.Min.Y+y*part.Dy()/height, part.Min.Y+(y+1)*part.Dy()/height
		for x := range width {
			left, right := part.Min.X+x*part.Dx()/width, part.Min.X+(x+1)*part.Dx()/width
			sum := 0
			for i := top; i < bottom; i++ {
				for _, dark := range ink.Pix[i*ink.Stride+left : i*ink.Stride+right] {
					sum += int(dark)
				}
			}
			small.Pix[y*small.Stride+x] = uint8(sum / ((bottom - top) * (right - left))) //nolint:gosec // a mean of bytes
		}
	}
	return small
}

// drawn is ink as a picture in the ink of the house, with no ground.
func drawn(ink *image.Alpha) *image.NRGBA {
	picture := image.NewNRGBA(ink.Rect)
	for i, dark := range ink.Pix {
		copy(picture.Pix[4*i:], []uint8{0x22, 0x1b, 0x33, dark})
	}
	return picture
}

const sqlSignature = `SELECT png FROM signature`

// Signature returns the picture of the signature as a PNG; nil where there is none.
func Signature(tx *sqlite.Tx) ([]byte, error) { return pictureIn(tx.QueryRow(sqlSignature)) }

const (
	sqlSetSignature = `INSERT INTO signature (id, png, updated_at) VALUES (1, ?1, ?2)
	ON CONFLICT (id) DO UPDATE SET png = excluded.png, updated_at = excluded.updated_at`
	sqlDropSignature = `DELETE FROM signature`
)

// SetSignature keeps a picture that ReadSignature made, in place of the one before; nil keeps none. Use
// account.Office.ChangeSignature, which also asks who may and writes the audit line.
func SetSignature(tx *sqlite.Tx, picture []byte) (err error) {
	if picture == nil {
		_, err = tx.Exec(sqlDropSignature)
	} else {
		_, err = tx.Exec(sqlSetSignature, picture, sqlite.Time(tx.Now()))
	}
	return err
}

const sqlForgetSignature = `
DELETE FROM signature WHERE updated_at < ?1 AND NOT EXISTS (SELECT 1 FROM certificates WHERE issued_at >= ?1)`

// ForgetSignature removes the picture of a signature with which nothing was signed since an instant, nor was it set since: whoever
// signs for the association may have left it, and need not be of the team. It reports whether there was one.
func ForgetSignature(tx *sqlite.Tx, since time.Time) (forgotten bool, err error) {
	res, err := tx.Exec(sqlForgetSignature, sqlite.Time(since))
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

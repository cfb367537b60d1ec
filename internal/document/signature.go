package document

import (
	"bytes"

	"github.com/jung-kurt/gofpdf"
)

// signature is the picture above the line, placed once in the file and shown on each page. The zero value draws nothing.
type signature struct{ width, height float64 } // in millimetres

const signatureName = "signature"

// signature puts a picture into the file.
func (d *pen) signature(image []byte) (signature, error) {
	if len(image) == 0 {
		return signature{}, nil
	}
	info := d.pdf.RegisterImageOptionsReader(signatureName, gofpdf.ImageOptions{ImageType: "PNG"}, bytes.NewReader(image))
	if err := d.pdf.Error(); err != nil {
		return signature{}, err
	}
	scale := min(signWidth*0.7/info.Width(), signHeight/info.Height())
	return signature{info.Width() * scale, info.Height() * scale}, nil
}

// draw shows the picture so that it stands on the line.
func (s signature) draw(d *pen, c Certificate) {
	if s.width == 0 || c.Signatory.Name == "" {
		return
	}
	const below = 1.2 // letters reach under the line
	d.pdf.ImageOptions(signatureName, textLeft+4, signLine-s.height+below, s.width, s.height, false, gofpdf.ImageOptions{ImageType: "PNG"}, 0, "")
}

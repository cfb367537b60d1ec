package document

import (
	"fmt"
	"strings"

	"rsc.io/qr"
)

// qrCode is a square of modules; true is dark.
type qrCode [][]bool

// encodeQR makes the QR code of a short text, with a seventh of it allowed to be
// scratched or hidden: it will hang on a wall. The library always takes the first of
// the eight masks, where others weigh all of them: that weighing was half of the time
// of a certificate, and every reader takes any mask (TestQRCodesAreRead).
func encodeQR(text string) (qrCode, error) {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	modules := make(qrCode, code.Size)
	for y := range modules {
		modules[y] = make([]bool, code.Size)
		for x := range modules[y] {
			modules[y][x] = code.Black(x, y)
		}
	}
	return modules, nil
}

// QRPath returns the QR code of a short text for a page: the path of its dark modules in an SVG drawing, each one unit wide,
// and how many of them make a side.
func QRPath(text string) (path string, side int, err error) {
	code, err := encodeQR(text)
	if err != nil {
		return "", 0, err
	}
	var d strings.Builder
	for y, modules := range code {
		for x, dark := range modules {
			if dark {
				fmt.Fprintf(&d, "M%d %dh1v1h-1z", x, y)
			}
		}
	}
	return d.String(), len(code), nil
}

// draw paints the dark modules in a square of the given side with its upper left
// corner at x, y. Neighbours in a row are one rectangle, and each overlaps the row below
// by a hair, so that no screen shows light between them.
func (q qrCode) draw(a *art, x, y, side float64, c colour) {
	a.op("q").fill(c)
	module := side / float64(len(q))
	a.numbers(module, 0, 0, module, x, y).op("cm")
	for row, modules := range q {
		for column := 0; column < len(modules); column++ {
			if !modules[column] {
				continue
			}
			start := column
			for column < len(modules) && modules[column] {
				column++
			}
			a.numbers(float64(start), float64(row), float64(column-start), 1.03).op("re")
		}
	}
	a.op("f Q")
}

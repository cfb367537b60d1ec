package document

import (
	"fmt"
	"image/color"
	"runtime"
	"sync/atomic"

	"github.com/boombuler/barcode/qr"
)

// qrCode is a square of modules; true is dark.
type qrCode [][]bool

// encodeQRs starts to make the QR code of each text, on all processors: one takes
// longer (1.7 ms) than all the rest of a certificate. It returns how to get each of
// them, which waits until it is made.
func encodeQRs(texts []string) func(i int) (qrCode, error) {
	type result struct {
		code qrCode
		err  error
	}
	results := make([]chan result, len(texts))
	for i := range results {
		results[i] = make(chan result, 1) // so that a worker never waits for who gave up
	}
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(texts)) {
		go func() {
			for i := int(next.Add(1)) - 1; i < len(texts); i = int(next.Add(1)) - 1 {
				code, err := encodeQR(texts[i])
				results[i] <- result{code, err}
			}
		}()
	}
	return func(i int) (qrCode, error) {
		r := <-results[i]
		return r.code, r.err
	}
}

// encodeQR makes the QR code of a short text, with a seventh of it allowed to be
// scratched or hidden: it will hang on a wall. A panic becomes an error here, since the
// one around the drawing does not reach other goroutines.
func encodeQR(text string) (modules qrCode, err error) {
	defer func() {
		if r := recover(); r != nil {
			modules, err = nil, fmt.Errorf("QR code: %v", r)
		}
	}()
	code, err := qr.Encode(text, qr.M, qr.Auto)
	if err != nil {
		return nil, fmt.Errorf("QR code: %w", err)
	}
	side := code.Bounds().Dx()
	modules = make(qrCode, side)
	for y := range side {
		modules[y] = make([]bool, side)
		for x := range side {
			modules[y][x] = code.At(x, y) == color.Black
		}
	}
	return modules, nil
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

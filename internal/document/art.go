package document

import (
	"math"
	"strconv"
)

// art is a drawing in the language of PDF pages (ISO 32000-1, 8.4 and 8.5), in
// millimetres from the top left corner once placed by onPage. Written once and used on
// many pages, it costs a copy, where gofpdf formats every number of every page again.
type art struct{ ops []byte }

// onPage returns the drawing in the coordinates of a page of the given height (mm).
func (a *art) onPage(height float64) string {
	var page art
	page.op("q").numbers(millimetre, 0, 0, -millimetre, 0, height*millimetre).op("cm")
	page.ops = append(page.ops, a.ops...)
	page.op("Q")
	return string(page.ops)
}

// op appends an operator, or a whole piece of drawing.
func (a *art) op(ops string) *art {
	a.ops = append(append(a.ops, ops...), '\n')
	return a
}

// numbers appends operands, to a hundredth of a millimetre, or of a colour's range.
func (a *art) numbers(values ...float64) *art {
	for _, v := range values {
		a.ops = append(strconv.AppendFloat(a.ops, math.Round(v*1000)/1000, 'f', -1, 64), ' ')
	}
	return a
}

func (a *art) fill(c colour) *art   { return a.colour(c).op("rg") }
func (a *art) stroke(c colour) *art { return a.colour(c).op("RG") }

func (a *art) colour(c colour) *art {
	return a.numbers(float64(c.r)/255, float64(c.g)/255, float64(c.b)/255)
}

// lineWidth in millimetres, with round ends and corners.
func (a *art) lineWidth(w float64) *art { return a.op("1 J 1 j").numbers(w).op("w") }

// polygon starts a closed path.
func (a *art) polygon(points ...[2]float64) *art {
	for i, p := range points {
		if a.numbers(p[0], p[1]); i == 0 {
			a.op("m")
		} else {
			a.op("l")
		}
	}
	return a.op("h")
}

// circle starts a closed path; four Bézier curves are within 0.03 % of a circle.
func (a *art) circle(x, y, r float64) *art {
	const k = 0.5522847498
	a.numbers(x+r, y).op("m")
	a.numbers(x+r, y+k*r, x+k*r, y+r, x, y+r).op("c")
	a.numbers(x-k*r, y+r, x-r, y+k*r, x-r, y).op("c")
	a.numbers(x-r, y-k*r, x-k*r, y-r, x, y-r).op("c")
	return a.numbers(x+k*r, y-r, x+r, y-k*r, x+r, y).op("c h")
}

// dots draws discs of one size and colour: strokes of next to no length with round
// ends, a tenth of the bytes of circles.
func (a *art) dots(c colour, diameter float64, at ...[2]float64) *art {
	if len(at) == 0 {
		return a
	}
	a.op("q").stroke(c).lineWidth(diameter)
	for _, p := range at {
		a.numbers(p[0], p[1]).op("m").numbers(p[0]+0.01, p[1]).op("l")
	}
	return a.op("S Q")
}

// rings draws open holes: dots with a dot of the colour of the ground inside, which
// leaves a fine line.
func (a *art) rings(c colour, diameter float64, ground colour, at ...[2]float64) *art {
	return a.dots(c, diameter, at...).dots(ground, diameter-2*ringLine, at...)
}

// ringLine is the width of the line of an open hole.
const ringLine = 0.2

// place draws piece with its origin at x, y, turned clockwise by degrees.
func (a *art) place(x, y, scale, degrees float64, piece string) *art {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	a.op("q").numbers(cos*scale, sin*scale, -sin*scale, cos*scale, x, y).op("cm")
	return a.op(piece).op("Q")
}

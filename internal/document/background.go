package document

// Measures of what is drawn around the text of a certificate.
const (
	cardInset  = 9.0  // from the edge of the paper, which many printers cannot reach
	cardCut    = 17.0 // the corner that tells which way round a card goes
	borderHole = 2.0  // diameter

	codeRowY = 193.0

	chainLeft            = 230.0
	chainWidth           = 44.0
	chainHeight          = 36.0
	chainCut             = 6.0 // clear of the quiet zone around the QR code
	chainTop, chainPitch = 24.0, 41.0

	qrSide = 27.0
	qrLeft = chainLeft + (chainWidth-qrSide)/2
	qrTop  = chainTop + 3*chainPitch + (chainHeight-qrSide)/2
)

// cutCard starts the path of a punched card: its upper left corner is cut.
func (a *art) cutCard(x, y, w, h, cut float64) *art {
	return a.polygon([2]float64{x + cut, y}, [2]float64{x + w, y}, [2]float64{x + w, y + h},
		[2]float64{x, y + h}, [2]float64{x, y + cut})
}

// diplomaBackground is all that certificates of one colour have in common.
func diplomaBackground(bravo string, tint colour) *art {
	a := &art{}
	a.fill(paper).stroke(inkColour).lineWidth(0.5)
	a.cutCard(cardInset, cardInset, diplomaWidth-2*cardInset, diplomaHeight-2*cardInset, cardCut).op("B")
	a.border(tint)
	a.banner(bravo, tint)
	a.chain(tint)
	a.thread()
	return a
}

// border draws the holes around the card, but for the row that holds the code: a weave
// of punched places in the colours of the house.
func (a *art) border(tint colour) {
	const left, right, top, step = cardInset + 6, diplomaWidth - cardInset - 6, cardInset + 6, 4.5
	var at [3][][2]float64
	put := func(i int, x, y float64) {
		kind := [...]int{0, 0, 1, 2, 2, 1}[i%6]
		at[kind] = append(at[kind], [2]float64{x, y})
	}
	i := 0
	const columns = 54
	width := (right - left - 13) / columns
	for c := range columns + 1 {
		put(i, left+13+float64(c)*width, top)
		i++
	}
	const rows = 38
	height := (codeRowY - top) / rows
	for r := 1; r <= rows; r++ {
		put(i, right, top+float64(r)*height)
		i++
	}
	i = 0
	for y := top + 13.0; y <= codeRowY+0.1; y += (codeRowY - top - 13) / 35 {
		put(i, left, y)
		i++
	}
	a.dots(tint, borderHole, at[0]...)
	a.dots(sun, borderHole, at[1]...)
	a.rings(grey, borderHole, paper, at[2]...)
}

// drawCodeRow draws the row of holes that is the certificate's code and returns the
// middle of each group; nothing for a code whose holes could not be told apart, which
// is one of more than 25 signs.
func drawCodeRow(a *art, row []punched) []float64 {
	const left, right, widest, narrowest = 24.0, 273.0, 4.45, 1.4
	places := len(row)*(bitsPerSign+1) - 1
	if places < 1 {
		return nil
	}
	pitch := min(widest, (right-left)/float64(places-1))
	if pitch < narrowest {
		return nil
	}
	x := (left + right - pitch*float64(places-1)) / 2
	var filled, open [][2]float64
	var middles []float64
	for _, p := range row {
		middles = append(middles, x+pitch*(bitsPerSign-1)/2)
		for _, hole := range p.hole {
			if hole {
				filled = append(filled, [2]float64{x, codeRowY})
			} else {
				open = append(open, [2]float64{x, codeRowY})
			}
			x += pitch
		}
		x += pitch
	}
	diameter := min(borderHole, pitch*0.7)
	a.dots(inkColour, diameter, filled...)
	a.rings(inkColour, diameter, paper, open...)
	return middles
}

// banner punches a word into a field of places.
func (a *art) banner(word string, tint colour) {
	const left, top, pitch, columns = textLeft + 1.2, 25.0, 3.05, 62
	lit := map[[2]int]bool{}
	column := 0
	for _, letter := range word {
		shape, ok := dotLetters[letter]
		if !ok {
			continue
		}
		for row, line := range shape {
			for i, mark := range line {
				if mark == '#' {
					lit[[2]int{column + i, row}] = true
				}
			}
		}
		column += 6
	}
	var faint, letters, weave, hearts [][2]float64
	for c := range columns {
		for r := range 7 {
			at := [2]float64{left + float64(c)*pitch, top + float64(r)*pitch}
			if c < column {
				if lit[[2]int{c, r}] {
					letters = append(letters, at)
				} else {
					faint = append(faint, at)
				}
				continue
			}
			dc, dr := (c-column-1)%6-3, r-3
			switch distance := abs(dc) + abs(dr); {
			case c == column:
				faint = append(faint, at)
			case distance <= 1:
				hearts = append(hearts, at)
			case distance == 3 || dc == -3 && r%2 == 1:
				weave = append(weave, at)
			default:
				faint = append(faint, at)
			}
		}
	}
	a.dots(colour{0xea, 0xdf, 0xcc}, 1.2, faint...)
	a.dots(red, 2.6, letters...)
	a.dots(tint, 1.9, weave...)
	a.dots(sun, 1.9, hearts...)
}

func abs(n int) int { return max(n, -n) }

// thread underlines the name and ends at the tip of the shuttle.
func (a *art) thread() {
	a.stroke(red).lineWidth(0.7)
	a.numbers(textLeft, 80.3).op("m")
	a.numbers(70, 77.3, 120, 81.8, 168, 79.6).op("c")
	a.numbers(188, 78.6, 206, 84, 203, 88.6).op("c")
	a.numbers(200.6, 92, 194, 89.4, 196, 85).op("c")
	a.numbers(198.4, 79.6, 216, 77.6, chainLeft+4, chainTop+chainPitch+14).op("c S")
}

// chain hangs four cards one under the other, laced as on Jacquard's loom: Ada, the
// shuttle, the robot, and the QR code, which is a punched card too.
func (a *art) chain(tint colour) {
	const lace1, lace2, hole = 11.0, chainWidth - 7, 3.0
	fills := [4]colour{rose, cream, mint, {255, 255, 255}}
	turns := [4]float64{-1.1, 0.8, -0.7, 0}
	a.stroke(red).lineWidth(0.6)
	for _, x := range [2]float64{chainLeft + lace1, chainLeft + lace2} {
		a.numbers(x, cardInset).op("m").numbers(x, chainTop+3*chainPitch+hole).op("l S")
	}
	for i := range fills {
		var card art
		card.fill(fills[i]).stroke(inkColour).lineWidth(0.4)
		card.cutCard(0, 0, chainWidth, chainHeight, chainCut).op("B")
		card.stroke(inkColour).lineWidth(0.45)
		switch i {
		case 0:
			card.ada()
		case 1:
			card.shuttle(tint)
		case 2:
			card.robot(paper, tint)
		}
		a.place(chainLeft, chainTop+float64(i)*chainPitch, 1, turns[i], string(card.ops))
	}
}

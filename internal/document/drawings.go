package document

// The drawings on the chain of cards, in the language of art, each on a card of 44 by 36
// with its origin at the upper left corner. They are stroked and filled in the colours
// in force.

// Ada Lovelace as in Chalon's portrait: hair parted in the middle, in smooth bands over
// the ears, a braid on top, bare shoulders.
const (
	adaHair = `
22 9.6 m 16.6 9.6 13.6 13 13.4 17.2 c 13.2 20 14 22.6 15.6 23.6 c 17.2 24.4 18.2 23 18 21.2 c
17.7 18 18.4 14.4 22 12.2 c 25.6 14.4 26.3 18 26 21.2 c 25.8 23 26.8 24.4 28.4 23.6 c
30 22.6 30.8 20 30.6 17.2 c 30.4 13 27.4 9.6 22 9.6 c h f
15.6 9.4 m 15.4 5.2 28.6 5.2 28.4 9.4 c 27.4 11 16.6 11 15.6 9.4 c h f`

	adaSkin = `
17.6 16 m 17.2 23 19.4 27 22 27 c 24.6 27 26.8 23 26.4 16 c 25 12 19 12 17.6 16 c h
19.9 26 m 19.9 27.4 19.6 28.6 18.6 29.2 c 17 29.6 15 30 13.4 30.6 c 16 34 28 34 30.6 30.6 c
29 30 27 29.6 25.4 29.2 c 24.4 28.6 24.1 27.4 24.1 26 c h f`

	adaFace = `
17.6 16 m 17.2 23 19.4 27 22 27 c 24.6 27 26.8 23 26.4 16 c S
19.3 18.7 m 19.7 18.1 20.7 18.1 21.1 18.7 c S
22.9 18.7 m 23.3 18.1 24.3 18.1 24.7 18.7 c S
20.5 22.9 m 21.3 24 22.7 24 23.5 22.9 c S`

	adaDress = `
19.9 26.6 m 19.9 27.6 19.6 28.6 18.6 29.2 c 15 30.2 10.8 30.6 8.6 36 c S
24.1 26.6 m 24.1 27.6 24.4 28.6 25.4 29.2 c 29 30.2 33.2 30.6 35.4 36 c S
13.4 30.4 m 16 34 28 34 30.6 30.4 c S`
)

// The robot rolls on two wheels; its head has the cut corner of a card.
const (
	robotBody = `
12 11 m 28.4 11 l 32 14.6 l 32 26 l 32 27.2 31.2 28 30 28 c 14 28 l 12.8 28 12 27.2 12 26 c h B`

	robotLines = `
22 11 m 22 6.9 l S
12 17 m 8.6 17 7.4 19 7.6 22 c S
32 17 m 35.4 17 36.6 15 36.6 12 c S`
)

// A weaver's shuttle with its bobbin; the thread comes in at its left tip.
const (
	shuttleBody = `
4 14 m 10 9 15 8.2 22 8.2 c 29 8.2 34 9 40 14 c 34 19 29 19.8 22 19.8 c 15 19.8 10 19 4 14 c h B`

	shuttleWindow = `
13 14 m 13 11.4 14.6 11.2 17 11.2 c 27 11.2 l 29.4 11.2 31 11.4 31 14 c 31 16.6 29.4 16.8 27 16.8 c 17 16.8 l 14.6 16.8 13 16.6 13 14 c h B`
)

func (a *art) ada() {
	a.fill(paper).op(adaSkin)
	a.op(adaDress).op(adaFace)
	a.dots(rose, 2.2, [2]float64{19.3, 21.3}, [2]float64{24.7, 21.3})
	a.dots(red, 0.8, [2]float64{18.2, 30.2}, [2]float64{20, 31}, [2]float64{22, 31.3}, [2]float64{24, 31}, [2]float64{25.8, 30.2})
	a.fill(inkColour).op(adaHair)
	a.dots(sun, 0.9, [2]float64{17.6, 10.6}, [2]float64{19.8, 11}, [2]float64{22, 11.1}, [2]float64{24.2, 11}, [2]float64{26.4, 10.6})
}

// robot stands on paper of the colour ground.
func (a *art) robot(ground, tint colour) {
	a.op(robotLines)
	a.fill(inkColour).circle(17.2, 29.2, 2.2).op("B").circle(26.8, 29.2, 2.2).op("B")
	a.fill(ground).op(robotBody)
	a.fill(sun).circle(22, 5.6, 1.3).op("B")
	a.fill(ground).circle(18, 17.4, 2.5).op("B").circle(26, 17.4, 2.5).op("B")
	a.dots(inkColour, 1.7, [2]float64{17.6, 17.7}, [2]float64{25.6, 17.7})
	a.dots(tint, 1.3, [2]float64{17, 23}, [2]float64{19.5, 23.9}, [2]float64{22, 24.2}, [2]float64{24.5, 23.9}, [2]float64{27, 23})
}

// shuttle flies over the warp; below, the cloth is already woven.
func (a *art) shuttle(tint colour) {
	const clothTop, clothBottom = 24.0, 32.0
	a.stroke(tint).lineWidth(0.45)
	for x := 9.0; x <= 38; x += 2.6 {
		a.numbers(x, 2.5).op("m").numbers(x, clothBottom).op("l")
	}
	a.op("S").stroke(red).lineWidth(0.9)
	for row, y := 0, clothTop; y <= clothBottom; row, y = row+1, y+2 {
		for x := 7.7 + 2.6*float64(row%2); x <= 37; x += 5.2 {
			a.numbers(x+0.4, y).op("m").numbers(x+2.2, y).op("l")
		}
	}
	a.op("S").stroke(inkColour).lineWidth(0.45)
	a.fill(paper).op(shuttleBody).fill(rose).op(shuttleWindow)
	a.stroke(red).lineWidth(0.5)
	for x := 17.0; x <= 28; x += 1.9 {
		a.numbers(x, 11.5).op("m").numbers(x-1, 16.5).op("l")
	}
	a.op("S")
}

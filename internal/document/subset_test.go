package document

import (
	"bytes"
	"testing"
)

// A subset has the glyphs of its signs, each with the parts it is made of (é is e and an accent), and sums that are right.
func TestSubset(t *testing.T) {
	t.Parallel()
	for s, face := range testPress(t).fonts.faces {
		const name = "Zoé Nguyễn"
		used := face.subset()
		if first, again := used.encode(name), used.encode(name); first != again || len(first) != 2*len([]rune(name)) {
			t.Errorf("style %q: %x, then %x", s, first, again)
		}
		font := used.ttf()
		if got := sum(font); got != 0xb1b0afba {
			t.Errorf("style %q: the font adds up to %#x", s, got)
		}
		cut, err := readTypeface("cut", withCmap(font, face))
		if err != nil {
			t.Fatal(err)
		}
		for code, r := range used.runes {
			old, glyph := face.glyphs[r], uint16(code+1)
			if cut.advance(glyph) != face.advance(old) {
				t.Errorf("style %q: %q has another width", s, r)
			}
			if !samePicture(cut, glyph, face, old) {
				t.Errorf("style %q: %q is drawn differently", s, r)
			}
		}
	}
}

// samePicture compares two glyphs and all that they are made of.
func samePicture(a *typeface, one uint16, b *typeface, other uint16) bool {
	left, right := bytes.Clone(a.outline(one)), bytes.Clone(b.outline(other))
	if len(left) < len(right) {
		return false
	}
	left = left[:len(right)] // ours are filled up to four bytes
	same := true
	components(right, func(at int) {
		same = same && samePicture(a, u16(left, at), b, u16(right, at))
		copy(left[at:at+2], right[at:at+2])
	})
	return same && bytes.Equal(left, right)
}

// withCmap adds to a font of a file the tables that only readers of whole fonts ask for.
func withCmap(font []byte, whole *typeface) []byte {
	tables := map[string][]byte{"OS/2": whole.tables["OS/2"], "cmap": whole.tables["cmap"]}
	for i := range int(u16(font, 4)) {
		record := font[12+16*i:]
		tables[string(record[:4])] = font[u32(record, 8):][:u32(record, 12)]
	}
	return sfnt(tables)
}

package document

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// typeface is a TrueType font (OpenType specification) as documents need it: which glyph draws a rune, how wide it is, and
// the tables that a subset is copied from. It is read once and never written to: all documents share it, and the bytes of
// the font with it.
type typeface struct {
	name     string            // the PostScript name
	tables   map[string][]byte // each from its start to its end
	perEm    int               // units of the font in one size of type
	glyphs   [0x10000]uint16   // that draws a rune; 0 is none
	metrics  int               // glyphs with a width of their own; the others have that of the last one
	longLoca bool
}

// readTypeface panics on a font whose tables are not what they say; see readFonts.
func readTypeface(name string, ttf []byte) (*typeface, error) {
	if len(ttf) < 12 {
		return nil, errors.New("not a TrueType font")
	}
	t := &typeface{name: name, tables: map[string][]byte{}}
	for i := range int(u16(ttf, 4)) {
		record := ttf[12+16*i:]
		start, length := int(u32(record, 8)), int(u32(record, 12))
		if start+length > len(ttf) {
			return nil, fmt.Errorf("the table %q is cut off", record[:4])
		}
		t.tables[string(record[:4])] = ttf[start:][:length:length]
	}
	for _, tag := range []string{"OS/2", "cmap", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "prep"} {
		if t.tables[tag] == nil {
			return nil, fmt.Errorf("the font has no table %q", tag)
		}
	}
	t.perEm = int(u16(t.tables["head"], 18))
	t.longLoca = u16(t.tables["head"], 50) == 1
	t.metrics = int(u16(t.tables["hhea"], 34))
	return t, t.readGlyphs()
}

// readGlyphs reads which runes the font maps to a glyph, from the subtable of format 4 of its cmap.
func (t *typeface) readGlyphs() error {
	cmap := t.tables["cmap"]
	for i := range int(u16(cmap, 2)) {
		record := 4 + 8*i
		sub := int(u32(cmap, record+4))
		if platform := u16(cmap, record); platform != 0 && platform != 3 || u16(cmap, sub) != 4 {
			continue
		}
		segments := int(u16(cmap, sub+6)) / 2
		ends := sub + 14
		starts := ends + 2*segments + 2
		deltas := starts + 2*segments
		offsets := deltas + 2*segments
		for s := range segments {
			first, last := rune(u16(cmap, starts+2*s)), rune(u16(cmap, ends+2*s))
			for r := first; r <= last && r != 0xffff; r++ {
				glyph := uint16(r)
				if offset := int(u16(cmap, offsets+2*s)); offset != 0 {
					glyph = u16(cmap, offsets+2*s+offset+2*int(r-first))
				}
				if glyph += u16(cmap, deltas+2*s); glyph != 0 {
					t.glyphs[r] = glyph
				}
			}
		}
		return nil
	}
	return errors.New("the font has no Unicode map of format 4")
}

// scale turns units of the font into thousandths of the size of type.
func (t *typeface) scale(units int) int {
	return int(math.Round(float64(units) * 1000 / float64(t.perEm)))
}

// advance is how far a glyph moves on, in thousandths of the size of type.
func (t *typeface) advance(glyph uint16) int {
	return t.scale(int(u16(t.tables["hmtx"], 4*min(int(glyph), t.metrics-1))))
}

// width of a clean text, in thousandths of the size of type.
func (t *typeface) width(text string) int {
	w := 0
	for _, r := range text {
		w += t.advance(t.glyphs[r])
	}
	return w
}

// outline is the picture of a glyph; empty for a space.
func (t *typeface) outline(glyph uint16) []byte {
	loca := t.tables["loca"]
	if t.longLoca {
		return t.tables["glyf"][u32(loca, 4*int(glyph)):u32(loca, 4*int(glyph)+4)]
	}
	return t.tables["glyf"][2*int(u16(loca, 2*int(glyph))) : 2*int(u16(loca, 2*int(glyph)+2))]
}

// horizontal is the row of hmtx for a glyph: its width, and where its picture begins.
func (t *typeface) horizontal(glyph uint16) []byte {
	hmtx := t.tables["hmtx"]
	if int(glyph) < t.metrics {
		return hmtx[4*int(glyph):][:4]
	}
	last, begins := 4*(t.metrics-1), 4*t.metrics+2*(int(glyph)-t.metrics)
	return []byte{hmtx[last], hmtx[last+1], hmtx[begins], hmtx[begins+1]}
}

// components calls visit with the place, in the outline of a glyph that is made of others, of each number of such a glyph.
func components(outline []byte, visit func(at int)) {
	const (
		words, scaled, more, scaledXY, twoByTwo = 0x01, 0x08, 0x20, 0x40, 0x80
	)
	if len(outline) < 10 || int16(u16(outline, 0)) >= 0 {
		return
	}
	for at := 10; ; {
		flags := u16(outline, at)
		visit(at + 2)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scaled != 0:
			at += 2
		case flags&scaledXY != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

func u16(b []byte, at int) uint16 { return binary.BigEndian.Uint16(b[at:]) }
func u32(b []byte, at int) uint32 { return binary.BigEndian.Uint32(b[at:]) }

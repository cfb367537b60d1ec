package document

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
	"github.com/jung-kurt/gofpdf"
)

// family is the name under which gofpdf knows our font.
const family = "dejavu"

// style of the family, in gofpdf's terms.
type style string

const (
	regular style = ""
	bold    style = "B"
)

// scripts are the ranges of Unicode that documents can print, if the font has the
// sign: the scripts of names that need no more than the joining of Arabic letters and
// a right-to-left order. gofpdf parses the font again for every document, so the rest
// of DejaVu (mathematics, arrows, braille) is left out: a quarter of the bytes, a third
// less time for every document.
var scripts = [][2]rune{
	{0x0020, 0x007e}, // Basic Latin
	{0x00a0, 0x036f}, // Latin of Europe, Africa and Vietnam, phonetic signs, combining marks
	{0x0370, 0x052f}, // Greek, Cyrillic
	{0x0531, 0x058f}, // Armenian
	{0x0591, 0x05f4}, // Hebrew
	{0x060c, 0x06ff}, // Arabic
	{0x10a0, 0x10ff}, // Georgian
	{0x1d00, 0x1fff}, // more of Latin (Vietnamese), Greek with accents
	{0x2010, 0x2044}, // dashes, quotes
	{0x2070, 0x20bf}, // superscripts, currencies
	{0x2100, 0x214f}, // n°, ™
	{0x2190, 0x2193}, // arrows
	{0x2212, 0x2212}, // the minus sign of amounts
	{0x25a1, 0x25a1}, // the sign in place of what cannot be printed
	{0x25cb, 0x25cf}, // circles
	{0x2c60, 0x2c7f}, // Latin of minority languages
	{0x2d30, 0x2d7f}, // Tifinagh
	{0xfb00, 0xfdff}, // ligatures, forms of Hebrew and Arabic letters
	{0xfe70, 0xfefc}, // forms of Arabic letters
}

// fonts are DejaVu Sans Condensed and its bold, cut to scripts, and the set of runes
// that both can draw. Immutable after loadFonts.
type fonts struct {
	regular, bold []byte
	has           runeSet
}

func loadFonts() (*fonts, error) {
	return cutFonts(dejavusanscondensed.TTF, dejavusanscondensedbold.TTF)
}

// cutFonts takes the two whole fonts. gofpdf panics on a font that is not one.
func cutFonts(regularTTF, boldTTF []byte) (f *fonts, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("the font cannot be read: %v", r)
		}
	}()
	inRegular, err := coverage(regularTTF)
	if err != nil {
		return nil, err
	}
	inBold, err := coverage(boldTTF)
	if err != nil {
		return nil, err
	}
	f = &fonts{}
	var kept []rune
	for _, script := range scripts {
		for r := script[0]; r <= script[1]; r++ {
			if inRegular.contains(r) && inBold.contains(r) {
				f.has.add(r)
				kept = append(kept, r)
			}
		}
	}
	if !f.has.contains(replacement) {
		return nil, errors.New("the font lacks the sign for what cannot be printed")
	}
	// Cloned: gofpdf writes into the bytes it reads (measured), and these are shared by
	// the whole process.
	f.regular = gofpdf.UTF8CutFont(bytes.Clone(regularTTF), string(kept))
	f.bold = gofpdf.UTF8CutFont(bytes.Clone(boldTTF), string(kept))
	return f, nil
}

// register gives a document its own copy of the fonts, which gofpdf will write into.
func (f *fonts) register(pdf *gofpdf.Fpdf) {
	pdf.AddUTF8FontFromBytes(family, string(regular), bytes.Clone(f.regular))
	pdf.AddUTF8FontFromBytes(family, string(bold), bytes.Clone(f.bold))
}

// runeSet is a set of runes below U+10000, all that gofpdf can draw.
type runeSet [0x10000 / 64]uint64

func (s *runeSet) add(r rune) { s[r/64] |= 1 << (r % 64) }

func (s *runeSet) contains(r rune) bool {
	return r >= 0 && r < 0x10000 && s[r/64]&(1<<(r%64)) != 0
}

// coverage reads which runes a TrueType font maps to a glyph, from the format 4
// subtable of its cmap (OpenType specification, "cmap"). gofpdf has no way to ask.
func coverage(ttf []byte) (*runeSet, error) {
	cmap, err := fontTable(ttf, "cmap")
	if err != nil {
		return nil, err
	}
	u16 := func(at int) rune { return rune(binary.BigEndian.Uint16(cmap[at:])) }
	for i := range int(u16(2)) {
		record := 4 + 8*i
		sub := int(binary.BigEndian.Uint32(cmap[record+4:]))
		if platform := u16(record); platform != 0 && platform != 3 || u16(sub) != 4 {
			continue
		}
		set := &runeSet{}
		segments := int(u16(sub+6)) / 2
		ends := sub + 14
		starts := ends + 2*segments + 2
		deltas := starts + 2*segments
		offsets := deltas + 2*segments
		for s := range segments {
			first := u16(starts + 2*s)
			for r := first; r <= u16(ends+2*s) && r != 0xffff; r++ {
				glyph := r + u16(deltas+2*s)
				if offset := int(u16(offsets + 2*s)); offset != 0 {
					glyph = u16(offsets + 2*s + offset + 2*int(r-first))
				}
				if glyph&0xffff != 0 {
					set.add(r)
				}
			}
		}
		return set, nil
	}
	return nil, errors.New("the font has no Unicode map of format 4")
}

// fontTable returns one table of a TrueType font, from its start to the end of the file.
func fontTable(ttf []byte, tag string) ([]byte, error) {
	if len(ttf) < 12 {
		return nil, errors.New("not a TrueType font")
	}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		record := ttf[12+16*i:]
		if string(record[:4]) == tag {
			return ttf[binary.BigEndian.Uint32(record[8:]):], nil
		}
	}
	return nil, fmt.Errorf("the font has no table %q", tag)
}

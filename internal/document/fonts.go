package document

import (
	"errors"
	"fmt"

	"github.com/go-fonts/dejavu/dejavusanscondensed"
	"github.com/go-fonts/dejavu/dejavusanscondensedbold"
)

// style of our typeface, in gofpdf's terms.
type style string

const (
	regular style = ""
	bold    style = "B"
)

// standIn is the typeface that gofpdf believes to draw with: one of those that every reader of PDF files has, so that the
// library neither reads nor writes a font. With ours it would read it again for every style of every document and write a
// map of 128 KB for each, which was half of the time of a sheet and most of its memory. We measure and encode texts
// ourselves, and complete puts our font in the place of the stand-in.
const standIn = "helvetica"

// scripts are the ranges of Unicode that documents can print, if the font has the
// sign: the scripts of names that need no more than the joining of Arabic letters and
// a right-to-left order. The rest of DejaVu (mathematics, N'Ko, Lao, braille) is either no
// part of a name or would be drawn wrongly.
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

// fonts are DejaVu Sans Condensed and its bold, and the set of runes of scripts that both can draw. Immutable after readFonts.
type fonts struct {
	faces map[style]*typeface
	has   runeSet
}

func loadFonts() (*fonts, error) {
	return readFonts(dejavusanscondensed.TTF, dejavusanscondensedbold.TTF)
}

// readFonts takes the two whole fonts, and never writes to them.
func readFonts(regularTTF, boldTTF []byte) (f *fonts, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("the font cannot be read: %v", r)
		}
	}()
	inRegular, err := readTypeface("DejaVuSansCondensed", regularTTF)
	if err != nil {
		return nil, err
	}
	inBold, err := readTypeface("DejaVuSansCondensed-Bold", boldTTF)
	if err != nil {
		return nil, err
	}
	f = &fonts{faces: map[style]*typeface{regular: inRegular, bold: inBold}}
	for _, script := range scripts {
		for r := script[0]; r <= script[1]; r++ {
			if inRegular.glyphs[r] != 0 && inBold.glyphs[r] != 0 {
				f.has.add(r)
			}
		}
	}
	if !f.has.contains(replacement) {
		return nil, errors.New("the font lacks the sign for what cannot be printed")
	}
	return f, nil
}

// runeSet is a set of runes below U+10000, all that the fonts know.
type runeSet [0x10000 / 64]uint64

func (s *runeSet) add(r rune) { s[r/64] |= 1 << (r % 64) }

func (s *runeSet) contains(r rune) bool {
	return r >= 0 && r < 0x10000 && s[r/64]&(1<<(r%64)) != 0
}

package document

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"unicode/utf16"
)

// subset is what one document uses of a typeface. Its codes are the glyphs of the font that goes into the file, numbered in
// the order in which they were first drawn; 0 is the one that stands for none.
type subset struct {
	*typeface
	runes []rune // runes[i] has the code i+1
	codes map[rune]uint16
}

func (t *typeface) subset() *subset { return &subset{typeface: t, codes: map[rune]uint16{}} }

// encode returns the codes of a clean text, two bytes each.
func (s *subset) encode(text string) string {
	b := make([]byte, 0, 2*len(text))
	for _, r := range text {
		code, known := s.codes[r]
		if !known {
			s.runes = append(s.runes, r)
			code = uint16(len(s.runes))
			s.codes[r] = code
		}
		b = binary.BigEndian.AppendUint16(b, code)
	}
	return string(b)
}

// tagged is the name of the font in the file, which must differ where the glyphs do: six letters and that of the typeface.
func (s *subset) tagged() string {
	sum := crc32.ChecksumIEEE([]byte(string(s.runes)))
	var tag [6]byte
	for i := range tag {
		tag[i] = 'A' + byte(sum%26)
		sum /= 26
	}
	return string(tag[:]) + "+" + s.name
}

// ttf makes the font of the glyphs in use, with the tables that a PDF file needs (ISO 32000-1, 9.9) and no more.
func (s *subset) ttf() []byte {
	glyphs := []uint16{0} // by their number in the new font, that in the old one
	for _, r := range s.runes {
		glyphs = append(glyphs, s.glyphs[r])
	}
	parts := map[uint16]uint16{} // of glyphs that are in use only inside others: old number, new number
	var glyf, loca, hmtx []byte
	for i := 0; i < len(glyphs); i++ { // glyphs grows
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		hmtx = append(hmtx, s.horizontal(glyphs[i])...)
		start := len(glyf)
		glyf = append(glyf, s.outline(glyphs[i])...)
		components(glyf[start:], func(at int) {
			old := u16(glyf, start+at)
			if _, known := parts[old]; !known {
				parts[old] = uint16(len(glyphs))
				glyphs = append(glyphs, old)
			}
			binary.BigEndian.PutUint16(glyf[start+at:], parts[old])
		})
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	head, hhea, maxp := bytes.Clone(s.tables["head"]), bytes.Clone(s.tables["hhea"]), bytes.Clone(s.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0) // the sum of the whole, see sfnt
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(glyphs)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(glyphs)))
	return sfnt(map[string][]byte{
		"cvt ": s.tables["cvt "], "fpgm": s.tables["fpgm"], "prep": s.tables["prep"], // how it looks at small sizes
		"glyf": glyf, "head": head, "hhea": hhea, "hmtx": hmtx, "loca": loca, "maxp": maxp,
	})
}

// sfnt puts tables together to a font.
func sfnt(tables map[string][]byte) []byte {
	tags := slices.Sorted(maps.Keys(tables))
	steps, power := 0, 1 // for those who search the directory by halves
	for ; 2*power <= len(tags); power *= 2 {
		steps++
	}
	var directory, body []byte
	for _, n := range []int{0x0001, 0x0000, len(tags), 16 * power, steps, 16 * (len(tags) - power)} {
		directory = binary.BigEndian.AppendUint16(directory, uint16(n))
	}
	start, head := len(directory)+16*len(tags), 0
	for _, tag := range tags {
		if tag == "head" {
			head = start + len(body)
		}
		directory = append(directory, tag...)
		directory = binary.BigEndian.AppendUint32(directory, sum(tables[tag]))
		directory = binary.BigEndian.AppendUint32(directory, uint32(start+len(body)))
		directory = binary.BigEndian.AppendUint32(directory, uint32(len(tables[tag])))
		body = append(body, tables[tag]...)
		body = append(body, make([]byte, -len(body)&3)...)
	}
	font := append(directory, body...)
	binary.BigEndian.PutUint32(font[head+8:], 0xb1b0afba-sum(font))
	return font
}

// sum of a table as 32-bit numbers, the last filled up with zeros.
func sum(table []byte) (sum uint32) {
	for ; len(table) >= 4; table = table[4:] {
		sum += u32(table, 0)
	}
	return sum + u32(append(bytes.Clone(table), 0, 0, 0, 0), 0)
}

// objects are the five of a composite font (ISO 32000-1, 9.7): the font itself, which gets the number first, and those that
// it refers to, which get the numbers from next on.
func (s *subset) objects(next int) []object {
	widths := make([]string, 0, len(s.runes)+1)
	widths = append(widths, fmt.Sprint(s.advance(0)))
	for _, r := range s.runes {
		widths = append(widths, fmt.Sprint(s.advance(s.glyphs[r])))
	}
	head, hhea := s.tables["head"], s.tables["hhea"]
	units := func(table []byte, at int) int { return s.scale(int(int16(u16(table, at)))) }
	font := s.ttf()
	return []object{
		{dict: fmt.Sprintf("/Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R",
			s.tagged(), next, next+3)},
		{dict: fmt.Sprintf("/Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> "+
			"/FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW %s /W [0 [%s]]", s.tagged(), next+1, widths[0], strings.Join(widths, " "))},
		{dict: fmt.Sprintf("/Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d "+
			"/CapHeight %d /StemV %d /FontFile2 %d 0 R", s.tagged(), units(head, 36), units(head, 38), units(head, 40), units(head, 42),
			units(hhea, 4), units(hhea, 6), units(s.outline(s.glyphs['H']), 8), stem(int(u16(s.tables["OS/2"], 4))), next+2)},
		{dict: fmt.Sprintf("/Length1 %d", len(font)), stream: font},
		{stream: s.toUnicode()},
	}
}

// stem guesses the width of a stem from the weight of a font, 400 or 700, as gofpdf and its kin do; no TrueType font tells.
func stem(weight int) int { return 50 + weight*weight/(65*65) }

// toUnicode maps the codes back to what people read, so that searching and copying find a name as it was typed: also where
// Arabic letters were drawn in the form of their place in the word.
func (s *subset) toUnicode() []byte {
	plain := arabicTables().plain
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	code := 0
	for block := range slices.Chunk(s.runes, 100) { // no more are allowed in one block
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for _, r := range block {
			letters := plain[r]
			if letters == "" {
				letters = string(r)
			}
			code++
			fmt.Fprintf(&b, "<%04X> <", code)
			for _, unit := range utf16.Encode([]rune(letters)) {
				fmt.Fprintf(&b, "%04X", unit)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend")
	return b.Bytes()
}

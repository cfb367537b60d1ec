package document

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// replacement stands for each sign that cannot be printed: a box one can write into.
const replacement = '□'

// clean makes s safe to draw, in the order in which people read it, and reports
// whether a sign had to be replaced. It never drops a visible sign:
//
//   - bytes that are not UTF-8 become the box;
//   - accents are composed (NFC), since alone they stand beside their letter; an
//     accent that composes with nothing stays, the font draws it over the letter before;
//   - Arabic letters take the form of their place in the word;
//   - a letter the font lacks becomes its plain equivalent if there is one (𝐙 → Z), else
//     the box, one for each sign as people count them: an emoji with its skin colour is
//     one, a letter with its vowel signs too;
//   - line ends become "\n", other white space one ordinary or no-break space;
//   - signs without a picture go: joiners, and the controls of direction with which a
//     text could show something else than it says.
func (f *fonts) clean(s string) (text string, replaced bool) {
	s = norm.NFC.String(strings.ReplaceAll(s, "\r\n", "\n"))
	var b strings.Builder
	b.Grow(len(s))
	last := ' '     // the last rune written
	joined := false // the rune before was a zero width joiner
	for _, r := range f.join([]rune(s)) {
		afterJoiner := joined
		joined = r == zeroWidthJoiner
		switch {
		case isLineEnd(r):
			r = '\n'
		case r == '\u00a0' || r == '\u202f': // both are in the font, neither may break
		case unicode.IsSpace(r):
			r = ' '
		case isInvisible(r):
			continue
		case f.has.contains(r) && r != replacement:
		default:
			if plain := norm.NFKD.String(string(r)); f.hasAll(plain) {
				plain = norm.NFC.String(plain)
				b.WriteString(plain)
				last, _ = utf8.DecodeLastRuneInString(plain)
				continue
			}
			partOfSign := unicode.Is(unicode.M, r) || isSkinColour(r) || afterJoiner
			if partOfSign && last == replacement {
				continue
			}
			r, replaced = replacement, true
		}
		if (r == ' ' || r == '\n') && (last == ' ' || last == '\n') {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	text = strings.TrimRight(b.String(), " \n")
	if !norm.NFC.IsNormalString(text) { // what was left out stood between a letter and its accents, or was no UTF-8
		again, more := f.clean(text)
		return again, replaced || more
	}
	return text, replaced
}

// hasAll reports whether plain, which came from decomposing one sign, can be drawn.
func (f *fonts) hasAll(plain string) bool {
	for _, r := range norm.NFC.String(plain) {
		if !f.has.contains(r) || r == replacement {
			return false
		}
	}
	return true
}

func isLineEnd(r rune) bool {
	return r == '\n' || r == '\r' || r == '\v' || r == '\f' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// isInvisible reports signs that have no picture of their own: format controls, among
// them those of direction (SEC-43), and variation selectors.
func isInvisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || r == '\u034f'
}

// isSkinColour reports the modifiers that colour the emoji before them.
func isSkinColour(r rune) bool { return r >= 0x1f3fb && r <= 0x1f3ff }

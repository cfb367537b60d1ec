package document

import (
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
	tatweel            = 'ـ' // the stroke that lengthens a word; joins on both sides
	lam                = 'ل'
)

// letterForms are the pictures of one Arabic letter by its neighbours: alone, after,
// before, between. Letters that never join the next one have the first two only.
type letterForms []rune

const (
	alone = iota
	after
	before
	between
)

// joinsNext reports whether the letter reaches to the one that follows it.
func (l letterForms) joinsNext() bool { return len(l) == 4 }

// joinsPrevious reports whether the letter takes a stroke from the one before it.
func (l letterForms) joinsPrevious() bool { return len(l) >= 2 }

// arabicTables tells the forms of each letter, those of lam with each alef, and the
// way back from a form to its letters. Unicode gives them in a fixed order (alone,
// after, before, between) in its two blocks of presentation forms, and its
// compatibility decomposition tells the letter; so no table is typed here.
var arabicTables = sync.OnceValue(func() (t struct {
	letters, lamAlef map[rune]letterForms
	plain            map[rune]string
}) {
	t.letters, t.lamAlef = map[rune]letterForms{}, map[rune]letterForms{}
	t.plain = map[rune]string{}
	for _, block := range [][2]rune{{0xfe80, 0xfefc}, {0xfb50, 0xfbff}} {
		for form := block[0]; form <= block[1]; form++ {
			plain := norm.NFKC.String(string(form))
			letters := []rune(plain)
			switch {
			case letters[0] == form: // not a presentation form
			case len(letters) == 1:
				t.letters[letters[0]] = append(t.letters[letters[0]], form)
				t.plain[form] = plain
			case len(letters) == 2 && form >= 0xfef5: // lam and alef are written as one
				t.lamAlef[letters[1]] = append(t.lamAlef[letters[1]], form)
				// Two letters from one form come back in the wrong order in some readers
				// (poppler turns them round with the line); all know the form itself.
				t.plain[form] = string(form)
			}
		}
	}
	return t
})

// join gives Arabic letters the form of their place in the word, in reading order.
// Other text comes back as it is, without a copy.
func (f *fonts) join(text []rune) []rune {
	first := 0
	for first < len(text) && !unicode.Is(unicode.Arabic, text[first]) {
		first++
	}
	if first == len(text) {
		return text
	}
	tables := arabicTables()
	out := make([]rune, 0, len(text))
	for i := 0; i < len(text); i++ {
		r := text[i]
		forms, width := tables.letters[r], 1
		if r == lam && i+1 < len(text) && tables.lamAlef[text[i+1]] != nil {
			forms, width = tables.lamAlef[text[i+1]], 2
		}
		if forms == nil {
			out = append(out, r)
			continue
		}
		fromPrevious := forms.joinsPrevious() && joinsNext(neighbour(text, i-1, -1))
		toNext := forms.joinsNext() && joinsPrevious(neighbour(text, i+width, +1))
		form := alone
		switch {
		case fromPrevious && toNext:
			form = between
		case fromPrevious:
			form = after
		case toNext:
			form = before
		}
		if !f.has.contains(forms[form]) {
			out = append(out, text[i:i+width]...)
		} else {
			out = append(out, forms[form])
		}
		i += width - 1
	}
	return out
}

// neighbour returns the rune at i, or beyond the vowel signs there in the given
// direction; a zero width non-joiner at the end of the text.
func neighbour(text []rune, i, step int) rune {
	for ; i >= 0 && i < len(text); i += step {
		if !unicode.Is(unicode.Mn, text[i]) {
			return text[i]
		}
	}
	return zeroWidthNonJoiner
}

func joinsNext(r rune) bool {
	return r == tatweel || r == zeroWidthJoiner || arabicTables().letters[r].joinsNext()
}

func joinsPrevious(r rune) bool {
	return r == tatweel || r == zeroWidthJoiner || arabicTables().letters[r].joinsPrevious()
}

// visual puts one clean line into the order of the paper, left to right, since gofpdf
// draws runes in the order it gets them. The line is one of a document in French: it
// runs to the right, and what runs to the left in it is turned round where it stands.
func visual(line string) string {
	if !strings.ContainsFunc(line, runsLeft) {
		return line
	}
	var paragraph bidi.Paragraph
	// The mark makes the line run to the right even if its first letter does not.
	if _, err := paragraph.SetString(leftToRightMark + line); err != nil {
		return line
	}
	order, err := paragraph.Order()
	if err != nil {
		return line
	}
	var out []rune
	for i := range order.NumRuns() {
		run := order.Run(i)
		text := []rune(run.String())
		if run.Direction() == bidi.RightToLeft {
			text = backwards(text)
		}
		out = append(out, text...)
	}
	return strings.TrimPrefix(string(out), leftToRightMark)
}

const leftToRightMark = "\u200e"

func runsLeft(r rune) bool {
	properties, _ := bidi.LookupRune(r)
	return properties.Class() == bidi.R || properties.Class() == bidi.AL
}

// backwards reverses a right-to-left run: brackets are mirrored, and accents and vowel
// signs stay behind their letter, where the font draws them over it.
func backwards(text []rune) []rune {
	mirrored := []rune(bidi.ReverseString(string(text)))
	for i := 0; i < len(mirrored); i++ {
		if !unicode.Is(unicode.Mn, mirrored[i]) {
			continue
		}
		end := i
		for end < len(mirrored) && unicode.Is(unicode.Mn, mirrored[end]) {
			end++
		}
		if end < len(mirrored) { // the letter of these signs now comes after them
			letter := mirrored[end]
			copy(mirrored[i+1:end+1], mirrored[i:end])
			mirrored[i] = letter
		}
		i = end
	}
	return mirrored
}

package words

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The spaces at which a line never breaks.
const (
	noBreak     = "\u00a0" // full width
	thinNoBreak = "\u202f" // narrow: before ; ! ? and % and between thousands
)

var spacing = strings.NewReplacer(
	"« ", "«"+noBreak,
	" »", noBreak+"»",
	" :", noBreak+":",
	" ;", thinNoBreak+";",
	" !", thinNoBreak+"!",
	" ?", thinNoBreak+"?",
	" %", thinNoBreak+"%",
	" €", noBreak+"€",
	" – ", noBreak+"– ", // a line does not begin with a dash
	"n° ", "n°"+noBreak,
)

var (
	// A number, or a placeholder for one, stays with its unit: 14 h, {0} ans, 30 min.
	beforeUnit = regexp.MustCompile(`([0-9}]) (h|min|ans?|km|m)\b`)
	// Minutes stay with their hour, days with their month.
	afterHour   = regexp.MustCompile(`([0-9}]` + noBreak + `h) ([0-9]{2})\b`)
	beforeMonth = regexp.MustCompile(`\b([0-9]{1,2}|1er) (janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre)`)
)

// typeset turns the ordinary spaces of a French text into no-break ones wherever a
// line must not end, as the Imprimerie nationale does. It works on texts of the
// catalogue, never on what people typed.
func typeset(text string) string {
	text = spacing.Replace(text)
	text = beforeUnit.ReplaceAllString(text, "${1}"+noBreak+"${2}")
	text = afterHour.ReplaceAllString(text, "${1}"+noBreak+"${2}")
	return beforeMonth.ReplaceAllString(text, "${1}"+noBreak+"${2}")
}

// vowelMark stands before an argument that begins with a vowel, between markVowel and elide. Nobody types it.
const vowelMark = "\x00"

// markVowel marks an argument before which « de » and « que » are elided. An h or a y may be said either way (Hélène, Hugo; Yves, Yasmine),
// and is left alone.
func markVowel(argument string) string {
	for _, letter := range norm.NFD.String(argument[:min(len(argument), 8)]) {
		if strings.ContainsRune("aeiouœæ", unicode.ToLower(letter)) {
			return vowelMark + argument
		}
		break
	}
	return argument
}

var elided = regexp.MustCompile(`(^|\PL)([Dd]|(?:jus|lors|puis)?[Qq]u)e ` + vowelMark)

// elide writes « d'Élie » and « qu'Élie »: no text knows how its argument begins.
func elide(text string) string {
	if !strings.Contains(text, vowelMark) {
		return text
	}
	return strings.ReplaceAll(elided.ReplaceAllString(text, "$1$2'"), vowelMark, "")
}

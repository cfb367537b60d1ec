package words

import (
	"fmt"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/ar"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en"
	"github.com/go-playground/locales/es"
	"github.com/go-playground/locales/fr"
	"github.com/go-playground/locales/it"
	"github.com/go-playground/locales/pt"
	"github.com/go-playground/locales/ro"
	"github.com/go-playground/locales/tr"
	"github.com/go-playground/locales/uk"
)

// localeOf has the plural rules and the names of days and months of each language that may have texts: those that
// families around Lyon, Lille and Paris speak most, so that adding one needs no Go.
var localeOf = map[Lang]func() locales.Translator{
	French: fr.New, English: en.New, "ar": ar.New, "de": de.New, "es": es.New, "it": it.New, "pt": pt.New, "ro": ro.New, "tr": tr.New, "uk": uk.New,
}

// style is how a language writes what no text of the catalogue says.
type style struct {
	// typeset prepares the texts of the catalogue, never what people typed.
	typeset func(text string) string
	// before prepares an argument for what stands before it in a text, and joined brings both together.
	before, joined func(text string) string
	// space joins a day to its month; first is the first day of a month.
	space, first string
	hour         func(hour, minute int) string
	// thousands and point part the digits of a number.
	thousands, point string
	// euros puts the sign beside a number without one of its own; cents tells whether whole euros show theirs.
	euros func(number string) string
	cents bool
	// ordinal writes the rank n, given its number.
	ordinal func(n int, number string) string
}

// styleOf is the style of a language: its own, or a plain one around what its locale says.
func styleOf(lang Lang, locale locales.Translator) style {
	if s, ok := styles[lang]; ok {
		return s
	}
	const sample = 1234567.5
	written := []rune(locale.FmtNumber(sample, 1)) // such as 1.234.567,5
	return style{
		typeset: asIs, before: asIs, joined: asIs, space: " ", first: "1",
		hour:      func(hour, minute int) string { return fmt.Sprintf("%02d:%02d", hour, minute) },
		thousands: string(written[1]), point: string(written[len(written)-2]),
		euros:   func(number string) string { return number + noBreak + "€" },
		ordinal: func(_ int, number string) string { return number + "." },
	}
}

func asIs(text string) string { return text }

var styles = map[Lang]style{
	French: {
		typeset: typeset, before: markVowel, joined: elide, space: noBreak, first: "1er",
		hour: func(hour, minute int) string {
			if minute == 0 {
				return fmt.Sprintf("%d%sh", hour, noBreak)
			}
			return fmt.Sprintf("%d%sh%s%02d", hour, noBreak, noBreak, minute)
		},
		thousands: thinNoBreak, point: ",",
		euros: func(number string) string { return number + noBreak + "€" },
		// In the feminine, as of a place.
		ordinal: func(n int, number string) string {
			if n == 1 {
				return "1re"
			}
			return number + "e"
		},
	},
	English: {
		typeset: asIs, before: asIs, joined: asIs, space: " ", first: "1",
		hour:      func(hour, minute int) string { return fmt.Sprintf("%02d:%02d", hour, minute) },
		thousands: ",", point: ".",
		euros: func(number string) string { return "€" + number }, cents: true,
		ordinal: func(n int, number string) string {
			if tens := n % 100; tens < 11 || tens > 13 {
				switch n % 10 {
				case 1:
					return number + "st"
				case 2:
					return number + "nd"
				case 3:
					return number + "rd"
				}
			}
			return number + "th"
		},
	},
}

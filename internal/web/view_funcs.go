package web

import (
	"html/template"

	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// viewFuncs are the functions of every template. Those that give texts speak the
// language of p. None returns HTML: whatever they give is escaped.
func viewFuncs(p *words.Printer, assets *Assets) template.FuncMap {
	return template.FuncMap{
		"t":         p.T,
		"n":         p.N,
		"date":      p.Date,
		"day":       p.Day,
		"dateShort": p.DateShort,
		"dateHour":  p.DateHour,
		"hour":      p.Hour,
		"span":      p.Span,
		"duration":  p.Duration,
		"money":     p.Money,
		"number":    p.Number,
		"age":       p.Age,
		"list":      p.List,
		"ordinal":   p.Ordinal,

		// Papers are in French, and so is what a page shows of them: {{(french).T "…"}} inside lang="fr".
		"french": func() *words.Printer { return words.For(words.French) },

		"asset": assets.URL,
		// A path of the French pages, in the language of the page.
		"to": func(path string) string { return pathIn(p.Lang(), path) },

		"badge":  func(tone Tone, label string) Badge { return Badge{Tone: tone, Label: label} },
		"button": func(label string) Button { return Button{Label: label} },
		"link":   func(href, label string) Link { return Link{Href: href, Label: label} },
		"answer": func(label, value, changeHref string) Answer {
			return Answer{Label: label, Value: value, ChangeHref: changeHref}
		},
	}
}

package prose

import (
	"regexp"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// field is a named field. White space around the name is let through; a name is letters, digits and underscores, which
// Markdown leaves alone inside a word.
var field = regexp.MustCompile(`\{\{[ \t]*([\p{L}\p{N}_]*)[ \t]*\}\}`)

// brace finds what looks like a piece of a field.
var brace = regexp.MustCompile(`\{\{|\}\}`)

// Fields are the names of the fields of a text, each once, in the order in which they first occur.
func Fields(source string) []string {
	d, _ := Parse(source)
	var names []string
	d.eachRun(func(run Run) {
		if run.Field != "" && !slices.Contains(names, run.Field) {
			names = append(names, run.Field)
		}
	})
	return names
}

// Check returns all that keeps a text from being used: what Parse refuses, and each field that is not among known, with
// its name and its line.
func Check(source string, known []string) []Problem {
	_, problems := Parse(source)
	r := &reading{source: []byte(source)}
	for _, at := range field.FindAllSubmatchIndex(r.source, -1) {
		if name := string(r.source[at[2]:at[3]]); !slices.Contains(known, name) {
			problems = append(problems, Problem{r.line(at[0]), fault.Message{Key: "prose.unknown_field", Args: []any{name}}})
		}
	}
	slices.SortStableFunc(problems, byLine)
	return problems
}

// eachRun calls f for every run of the document.
func (d Document) eachRun(f func(Run)) {
	for _, block := range d {
		for _, run := range block.Text {
			f(run)
		}
		for _, item := range block.Items {
			for _, run := range item {
				f(run)
			}
		}
	}
}

// strayBraces names the lines with double braces that make no field: a name that is cut by emphasis, a space inside
// it, or a brace that was forgotten. They would be printed as they are.
func (r *reading) strayBraces() {
	rest := field.ReplaceAllFunc(r.source, func(found []byte) []byte {
		return slices.Repeat([]byte{' '}, len(found))
	})
	for _, at := range brace.FindAllIndex(rest, -1) {
		r.add(at[0], "prose.brace")
	}
}

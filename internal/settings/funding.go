package settings

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Funding is who pays for workshops: one of the kinds below, whose name on screen is the text school.funding.VALUE, or
// the name of one of the association's own. Whatever keeps one keeps this text, so that taking a kind off the list
// changes nothing of the past.
type Funding string

// The kinds that every organisation can be asked about.
const (
	OwnBudget     Funding = "own"
	PassCulture   Funding = "pass_culture"
	CiteEducative Funding = "cite_educative"
	Free          Funding = "free"
	UnknownYet    Funding = "unknown"
)

// Fundings lists every kind that can be chosen now, in the order in which people choose: the association's own (OwnFundings)
// stand before "nobody pays" and "unknown".
func Fundings(tx *sqlite.Tx) ([]Funding, error) {
	own, err := Get(tx, OwnFundings)
	if err != nil {
		return nil, err
	}
	all := []Funding{OwnBudget, PassCulture, CiteEducative}
	for name := range strings.Lines(own) {
		all = append(all, Funding(strings.TrimSpace(name)))
	}
	return append(all, Free, UnknownYet), nil
}

// maxName is how many characters one of Names may have: it stands in columns of tables and in lists of choices.
const maxName = 60

// checkNames cleans names, one a line: blank lines go, and one that stands there twice is refused.
func checkNames(value string) (string, fault.Message) {
	var names []string
	for line := range strings.Lines(value) {
		name := strings.Join(strings.Fields(line), " ")
		switch {
		case name == "":
			continue
		case utf8.RuneCountInString(name) > maxName:
			return "", fault.Message{Key: "settings.name_long", Args: []any{maxName}}
		case slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }):
			return "", fault.Message{Key: "settings.name_twice", Args: []any{name}}
		}
		names = append(names, name)
	}
	return strings.Join(names, "\n"), fault.Message{}
}

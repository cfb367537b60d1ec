package catalog

import (
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// checkFunding notes, by field funding, who pays for a session where they are nobody that the association can choose. What the
// session says at present stays possible after it has left the list.
func checkFunding(tx *sqlite.Tx, t typed, chosen, present string) error {
	if chosen == "" || chosen == present {
		return nil
	}
	fundings, err := settings.Fundings(tx)
	if err == nil && !slices.Contains(fundings, settings.Funding(chosen)) {
		t["funding"] = fault.Message{Key: "catalog.session.funding"}
	}
	return err
}

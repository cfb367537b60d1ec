package catalog

import (
	"context"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
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

const (
	sqlSetFunding = `UPDATE sessions SET funding = ?2, updated_at = ?3 WHERE id = ?1`
	sqlFactsStand = `SELECT EXISTS (SELECT 1 FROM closings WHERE session_id = ? AND reopened_at IS NULL)`
)

// SetFunding says who pays for a session, as settings.Funding; empty for nobody in particular. Unlike EditSession it does so after the start too: who pays is
// often decided when it is over. Once its register is closed its figures stand, with who paid: then it is Conflict "catalog.session.facts_stand", until somebody reopens it. A
// session called off or of a group request is Conflict; Invalid, field "funding", for a funder that is not in the list. Forbidden to all but staff.
func (c *Catalog) SetFunding(ctx context.Context, actor account.Actor, key account.FormKey, id int64, funding string) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		old, err := SessionTx(tx, id)
		if err != nil {
			return err
		}
		switch {
		case old.Status == Cancelled:
			return fault.New(fault.Conflict, "catalog.session.is_cancelled")
		case old.Private():
			return fault.New(fault.Conflict, "catalog.session.is_private")
		}
		var stand bool
		if err := tx.QueryRow(sqlFactsStand, id).Scan(&stand); err != nil {
			return err
		}
		if stand {
			return fault.New(fault.Conflict, "catalog.session.facts_stand")
		}
		t := typed{}
		if err := checkFunding(tx, t, funding, old.Funding); err != nil {
			return err
		}
		if err := t.invalid(); err != nil || funding == old.Funding {
			return err
		}
		if _, err := tx.Exec(sqlSetFunding, id, funding, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "session.edit", record("session", id), changes{"funding": {old.Funding, funding}}.details())
	})
}

package catalog

import (
	"context"
	"maps"
	"slices"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// mayManage refuses, as Forbidden, whoever may not run the programme.
func mayManage(actor account.Actor) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return nil
}

// create runs do once for a form key, in one transaction, and returns the id that it made:
// the same one when the form is sent again.
func (c *Catalog) create(ctx context.Context, key account.FormKey, do func(tx *sqlite.Tx) (int64, error)) (id int64, err error) {
	err = c.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		id, err = account.OnceID(tx, key, func() (int64, error) { return do(tx) })
		return err
	})
	return id, err
}

// change runs do once for a form key, in one transaction; sent again, the form changes nothing.
func (c *Catalog) change(ctx context.Context, key account.FormKey, do func(tx *sqlite.Tx) error) error {
	return c.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) { return "", do(tx) })
		return err
	})
}

// changes is what an edit may have changed: the old and the new value by name of field.
type changes map[string][2]any

// details keeps what differs, as the details of an audit line.
func (c changes) details() map[string]any {
	details := map[string]any{}
	for _, field := range slices.Sorted(maps.Keys(c)) {
		if pair := c[field]; pair[0] != pair[1] {
			details[field] = pair
		}
	}
	return details
}

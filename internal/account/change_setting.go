package account

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/settings"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// ChangeSetting stores what was typed for the setting called name and notes it in the
// audit. Only an actor that CanManage may: others get fault.Forbidden. An unknown name
// is fault.NotFound; a value outside the limits is fault.Invalid with the field name.
func ChangeSetting(ctx context.Context, db *sqlite.DB, actor Actor, name, typed string) error {
	return inWrite(ctx, db, func(tx *sqlite.Tx) error { return changeSetting(tx, actor, name, typed) })
}

func changeSetting(tx *sqlite.Tx, actor Actor, name, typed string) error {
	if !actor.CanManage() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	before, after, err := settings.Set(tx, name, typed)
	if err != nil || before == after {
		return err
	}
	return audit.Add(tx, actor.String(), "settings.set", "setting:"+name, map[string]any{"from": before, "to": after})
}

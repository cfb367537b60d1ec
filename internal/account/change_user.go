package account

import (
	"context"
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Every change below is a step of Office. It ends all sign-ins of the user at once, by raising sign_in_epoch
// (SEC-2), and needs an actor that CanAdminister: others get fault.Forbidden. An
// unknown id is fault.NotFound. Whoever would leave the team without an admin who can
// sign in gets fault.Conflict.

const sqlSetRole = `UPDATE users SET role = ?, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

func setRole(tx *sqlite.Tx, actor Actor, id int64, role Role) error {
	if !role.isKnown() {
		return fault.InvalidFields(map[string]fault.Message{"role": {Key: "account.role_wrong"}})
	}
	return change(tx, actor, id, func(u User) error {
		if u.Role == role {
			return nil
		}
		if _, err := tx.Exec(sqlSetRole, string(role), id); err != nil {
			return fmt.Errorf("account: role of user %d: %w", id, err)
		}
		return audit.Add(tx, actor.String(), "account.set_role", userRecord(id), map[string]any{"from": u.Role, "to": role})
	})
}

const sqlDisable = `UPDATE users SET disabled_at = ?, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

func disable(tx *sqlite.Tx, actor Actor, id int64) error {
	return change(tx, actor, id, func(u User) error {
		if u.Disabled() {
			return nil
		}
		if _, err := tx.Exec(sqlDisable, sqlite.Time(tx.Now()), id); err != nil {
			return fmt.Errorf("account: disable user %d: %w", id, err)
		}
		if err := endPasswordLinks(tx, id, "withdrawn"); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "account.disable", userRecord(id), nil)
	})
}

const sqlEnable = `UPDATE users SET disabled_at = NULL, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

func enable(tx *sqlite.Tx, actor Actor, id int64) error {
	return change(tx, actor, id, func(u User) error {
		if !u.Disabled() {
			return nil
		}
		if _, err := tx.Exec(sqlEnable, id); err != nil {
			return fmt.Errorf("account: enable user %d: %w", id, err)
		}
		return audit.Add(tx, actor.String(), "account.enable", userRecord(id), nil)
	})
}

// Who was invited and has chosen no password yet cannot sign in.
const sqlActiveAdmins = `SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL AND password_hash <> ''`

// change runs do on the user id, and refuses what leaves no admin where there was one.
func change(tx *sqlite.Tx, actor Actor, id int64, do func(User) error) error {
	if !actor.CanAdminister() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	u, err := FindUser(tx, id)
	if err != nil {
		return err
	}
	if err := do(u); err != nil {
		return err
	}
	if u.Role != Admin || u.Disabled() {
		return nil
	}
	var admins int
	if err := tx.QueryRow(sqlActiveAdmins).Scan(&admins); err != nil {
		return fmt.Errorf("account: count admins: %w", err)
	}
	if admins == 0 {
		return fault.New(fault.Conflict, "account.last_admin")
	}
	return nil
}

// inWrite runs one step in a transaction of its own.
func inWrite(ctx context.Context, db *sqlite.DB, do func(*sqlite.Tx) error) error {
	return db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error { return do(tx) })
}

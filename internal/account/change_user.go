package account

import (
	"context"
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Every change below ends all sign-ins of the user at once, by raising sign_in_epoch
// (SEC-2), and needs an actor that CanAdminister: others get fault.Forbidden. An
// unknown id is fault.NotFound. Whoever would leave the team without an admin who can
// sign in gets fault.Conflict.

const sqlSetRole = `UPDATE users SET role = ?, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

// SetRole gives the user id another role. The same role again changes nothing.
func SetRole(ctx context.Context, db *sqlite.DB, actor Actor, id int64, role Role) error {
	if !role.isKnown() {
		return fault.InvalidFields(map[string]fault.Message{"role": {Key: "account.role_wrong"}})
	}
	return change(ctx, db, actor, id, func(tx *sqlite.Tx, u User) error {
		if u.Role == role {
			return nil
		}
		if _, err := tx.Exec(sqlSetRole, string(role), id); err != nil {
			return fmt.Errorf("account: role of user %d: %w", id, err)
		}
		return audit.Add(tx, actor.String(), "account.set_role", userRecord(id), map[string]any{"from": u.Role, "to": role})
	})
}

const sqlSetPassword = `UPDATE users SET password_hash = ?, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

// SetPassword gives the user id another password; one that breaks the rules is
// fault.Invalid with the field password.
func SetPassword(ctx context.Context, db *sqlite.DB, actor Actor, id int64, password string) error {
	if !actor.CanAdminister() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	var u User
	err := db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		u, err = FindUser(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	if problem := passwordProblem(password, u.Email, u.Name); problem.Key != "" {
		return fault.InvalidFields(map[string]fault.Message{"password": problem})
	}
	hash, err := hashPassword(ctx, password)
	if err != nil {
		return err
	}
	return change(ctx, db, actor, id, func(tx *sqlite.Tx, _ User) error {
		if _, err := tx.Exec(sqlSetPassword, hash, id); err != nil {
			return fmt.Errorf("account: password of user %d: %w", id, err)
		}
		return audit.Add(tx, actor.String(), "account.set_password", userRecord(id), nil)
	})
}

const sqlDisable = `UPDATE users SET disabled_at = ?, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

// Disable keeps the user id from signing in, from this moment on. Twice is once.
func Disable(ctx context.Context, db *sqlite.DB, actor Actor, id int64) error {
	return change(ctx, db, actor, id, func(tx *sqlite.Tx, u User) error {
		if u.Disabled() {
			return nil
		}
		if _, err := tx.Exec(sqlDisable, sqlite.Time(tx.Now()), id); err != nil {
			return fmt.Errorf("account: disable user %d: %w", id, err)
		}
		return audit.Add(tx, actor.String(), "account.disable", userRecord(id), nil)
	})
}

const sqlEnable = `UPDATE users SET disabled_at = NULL, sign_in_epoch = sign_in_epoch + 1 WHERE id = ?`

// Enable lets the user id sign in again, with the password they had.
func Enable(ctx context.Context, db *sqlite.DB, actor Actor, id int64) error {
	return change(ctx, db, actor, id, func(tx *sqlite.Tx, u User) error {
		if !u.Disabled() {
			return nil
		}
		if _, err := tx.Exec(sqlEnable, id); err != nil {
			return fmt.Errorf("account: enable user %d: %w", id, err)
		}
		return audit.Add(tx, actor.String(), "account.enable", userRecord(id), nil)
	})
}

const sqlActiveAdmins = `SELECT count(*) FROM users WHERE role = 'admin' AND disabled_at IS NULL`

// change runs do on the user id in one transaction, and takes it back if it leaves no
// admin where there was one.
func change(ctx context.Context, db *sqlite.DB, actor Actor, id int64, do func(*sqlite.Tx, User) error) error {
	if !actor.CanAdminister() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	return db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		u, err := FindUser(tx, id)
		if err != nil {
			return err
		}
		if err := do(tx, u); err != nil {
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
	})
}

package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// NewUser is what is known of a user to add. Its fields are those of a fault.Invalid:
// email, name, phone, role, password.
type NewUser struct {
	Email    string
	Name     string // 1 to 100 characters
	Phone    string // optional, as typed
	Role     Role
	Password string
}

const sqlAddUser = `INSERT INTO users (email, email_folded, name, phone, role, password_hash, created_at)
	VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (email_folded) DO NOTHING
	RETURNING id`

// AddUser adds a user and returns their id. Only an actor that CanAdminister may:
// others get fault.Forbidden. What cannot be used is fault.Invalid by field, an e-mail
// address that a user (disabled or not) already has included.
func AddUser(ctx context.Context, db *sqlite.DB, actor Actor, n NewUser) (int64, error) {
	add, err := n.prepare(ctx, actor)
	if err != nil {
		return 0, err
	}
	var id int64
	err = db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		id, err = add(tx)
		return err
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// prepare checks n and hashes the password, which takes too long for a transaction, and returns the step
// that adds the user.
func (n NewUser) prepare(ctx context.Context, actor Actor) (add func(*sqlite.Tx) (int64, error), err error) {
	if !actor.CanAdminister() {
		return nil, fault.New(fault.Forbidden, "error.forbidden")
	}
	n.Email, n.Name, n.Phone = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name), strings.TrimSpace(n.Phone)
	if problems := n.problems(); len(problems) > 0 {
		return nil, fault.InvalidFields(problems)
	}
	hash, err := hashPassword(ctx, n.Password)
	if err != nil {
		return nil, err
	}
	return func(tx *sqlite.Tx) (id int64, err error) {
		err = tx.QueryRow(sqlAddUser, n.Email, FoldEmail(n.Email), n.Name, n.Phone, string(n.Role), hash, sqlite.Time(tx.Now())).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, fault.InvalidFields(map[string]fault.Message{"email": {Key: "account.email_taken"}})
		}
		if err != nil {
			return 0, fmt.Errorf("account: add user: %w", err)
		}
		return id, audit.Add(tx, actor.String(), "account.add_user", userRecord(id), map[string]any{"role": n.Role})
	}, nil
}

func (n NewUser) problems() map[string]fault.Message {
	problems := map[string]fault.Message{}
	if !IsEmail(n.Email) {
		problems["email"] = fault.Message{Key: "account.email_wrong"}
	}
	switch {
	case n.Name == "":
		problems["name"] = fault.Message{Key: "account.name_empty"}
	case !isOneLine(n.Name, 100):
		problems["name"] = fault.Message{Key: "account.name_wrong", Args: []any{100}}
	}
	if !isOneLine(n.Phone, 30) {
		problems["phone"] = fault.Message{Key: "account.phone_wrong", Args: []any{30}}
	}
	if !n.Role.isKnown() {
		problems["role"] = fault.Message{Key: "account.role_wrong"}
	}
	if problem := passwordProblem(n.Password, n.Email, n.Name); problem.Key != "" {
		problems["password"] = problem
	}
	return problems
}

// isOneLine reports whether s is printable text of at most longest characters.
func isOneLine(s string, longest int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest && !strings.ContainsFunc(s, unicode.IsControl)
}

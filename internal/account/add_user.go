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
	Password string // of AddUser; who is invited chooses their own
}

const sqlAddUser = `INSERT INTO users (email, email_folded, name, phone, role, password_hash, created_at)
	VALUES (?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (email_folded) DO NOTHING
	RETURNING id`

// AddUser adds a user with a password and returns their id: it is for the command line, which needs no mail. Only an actor
// that CanAdminister may: others get fault.Forbidden. What cannot be used is fault.Invalid by field, an e-mail address that a
// user (disabled or not) already has included.
func AddUser(ctx context.Context, db *sqlite.DB, actor Actor, n NewUser) (id int64, err error) {
	if err := n.check(actor, true); err != nil {
		return 0, err
	}
	hash, err := hashPassword(ctx, n.Password)
	if err != nil {
		return 0, err
	}
	err = inWrite(ctx, db, func(tx *sqlite.Tx) error {
		if id, err = n.insert(tx, hash); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "account.add_user", userRecord(id), map[string]any{"role": n.Role})
	})
	if err != nil {
		return 0, err
	}
	return id, nil
}

// check cleans n and says what cannot be used.
func (n *NewUser) check(actor Actor, withPassword bool) error {
	if !actor.CanAdminister() {
		return fault.New(fault.Forbidden, "error.forbidden")
	}
	n.Email, n.Name, n.Phone = strings.TrimSpace(n.Email), strings.TrimSpace(n.Name), strings.TrimSpace(n.Phone)
	problems := n.problems()
	if withPassword {
		if problem := passwordProblem(n.Password, n.Email, n.Name); problem.Key != "" {
			problems["password"] = problem
		}
	}
	if len(problems) > 0 {
		return fault.InvalidFields(problems)
	}
	return nil
}

// insert adds the user; hash is empty for somebody who is yet to choose a password.
func (n NewUser) insert(tx *sqlite.Tx, hash string) (id int64, err error) {
	err = tx.QueryRow(sqlAddUser, n.Email, FoldEmail(n.Email), n.Name, n.Phone, string(n.Role), hash, sqlite.Time(tx.Now())).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.InvalidFields(map[string]fault.Message{"email": {Key: "account.email_taken"}})
	}
	if err != nil {
		return 0, fmt.Errorf("account: add user: %w", err)
	}
	return id, nil
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
	if n.Phone != "" && (!IsPhone(n.Phone) || !isOneLine(n.Phone, 30)) {
		problems["phone"] = fault.Message{Key: "account.phone_wrong"}
	}
	if !n.Role.isKnown() {
		problems["role"] = fault.Message{Key: "account.role_wrong"}
	}
	return problems
}

// isOneLine reports whether s is printable text of at most longest characters.
func isOneLine(s string, longest int) bool {
	return utf8.ValidString(s) && utf8.RuneCountInString(s) <= longest && !strings.ContainsFunc(s, unicode.IsControl)
}

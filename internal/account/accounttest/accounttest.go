// Package accounttest gives tests members of the team who cost them nothing: the hash of a real password takes 19 MiB and 25 ms,
// four times as long under the race detector, and a test needs one for whoever it adds and at each of their sign-ins.
package accounttest

import (
	"context"
	"testing"

	"github.com/alexedwards/argon2id"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// cheap is the least that argon2 takes. What a hash costs is written in it, so that signing in costs as little.
var cheap = &argon2id.Params{Memory: 8, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

const sqlAddUser = `INSERT INTO users (email, email_folded, name, phone, role, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)`

// AddUser leaves what account.AddUser leaves for the command line, and returns the id: somebody who signs in with n.Password. It checks nothing of n.
func AddUser(t testing.TB, db *sqlite.DB, n account.NewUser) (id int64) {
	t.Helper()
	hash, err := argon2id.CreateHash(n.Password, cheap)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		res, err := tx.Exec(sqlAddUser, n.Email, account.FoldEmail(n.Email), n.Name, n.Phone, string(n.Role), hash, sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		if id, err = res.LastInsertId(); err != nil {
			return err
		}
		who := account.Actor{Kind: account.KindUser, ID: id}
		return audit.Add(tx, account.Command().String(), "account.add_user", who.String(), map[string]any{"role": n.Role})
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

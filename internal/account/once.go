package account

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

const (
	sqlUsedKey = `SELECT body_hash, result FROM form_keys WHERE nonce = ?`
	sqlUseKey  = `INSERT INTO form_keys (nonce, body_hash, result, expires_at) VALUES (?, ?, ?, ?)`
)

// Once does what a form asks for exactly once (I4). The first time it runs do and keeps
// its result, a short text such as a reference, under key. When the same form comes
// again it returns that result, with repeated true, and do is not run. The same key
// with another body is fault.Conflict "error.form_reused"; FirstResult tells what came
// of the first.
//
// Everything happens in the caller's transaction: if do fails, the caller returns the
// error, the transaction rolls back and the key is as good as new.
func Once(tx *sqlite.Tx, key FormKey, do func() (result string, err error)) (result string, repeated bool, err error) {
	var body []byte
	switch err := tx.QueryRow(sqlUsedKey, key.Nonce).Scan(&body, &result); {
	case err == nil && bytes.Equal(body, key.body[:]):
		return result, true, nil
	case err == nil:
		return "", false, fault.Wrap(&reusedKey{result}, fault.Conflict, "error.form_reused")
	case !errors.Is(err, sql.ErrNoRows):
		return "", false, fmt.Errorf("account: look form key up: %w", err)
	}
	if result, err = do(); err != nil {
		return "", false, err
	}
	if _, err := tx.Exec(sqlUseKey, key.Nonce, key.body[:], result, sqlite.Time(key.Expires)); err != nil {
		return "", false, fmt.Errorf("account: use form key up: %w", err)
	}
	return result, false, nil
}

// OnceID is Once for what makes a row: its result is the id of the row.
func OnceID(tx *sqlite.Tx, key FormKey, do func() (int64, error)) (id int64, err error) {
	result, _, err := Once(tx, key, func() (string, error) {
		made, err := do()
		return strconv.FormatInt(made, 10), err
	})
	if err != nil {
		return 0, err
	}
	return strconv.ParseInt(result, 10, 64)
}

// reusedKey is the cause of "error.form_reused".
type reusedKey struct{ first string }

func (*reusedKey) Error() string { return "form key used with another body" }

// FirstResult returns the result of the first form where err is that of a second one
// with the same key and another body, so that its page can show it.
func FirstResult(err error) (string, bool) {
	r, ok := errors.AsType[*reusedKey](err)
	if !ok {
		return "", false
	}
	return r.first, true
}

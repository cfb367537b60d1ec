package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// signInStore keeps sign-ins for scs in the table sign_ins. scs gives it the SHA-256
// of a token, never the token (HashTokenInStore).
type signInStore struct{ db *sqlite.DB }

const sqlFindSignIn = `SELECT data FROM sign_ins WHERE token_hash = ? AND expires_at > ?`

func (s signInStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return tx.QueryRow(sqlFindSignIn, token, sqlite.Time(tx.Now())).Scan(&data)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("account: find sign-in: %w", err)
	}
	return data, true, nil
}

const sqlCommitSignIn = `INSERT INTO sign_ins (token_hash, data, expires_at) VALUES (?, ?, ?)
	ON CONFLICT (token_hash) DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at`

func (s signInStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlCommitSignIn, token, data, sqlite.Time(expiry))
		return err
	})
	if err != nil {
		return fmt.Errorf("account: keep sign-in: %w", err)
	}
	return nil
}

const sqlDeleteSignIn = `DELETE FROM sign_ins WHERE token_hash = ?`

func (s signInStore) DeleteCtx(ctx context.Context, token string) error {
	err := s.db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlDeleteSignIn, token)
		return err
	})
	if err != nil {
		return fmt.Errorf("account: end sign-in: %w", err)
	}
	return nil
}

// Find, Commit and Delete complete scs.Store; scs calls the variants with a ctx.

func (s signInStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

func (s signInStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

func (s signInStore) Delete(token string) error {
	return s.DeleteCtx(context.Background(), token)
}

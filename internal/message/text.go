package message

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// KeptText is a text that the team wrote to use again, under a name.
type KeptText struct {
	ID   int64
	Name string
	Text
}

// Version changes with all that a form can change.
func (k KeptText) Version() string {
	sum := sha256.Sum256([]byte(strings.Join([]string{k.Name, k.Subject, k.Body}, "\x00")))
	return hex.EncodeToString(sum[:8])
}

// check trims a text and returns what keeps it from being kept: Invalid by field, name, subject and body. A field that does not
// exist is found here, and not when families read it.
func (k *KeptText) check() error {
	k.Name, k.Text = strings.Join(strings.Fields(k.Name), " "), k.trim()
	wrong := k.Text.check()
	switch {
	case k.Name == "":
		wrong["name"] = fault.Message{Key: "message.name.missing"}
	case len([]rune(k.Name)) > mostSubject:
		wrong["name"] = fault.Message{Key: "message.too_long", Args: []any{mostSubject}}
	}
	if len(wrong) > 0 {
		return fault.InvalidFields(wrong)
	}
	return nil
}

const (
	sqlInsertText = `INSERT INTO kept_texts (name, subject, body, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?4)`
	sqlUpdateText = `UPDATE kept_texts SET name = ?2, subject = ?3, body = ?4, updated_at = ?5 WHERE id = ?1`
	sqlDropText   = `DELETE FROM kept_texts WHERE id = ?`
	sqlTexts      = `SELECT id, name, subject, body FROM kept_texts ORDER BY name, id`
	sqlText       = `SELECT id, name, subject, body FROM kept_texts WHERE id = ?`
)

// CreateText keeps a text and returns its id. Invalid by field: name, subject, body; Forbidden to who has no desk.
func (s *Service) CreateText(ctx context.Context, actor account.Actor, key account.FormKey, k KeptText) (id int64, err error) {
	if err := k.check(); err != nil {
		return 0, err
	}
	err = s.write(ctx, actor, func(tx *sqlite.Tx) error {
		id, err = account.OnceID(tx, key, func() (int64, error) {
			res, err := tx.Exec(sqlInsertText, k.Name, k.Subject, k.Body, sqlite.Time(tx.Now()))
			if err != nil {
				return 0, err
			}
			id, err := res.LastInsertId()
			if err != nil {
				return 0, err
			}
			return id, audit.Add(tx, actor.String(), "text.create", record("text", id), map[string]any{"name": k.Name})
		})
		return err
	})
	return id, err
}

// EditText changes a text. seen is the Version that the form showed: Conflict "catalog.changed_meanwhile" where it is another
// by now. NotFound; other faults as CreateText.
func (s *Service) EditText(ctx context.Context, actor account.Actor, key account.FormKey, k KeptText, seen string) error {
	if err := k.check(); err != nil {
		return err
	}
	return s.changeText(ctx, actor, key, k.ID, func(tx *sqlite.Tx, before KeptText) error {
		if seen != "" && seen != before.Version() {
			return fault.New(fault.Conflict, "catalog.changed_meanwhile")
		}
		if _, err := tx.Exec(sqlUpdateText, k.ID, k.Name, k.Subject, k.Body, sqlite.Time(tx.Now())); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "text.edit", record("text", k.ID), map[string]any{"name": []string{before.Name, k.Name}})
	})
}

// DropText forgets a text; what was sent with it stays as it was. NotFound; Forbidden to who has no desk.
func (s *Service) DropText(ctx context.Context, actor account.Actor, key account.FormKey, id int64) error {
	return s.changeText(ctx, actor, key, id, func(tx *sqlite.Tx, before KeptText) error {
		if _, err := tx.Exec(sqlDropText, id); err != nil {
			return err
		}
		return audit.Add(tx, actor.String(), "text.drop", record("text", id), map[string]any{"name": before.Name})
	})
}

// changeText does once what a form asks for a text.
func (s *Service) changeText(ctx context.Context, actor account.Actor, key account.FormKey, id int64, do func(*sqlite.Tx, KeptText) error) error {
	return s.write(ctx, actor, func(tx *sqlite.Tx) error {
		_, _, err := account.Once(tx, key, func() (string, error) {
			before, err := scanText(tx.QueryRow(sqlText, id))
			if err != nil {
				return "", err
			}
			return "", do(tx, before)
		})
		return err
	})
}

// KeptText returns one text. NotFound.
func (s *Service) KeptText(ctx context.Context, id int64) (k KeptText, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		k, err = scanText(tx.QueryRow(sqlText, id))
		return err
	})
	return k, err
}

// Texts returns the texts that are kept, by name.
func (s *Service) Texts(ctx context.Context) (list []KeptText, err error) {
	err = s.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlTexts)
		if err != nil {
			return err
		}
		defer rows.Close()
		list = nil
		for rows.Next() {
			k, err := scanText(rows)
			if err != nil {
				return err
			}
			list = append(list, k)
		}
		return rows.Err()
	})
	return list, err
}

func scanText(row interface{ Scan(...any) error }) (k KeptText, err error) {
	err = row.Scan(&k.ID, &k.Name, &k.Subject, &k.Body)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "error.not_found")
	}
	return k, err
}

package catalog

import (
	"context"
	"database/sql"
	"errors"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// MaxCopies is the largest number of copies of one kit.
const MaxCopies = 100

// Kit is equipment that travels together: « Valise Thymio », 12 Thymio and 4 cables. Its name is unique.
type Kit struct {
	ID       int64
	Name     string
	Contents string // what is in it, one thing per line
	Copies   int    // how many the association owns; 0: it is not used any more
	Children int    // for how many one copy is; 0: it limits nobody
}

// ContentLines returns what is in the kit, one by one.
func (k Kit) ContentLines() []string { return lines(k.Contents) }

// Version changes with every field of the kit.
func (k Kit) Version() string { return version(k) }

// check cleans what was typed and says what is wrong, by the names of the form's fields: name, contents, copies, children.
func (k *Kit) check() error {
	t := typed{}
	t.line("name", &k.Name, true)
	t.text("contents", &k.Contents)
	t.number("copies", k.Copies, 0, MaxCopies)
	t.number("children", k.Children, 0, MaxCapacity)
	return t.invalid()
}

func kitExists() error {
	return fault.InvalidFields(map[string]fault.Message{"name": {Key: "catalog.kit.exists"}})
}

const sqlInsertKit = `
INSERT INTO kits (name, contents, copies, children, created_at, updated_at) VALUES (?1, ?2, ?3, ?5, ?4, ?4) ON CONFLICT (name) DO NOTHING RETURNING id`

// CreateKit stores a kit and returns its id; k.ID is ignored. What is wrong is Invalid by field, a name that exists too.
func (c *Catalog) CreateKit(ctx context.Context, actor account.Actor, key account.FormKey, k Kit) (int64, error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	if err := k.check(); err != nil {
		return 0, err
	}
	return c.create(ctx, key, func(tx *sqlite.Tx) (int64, error) {
		var id int64
		err := tx.QueryRow(sqlInsertKit, k.Name, k.Contents, k.Copies, sqlite.Time(tx.Now()), k.Children).Scan(&id)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, kitExists()
		}
		if err != nil {
			return 0, err
		}
		return id, audit.Add(tx, actor.String(), "kit.create", record("kit", id), map[string]any{"copies": k.Copies})
	})
}

const sqlUpdateKit = `UPDATE OR IGNORE kits SET name = ?2, contents = ?3, copies = ?4, updated_at = ?5, children = ?6 WHERE id = ?1`

const sqlKitToCome = `
SELECT o.starts_at, o.ends_at, k.copies FROM session_kits k JOIN sessions o ON o.id = k.session_id
 WHERE k.kit_id = ?1 AND o.status <> 'cancelled' AND o.ends_at > ?2`

// EditKit replaces every field of the kit k.ID. Fewer copies than sessions to come use at once is Invalid on copies, with
// their number. seen is as in EditWorkshop. An unknown id is NotFound; the rest is as in CreateKit.
func (c *Catalog) EditKit(ctx context.Context, actor account.Actor, key account.FormKey, k Kit, seen string) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	if err := k.check(); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		old, err := kitTx(tx, k.ID)
		if err != nil {
			return err
		}
		if err := unchanged(seen, old.Version()); err != nil {
			return err
		}
		used, err := kitUses(tx, sqlKitToCome, k.ID, sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		for _, u := range used {
			if n := busiest(used, u.from, u.to); n > k.Copies {
				return fault.InvalidFields(map[string]fault.Message{"copies": {Key: "catalog.kit.copies_used", Args: []any{n}}})
			}
		}
		res, err := tx.Exec(sqlUpdateKit, k.ID, k.Name, k.Contents, k.Copies, sqlite.Time(tx.Now()), k.Children)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return kitExists()
		}
		return audit.Add(tx, actor.String(), "kit.edit", record("kit", k.ID), changes{
			"name": {old.Name, k.Name}, "copies": {old.Copies, k.Copies}, "children": {old.Children, k.Children}}.details())
	})
}

const sqlKitByID = `SELECT id, name, contents, copies, children FROM kits WHERE id = ?`

const sqlKits = `SELECT id, name, contents, copies, children FROM kits ORDER BY name, id`

// kitTx returns one kit; an unknown id is NotFound.
func kitTx(tx *sqlite.Tx, id int64) (Kit, error) {
	var k Kit
	err := tx.QueryRow(sqlKitByID, id).Scan(&k.ID, &k.Name, &k.Contents, &k.Copies, &k.Children)
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "catalog.kit.not_found")
	}
	return k, err
}

// Kit returns one kit; an unknown id is NotFound.
func (c *Catalog) Kit(ctx context.Context, id int64) (k Kit, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		k, err = kitTx(tx, id)
		return err
	})
	return k, err
}

// Kits returns all kits by name, those that are not used any more too.
func (c *Catalog) Kits(ctx context.Context) (all []Kit, err error) {
	err = c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		all, err = kitsTx(tx)
		return err
	})
	return all, err
}

func kitsTx(tx *sqlite.Tx) ([]Kit, error) {
	rows, err := tx.Query(sqlKits)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Kit
	for rows.Next() {
		var k Kit
		if err := rows.Scan(&k.ID, &k.Name, &k.Contents, &k.Copies, &k.Children); err != nil {
			return nil, err
		}
		all = append(all, k)
	}
	return all, rows.Err()
}

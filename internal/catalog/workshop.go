package catalog

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strconv"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// check cleans what was typed and says what is wrong, by the names of the form's fields: title,
// level, discipline, min_age, max_age, summary, description, skills, tools, bring, capacity, price, duration.
func (w *Workshop) check() error {
	t := typed{}
	t.line("title", &w.Title, true)
	t.line("level", &w.Level, false)
	if !slices.Contains(Disciplines, w.Discipline) {
		t["discipline"] = fault.Message{Key: "catalog.filter.discipline"}
	}
	t.number("min_age", w.MinAge, MinAge, MaxAge)
	t.number("max_age", w.MaxAge, MinAge, MaxAge)
	if _, wrong := t["max_age"]; !wrong && w.MaxAge < w.MinAge {
		t["max_age"] = fault.Message{Key: "catalog.workshop.ages"}
	}
	t.text("summary", &w.Summary)
	t.text("description", &w.Description)
	t.text("skills", &w.Skills)
	t.text("tools", &w.Tools)
	t.text("bring", &w.Bring)
	t.number("capacity", w.Capacity, 1, MaxCapacity)
	t.price("price", w.PriceCents)
	t.number("duration", w.DurationMinutes, 15, 1440)
	return t.invalid()
}

const sqlInsertWorkshop = `
INSERT INTO workshops (title, level, discipline, min_age, max_age, summary, description, skills, tools, bring,
                       capacity, price_cents, duration_minutes, created_at, updated_at)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?14)
ON CONFLICT (title, level) DO NOTHING RETURNING id`

// CreateWorkshop stores a workshop and returns its id; w.ID is ignored. What is wrong is Invalid
// by field; a title and level that exist already are Invalid on title.
func (c *Catalog) CreateWorkshop(ctx context.Context, actor account.Actor, key account.FormKey, w Workshop) (int64, error) {
	if err := mayManage(actor); err != nil {
		return 0, err
	}
	if err := w.check(); err != nil {
		return 0, err
	}
	return c.create(ctx, key, func(tx *sqlite.Tx) (int64, error) {
		id, err := insertWorkshop(tx, actor, w)
		if errors.Is(err, sql.ErrNoRows) {
			return 0, fault.InvalidFields(map[string]fault.Message{"title": {Key: "catalog.workshop.exists"}})
		}
		return id, err
	})
}

// insertWorkshop stores a checked workshop; sql.ErrNoRows when its title and level exist.
func insertWorkshop(tx *sqlite.Tx, actor account.Actor, w Workshop) (int64, error) {
	var id int64
	if err := tx.QueryRow(sqlInsertWorkshop, w.Title, w.Level, w.Discipline, w.MinAge, w.MaxAge, w.Summary, w.Description,
		w.Skills, w.Tools, w.Bring, w.Capacity, w.PriceCents, w.DurationMinutes, sqlite.Time(tx.Now())).Scan(&id); err != nil {
		return 0, err
	}
	return id, audit.Add(tx, actor.String(), "workshop.create", record("workshop", id), nil)
}

// OR IGNORE leaves the row as it is when another one has the title and level.
const sqlUpdateWorkshop = `
UPDATE OR IGNORE workshops SET title = ?2, level = ?3, discipline = ?4, min_age = ?5, max_age = ?6, summary = ?7,
       description = ?8, skills = ?9, tools = ?10, bring = ?11, capacity = ?12, price_cents = ?13,
       duration_minutes = ?14, updated_at = ?15
 WHERE id = ?1`

// EditWorkshop replaces every field of the workshop w.ID. Capacity, price and duration count for
// sessions created from now on. seen is the Version that the form showed: when somebody else has changed the
// workshop since, it is Conflict "catalog.changed_meanwhile"; empty replaces whatever is there. An unknown
// id is NotFound; the rest is as in CreateWorkshop.
func (c *Catalog) EditWorkshop(ctx context.Context, actor account.Actor, key account.FormKey, w Workshop, seen string) error {
	if err := mayManage(actor); err != nil {
		return err
	}
	if err := w.check(); err != nil {
		return err
	}
	return c.change(ctx, key, func(tx *sqlite.Tx) error {
		old, err := scanWorkshop(tx.QueryRow(sqlWorkshopByID, w.ID))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "catalog.workshop.not_found")
		}
		if err != nil {
			return err
		}
		if err := unchanged(seen, old.Version()); err != nil {
			return err
		}
		res, err := tx.Exec(sqlUpdateWorkshop, w.ID, w.Title, w.Level, w.Discipline, w.MinAge, w.MaxAge, w.Summary, w.Description,
			w.Skills, w.Tools, w.Bring, w.Capacity, w.PriceCents, w.DurationMinutes, sqlite.Time(tx.Now()))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil {
			return err
		} else if n == 0 {
			return fault.InvalidFields(map[string]fault.Message{"title": {Key: "catalog.workshop.exists"}})
		}
		return audit.Add(tx, actor.String(), "workshop.edit", record("workshop", w.ID), changes{
			"min_age": {old.MinAge, w.MinAge}, "max_age": {old.MaxAge, w.MaxAge},
			"capacity": {old.Capacity, w.Capacity}, "price_cents": {old.PriceCents, w.PriceCents},
		}.details())
	})
}

const sqlWorkshopByID = `
SELECT id, title, level, discipline, min_age, max_age, summary, description, skills, tools, bring,
       capacity, price_cents, duration_minutes
  FROM workshops WHERE id = ?`

const sqlWorkshops = `
SELECT id, title, level, discipline, min_age, max_age, summary, description, skills, tools, bring,
       capacity, price_cents, duration_minutes
  FROM workshops ORDER BY title, level, id`

// Workshop returns one workshop; an unknown id is NotFound.
func (c *Catalog) Workshop(ctx context.Context, id int64) (Workshop, error) {
	var w Workshop
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) (err error) {
		w, err = scanWorkshop(tx.QueryRow(sqlWorkshopByID, id))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.New(fault.NotFound, "catalog.workshop.not_found")
	}
	return w, err
}

// Workshops returns all workshops by title and level.
func (c *Catalog) Workshops(ctx context.Context) ([]Workshop, error) {
	var all []Workshop
	err := c.db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		rows, err := tx.Query(sqlWorkshops)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			w, err := scanWorkshop(rows)
			if err != nil {
				return err
			}
			all = append(all, w)
		}
		return rows.Err()
	})
	return all, err
}

func scanWorkshop(row scanner) (Workshop, error) {
	var w Workshop
	err := row.Scan(&w.ID, &w.Title, &w.Level, &w.Discipline, &w.MinAge, &w.MaxAge, &w.Summary, &w.Description,
		&w.Skills, &w.Tools, &w.Bring, &w.Capacity, &w.PriceCents, &w.DurationMinutes)
	return w, err
}

// record names a row in the audit.
func record(kind string, id int64) string { return kind + ":" + strconv.FormatInt(id, 10) }

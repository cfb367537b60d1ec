package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Compared is a table that Compare looks through.
type Compared struct {
	Table string
	// Except are columns that are not compared.
	Except []string
}

// Difference is one row of an older state that is not there any more, or not as it was. It may hold personal data.
type Difference struct {
	Table string
	// Key are the columns that tell the row from others.
	Key []string
	// Gone says that there is no row with this key any more; Now is nil then.
	Gone bool
	// Columns are those that differ, by name in the order of the table; all that are compared where the row is gone.
	Columns []string
	// Before and Now are all values of the row, by column.
	Before, Now map[string]any
}

// ErrOtherSchema says that the older state is of another version of the schema.
var ErrOtherSchema = errors.New("sqlite: the copy is of another version of the schema")

// stillURI is the name of a file that nobody writes, for ATTACH.
func stillURI(path string) string {
	return (&url.URL{Scheme: "file", Path: path, RawQuery: "mode=ro&immutable=1"}).String()
}

const (
	sqlAttachOlder = `ATTACH ? AS older`
	sqlColumns     = `SELECT name, pk FROM pragma_table_info(?, 'main') ORDER BY cid`
)

// Compare calls see with every row of an older state of this database, in a file that nobody writes, which differs or is gone in the present
// one; rows that are new since are not looked at. All of the present is seen at one instant. It reads both files, and changes neither.
// ErrOtherSchema when they are of different versions. Where they are of the same, and yet a table, an index or a trigger of the older one is not as it
// was, see gets a Difference of Table sqlite_schema with its name for each, and no rows.
func (db *DB) Compare(ctx context.Context, older string, tables []Compared, see func(Difference)) (err error) {
	conn, release, err := db.attach(ctx, older)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if changed, err := schemaChanges(ctx, conn); err != nil || len(changed) > 0 {
		for _, name := range changed {
			see(Difference{Table: "sqlite_schema", Key: []string{"name"}, Columns: []string{"sql"}, Before: map[string]any{"name": name}})
		}
		return asFault(err)
	}
	for _, t := range tables {
		if err := compareTable(ctx, conn, t, see); err != nil {
			return fmt.Errorf("sqlite: compare %s: %w", t.Table, asFault(err))
		}
	}
	return nil
}

// attach opens a connection to this database with an older state of it as older, in one transaction that nothing is written in.
func (db *DB) attach(ctx context.Context, older string) (conn *sql.Conn, release func() error, err error) {
	var past, present, count int
	err = ReadStill(ctx, older, func(tx *Tx) error { return tx.QueryRow(sqlUserVersion).Scan(&past, &count) })
	if err != nil {
		return nil, nil, err
	}
	pool, err := pool(peekDSN(db.path), 1)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, pool.Close())
		}
	}()
	if conn, err = pool.Conn(ctx); err != nil {
		return nil, nil, asFault(err)
	}
	if _, err = conn.ExecContext(ctx, sqlAttachOlder, stillURI(older)); err != nil {
		return nil, nil, asFault(errors.Join(err, conn.Close()))
	}
	if _, err = conn.ExecContext(ctx, sqlBegin); err != nil {
		return nil, nil, asFault(errors.Join(err, conn.Close()))
	}
	err = conn.QueryRowContext(ctx, sqlUserVersion).Scan(&present, &count)
	if err == nil && present != past {
		err = ErrOtherSchema
	}
	if err != nil {
		return nil, nil, asFault(errors.Join(err, conn.Close()))
	}
	return conn, func() error { return errors.Join(conn.Close(), pool.Close()) }, nil
}

// schemaChanges are the names of what the older schema has, and the present one has not or has otherwise. SQLite makes tables of statistics for itself.
func schemaChanges(ctx context.Context, conn *sql.Conn) (names []string, err error) {
	rows, err := conn.QueryContext(ctx, `SELECT o.name FROM older.sqlite_schema o LEFT JOIN main.sqlite_schema n ON n.type = o.type AND n.name = o.name
		WHERE n.sql IS NOT o.sql AND o.name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY o.name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

func compareTable(ctx context.Context, conn *sql.Conn, t Compared, see func(Difference)) error {
	all, key, err := columnsOf(ctx, conn, t.Table)
	if err != nil {
		return err
	}
	compared := slices.DeleteFunc(slices.Clone(all), func(c string) bool { return slices.Contains(t.Except, c) || slices.Contains(key, c) })
	rows, err := conn.QueryContext(ctx, comparison(t.Table, all, key, compared))
	if err != nil {
		return err
	}
	defer rows.Close()
	values := make([]any, 1+2*len(all))
	into := make([]any, len(values))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		d := Difference{Table: t.Table, Key: key, Gone: values[0] == int64(1), Columns: compared, Before: named(all, values[1:])}
		if !d.Gone {
			d.Now, d.Columns = named(all, values[1+len(all):]), nil
			for _, c := range compared {
				if !sameValue(d.Before[c], d.Now[c]) {
					d.Columns = append(d.Columns, c)
				}
			}
		}
		see(d)
	}
	return rows.Err()
}

func columnsOf(ctx context.Context, conn *sql.Conn, table string) (all, key []string, err error) {
	rows, err := conn.QueryContext(ctx, sqlColumns, table)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var place int
		if err := rows.Scan(&name, &place); err != nil {
			return nil, nil, err
		}
		all = append(all, name)
		if place > 0 {
			key = append(key, name)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, nil, err
	}
	if len(key) == 0 {
		return nil, nil, errors.New("no primary key")
	}
	return all, key, nil
}

// comparison is a query for rows of older that main has not, or has otherwise. Names are those of the schema.
func comparison(table string, all, key, compared []string) string {
	list := func(names []string, format, between string) string {
		parts := make([]string, len(names))
		for i, name := range names {
			parts[i] = strings.ReplaceAll(format, "?", `"`+name+`"`)
		}
		return strings.Join(parts, between)
	}
	differs := list(compared, "o.? IS NOT n.?", " OR ")
	if differs != "" {
		differs = " OR " + differs
	}
	first := `n."` + key[0] + `" IS NULL`
	return `SELECT ` + first + `, ` + list(all, "o.?", ", ") + `, ` + list(all, "n.?", ", ") +
		` FROM older."` + table + `" o LEFT JOIN main."` + table + `" n ON ` + list(key, "n.? = o.?", " AND ") + ` WHERE ` + first + differs
}

func named(names []string, values []any) map[string]any {
	row := make(map[string]any, len(names))
	for i, name := range names {
		row[name] = values[i]
	}
	return row
}

func sameValue(a, b any) bool {
	if x, ok := a.([]byte); ok {
		y, ok := b.([]byte)
		return ok && string(x) == string(y)
	}
	return a == b
}

// ReadStill runs fn on a copy that nobody has open, as DB.Read does on the database. It changes nothing, not even beside it.
func ReadStill(ctx context.Context, path string, fn func(tx *Tx) error) (err error) {
	db, err := pool(stillDSN(path), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return asFault(err)
	}
	defer func() { _ = conn.Close() }() // the pool is closed too
	tx := &Tx{conn: conn, ctx: ctx}
	defer tx.end()
	return asFault(fn(tx))
}

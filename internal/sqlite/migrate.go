package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"

	"github.com/mattn/go-sqlite3"
)

//go:embed migrations
var migrations embed.FS

var (
	versionLine = regexp.MustCompile(`(?i)\bPRAGMA\s+user_version\s*=\s*(\d+)\s*;?\s*$`)
	stepName    = regexp.MustCompile(`^(\d{4})_[a-z0-9_]+\.sql$`)
)

// versionOf is the version that a schema or a step ends with.
func versionOf(text string) (int, error) {
	m := versionLine.FindStringSubmatch(text)
	if m == nil {
		return 0, errors.New("it does not end with PRAGMA user_version = N")
	}
	return strconv.Atoi(m[1])
}

// ready brings the database of c to the version of c.Schema: a new one runs it, an
// older one runs the steps. Anything else is refused, untouched. When there is work to
// do the data folder must be free, or already ours.
func (c Config) ready(ctx context.Context) (err error) {
	want, err := versionOf(c.Schema)
	if err != nil {
		return fmt.Errorf("schema.sql: %w", err)
	}
	have, err := c.peek(ctx, want)
	if err != nil || have == want {
		return err
	}
	if !c.Serving {
		lock, err := lockFolder(filepath.Dir(c.Path))
		if err != nil {
			return fmt.Errorf("the schema has to be brought from version %d to %d: %w", have, want, err)
		}
		defer func() { _ = lock.Close() }()
		// Another process may have done the work before the lock was ours.
		if have, err = c.peek(ctx, want); err != nil || have == want {
			return err
		}
	}
	if have == 0 {
		if err := c.step(ctx, c.Schema, 0, want); err != nil {
			return fmt.Errorf("schema.sql: %w", err)
		}
		return nil
	}
	return c.upgrade(ctx, have, want)
}

const (
	sqlUserVersion = `SELECT user_version, (SELECT count(*) FROM sqlite_schema) FROM pragma_user_version`
	sqlBrokenKeys  = `SELECT "table", coalesce(rowid, 0), parent FROM pragma_foreign_key_check`
)

// peek returns the version of the database, 0 for an empty one.
func (c Config) peek(ctx context.Context, want int) (version int, err error) {
	version, objects, err := readVersion(ctx, peekDSN(c.Path))
	if cause, ok := errors.AsType[sqlite3.Error](err); ok && cause.Code == sqlite3.ErrReadonly {
		// Whoever was killed in the middle of a change left its journal, which only a connection that may write takes back.
		version, objects, err = readVersion(ctx, integrityDSN(c.Path))
	}
	if err != nil {
		return 0, fmt.Errorf("%s cannot be read as a database: %w", c.Path, err)
	}
	switch {
	case version == 0 && objects > 0:
		return 0, fmt.Errorf("%s %w", c.Path, errForeign)
	case version > want:
		return 0, fmt.Errorf("%s was made by a newer version of ateliers (schema %d, this program knows %d); install that version", c.Path, version, want)
	}
	return version, nil
}

func readVersion(ctx context.Context, dsn string) (version, objects int, err error) {
	db, err := pool(dsn, 1)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.QueryRowContext(ctx, sqlUserVersion).Scan(&version, &objects)
	return version, objects, err
}

// CheckVersion refuses a file that is no database of the present schema, with one line that says why. It changes nothing.
func CheckVersion(ctx context.Context, path string) error {
	c, err := Config{Path: path, MustExist: true}.withDefaults()
	if err != nil {
		return err
	}
	want, err := versionOf(c.Schema)
	if err != nil {
		return fmt.Errorf("schema.sql: %w", err)
	}
	have, err := c.peek(ctx, want)
	switch {
	case err != nil:
		return err
	case have == 0:
		return fmt.Errorf("%s is empty", path)
	case have < want:
		return fmt.Errorf("%s has schema %d, this program needs %d: restore it with the version of ateliers that made it, then upgrade", path, have, want)
	}
	return nil
}

// upgrade runs the steps between two versions, each in a transaction of its own, after
// a copy of the database has been made beside it.
func (c Config) upgrade(ctx context.Context, have, want int) error {
	steps, err := c.steps()
	if err != nil {
		return err
	}
	for v := have + 1; v <= want; v++ {
		if steps[v] == "" {
			return fmt.Errorf("%s has schema %d, this program needs %d, and there is no step to %d", c.Path, have, want, v)
		}
	}
	saved := c.Path + ".before-v" + strconv.Itoa(want)
	if err := os.Remove(saved); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := copyInto(ctx, c.Path, saved); err != nil {
		return fmt.Errorf("copy before the upgrade: %w", err)
	}
	for v := have + 1; v <= want; v++ {
		text, err := fs.ReadFile(c.Migrations, steps[v])
		if err != nil {
			return err
		}
		if err := c.step(ctx, string(text), v-1, v); err != nil {
			return fmt.Errorf("%s: %w (the database stays at version %d; the state before is in %s)", steps[v], err, v-1, saved)
		}
	}
	return nil
}

// steps returns the file name of each step by the version that it leads to.
func (c Config) steps() (map[int]string, error) {
	files, err := fs.Glob(c.Migrations, "*.sql")
	if err != nil {
		return nil, err
	}
	steps := make(map[int]string, len(files))
	for _, name := range files {
		m := stepName.FindStringSubmatch(name)
		if m == nil {
			return nil, fmt.Errorf("migrations/%s: the name is not NNNN_name.sql", name)
		}
		v, err := strconv.Atoi(m[1])
		if err != nil {
			return nil, err
		}
		if steps[v] != "" {
			return nil, fmt.Errorf("migrations/%s and %s lead to the same version", steps[v], name)
		}
		steps[v] = name
	}
	return steps, nil
}

// step runs text in one transaction and commits it only if it leads from one version
// to the other and leaves no row that points to nothing.
func (c Config) step(ctx context.Context, text string, from, to int) (err error) {
	if v, err := versionOf(text); err != nil || v != to {
		return fmt.Errorf("it must end with PRAGMA user_version = %d", to)
	}
	db, err := pool(migrationDSN(c.Path), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() {
		if rollback := tx.Rollback(); rollback != nil && !errors.Is(rollback, sql.ErrTxDone) {
			err = errors.Join(err, rollback)
		}
	}()
	var version, objects int
	if err := tx.QueryRowContext(ctx, sqlUserVersion).Scan(&version, &objects); err != nil {
		return err
	}
	if version != from {
		return fmt.Errorf("the database has version %d, not %d", version, from)
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	if err := brokenKeys(ctx, tx); err != nil {
		return err
	}
	return tx.Commit()
}

// brokenKeys returns an error that names the first row that points to nothing.
func brokenKeys(ctx context.Context, tx *sql.Tx) error {
	var table, parent string
	var row int64
	err := tx.QueryRowContext(ctx, sqlBrokenKeys).Scan(&table, &row, &parent)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("row %d of %s points to no row of %s", row, table, parent)
}

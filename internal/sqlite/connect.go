package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
)

// oldestSafe is the first SQLite without the bug of WAL reset that can corrupt a database.
const oldestSafe = 3_051_003

// The pragmas are in the DSN because a pragma sent through a pool reaches one
// connection only. Every kind of connection shares durable.
func dsn(path string, own map[string]string) string {
	q := url.Values{
		"_busy_timeout":    {"5000"},
		"_synchronous":     {"FULL"},
		"_foreign_keys":    {"on"},
		"_secure_delete":   {"on"},
		"_stmt_cache_size": {"64"},
		// INSERT OR REPLACE deletes without firing delete triggers otherwise, past those of the audit.
		"_recursive_triggers": {"on"},
		// database/sql never uses one connection from two goroutines at once.
		"_mutex": {"no"},
	}
	for name, value := range own {
		q.Set(name, value)
	}
	if absolute, err := filepath.Abs(path); err == nil { // in a URI the first part of another would be the name of a host
		path = absolute
	}
	u := url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}
	return u.String()
}

// writerDSN is for the one connection that writes.
//
// Its cache holds the pages that a rush touches again and again: 32 MB.
func writerDSN(path string) string {
	return dsn(path, map[string]string{"mode": "rw", "_journal_mode": "WAL", "_txlock": "immediate", "_cache_size": "-32000"})
}

// readerDSN is for connections that cannot write.
func readerDSN(path string) string {
	return dsn(path, map[string]string{"mode": "ro", "_journal_mode": "WAL", "_query_only": "on"})
}

// checkpointDSN is for checkpoints, which must not hold up bookings for long when a
// reader is busy.
func checkpointDSN(path string) string {
	return dsn(path, map[string]string{"mode": "rw", "_journal_mode": "WAL", "_busy_timeout": "200"})
}

// migrationDSN is for steps of the schema: rebuilding a table with foreign keys on
// silently deletes the rows that point to it.
func migrationDSN(path string) string {
	return dsn(path, map[string]string{"mode": "rw", "_journal_mode": "WAL", "_foreign_keys": "off"})
}

// peekDSN changes nothing, not even the journal mode: it looks at files that may be foreign.
func peekDSN(path string) string {
	return dsn(path, map[string]string{"mode": "ro", "_query_only": "on"})
}

// pool opens path with up to n connections that stay open.
func pool(dsn string, n int) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

const sqlPragmas = `SELECT
	(SELECT journal_mode FROM pragma_journal_mode),
	(SELECT synchronous FROM pragma_synchronous),
	(SELECT foreign_keys FROM pragma_foreign_keys),
	(SELECT secure_delete FROM pragma_secure_delete),
	(SELECT query_only FROM pragma_query_only),
	sqlite_version()`

// checkConnections takes every connection of the pool at once and checks that each has
// the durability and the safety that were asked for: a driver ignores what it
// does not know.
func checkConnections(ctx context.Context, db *sql.DB, n int, readOnly bool) (err error) {
	conns := make([]*sql.Conn, 0, n)
	defer func() {
		for _, c := range conns {
			err = errors.Join(err, c.Close())
		}
	}()
	for range n {
		c, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		conns = append(conns, c)
		if err := checkConnection(ctx, c, readOnly); err != nil {
			return err
		}
	}
	return nil
}

func checkConnection(ctx context.Context, c *sql.Conn, readOnly bool) error {
	var journal, version string
	var synchronous, foreignKeys, secureDelete int
	var queryOnly bool
	err := c.QueryRowContext(ctx, sqlPragmas).Scan(&journal, &synchronous, &foreignKeys, &secureDelete, &queryOnly, &version)
	if err != nil {
		return err
	}
	switch {
	case journal != "wal":
		return fmt.Errorf("sqlite: journal_mode is %s, not wal (does the file system share memory?)", journal)
	case synchronous != 2:
		return fmt.Errorf("sqlite: synchronous is %d, not 2 (full)", synchronous)
	case foreignKeys != 1:
		return errors.New("sqlite: foreign_keys is off")
	case secureDelete != 1:
		return fmt.Errorf("sqlite: secure_delete is %d, not 1", secureDelete)
	case queryOnly != readOnly:
		return fmt.Errorf("sqlite: query_only is %t, not %t", queryOnly, readOnly)
	}
	return checkVersion(version)
}

// checkVersion refuses a SQLite that can corrupt a database in WAL mode.
func checkVersion(version string) error {
	var major, minor, patch int
	if _, err := fmt.Sscanf(version, "%d.%d.%d", &major, &minor, &patch); err != nil {
		return fmt.Errorf("sqlite: version %q: %w", version, err)
	}
	if major*1_000_000+minor*1_000+patch < oldestSafe {
		return fmt.Errorf("sqlite: SQLite %s can corrupt a database in WAL mode; 3.51.3 or later is needed", version)
	}
	return nil
}

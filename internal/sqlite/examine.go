package sqlite

import (
	"context"
	"errors"
	"time"
)

// stillDSN is for a file that nobody writes: no lock is taken, and nothing is made beside it.
func stillDSN(path string) string {
	return dsn(path, map[string]string{"mode": "ro", "immutable": "1", "_query_only": "on"})
}

// CheckFile looks through a copy that nobody has open and returns a line per damage, as Integrity does for its pages and indexes. It
// changes nothing, not even beside it.
func CheckFile(ctx context.Context, path string) (damage []string, err error) {
	db, err := pool(stillDSN(path), 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return brokenPages(ctx, tx)
}

const sqlVersion = `SELECT sqlite_version()`

// Version is that of SQLite; an error says that it can corrupt a database.
func Version(ctx context.Context) (version string, err error) {
	db, err := pool("file::memory:", 1)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := db.QueryRowContext(ctx, sqlVersion).Scan(&version); err != nil {
		return "", err
	}
	return version, checkVersion(version)
}

// LastInstant runs a query that gives one instant on a database that a server may have open. It changes nothing.
func LastInstant(ctx context.Context, path, query string) (at time.Time, err error) {
	db, err := pool(peekDSN(path), 1)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var text string
	if err := db.QueryRowContext(ctx, query).Scan(&text); err != nil {
		return time.Time{}, err
	}
	return ParseTime(text)
}

package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Backup writes a complete and compact copy of the database, as of one instant, to a
// new file with mode 0600, synced before it returns. Bookings go on meanwhile. It fails when the
// file exists, and leaves nothing behind when it fails.
func (db *DB) Backup(ctx context.Context, path string) error {
	return asFault(copyInto(ctx, db.path, path))
}

const sqlVacuumInto = `VACUUM INTO ?`

// copyInto writes under another name first, so that a file with the final name is
// always whole.
func copyInto(ctx context.Context, from, to string) (err error) {
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s: %w", to, os.ErrExist)
	}
	part := to + ".part"
	// SQLite would create it readable by everybody; it accepts an empty file.
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			_ = os.Remove(part)
		}
	}()
	if err := f.Chmod(0o600); err != nil {
		return err
	}
	if err := vacuumInto(ctx, from, part); err != nil {
		return err
	}
	// VACUUM INTO leaves syncing to us.
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Rename(part, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

func vacuumInto(ctx context.Context, from, to string) (err error) {
	// query_only would forbid it, although it only reads this database.
	db, err := pool(dsn(from, map[string]string{"mode": "ro"}), 1)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, sqlVacuumInto, to)
	return err
}

// syncFolder makes the names of new files in dir survive a power cut.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

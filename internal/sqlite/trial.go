package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// A Use is what a copy of the database that nobody keeps is made for. It ends the name of the folder, beside the database, that such
// copies lie in; there is one at a time for each use.
type Use string

const (
	ForTrial  Use = ".trial"   // to try what a change would do
	ForBackup Use = ".copying" // to look through what is then kept elsewhere
)

// OnCopy calls do with a copy of the database as of one instant, on the same clock: nothing that it
// does changes this database or waits for it, and bookings go on meanwhile. The copy lies beside the database, in a folder that
// only its owner may read, and is gone when OnCopy returns; where the process was killed, it goes with the next OnCopy or Serving.
// ErrInUse says that another copy for the same use is there.
func (db *DB) OnCopy(ctx context.Context, use Use, do func(ctx context.Context, trial *DB) error) (err error) {
	if err := os.Mkdir(db.path+string(use), 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return asFault(err)
	}
	release, err := takeTrial(db.path, use)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	path := filepath.Join(db.path+string(use), filepath.Base(db.path))
	if err := db.Backup(ctx, path); err != nil {
		return err
	}
	trial, err := Open(ctx, Config{Path: path, MustExist: true, Clock: db.clock, Log: db.log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, trial.Close()) }()
	return do(ctx, trial)
}

// takeTrial takes the folder for copies of the database at path, and empties it; release removes it. ErrInUse says that another has it,
// fs.ErrNotExist that there is none.
func takeTrial(path string, use Use) (release func() error, err error) {
	name := path + string(use)
	dir, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	if err := lock(dir, ErrInUse); err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	// Whoever had it may have removed it since it was opened.
	taken, err := dir.Stat()
	if err == nil {
		var now os.FileInfo
		if now, err = os.Stat(name); errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(taken, now) {
			err = ErrInUse
		}
	}
	if err == nil {
		err = emptyFolder(name)
	}
	if err != nil {
		return nil, errors.Join(err, dir.Close())
	}
	return func() error { return errors.Join(os.RemoveAll(name), dir.Close()) }, nil
}

// endTrials removes the copies that were left by what was killed: they still hold whoever is erased later.
func endTrials(path string) (err error) {
	for _, use := range []Use{ForTrial, ForBackup} {
		release, taken := takeTrial(path, use)
		if errors.Is(taken, fs.ErrNotExist) || errors.Is(taken, ErrInUse) {
			continue
		}
		if taken == nil {
			taken = release()
		}
		err = errors.Join(err, taken)
	}
	return err
}

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

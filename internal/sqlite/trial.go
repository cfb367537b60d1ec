package sqlite

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// trialEnd ends the name of the folder, beside a database, that copies of it for trials lie in.
const trialEnd = ".trial"

// OnCopy calls do with a copy of the database as of one instant, on the same clock, for what is only to be tried: nothing that it
// does changes this database or waits for it, and bookings go on meanwhile. The copy lies beside the database, in a folder that
// only its owner may read, and is gone when OnCopy returns; where the process was killed, it goes with the next OnCopy or Serving.
// ErrInUse says that another copy is being tried on.
func (db *DB) OnCopy(ctx context.Context, do func(ctx context.Context, trial *DB) error) (err error) {
	if err := os.Mkdir(db.path+trialEnd, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	release, err := takeTrial(db.path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	path := filepath.Join(db.path+trialEnd, filepath.Base(db.path))
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

// takeTrial takes the folder for trials on the database at path, and empties it; release removes it. ErrInUse says that another has it,
// fs.ErrNotExist that there is none.
func takeTrial(path string) (release func() error, err error) {
	name := path + trialEnd
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

// endTrials removes the copy that a trial left which was killed: it still holds whoever is erased later.
func endTrials(path string) error {
	release, err := takeTrial(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrInUse) {
		return nil
	}
	if err != nil {
		return err
	}
	return release()
}

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
	return err
}

package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// databaseFile is the name of the database in the data folder.
const databaseFile = "ateliers.db"

// dataFolder returns the folder that holds the database, which must be there.
func (g globals) dataFolder() (string, error) {
	dir := cmp.Or(g.Data, defaultData)
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("the data folder %s does not exist: make it, or name another with --data", dir)
	case err != nil:
		return "", fmt.Errorf("the data folder %s cannot be used: %w", dir, cause(err))
	case !info.IsDir():
		return "", fmt.Errorf("the data folder %s is a file", dir)
	}
	return dir, nil
}

// cause is what the system said, without the path that the line has already.
func cause(err error) error {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err
	}
	return err
}

// open opens the database of the data folder as cfg says.
func (g globals) open(ctx context.Context, cfg sqlite.Config) (*sqlite.DB, error) {
	dir, err := g.dataFolder()
	if err != nil {
		return nil, err
	}
	cfg.Path = filepath.Join(dir, databaseFile)
	if _, err := os.Stat(cfg.Path); cfg.MustExist && errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no database in %s: ateliers migrate makes one", dir)
	}
	if err := upkeep.CutShort(cfg.Path); err != nil {
		return nil, err
	}
	db, err := sqlite.Open(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("the database cannot be opened: %w", err)
	}
	return db, nil
}

// with opens the database, calls do and closes it.
func (g globals) with(ctx context.Context, cfg sqlite.Config, do func(*sqlite.DB) error) error {
	db, err := g.open(ctx, cfg)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.Close())
}

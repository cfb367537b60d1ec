package main

import (
	"context"
	"fmt"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

type migrateCommand struct{}

func (*migrateCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{Log: w.logger(g)}, func(db *sqlite.DB) error {
		w.say("%s is ready", db.Path())
		return nil
	})
}

type verifyCommand struct{}

func (*verifyCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		breaches, err := upkeep.Verify(ctx, db)
		if err != nil {
			return err
		}
		for _, b := range breaches {
			w.say("%s", b)
		}
		if n := len(breaches); n > 0 {
			return fmt.Errorf("breaches found in %s: %d", db.Path(), n)
		}
		w.say("no breach")
		return nil
	})
}

type backupCommand struct {
	File string `arg:"" help:"File to write; it must not exist."`
}

func (c *backupCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		if err := upkeep.Backup(ctx, db, c.File); err != nil {
			return fmt.Errorf("no backup was made: %w", err)
		}
		w.say("%s written; the erasures until now are beside it; keep the file ateliers.secret of the data folder with it", c.File)
		return nil
	})
}

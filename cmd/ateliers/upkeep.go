package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

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
		if text := upkeep.ToRestore(breaches); text != "" {
			w.say("%s", text)
		}
		if n := len(breaches); n > 0 {
			return fmt.Errorf("breaches found in %s: %d", db.Path(), n)
		}
		w.say("no breach")
		return nil
	})
}

type backupCommand struct {
	File             string   `arg:"" help:"File to write; it must not exist. Where its name ends with .age it is encrypted."`
	BackupRecipients []string `help:"Public keys of age (age1…) of who can open it." name:"backup-recipients" placeholder:"KEY,…" setting:"ATELIERS_BACKUP_RECIPIENTS"`
}

func (c *backupCommand) run(ctx context.Context, w world, g globals) error {
	var holders []upkeep.Recipient
	if strings.HasSuffix(c.File, ".age") {
		var err error
		if holders, err = upkeep.ParseRecipients(c.BackupRecipients); err != nil {
			return misuse{fmt.Errorf("ATELIERS_BACKUP_RECIPIENTS: %w", err)}
		}
		if len(holders) == 0 {
			return misuse{errors.New("a file that ends with .age is encrypted: name who can open it with --backup-recipients")}
		}
	}
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		if err := upkeep.Backup(ctx, db, c.File, holders...); err != nil {
			return fmt.Errorf("no backup was made: %w", err)
		}
		w.say("%s written; the erasures until now are beside it; keep the file ateliers.secret of the data folder with it", c.File)
		return nil
	})
}

type keyCommand struct {
	File string `arg:"" help:"File to write the secret key to; it must not exist. Keep it off the server."`
}

func (c *keyCommand) run(_ context.Context, w world, _ globals) error {
	public, err := upkeep.MakeKey(c.File)
	if err != nil {
		return fmt.Errorf("no key was made: %w", err)
	}
	w.say("%s holds the secret key: keep it off the server, in two places", c.File)
	w.say("the public key, for ATELIERS_BACKUP_RECIPIENTS: %s", public)
	return nil
}

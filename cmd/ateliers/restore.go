package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

type restoreCommand struct {
	File     string `arg:"" help:"A copy that backup made; the list erasures.log beside it counts too."`
	Identity string `help:"File with the secret key of age that opens an encrypted copy." placeholder:"FILE"`
	Anyway   bool   `help:"Also where verify finds breaches in the copy. A damaged file is refused all the same."`
}

func (c *restoreCommand) run(ctx context.Context, w world, g globals) error {
	dir, err := g.dataFolder()
	if err != nil {
		return err
	}
	path := filepath.Join(dir, databaseFile)
	done, err := upkeep.Restore(ctx, upkeep.Restoration{Path: path, File: c.File, Identity: c.Identity, Anyway: c.Anyway, Clock: time.Now, Log: w.logger(g)})
	for _, b := range done.Breaches {
		w.say("%s", b)
	}
	if err != nil && !done.Placed {
		return fmt.Errorf("the database was not restored: %w", err)
	}
	w.say("%s holds the copy %s", path, c.File)
	if done.Aside != "" {
		w.say("what was there before is in %s: it goes by itself after %d days, remove it once you do not need it", done.Aside, upkeep.MostBackupDays)
	}
	if done.Secret != "" {
		w.say("the secret is that of %s", done.Secret)
	}
	w.say("erased again: %d", done.Erased)
	w.say("no mail leaves before somebody of the staff says so, on the page « Mails »")
	if err != nil {
		return fmt.Errorf("the copy is in place, but may not outlast a power cut: %w", err)
	}
	return nil
}

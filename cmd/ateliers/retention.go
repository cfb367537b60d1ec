package main

import (
	"context"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

type retentionCommand struct {
	DryRun bool `help:"Say what would go, and change nothing."`
}

func (c *retentionCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		service := privacy.NewService(db, account.Secret{}) // it signs no links
		retain := service.Retain
		if c.DryRun {
			retain = service.WouldRetain
		}
		report, err := retain(ctx)
		if err != nil {
			return err
		}
		for _, count := range report.Counts {
			w.say("%-10s %d", count.Step, count.N)
		}
		if c.DryRun {
			w.say("nothing was changed: %d things have had their time", report.Total())
			return nil
		}
		w.say("%d things had their time and are gone", report.Total())
		return nil
	})
}

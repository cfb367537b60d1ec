package main

import (
	"context"
	"fmt"
	"os"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

type importHolidaysCommand struct {
	File   string `arg:"" help:"CSV file: the official calendar of data.gouv.fr (fr-en-calendrier-scolaire), or one with the columns zone, nom, premier_jour, dernier_jour."`
	DryRun bool   `help:"Say what would be done, and do nothing."`
}

func (c *importHolidaysCommand) run(ctx context.Context, w world, g globals) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	return g.with(ctx, sqlite.Config{Log: w.logger(g)}, func(db *sqlite.DB) error {
		holidays, problems, err := web.ReadHolidays(file)
		for _, p := range problems {
			_, _ = fmt.Fprintln(w.stderr, words.For(words.French).Message(p.Message()))
		}
		if len(problems) > 0 {
			return fmt.Errorf("nothing was imported: %s has %s", c.File, counted(len(problems), "mistake"))
		}
		if err != nil {
			return err
		}
		done, err := catalog.New(db).ImportHolidays(ctx, account.Command(), holidays, c.DryRun)
		if err != nil {
			return err
		}
		would := ""
		if c.DryRun {
			would = "would be "
		}
		w.say("%s %sadded, %d %sremoved, %d unchanged", counted(len(done.Added), "holiday"), would, len(done.Removed), would, done.Unchanged)
		inside, err := catalog.New(db).FellInside(ctx)
		if err != nil {
			return err
		}
		for _, f := range inside {
			w.say("session %d (%s, %s) is in the holidays « %s »: move it, cancel it or leave it at /equipe/seances/%d",
				f.Session.ID, f.Session.Workshop.Title, f.Session.StartsAt.Format("2006-01-02 15:04"), f.Holiday.Name, f.Session.ID)
		}
		return nil
	})
}

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/privacy"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
)

type breachCommand struct {
	From   string `required:"" help:"From this instant on, as in 2027-05-08T09:00:00+02:00." placeholder:"INSTANT"`
	To     string `required:"" help:"Until this instant." placeholder:"INSTANT"`
	Actor  string `help:"Only what this actor did or looked at, as the audit names it: user:3." placeholder:"ACTOR"`
	Record string `help:"Only what is about this record: session:12." placeholder:"RECORD"`
}

func (c *breachCommand) run(ctx context.Context, w world, g globals) error {
	about := privacy.Entries{Actor: c.Actor, Record: c.Record}
	for _, instant := range []struct {
		flag, typed string
		at          *time.Time
	}{{"--from", c.From, &about.From}, {"--to", c.To, &about.To}} {
		var err error
		if *instant.at, err = time.Parse(time.RFC3339, instant.typed); err != nil {
			return misuse{fmt.Errorf("%s is %q: want an instant such as 2027-05-08T09:00:00+02:00", instant.flag, instant.typed)}
		}
	}
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		service := privacy.NewService(db, account.Secret{}) // it signs no links
		list, err := service.Breach(ctx, about)
		if err != nil {
			return err
		}
		out, err := table.NewWriter(w.stdout, "guardian", "name", "email", "phone", "language", "entries")
		if err != nil {
			return err
		}
		for _, t := range list {
			err := out.Write(table.Number(int(t.Guardian)), table.Text(t.Name), table.Text(t.Email), table.Text(t.Phone), table.Text(t.Language), table.Number(t.Entries))
			if err != nil {
				return err
			}
		}
		return out.Flush()
	})
}

package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/school"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

type importSchoolsCommand struct {
	File   string `arg:"" help:"CSV file of the Annuaire de l'éducation, as data.education.gouv.fr publishes it."`
	DryRun bool   `help:"Say what would be done, and do nothing."`
}

func (c *importSchoolsCommand) run(ctx context.Context, w world, g globals) error {
	file, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	return g.with(ctx, sqlite.Config{Log: w.logger(g)}, func(db *sqlite.DB) error {
		done, problems, err := importSchools(ctx, db, file, c.DryRun)
		for _, p := range problems {
			_, _ = fmt.Fprintln(w.stderr, words.For(words.French).Message(p.Message()))
		}
		if len(problems) > 0 {
			return fmt.Errorf("nothing was imported: %s has %s", c.File, counted(len(problems), "mistake"))
		}
		if err != nil {
			return err
		}
		would := ""
		if c.DryRun {
			would = "would be "
		}
		w.say("%s %sadded, %d %schanged, %d unchanged", counted(done.Added, "school"), would, done.Changed, would, done.Unchanged)
		return nil
	})
}

// importSchools reads a file of the directory and stores it, all or nothing. Where there are problems, each with its line
// and column, nothing was stored.
func importSchools(ctx context.Context, db *sqlite.DB, file io.Reader, dryRun bool) (school.DirectoryImport, []table.Problem, error) {
	var rows []school.DirectoryRow
	problems, err := table.Read(file, table.Header{Required: school.DirectoryColumns, Others: true}, func(r table.Row) {
		rows = append(rows, school.ParseDirectoryRow(r.Line, r.Get, r.Wrong))
	})
	if err != nil || len(problems) > 0 {
		return school.DirectoryImport{}, problems, err
	}
	done, err := school.ImportDirectory(ctx, db, account.Command(), rows, dryRun)
	for _, p := range done.Problems {
		problems = append(problems, table.Problem(p))
	}
	return done, problems, err
}

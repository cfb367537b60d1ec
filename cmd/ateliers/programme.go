package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

type importProgrammeCommand struct {
	File    string `arg:"" help:"Spreadsheet (XLSX), or CSV file; ; or , between the cells."`
	DryRun  bool   `help:"Say what would be done, and do nothing."`
	ShiftTo string `help:"Move every session by the same number of weeks, so that the first falls on this day or in the six after it." placeholder:"YYYY-MM-DD"`
}

func (c *importProgrammeCommand) run(ctx context.Context, w world, g globals) error {
	if c.ShiftTo != "" {
		if _, err := time.Parse(time.DateOnly, c.ShiftTo); err != nil {
			return misuse{fmt.Errorf("--shift-to is %q: want a day such as 2027-05-08", c.ShiftTo)}
		}
	}
	source, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = source.Close() }()                            // it was only read
	file, err := io.ReadAll(io.LimitReader(source, table.MaxSize+1)) // more than table.Read takes, and no more
	if err != nil {
		return err
	}
	return g.with(ctx, sqlite.Config{Log: w.logger(g)}, func(db *sqlite.DB) error {
		done, problems, err := importProgramme(ctx, catalog.New(db), file, catalog.ImportOptions{DryRun: c.DryRun, ShiftTo: c.ShiftTo})
		for _, p := range problems {
			_, _ = fmt.Fprintln(w.stderr, words.For(words.French).Message(p.Message()))
		}
		if len(problems) > 0 {
			return fmt.Errorf("nothing was imported: %s has %s", c.File, counted(len(problems), "mistake"))
		}
		if err != nil {
			return err
		}
		verb := "added"
		if c.DryRun {
			verb = "would be added"
		}
		were := "were"
		if done.Unchanged == 1 {
			were = "was"
		}
		w.say("%s %s, %d %s there already, all moved by %s", counted(done.Created, "session"), verb, done.Unchanged, were, counted(done.Weeks, "week"))
		return nil
	})
}

// counted is a number with its thing: 1 week, 2 weeks.
func counted(n int, thing string) string {
	if n == 1 || n == -1 {
		return fmt.Sprintf("%d %s", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// importProgramme reads a programme and stores it, all or nothing. Where there are problems, each
// with its line and column, nothing was stored.
func importProgramme(ctx context.Context, c *catalog.Catalog, file []byte, opts catalog.ImportOptions) (catalog.Imported, []table.Problem, error) {
	rows, problems, err := web.ReadProgramme(file)
	if err != nil || len(problems) > 0 {
		return catalog.Imported{}, problems, err
	}
	done, err := c.ImportProgramme(ctx, account.Command(), rows, opts)
	for _, p := range done.Problems {
		problems = append(problems, table.Problem(p))
	}
	return done, problems, err
}

package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/table"
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
		holidays, problems, err := readHolidays(file)
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
		w.say("%s %sadded, %d %sremoved, %d unchanged", counted(done.Added, "holiday"), would, done.Removed, would, done.Unchanged)
		return nil
	})
}

// readHolidays reads a file of school holidays in either format; which one it is, its first line tells.
func readHolidays(file io.Reader) (holidays []catalog.Holiday, problems []table.Problem, err error) {
	src := bufio.NewReader(file)
	start, err := src.Peek(1 << 10)
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	first, _, _ := bytes.Cut(start, []byte("\n"))
	header := table.Header{Required: catalog.HolidayColumns}
	read := func(r table.Row) (catalog.Holiday, bool) { return catalog.ParseHolidayRow(r.Get, r.Wrong), true }
	if bytes.Contains(bytes.ToLower(first), []byte("description")) {
		header = table.Header{Required: catalog.OfficialHolidayColumns, Others: true}
		read = func(r table.Row) (catalog.Holiday, bool) { return catalog.ParseOfficialHolidayRow(r.Get, r.Wrong) }
	}
	problems, err = table.Read(src, header, func(r table.Row) {
		if h, some := read(r); some {
			holidays = append(holidays, h)
		}
	})
	return holidays, problems, err
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

type sheetCommand struct {
	Session int64  `arg:"" optional:"" help:"Number of the session, as in its address."`
	Day     string `help:"The sheets of all sessions of a day in one file, instead of one session." placeholder:"YYYY-MM-DD"`
	Blank   bool   `help:"Without names, to be written by hand; without a session its head is lines to write on too."`
	Output  string `short:"o" required:"" help:"PDF file to write; it holds health data, so only you can read it." placeholder:"FILE.pdf"`
}

func (c *sheetCommand) run(ctx context.Context, w world, g globals) error {
	switch {
	case c.Day != "" && (c.Session != 0 || c.Blank):
		return misuse{errors.New("--day stands alone: it is all sessions of that day, with their names")}
	case c.Day == "" && c.Session == 0 && !c.Blank:
		return misuse{errors.New("which sheet? the number of a session, --day YYYY-MM-DD or --blank")}
	}
	day, err := time.Parse(time.DateOnly, c.Day)
	if c.Day != "" && err != nil {
		return misuse{fmt.Errorf("--day %q is not a day: write 2027-05-08", c.Day)}
	}
	if c.Blank && c.Session == 0 { // the paper for the day when everything fails: it needs no database either
		zone, err := catalog.LoadZone(catalog.HomeZone)
		if err != nil {
			return err
		}
		return c.drawRegister(ctx, w, web.UnplannedPaper(words.French, time.Now().In(zone), web.UnplannedLines))
	}
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		service := attendance.NewService(db, nil)
		switch {
		case c.Day != "":
			return c.drawDay(ctx, w, service, day)
		case c.Blank:
			bare, err := service.BareSheet(ctx, account.Command(), c.Session)
			if err != nil {
				return ofSession(c.Session, err)
			}
			return c.drawRegister(ctx, w, web.BlankPaper(words.French, bare, web.BlankLines(bare)))
		}
		sheet, err := service.Sheet(ctx, account.Command(), c.Session)
		if err != nil {
			return ofSession(c.Session, err)
		}
		return c.drawRegister(ctx, w, web.RegisterPaper(words.French, sheet))
	})
}

func (c *sheetCommand) drawDay(ctx context.Context, w world, service *attendance.Service, day time.Time) error {
	sheets, err := service.DaySheets(ctx, account.Command(), day)
	if err != nil {
		return err
	}
	if len(sheets) == 0 {
		return fmt.Errorf("no session takes place on %s", c.Day)
	}
	return w.draw(c.Output, func(press *document.Press, file *bytes.Buffer) error {
		p := words.For(words.French)
		return press.Registers(ctx, file, web.RegisterPapers(p.Lang(), p.T("sheets.file", p.Date(day)), sheets))
	})
}

func (c *sheetCommand) drawRegister(ctx context.Context, w world, register document.Register) error {
	return w.draw(c.Output, func(press *document.Press, file *bytes.Buffer) error { return press.Register(ctx, file, register) })
}

type certificatesCommand struct {
	siteFlags
	Session int64  `arg:"" help:"Number of the session, as in its address."`
	Series  bool   `help:"The certificates about the whole series that the session belongs to, once its last session is over."`
	Output  string `short:"o" required:"" help:"PDF file to write." placeholder:"FILE.pdf"`
}

func (c *certificatesCommand) run(ctx context.Context, w world, g globals) error {
	base, err := c.baseURL()
	if err != nil {
		return err
	}
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		service := attendance.NewService(db, nil)
		url := func(code string) string { return base.JoinPath(web.CertificatePath(code)).String() }
		if c.Series {
			return c.drawSeries(ctx, w, db, url)
		}
		if _, err := service.Issue(ctx, account.Command(), account.FormKey{}, c.Session, false); err != nil {
			return ofSession(c.Session, err)
		}
		list, err := service.Certificates(ctx, account.Command(), c.Session)
		if err != nil {
			return ofSession(c.Session, err)
		}
		papers := web.CertificatePapers(words.French, list, url)
		if len(papers) == 0 {
			return fmt.Errorf("session %d has no certificate: no child is marked as having come", c.Session)
		}
		return w.draw(c.Output, func(press *document.Press, file *bytes.Buffer) error {
			return press.Certificates(ctx, file, words.French, list.ReadAt, papers)
		})
	})
}

// drawSeries issues the certificates about the series of a session, and draws those that are valid.
func (c *certificatesCommand) drawSeries(ctx context.Context, w world, db *sqlite.DB, url func(code string) string) error {
	session, err := catalog.New(db).Session(ctx, c.Session)
	if err != nil {
		return ofSession(c.Session, err)
	}
	if session.Series.ID == 0 {
		return fmt.Errorf("session %d belongs to no series", c.Session)
	}
	service := attendance.NewService(db, nil)
	if _, err := service.IssueSeries(ctx, account.Command(), account.FormKey{}, session.Series.ID, false, false); err != nil {
		if fault.Is(err, fault.Conflict, "attendance.series.not_over") {
			return fmt.Errorf("the series of session %d is not over", c.Session)
		}
		return err
	}
	list, err := service.SeriesCertificates(ctx, account.Command(), session.Series.ID)
	if err != nil {
		return err
	}
	papers := web.SeriesPapers(words.French, list, url)
	if len(papers) == 0 {
		return fmt.Errorf("the series of session %d has no certificate: no child came to two of its sessions", c.Session)
	}
	return w.draw(c.Output, func(press *document.Press, file *bytes.Buffer) error {
		return press.Certificates(ctx, file, words.French, list.ReadAt, papers)
	})
}

// ofSession says which session was not found.
func ofSession(id int64, err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return fmt.Errorf("there is no session %d", id)
	}
	return err
}

// draw writes a paper to a file that only its owner can read. Nothing is written unless it was drawn.
func (w world) draw(path string, draw func(*document.Press, *bytes.Buffer) error) error {
	press, err := document.New()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := draw(press, &file); err != nil {
		return err
	}
	if err := writeFile(path, file.Bytes()); err != nil {
		return err
	}
	w.say("%s written", path)
	return nil
}

// writeFile writes a file for its owner alone, also where one with that name was open to others.
func writeFile(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = f.Chmod(0o600)
	if err == nil {
		_, err = f.Write(content)
	}
	return errors.Join(err, f.Close())
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/attendance"
	"github.com/lesbricodeurs/ateliersdada/internal/document"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

type sheetCommand struct {
	Session int64  `arg:"" help:"Number of the session, as in its address."`
	Output  string `short:"o" required:"" help:"PDF file to write; it holds health data, so only you can read it." placeholder:"FILE.pdf"`
}

func (c *sheetCommand) run(ctx context.Context, w world, g globals) error {
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		sheet, err := attendance.NewService(db).Sheet(ctx, account.Command(), c.Session)
		if err != nil {
			return ofSession(c.Session, err)
		}
		return w.draw(c.Output, func(press *document.Press, file *bytes.Buffer) error {
			if sheet.Group != nil {
				return press.ClassSheet(ctx, file, web.ClassSheetPaper(words.French, sheet))
			}
			return press.Sheet(ctx, file, web.SheetPaper(words.French, sheet))
		})
	})
}

type certificatesCommand struct {
	siteFlags
	Session int64  `arg:"" help:"Number of the session, as in its address."`
	Output  string `short:"o" required:"" help:"PDF file to write." placeholder:"FILE.pdf"`
}

func (c *certificatesCommand) run(ctx context.Context, w world, g globals) error {
	base, err := c.baseURL()
	if err != nil {
		return err
	}
	return g.with(ctx, sqlite.Config{MustExist: true, Log: w.logger(g)}, func(db *sqlite.DB) error {
		service := attendance.NewService(db)
		if _, err := service.Issue(ctx, account.Command(), account.FormKey{}, c.Session); err != nil {
			return ofSession(c.Session, err)
		}
		list, err := service.Certificates(ctx, account.Command(), c.Session)
		if err != nil {
			return ofSession(c.Session, err)
		}
		papers := web.CertificatePapers(words.French, list, func(code string) string { return base.JoinPath(web.CertificatePath(code)).String() })
		if len(papers) == 0 {
			return fmt.Errorf("session %d has no certificate: no child is marked as having come", c.Session)
		}
		return w.draw(c.Output, func(press *document.Press, file *bytes.Buffer) error {
			return press.Certificates(ctx, file, words.French, list.ReadAt, papers)
		})
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

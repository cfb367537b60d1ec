package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/audit"
	"github.com/lesbricodeurs/ateliersdada/internal/past"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/web"
)

type demoCommand struct {
	Addr  string `help:"Address to listen on; port 0 picks a free one." default:"127.0.0.1:8080" placeholder:"HOST:PORT" setting:"ATELIERS_ADDR"`
	Now   string `help:"Start the clock here, as in 2027-05-08T09:00:00+02:00; it runs on from there." placeholder:"INSTANT"`
	Lan   bool   `help:"Let a phone on the local network in."`
	Years int    `help:"Make up this many years of workshops that are over too, 400 a year, for reports and for measuring." default:"0" placeholder:"N"`
}

func (c *demoCommand) run(ctx context.Context, w world, g globals) (err error) {
	clock, err := c.clock()
	if err != nil {
		return err
	}
	listener, base, err := c.listen()
	if err != nil {
		return err
	}
	defer func() { _ = listener.Close() }() // serve has closed it, unless something failed before

	if g.Data == "" {
		if g.Data, err = os.MkdirTemp("", "ateliers-demo-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(g.Data)) }()
	}
	db, err := c.fresh(ctx, w, g, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	h, err := newHouse(db, clock.Now, w.logger(g))
	if err != nil {
		return err
	}
	people, err := h.furnish(ctx, clock)
	if err != nil {
		return fmt.Errorf("the demo cannot be set up: %w", err)
	}
	if c.Years > 0 {
		plan := past.FiveYears(clock.Now())
		plan.Years, plan.Sessions = c.Years, plan.Sessions/plan.Years*c.Years
		if err := past.Make(ctx, db, plan); err != nil {
			return err
		}
	}
	letters, err := h.letters(ctx, base)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, letters.Close()) }()
	pages, err := h.pages(ctx, base, nil, false, &web.Demo{Mails: letters.Received, Move: mover{h, clock, letters}.move})
	if err != nil {
		return err
	}
	people.show(w, base)
	w.say("listening on %s", base)
	return serve(ctx, pages.HTTPServer(), listener, h.timers.Run, letters.run)
}

// clock starts where --now says.
func (c *demoCommand) clock() (*movingClock, error) {
	if c.Now == "" {
		return newClock(time.Now()), nil
	}
	now, err := time.Parse(time.RFC3339, c.Now)
	if err != nil {
		return nil, misuse{fmt.Errorf("--now is %q: want an instant such as 2027-05-08T09:00:00+02:00", c.Now)}
	}
	return newClock(now), nil
}

// listen returns a listener and the address that people type. Without --lan nobody else reaches it.
func (c *demoCommand) listen() (net.Listener, *url.URL, error) {
	host, port, err := net.SplitHostPort(c.Addr)
	switch {
	case err != nil:
		return nil, nil, misuse{fmt.Errorf("--addr is %q: want HOST:PORT, such as 127.0.0.1:8080", c.Addr)}
	case !c.Lan && !isLoopback(host):
		return nil, nil, misuse{fmt.Errorf("--addr is %q: the demo is for this machine alone; --lan lets the local network in", c.Addr)}
	case c.Lan && isLoopback(host):
		host = ""
	}
	listener, err := listen(net.JoinHostPort(host, port))
	if err != nil {
		return nil, nil, err
	}
	at := *listener.Addr().(*net.TCPAddr) // a copy: the listener keeps its own
	if at.IP.IsUnspecified() {
		at.IP = lanAddress()
	}
	return listener, &url.URL{Scheme: "http", Host: (&at).String()}, nil
}

// lanAddress is an address of this machine on the local network; loopback when it is on none.
func lanAddress() net.IP {
	addresses, err := net.InterfaceAddrs()
	if err == nil {
		for _, a := range addresses {
			if n, ok := a.(*net.IPNet); ok && n.IP.IsPrivate() && n.IP.To4() != nil {
				return n.IP
			}
		}
	}
	return net.IPv4(127, 0, 0, 1)
}

// demoMark is a file beside a database that a demo has made, and the audit line that it starts with. Both must be
// there before a demo removes a database: real families are never lost to it (RGPD-13).
const (
	demoMark   = "ateliers.demo"
	demoAction = "demo.make"
)

// fresh returns a new database in the data folder, in place of that of an earlier demo.
func (c *demoCommand) fresh(ctx context.Context, w world, g globals, clock *movingClock) (*sqlite.DB, error) {
	if err := os.Mkdir(cmp.Or(g.Data, defaultData), 0o700); err != nil && !errors.Is(err, fs.ErrExist) && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the data folder cannot be made: %w", err)
	}
	dir, err := g.dataFolder()
	if err != nil {
		return nil, err
	}
	path, mark := filepath.Join(dir, databaseFile), filepath.Join(dir, demoMark)
	if _, err := os.Stat(path); err == nil {
		if err := removeDemo(ctx, path, mark); err != nil {
			return nil, err
		}
	}
	if err := writeFile(mark, nil); err != nil {
		return nil, fmt.Errorf("the data folder cannot be written: %w", err)
	}
	db, err := g.open(ctx, sqlite.Config{Serving: true, Clock: clock.Now, Log: w.logger(g)})
	if err != nil {
		return nil, err
	}
	err = db.Write(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		return audit.Add(tx, account.Command().String(), demoAction, "database", nil)
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// removeDemo removes the database of an earlier demo with its secret, and refuses any other.
func removeDemo(ctx context.Context, path, mark string) error {
	real := fmt.Errorf("%s was not made by a demo, and is left alone: name another folder with --data", path)
	if _, err := os.Stat(mark); err != nil { // not even opened: opening might upgrade it
		return real
	}
	db, err := sqlite.Open(ctx, sqlite.Config{Path: path, MustExist: true, Serving: true})
	if err != nil {
		return err
	}
	made, err := madeByDemo(ctx, db)
	if err := errors.Join(err, db.Close()); err != nil {
		return err
	}
	if !made {
		return real
	}
	for _, name := range []string{path, path + "-wal", path + "-shm", filepath.Join(filepath.Dir(path), account.SecretFile)} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

const sqlMadeByDemo = `SELECT EXISTS (SELECT 1 FROM audit WHERE action = 'demo.make')`

// madeByDemo reports whether a database holds made-up people.
func madeByDemo(ctx context.Context, db *sqlite.DB) (made bool, err error) {
	err = db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(sqlMadeByDemo).Scan(&made) })
	return made, err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

type serveCommand struct {
	servingFlags
}

func (c *serveCommand) run(ctx context.Context, w world, g globals) error {
	cfg, err := c.resolve()
	if err != nil {
		return err
	}
	startFrugally()
	log := w.logger(g)
	return g.with(ctx, sqlite.Config{Serving: true, Log: log}, func(db *sqlite.DB) error {
		made, err := madeByDemo(ctx, db)
		if err != nil {
			return err
		}
		if made {
			return fmt.Errorf("%s holds made-up people of a demo: serve another data folder", db.Path())
		}
		if err := checkWhole(ctx, db); err != nil {
			return err
		}
		h, err := newHouse(db, time.Now, log)
		if err != nil {
			return err
		}
		postman, err := h.postman(ctx, cfg.baseURL, cfg.server, cfg.identity)
		if err != nil {
			return err
		}
		pages, err := h.pages(ctx, cfg.baseURL, cfg.proxies, c.SecondFactor, nil)
		if err != nil {
			return err
		}
		listener, err := listen(cfg.addr)
		if err != nil {
			return err
		}
		watch := &upkeep.Watch{DB: db, Outbox: h.outbox, Backups: c.backups(cfg, filepath.Dir(db.Path()), db, log), Clock: time.Now, Log: log}
		w.say("listening on http://%s", listener.Addr())
		return serve(ctx, pages.HTTPServer(), listener, h.timers.Run, postman.Run, watch.Run)
	})
}

// checkWhole refuses to serve a damaged database: what it shows may be wrong, and what it writes may be lost (REL-19). It reads the
// whole file, half a second for 200 MB.
func checkWhole(ctx context.Context, db *sqlite.DB) error {
	breaches, err := db.Integrity(ctx)
	if err != nil {
		return fmt.Errorf("the database %s cannot be checked: %w; %s", db.Path(), err, sqlite.WayOut)
	}
	if len(breaches) > 0 {
		return fmt.Errorf("the database %s is damaged (%s; in all: %d); %s", db.Path(), breaches[0], len(breaches), sqlite.WayOut)
	}
	return nil
}

// listen takes an address, or says in one line why it cannot.
func listen(addr string) (net.Listener, error) {
	listener, err := net.Listen("tcp", addr)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("cannot listen on %s: another program does; choose another with --addr", addr)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", addr, err)
	}
	return listener, nil
}

// patience is how long requests may take to finish once the process is asked to stop. With the closing of the
// database it stays under the 10 s of REL-9.
const patience = 8 * time.Second

// collectorIsOurs reports whether the operator left the collector of garbage to the program.
func collectorIsOurs() bool { return os.Getenv("GOGC") == "" }

// startFrugally collects garbage often until serve: the start reads templates and fonts, leaves as much behind as it keeps, and would
// take more memory for a moment than the server ever does after it (9 of 97 MB).
func startFrugally() {
	if collectorIsOurs() {
		debug.SetGCPercent(50)
	}
}

// serve answers requests, beside the work in the background, until ctx is done. Then it finishes what has begun,
// no longer than patience, and returns when all has ended.
func serve(ctx context.Context, server *http.Server, listener net.Listener, background ...func(context.Context)) error {
	if collectorIsOurs() {
		// Some 20 MB are live, and the heap may well be five times that: with Go's default the collector took a sixth of the
		// processor's time per booking. Not before now, see startFrugally.
		debug.FreeOSMemory()
		debug.SetGCPercent(400)
	}
	working, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	for _, do := range background {
		work.Go(func() { do(working) })
	}
	defer work.Wait()
	defer stop()

	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	finishing, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := server.Shutdown(finishing); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %v: %w", patience, err), server.Close())
	}
	return nil
}

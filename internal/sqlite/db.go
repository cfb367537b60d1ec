// Package sqlite opens the database and runs transactions on it: Read on a pool of
// connections that cannot write, Write on the one connection that can. It knows
// nothing of what the tables mean.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	_ "github.com/mattn/go-sqlite3" // the driver "sqlite3"

	"github.com/lesbricodeurs/ateliersdada"
)

// Config says how to open a database. Only Path is required.
type Config struct {
	// Path is the database file. Its folder must exist; the file is made when it does
	// not, with mode 0600.
	Path string
	// MustExist refuses to make a new database: for commands that read or repair.
	MustExist bool
	// Serving takes the data folder for this process: a second one gets ErrServed.
	// Without it any number of processes may open the database beside the serving one.
	Serving bool
	// Schema is the complete present schema, ateliersdada.Schema by default.
	Schema string
	// Migrations holds the numbered steps, those of this package by default.
	Migrations fs.FS
	// Clock gives the instants of transactions, time.Now by default.
	Clock Clock
	// Readers is the size of the reader pool, 8 by default.
	Readers int
	// CheckpointEvery is the time between two checkpoints of a serving process, one
	// minute by default.
	CheckpointEvery time.Duration
	// Log receives what goes wrong in the background, slog.Default() by default.
	Log *slog.Logger
}

func (c Config) withDefaults() (Config, error) {
	path, err := filepath.Abs(c.Path)
	if err != nil || c.Path == "" {
		return c, fmt.Errorf("sqlite: path %q: %w", c.Path, errors.Join(err, fs.ErrInvalid))
	}
	c.Path = path
	if c.Schema == "" {
		c.Schema = ateliersdada.Schema
	}
	if c.Migrations == nil {
		if c.Migrations, err = fs.Sub(migrations, "migrations"); err != nil {
			return c, err
		}
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Readers == 0 {
		c.Readers = 8
	}
	if c.CheckpointEvery == 0 {
		c.CheckpointEvery = time.Minute
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	return c, nil
}

// DB is an open database. It is safe for use by many goroutines.
type DB struct {
	path       string
	clock      Clock
	log        *slog.Logger
	lock       *os.File // held while serving, else nil
	writer     *writer
	readers    *sql.DB
	watcher    *sql.DB // one connection, for DataVersion
	checkpoint *sql.DB // one connection

	stop       context.CancelFunc
	background sync.WaitGroup
	closing    sync.Once
	closed     error
}

// Open opens the database, making or upgrading it when needed, and checks that every
// connection is as durable and as safe as asked. Its errors are one line each, fit
// for the person who started the program; ErrServed is one of them.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	db := &DB{path: cfg.Path, clock: cfg.Clock, log: cfg.Log}
	if err := db.open(ctx, cfg); err != nil {
		return nil, errors.Join(advise(err), db.disconnect())
	}
	go db.writer.work()
	ctx, db.stop = context.WithCancel(context.WithoutCancel(ctx))
	if cfg.Serving {
		db.background.Go(func() { db.checkpoints(ctx, cfg.CheckpointEvery) })
	}
	return db, nil
}

func (db *DB) open(ctx context.Context, cfg Config) (err error) {
	if err := makeFile(cfg.Path, cfg.MustExist); err != nil {
		return err
	}
	if cfg.Serving {
		if db.lock, err = lockFolder(filepath.Dir(cfg.Path)); err != nil {
			return err
		}
		if err := endTrials(cfg.Path); err != nil {
			cfg.Log.Warn("sqlite: a copy that was for trials stays", "error", err)
		}
	}
	if err := cfg.ready(ctx); err != nil {
		return err
	}
	// The writer comes first: readers cannot make the files of the WAL.
	if db.writer, err = openWriter(ctx, cfg.Path, cfg.Clock); err != nil {
		return err
	}
	if db.readers, err = pool(readerDSN(cfg.Path), cfg.Readers); err != nil {
		return err
	}
	if err := checkConnections(ctx, db.readers, cfg.Readers, true); err != nil {
		return err
	}
	if db.watcher, err = pool(readerDSN(cfg.Path), 1); err != nil {
		return err
	}
	db.checkpoint, err = pool(checkpointDSN(cfg.Path), 1)
	return err
}

// makeFile makes sure that the file is there and nobody else can read it. SQLite gives
// the files of its WAL the mode of the database.
func makeFile(path string, mustExist bool) error {
	if !mustExist {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return errors.Join(f.Close(), syncFolder(filepath.Dir(path)))
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	// By name: opening and closing a file of SQLite would drop its locks.
	return os.Chmod(path, 0o600)
}

// Close lets the writes that wait finish, then disconnects. Reads must be over. Later
// calls do nothing and return the same error.
func (db *DB) Close() error {
	db.closing.Do(func() {
		db.stop()
		db.background.Wait()
		close(db.writer.quit)
		<-db.writer.stopped
		db.closed = db.disconnect()
	})
	return db.closed
}

// disconnect closes what is open; the writer last, because its end writes the WAL
// back into the database.
func (db *DB) disconnect() error {
	var errs []error
	for _, p := range []*sql.DB{db.readers, db.watcher, db.checkpoint} {
		if p != nil {
			errs = append(errs, p.Close())
		}
	}
	if db.writer != nil {
		errs = append(errs, db.writer.close())
	}
	if db.lock != nil {
		errs = append(errs, db.lock.Close())
	}
	return errors.Join(errs...)
}

// Path is the absolute path of the database file.
func (db *DB) Path() string { return db.path }

// Changes counts the commits of this process. It has grown before the Write that
// caused it returns, so what was made from a Read that began at the same count is still true, except for commits
// of other processes: see DataVersion.
func (db *DB) Changes() uint64 { return db.writer.commits.Load() }

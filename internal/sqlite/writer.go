package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/mattn/go-sqlite3"

	"github.com/lesbricodeurs/ateliersdada/internal/failpoint"
)

// maxShared is how many writes share one commit at most.
const maxShared = 64

const (
	sqlBeginImmediate = `BEGIN IMMEDIATE`
	sqlCommit         = `COMMIT`
	sqlSavepoint      = `SAVEPOINT one`
	sqlRelease        = `RELEASE one`
	sqlRollbackTo     = `ROLLBACK TO one`
	// A SAVEPOINT keeps the pages as they were, in a temporary file from the sixteenth page on: some fifty
	// system calls per booking.
	sqlTempInMemory = `PRAGMA temp_store = MEMORY`
	// By itself SQLite writes the WAL back every 1,000 pages, that is every few commits of a rush, with two
	// more syncs. 8,000 pages are 32 MB of WAL; a timer empties it besides (Checkpoint).
	sqlCheckpointLater = `PRAGMA wal_autocheckpoint = 8000`
)

// writer owns the one connection that writes. Its goroutine opens and closes every
// transaction; in between it gives the turn to one caller after the other.
type writer struct {
	clock Clock
	pool  *sql.DB
	conn  *sql.Conn

	begin, commit, rollback        *sql.Stmt
	savepoint, release, rollbackTo *sql.Stmt

	queue    chan *job
	verdicts chan verdict  // from whoever has the turn
	quit     chan struct{} // closed by close: take no new jobs
	stopped  chan struct{} // closed when the goroutine has ended

	// held is a job that shares with nobody and came up while others shared.
	held *job
	jobs []*job // of the shared transaction; kept to spare allocations

	commits atomic.Uint64
	// committing is true during our own COMMIT. The commit hook refuses any other: see openWriter.
	committing bool
}

// openWriter connects; its goroutine, work, is then started by the caller.
func openWriter(ctx context.Context, path string, clock Clock) (*writer, error) {
	db, err := pool(writerDSN(path), 1)
	if err != nil {
		return nil, err
	}
	w := &writer{
		clock:    clock,
		pool:     db,
		queue:    make(chan *job, 4*maxShared),
		verdicts: make(chan verdict),
		quit:     make(chan struct{}),
		stopped:  make(chan struct{}),
		jobs:     make([]*job, 0, maxShared),
	}
	if err := w.connect(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return w, nil
}

func (w *writer) connect(ctx context.Context) (err error) {
	if err := checkConnections(ctx, w.pool, 1, false); err != nil {
		return err
	}
	if w.conn, err = w.pool.Conn(ctx); err != nil {
		return err
	}
	for _, pragma := range []string{sqlTempInMemory, sqlCheckpointLater} {
		if _, err := w.conn.ExecContext(ctx, pragma); err != nil {
			return err
		}
	}
	// When SQLite rolls a transaction back by itself (disk full, I/O error), the next
	// statements of the closure would commit one by one. Refusing every commit but ours
	// undoes them, and RELEASE then fails, which starts the replay.
	err = w.conn.Raw(func(dc any) error {
		dc.(*sqlite3.SQLiteConn).RegisterCommitHook(func() int {
			if w.committing {
				return 0
			}
			return 1
		})
		return nil
	})
	if err != nil {
		return err
	}
	for _, s := range []struct {
		stmt **sql.Stmt
		text string
	}{
		{&w.begin, sqlBeginImmediate},
		{&w.commit, sqlCommit},
		{&w.rollback, sqlRollback},
		{&w.savepoint, sqlSavepoint},
		{&w.release, sqlRelease},
		{&w.rollbackTo, sqlRollbackTo},
	} {
		if *s.stmt, err = w.conn.PrepareContext(ctx, s.text); err != nil {
			return err
		}
	}
	return nil
}

// close disconnects; the goroutine must have ended, or never begun.
func (w *writer) close() error {
	var errs []error
	for _, s := range []*sql.Stmt{w.begin, w.commit, w.rollback, w.savepoint, w.release, w.rollbackTo} {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close(), w.pool.Close())...)
}

// work serves jobs until quit.
func (w *writer) work() {
	defer close(w.stopped)
	for {
		j := w.held
		w.held = nil
		if j == nil {
			j = w.next()
		}
		switch {
		case j == nil:
			return
		case j.errand != nil:
			if j.take() {
				j.news <- news{err: j.errand()}
			}
		case j.alone:
			w.single(j)
		default:
			w.shared(j)
		}
	}
}

// next waits for a job; nil means that quit came and the queue is empty.
func (w *writer) next() *job {
	select {
	case j := <-w.queue:
		return j
	case <-w.quit:
	}
	select {
	case j := <-w.queue:
		return j
	default:
		return nil
	}
}

// shared runs j, and whatever waits behind it, in one transaction with one commit.
// Nobody learns success before the commit. If the transaction breaks, each of its jobs
// is run again alone, also those that had failed: what they saw was never committed.
func (w *writer) shared(j *job) {
	if err := w.open(); err != nil {
		if j.take() {
			j.news <- news{err: err}
		}
		return
	}
	w.jobs = w.jobs[:0]
	var broken error
	for j != nil && broken == nil {
		if j.take() {
			var v verdict
			if v, broken = w.step(j); v != gone {
				w.jobs = append(w.jobs, j)
			}
		}
		if broken == nil { // else a job taken from the queue would be lost
			j = w.sharer()
		}
	}
	if broken == nil {
		broken = w.commitNow()
	}
	if broken == nil {
		for i, j := range w.jobs {
			j.news <- news{}
			w.jobs[i] = nil
		}
		return
	}
	_ = exec(w.rollback) // fails when SQLite has done it already
	for i, j := range w.jobs {
		w.replay(j)
		w.jobs[i] = nil
	}
}

// sharer returns a waiting job that may join the transaction, if there is room.
func (w *writer) sharer() *job {
	if len(w.jobs) == maxShared {
		return nil
	}
	select {
	case j := <-w.queue:
		if j.alone {
			w.held = j
			return nil
		}
		return j
	default:
		return nil
	}
}

// step runs one job of the shared transaction in its SAVEPOINT. The error says that
// the transaction as a whole is lost.
func (w *writer) step(j *job) (verdict, error) {
	if err := exec(w.savepoint); err != nil {
		return failed, err
	}
	v := w.give(j)
	if v != succeeded {
		if err := exec(w.rollbackTo); err != nil {
			return v, err
		}
	}
	return v, exec(w.release)
}

// single runs one job in a transaction of its own.
func (w *writer) single(j *job) {
	if err := w.open(); err != nil {
		if j.take() {
			j.news <- news{err: err}
		}
		return
	}
	if !j.take() {
		_ = exec(w.rollback) // nothing was written
		return
	}
	w.finish(j)
}

// replay runs one job of a broken shared transaction alone.
func (w *writer) replay(j *job) {
	if err := w.open(); err != nil {
		j.news <- news{err: err}
		return
	}
	w.finish(j)
}

// finish runs the job inside a transaction that is its own, and ends it.
func (w *writer) finish(j *job) {
	v := w.give(j)
	if v != succeeded {
		_ = exec(w.rollback) // fails when SQLite has done it already
		if v == failed {
			j.news <- news{}
		}
		return
	}
	err := w.commitNow()
	if err != nil {
		_ = exec(w.rollback)
	}
	j.news <- news{err: err}
}

// give lets the caller of j run its closure and waits for the verdict.
func (w *writer) give(j *job) verdict {
	j.news <- news{tx: &Tx{conn: w.conn, now: w.clock.instant()}}
	return <-w.verdicts
}

// open begins a transaction; another process may hold it up for as long as the busy
// timeout.
func (w *writer) open() error {
	if err := exec(w.begin); err != nil {
		return fmt.Errorf("sqlite: begin: %w", err)
	}
	failpoint.Here(failpoint.AfterBegin)
	return nil
}

// commitNow makes the transaction durable and counts it.
func (w *writer) commitNow() error {
	failpoint.Here(failpoint.BeforeCommit)
	w.committing = true
	err := exec(w.commit)
	w.committing = false
	if err == nil {
		failpoint.Here(failpoint.AfterCommit)
		w.commits.Add(1)
		return nil
	}
	return fmt.Errorf("sqlite: commit: %w", err)
}

// exec runs a statement of the writer's own. A ctx without Done keeps the driver from
// starting a goroutine for it.
func exec(s *sql.Stmt) error {
	_, err := s.ExecContext(context.Background())
	return asFault(err)
}

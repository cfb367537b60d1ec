package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

type closure = func(context.Context, *sqlite.Tx) error

var errRefused = errors.New("refused")

// insertThen inserts a name and then fails with err.
func insertThen(name string, err error) closure {
	return func(ctx context.Context, tx *sqlite.Tx) error {
		return errors.Join(insert(name)(ctx, tx), err)
	}
}

// hold takes the turn to write and keeps it until the returned function is called.
// It needs a synctest bubble.
func hold(t *testing.T, db *sqlite.DB) (release func()) {
	t.Helper()
	held := make(chan struct{})
	done := make(chan error)
	go func() {
		done <- db.Write(t.Context(), func(context.Context, *sqlite.Tx) error {
			<-held
			return nil
		})
	}()
	synctest.Wait()
	return func() {
		t.Helper()
		close(held)
		if err := <-done; err != nil {
			t.Errorf("the write that held the turn: %v", err)
		}
	}
}

// together runs the writes, in their order, in one shared transaction. It needs a
// synctest bubble.
func together(t *testing.T, db *sqlite.DB, writes ...closure) []error {
	t.Helper()
	errs := make([]error, len(writes))
	var all sync.WaitGroup
	release := hold(t, db)
	for i, write := range writes {
		all.Go(func() { errs[i] = db.Write(t.Context(), write) })
		synctest.Wait() // until it is in the queue
	}
	release()
	all.Wait()
	return errs
}

// bubble is a parallel test with fake time and a database of the schema children.
func bubble(t *testing.T, test func(t *testing.T, db *sqlite.DB)) {
	t.Helper()
	t.Parallel()
	cfg := config(t)
	synctest.Test(t, func(t *testing.T) {
		test(t, sqlitetest.Open(t, cfg))
	})
}

func wantErrors(t *testing.T, got []error, want ...error) {
	t.Helper()
	for i := range want {
		if !errors.Is(got[i], want[i]) {
			t.Errorf("write %d: %v, want %v", i, got[i], want[i])
		}
	}
}

func TestFailingWriteHarmsNoNeighbour(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		errs := together(t, db,
			insert("a"),
			insertThen("b", errRefused),
			insert("c"),
			insert("a"), // taken: the constraint fails
			insert("d"),
		)
		wantErrors(t, errs, nil, errRefused, nil)
		if errs[3] == nil || fault.KindOf(errs[3]) != fault.Internal {
			t.Errorf("a name twice: %v", errs[3])
		}
		if errs[4] != nil {
			t.Errorf("after the constraint: %v", errs[4])
		}
		if got := names(t, db); got != "a,c,d" {
			t.Errorf("committed: %s", got)
		}
		if n := db.Changes(); n != 1 {
			t.Errorf("%d commits, want one for all", n)
		}
	})
}

func TestPanicReachesItsCallerOnly(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		var reason any
		var all sync.WaitGroup
		release := hold(t, db)
		all.Go(func() {
			defer func() { reason = recover() }()
			_ = db.Write(t.Context(), func(ctx context.Context, tx *sqlite.Tx) error {
				if err := insert("lost")(ctx, tx); err != nil {
					return err
				}
				panic("a mistake of ours")
			})
		})
		synctest.Wait()
		all.Go(func() {
			if err := db.Write(t.Context(), insert("kept")); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		all.Wait()
		if reason != "a mistake of ours" {
			t.Errorf("recovered %v", reason)
		}
		if got := names(t, db); got != "kept" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestGoexitGivesTheTurnBack(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		var all sync.WaitGroup
		for _, write := range []func(context.Context, func(context.Context, *sqlite.Tx) error) error{db.Write, db.Bulk} {
			all.Go(func() {
				_ = write(t.Context(), func(ctx context.Context, tx *sqlite.Tx) error {
					defer runtime.Goexit()
					return insert("lost")(ctx, tx)
				})
			})
		}
		all.Wait()
		if err := db.Write(t.Context(), insert("kept")); err != nil {
			t.Fatal(err)
		}
		if got := names(t, db); got != "kept" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestNestedTransactionIsRefused(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	run := map[string]func(context.Context, func(context.Context, *sqlite.Tx) error) error{
		"Read": db.Read, "Write": db.Write, "Bulk": db.Bulk,
	}
	for outer, begin := range run {
		for inner, nested := range run {
			t.Run(inner+" in "+outer, func(t *testing.T) {
				t.Parallel()
				err := begin(t.Context(), func(ctx context.Context, _ *sqlite.Tx) error {
					ctx, stop := context.WithCancel(ctx)
					defer stop()
					err := nested(ctx, func(context.Context, *sqlite.Tx) error {
						t.Error("the inner closure ran")
						return nil
					})
					if !errors.Is(err, sqlite.ErrNested) {
						t.Errorf("inner: %v", err)
					}
					return nil
				})
				if err != nil {
					t.Errorf("outer: %v", err)
				}
			})
		}
	}
}

func TestContextEndsTheWaitOnly(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		ctx, cancel := context.WithCancel(t.Context())
		release := hold(t, db)
		outcome := make(chan error)
		go func() { outcome <- db.Write(ctx, insert("never")) }()
		synctest.Wait()
		cancel()
		err := <-outcome // although the turn is still held
		if fault.KindOf(err) != fault.Unavailable || !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled while waiting: %v", err)
		}
		release()
		if err := db.Write(ctx, insert("never")); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before: %v", err)
		}

		ctx, cancel = context.WithCancel(t.Context())
		err = db.Write(ctx, func(inner context.Context, tx *sqlite.Tx) error {
			cancel()
			if inner.Err() != nil {
				t.Error("the ctx of the closure ends with the request")
			}
			return insert("kept")(inner, tx)
		})
		if err != nil {
			t.Errorf("cancelled during its turn: %v", err)
		}
		if got := names(t, db); got != "kept" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestWaitingLongIsUnavailable(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		release := hold(t, db)
		start := time.Now()
		for name, write := range map[string]func(context.Context, func(context.Context, *sqlite.Tx) error) error{"Write": db.Write, "Bulk": db.Bulk} {
			if err := write(t.Context(), insert(name)); !fault.Is(err, fault.Unavailable, "error.unavailable") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("waited %v, want 5 s each", waited)
		}
		release()
		if got := names(t, db); got != "" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestFailedCommitReplaysEachAlone(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		var runs [4]int
		count := func(i int, write closure) closure {
			return func(ctx context.Context, tx *sqlite.Tx) error {
				runs[i]++
				return write(ctx, tx)
			}
		}
		errs := together(t, db,
			count(0, insert("a")),
			count(1, func(_ context.Context, tx *sqlite.Tx) error {
				// The commit fails, not the statement: the foreign key is deferred.
				_, err := tx.Exec(`INSERT INTO child (name, parent_id) VALUES ('last place', 404)`)
				return err
			}),
			count(2, func(_ context.Context, tx *sqlite.Tx) error {
				var taken int
				if err := tx.QueryRow(`SELECT count(*) FROM child WHERE name = 'last place'`).Scan(&taken); err != nil {
					return err
				}
				if taken > 0 {
					return errRefused // by a neighbour that will never be there
				}
				_, err := tx.Exec(sqlInsert, "the real last place")
				return err
			}),
			count(3, insertThen("b", errRefused)),
		)
		if errs[1] == nil {
			t.Error("the write that broke the commit succeeded")
		}
		errs[1] = nil
		wantErrors(t, errs, nil, nil, nil, errRefused)
		if runs != [4]int{2, 2, 2, 2} {
			t.Errorf("runs: %v, want two each", runs)
		}
		if got := names(t, db); got != "a,the real last place" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestRollbackBeneathAClosureReplaysEachAlone(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		if err := db.Write(t.Context(), insert("taken")); err != nil {
			t.Fatal(err)
		}
		errs := together(t, db,
			insert("a"),
			func(ctx context.Context, tx *sqlite.Tx) error {
				// SQLite rolls everything back, as it may on a full disk …
				if _, err := tx.Exec(`INSERT OR ROLLBACK INTO child (name) VALUES ('taken')`); err == nil {
					t.Error("the name was taken twice")
				}
				// … and this statement would be committed at once, alone.
				_ = insert("stray")(ctx, tx)
				return nil
			},
			insert("b"),
		)
		if errs[0] != nil || errs[1] == nil || errs[2] != nil {
			t.Errorf("errors: %v", errs)
		}
		if got := names(t, db); got != "a,b,taken" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestDiskFull(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		limit := func(pragma string) {
			t.Helper()
			err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				return tx.QueryRow(pragma).Scan(new(int))
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		picture := func(name string) closure {
			return func(_ context.Context, tx *sqlite.Tx) error {
				_, err := tx.Exec(`INSERT INTO child (name, picture) VALUES (?, zeroblob(1000000))`, name)
				return err
			}
		}
		limit(`PRAGMA max_page_count = 20`)
		errs := together(t, db, insert("before"), picture("too large"), insert("after"))
		if errs[0] != nil || errs[2] != nil {
			t.Errorf("neighbours: %v, %v", errs[0], errs[2])
		}
		if !fault.Is(errs[1], fault.Unavailable, "error.disk_full") {
			t.Errorf("a full disk: %v", errs[1])
		}
		if err := db.Bulk(t.Context(), picture("too large")); !fault.Is(err, fault.Unavailable, "error.disk_full") {
			t.Errorf("a full disk in Bulk: %v", err)
		}
		limit(`PRAGMA max_page_count = 1000000`)
		if err := db.Write(t.Context(), picture("fits now")); err != nil {
			t.Errorf("with space again: %v", err)
		}
		if got := names(t, db); got != "after,before,fits now" {
			t.Errorf("committed: %s", got)
		}
	})
}

func TestBulkSharesWithNobody(t *testing.T) {
	bubble(t, func(t *testing.T, db *sqlite.DB) {
		var all sync.WaitGroup
		release := hold(t, db)
		for _, name := range []string{"a", "bulk", "b"} {
			all.Go(func() {
				write := db.Write
				if name == "bulk" {
					write = db.Bulk
				}
				if err := write(t.Context(), insert(name)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
			synctest.Wait()
		}
		release()
		all.Wait()
		if n := db.Changes(); n != 3 { // hold and a; bulk; b
			t.Errorf("%d commits, want 3", n)
		}
	})
}

func TestEachWriteHasItsOwnInstant(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	clock := sqlitetest.NewClock(time.Date(2027, 10, 31, 2, 30, 0, 999, time.FixedZone("CEST", 7200)))
	cfg.Clock = clock.Now
	synctest.Test(t, func(t *testing.T) {
		db := sqlitetest.Open(t, cfg)
		var seen [2]time.Time
		note := func(i int) closure {
			return func(_ context.Context, tx *sqlite.Tx) error {
				clock.Advance(time.Minute)
				seen[i] = tx.Now()
				return nil
			}
		}
		wantErrors(t, together(t, db, note(0), note(1)), nil, nil)
		first := time.Date(2027, 10, 31, 0, 30, 0, 0, time.UTC)
		if seen != [2]time.Time{first, first.Add(time.Minute)} {
			t.Errorf("instants: %v", seen)
		}
	})
}

func TestTxEndsWithItsClosure(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	var leaked *sqlite.Tx
	err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		leaked = tx
		rows, err := tx.Query(`SELECT 1 UNION SELECT 2`)
		if err != nil {
			return err
		}
		rows.Next() // and never closed
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaked.Exec(sqlInsert, "stray"); err == nil {
		t.Error("a Tx writes after its end")
	}
	if _, err := leaked.Query(sqlNames); err == nil {
		t.Error("a Tx reads after its end")
	}
	if err := db.Checkpoint(t.Context()); err != nil {
		t.Errorf("forgotten rows keep the database open: %v", err)
	}
}

func TestCloseFinishesWhatWaits(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	synctest.Test(t, func(t *testing.T) {
		db, err := sqlite.Open(t.Context(), cfg)
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		release := hold(t, db)
		all.Go(func() {
			if err := db.Write(t.Context(), insert("in time")); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		all.Go(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		release()
		all.Wait()
		if err := db.Write(t.Context(), insert("late")); fault.KindOf(err) != fault.Unavailable {
			t.Errorf("after Close: %v", err)
		}
	})
	if got := names(t, sqlitetest.Open(t, cfg)); got != "in time" {
		t.Errorf("committed: %s", got)
	}
}

// Forty parents press the button for ten places at the same moment.
func TestRushForTheLastPlaces(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	var booked, full, seen atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			before := db.Changes()
			err := db.Write(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
				var taken int
				if err := tx.QueryRow(`SELECT count(*) FROM child`).Scan(&taken); err != nil {
					return err
				}
				if taken >= 10 {
					return fault.New(fault.Conflict, "booking.full")
				}
				_, err := tx.Exec(sqlInsert, fmt.Sprintf("child %02d", i))
				return err
			})
			switch {
			case err == nil:
				booked.Add(1)
				if db.Changes() > before {
					seen.Add(1)
				}
			case fault.Is(err, fault.Conflict, "booking.full"):
				full.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	if booked.Load() != 10 || full.Load() != 30 {
		t.Errorf("%d booked, %d told that it is full", booked.Load(), full.Load())
	}
	if seen.Load() != 10 {
		t.Errorf("Changes had grown for %d of 10 when Write returned", seen.Load())
	}
	if got := len(strings.Split(names(t, db), ",")); got != 10 {
		t.Errorf("%d rows", got)
	}
}

// A command that writes beside the server waits for its turn, and so does the server.
func TestTwoProcessesWriteAndOneCopies(t *testing.T) {
	t.Parallel()
	cfg := config(t)
	server, command := sqlitetest.Open(t, cfg), sqlitetest.Open(t, cfg)
	var all sync.WaitGroup
	for i := range 50 {
		for name, db := range map[string]*sqlite.DB{"server": server, "command": command} {
			all.Go(func() {
				if err := db.Write(t.Context(), insert(fmt.Sprintf("%s %02d", name, i))); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	all.Go(func() {
		if err := server.Backup(t.Context(), cfg.Path+".copy"); err != nil {
			t.Errorf("Backup meanwhile: %v", err)
		}
	})
	all.Wait()
	if got := len(strings.Split(names(t, server), ",")); got != 100 {
		t.Errorf("%d rows, want 100", got)
	}
	cfg.Path += ".copy"
	if breaches, err := sqlitetest.Open(t, cfg).Integrity(t.Context()); err != nil || len(breaches) > 0 {
		t.Errorf("Integrity of the copy = %q, %v", breaches, err)
	}
}

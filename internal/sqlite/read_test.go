package sqlite_test

import (
	"context"
	"errors"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

func TestReadSeesOneState(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	count := func(tx *sqlite.Tx) (n int) {
		if err := tx.QueryRow(`SELECT count(*) FROM child`).Scan(&n); err != nil {
			t.Error(err)
		}
		return n
	}
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		if n := count(tx); n != 0 {
			t.Errorf("%d rows at first", n)
		}
		if err := db.Write(t.Context(), insert("Łukasz")); err != nil {
			return err
		}
		if n := count(tx); n != 0 {
			t.Errorf("%d rows after a commit elsewhere", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, db); got != "Łukasz" {
		t.Errorf("a later Read: %q", got)
	}
}

func TestReadCannotWrite(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	if err := db.Read(t.Context(), insert("李")); err == nil {
		t.Error("a Read wrote")
	}
	if got := names(t, db); got != "" {
		t.Errorf("committed: %s", got)
	}
}

func TestReadGivesItsConnectionBack(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	for range 10 { // more often than there are connections
		err := db.Read(t.Context(), func(context.Context, *sqlite.Tx) error { return errRefused })
		if !errors.Is(err, errRefused) {
			t.Errorf("error: %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic is lost")
				}
			}()
			_ = db.Read(t.Context(), func(context.Context, *sqlite.Tx) error { panic("a mistake of ours") })
		}()
	}
	if got := names(t, db); got != "" {
		t.Errorf("committed: %s", got)
	}
}

func TestReadStopsWithItsContext(t *testing.T) {
	t.Parallel()
	db := sqlitetest.Open(t, config(t))
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan struct{})
	go func() {
		<-started
		cancel()
	}()
	err := db.Read(ctx, func(_ context.Context, tx *sqlite.Tx) error {
		close(started)
		const forever = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n`
		return tx.QueryRow(forever).Scan(new(int))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("an endless query of a client that has gone: %v", err)
	}
	if err := db.Read(ctx, func(context.Context, *sqlite.Tx) error { return nil }); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("with a ctx that is over: %v", err)
	}
}

// Package sqlitetest gives every test a database of its own: a real file, with the
// real schema. It is never part of the binary.
package sqlitetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// New returns an empty database with the present schema, closed when the test ends.
func New(t testing.TB) *sqlite.DB {
	t.Helper()
	return NewAt(t, time.Now)
}

// NewAt is New with a clock, usually that of a Clock.
func NewAt(t testing.TB, clock sqlite.Clock) *sqlite.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ateliers.db")
	empty, err := template()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, empty, 0o600); err != nil {
		t.Fatal(err)
	}
	return Open(t, sqlite.Config{Path: path, Clock: clock, Readers: 3})
}

// Open opens a database as cfg says and closes it when the test ends.
func Open(t testing.TB, cfg sqlite.Config) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the database: %v", err)
		}
	})
	return db
}

// template is the file of an empty database: running the schema once per process, not
// once per test, saves most of the time of small tests.
var template = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "sqlitetest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "ateliers.db")
	db, err := sqlite.Open(context.Background(), sqlite.Config{Path: path})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

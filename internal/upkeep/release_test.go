package upkeep_test

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// releases are the databases that whoever runs a released version may have, made by its demo (ateliers demo --now, then ateliers backup): each stays here as it was made.
var releases = []struct {
	file string
	at   time.Time // when the copy was made
}{
	{"v0.1.0.db.gz", time.Date(2027, 3, 1, 8, 1, 0, 0, time.UTC)},
}

// REL-16: the database of every released version opens, has the schema of today and breaks no rule: a change of schema.sql that comes without its step
// fails here.
func TestUpgradeFromReleases(t *testing.T) {
	t.Parallel()
	for _, r := range releases {
		t.Run(r.file, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "ateliers.db")
			unpack(t, filepath.Join("testdata", "releases", r.file), path)
			clock := sqlitetest.NewClock(r.at)
			db := sqlitetest.Open(t, sqlite.Config{Path: path, MustExist: true, Clock: clock.Now})
			if diff := sqlitetest.SchemaDiff(t, db, sqlitetest.New(t)); len(diff) > 0 {
				t.Errorf("upgraded (-) and new (+) differ: add a step to internal/sqlite/migrations\n%s", strings.Join(diff, "\n"))
			}
			if breaches, err := upkeep.Verify(t.Context(), db); err != nil || len(breaches) > 0 {
				t.Errorf("breaches: %q, %v", breaches, err)
			}
		})
	}
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = packed.Close() }()
	reader, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(reader)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

package upkeep_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/past"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlitetest"
)

// upgradeOf names, in the environment of a process of its own, the database that TestUpgradeInAProcess brings to the next version.
const upgradeOf = "ATELIERS_TEST_UPGRADE_OF"

// The step to a version that is not there yet: it touches every booking, as one that rebuilds the table would.
const nextStep = `
ALTER TABLE bookings ADD COLUMN upgraded TEXT NOT NULL DEFAULT '';
UPDATE bookings SET upgraded = 'booking ' || id;
CREATE INDEX bookings_by_upgraded ON bookings (upgraded);
PRAGMA user_version = 2;`

// nextVersion is the program of the next version, as far as its schema goes.
func nextVersion(path string) sqlite.Config {
	return sqlite.Config{Path: path, MustExist: true, Schema: "PRAGMA user_version = 2;", Migrations: fstest.MapFS{"0002_upgraded.sql": {Data: []byte(nextStep)}}}
}

// TestUpgradeInAProcess is what TestUpgradeOfYears kills; by itself it does nothing.
func TestUpgradeInAProcess(t *testing.T) {
	path := os.Getenv(upgradeOf)
	if path == "" {
		return
	}
	db, err := sqlite.Open(t.Context(), nextVersion(path))
	if err == nil {
		err = db.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// REL-16: a database with years of bookings is upgraded in time; killed at any point it is of one version or the other, loses nothing, and
// the next start completes it; the copy from before is whole; the program of the version before refuses what is newer.
func TestUpgradeOfYears(t *testing.T) {
	t.Parallel()
	sessions, kills := 60, 4
	if os.Getenv("ATELIERS_TEST_NIGHTLY") != "" {
		sessions, kills = 2500, 20
	}
	seed := uint64(time.Now().UnixNano())
	draw := rand.New(rand.NewPCG(seed, 16))
	t.Logf("seed %d", seed)
	db := sqlitetest.New(t)
	plan := past.FiveYears(time.Now())
	plan.Sessions, plan.Closed = sessions, false
	if err := past.Make(t.Context(), db, plan); err != nil {
		t.Fatal(err)
	}
	base := filepath.Join(t.TempDir(), "base.db")
	if err := db.Backup(t.Context(), base); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "ateliers.db")
	fresh := func() {
		t.Helper()
		raw, err := os.ReadFile(base)
		for _, end := range []string{"-wal", "-shm", ".before-v2", ".before-v2.part"} {
			err = errors.Join(err, os.RemoveAll(path+end))
		}
		if err := errors.Join(err, os.WriteFile(path, raw, 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	var said bytes.Buffer // by the last upgrade
	upgrade := func() *exec.Cmd {
		t.Helper()
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		c := exec.Command(self, "-test.run=^TestUpgradeInAProcess$")
		c.Env = append(os.Environ(), upgradeOf+"="+path)
		said.Reset()
		c.Stdout, c.Stderr = &said, &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c
	}
	fresh()
	begun := time.Now()
	if err := upgrade().Wait(); err != nil {
		t.Fatalf("the upgrade: %v\n%s", err, &said)
	}
	took := time.Since(begun)
	t.Logf("%d bookings upgraded in %v", sessions*plan.Children, took)
	if took > 30*time.Second {
		t.Errorf("the upgrade took %v", took)
	}
	for round := range kills {
		fresh()
		c := upgrade()
		time.Sleep(time.Duration(draw.Float64() * float64(took)))
		_ = c.Process.Kill() // it may be over
		_ = c.Wait()
		if err := upgrade().Wait(); err != nil {
			t.Fatalf("round %d, seed %d: after a kill: %v\n%s", round, seed, err, &said)
		}
		upgraded := sqlitetest.Open(t, nextVersion(path))
		wantBookings(t, upgraded, `SELECT count(*) FROM bookings WHERE upgraded = 'booking ' || id`, sessions*plan.Children)
		if lines, err := upgraded.Integrity(t.Context()); err != nil || len(lines) > 0 {
			t.Fatalf("round %d, seed %d: %q, %v", round, seed, lines, err)
		}
		if err := upgraded.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(path + ".before-v2"); err != nil {
			t.Errorf("round %d, seed %d: no copy from before: %v", round, seed, err)
		}
	}
	before := sqlitetest.Open(t, sqlite.Config{Path: path + ".before-v2", MustExist: true})
	wantBookings(t, before, `SELECT count(*) FROM bookings`, sessions*plan.Children)
	_, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, MustExist: true})
	if err == nil || !strings.Contains(err.Error(), "newer version") || strings.Contains(err.Error(), "\n") {
		t.Errorf("the program of before opens what is newer: %v", err)
	}
}

func wantBookings(t *testing.T, db *sqlite.DB, query string, want int) {
	t.Helper()
	var n int
	err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query).Scan(&n) })
	if err != nil || n != want {
		t.Fatalf("%d bookings, want %d; %v", n, want, err)
	}
}

package sqlite_test

import (
	"os"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// A transaction that changes nothing is no proof that the disk takes another: the probe really writes, and changes nothing either (REL-7, REL-22).
func TestProbeWritesToTheDisk(t *testing.T) {
	t.Parallel()
	db, err := sqlite.Open(t.Context(), config(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Write(t.Context(), insert("Zoé")); err != nil {
		t.Fatal(err)
	}
	if err := db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Probe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wal, err := os.Stat(db.Path() + "-wal"); err != nil || wal.Size() == 0 {
		t.Errorf("the probe left %v bytes in the WAL, %v", wal, err)
	}
	if got := names(t, db); got != "Zoé" {
		t.Errorf("there are %s", got)
	}
	if breaches, err := db.Integrity(t.Context()); err != nil || len(breaches) > 0 {
		t.Errorf("%v, %v", breaches, err)
	}
}

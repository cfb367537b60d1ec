package storm

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// years of audit lines: 200,000 of a kilobyte.
const sqlManyLines = `
WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
INSERT INTO audit (at, actor, action, record, details)
SELECT '2026-01-01T00:00:00Z', 'system', 'storm.fill', 'session:' || i, json_object('text', hex(randomblob(500))) FROM n`

// TestYearsOfData: on a database of 200 MB the first page comes within two seconds of the start (PERF-5), though all of it is checked
// before; a copy takes five seconds, to put it in the place of a lost database and verify it a minute ("Speed" of issue 8), and to verify it and
// compare it with a copy a minute (REL-19).
func TestYearsOfData(t *testing.T) {
	w := newWorld(t)
	w.session("Robotique", seats)
	w.fill(t)
	first := w.timeToFirstPage(t)
	file := filepath.Join(t.TempDir(), "copie.db")
	copied := fastest(5*time.Second, func() {
		_ = os.Remove(file)
		ateliers(t, "backup", "--data", w.dir, file)
	})
	fresh := w.copyOf(t)
	restored := fastest(time.Minute, func() {
		ateliers(t, "restore", "--data", fresh, file)
		ateliers(t, "verify", "--data", fresh)
	})
	if err := os.Link(file, w.db.Path()+".seen-20270101T000000Z"); err != nil {
		t.Fatal(err)
	}
	verified := fastest(time.Minute, func() { ateliers(t, "verify", "--data", w.dir) })
	report(t, "PERF-5", "200 MB: first page after %v, copied in %v, restored and verified in %v, verified and compared with a copy in %v",
		first.Round(time.Millisecond), copied.Round(time.Millisecond), restored.Round(time.Millisecond), verified.Round(time.Millisecond))
	for _, c := range []struct {
		what       string
		took, most time.Duration
	}{{"the first page", first, 2 * time.Second}, {"a copy", copied, 5 * time.Second}, {"a restore", restored, time.Minute}, {"a comparison", verified, time.Minute}} {
		if c.took > c.most {
			t.Errorf("%s took %v, want %v", c.what, c.took, c.most)
		}
	}
}

// fastest is how long do takes at best: what is slow three times in a row is slow, once may be a busy machine.
func fastest(enough time.Duration, do func()) (best time.Duration) {
	best = time.Hour
	for range 3 {
		start := time.Now()
		do()
		if best = min(best, time.Since(start)); best <= enough {
			break
		}
	}
	return best
}

// timeToFirstPage is from the start of the program until it has answered.
func (w *world) timeToFirstPage(t *testing.T) time.Duration {
	t.Helper()
	return fastest(2*time.Second, func() {
		server := serve(t, w.dir, noMail)
		res, err := newClient().Get("http://" + server.addr + "/")
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatal(res, err)
		}
		_ = res.Body.Close()
		server.kill()
	})
}

// fill makes it a database of 200 MB.
func (w *world) fill(t testing.TB) {
	t.Helper()
	err := w.db.Bulk(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
		_, err := tx.Exec(sqlManyLines)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	if file, err := os.Stat(w.db.Path()); err != nil || file.Size() < 200<<20 {
		t.Fatalf("the database has %d bytes, %v; want 200 MB", file.Size(), err)
	}
}

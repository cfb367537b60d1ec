package storm

import (
	"bytes"
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestDamagedDatabase flips one byte of the database in many places (REL-19). Whatever SQLite can notice keeps the server from starting,
// with one line that names the way out; otherwise every row is as it was, or the byte was in the middle of a value, which SQLite
// does not guard. Of those verify notices what contradicts itself, and, with the copy that a server keeps beside the database, what is not as it was;
// the rest is counted and reported, never passed over.
func TestDamagedDatabase(t *testing.T) {
	w := newWorld(t)
	session := w.session("Robotique", seats)
	server := serve(t, w.dir, noMail)
	client := newClient()
	defer client.CloseIdleConnections()
	for _, f := range w.familiesAt(session, 40) {
		if a := rush(client, newDoor(server.addr), f, false); a.err != nil {
			t.Fatal(a.err)
		}
	}
	if _, code := server.stop(); code != 0 {
		t.Fatalf("stopped with code %d\n%s", code, server.log)
	}
	seen := filepath.Join(t.TempDir(), "seen")
	if err := w.db.Backup(t.Context(), seen); err != nil {
		t.Fatal(err)
	}
	if err := w.db.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(w.db.Path())
	if err != nil {
		t.Fatal(err)
	}
	want, err := rows(t, w.db.Path())
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(*seed, 19))
	refused, harmless, schema, inside, contradicts, unseen := 0, 0, 0, 0, 0, 0
	flips := times(12, 100)
	for range flips {
		dir := w.copyOf(t)
		path := filepath.Join(dir, "ateliers.db")
		bad := slices.Clone(good)
		place, bit := random.IntN(len(bad)), byte(1<<random.IntN(8))
		for bad[place] == 0 { // most of the file is empty space, and would prove little
			place = random.IntN(len(bad))
		}
		bad[place] ^= bit
		if err := os.WriteFile(path, bad, 0o600); err != nil {
			t.Fatal(err)
		}
		log, serves := starts(t, dir)
		got, unread := rows(t, path)
		switch {
		case !serves:
			refused++
			if !strings.Contains(log, "ateliers restore") || strings.Count(strings.TrimSpace(log), "\n") != 0 {
				t.Errorf("byte %d, bit %d: want one line that names the command to restore:\n%s", place, bit, log)
			}
		case bytes.Equal(got, want):
			// The text of the schema is no row: a comment in it may be what changed.
			switch said := compared(t, dir, seen); {
			case said == "no breach":
				harmless++
			case strings.HasPrefix(said, "REL-19 database: what the schema says"):
				schema++
			default:
				t.Errorf("byte %d, bit %d: nothing changed, and verify says %s", place, bit, said)
			}
		case unread != nil:
			t.Errorf("byte %d, bit %d: served, although rows cannot be read: %v (-storm.seed=%d)", place, bit, unread, *seed)
		default:
			inside++
			if compared(t, dir, "") != "no breach" {
				contradicts++
			}
			switch said := compared(t, dir, seen); {
			case said == "no breach":
				unseen++
				t.Logf("byte %d, bit %d is inside a value: %s", place, bit, differing(got, want))
			case !strings.Contains(said, "ateliers restore") && strings.Contains(said, "REL-19"):
				t.Errorf("byte %d, bit %d: want the command to restore:\n%s", place, bit, said)
			}
		}
	}
	report(t, "REL-19", "%d flipped bytes: %d kept the server from starting, %d were in empty space, %d in the text of the schema, where the copy tells, %d inside a value, where SQLite has no checksum: "+
		"%d of those contradicted something, and unseen were %d without a copy to compare with, %d with it", flips, refused, harmless, schema, inside, contradicts, inside-contradicts, unseen)
	if unseen > inside/3 {
		t.Errorf("of %d bytes inside a value %d stay unseen (-storm.seed=%d)", inside, unseen, *seed)
	}
}

// compared is what verify says of the database in dir, with a copy beside it from before or without one.
func compared(t *testing.T, dir, copied string) string {
	t.Helper()
	// The server that was just killed may have made a copy, of the damage.
	made, err := filepath.Glob(filepath.Join(dir, "ateliers.db.seen*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range made {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
	if copied != "" {
		if err := os.Link(copied, filepath.Join(dir, "ateliers.db.seen-20270101T000000Z")); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(program, "verify", "--data", dir).CombinedOutput()
	if said := strings.TrimSpace(string(out)); err != nil || said != "no breach" {
		return cmp.Or(said, fmt.Sprint(err))
	}
	return "no breach"
}

// differing are the first lines that differ, of what rows wrote.
func differing(got, want []byte) string {
	lines := strings.Split(string(want), "\n")
	for i, line := range strings.Split(string(got), "\n") {
		if i < len(lines) && line != lines[i] {
			return fmt.Sprintf("%.300s, was %.300s", line, lines[i])
		}
	}
	return "a row more or less"
}

// copyOf is a data folder with all but the database.
func (w *world) copyOf(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	secret, err := os.ReadFile(filepath.Join(w.dir, "ateliers.secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "ateliers.secret"), secret, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// starts starts a server and says whether it serves, and what it wrote.
func starts(t *testing.T, dir string) (written string, serves bool) {
	t.Helper()
	cmd := command(dir, noMail)
	var out log
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(done)
	}()
	for deadline := time.After(30 * time.Second); ; {
		select {
		case <-done:
			return out.String(), false
		case <-deadline:
			t.Errorf("neither serves nor stops:\n%s", out.String())
		case <-time.After(time.Millisecond):
			if !strings.Contains(out.String(), "listening on") {
				continue
			}
		}
		_ = cmd.Process.Kill()
		<-done
		return out.String(), true
	}
}

// rows are all rows of all tables that can be read, and why others cannot.
func rows(t *testing.T, path string) (all []byte, unread error) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro&immutable=1")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables, unread := texts(db, `SELECT name || '' FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND sql NOT LIKE '%VIRTUAL%' ORDER BY name`)
	for _, table := range tables {
		columns, err := texts(db, `SELECT 'quote("' || name || '")' FROM pragma_table_info('`+table+`')`)
		if err != nil {
			unread = errors.Join(unread, err)
			continue
		}
		lines, err := texts(db, `SELECT `+strings.Join(columns, ` || ',' || `)+` FROM "`+table+`" ORDER BY 1`) // not all have a rowid
		unread = errors.Join(unread, err)
		all = fmt.Appendln(all, table, strings.Join(lines, "\n"))
	}
	return all, unread
}

func texts(db *sql.DB, query string) (list []string, err error) {
	rows, err := db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		list = append(list, text)
	}
	return list, rows.Err()
}

// TestForeignFile: what is no database of ours, or one of which parts are missing, is refused in one line and not touched (REL-19).
func TestForeignFile(t *testing.T) {
	w := newWorld(t)
	for name, content := range map[string][]byte{
		"text": []byte(strings.Repeat("Ceci n'est pas une base.\n", 400)), "zeros": make([]byte, 8192), "picture": []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 9000)),
	} {
		dir := w.copyOf(t)
		path := filepath.Join(dir, "ateliers.db")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		out, serves := starts(t, dir)
		if serves || !strings.Contains(out, "ateliers restore") || strings.Count(strings.TrimSpace(out), "\n") != 0 || strings.Count(out, "restore") != 1 {
			t.Errorf("%s: serves %t; want one line that names the command to restore:\n%s", name, serves, out)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, content) {
			t.Errorf("%s: the file was changed (%v)", name, err)
		}
	}
}

// TestMissingWAL: a database copied with cp beside a running server has lost what the WAL held. It is an older state, whole in itself, or
// it is refused: never half of a booking (REL-19).
func TestMissingWAL(t *testing.T) {
	w := newWorld(t)
	session := w.session("Robotique", seats)
	if err := w.db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := serve(t, w.dir, noMail)
	client := newClient()
	defer client.CloseIdleConnections()
	for _, f := range w.familiesAt(session, 20) {
		if a := rush(client, newDoor(server.addr), f, false); a.err != nil {
			t.Fatal(a.err)
		}
	}
	dir := w.copyOf(t)
	if out, err := exec.Command("cp", w.db.Path(), dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	server.kill()
	copied := serve(t, dir, noMail)
	if status, _ := w.get(t, client, copied.addr, fmt.Sprintf("/seances/%d", session), ""); status != http.StatusOK {
		t.Errorf("status %d", status)
	}
	copied.kill()
	ateliers(t, "verify", "--data", dir)
}

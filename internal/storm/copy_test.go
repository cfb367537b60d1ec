package storm

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// ateliers runs a command of the program, as docs/operations.md writes it, and returns what it said.
func ateliers(t *testing.T, args ...string) string {
	t.Helper()
	out, err := tryAteliers(args...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// tryAteliers is ateliers for a goroutine of its own, which may not end the test.
func tryAteliers(args ...string) (string, error) {
	out, err := exec.Command(program, args...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("ateliers %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return string(out), nil
}

// TestBackupInTheRush takes a backup by the documented command while parents book, loses the machine, and restores on an empty folder by
// the documented commands alone: every booking that was acknowledged before the backup began is there, the new server shows it by its
// link, no mail leaves by itself, and a copy that is cut short, damaged or foreign is refused (REL-13, REL-14; I5).
func TestBackupInTheRush(t *testing.T) {
	w := newWorld(t)
	session := w.session("Robotique", 500)
	families := w.familiesAt(session, 400)
	server := serve(t, w.dir, noMail)
	at, client := newDoor(server.addr), newClient()
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var acknowledged []answer // in the order of time
	var crowd sync.WaitGroup
	started := make(chan struct{})
	queue := make(chan family, len(families))
	for _, f := range families {
		queue <- f
	}
	close(queue)
	for range 8 {
		crowd.Go(func() {
			for f := range queue {
				a := rush(client, at, f, false)
				mu.Lock()
				if acknowledged = append(acknowledged, a); len(acknowledged) == 100 {
					close(started)
				}
				mu.Unlock()
			}
		})
	}
	<-started
	copies := t.TempDir()
	file := filepath.Join(copies, "copie.db")
	mu.Lock()
	before := slices.Clone(acknowledged)
	mu.Unlock()
	start := time.Now()
	ateliers(t, "backup", "--data", w.dir, file)
	took := time.Since(start)
	crowd.Wait()
	server.kill()
	// What was booked since the copy is no damage (REL-19).
	if said := compared(t, w.dir, file); said != "no breach" {
		t.Error(said)
	}
	secret, err := os.ReadFile(filepath.Join(w.dir, "ateliers.secret"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(copies, "ateliers.secret"), secret, 0o600); err != nil {
		t.Fatal(err)
	}

	// Another machine: nothing but the folder with the copies.
	fresh := filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(fresh, 0o700); err != nil {
		t.Fatal(err)
	}
	start = time.Now()
	if out, err := exec.Command("install", "-m", "600", filepath.Join(copies, "ateliers.secret"), filepath.Join(fresh, "ateliers.secret")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	ateliers(t, "restore", "--data", fresh, file)
	tookBack := time.Since(start)
	ateliers(t, "verify", "--data", fresh)
	other := restored(t, fresh)
	second := serve(t, fresh, noMail)
	lost := 0
	for i, a := range before {
		if a.err != nil {
			t.Fatal(a.err)
		}
		if other.number("SELECT count(*) FROM booking_groups WHERE reference = ?", strings.Split(a.location, "/")[2]) != 1 {
			lost++
		}
		if i%20 == 0 {
			if status, _ := w.get(t, client, second.addr, a.location, ""); status != http.StatusOK {
				t.Errorf("after the restore %s answers %d", a.location, status)
			}
		}
	}
	if lost > 0 {
		t.Errorf("I5: %d of %d bookings acknowledged before the backup are lost", lost, len(before))
	}
	// What was booked after the copy is not there: its link says so politely, and is no failure.
	last := acknowledged[len(acknowledged)-1]
	if other.number("SELECT count(*) FROM booking_groups WHERE reference = ?", strings.Split(last.location, "/")[2]) == 0 {
		if status, _ := w.get(t, client, second.addr, last.location, ""); status != http.StatusNotFound {
			t.Errorf("a booking since the copy answers %d, want 404", status)
		}
	}
	if n := other.number("SELECT count(*) FROM outbox_pause"); n != 1 {
		t.Error("mails are not paused after a restore")
	}
	rows := other.number("SELECT count(*) FROM booking_groups")
	second.kill()
	if breaches, err := upkeep.Verify(t.Context(), other.db); err != nil || len(breaches) > 0 {
		t.Errorf("%v, %v", breaches, err)
	}
	refuseDamaged(t, file)
	report(t, "REL-13", "backup during the rush in %v with %d bookings acknowledged before it, all of them restored (%d rows) in %v",
		took.Round(time.Millisecond), len(before), rows, tookBack.Round(time.Millisecond))
}

// restored is the world in a data folder that restore has filled.
func restored(t *testing.T, dir string) *world {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, "ateliers.db"), MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &world{t: t, dir: dir, db: db}
}

// refuseDamaged holds restore to its word: it puts no bad copy in place, and says why in one line.
func refuseDamaged(t *testing.T, file string) {
	t.Helper()
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	header := slices.Clone(good)
	header[3] ^= 1
	page := slices.Clone(good)
	copy(page[len(page)/2:], make([]byte, 4096))
	for what, content := range map[string][]byte{
		"cut short": good[:len(good)/2], "empty": nil, "with another header": header, "with a page of zeros": page, "that is no database": []byte("Bonjour, je suis un fichier.\n"),
	} {
		dir := t.TempDir()
		bad := filepath.Join(dir, "copie.db")
		if err := os.WriteFile(bad, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "erasures.log"), nil, 0o600); err != nil {
			t.Fatal(err)
		}
		data := t.TempDir()
		out, err := exec.Command(program, "restore", "--data", data, bad).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "was not restored") {
			t.Errorf("a copy %s: %v\n%s", what, err, out)
		}
		if _, err := os.Stat(filepath.Join(data, "ateliers.db")); err == nil {
			t.Errorf("a copy %s was put in place", what)
		}
	}
}

// TestBackupSlowsNoBooking: bookings take no longer while the server makes its hourly copy ("Speed" of issue 8: 20 % more at most). Copies by the command without
// a pause, which nobody makes, keep one of two processors busy: 150 ms more at most. Three times in a row is slow; once may be a busy machine.
func TestBackupSlowsNoBooking(t *testing.T) {
	w := newWorld(t)
	folder := filepath.Join(w.dir, "backups")
	var calm, hourly, endless [tries]time.Duration
	var late []string
	for round := range 3 {
		for try := range tries {
			if err := os.RemoveAll(folder); err != nil { // a server that has no copy makes one as soon as it listens
				t.Fatal(err)
			}
			n := fmt.Sprint(round*tries + try)
			hourly[try], _ = w.rushBeside(t, w.session("Musique "+n, seats), noMail, func(<-chan struct{}) { aCopyIsIn(t, folder) })
			calm[try], _ = w.calmRush(t, w.session("Robotique "+n, seats), noMail)
			endless[try], _ = w.rushBeside(t, w.session("Couture "+n, seats), noMail, func(over <-chan struct{}) { w.copyUntil(t, over) })
		}
		late = nil
		if median(hourly) > slower(median(calm), 60*time.Millisecond) {
			late = append(late, fmt.Sprintf("p95 %v while the server makes a copy, %v without", hourly, calm))
		}
		if median(endless) > slower(median(calm), 150*time.Millisecond) {
			late = append(late, fmt.Sprintf("p95 %v beside copies without a pause, %v without any", endless, calm))
		}
		if t.Failed() || len(late) == 0 {
			break
		}
		t.Log(strings.Join(late, "; "))
	}
	report(t, "Speed", "p95 of a booking %v, %v while the hourly backup is made, %v beside backups without a pause", median(calm), median(hourly), median(endless))
	if len(late) > 0 {
		t.Error(strings.Join(late, "; "))
	}
}

// aCopyIsIn waits until the server has made its copy.
func aCopyIsIn(t *testing.T, folder string) {
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		made, err := filepath.Glob(filepath.Join(folder, "ateliers-*.db"))
		if err != nil {
			t.Error(err)
		}
		if err != nil || len(made) == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Error("the server made no copy")
			return
		}
	}
}

// copyUntil makes one copy after the other by the command, at least one.
func (w *world) copyUntil(t *testing.T, over <-chan struct{}) {
	folder := t.TempDir()
	for made := 0; ; made++ {
		if _, err := tryAteliers("backup", "--data", w.dir, filepath.Join(folder, fmt.Sprintf("%d.db", made))); err != nil {
			t.Error(err)
			return
		}
		select {
		case <-over:
			return
		default:
		}
	}
}

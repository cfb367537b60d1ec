package storm

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// litestreamLoses is how many seconds of bookings the second layer may lose: its own second, and what a busy machine adds.
const litestreamLoses = 10 * time.Second

// TestLitestream runs the second layer of docs/operations.md with its own settings: Litestream replicates a server while parents book,
// one every quarter of a second, over two of the server's checkpoints. Then both are killed as the machine burns down, and the replica is
// restored by the documented commands. verify finds nothing, no mail leaves by itself, and every booking is there that was
// acknowledged some seconds before the end (REL-13; I5).
func TestLitestream(t *testing.T) {
	if !nightly() {
		return // Litestream takes minutes to build the first time
	}
	tool := litestream(t)
	w := newWorld(t)
	session := w.session("Robotique", 500)
	random := rand.New(rand.NewPCG(*seed, 13))
	families := w.familiesAt(session, 440+random.IntN(60))
	server := serve(t, w.dir, noMail)
	replica := filepath.Join(t.TempDir(), "litestream")
	settings := filepath.Join(t.TempDir(), "litestream.yml")
	documented, err := os.ReadFile("../../docs/deploy/litestream.yml")
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("/var/lib/ateliers/ateliers.db", w.db.Path(), "/mnt/copies/litestream", replica).Replace(string(documented))
	if err := os.WriteFile(settings, []byte(here), 0o600); err != nil {
		t.Fatal(err)
	}
	second := exec.Command(tool, "replicate", "-config", settings)
	second.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	var said log
	second.Stdout, second.Stderr = &said, &said
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	gone := sync.OnceFunc(func() {
		_ = second.Process.Kill()
		_ = second.Wait()
	})
	t.Cleanup(gone)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		if files, _ := filepath.Glob(filepath.Join(replica, "ltx", "*", "*.ltx")); len(files) > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("Litestream has written nothing\n%s", said.String())
		}
	}

	client := newClient()
	defer client.CloseIdleConnections()
	at, told := newDoor(server.addr), make([]time.Time, len(families))
	answers := make([]answer, len(families))
	var crowd sync.WaitGroup
	pace := time.NewTicker(250 * time.Millisecond)
	defer pace.Stop()
	for i, f := range families {
		crowd.Go(func() {
			answers[i] = rush(client, at, f, false)
			told[i] = time.Now()
		})
		<-pace.C
	}
	crowd.Wait()
	end := time.Now()
	server.kill()
	gone()
	if _, err := os.Stat(filepath.Join(w.dir, "erasures.log")); err != nil {
		t.Fatal(err)
	}

	// Another machine: the replica, and what lies beside the hourly copies.
	copies, fresh := t.TempDir(), filepath.Join(t.TempDir(), "data")
	if err := os.Mkdir(fresh, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"erasures.log", "ateliers.secret"} {
		if out, err := exec.Command("cp", filepath.Join(w.dir, "backups", name), copies).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	start := time.Now()
	file := filepath.Join(copies, "copy.db")
	if out, err := exec.Command(tool, "restore", "-config", settings, "-o", file, w.db.Path()).CombinedOutput(); err != nil {
		t.Fatalf("litestream restore: %v\n%s\n%s", err, out, said.String())
	}
	ateliers(t, "restore", "--data", fresh, file)
	ateliers(t, "verify", "--data", fresh)
	took := time.Since(start)
	other := restored(t, fresh)
	if n := other.number("SELECT count(*) FROM outbox_pause"); n != 1 {
		t.Error("mails are not paused after a restore")
	}
	lost, earliest := 0, end
	for i, a := range answers {
		if a.err != nil {
			t.Fatal(a.err)
		}
		if other.number("SELECT count(*) FROM booking_groups WHERE reference = ?", strings.Split(a.location, "/")[2]) == 0 {
			lost++
			if told[i].Before(earliest) {
				earliest = told[i]
			}
		}
	}
	rpo := end.Sub(earliest)
	if rpo > litestreamLoses {
		t.Errorf("what was booked %v before the end is lost, want %v at most\n%s", rpo, litestreamLoses, said.String())
	}
	if there, had := other.number("SELECT count(*) FROM bookings"), w.number("SELECT count(*) FROM bookings"); there != had-lost {
		t.Errorf("%d bookings are restored of %d, and %d are missed", there, had, lost)
	}
	served := serve(t, fresh, noMail)
	if status, _ := w.get(t, client, served.addr, answers[0].location, ""); status != 200 {
		t.Errorf("after the restore %s answers %d", answers[0].location, status)
	}
	report(t, "REL-13", "Litestream beside %d bookings, both killed: %d lost, the oldest of them %v before the end; restored and verified in %v",
		len(answers), lost, rpo.Round(time.Millisecond), took.Round(time.Millisecond))
}

// litestream builds the program in the version of .ci/litestream.
func litestream(t *testing.T) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "litestream")
	if out, err := exec.Command("go", "build", "-modfile=../../.ci/litestream/go.mod", "-o", path, "github.com/benbjohnson/litestream/cmd/litestream").CombinedOutput(); err != nil {
		t.Fatalf("building Litestream: %v\n%s", err, out)
	}
	return path
}

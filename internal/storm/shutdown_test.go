package storm

import (
	"net/http"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// TestEveryBookingIsSynced counts the syncs around 100 bookings one after the other: acknowledged means on the disk (REL-4).
func TestEveryBookingIsSynced(t *testing.T) {
	const bookings = 100
	w := newWorld(t)
	session := w.session("Robotique", 500)
	families := w.familiesAt(session, bookings)
	counts := filepath.Join(t.TempDir(), "syncs")
	server := serve(t, w.dir, "smtp://127.0.0.1:1", "strace", "-f", "-c", "-e", "trace=fsync,fdatasync", "-o", counts)
	client := newClient()
	for i, f := range families {
		if status, _, err := confirm(client, server.addr, f, f.form); err != nil || status != http.StatusSeeOther {
			t.Fatalf("booking %d: status %d, %v", i, status, err)
		}
	}
	// strace hands the signal on to nobody: it is the program itself that must stop.
	if out, err := exec.Command("pkill", "-TERM", "-P", strconv.Itoa(server.cmd.Process.Pid)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	<-server.done
	out, err := exec.Command("cat", counts).Output()
	if err != nil {
		t.Fatal(err)
	}
	syncs := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) >= 5 && (fields[len(fields)-1] == "fsync" || fields[len(fields)-1] == "fdatasync") {
			n, err := strconv.Atoi(fields[3])
			if err != nil {
				t.Fatalf("cannot read %q", line)
			}
			syncs += n
		}
	}
	if syncs < bookings {
		t.Errorf("%d syncs for %d bookings\n%s", syncs, bookings, out)
	}
}

// TestStopUnderLoad: asked to stop while parents book, the server finishes what it has begun within ten seconds, and
// nothing that was acknowledged is lost (REL-9, I5).
func TestStopUnderLoad(t *testing.T) {
	w := newWorld(t)
	client := newClient()
	for round := range 20 {
		session := w.session("Robotique "+strconv.Itoa(round), 500)
		families := w.familiesAt(session, 400)
		server := serve(t, w.dir, "smtp://127.0.0.1:1")
		var acknowledged, next atomic.Int64
		var crowd sync.WaitGroup
		for range 8 {
			crowd.Go(func() {
				for {
					i := int(next.Add(1)) - 1
					if i >= len(families) {
						return
					}
					status, _, err := confirm(client, server.addr, families[i], families[i].form)
					if err != nil {
						return // the door is closed
					}
					if status == http.StatusSeeOther {
						acknowledged.Add(1)
					} else if status != http.StatusServiceUnavailable {
						t.Errorf("status %d", status)
					}
				}
			})
		}
		for acknowledged.Load() < 20 {
			time.Sleep(time.Millisecond) // until the load is on
		}
		took, code := server.stop()
		crowd.Wait()
		client.CloseIdleConnections()
		if took > 10*time.Second || code != 0 {
			t.Errorf("stopped after %v with code %d\n%s", took, code, server.log)
		}
		if n := w.number("SELECT count(*) FROM booking_groups WHERE session_id = ?", session); n < int(acknowledged.Load()) {
			t.Errorf("%d bookings, %d acknowledged", n, acknowledged.Load())
		}
	}
	w.verify()
}

// TestSecondServer: a second server on the same data refuses with one line and leaves the first in peace (REL-9).
func TestSecondServer(t *testing.T) {
	w := newWorld(t)
	first := serve(t, w.dir, "smtp://127.0.0.1:1")
	second := exec.Command(program, "serve", "--data", w.dir, "--addr", "127.0.0.1:0")
	second.Env = append(second.Environ(), "ATELIERS_BASE_URL=http://127.0.0.1:8080", "ATELIERS_SMTP_URL=smtp://127.0.0.1:1")
	out, err := second.CombinedOutput()
	if second.ProcessState.ExitCode() != 1 || strings.Count(strings.TrimSpace(string(out)), "\n") != 0 {
		t.Errorf("exit %v: %s; want 1 and one line", err, out)
	}
	res, err := http.Get("http://" + first.addr + "/healthz")
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("the first server: %v, %v", res, err)
	}
	if res != nil {
		_ = res.Body.Close()
	}
}

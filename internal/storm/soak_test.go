package storm

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/mail"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// soak is how long TestSoak goes on: 10 minutes at night, two hours before a release (-storm.soak=2h), seconds by day.
var soak = flag.Duration("storm.soak", time.Duration(times(3, 600))*time.Second, "how long the soak lasts")

// TestSoak lets parents book at an even pace, five answers a second, while a reader looks for long at one state of the database and copies
// are made: memory grows by less than a fifth once it has settled, no goroutine is left behind, the WAL stays under 64 MB, and p99 within
// half a second (REL-18).
func TestSoak(t *testing.T) {
	w := newWorld(t)
	sink, err := mail.StartSink("127.0.0.1:0", 10, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	w.session("Robotique", seats) // makes the workshop that all sessions share
	server := serve(t, w.dir, sink.URL())
	client := newClient()
	m := &measured{times: map[string][]time.Duration{}}
	start := time.Now()
	var beside sync.WaitGroup
	beside.Go(func() { // a report that takes a twelfth of the time, again and again
		for time.Since(start) < *soak {
			db, err := sqlite.Open(t.Context(), sqlite.Config{Path: w.db.Path(), MustExist: true, Readers: 1})
			if err != nil {
				t.Error(err)
				return
			}
			if err := db.Read(t.Context(), longRead(*soak/12)); err != nil {
				t.Error(err)
			}
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	copies := t.TempDir()
	beside.Go(func() { // a copy every twentieth of the time
		for i := 0; time.Since(start) < *soak; i++ {
			if _, err := tryAteliers("backup", "--data", w.dir, filepath.Join(copies, fmt.Sprintf("%d.db", i))); err != nil {
				t.Error(err)
				return
			}
			time.Sleep(*soak / 20)
		}
	})
	var session int64
	memory, wal := []int{}, int64(0)
	pace := time.NewTicker(3 * time.Second) // a parent makes some fifteen requests
	if *soak < time.Minute {
		pace = time.NewTicker(100 * time.Millisecond)
	}
	defer pace.Stop()
	var crowd sync.WaitGroup
	for i := 0; time.Since(start) < *soak; i++ {
		if i%24 == 0 {
			session = w.sessionOf(1, seats, 30+i/24%300)
		}
		wanted := session
		crowd.Go(func() {
			v := &visitor{client: client, addr: server.addr, m: m}
			v.parent(wanted, i, func() {})
		})
		<-pace.C
		memory = append(memory, server.memory(t, "VmRSS"))
		if file, err := os.Stat(w.db.Path() + "-wal"); err == nil {
			wal = max(wal, file.Size())
		}
	}
	crowd.Wait()
	beside.Wait()
	client.CloseIdleConnections()
	w.waitForMails(server)
	for _, line := range m.wrong[:min(3, len(m.wrong))] {
		t.Error(line)
	}
	p99 := m.quantile("", 0.99)
	settled, end := slices.Max(memory[len(memory)/4:len(memory)/2]), slices.Max(memory[len(memory)*3/4:])
	fresh := serve(t, newWorld(t).dir, sink.URL())
	w.get(t, newClient(), fresh.addr, "/", "")
	idle, left := goroutines(t, fresh), goroutines(t, server)
	w.verify()
	report(t, "REL-18", "%v, %d answers: p99 %v; memory %d MB after a quarter, %d MB at the end; WAL %d MB at most; %d goroutines, a new server has %d",
		*soak, m.count(), p99.Round(time.Millisecond), settled>>10, end>>10, wal>>20, left, idle)
	if wal > 64<<20 {
		t.Errorf("the WAL had %d MB", wal>>20)
	}
	if left > idle+5 {
		t.Errorf("%d goroutines are left, a new server has %d", left, idle)
	}
	if *soak < time.Minute {
		return // nothing has settled in seconds
	}
	if end > settled*6/5 {
		t.Errorf("memory grew from %d to %d KB", settled, end)
	}
	if p99 > 500*time.Millisecond {
		t.Errorf("p99 %v, want 500 ms", p99)
	}
}

var goroutine = regexp.MustCompile(`(?m)^goroutine \d+ .*\[`)

// goroutines ends a server by asking Go for all its goroutines, and counts them.
func goroutines(t *testing.T, p *process) int {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	<-p.done
	return len(goroutine.FindAllString(p.log.String(), -1))
}

// longRead keeps one state of the database for a while, as a report does.
func longRead(d time.Duration) func(context.Context, *sqlite.Tx) error {
	return func(_ context.Context, tx *sqlite.Tx) error {
		var before, after int
		if err := tx.QueryRow("SELECT count(*) FROM bookings").Scan(&before); err != nil {
			return err
		}
		time.Sleep(d)
		if err := tx.QueryRow("SELECT count(*) FROM bookings").Scan(&after); err != nil {
			return err
		}
		if before != after {
			return fmt.Errorf("a report saw %d bookings, and then %d", before, after)
		}
		return nil
	}
}

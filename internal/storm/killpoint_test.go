package storm

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/failpoint"
	"github.com/lesbricodeurs/ateliersdada/internal/mail"
)

// fragile is the program with points of failure, built when it is first needed.
var fragile = sync.OnceValues(func() (path string, err error) {
	path = filepath.Join(filepath.Dir(program), "ateliers-fragile")
	build := exec.Command("go", "build", "-tags=nomsgpack,sqlite_fts5,sqlite_stat4,failpoints", "-o", path, "../../cmd/ateliers")
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

// Of the mail server, and no point in our program: it has read the mail, and its "250" is not sent.
const before250 = "before-250"

// TestKillAtEveryPoint kills the server exactly where it hurts most: with a transaction open, written, committed, an answer made, a
// mail claimed, taken over by the server, and not marked (REL-6; I1 to I9). Whatever was told is there, everybody is told in
// the end, each mail arrives, and none more than twice.
func TestKillAtEveryPoint(t *testing.T) {
	const parents = 20
	w := newWorld(t)
	program, err := fragile()
	if err != nil {
		t.Fatal(err)
	}
	var onMail atomic.Pointer[func()]
	sink, err := mail.StartSink("127.0.0.1:0", 1_000_000, func() time.Time { // asked once for each mail, before its "250"
		if do := onMail.Load(); do != nil {
			(*do)()
		}
		return time.Now()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	random := rand.New(rand.NewPCG(*seed, 6))
	rounds := times(1, 20)
	for _, point := range []struct {
		name string
		most int // it is passed at least so often
	}{
		{failpoint.AfterBegin, 8}, {failpoint.AfterStatement, 200}, {failpoint.BeforeCommit, 8}, {failpoint.AfterCommit, 8},
		{failpoint.BeforeReply, parents}, {failpoint.BeforeSend, parents}, {before250, parents}, {failpoint.BeforeMark, parents},
	} {
		for round := range rounds {
			passed := 1 + random.IntN(point.most)
			session := w.session(fmt.Sprintf("Robotique %s %d", point.name, round), seats)
			families := w.familiesAt(session, parents)
			cmd := command(w.dir, sink.URL())
			cmd.Path = program
			if point.name != before250 {
				cmd.Env = append(cmd.Env, fmt.Sprintf("ATELIERS_FAILPOINT=%s:%d", point.name, passed))
			}
			server := listening(t, cmd)
			if point.name == before250 {
				left, dying := int64(passed), server
				kill := func() {
					if atomic.AddInt64(&left, -1) == 0 {
						dying.kill()
					}
				}
				onMail.Store(&kill)
			}
			at, client, answers := newDoor(server.addr), newClient(), make([]answer, parents)
			var crowd sync.WaitGroup
			for i, f := range families {
				crowd.Go(func() { answers[i] = rush(client, at, f, i%10 == 0) })
			}
			select {
			case <-server.done:
			case <-time.After(30 * time.Second):
				t.Errorf("the %d. %s was never reached", passed, point.name)
				server.kill()
			}
			onMail.Store(nil)
			if log := server.log.String(); strings.Contains(log, "panic") {
				t.Errorf("it did not die by the kill:\n%s", log)
			}
			at.set("")
			server = serve(t, w.dir, sink.URL())
			at.set(server.addr)
			crowd.Wait()
			w.waitForMails(server)
			server.kill()
			client.CloseIdleConnections()
			w.judge(t, session, answers)
			w.judgeMails(t, sink.Messages(), 2)
			w.verify()
			if t.Failed() {
				t.Fatalf("killed at the %d. %s, round %d, -storm.seed=%d", passed, point.name, round, *seed)
			}
		}
	}
	copies := len(sink.Messages()) - w.number("SELECT count(*) FROM outbox")
	report(t, "REL-6", "8 points × %d kills, %d bookings, nothing lost; %d mails arrived twice, none three times, none never", rounds, w.number("SELECT count(*) FROM bookings"), copies)
}

// waitForMails returns when every message has left.
func (w *world) waitForMails(server *process) {
	w.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); w.number("SELECT count(*) FROM outbox WHERE state IN ('pending', 'claimed')") > 0; {
		if time.Now().After(deadline) {
			w.t.Fatalf("mails are still waiting\n%s", server.log)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// judgeMails compares what arrived with what the database holds: no mail about what never was, each message once at least and not
// more than most times (I8, I9; REL-8).
func (w *world) judgeMails(t *testing.T, mails []mail.Received, most int) {
	t.Helper()
	for _, breach := range w.mailBreaches(mails, most) {
		t.Error(breach)
	}
}

func (w *world) mailBreaches(mails []mail.Received, most int) (breaches []string) {
	w.t.Helper()
	copies := map[string]int{}
	for _, m := range mails {
		if copies[m.MessageID]++; copies[m.MessageID] > 1 {
			continue
		}
		_, rest, _ := strings.Cut(m.Text, "/inscriptions/")
		reference, _, _ := strings.Cut(rest, "/")
		if w.number("SELECT count(*) FROM booking_groups WHERE reference = ?", reference) != 1 {
			breaches = append(breaches, fmt.Sprintf("I9: %s was told of %q, which never was", m.To, reference))
		}
	}
	for id, n := range copies {
		if n > most {
			breaches = append(breaches, fmt.Sprintf("I8: %d copies of %s", n, id))
		}
	}
	if sent := w.number("SELECT count(*) FROM outbox WHERE state = 'sent'"); len(copies) < sent {
		breaches = append(breaches, fmt.Sprintf("I9: %d messages are marked as sent, %d arrived", sent, len(copies)))
	}
	return breaches
}

// The program that people run has no points of failure (docs/adr/0008-failpoints.md).
func TestNoFailpointsInTheRealProgram(t *testing.T) {
	fragile, err := fragile()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{program: false, fragile: true} {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := bytes.Contains(file, []byte("ATELIERS_FAILPOINT")); got != want {
			t.Errorf("%s reads ATELIERS_FAILPOINT: %t, want %t", path, got, want)
		}
	}
}

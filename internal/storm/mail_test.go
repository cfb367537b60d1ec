package storm

import (
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/mail"
)

// TestConfirmationsArriveWithinAMinute: 200 parents book at once, and each has the confirmation in the mailbox at once too
// (UX-P13: 95 of 100 within 60 seconds, counted from when the form was sent).
func TestConfirmationsArriveWithinAMinute(t *testing.T) {
	w := newWorld(t)
	arrived := make(chan struct{}, 2*parents)
	sink, err := mail.StartSink("127.0.0.1:0", 2*parents, func() time.Time { // asked once for each mail
		arrived <- struct{}{}
		return time.Now()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	families := w.familiesAt(w.session("Robotique", parents), parents)
	server := serve(t, w.dir, sink.URL())
	at, client := newDoor(server.addr), newClient()
	sent := map[string]time.Time{}
	var mu sync.Mutex
	var crowd sync.WaitGroup
	for _, f := range families {
		crowd.Go(func() {
			mu.Lock()
			sent[f.email] = time.Now()
			mu.Unlock()
			if a := rush(client, at, f, false); a.err != nil || a.waiting {
				t.Errorf("%s: %+v", f.email, a)
			}
		})
	}
	crowd.Wait()
	late := time.After(2 * time.Minute)
	for n := range parents {
		select {
		case <-arrived:
		case <-late:
			t.Fatalf("%d of %d confirmations arrived\n%s", n, parents, server.log)
		}
	}
	var took []time.Duration
	for _, m := range sink.Messages() {
		if !strings.Contains(m.Subject, "Zoé") || !strings.Contains(m.Subject, "Robotique") || m.Text == "" || m.HTML == "" {
			t.Errorf("%s got %q", m.To, m.Subject)
		}
		took = append(took, m.ReceivedAt.Add(time.Second).Sub(sent[m.To[0]])) // the sink keeps whole seconds
		delete(sent, m.To[0])
	}
	if len(sent) > 0 || len(took) != parents {
		t.Fatalf("%d mails for %d parents; nothing came to %v", len(took), parents, sent)
	}
	slices.Sort(took)
	p95 := took[len(took)*95/100]
	t.Logf("p95 %v, the last one %v", p95, took[len(took)-1])
	if p95 > time.Minute {
		t.Errorf("p95 %v, want a minute at most", p95)
	}
	client.CloseIdleConnections()
	server.kill()
	w.verify()
}

// TestDeadMailServerSlowsNoBooking: bookings take no longer while the mail server refuses or says nothing than while it takes every
// mail (REL-8: 20 % more at most, or 50 ms; in five runs under a load of 8 it was 17 ms at most).
func TestDeadMailServerSlowsNoBooking(t *testing.T) {
	w := newWorld(t)
	sink, err := mail.StartSink("127.0.0.1:0", 100, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	silent := silentServer(t)
	var alive, refused, unanswered [tries]time.Duration
	for try := range tries {
		alive[try], _ = w.calmRush(t, w.session(fmt.Sprintf("Robotique %d", try), seats), sink.URL())
		refused[try], _ = w.calmRush(t, w.session(fmt.Sprintf("Musique %d", try), seats), noMail)
		unanswered[try], _ = w.calmRush(t, w.session(fmt.Sprintf("Code %d", try), seats), silent)
	}
	report(t, "REL-8", "p95 of a booking %v while mails leave, %v while the mail server refuses, %v while it says nothing", median(alive), median(refused), median(unanswered))
	for name, without := range map[string][tries]time.Duration{"refuses": refused, "says nothing": unanswered} {
		if median(without) > slower(median(alive), 50*time.Millisecond) {
			t.Errorf("p95 %v while the mail server %s, %v while it takes mails", without, name, alive)
		}
	}
	w.verify()
}

// silentServer accepts every connection and never says a word.
func silentServer(t *testing.T) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var conns []net.Conn
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	return "smtp://" + listener.Addr().String()
}

// TestMailsAfterAnOutage: the mail server is gone while parents book, and everybody has their mail within five minutes after it is back, once
// (REL-8). It waits for the real clock, and so runs at night; the two hours of the criterion are mail.TestTwoHoursOutage.
func TestMailsAfterAnOutage(t *testing.T) {
	if !nightly() {
		return
	}
	w := newWorld(t)
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := gone.Addr().String()
	_ = gone.Close()
	session := w.session("Robotique", seats)
	families := w.familiesAt(session, parents)
	server := serve(t, w.dir, "smtp://"+address)
	at, client := newDoor(server.addr), newClient()
	defer client.CloseIdleConnections()
	var crowd sync.WaitGroup
	for _, f := range families {
		crowd.Go(func() {
			if a := rush(client, at, f, false); a.err != nil {
				t.Error(a.err)
			}
		})
	}
	crowd.Wait()
	time.Sleep(90 * time.Second) // some are at their second try by then
	sink, err := mail.StartSink(address, 10*parents, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	back := time.Now()
	w.waitForMails(server)
	took := time.Since(back)
	server.kill()
	w.judgeMails(t, sink.Messages(), 1)
	if took > 5*time.Minute {
		t.Errorf("the last mail came %v after the server", took)
	}
	report(t, "REL-8", "%d mails that waited for their server: the last one arrived %v after it was back", len(sink.Messages()), took.Round(time.Second))
}

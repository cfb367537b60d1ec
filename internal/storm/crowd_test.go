package storm

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestIdleAndSlowConnections: thousands of connections say nothing, others send their form a byte at a time, bots read the page of the
// session as fast as they can, and parents book as if nobody was there: p95 within a second, and the slow ones are cut off in the
// end (REL-21). By day a tenth of them. What is slow three times in a row is slow.
func TestIdleAndSlowConnections(t *testing.T) {
	w := newWorld(t)
	idle, slow, bots := times(500, 5000), times(50, 500), 10
	var p95 time.Duration
	for try := range 3 {
		p95 = w.besideACrowd(t, w.session(fmt.Sprintf("Robotique %d", try), seats), idle, slow, bots)
		if t.Failed() || p95 <= time.Second {
			break
		}
	}
	if p95 > time.Second {
		t.Errorf("p95 of a booking %v beside %d idle connections", p95, idle)
	}
	w.verify()
	report(t, "REL-21", "p95 of a booking %v beside %d idle connections, %d slow forms and %d bots", p95.Round(time.Millisecond), idle, slow, bots)
}

func (w *world) besideACrowd(t *testing.T, session int64, idle, slow, bots int) (p95 time.Duration) {
	families := w.familiesAt(session, parents)
	server := serve(t, w.dir, noMail)
	defer server.kill()
	var open []net.Conn
	dial := func(begin string) {
		conn, err := net.Dial("tcp", server.addr)
		if err != nil {
			t.Fatalf("after %d connections: %v", len(open), err)
		}
		open = append(open, conn)
		if _, err := io.WriteString(conn, begin); err != nil {
			t.Error(err)
		}
	}
	defer func() {
		for _, conn := range open {
			_ = conn.Close()
		}
	}()
	page := fmt.Sprintf("/seances/%d", session)
	for i := range idle {
		begin := "" // never a word
		if i%2 == 0 {
			begin = "GET " + page + " HTTP/1.1\r\nHost: x\r\n\r\n" // one answer, which nobody reads, and then silence
		}
		dial(begin)
	}
	for i := range slow {
		dial(fmt.Sprintf("POST /inscription/%d HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n", session, 1000+i))
	}
	stop := make(chan struct{})
	var beside sync.WaitGroup
	beside.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(200 * time.Millisecond):
				for _, conn := range open[idle:] {
					_, _ = conn.Write([]byte("a")) // the server may have hung up, and is right
				}
			}
		}
	})
	client := newClient()
	defer client.CloseIdleConnections()
	for range bots {
		beside.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				res, err := client.Get("http://" + server.addr + page)
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, res.Body)
				_ = res.Body.Close()
				if res.StatusCode >= http.StatusInternalServerError {
					t.Errorf("a bot got %d", res.StatusCode)
				}
			}
		})
	}
	at, answers := newDoor(server.addr), make([]answer, parents)
	booking := newClient()
	defer booking.CloseIdleConnections()
	var crowd sync.WaitGroup
	for i, f := range families {
		crowd.Go(func() { answers[i] = rush(booking, at, f, false) })
	}
	crowd.Wait()
	close(stop)
	beside.Wait()
	w.judge(t, session, answers)
	if nightly() && slow > 0 { // the server waits 20 s for a whole form
		conn := open[idle]
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		if line, err := bufio.NewReader(conn).ReadString('\n'); err != nil && err != io.EOF && !strings.Contains(err.Error(), "reset") {
			t.Errorf("a form that never ends is waited for: %q, %v", line, err)
		}
	}
	var took []time.Duration
	for _, a := range answers {
		took = append(took, a.slowest)
	}
	slices.Sort(took)
	return took[len(took)*95/100]
}

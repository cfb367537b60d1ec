package storm

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// clients is how many connections send at once in the benchmarks.
const clients = 32

// exchange sends one ready-made request and reads the answer whole: a client that costs little, since it shares
// the machine with the server.
func exchange(conn net.Conn, in *bufio.Reader, request []byte) (status int, err error) {
	if _, err := conn.Write(request); err != nil {
		return 0, err
	}
	line, err := in.ReadSlice('\n')
	if err != nil || len(line) < 12 {
		return 0, fmt.Errorf("status line %q: %w", line, err)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := 0
	for {
		line, err := in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if name, value, ok := bytes.Cut(line, []byte(":")); ok && textproto.CanonicalMIMEHeaderKey(string(name)) == "Content-Length" {
			if length, err = strconv.Atoi(strings.TrimSpace(string(value))); err != nil {
				return 0, err
			}
		}
	}
	_, err = in.Discard(length)
	return status, err
}

// load sends b.N requests over the clients and reports how many a second, with p50 and p99.
func load(b *testing.B, addr string, want int, request func(i int) []byte) {
	b.Helper()
	times := make([]time.Duration, b.N)
	var next atomic.Int64
	var crowd sync.WaitGroup
	b.ResetTimer()
	start := time.Now()
	for range clients {
		crowd.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				b.Error(err)
				return
			}
			defer conn.Close()
			in := bufio.NewReaderSize(conn, 64<<10)
			for {
				i := int(next.Add(1)) - 1
				if i >= b.N {
					return
				}
				sent := time.Now()
				status, err := exchange(conn, in, request(i))
				if err != nil || status != want {
					b.Errorf("request %d: status %d, %v", i, status, err)
					return
				}
				times[i] = time.Since(sent)
			}
		})
	}
	crowd.Wait()
	took := time.Since(start)
	b.StopTimer()
	slices.Sort(times)
	b.ReportMetric(float64(b.N)/took.Seconds(), "per-second")
	b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLastPost is a booking through the real last POST, with every rule kept and synchronous=FULL, over many
// sessions of 24 seats, of which 16 fill up at a time, as many as the programme of 2016 has.
func BenchmarkLastPost(b *testing.B) {
	w := newWorld(b)
	w.session("Robotique", 1)                           // makes the workshop that all sessions share
	sessions := make([]int64, (b.N+24*16-1)/(24*16)*16) // a programme of 16 fills up, then the next
	for i := range sessions {
		sessions[i] = w.sessionOf(1, 24, 30+i%300)
	}
	requests := make([][]byte, b.N)
	var makers sync.WaitGroup
	for part := range clients {
		makers.Go(func() {
			for i := part; i < b.N; i += clients {
				f, err := w.answer(sessions[i/(24*16)*16+i%16], i+1, "no")
				if err != nil {
					b.Error(err)
					return
				}
				body := f.form.Encode()
				requests[i] = fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\nCookie: %s\r\n"+
					"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", f.path, f.cookie, len(body), body)
			}
		})
	}
	makers.Wait()
	if b.Failed() {
		return
	}
	server := serve(b, w.dir, "smtp://127.0.0.1:1")
	load(b, server.addr, 303, func(i int) []byte { return requests[i] })
	if n := w.number("SELECT count(*) FROM bookings WHERE status = 'confirmed'"); n != b.N {
		b.Errorf("%d bookings of %d", n, b.N)
	}
	server.kill()
	used := server.cmd.ProcessState.UserTime() + server.cmd.ProcessState.SystemTime()
	b.ReportMetric(float64(used.Microseconds())/float64(b.N), "server-cpu-µs/op")
}

// BenchmarkCataloguePage is the home page with 20 coming sessions.
func BenchmarkCataloguePage(b *testing.B) {
	benchmarkCatalogue(b, "")
}

// BenchmarkCatalogueNotModified is the same page for a browser that has it already.
func BenchmarkCatalogueNotModified(b *testing.B) {
	benchmarkCatalogue(b, "etag")
}

func benchmarkCatalogue(b *testing.B, validator string) {
	w := newWorld(b)
	w.session("Robotique", 12)
	for i := range 19 {
		w.sessionOf(1, 12, 7+i)
	}
	server := serve(b, w.dir, "smtp://127.0.0.1:1")
	client := newClient()
	res, err := client.Get("http://" + server.addr + "/")
	if err != nil {
		b.Fatal(err)
	}
	_ = res.Body.Close()
	header, want := "", 200
	if validator != "" {
		header, want = "If-None-Match: "+res.Header.Get("ETag")+"\r\n", 304
	}
	request := []byte("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n" + header + "\r\n")
	load(b, server.addr, want, func(int) []byte { return request })
	server.kill()
}

// BenchmarkStart is the time from the start of the program to the first page.
func BenchmarkStart(b *testing.B) {
	w := newWorld(b)
	w.session("Robotique", 12)
	client := newClient()
	for b.Loop() {
		server := serve(b, w.dir, "smtp://127.0.0.1:1")
		res, err := client.Get("http://" + server.addr + "/")
		if err != nil || res.StatusCode != 200 {
			b.Fatal(res, err)
		}
		_ = res.Body.Close()
		server.kill()
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms")
	b.ReportMetric(0, "ns/op")
}

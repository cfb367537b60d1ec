package web

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// benchClients is how many connections ask at once.
const benchClients = 32

// visit asks for a path n times over one connection and returns how long each answer took. It reads answers
// with as little work as it can, since it shares the machine with the server.
func visit(address, path, header string, n int) ([]time.Duration, error) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	request := fmt.Appendf(nil, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n", path, address, header)
	r := bufio.NewReaderSize(conn, 32<<10)
	took := make([]time.Duration, 0, n)
	for range n {
		begun := time.Now()
		if _, err := conn.Write(request); err != nil {
			return nil, err
		}
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			return nil, err
		}
		if res.StatusCode >= 400 {
			return nil, fmt.Errorf("%s answers %d", path, res.StatusCode)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return nil, err
		}
		took = append(took, time.Since(begun))
	}
	return took, nil
}

// BenchmarkCataloguePages asks the real server over loopback for the list of 20 sessions: as a browser that has
// never seen it, as one that has, and while the data change all the time (design, Speed: at least 10,000 a second).
func BenchmarkCataloguePages(b *testing.B) {
	for _, bb := range []struct {
		name, path, header string
		busy               bool
	}{
		{"zipped", "/seances", "Accept-Encoding: gzip\r\n", false},
		{"French browser", "/seances", "Accept-Encoding: gzip\r\nAccept-Language: fr-FR,fr;q=0.9,en;q=0.8\r\nSec-Fetch-Site: none\r\n", false},
		{"plain", "/seances", "", false},
		{"filtered", "/seances?age=9&places=1", "Accept-Encoding: gzip\r\n", false},
		{"session", "/seances/1", "Accept-Encoding: gzip\r\n", false},
		{"while booking", "/seances", "Accept-Encoding: gzip\r\n", true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			s := newSite(b)
			s.web.pages.every = renderEvery
			first := s.session("Robotique", 12)
			for i := range 19 {
				s.sql(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
				       SELECT workshop_id, venue_id, date(starts_at, ?2) || 'T12:00:00Z', date(starts_at, ?2) || 'T14:00:00Z', capacity, price_cents, status, opens_at,
				              date(starts_at, ?2) || 'T12:00:00Z', created_at, updated_at FROM sessions WHERE id = ?1`, first, fmt.Sprintf("+%d days", i+1))
			}
			server := s.web.HTTPServer()
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			go func() { _ = server.Serve(listener) }()
			defer server.Close()
			stop := make(chan struct{})
			var writer sync.WaitGroup
			if bb.busy {
				writer.Go(func() {
					for {
						select {
						case <-stop:
							return
						default:
							_ = s.db.Write(context.Background(), func(_ context.Context, tx *sqlite.Tx) error {
								_, err := tx.Exec(`UPDATE sessions SET capacity = 12 + capacity % 2`)
								return err
							})
						}
					}
				})
			}
			var mu sync.Mutex
			var all []time.Duration
			var clients sync.WaitGroup
			b.ResetTimer()
			for range benchClients {
				clients.Go(func() {
					took, err := visit(listener.Addr().String(), bb.path, bb.header, b.N/benchClients+1)
					if err != nil {
						b.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					all = append(all, took...)
				})
			}
			clients.Wait()
			b.StopTimer()
			close(stop)
			writer.Wait()
			slices.Sort(all)
			b.ReportMetric(float64(len(all))/b.Elapsed().Seconds(), "pages/s")
			b.ReportMetric(float64(all[len(all)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
}

package storm

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	childfamily "github.com/lesbricodeurs/ateliersdada/internal/family"
)

const (
	printers = 20
	// In the unit of the kernel. 19 MB are what a sign-in takes for a moment, 35 MB the file of the program.
	mostOfMemory = 100_000_000 / 1024
	mostAdded    = 20_000_000 / 1024
)

// TestMemoryWhilePrinting: 20 people print the sheet of 30 children, all at once and again and again, and the server
// never has much more in memory than before (issue 5, "Speed"). Each gets a whole file.
func TestMemoryWhilePrinting(t *testing.T) {
	w := newWorld(t)
	session := w.session("Robotique", 30)
	for i := range 30 {
		_, err := w.bookings.Book(t.Context(), account.Guest(), w.key(), booking.Request{
			SessionID: session,
			Children: []childfamily.NewChild{{
				FirstName: "Zoé", LastName: fmt.Sprintf("D'Artagnan-N'Guyen %c", 'A'+i), BirthDate: time.Now().AddDate(-9, 0, 0), Image: childfamily.No,
				Health: childfamily.Health{State: childfamily.HealthDescribed, Text: "Arachides : le stylo est dans le sac, côté gauche."},
			}},
			Guardian: childfamily.NewGuardian{Name: "Łucja محمد", Phone: "06 12 34 56 78", Email: fmt.Sprintf("parent%d@exemple.fr", i), Language: "fr"},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var before, peak int
	for range 3 { // what is too much three times in a row is too much; once may be when the collector came by
		before, peak = w.printAtOnce(t, session)
		t.Logf("%d KB before, %d KB at most", before, peak)
		if t.Failed() || peak <= mostOfMemory && peak-before <= mostAdded {
			return
		}
	}
	t.Errorf("the server had %d KB in memory, %d KB more than before; want %d and %d at most", peak, peak-before, mostOfMemory, mostAdded)
}

// printAtOnce lets everybody print from a server of their own, and returns the most memory that it had before and in all.
func (w *world) printAtOnce(t *testing.T, session int64) (before, peak int) {
	server := serve(t, w.dir, "smtp://127.0.0.1:1")
	defer server.kill()
	staff := w.signIn(server.addr)
	before = server.memory(t, "VmHWM")
	client := newClient()
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for range printers {
		all.Go(func() {
			for range 5 {
				if err := printSheet(client, server.addr, staff, session); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	return before, server.memory(t, "VmHWM")
}

// printSheet downloads the sheet of a session and looks whether it is whole.
func printSheet(client *http.Client, addr string, who member, session int64) error {
	req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://%s/animation/seances/%d/feuille.pdf", addr, session), nil)
	if err != nil {
		return err
	}
	req.Header.Set("Cookie", who.cookies)
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	file, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
		return fmt.Errorf("status %d and %d bytes", res.StatusCode, len(file))
	}
	return nil
}

// memory reads a figure of the process in KB: VmRSS is what it has in memory now, VmHWM the most it ever had.
func (p *process) memory(t testing.TB, name string) int {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(`(?m)^` + name + `:\s+(\d+) kB$`).FindSubmatch(status)
	if match == nil {
		t.Fatalf("no %s in %s", name, status)
	}
	kb, err := strconv.Atoi(string(match[1]))
	if err != nil {
		t.Fatal(err)
	}
	return kb
}

package storm

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// TestPowerCut stands in for pulling the plug (REL-5; I5, I6, I13). strace records what the server writes, syncs and answers while parents
// book. Then the power fails after one of these calls, again and again: what was synced is on the disk; of what was not, each write
// is there, or not, or torn between two sectors, in any mixture. SQLite opens what is left, and every booking that had been acknowledged by
// then must be there, whole.
//
// It shows that we and SQLite wait for the syncs that durability needs, in the right order. It does not show that the kernel, the file
// system and the disk keep what they say they have synced: no test on one machine can. The control forgets all syncs, and must lose bookings.
func TestPowerCut(t *testing.T) {
	w := newWorld(t)
	session := w.session("Robotique", 500)
	families := w.familiesAt(session, 60)
	if err := w.db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := map[string][]byte{}
	for _, end := range []string{"", "-wal"} {
		content, err := os.ReadFile(w.db.Path() + end)
		if err != nil {
			t.Fatal(err)
		}
		first[end] = content
	}
	trace := filepath.Join(t.TempDir(), "trace")
	server := serve(t, w.dir, noMail, "strace", "-f", "-y", "-xx", "-s", "1000000", "-e", "trace=pwrite64,ftruncate,fsync,fdatasync,write", "-o", trace)
	at, client := newDoor(server.addr), newClient()
	var crowd sync.WaitGroup
	queue := make(chan family, len(families))
	for _, f := range families {
		queue <- f
	}
	close(queue)
	for range 6 {
		crowd.Go(func() {
			for f := range queue {
				if a := rush(client, at, f, false); a.err != nil {
					t.Error(a.err)
				}
			}
		})
	}
	crowd.Wait()
	client.CloseIdleConnections()
	// Stopped in peace it writes the WAL back into the database: the power may fail in that too.
	if out, err := exec.Command("pkill", "-TERM", "-P", strconv.Itoa(server.cmd.Process.Pid)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	<-server.done
	text, err := os.ReadFile(trace)
	if err != nil {
		t.Fatal(err)
	}
	calls := parseTrace(t, string(text), w.db.Path())
	random := rand.New(rand.NewPCG(*seed, 5))
	cuts := times(25, 200)
	told := 0
	for range cuts {
		cut := 1 + random.IntN(len(calls))
		lost, acknowledged, breaches := powerCut(t, first, calls[:cut], random, true)
		if lost > 0 || len(breaches) > 0 {
			t.Fatalf("the power failed after call %d of %d: %d of %d acknowledged bookings lost, %v, -storm.seed=%d", cut, len(calls), lost, acknowledged, breaches, *seed)
		}
		told += acknowledged
	}
	if lost, acknowledged, _ := powerCut(t, first, calls, random, false); lost == 0 || acknowledged != len(families) {
		t.Errorf("with all syncs forgotten %d of %d acknowledged bookings are lost: the trace shows nothing", lost, acknowledged)
	}
	syncs := 0
	for _, c := range calls {
		if c.kind == synced {
			syncs++
		}
	}
	report(t, "REL-5", "%d power cuts in %d recorded calls with %d syncs: none of %d acknowledged bookings lost, no breach", cuts, len(calls), syncs, told)
}

type callKind int

const (
	written callKind = iota
	truncated
	syncBegun
	synced
	answered
)

// call is one thing that the server asked of the system.
type call struct {
	kind      callKind
	thread    string
	end       string // of the database's name: "" or "-wal"
	offset    int
	data      []byte
	reference string // of a booking that an answer acknowledged
}

var (
	tracedCall    = regexp.MustCompile(`^(\d+) +(\w+)\(\d+<([^>]*)>(.*)$`)
	tracedResumed = regexp.MustCompile(`^(\d+) +<\.\.\. f(?:data)?sync resumed>\) += 0`)
	tracedWrite   = regexp.MustCompile(`^, "([^"]*)", (\d+), (\d+)`)
	givenLink     = regexp.MustCompile(`Location: /inscriptions/(ADA-[^/]+)/`)
)

// parseTrace reads what strace wrote about the database and the answers.
func parseTrace(t *testing.T, text, path string) (calls []call) {
	t.Helper()
	syncing := map[string]string{} // the file, by thread
	for line := range strings.Lines(text) {
		if m := tracedResumed.FindStringSubmatch(line); m != nil {
			if end, ours := syncing[m[1]]; ours {
				calls = append(calls, call{kind: synced, thread: m[1], end: end})
				delete(syncing, m[1])
			}
			continue
		}
		m := tracedCall.FindStringSubmatch(strings.TrimRight(line, "\n"))
		if m == nil {
			continue
		}
		c := call{thread: m[1]}
		rest := m[4]
		if m[2] == "write" {
			quoted, _, _ := strings.Cut(strings.TrimPrefix(rest, `, "`), `"`)
			if found := givenLink.FindStringSubmatch(unquoted(t, quoted)); found != nil {
				c.kind, c.reference = answered, found[1]
				calls = append(calls, c)
			}
			continue
		}
		end, ours := strings.CutPrefix(unquoted(t, m[3]), path)
		if !ours || end != "" && end != "-wal" {
			continue
		}
		c.end = end
		switch m[2] {
		case "pwrite64":
			parts := tracedWrite.FindStringSubmatch(rest)
			if parts == nil {
				t.Fatalf("cannot read %.200s", line)
			}
			c.kind, c.data = written, []byte(unquoted(t, parts[1]))
			var err error
			if c.offset, err = strconv.Atoi(parts[3]); err != nil || strconv.Itoa(len(c.data)) != parts[2] {
				t.Fatalf("cannot read %.200s", line)
			}
		case "ftruncate":
			size, _, _ := strings.Cut(strings.TrimPrefix(rest, ", "), ")")
			size, _, _ = strings.Cut(size, " ")
			var err error
			if c.offset, err = strconv.Atoi(size); err != nil {
				t.Fatalf("cannot read %.200s", line)
			}
			c.kind = truncated
		default:
			c.kind = syncBegun
			calls = append(calls, c)
			if strings.Contains(rest, "<unfinished") {
				syncing[m[1]] = end
				continue
			}
			c.kind = synced
		}
		calls = append(calls, c)
	}
	return calls
}

func unquoted(t *testing.T, s string) string {
	t.Helper()
	text, err := strconv.Unquote(`"` + s + `"`)
	if err != nil {
		t.Fatalf("cannot read %.100s: %v", s, err)
	}
	return text
}

// powerCut makes the files as they may be when the power fails after these calls, and judges what SQLite finds in them.
// Without syncs nothing was ever synced, and nothing that was not is on the disk.
func powerCut(t *testing.T, first map[string][]byte, calls []call, random *rand.Rand, syncs bool) (lost, acknowledged int, breaches []string) {
	t.Helper()
	disk := map[string][]byte{"": slices.Clone(first[""]), "-wal": slices.Clone(first["-wal"])}
	pending := map[string][]call{}
	begun := map[string]int{} // how many of pending a sync covers, by thread
	var references []string
	for _, c := range calls {
		switch c.kind {
		case written, truncated:
			pending[c.end] = append(pending[c.end], c)
		case syncBegun:
			begun[c.thread+c.end] = len(pending[c.end])
		case synced:
			if syncs {
				n := min(begun[c.thread+c.end], len(pending[c.end]))
				for _, w := range pending[c.end][:n] {
					disk[c.end] = apply(disk[c.end], w)
				}
				pending[c.end] = pending[c.end][n:]
			}
		case answered:
			references = append(references, c.reference)
		}
	}
	for end, writes := range pending {
		for _, w := range writes {
			if !syncs {
				break
			}
			switch random.IntN(3) {
			case 0: // it never came to the disk
			case 1:
				disk[end] = apply(disk[end], w)
			case 2: // torn between two sectors: the beginning is there, or the rest
				const sector = 512
				at := random.IntN(len(w.data)/sector+1) * sector
				if random.IntN(2) == 0 {
					w.data = w.data[:min(at, len(w.data))]
				} else if w.kind == written {
					at = min(at, len(w.data))
					w.data, w.offset = w.data[at:], w.offset+at
				}
				disk[end] = apply(disk[end], w)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "ateliers.db")
	for end, content := range disk {
		if err := os.WriteFile(path+end, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: path, MustExist: true, Readers: 1})
	if err != nil {
		return 0, len(references), []string{err.Error()}
	}
	defer db.Close()
	for _, reference := range references {
		err := db.Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error {
			var n int
			err := tx.QueryRow("SELECT count(*) FROM booking_groups WHERE reference = ?", reference).Scan(&n)
			lost += 1 - n
			return err
		})
		if err != nil {
			breaches = append(breaches, err.Error())
		}
	}
	found, err := upkeep.Verify(t.Context(), db)
	if err != nil {
		breaches = append(breaches, err.Error())
	}
	for _, b := range found {
		breaches = append(breaches, fmt.Sprint(b))
	}
	return lost, len(references), breaches
}

// apply does one write to the content of a file.
func apply(file []byte, c call) []byte {
	if c.kind == truncated {
		if c.offset <= len(file) {
			return file[:c.offset]
		}
		return append(file, make([]byte, c.offset-len(file))...)
	}
	if end := c.offset + len(c.data); end > len(file) {
		file = append(file, make([]byte, end-len(file))...)
	}
	copy(file[c.offset:], c.data)
	return file
}

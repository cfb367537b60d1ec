// Package storm drives the real binary over loopback: crowds, kills, double clicks, shutdowns,
// and the figures of speed. It holds tests and benchmarks only.
package storm

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// program is the real program, built once for all tests here.
var program string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "storm")
	if err == nil {
		program = filepath.Join(dir, "ateliers")
		var out []byte
		if out, err = exec.Command("go", "build", "-o", program, "../../cmd/ateliers").CombinedOutput(); err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// process is one run of the server.
type process struct {
	cmd  *exec.Cmd
	addr string // host:port
	done chan struct{}
	err  error // of Wait, once done is closed
	log  *log
}

// log is what the program wrote; it is safe for concurrent use.
type log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// serve starts the server on a data folder and waits until it listens. before holds a program that runs it, such
// as strace with its arguments.
func serve(t testing.TB, dir, smtp string, before ...string) *process {
	t.Helper()
	return listening(t, command(dir, smtp, before...))
}

// command is the server, not yet started.
func command(dir, smtp string, before ...string) *exec.Cmd {
	args := append(before, program, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), "ATELIERS_BASE_URL=http://127.0.0.1:8080", "ATELIERS_SMTP_URL="+smtp, "ATELIERS_SECOND_FACTOR=false")
	return cmd
}

// listening starts a server and waits until it listens.
func listening(t testing.TB, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{cmd: cmd, done: make(chan struct{}), log: &log{}}
	p.cmd.Stderr = p.log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	listening := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(io.TeeReader(out, p.log))
		for lines.Scan() {
			if addr, ok := strings.CutPrefix(lines.Text(), "listening on http://"); ok {
				listening <- addr
			}
		}
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	select {
	case p.addr = <-listening:
	case <-p.done:
		t.Fatalf("the server stopped: %v\n%s", p.err, p.log)
	case <-time.After(30 * time.Second):
		p.kill()
		t.Fatalf("the server does not listen\n%s", p.log)
	}
	t.Cleanup(p.kill)
	return p
}

// kill ends the process as a power cut would, and waits until it is gone.
func (p *process) kill() {
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	<-p.done
}

// stop asks the process to end and returns how long it took and its exit code.
func (p *process) stop() (took time.Duration, code int) {
	start := time.Now()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	<-p.done
	var exit *exec.ExitError
	if errors.As(p.err, &exit) {
		return time.Since(start), exit.ExitCode()
	}
	return time.Since(start), 0
}

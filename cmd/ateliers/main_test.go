package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// asProgram makes this test binary behave as the program, so that signals, locks and kills are those of a real
// process, and races in it are found.
const asProgram = "ATELIERS_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// outcome is what a command left.
type outcome struct {
	code           int
	stdout, stderr string
}

// env is an environment of names and values.
func env(pairs ...string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1], true
			}
		}
		return "", false
	}
}

// ateliers runs a command in this process.
func ateliers(t *testing.T, args ...string) outcome {
	t.Helper()
	return inWorld(t, world{args: args, env: env(), stdin: strings.NewReader("")})
}

func inWorld(t *testing.T, w world) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	w.stdout, w.stderr = &stdout, &stderr
	code := run(t.Context(), w)
	return outcome{code, stdout.String(), stderr.String()}
}

// want checks the exit code and that the error output holds each of some texts, a line each, without a trace
// of the stack.
func (o outcome) want(t *testing.T, code int, stderr ...string) {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d, want %d\n%s%s", o.code, code, o.stdout, o.stderr)
	}
	for _, text := range stderr {
		if !strings.Contains(o.stderr, text) {
			t.Errorf("the error does not hold %q:\n%s", text, o.stderr)
		}
	}
	if strings.Contains(o.stderr, "goroutine ") {
		t.Errorf("a stack trace for people:\n%s", o.stderr)
	}
}

// wantLine is want where the error is a single line.
func (o outcome) wantLine(t *testing.T, code int, stderr ...string) {
	t.Helper()
	o.want(t, code, stderr...)
	if strings.Count(o.stderr, "\n") != 1 {
		t.Errorf("want one line:\n%s", o.stderr)
	}
}

// migrated is a data folder with an empty database.
func migrated(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	ateliers(t, "migrate", "--data", dir).want(t, 0)
	return dir
}

// opened opens the database of a data folder until the test ends.
func opened(t *testing.T, dir string) *sqlite.DB {
	t.Helper()
	db, err := sqlite.Open(t.Context(), sqlite.Config{Path: filepath.Join(dir, databaseFile), MustExist: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// count runs a query that gives one number.
func count(t *testing.T, dir, query string) (n int) {
	t.Helper()
	err := opened(t, dir).Read(t.Context(), func(_ context.Context, tx *sqlite.Tx) error { return tx.QueryRow(query).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// process is the program in a process of its own.
type process struct {
	*exec.Cmd
	t      *testing.T
	url    string
	stderr *bytes.Buffer
	stdout *bytes.Buffer // what came before it listened
	done   chan error
}

var listening = regexp.MustCompile(`^listening on (http://\S+)$`)

// start runs the program until it listens. It is killed, should it still run, when the test ends.
func start(t *testing.T, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{Cmd: exec.Command(self, args...), t: t, stderr: &bytes.Buffer{}, stdout: &bytes.Buffer{}, done: make(chan error, 1)}
	p.Env = append(os.Environ(), asProgram+"=1")
	p.Stderr = p.stderr
	out, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			p.url = m[1]
			break
		}
		p.stdout.WriteString(lines.Text() + "\n")
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		p.done <- p.Wait()
	}()
	if p.url == "" {
		err := <-p.done
		t.Fatalf("%v ended before it listened: %v\n%s%s", args, err, p.stdout, p.stderr)
	}
	return p
}

// end asks the program to stop and returns its exit code.
func (p *process) end() int {
	p.t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
	return p.code()
}

// code waits for the end, at most the 10 s of REL-9.
func (p *process) code() int {
	p.t.Helper()
	select {
	case err := <-p.done:
		if exit, ok := errors.AsType[*exec.ExitError](err); ok {
			return exit.ExitCode()
		}
		if err != nil {
			p.t.Fatal(err)
		}
		return 0
	case <-time.After(10 * time.Second):
		p.t.Fatalf("it still runs after 10 s\n%s", p.stderr)
		return -1
	}
}

// get returns the status and the body of a page.
func (p *process) get(path string) (int, string) {
	p.t.Helper()
	res, err := http.Get(p.url + path)
	return p.answer(res, err)
}

func (p *process) post(path string, form url.Values) (int, string) {
	p.t.Helper()
	res, err := http.PostForm(p.url+path, form)
	return p.answer(res, err)
}

func (p *process) answer(res *http.Response, err error) (int, string) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

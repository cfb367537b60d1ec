package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

func TestServe(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := start(t, "serve", "--data", dir, "--addr", "127.0.0.1:0", "--smtp-url", "smtp://127.0.0.1:9")
	if status, body := p.get("/healthz"); status != http.StatusOK || body != "ok\n" {
		t.Errorf("/healthz: %d %q", status, body)
	}
	if status, _ := p.get("/_mails"); status != http.StatusNotFound {
		t.Errorf("the mails of a demo: %d", status)
	}
	// A second one is refused, commands that look are not (REL-9).
	ateliers(t, "serve", "--data", dir, "--addr", "127.0.0.1:0").wantLine(t, 1, "another ateliers is serving this data folder")
	ateliers(t, "verify", "--data", dir).want(t, 0)
	ateliers(t, "migrate", "--data", dir).want(t, 0)
	if code := p.end(); code != 0 {
		t.Errorf("it ends with %d: %s", code, p.stderr)
	}
	p = start(t, "serve", "--data", dir, "--addr", "127.0.0.1:0")
	if code := p.end(); code != 0 {
		t.Errorf("started again, it ends with %d: %s", code, p.stderr)
	}
}

func TestBusyPort(t *testing.T) {
	t.Parallel()
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	for _, command := range []string{"demo", "serve --data " + t.TempDir()} {
		args := append(strings.Fields(command), "--addr", busy.Addr().String())
		ateliers(t, args...).wantLine(t, 1, "cannot listen on "+busy.Addr().String(), "--addr")
	}
	ateliers(t, "serve", "--data", t.TempDir(), "--addr", "192.0.2.1:80").wantLine(t, 1, "cannot listen on 192.0.2.1:80")
}

// TestStopFinishesWhatHasBegun: a request that is on its way when the process is asked to stop gets its answer, and the
// process ends with it (REL-9).
func TestStopFinishesWhatHasBegun(t *testing.T) {
	t.Parallel()
	rounds := 5
	if os.Getenv("ATELIERS_TEST_NIGHTLY") != "" {
		rounds = 20
	}
	for round := range rounds {
		p := start(t, "serve", "--data", t.TempDir(), "--addr", "127.0.0.1:0")
		address := strings.TrimPrefix(p.url, "http://")
		conn, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		const body = "email=zoe%40example.org&password=x&form_key=x"
		// Half of a form, and the server waits for the rest of it: it asked for more.
		_, err = fmt.Fprintf(conn, "POST /connexion HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\n"+
			"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", address, len(body))
		if err != nil {
			t.Fatal(err)
		}
		answers := bufio.NewReader(conn)
		if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("round %d: %q, %v", round, line, err)
		}
		if _, err := answers.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
		code := make(chan int, 1)
		go func() { code <- p.end() }()
		untilRefused(t, address)
		if _, err := fmt.Fprint(conn, body); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatalf("round %d: the request that had begun got no answer: %v\n%s", round, err, p.stderr)
		}
		_ = res.Body.Close()
		if res.StatusCode >= 500 {
			t.Errorf("round %d: it got %d", round, res.StatusCode)
		}
		if got := <-code; got != 0 {
			t.Errorf("round %d: it ends with %d: %s", round, got, p.stderr)
		}
		_ = conn.Close()
	}
}

// untilRefused waits until the server takes no new connection.
func untilRefused(t *testing.T, address string) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		_ = conn.Close()
	}
	t.Fatal("a minute after the signal it still takes connections")
}

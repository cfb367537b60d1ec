package journey

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// commonNow is when the common demo starts: a Monday afternoon in spring.
const commonNow = "2027-03-01T14:00:00+01:00"

// demo is the program as it listens: `ateliers demo`, as people run it to try it, or `ateliers serve`.
type demo struct {
	url  string
	data string
	cmd  *exec.Cmd

	mu    sync.Mutex
	said  bytes.Buffer // what it printed
	ended chan struct{}
}

// startDemo runs a demo whose clock starts at now, and returns when it listens.
func startDemo(data, now string) (*demo, error) { return start("demo", data, "--now", now) }

func start(command, data string, flags ...string) (*demo, error) {
	d := &demo{data: data, ended: make(chan struct{})}
	d.cmd = exec.Command(binary, append([]string{command, "--addr", "127.0.0.1:0", "--data", data}, flags...)...)
	out, err := d.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	d.cmd.Stderr = d.cmd.Stdout
	if err := d.cmd.Start(); err != nil {
		return nil, err
	}
	listening := make(chan string, 1)
	go func() {
		defer close(d.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			d.mu.Lock()
			fmt.Fprintln(&d.said, lines.Text())
			d.mu.Unlock()
			if at, ok := strings.CutPrefix(lines.Text(), "listening on "); ok {
				listening <- at
			}
		}
	}()
	select {
	case d.url = <-listening:
		return d, nil
	case <-d.ended:
		return nil, fmt.Errorf("ateliers ended: %w\n%s", d.cmd.Wait(), d.output())
	case <-time.After(60 * time.Second):
		return nil, errors.Join(fmt.Errorf("ateliers does not listen:\n%s", d.output()), d.cmd.Process.Kill())
	}
}

// newDemo is startDemo for one test.
func newDemo(t *testing.T, now string) *demo {
	t.Helper()
	d, err := startDemo(t.TempDir(), now)
	return d.stopAfter(t, err)
}

// newServer is `ateliers serve` on a data folder, for one test.
func newServer(t *testing.T, data string) *demo {
	t.Helper()
	d, err := start("serve", data, "--no-second-factor")
	return d.stopAfter(t, err)
}

func (d *demo) stopAfter(t *testing.T, err error) *demo {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.stop(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *demo) output() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.said.String()
}

// stop ends the demo as a service manager would.
func (d *demo) stop() error {
	if err := d.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	<-d.ended
	if err := d.cmd.Wait(); err != nil {
		return fmt.Errorf("ateliers: %w\n%s", err, d.output())
	}
	return nil
}

// run runs another command of the program on the demo's data, and returns what it prints.
func (d *demo) run(t *testing.T, args ...string) string {
	t.Helper()
	return ateliers(t, d.data, args...)
}

// ateliers runs a command of the program on a data folder, and returns what it prints.
func ateliers(t *testing.T, data string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), binary, append(args, "--data", data)...).CombinedOutput()
	if err != nil {
		t.Fatalf("ateliers %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// account is one of the accounts that a demo prints at its start.
type account struct{ email, password, name string }

// account returns the nth account of a role, as the demo printed it.
func (d *demo) account(t *testing.T, role string, n int) account {
	t.Helper()
	for line := range strings.Lines(d.output()) {
		if words := strings.Fields(line); len(words) > 3 && words[0] == role {
			if n--; n < 0 {
				return account{words[1], words[2], strings.Join(words[3:], " ")}
			}
		}
	}
	t.Fatalf("no account of a %s:\n%s", role, d.output())
	return account{}
}

// mail is a mail that arrived, as /_mails.json shows it.
type mail struct {
	ID          int
	To          []string
	Subject     string
	Text, HTML  string
	Headers     map[string][]string
	Attachments []struct{ Name, Type, Content string }
}

// mails returns the mails to an address, newest first, once all that is due has been sent.
func (d *demo) mails(t *testing.T, to string) (list []mail) {
	t.Helper()
	res, err := http.Get(d.url + "/_mails.json")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var all []mail
	if err := json.NewDecoder(res.Body).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if len(m.To) == 1 && m.To[0] == to {
			list = append(list, m)
		}
	}
	return list
}

// link returns the path of the first link in a mail that leads below an address of the site.
func (d *demo) link(t *testing.T, m mail, below string) string {
	t.Helper()
	_, rest, found := strings.Cut(m.Text, d.url+below)
	if !found {
		t.Fatalf("the mail %q has no link to %s:\n%s", m.Subject, below, m.Text)
	}
	rest, _, _ = strings.Cut(rest, "\n")
	rest, _, _ = strings.Cut(rest, " ")
	return below + strings.TrimSpace(rest)
}

// moveClock moves the clock to an instant, and all that comes due on the way happens.
func (d *demo) moveClock(t *testing.T, to string) {
	t.Helper()
	res, err := http.PostForm(d.url+"/_horloge", url.Values{"to": {to}})
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode >= 400 {
		t.Fatalf("POST /_horloge to=%s = %d\n%s", to, res.StatusCode, body)
	}
}

// session is a session as the public API tells it.
type session struct {
	ID         int64     `json:"id"`
	Title      string    `json:"title"`
	Level      string    `json:"level"`
	MinAge     int       `json:"min_age"`
	MaxAge     int       `json:"max_age"`
	StartsAt   time.Time `json:"starts_at"`
	Capacity   int       `json:"capacity"`
	PlacesLeft int       `json:"places_left"`
	Waiting    int       `json:"waiting"`
	Status     string    `json:"status"`
}

// sessions returns the coming sessions.
func (d *demo) sessions(t *testing.T) []session {
	t.Helper()
	res, err := http.Get(d.url + "/api/v1/sessions")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	var list []session
	if err := json.Unmarshal(text, &list); err != nil {
		t.Fatalf("%v: %.300s", err, text)
	}
	return list
}

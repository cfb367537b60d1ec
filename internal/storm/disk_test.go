package storm

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// TestDiskRefuses: while parents book, the disk takes nothing more for a while: no file may grow, as the system refuses it to whoever
// has used up their share (short form of REL-7, which needs no rights). At night the disk is really full, see TestDiskFull.
func TestDiskRefuses(t *testing.T) {
	w := newWorld(t)
	w.outOfSpace(t, func(server *process) (undo func()) {
		wal, err := os.Stat(w.db.Path() + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		limit := func(most string) {
			if out, err := exec.Command("prlimit", "--pid", strconv.Itoa(server.cmd.Process.Pid), "--fsize="+most+":").CombinedOutput(); err != nil {
				t.Fatalf("prlimit: %v: %s", err, out)
			}
		}
		limit(strconv.FormatInt(wal.Size(), 10))
		return func() { limit("unlimited") }
	})
}

// TestDiskFull fills a disk of 64 MB while parents book (REL-7). It mounts one in memory, which root alone may.
func TestDiskFull(t *testing.T) {
	if !nightly() {
		return // by day TestDiskRefuses
	}
	w := newWorldIn(t, mountMemory(t, "size=64m"))
	w.outOfSpace(t, func(*process) (undo func()) {
		balloon := filepath.Join(w.dir, "balloon")
		file, err := os.Create(balloon)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(file, zeros{}); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("the disk took everything: %v", err)
		}
		_ = file.Close() // there is no room for what it says
		return func() {
			if err := os.Remove(balloon); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// mountMemory makes a disk in memory for the test.
func mountMemory(t *testing.T, options string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options+",mode=0700"); err != nil {
		t.Fatalf("a disk of %s cannot be mounted (the nightly tests need root for it): %v", options, err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// outOfSpace lets parents book before, while and after the disk takes nothing, and judges what they saw: nothing acknowledged is
// lost, who could not be served was told so in French with what they had typed, pages are served, and the same form is taken soon
// after there is room again, by the server that never stopped (REL-7; I5).
func (w *world) outOfSpace(t *testing.T, fill func(*process) (undo func())) {
	t.Helper()
	const crowdSize = 120
	session := w.session("Robotique", seats)
	families := w.familiesAt(session, crowdSize)
	roomy := w.session("Musique", seats)
	w.families++
	careful := w.familySaying(roomy, w.families, "yes")
	careful.form.Set("health_text_1", allergies)
	careful.form.Set("health_consent_1", "yes")
	if err := w.db.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := serve(t, w.dir, noMail)
	client := newClient()
	defer client.CloseIdleConnections()
	at, answers := newDoor(server.addr), make([]answer, crowdSize)
	var crowd sync.WaitGroup
	for i, f := range families[:crowdSize/4] { // while there is room
		crowd.Go(func() { answers[i] = rush(client, at, f, false) })
	}
	crowd.Wait()

	undo := fill(server)
	for tries := 0; ; tries++ { // the WAL may have had room inside: each look at the health of the server takes a page of it
		if status, _ := w.get(t, client, server.addr, "/healthz", ""); status == http.StatusServiceUnavailable {
			break
		}
		if tries == 5000 {
			t.Fatal("/healthz answers 200 while nothing can be written")
		}
	}
	for i, f := range families[crowdSize/4:] {
		crowd.Go(func() { answers[crowdSize/4+i] = rush(client, at, f, i%10 == 0) })
	}
	again := refusedForm(t, client, server.addr, careful)
	for _, path := range []string{"/seances", fmt.Sprintf("/seances/%d", session), careful.path, "/confidentialite"} {
		if status, _ := w.get(t, client, server.addr, path, careful.cookie); status != http.StatusOK {
			t.Errorf("while nothing can be written %s answers %d", path, status)
		}
	}

	undo()
	free, recovered := time.Now(), time.Duration(0)
	for {
		status, _ := w.get(t, client, server.addr, "/healthz", "")
		if recovered = time.Since(free); status == http.StatusOK {
			break
		}
		if recovered > 10*time.Second {
			t.Fatalf("not healthy 10 s after there is room again\n%s", server.log)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if a := rush(client, at, again, false); a.err != nil || a.waiting {
		t.Errorf("the form on the page of the failure led to %+v", a)
	}
	if n := w.number(`SELECT count(*) FROM children WHERE health_text = ?`, allergies); n != 1 {
		t.Errorf("%d children with what was typed about their health, want 1", n)
	}
	crowd.Wait()
	refused, slowest := 0, time.Duration(0)
	for _, a := range answers {
		if slices.Contains(a.statuses, http.StatusServiceUnavailable) {
			refused++
		}
		slowest = max(slowest, a.slowest)
	}
	server.kill()
	w.judge(t, session, answers)
	w.verify()
	report(t, "REL-7", "%d parents: all acknowledged bookings are kept, %d were first told 503, the slowest answer took %v, healthy %v after there was room",
		crowdSize, refused, slowest.Round(time.Millisecond), recovered.Round(time.Millisecond))
}

const allergies = "Arachides : le stylo est dans le sac, côté gauche."

// refusedForm sends a form that cannot be saved, and returns the one that the page offers to send again.
func refusedForm(t *testing.T, client *http.Client, addr string, f family) family {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+f.path, strings.NewReader(f.form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Cookie", f.cookie)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	text := page.Find("main").Text()
	if res.StatusCode != http.StatusServiceUnavailable || page.Find("html").AttrOr("lang", "") != "fr" || !strings.Contains(text, "gardé dans cette page") {
		t.Errorf("status %d and %q, want 503 in French that says what was kept", res.StatusCode, text)
	}
	form := page.Find("main form[method=post]")
	again := family{email: f.email, path: form.AttrOr("action", ""), cookie: f.cookie, form: url.Values{}}
	form.Find("input[type=hidden]").Each(func(_ int, field *goquery.Selection) {
		again.form.Add(field.AttrOr("name", ""), field.AttrOr("value", ""))
	})
	if again.path != f.path || again.form.Encode() != f.form.Encode() {
		t.Errorf("the page keeps %s %v, want %s %v", again.path, again.form, f.path, f.form)
	}
	return again
}

// get asks for a page as a browser with these cookies.
func (w *world) get(t *testing.T, client *http.Client, addr, path, cookies string) (status int, body []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Cookie", cookies)
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if body, err = io.ReadAll(res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body
}

// TestFolderTakesNoFile: the folder of the data becomes read-only, and has no inode left: bookings go on, since they need no new file, and
// a start that needs one says so in one line instead of half working (REL-7).
func TestFolderTakesNoFile(t *testing.T) {
	tests := map[string]func(t *testing.T) (w *world, shut, open func()){
		"read-only": func(t *testing.T) (w *world, shut, open func()) {
			w = newWorld(t)
			mode := func(m os.FileMode) {
				if err := os.Chmod(w.dir, m); err != nil {
					t.Fatal(err)
				}
			}
			return w, func() { mode(0o500) }, func() { mode(0o700) }
		},
	}
	if nightly() { // it needs a disk of its own
		tests["without inodes"] = func(t *testing.T) (w *world, shut, open func()) {
			w = newWorldIn(t, mountMemory(t, "size=64m,nr_inodes=50"))
			var made []string
			shut = func() {
				for i := 0; ; i++ {
					name := filepath.Join(w.dir, "file"+strconv.Itoa(i))
					if err := os.WriteFile(name, nil, 0o600); errors.Is(err, syscall.ENOSPC) {
						return
					} else if err != nil {
						t.Fatal(err)
					} else if !slices.Contains(made, name) {
						made = append(made, name)
					}
				}
			}
			return w, shut, func() {
				for _, name := range made {
					if err := os.Remove(name); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
	}
	for name, prepare := range tests {
		t.Run(name, func(t *testing.T) {
			w, shut, open := prepare(t)
			session := w.session("Robotique", seats)
			families := w.familiesAt(session, 40)
			unprivileged := w.unprivileged(t)
			server := listening(t, unprivileged())
			shut()
			t.Cleanup(open) // so that the folder can be removed
			at, client, answers := newDoor(server.addr), newClient(), make([]answer, len(families))
			var crowd sync.WaitGroup
			for i, f := range families {
				crowd.Go(func() { answers[i] = rush(client, at, f, false) })
			}
			crowd.Wait()
			client.CloseIdleConnections()
			if _, code := server.stop(); code != 0 {
				t.Errorf("stopped with code %d\n%s", code, server.log)
			}
			w.judge(t, session, answers)
			if err := w.db.Close(); err != nil { // the last one takes the WAL away
				t.Error(err)
			}
			shut() // that has given two inodes back
			again := unprivileged()
			stuck := time.AfterFunc(20*time.Second, func() { _ = again.Process.Kill() })
			out, err := again.CombinedOutput()
			stuck.Stop()
			if again.ProcessState.ExitCode() != 1 || strings.Count(strings.TrimSpace(string(out)), "\n") != 0 {
				t.Errorf("a start without a place for the WAL: %v\n%s\nwant exit 1 and one line", err, out)
			}
			report(t, "REL-7", "%d parents booked; the next start: %s", len(families), strings.TrimSpace(string(out)))
		})
	}
}

// unprivileged makes servers that run as nobody where the tests run as root, to whom no folder is read-only.
func (w *world) unprivileged(t *testing.T) func() *exec.Cmd {
	t.Helper()
	if os.Geteuid() != 0 {
		return func() *exec.Cmd { return command(w.dir, noMail) }
	}
	const nobody = 65534
	files, err := filepath.Glob(filepath.Join(w.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range append(files, w.dir) {
		if err := os.Chown(path, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	for _, path := range []string{filepath.Dir(w.dir), filepath.Dir(program)} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return func() *exec.Cmd {
		cmd := command(w.dir, noMail)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
		return cmd
	}
}

package storm

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"maps"
	"math"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/mail"
)

// openingTime is how long the five minutes of BenchmarkOpening take: the shorter, the harder.
var openingTime = flag.Duration("storm.opening", 30*time.Second, "how long the opening of a term lasts in BenchmarkOpening; 5m is as it is")

// opening is a term that opens at 18:00, as docs/load.md tells it.
type opening struct {
	parents, sessions int
	length            time.Duration // of the five minutes
	readers, printers int
}

// measured is how long answers took, by what was asked for.
type measured struct {
	mu    sync.Mutex
	times map[string][]time.Duration
	wrong []string
}

func (m *measured) add(what string, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.times[what] = append(m.times[what], took)
}

func (m *measured) fail(format string, args ...any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.wrong = append(m.wrong, fmt.Sprintf(format, args...))
}

// quantile is that of one kind of answers, or of all of them where what is "".
func (m *measured) quantile(what string, q float64) time.Duration {
	var times []time.Duration
	for kind, list := range m.times {
		if what == "" || kind == what {
			times = append(times, list...)
		}
	}
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[min(int(q*float64(len(times))), len(times)-1)]
}

func (m *measured) count() (n int) {
	for _, list := range m.times {
		n += len(list)
	}
	return n
}

// visitor is one browser: it keeps the cookie of its draft and measures every answer.
type visitor struct {
	client *http.Client
	addr   string
	cookie string
	m      *measured
}

// ask sends a request and returns status, body and where it leads; form is nil for a GET.
func (v *visitor) ask(what, path string, form url.Values) (status int, body []byte, location string) {
	method, content := http.MethodGet, io.Reader(nil)
	if form != nil {
		method, content = http.MethodPost, strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, "http://"+v.addr+path, content)
	if err != nil {
		v.m.fail("%v", err)
		return 0, nil, ""
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	req.Header.Set("Cookie", v.cookie)
	start := time.Now()
	res, err := v.client.Do(req)
	if err == nil {
		body, err = io.ReadAll(res.Body)
		_ = res.Body.Close()
	}
	if err != nil {
		v.m.fail("%s %s: %v", method, path, err)
		return 0, nil, ""
	}
	v.m.add(what, time.Since(start))
	for _, c := range res.Cookies() {
		v.cookie = c.Name + "=" + c.Value
	}
	if res.StatusCode >= 500 {
		v.m.fail("%s %s: status %d", method, path, res.StatusCode)
	}
	return res.StatusCode, body, res.Header.Get("Location")
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	assetLink   = regexp.MustCompile(`(?:href|src)="(/assets/[^"#]+)`)
)

// hidden are the fields of the form that a person does not see.
func hidden(page []byte) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllSubmatch(page, -1) {
		form.Set(string(m[1]), string(m[2]))
	}
	return form
}

// parent comes to the site, chooses a session, answers every screen in the pace of think, and takes a seat or a place on the list.
func (v *visitor) parent(session int64, number int, think func()) {
	_, page, _ := v.ask("page", "/", nil)
	assets := map[string]bool{}
	for _, m := range assetLink.FindAllSubmatch(page, -1) {
		assets[string(m[1])] = true
	}
	for path := range assets { // the first time; later they are in the browser
		v.ask("asset", path, nil)
	}
	think()
	v.ask("page", fmt.Sprintf("/seances/%d", session), nil)
	think()
	path := fmt.Sprintf("/inscription/%d", session)
	_, page, _ = v.ask("page", path, nil)
	for _, answers := range []url.Values{
		{"first_name_1": {"Zoé"}, "last_name_1": {"D'Artagnan-N'Guyen"}, "birth_1_day": {"3"}, "birth_1_month": {"9"}, "birth_1_year": {strconv.Itoa(time.Now().Year() - 9)}},
		{"health_1": {"no"}, "leaves_1": {"me"}},
		{"name": {"Camille Łukasz"}, "email": {fmt.Sprintf("parent%d@exemple.fr", number)}, "phone": {"06 12 34 56 78"}, "emergency": {"me"}},
	} {
		think()
		form := hidden(page)
		maps.Copy(form, answers)
		status, body, next := v.ask("screen", path, form)
		if status != http.StatusSeeOther {
			v.m.fail("%s: status %d\n%s", path, status, firstWords(body))
			return
		}
		path = next
		_, page, _ = v.ask("page", path, nil)
	}
	think()
	form := hidden(page)
	for range 3 { // it is full: does the parent want to wait? And so is the page by then
		if bytes.Contains(page, []byte(`name="if_full" value="wait"`)) {
			form.Set("if_full", "wait")
		}
		status, body, next := v.ask("booking", path, form)
		switch status {
		case http.StatusSeeOther:
			v.ask("page", next, nil)
			return
		case http.StatusConflict:
			page, form = body, hidden(body)
		default:
			v.m.fail("%s: status %d\n%s", path, status, firstWords(body))
			return
		}
	}
	v.m.fail("%s: asked three times whether to wait", path)
}

func firstWords(body []byte) string { return string(body[:min(len(body), 300)]) }

// run plays the opening against a server of its own, and judges what is left: no session sold too often, nobody lost, no answer of 500 or more.
func (o opening) run(t testing.TB) (m *measured, server *process, took, mails time.Duration) {
	t.Helper()
	w := newWorld(t)
	sink, err := mail.StartSink("127.0.0.1:0", 10, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = sink.Close() })
	var sessions []int64
	for i := range o.sessions {
		if i%10 == 0 {
			sessions = append(sessions, w.session([]string{"Robotique", "Musique", "Jeux"}[i/10%3], seats))
		} else {
			sessions = append(sessions, w.sessionOf(int64(1+i/10), seats, 7+i))
		}
	}
	server = serve(t, w.dir, sink.URL())
	m = &measured{times: map[string][]time.Duration{}}
	client := newClient()
	client.Transport = &http.Transport{MaxIdleConnsPerHost: 512}
	defer client.CloseIdleConnections()
	visit := func() *visitor { return &visitor{client: client, addr: server.addr, m: m} }

	over := make(chan struct{})
	var beside, crowd sync.WaitGroup
	for range o.readers {
		beside.Go(func() {
			v := visit()
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				case <-time.After(o.length / 150): // every two seconds of the five minutes
					v.ask("page", []string{"/", fmt.Sprintf("/seances/%d", sessions[i%len(sessions)]), "/agenda.ics"}[i%3], nil)
				}
			}
		})
	}
	for range o.printers {
		staff := w.signIn(server.addr)
		beside.Go(func() {
			v := visit()
			v.cookie = staff.cookies
			for i := 0; ; i++ {
				select {
				case <-over:
					return
				case <-time.After(o.length / 20): // every quarter of a minute
				}
				status, body, _ := v.ask("sheet", fmt.Sprintf("/animation/seances/%d/feuille.pdf", sessions[i%len(sessions)]), nil)
				v.cookie = staff.cookies
				if status != http.StatusOK || !bytes.HasSuffix(body, []byte("%%EOF\n")) {
					m.fail("a sheet: status %d, %d bytes", status, len(body))
				}
			}
		})
	}
	start := time.Now()
	for i := range o.parents {
		dice := rand.New(rand.NewPCG(*seed, uint64(i)))
		// Half of them come within the first fifth: arrivals fall off exponentially.
		comes := time.Duration(-math.Log(1-dice.Float64()*(1-math.Exp(-3.5))) / 3.5 * float64(o.length) * 0.8)
		session := sessions[dice.IntN(len(sessions))]
		crowd.Go(func() {
			time.Sleep(time.Until(start.Add(comes)))
			visit().parent(session, i, func() { time.Sleep(time.Duration(dice.Float64() * float64(o.length) / 20)) })
		})
	}
	crowd.Wait()
	took = time.Since(start)
	close(over)
	beside.Wait()
	w.waitForMails(server)
	mails = time.Since(start) - took
	for _, line := range m.wrong[:min(len(m.wrong), 5)] {
		t.Error(line)
	}
	for _, session := range sessions {
		if n := w.number("SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'confirmed'", session); n > seats {
			t.Errorf("%d seats of %d were given", n, seats)
		}
	}
	if n := w.number("SELECT count(*) FROM booking_groups"); n != o.parents {
		t.Errorf("%d bookings of %d parents (-storm.seed=%d)", n, o.parents, *seed)
	}
	w.verify()
	return m, server, took, mails
}

// TestOpening is a small opening: parents who answer every screen, readers and printers beside them; nothing fails (issue 8, Load).
func TestOpening(t *testing.T) {
	m, server, took, _ := opening{parents: 150, sessions: 6, length: 2 * time.Second, readers: 4, printers: 2}.run(t)
	server.kill()
	report(t, "Load", "150 parents in %v: %d answers, bookings p95 %v, pages p95 %v", took.Round(time.Millisecond), m.count(),
		m.quantile("booking", 0.95).Round(time.Millisecond), m.quantile("page", 0.95).Round(time.Millisecond))
}

// BenchmarkOpening is the opening of a term at 18:00: 2,000 parents in five minutes for 30 sessions of 12 seats, 20 readers of the programme,
// two facilitators who print. -storm.opening says how long the five minutes last.
func BenchmarkOpening(b *testing.B) {
	for b.Loop() {
		m, server, took, mails := opening{parents: 2000, sessions: 30, length: *openingTime, readers: 20, printers: 2}.run(b)
		memory := server.memory(b, "VmHWM")
		server.kill()
		used := server.cmd.ProcessState.UserTime() + server.cmd.ProcessState.SystemTime()
		ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
		b.ReportMetric(took.Seconds(), "s")
		b.ReportMetric(float64(m.count())/took.Seconds(), "answers/s")
		for _, what := range []string{"page", "screen", "booking", "sheet"} {
			b.ReportMetric(ms(m.quantile(what, 0.5)), what+"-p50-ms")
			b.ReportMetric(ms(m.quantile(what, 0.99)), what+"-p99-ms")
		}
		b.ReportMetric(float64(memory)/1024, "MB-at-most")
		b.ReportMetric(used.Seconds(), "server-cpu-s")
		b.ReportMetric(mails.Seconds(), "last-mail-s")
		b.ReportMetric(0, "ns/op")
	}
}

package web

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gin-gonic/gin"
)

// shelf is a page cache whose clocks and data the test moves, with a page that says how often it was rendered.
type shelf struct {
	*pageCache
	t        *testing.T
	now      time.Time
	passed   time.Duration
	own      uint64
	version  int64
	looks    int // at dataVersion
	renders  int
	until    time.Time
	renderer func() error
}

func newShelf(t *testing.T) *shelf {
	s := &shelf{t: t, now: testNow, passed: time.Hour}
	s.pageCache = &pageCache{
		now: func() time.Time { return s.now }, elapsed: func() time.Duration { return s.passed }, every: renderEvery,
		changes:     func() uint64 { return s.own },
		dataVersion: func(context.Context) (int64, error) { s.looks++; return s.version, nil },
		slots:       map[pageKey]*pageSlot{},
	}
	return s
}

// page gets the page and returns the number of its rendering.
func (s *shelf) page() string {
	s.t.Helper()
	page, err := s.get(s.t.Context(), pageKey{path: "/"}, func(context.Context) (pageContent, error) {
		if s.renderer != nil {
			if err := s.renderer(); err != nil {
				return pageContent{}, err
			}
		}
		s.renders++
		return pageContent{Type: htmlType, Body: []byte(strconv.Itoa(s.renders)), Until: s.until}, nil
	})
	if err != nil {
		return err.Error()
	}
	return string(page.plain.bytes)
}

func TestPageCache(t *testing.T) {
	t.Parallel()
	type step struct {
		what string
		do   func(s *shelf)
		want string
	}
	for _, tt := range []struct {
		name  string
		steps []step
	}{
		{"rendered once while nothing changes", []step{
			{"first", func(*shelf) {}, "1"},
			{"again", func(*shelf) {}, "1"},
			{"a day later", func(s *shelf) { s.passed += 24 * time.Hour; s.now = s.now.Add(24 * time.Hour) }, "1"},
		}},
		{"once per change", []step{
			{"first", func(*shelf) {}, "1"},
			{"a change at once", func(s *shelf) { s.own++ }, "2"},
			{"no other change", func(s *shelf) { s.passed += time.Second }, "2"},
			{"a change long after", func(s *shelf) { s.own++ }, "3"},
		}},
		{"in a rush, every 200 ms", []step{
			{"first", func(*shelf) {}, "1"},
			{"a change at once", func(s *shelf) { s.own++ }, "2"},
			{"another", func(s *shelf) { s.own++ }, "3"},
			{"another", func(s *shelf) { s.own++ }, "4"},
			{"one too many", func(s *shelf) { s.own++ }, "5"},
			{"held", func(s *shelf) { s.own++ }, "5"},
			{"held 199 ms", func(s *shelf) { s.own++; s.passed += 199 * time.Millisecond }, "5"},
			{"200 ms", func(s *shelf) { s.passed += time.Millisecond }, "6"},
			{"held again", func(s *shelf) { s.own++; s.passed += 199 * time.Millisecond }, "6"},
			{"400 ms", func(s *shelf) { s.passed += time.Millisecond }, "7"},
			{"calm", func(s *shelf) { s.passed += time.Second }, "7"},
			{"a change after the calm", func(s *shelf) { s.own++ }, "8"},
			{"another", func(s *shelf) { s.own++ }, "9"},
		}},
		{"a change by another process is seen within 200 ms", []step{
			{"first", func(*shelf) {}, "1"},
			{"long after", func(s *shelf) { s.passed += time.Second }, "1"},
			{"a command writes", func(s *shelf) { s.version++; s.passed += 100 * time.Millisecond }, "1"},
			{"200 ms after the last look", func(s *shelf) { s.passed += 100 * time.Millisecond }, "2"},
			{"no other change", func(s *shelf) { s.passed += time.Second }, "2"},
		}},
		{"untrue at the instant it names, within 200 ms too", []step{
			{"first", func(s *shelf) { s.until = s.now.Add(time.Minute) }, "1"},
			{"a second before", func(s *shelf) { s.now = s.now.Add(59 * time.Second) }, "1"},
			{"then", func(s *shelf) { s.now = s.now.Add(time.Second); s.until = time.Time{} }, "2"},
			{"after", func(s *shelf) { s.now = s.now.Add(time.Hour) }, "2"},
		}},
		{"a demo's clock goes back", []step{
			{"first", func(*shelf) {}, "1"},
			{"back", func(s *shelf) { s.now = s.now.Add(-time.Hour) }, "2"},
		}},
		{"a failure is not kept", []step{
			{"fails", func(s *shelf) { s.renderer = func() error { return errors.New("no database") } }, "no database"},
			{"works", func(s *shelf) { s.renderer = nil }, "1"},
			{"fails after a change", func(s *shelf) {
				s.passed += time.Second
				s.own++
				s.renderer = func() error { return errors.New("no database") }
			}, "no database"},
			{"works again", func(s *shelf) { s.renderer = nil }, "2"},
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newShelf(t)
			for _, step := range tt.steps {
				if step.do(s); s.page() != step.want {
					t.Fatalf("%s: rendering %d is shown, want %s", step.what, s.renders, step.want)
				}
			}
		})
	}
}

// What changes while a page is rendered is not lost: the page is as old as the beginning of its rendering.
func TestPageCacheChangeDuringRendering(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	s.renderer = func() error { s.own++; s.renderer = nil; return nil }
	s.page()
	s.passed += time.Second
	if got := s.page(); got != "2" {
		t.Errorf("rendering %s is shown, want 2", got)
	}
}

// The database is asked at most once per 200 ms, and a ready page costs no memory.
// Not parallel: AllocsPerRun counts those of every goroutine.
func TestPageCacheHotPath(t *testing.T) {
	s := newShelf(t)
	for range 1000 {
		s.page()
	}
	if s.looks != 1 || s.renders != 1 {
		t.Errorf("%d looks at the database and %d renderings, want 1 and 1", s.looks, s.renders)
	}
	ctx, key := t.Context(), pageKey{path: "/"}
	never := func(context.Context) (pageContent, error) { return pageContent{}, errors.New("rendered") }
	ready := testing.AllocsPerRun(100, func() {
		if _, err := s.get(ctx, key, never); err != nil {
			t.Error(err)
		}
	})
	if ready > 0 {
		t.Errorf("%v allocations for a ready page, want none", ready)
	}
}

func TestPageCacheIsBounded(t *testing.T) {
	t.Parallel()
	s := newShelf(t)
	for i := range 3 * mostPages {
		key := pageKey{path: "/", query: strconv.Itoa(i)}
		if _, err := s.get(t.Context(), key, func(context.Context) (pageContent, error) { return pageContent{Body: []byte("x")}, nil }); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.slots) != mostPages {
		t.Errorf("%d pages are kept, want %d", len(s.slots), mostPages)
	}
	kept := len(s.slots)
	for i := range 100 {
		_, err := s.get(t.Context(), pageKey{path: "/seances/" + strconv.Itoa(i)}, func(context.Context) (pageContent, error) {
			return pageContent{}, errors.New("no such session")
		})
		if err == nil {
			t.Fatal("a page that does not exist was found")
		}
	}
	// Each took one room for a moment.
	if len(s.slots) >= kept {
		t.Errorf("%d pages are kept after pages that do not exist, want fewer than %d", len(s.slots), kept)
	}
}

// Many who ask at once share one rendering, which does not end with the request of one of them.
func TestPageCacheSingleFlight(t *testing.T) {
	t.Parallel()
	const visitors = 50
	s := newShelf(t)
	s.dataVersion = func(context.Context) (int64, error) { return 0, nil }
	var renders, arrived atomic.Int32
	all := make(chan struct{})
	gone, leave := context.WithCancel(t.Context())
	leave()
	var wg sync.WaitGroup
	for range visitors {
		wg.Go(func() {
			if arrived.Add(1) == visitors {
				close(all)
			}
			page, err := s.get(gone, pageKey{path: "/"}, func(ctx context.Context) (pageContent, error) {
				<-all
				renders.Add(1)
				return pageContent{Body: []byte("page")}, ctx.Err()
			})
			if err != nil || string(page.plain.bytes) != "page" {
				t.Errorf("got %v, %v", page, err)
			}
		})
	}
	wg.Wait()
	if n := renders.Load(); n != 1 {
		t.Errorf("%d renderings, want 1", n)
	}
}

func TestReadyPage(t *testing.T) {
	t.Parallel()
	page := newReadyPage(pageContent{Type: htmlType, Body: []byte(strings.Repeat("Zoé ", 1000))})
	other := newReadyPage(pageContent{Type: htmlType, Body: []byte("李")})
	plainTag, zipTag := page.plain.etag[0], page.zipped.etag[0]
	if plainTag == zipTag || plainTag == other.plain.etag[0] || strings.HasPrefix(plainTag, "W/") {
		t.Fatalf("tags %s and %s, and %s of another page", plainTag, zipTag, other.plain.etag[0])
	}
	for _, tt := range []struct {
		name, accept, match string
		status              int
		tag, encoding       string
	}{
		{"plain", "", "", 200, plainTag, ""},
		{"zipped", "gzip, deflate, br", "", 200, zipTag, "gzip"},
		{"zip refused", "gzip;q=0, br", "", 200, plainTag, ""},
		{"known", "", plainTag, 304, plainTag, ""},
		{"known zipped", "gzip", zipTag, 304, zipTag, ""},
		{"known in the other encoding only", "gzip", plainTag, 200, zipTag, "gzip"},
		{"one of several", "", `"a", ` + plainTag + `, "b"`, 304, plainTag, ""},
		{"weakened by a proxy", "", "W/" + plainTag, 304, plainTag, ""},
		{"any", "", "*", 304, plainTag, ""},
		{"another", "", other.plain.etag[0], 200, plainTag, ""},
		{"nonsense", "", `"""`, 200, plainTag, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			recorder := httptest.NewRecorder()
			c, _ := gin.CreateTestContext(recorder)
			c.Request = httptest.NewRequest(http.MethodGet, "/", nil)
			c.Request.Header.Set("Accept-Encoding", tt.accept)
			c.Request.Header.Set("If-None-Match", tt.match)
			page.serve(c.Writer, c.Request)
			res := recorder.Result()
			if res.StatusCode != tt.status || res.Header.Get("ETag") != tt.tag || res.Header.Get("Content-Encoding") != tt.encoding {
				t.Errorf("status %d, tag %s, encoding %q", res.StatusCode, res.Header.Get("ETag"), res.Header.Get("Content-Encoding"))
			}
			if strings.Join(res.Header.Values("Vary"), ", ") != "Accept-Encoding" || res.Header.Get("Cache-Control") != "public, no-cache" {
				t.Errorf("headers %v", res.Header)
			}
			var body io.Reader = res.Body
			if tt.encoding == "gzip" {
				zipped, err := gzip.NewReader(body)
				if err != nil {
					t.Fatal(err)
				}
				body = zipped
			}
			got, err := io.ReadAll(body)
			if err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int{true: 5000, false: 0}[tt.status == 200]; len(got) != want {
				t.Errorf("%d bytes, want %d", len(got), want)
			}
		})
	}
}

package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

const (
	// renderEvery is how often at most one page is rendered again in the long run, however often the data change: under
	// a rush of bookings a visitor may see places that are this much out of date. The last POST decides anyway.
	renderEvery = 200 * time.Millisecond
	// rendersAtOnce is how many renderings may follow at once after a calm: whoever books and turns back to the
	// session then sees the change, which is no rush.
	rendersAtOnce = 4
	// mostPages bounds the memory of the cache: with their filters, pages are more than anybody will read.
	mostPages = 256
)

// pageKey names a page: its path, and its query written in one way only.
type pageKey struct{ path, query string }

// pageContent is what a page is made of.
type pageContent struct {
	Type string
	Body []byte
	// Until is the first instant at which the passing of time alone makes the page untrue: an opening, a
	// closing, a start. Zero is never.
	Until time.Time
}

// pageVersion counts the changes of the data, of this process and of others.
type pageVersion struct{ own, foreign uint64 }

// pageCache keeps pages that are the same for everybody as ready bytes. A page is rendered once per change of
// the data and by one request at a time, and in the long run no more often than renderEvery. It is safe for concurrent use.
type pageCache struct {
	now func() time.Time // the clock of the product, which a demo moves
	// elapsed is the time that really passes.
	elapsed func() time.Duration
	every   time.Duration
	// changes counts the commits of this process; dataVersion changes with those of others too, but asks the database.
	changes     func() uint64
	dataVersion func(context.Context) (int64, error)

	polled  atomic.Int64 // elapsed at the last look at dataVersion
	seen    atomic.Int64
	foreign atomic.Uint64

	mu    sync.RWMutex
	slots map[pageKey]*pageSlot
}

// newPageCache returns an empty cache of pages about catalog. every is renderEvery but in tests.
func newPageCache(now func() time.Time, catalog *catalog.Catalog, every time.Duration) *pageCache {
	start := time.Now()
	return &pageCache{
		now: now, elapsed: func() time.Duration { return time.Since(start) }, every: every,
		changes: catalog.Changes, dataVersion: catalog.DataVersion,
		slots: map[pageKey]*pageSlot{},
	}
}

// pageSlot is the place of one page. Whoever renders it holds mu.
type pageSlot struct {
	mu sync.Mutex
	// due is when the next rendering would come if they came evenly; it runs ahead of the time elapsed by what a
	// burst has used up.
	due  time.Duration
	page atomic.Pointer[readyPage]
}

// get returns a page that is true now, rendering it when there is none. render runs under a context that does not end
// with the request, since others wait for the same page; what it fails with is not kept.
func (p *pageCache) get(ctx context.Context, key pageKey, render func(context.Context) (pageContent, error)) (*readyPage, error) {
	version := p.version(ctx)
	p.mu.RLock()
	slot := p.slots[key]
	p.mu.RUnlock()
	if slot == nil {
		slot = p.open(key)
	}
	if page := slot.page.Load(); p.isTrue(page, version) {
		return page, nil
	}
	slot.mu.Lock()
	defer slot.mu.Unlock()
	// What is read from now on is at least as new as this version; another request may have read it meanwhile.
	version = p.version(ctx)
	old := slot.page.Load()
	if p.isTrue(old, version) {
		return old, nil
	}
	begun, at := p.elapsed(), p.now()
	content, err := render(context.WithoutCancel(ctx))
	if err != nil {
		if old == nil {
			p.close(key, slot)
		}
		return nil, err
	}
	slot.due = max(slot.due, begun) + p.every
	page := newReadyPage(content)
	page.version, page.at, page.holds = version, at, slot.due-rendersAtOnce*p.every
	slot.page.Store(page)
	return page, nil
}

// isTrue reports whether page can be shown: nothing has changed since, neither data nor time.
func (p *pageCache) isTrue(page *readyPage, version pageVersion) bool {
	if page == nil {
		return false
	}
	now := p.now()
	if !page.until.IsZero() && !now.Before(page.until) || now.Before(page.at) { // only a demo's clock goes back
		return false
	}
	return page.version == version || p.elapsed() < page.holds
}

// version returns the version of the data. It looks at the database at most once per renderEvery.
func (p *pageCache) version(ctx context.Context) pageVersion {
	at := int64(p.elapsed())
	if last := p.polled.Load(); at-last >= int64(p.every) && p.polled.CompareAndSwap(last, at) {
		// A failure counts as a change: rendering will tell.
		if v, err := p.dataVersion(context.WithoutCancel(ctx)); err != nil || p.seen.Swap(v) != v {
			p.foreign.Add(1)
		}
	}
	return pageVersion{p.changes(), p.foreign.Load()}
}

// open returns the slot of a new key. When the cache is full, any other page gives way.
func (p *pageCache) open(key pageKey) *pageSlot {
	p.mu.Lock()
	defer p.mu.Unlock()
	if slot := p.slots[key]; slot != nil {
		return slot
	}
	for other := range p.slots {
		if len(p.slots) < mostPages {
			break
		}
		delete(p.slots, other)
	}
	slot := &pageSlot{}
	p.slots[key] = slot
	return slot
}

// close forgets a slot that holds no page, so that pages that do not exist take no room.
func (p *pageCache) close(key pageKey, slot *pageSlot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.slots[key] == slot {
		delete(p.slots, key)
	}
}

// readyPage is an answer as bytes, with its headers made once.
type readyPage struct {
	plain, zipped readyBody
	contentType   []string
	until         time.Time

	version pageVersion
	at      time.Time     // when its rendering began
	holds   time.Duration // until when, of the time elapsed, it is shown though the data have changed
}

// readyBody is the body of an answer in one encoding. Its ETag is strong, so each encoding has its own.
type readyBody struct {
	bytes        []byte
	length, etag []string
}

func newReadyPage(content pageContent) *readyPage {
	sum := sha256.Sum256(content.Body)
	tag := base64.RawURLEncoding.EncodeToString(sum[:16])
	var zipped bytes.Buffer
	// Writing to a buffer never fails.
	w := gzip.NewWriter(&zipped)
	_, _ = w.Write(content.Body)
	_ = w.Close()
	return &readyPage{
		plain:       newReadyBody(content.Body, `"`+tag+`"`),
		zipped:      newReadyBody(zipped.Bytes(), `"`+tag+`-gzip"`),
		contentType: []string{content.Type},
		until:       content.Until,
	}
}

func newReadyBody(body []byte, etag string) readyBody {
	return readyBody{bytes: body, length: []string{strconv.Itoa(len(body))}, etag: []string{etag}}
}

// Headers of every ready page. A browser keeps the page and asks each time whether it is still true.
var (
	askEachTime = []string{"public, no-cache"}
	byEncoding  = []string{"Accept-Encoding"}
	// See welcome.
	byLanguageAndEncoding = []string{"Accept-Language", "Accept-Encoding"}
	encodedGzip           = []string{"gzip"}
)

// serve answers with the page, or with 304 when the browser has it.
func (p *readyPage) serve(w gin.ResponseWriter, r *http.Request) {
	body, header := &p.plain, w.Header()
	header["Content-Type"], header["Cache-Control"] = p.contentType, askEachTime
	if header["Vary"] == nil {
		header["Vary"] = byEncoding
	} else {
		header["Vary"] = byLanguageAndEncoding
	}
	if acceptsGzip(r.Header.Get("Accept-Encoding")) {
		body = &p.zipped
		header["Content-Encoding"] = encodedGzip
	}
	header["Etag"] = body.etag
	if matches(r.Header.Get("If-None-Match"), body.etag[0]) {
		delete(header, "Content-Type")
		delete(header, "Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		w.WriteHeaderNow()
		return
	}
	header["Content-Length"] = body.length
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(body.bytes) // it fails when the browser has gone: nobody is left to be told
}

// matches reports whether an If-None-Match names etag, strongly or weakly.
func matches(noneMatch, etag string) bool {
	if noneMatch == "" {
		return false
	}
	for tag := range strings.SplitSeq(noneMatch, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.TrimPrefix(tag, "W/") == etag {
			return true
		}
	}
	return false
}

package journey

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// load of one request on the wire.
type weighed struct {
	url, kind string
	cache     string // Cache-Control
	bytes     int64
	fromCache bool
}

// TestWeight loads pages as a phone does that was never here, and compares what goes over the wire with the budgets of
// quality.md 2.3; then a second page, which fetches nothing but itself (PERF-2, PERF-3).
func TestWeight(t *testing.T) {
	t.Parallel()
	const kB = 1024
	for _, page := range []struct {
		name, role, path               string
		html, css, js, requests, total int64
	}{
		{"home", "", "/", 25 * kB, 20 * kB, 10 * kB, 8, 250 * kB},
		{"list", "", "/seances", 25 * kB, 20 * kB, 10 * kB, 8, 250 * kB},
		{"session", "", numbered("/seances/:id", quietSession), 25 * kB, 20 * kB, 10 * kB, 8, 250 * kB},
		{"booking", "", numbered("/inscription/:id", quietSession), 15 * kB, 20 * kB, 10 * kB, 8, 80 * kB},
		{"register", "facilitator", numbered("/animation/seances/:id", todaySession), 40 * kB, 20 * kB, 40 * kB, 8, 150 * kB},
		{"desk", "staff", "/equipe", 80 * kB, 20 * kB, 40 * kB, 10, 250 * kB},
		{"desk session", "staff", numbered("/equipe/seances/:id", fullSession), 80 * kB, 20 * kB, 40 * kB, 10, 250 * kB},
	} {
		t.Run(page.name, func(t *testing.T) {
			t.Parallel()
			b := newTab(t, common, phone(390, 844))
			if page.role != "" {
				b.signIn(common.account(t, page.role, 0))
				b.settle()
				// As at the first page after signing in, which fetches what keeps the registers of others from them.
				eval[chromedp.Void](b, `localStorage.removeItem("author")`)
				b.forgetFiles()
			}
			list := slices.DeleteFunc(b.weigh(page.path), func(w weighed) bool {
				return strings.Contains(w.url, "/etat.json?") // what an open register asks now and then is not the page
			})
			sum, total := map[string]int64{}, int64(0)
			for _, w := range list {
				sum[w.kind] += w.bytes
				total += w.bytes
				switch asset := strings.Contains(w.url, "/assets/"); {
				case asset && !strings.Contains(w.cache, "immutable"):
					t.Errorf("%s may not be kept for ever: %q", w.url, w.cache)
				case !asset && page.role != "" && w.cache != "no-store":
					t.Errorf("%s is kept: %q", w.url, w.cache)
				}
			}
			t.Logf("%s: %d requests, %d B: %v", page.path, len(list), total, sum)
			for _, limit := range []struct {
				what     string
				is, most int64
			}{
				{"HTML", sum["Document"], page.html}, {"CSS", sum["Stylesheet"], page.css}, {"JS", sum["Script"], page.js}, {"fonts", sum["Font"], 30 * kB},
				{"requests", int64(len(list)), page.requests}, {"in all", total, page.total},
			} {
				if limit.is > limit.most {
					t.Errorf("%s: %d, at most %d", limit.what, limit.is, limit.most)
				}
			}
			for _, w := range b.weigh("/accessibilite") {
				if w.kind != "Document" && !w.fromCache && !strings.HasSuffix(w.url, "favicon.svg") { // the icon comes when the browser likes
					t.Errorf("a second page fetches %s again", w.url)
				}
			}
		})
	}
}

// forgetFiles empties what the browser keeps of files, not of cookies.
func (b *tab) forgetFiles() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.ClearBrowserCache, cdp.Empty{}); err != nil {
		b.t.Fatal(err)
	}
}

// weigh opens a page and returns what it fetched, over the wire and not from a service worker.
func (b *tab) weigh(path string) (list []weighed) {
	b.t.Helper()
	b.withoutWorker()
	b.mu.Lock()
	b.wire, b.onWire, b.pending = map[network.RequestID]*weighed{}, nil, map[network.RequestID]string{}
	b.mu.Unlock()
	b.open(path)
	b.settle()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range b.onWire {
		list = append(list, *b.wire[id])
	}
	b.wire = nil
	return list
}

// settle waits until the page has done what it goes on with after its load event, so that none of it falls to the next page.
func (b *tab) settle() {
	b.t.Helper()
	// Fonts; the worker that the pages of the register start; and what site.js imports where somebody else was here before.
	eval[chromedp.Void](b, `(async () => {
		await document.fonts.ready;
		if (document.querySelector("script[type=module]")) await navigator.serviceWorker.ready;
	})()`)
	b.until(`(form => !form || localStorage.getItem("author") === form.dataset.author)(document.querySelector("form[data-leave]"))`)
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	for {
		b.mu.Lock()
		left := slices.Collect(maps.Values(b.pending))
		b.mu.Unlock()
		if len(left) == 0 {
			return
		}
		select {
		case <-b.finished:
		case <-ctx.Done():
			b.t.Fatalf("requests without an end: %v", left)
		}
	}
}

// header is a header of an answer, whatever the case of its name.
func header(all network.Headers, name string) string {
	for key, value := range all {
		if strings.EqualFold(key, name) {
			text, _ := value.(string)
			return text
		}
	}
	return ""
}

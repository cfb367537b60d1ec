package journey

import (
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
				// A service worker fetches what it keeps when it likes.
				eval[chromedp.Void](b, `navigator.serviceWorker.getRegistration("/animation").then(r => r && navigator.serviceWorker.ready).then(() => {})`)
				b.forgetFiles()
			}
			list := slices.DeleteFunc(b.weigh(page.path), func(w weighed) bool {
				return strings.HasSuffix(w.url, "/etat.json") // what an open register asks now and then is not the page
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
	b.wire, b.onWire = map[network.RequestID]*weighed{}, nil
	b.mu.Unlock()
	b.open(path)
	// Fonts and icons may come after the load event.
	eval[chromedp.Void](b, `document.fonts.ready.then(() => {})`)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range b.onWire {
		list = append(list, *b.wire[id])
	}
	return list
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

package journey

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// tabletBrowser is a browser by itself, with a folder for what it keeps: it can be killed, and started again there. It is the
// whole Chromium: the one without a desktop keeps nothing beyond its end.
func tabletBrowser(t *testing.T, profile string) context.Context {
	t.Helper()
	ctx, stop, err := startBrowser("chromium", profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return ctx
}

// answersLost is a line that brings marks to the program, and nothing back.
func (l *line) answersLost(w http.ResponseWriter, r *http.Request) bool {
	if strings.HasSuffix(r.URL.Path, "/journal") {
		l.through.ServeHTTP(httptest.NewRecorder(), r)
	}
	return cut(w, r)
}

// REL-17, I10: the browser of a tablet is killed while marks wait on it; one of them the server took already, and its answer
// was lost. Started again, still without a network, the tablet shows all it had; then it brings the rest, and the server has what it showed.
func TestKilledTablet(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	l := newLine(t, d)
	profile := filepath.Join(t.TempDir(), "tablet")
	ctx := tabletBrowser(t, profile)
	b := openTab(t, l.demo, ctx, []tabOption{desk(1024, 768)})
	who := d.account(t, "facilitator", 0)
	b.signIn(who).says(200)
	b.open(registerAt(1)).says(200)
	b.ready()

	l.is(l.answersLost)
	b.tap(0, "Présent")
	b.until(`document.getElementById("sync").textContent.includes("Pas de réseau")`)
	watch := newTab(t, d, desk(1280, 800))
	watch.signIn(d.account(t, "staff", 0))
	watch.open(registerAt(1)).says(200, "1 présent") // what the tablet does not know
	l.is(cut)
	b.tap(1, "Présent")
	b.tap(2, "Absent")
	b.tap(3, "Présent")
	b.tap(3, "Annuler")
	b.keeps(5)
	b.says(200, "5 actions en attente", "Seulement sur cette tablette")
	before := b.states()
	if err := chromedp.FromContext(ctx).Browser.Process().Kill(); err != nil {
		t.Fatal(err)
	}

	b = openTab(t, l.demo, tabletBrowser(t, profile), []tabOption{desk(1024, 768)})
	b.acceptLeaving()
	b.open(registerAt(1)).until(`document.querySelector("#sync .badge") !== null`)
	b.says(200, "5 actions en attente", "Pas de réseau", "2 présents", "1 absent")
	if after := b.states(); !maps.Equal(after, before) {
		t.Errorf("after the kill:\n%q\nbefore:\n%q", after, before)
	}
	l.is(nil)
	b.until(`document.querySelector('#sync .badge.done, #sync a[href^="/connexion"]') !== null`)
	if b.sync(); strings.Contains(b.sync(), "Connectez-vous") { // a browser that ended has no sign-in any more
		b.signIn(who).says(200)
		b.open(registerAt(1)).ready()
	}
	b.sent()
	watch.reload().says(200, "2 présents", "1 absent")
	if got := watch.states(); !maps.Equal(got, before) {
		t.Errorf("the server has:\n%q\nthe tablet showed:\n%q", got, before)
	}
	d.run(t, "verify")
}

// wiped clears all that a browser keeps for the site. A read that goes on meanwhile ends in the console, which is no trouble of the page's.
func (b *tab) wiped() {
	b.t.Helper()
	b.t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.trouble = slices.DeleteFunc(b.trouble, func(what string) bool { return what == "exception: Uncaught (in promise)" })
	})
	p := storage.ClearDataForOriginParams{Origin: b.demo.url, StorageTypes: "indexeddb"}
	if _, err := chromedp.Call(b.ctx, storage.ClearDataForOrigin, p); err != nil {
		b.t.Fatal(err)
	}
}

// REL-17: somebody clears what the browser keeps. While the register is open, it knows what it had to send, and keeps that
// again. Once it is closed, what was not sent is lost, and nothing else; the tablet had said so, and had asked before it was closed.
func TestWipedTablet(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	l := newLine(t, d)
	b := atRegister(t, l.demo, 1, 0, desk(1024, 768))
	asked := b.acceptLeaving()
	b.tap(0, "Présent")
	b.sent()
	l.is(cut)
	b.tap(1, "Présent")
	b.keeps(1)
	b.wiped()
	b.keeps(1)
	b.tap(2, "Présent")
	b.keeps(2)
	l.is(nil)
	b.sent()
	watch := newTab(t, d, desk(1280, 800))
	watch.signIn(d.account(t, "staff", 0))
	watch.open(registerAt(1)).says(200, "3 présents")

	l.is(cut)
	b.tap(3, "Présent")
	b.keeps(1)
	b.until(`document.getElementById("sync").textContent.includes("Pas de réseau")`)
	b.says(200, "1 action en attente", "n'effacez pas ses données")
	b.do(chromedp.Navigate("about:blank"))
	if *asked == 0 {
		t.Error("nobody asked before the page was left with an action that waits (UX-F10)")
	}
	b.wiped()
	l.is(nil)
	b.open(registerAt(1)).ready()
	b.sent().says(200, "3 présents")
	watch.reload().says(200, "3 présents")
	d.run(t, "verify")
}

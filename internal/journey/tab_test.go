package journey

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
)

// patience is how long one step may take before the test fails: long, as a step that works never meets it, however busy
// the machine is.
const patience = 2 * time.Minute

// often is how a condition of a page is asked for; the default counts pictures, and none is painted.
var often = chromedp.WithPollingInterval(20 * time.Millisecond)

// tab is one person's browser, alone with its cookies, showing one page of a demo. Whatever a page must never do fails
// the test at its end: a request to another host (PERF-1, RGPD-12), something that the content policy stops (SEC-16),
// a word in the console, an exception, a dialog.
type tab struct {
	t         *testing.T
	ctx       context.Context
	close     context.CancelFunc
	demo      *demo
	status    int64 // of the page shown
	noScripts bool

	mu      sync.Mutex
	trouble []string
	leaving func() // answers a page that asks whether to leave it; nil: it must not ask
	// What the page shown fetched, in order, where a test weighs it.
	wire    map[network.RequestID]*weighed
	onWire  []network.RequestID
	pending map[network.RequestID]string // addresses of what was asked for and has not come

	finished chan struct{} // tells that less is pending
}

type tabOption func(*tab) []chromedp.Action[chromedp.Void]

// phone is a screen of these dimensions that is touched.
func phone(width, height int64) tabOption {
	return func(*tab) []chromedp.Action[chromedp.Void] {
		return []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch)}
	}
}

// desk is a screen of these dimensions with a mouse.
func desk(width, height int64) tabOption {
	return func(*tab) []chromedp.Action[chromedp.Void] {
		return []chromedp.Action[chromedp.Void]{chromedp.EmulateViewport(width, height)}
	}
}

// withoutScripts is a browser that runs no JavaScript of the pages (PERF-6).
func withoutScripts(b *tab) []chromedp.Action[chromedp.Void] {
	b.noScripts = true
	return []chromedp.Action[chromedp.Void]{func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	}}
}

// newTab opens a browser of somebody new.
func newTab(t *testing.T, d *demo, options ...tabOption) *tab {
	t.Helper()
	return openTab(t, d, browser, options, chromedp.WithNewBrowserContext())
}

// members are browsers in which somebody of the team, or a family, has signed in at the common demo, by role.
var members struct {
	sync.Mutex
	byRole map[string]context.Context
}

// memberTab opens one more tab for somebody of the team at the common demo; a visitor where role is empty.
func memberTab(t *testing.T, role string, options ...tabOption) *tab {
	t.Helper()
	parent, more := memberOf(t, role)
	return openTab(t, common, parent, options, more...)
}

// memberOf is the browser in which somebody of the team has signed in; that of nobody yet where role is empty.
func memberOf(t *testing.T, role string) (parent context.Context, more []chromedp.ContextOption) {
	t.Helper()
	if role == "" {
		return browser, []chromedp.ContextOption{chromedp.WithNewBrowserContext()}
	}
	members.Lock()
	defer members.Unlock()
	if members.byRole[role] == nil {
		// It stays open for the other tests; the end of the browser closes it.
		ctx, _ := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
		if err := chromedp.Do(ctx); err != nil {
			t.Fatal(err)
		}
		door := &tab{t: t, demo: common, ctx: ctx}
		switch role {
		case "family":
			door.enterSpace()
		case "young":
			door.enterYoung()
		default:
			door.signIn(common.account(t, role, 0))
		}
		if members.byRole == nil {
			members.byRole = map[string]context.Context{}
		}
		members.byRole[role] = ctx
	}
	return members.byRole[role], nil
}

// idle are tabs of tests that are over, by role, a visitor's under "". To open one, and for a visitor a browser, is half the
// work of looking at a page.
var idle struct {
	sync.Mutex
	byRole map[string][]*tab
}

// borrowTab is memberTab with a tab that another test has left, if there is one: with a fresh page, and without the cookies
// of whoever was a visitor in it.
func borrowTab(t *testing.T, role string, width, height int64) *tab {
	t.Helper()
	idle.Lock()
	var b *tab
	if list := idle.byRole[role]; len(list) > 0 {
		b, idle.byRole[role] = list[len(list)-1], list[:len(list)-1]
	}
	idle.Unlock()
	if b == nil {
		b = &tab{demo: common}
		parent, more := memberOf(t, role)
		b.start(t, parent, more...)
	}
	b.t = t
	t.Cleanup(func() {
		b.tellTrouble()
		if t.Failed() {
			b.close()
			return
		}
		idle.Lock()
		defer idle.Unlock()
		if idle.byRole == nil {
			idle.byRole = map[string][]*tab{}
		}
		idle.byRole[role] = append(idle.byRole[role], b)
	})
	b.do(chromedp.EmulateViewport(width, height))
	b.prefer("")
	b.withoutWorker()
	if role == "" {
		id := chromedp.FromContext(b.ctx).BrowserContextID
		if _, err := chromedp.CallBrowser(b.ctx, storage.ClearCookies, storage.ClearCookiesParams{BrowserContextID: id}); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func openTab(t *testing.T, d *demo, parent context.Context, options []tabOption, more ...chromedp.ContextOption) *tab {
	t.Helper()
	b := &tab{demo: d}
	b.start(t, parent, more...)
	t.Cleanup(func() {
		b.close()
		b.tellTrouble()
	})
	for _, option := range options {
		b.do(option(b)...)
	}
	return b
}

// start opens the tab.
func (b *tab) start(t *testing.T, parent context.Context, more ...chromedp.ContextOption) {
	t.Helper()
	b.t, b.finished = t, make(chan struct{}, 1)
	b.ctx, b.close = chromedp.NewContext(parent, append(more, chromedp.WithListener(b.hear))...)
	// The first Do opens the tab: a deadline on it would close the tab when it passes.
	if err := chromedp.Do(b.ctx); err != nil {
		b.close()
		t.Fatal(err)
	}
}

// tellTrouble fails the test that the tab belongs to for all that a page did and must never do.
func (b *tab) tellTrouble() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, what := range b.trouble {
		b.t.Error(what)
	}
	b.trouble = nil
}

// hear notes what the page does.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	wrong := func(format string, args ...any) { b.trouble = append(b.trouble, fmt.Sprintf(format, args...)) }
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, b.demo.url+"/") && !strings.HasPrefix(e.Request.URL, "data:") {
			wrong("the page asks another host: %s", e.Request.URL)
		}
		if b.wire != nil {
			b.pending[e.RequestID] = e.Request.URL
		}
	case *network.EventResponseReceived:
		if b.wire != nil && b.wire[e.RequestID] == nil {
			b.wire[e.RequestID] = &weighed{url: e.Response.URL, kind: string(e.Type), fromCache: e.Response.FromDiskCache,
				cache: header(e.Response.Headers, "Cache-Control"), bytes: int64(e.Response.EncodedDataLength)}
			b.onWire = append(b.onWire, e.RequestID)
		}
	case *network.EventRequestServedFromCache:
		if b.wire != nil {
			b.wire[e.RequestID] = &weighed{fromCache: true}
		}
	case *network.EventLoadingFinished:
		if w := b.wire[e.RequestID]; w != nil && !w.fromCache {
			w.bytes = int64(e.EncodedDataLength)
		}
		b.came(e.RequestID)
	case *network.EventLoadingFailed:
		b.came(e.RequestID)
	case *log.EventEntryAdded:
		// The status of a page is for the test to judge; that of what belongs to it, never.
		if e.Entry.Source == log.EntrySourceNetwork && !strings.Contains(e.Entry.URL, "/assets/") || e.Entry.Level == log.EntryLevelInfo {
			return
		}
		wrong("the browser says: %s: %s (%v)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *runtime.EventConsoleAPICalled:
		wrong("the page writes to the console: %s", e.Type)
	case *runtime.EventExceptionThrown:
		wrong("exception: %s", e.ExceptionDetails.Text)
	case *page.EventJavascriptDialogOpening:
		if e.Type == page.DialogTypeBeforeunload && b.leaving != nil {
			b.leaving()
			return
		}
		wrong("dialog: %s", e.Message)
	}
}

// came notes that a request is over; b.mu is held.
func (b *tab) came(id network.RequestID) {
	delete(b.pending, id)
	select {
	case b.finished <- struct{}{}:
	default: // it was told before, and nobody has looked since
	}
}

// do runs actions, each in time, and ends the test when one fails.
func (b *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		b.t.Fatalf("%v\n%s", err, b.where())
	}
}

// run runs an action that gives a value.
func run[T any](b *tab, action chromedp.Action[T]) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, action)
	if err != nil {
		b.t.Fatalf("%v\n%s", err, b.where())
	}
	return value
}

// eval runs a script of the test in the page; also where the page's own scripts are off.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	return run(b, chromedp.Evaluate[T](script, func(p *runtime.EvaluateParams) { p.AwaitPromise = new(true) }))
}

// quoted is text as a JavaScript string.
func quoted(text string) string {
	q, _ := json.Marshal(text) // strings always encode
	return string(q)
}

// where says which page a test stopped at.
func (b *tab) where() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.querySelector("main") || document.body).innerText`))
	if err != nil {
		return err.Error()
	}
	return text
}

// load runs an action that leads to a page, and waits until it is there.
func (b *tab) load(action chromedp.Action[chromedp.Void]) *tab {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	go b.layOut(ctx)
	res, err := chromedp.RunResponse(ctx, action)
	if err != nil {
		b.t.Fatalf("no page came: %v\n%s", err, b.where())
	}
	b.status = res.Status
	b.do(chromedp.WaitReady(chromedp.CSS("main")))
	return b
}

// open types an address.
func (b *tab) open(path string) *tab {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	go b.layOut(ctx)
	res, err := chromedp.Run(ctx, chromedp.NavigateResponse(b.demo.url+path))
	if err != nil {
		b.t.Fatalf("%s does not open: %v\n%s", path, err, b.where())
	}
	b.status = res.Status
	return b
}

// layOut has the page that comes laid out now and then until ctx is done: a browser that paints nothing does so only when somebody asks, and
// some pages, about one in a thousand, are not loaded before.
func (b *tab) layOut(ctx context.Context) {
	for ticker := time.NewTicker(time.Second); ; {
		select {
		case <-ctx.Done():
			ticker.Stop()
			return
		case <-ticker.C:
			_, _ = chromedp.Run(ctx, chromedp.Evaluate[int](`document.documentElement.offsetHeight`)) // there may be no page at this moment
		}
	}
}

// reload is the browser's button.
func (b *tab) reload() *tab {
	b.t.Helper()
	return b.load(chromedp.Reload())
}

// clickable is an XPath for a link or button by what it says, in the part of the page that a reader is in.
func clickable(text string) string {
	const plain = `translate(normalize-space(.), "  ’", "  '")`
	return fmt.Sprintf(`//*[self::a or self::button or self::summary][contains(%s, %s)]`, plain, xpathText(text))
}

func xpathText(text string) string {
	if !strings.Contains(text, `"`) {
		return `"` + text + `"`
	}
	return `'` + text + `'`
}

// press clicks a link or button by what it says, and waits for the page that it leads to.
func (b *tab) press(text string) *tab {
	b.t.Helper()
	return b.load(chromedp.Click(chromedp.Search(clickable(text))))
}

// send clicks the main button of the page's form.
func (b *tab) send() *tab {
	b.t.Helper()
	return b.load(chromedp.Click(chromedp.CSS(`main form .button:not(.secondary):not(.quiet)`)))
}

// typeIn types over what a field holds, key by key.
func (b *tab) typeIn(id, text string) {
	b.t.Helper()
	eval[chromedp.Void](b, fmt.Sprintf(`document.getElementById(%s).value = ""`, quoted(id)))
	if text != "" {
		b.do(chromedp.SendKeys(chromedp.CSS("#"+id), text))
	}
}

// choose clicks the label of a radio button or check box.
func (b *tab) choose(name, value string) {
	b.t.Helper()
	id := eval[string](b, fmt.Sprintf(`document.querySelector("[name=" + CSS.escape(%s) + "][value=" + CSS.escape(%s) + "]").id`, quoted(name), quoted(value)))
	b.do(chromedp.Click(chromedp.CSS(`label[for="` + id + `"]`)))
}

// fill sets fields at once, where how they are typed is not what a test is about.
func (b *tab) fill(values map[string]string) {
	b.t.Helper()
	list, _ := json.Marshal(values) // strings always encode
	missing := eval[[]string](b, fmt.Sprintf(`(values => {
		const missing = [];
		for (const [name, value] of Object.entries(values)) {
			const all = [...document.getElementsByName(name)];
			if (all.length === 0) missing.push(name);
			for (const field of all) {
				if (field.type === "radio" || field.type === "checkbox") field.checked = field.value === value;
				else field.value = value;
			}
		}
		return missing;
	})(%s)`, list))
	if len(missing) > 0 {
		b.t.Fatalf("the page has no fields %v\n%s", missing, b.where())
	}
}

// text is what a person reads in the main part, with ordinary spaces and apostrophes.
func (b *tab) text() string {
	b.t.Helper()
	return plain(eval[string](b, `document.querySelector("main").innerText`))
}

func plain(text string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(text)), " ")
}

// says ends the test unless the page has a status and says every one of these.
func (b *tab) says(status int64, parts ...string) *tab {
	b.t.Helper()
	text := b.text()
	if b.status != status {
		b.t.Fatalf("%s: status %d, want %d\n%s", b.path(), b.status, status, text)
	}
	for _, part := range parts {
		if !strings.Contains(text, part) {
			b.t.Fatalf("%s does not say %q:\n%s", b.path(), part, text)
		}
	}
	return b
}

// path is the path of the page shown.
func (b *tab) path() string {
	b.t.Helper()
	u, err := url.Parse(run(b, chromedp.Location()))
	if err != nil {
		b.t.Fatal(err)
	}
	return u.Path
}

func (b *tab) title() string {
	b.t.Helper()
	return plain(run(b, chromedp.Title()))
}

// focused is the id of the element that has the focus, or its name in small letters.
func (b *tab) focused() string {
	b.t.Helper()
	return eval[string](b, `(e => e.id || e.className || e.tagName.toLowerCase())(document.activeElement)`)
}

// cookies are the names of the cookies of this browser.
func (b *tab) cookies() (names []string) {
	b.t.Helper()
	id := chromedp.FromContext(b.ctx).BrowserContextID
	res, err := chromedp.CallBrowser(b.ctx, storage.GetCookies, storage.GetCookiesParams{BrowserContextID: id})
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range res.Cookies {
		names = append(names, c.Name)
	}
	return names
}

// signIn opens the door of the team.
func (b *tab) signIn(who account) *tab {
	b.t.Helper()
	b.open("/connexion")
	b.typeIn("email", who.email)
	b.typeIn("password", who.password)
	return b.send()
}

// withoutWorker makes the tab ask the server itself for everything, whatever a service worker keeps.
func (b *tab) withoutWorker() {
	b.t.Helper()
	if _, err := chromedp.Call(b.ctx, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}); err != nil {
		b.t.Fatal(err)
	}
}

package journey

import (
	"context"
	_ "embed"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

var (
	//go:embed testdata/page.js
	pageScript string
	//go:embed testdata/axe/axe.min.js
	axeScript string
	//go:embed testdata/axe/fr.json
	axeFrench string
)

// widths are those of UX-P18; 640 is a screen of 1280 px at 200 %. usualWidths are the smallest, that of most phones, and the widest.
var (
	widths      = []int64{320, 360, 390, 640, 768, 1024, 1280}
	usualWidths = []int64{320, 390, 1280}
)

// look examines the page shown at all widths, as it is read by every kind of reader (ACC-1 to 5, UX-P18, UX-P19). Most of the time goes
// to axe, so each of the two colour schemes is judged at one of its two widths, and what is judged at the second is only
// what a width or colours can change, unless the second shows something that the first does not.
func (b *tab) look() {
	b.t.Helper()
	b.lookAt(widths)
}

// lookAt is look at these widths, 320 and 1280 among them.
func (b *tab) lookAt(widths []int64) {
	b.t.Helper()
	var order []string
	seen := map[string][]string{} // where, by complaint
	report := func(where string, complaints []string) {
		for _, what := range complaints {
			if len(seen[what]) == 0 {
				order = append(order, what)
			}
			seen[what] = append(seen[what], where)
		}
	}
	check := func(name string) []string { return eval[[]string](b, fmt.Sprintf("window.checks.%s()", name)) }
	eval[chromedp.Void](b, "window.checks = "+pageScript+"; undefined")
	eval[chromedp.Void](b, axeScript+"; axe.configure({ locale: "+axeFrench+" }); undefined")
	b.prefer("dark")
	for _, width := range widths {
		b.resize(width)
		where := fmt.Sprint(width)
		report(where, check("layout"))
		switch width {
		case 320:
			report(where, check("targets"))
			report(where, check("spacing"))
			report(where+" dark", b.axe(everyRule))
			eval[chromedp.Void](b, "window.checks.keep()")
			b.prefer("light")
		case 1280:
			report(where, check("structure"))
			if strings.HasPrefix(b.path(), "/equipe") {
				b.do(chromedp.KeyEvent(kb.Tab)) // from here on the focus is that of a keyboard
				report(where, check("keyboard"))
			}
			report(where, check("autocomplete"))
			report(where, check("errors"))
			report(where, check("targets"))
			report(where, check("largeText"))
			rules := rulesOfSight
			if eval[bool](b, "window.checks.more()") {
				rules = everyRule
			}
			report(where, b.axe(rules))
		}
	}
	for _, what := range order {
		b.t.Errorf("%s at %s px: %s", b.path(), strings.Join(seen[what], ", "), what)
	}
}

// prefer tells the page what its reader prefers of colours; always without motion, so that nothing is judged on its way
// from one colour to another.
func (b *tab) prefer(colours string) {
	b.t.Helper()
	run(b, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: colours}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}})
	})
}

// resize makes the screen this wide.
func (b *tab) resize(width int64) {
	b.t.Helper()
	run(b, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 1})
	})
}

// What axe-core is to look at: all that it knows of WCAG, the RGAA and good practice; or of these what depends on where things
// stand and on their colours. The others judge the elements that are shown, by what they are.
const (
	everyRule    = `["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4", "best-practice"]`
	rulesOfSight = `{ type: "rule", values: ["color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable", "css-orientation-lock"] }`
)

// axe runs axe-core and returns what it objects to and what it leaves open. One thing is explained:
// it cannot tell the contrast of cells that are rolled out of sight in a table wider than its box; the same cells are judged
// where the table fits.
func (b *tab) axe(rules string) []string {
	b.t.Helper()
	return eval[[]string](b, `(rolled => axe.run(document, { runOnly: `+rules+`, resultTypes: ["violations", "incomplete"] })
		.then(r => [["violation", r.violations], ["left open", r.incomplete]].flatMap(([kind, rules]) => rules.flatMap(rule => rule.nodes
			.filter(node => !(kind === "left open" && rule.id === "color-contrast" && rolled(document.querySelector(node.target[0])?.closest(".table[tabindex]"))))
			.map(node => "axe, " + kind + ": " + rule.id + " at " + node.target.join(" ") + ": " + (node.failureSummary || rule.help).replace(/\s+/g, " "))))))(box => box && box.scrollWidth > box.clientWidth)`)
}

package journey

import (
	"context"
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// asks lets the browser of the tab ask for something that its owner set in the system.
func (b *tab) asks(name, value string) {
	b.t.Helper()
	run(b, func(ctx context.Context, t *chromedp.Target) (cdp.Empty, error) {
		return cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: name, Value: value}}})
	})
}

// ACC-11: whoever asks for less motion sees none, and whoever chooses the colours of all pages sees where buttons and states begin and
// end, on a register with children in every state.
func TestPreferences(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	b := atRegister(t, d, 1, 0, desk(768, 1024))
	b.tap(0, "Présent")
	b.tap(1, "Absent")
	b.sent()
	for _, path := range []string{registerAt(1), "/animation", "/seances", "/seances/3", "/"} {
		b.asks("prefers-reduced-motion", "reduce")
		b.open(path).says(200)
		moving := eval[[]string](b, `[...document.querySelectorAll("*")].flatMap(e => ["", "::before", "::after"].map(part => getComputedStyle(e, part || null))
			.filter(style => style.animationName !== "none" || style.transitionDuration.split(", ").some(time => parseFloat(time) > 0) && style.transitionProperty !== "none" || style.scrollBehavior === "smooth")
			.map(() => e.tagName + "." + e.className))`)
		if len(moving) > 0 {
			t.Errorf("%s: with less motion these still move: %v", path, moving)
		}
		b.asks("forced-colors", "active")
		if !eval[bool](b, `matchMedia("(forced-colors: active)").matches`) {
			t.Fatal("the browser forces no colours")
		}
		bare := eval[[]string](b, `[...document.querySelectorAll("main .button:not(.quiet), main .badge, main .card")].filter(e => e.checkVisibility())
			.filter(e => { const style = getComputedStyle(e); return parseFloat(style.borderTopWidth) < 1 || style.borderTopStyle === "none" || style.clipPath !== "none" })
			.map(e => e.tagName + "." + e.className)`)
		if len(bare) > 0 {
			t.Errorf("%s: with forced colours these have no edge: %v", path, bare)
		}
	}
}

// ACC-10: on a phone the register is a list, as wide as the screen; the sheet is a table that says what it is, and of what each
// of its heads is the head.
func TestRosterAsList(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	b := atRegister(t, d, 1, 0, phone(390, 844))
	if n := eval[int](b, `document.querySelectorAll("main table").length`); n != 0 {
		t.Errorf("the register has %d tables", n)
	}
	if n := eval[int](b, `[...document.querySelectorAll("main ul.roster > li")].filter(li => li.getBoundingClientRect().right <= innerWidth && li.querySelector(".name")).length`); n != 7 {
		t.Errorf("%d of 7 children stand in the list, within the screen", n)
	}
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 390 {
		t.Errorf("the register is %d px wide", wide)
	}
	b.open(registerAt(1) + "/feuille").says(200)
	for _, wrong := range eval[[]string](b, `[...document.querySelectorAll("main table")].flatMap(table => [
		table.caption?.textContent.trim() ? "" : "a table without a caption",
		...[...table.querySelectorAll("th")].filter(th => !["col", "row"].includes(th.scope)).map(th => "no scope: " + th.textContent),
		table.querySelectorAll("tbody tr").length > 7 ? "" : "a table of " + table.querySelectorAll("tbody tr").length + " rows"]).filter(Boolean)`) {
		if wrong != fmt.Sprintf("a table of %d rows", 7) { // that of the team has no lines to fill in
			t.Error(wrong)
		}
	}
}

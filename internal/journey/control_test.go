package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestChecksSee spoils a good page in every way that the checks are there for: each must be seen.
func TestChecksSee(t *testing.T) {
	t.Parallel()
	b := newTab(t, common, desk(1280, 800))
	for _, c := range []struct{ check, spoil, seen string }{
		{"structure", `main.append(Object.assign(document.createElement("h1"), { textContent: "Deux" }))`, "2 h1"},
		{"structure", `main.append(Object.assign(document.createElement("h4"), { textContent: "Trop loin" }))`, "after a heading of level"},
		{"structure", `main.append(Object.assign(document.createElement("p"), { id: "main" }))`, "is there twice"},
		{"structure", `document.documentElement.lang = "en"`, "lang is en"},
		{"structure", `document.querySelector("nav").remove()`, "times header nav"},
		{"structure", `document.title = "Sans nom"`, "title"},
		{"structure", `document.querySelector(".skip").remove()`, "skip link"},
		{"structure", `main.innerHTML += '<a href="#nulle-part">Ici</a>'`, "leads nowhere"},
		{"structure", `main.innerHTML += '<input aria-describedby="rien" aria-label="x">'`, "names rien"},
		{"structure", `main.innerHTML += '<table><tr><th>A</th></tr></table>'`, "no caption"},
		{"structure", `main.innerHTML += '<form method="post"><input required></form>'`, "novalidate"},
		{"autocomplete", `main.innerHTML += '<input name="first_name_1" autocomplete="given-name">'`, "a child's"},
		{"autocomplete", `main.innerHTML += '<input name="x" autocomplete="nickname-of-mine">'`, "autocomplete nickname"},
		{"errors", `main.innerHTML += '<div class="field"><p class="error" id="e">Faux.</p></div>'`, "without a summary"},
		{"layout", `main.innerHTML += '<p class="w">x</p>'; main.lastElementChild.style.minWidth = "3000px"`, "px wide"},
		{"layout", `main.innerHTML += '<p>petit</p>'; main.lastElementChild.style.fontSize = "12px"`, "12 px"},
		{"targets", `main.innerHTML += '<button>x</button>'; Object.assign(main.lastElementChild.style, { width: "20px", height: "20px", padding: 0 })`, "20×20 px"},
		{"spacing", `main.innerHTML += '<p>Une ligne de texte qui tient à peine dans sa boîte</p>'; Object.assign(main.lastElementChild.style, { overflow: "hidden", height: "1.2em", lineHeight: 1.2, whiteSpace: "nowrap", width: "25em" })`, "cut off"},
		{"largeText", `main.innerHTML += '<p>Une ligne</p>'; Object.assign(main.lastElementChild.style, { overflow: "hidden", height: "30px" })`, "cut off"},
	} {
		b.open("/ecoles").says(200)
		eval[chromedp.Void](b, "window.checks = "+pageScript+"; window.main = document.querySelector('main'); undefined")
		if before := eval[[]string](b, "checks."+c.check+"()"); len(before) > 0 {
			t.Errorf("%s objects to the good page: %v", c.check, before)
		}
		eval[chromedp.Void](b, c.spoil+"; undefined")
		if found := eval[[]string](b, "checks."+c.check+"()"); !strings.Contains(strings.Join(found, "\n"), c.seen) {
			t.Errorf("%s does not see %s: %v", c.check, c.spoil, found)
		}
	}
	b.open("/ecoles").says(200)
	eval[chromedp.Void](b, axeScript+"; document.querySelector('main').innerHTML += '<img src=\"data:,\"><input>'; undefined")
	if found := strings.Join(b.axe(everyRule), "\n"); !strings.Contains(found, "image-alt") || !strings.Contains(found, "label") {
		t.Errorf("axe does not see an image without a text and a field without a label: %s", found)
	}
}

// TestTabHears: what a page must not do is heard and would fail its test.
func TestTabHears(t *testing.T) {
	t.Parallel()
	b := newTab(t, common, desk(1280, 800))
	b.open("/ecoles").says(200)
	for what, script := range map[string]string{
		"asks another host":       `new Promise(done => { const i = new Image(); i.onerror = i.onload = () => done(); i.src = "http://127.0.0.2:9/x.png" })`,
		"Content Security Policy": `new Promise(done => { const s = document.createElement("script"); s.onerror = s.onload = () => done(); s.src = "http://127.0.0.2:9/x.js"; document.head.append(s) })`,
		"writes to the console":   `console.log("bonjour")`,
	} {
		eval[chromedp.Void](b, script+"; undefined")
		b.mu.Lock()
		heard := strings.Join(b.trouble, "\n")
		b.trouble = nil
		b.mu.Unlock()
		if !strings.Contains(heard, what) {
			t.Errorf("%s is not heard: %q", what, heard)
		}
	}
}

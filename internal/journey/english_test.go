package journey

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// inEnglish shows the English twin of what show leads to.
func inEnglish(show func(*tab)) func(*tab) {
	return func(b *tab) {
		show(b)
		b.load(chromedp.Click(chromedp.CSS("header a.twin")))
	}
}

// englishShots are the main pages of families and schools in English: all others have the same templates, and a test of
// package web reads their texts.
func englishShots() []shot {
	return []shot{
		{route: "/en"},
		{route: "/en/seances", state: "nothing fits", show: at("/en/seances?age=7&city=Paris")},
		{route: "/en/seances/:id", state: "full", show: at(numbered("/en/seances/:id", fullSession))},
		{route: "/en/seances/:id", state: "missing", show: at("/en/seances/987654"), status: 404},
		{route: "/en/ecoles"},
		{route: "/en/ecoles/demande", state: "wrong", show: sent("/en/ecoles/demande", map[string]string{}), status: 422},
		{route: "/en/confidentialite"},
		{route: "/en/compte/connexion"},
		{route: "/en/inscription/:id", state: "wrong", show: sent(numbered("/en/inscription/:id", quietSession), map[string]string{}), status: 422},
		{route: "/en/inscription/:id/coordonnees", state: "empty", show: inEnglish(bookingOf(quietSession, zoe.fields(1), careful))},
		{route: "/en/inscriptions/:reference/:signature", state: "confirmed", show: inEnglish(on(confirmed, ""))},
		{route: "/en/inscriptions/:reference/:signature", state: "offered", show: inEnglish(on(offered, ""))},
		{route: "/en/inscriptions/:reference/:signature/annuler", show: inEnglish(on(confirmed, "/annuler"))},
	}
}

// TestOneClickToEnglish: a parent who finds the French page changes it with one click, books on a phone, and stays in
// English to the end; one click more shows the same booking in French.
func TestOneClickToEnglish(t *testing.T) {
	t.Parallel()
	b := newTab(t, common)
	b.do(chromedp.EmulateViewport(390, 844))
	b.open(numbered("/seances/:id", bookSession))
	b.load(chromedp.Click(chromedp.CSS("header a.twin")))
	if b.path() != numbered("/en/seances/:id", bookSession) {
		t.Fatalf("the other language is at %s", b.path())
	}
	b.press("Book")
	for _, form := range []map[string]string{zoe.fields(1), careful, {"name": "Jane O'Neill", "email": "jane@example.org", "phone": "+44 7700 900123", "emergency": "me"}} {
		b.fill(form)
		b.send()
	}
	b.send()
	if !strings.HasPrefix(b.path(), "/en/inscriptions/") || !strings.HasPrefix(b.title(), "Booked for Zoé") {
		t.Errorf("the booking ends at %s, %q", b.path(), b.title())
	}
	b.load(chromedp.Click(chromedp.CSS("header a.twin")))
	if !strings.HasPrefix(b.path(), "/inscriptions/") || !strings.HasPrefix(b.title(), "C'est réservé pour Zoé") {
		t.Errorf("one click to French leads to %s, %q", b.path(), b.title())
	}
	mails := common.mails(t, "jane@example.org")
	if len(mails) != 1 || !strings.HasPrefix(mails[0].Subject, "Booked for Zoé") {
		t.Errorf("the messages are %v", mails)
	}
}

// TestPagesMirror: written from right to left, pages turn round and fit a small phone (a language such as Arabic).
func TestPagesMirror(t *testing.T) {
	t.Parallel()
	b := newTab(t, common)
	b.do(chromedp.EmulateViewport(320, 800))
	for _, path := range []string{"/en", numbered("/en/seances/:id", fullSession), numbered("/en/inscription/:id", quietSession), "/en/ecoles/demande", "/en/compte/connexion"} {
		b.open(path)
		got := eval[struct {
			Wide   float64
			Mirror bool
		}](b, `(() => {
			document.documentElement.dir = "rtl";
			const brand = document.querySelector(".brand").getBoundingClientRect();
			return { Wide: document.documentElement.scrollWidth - innerWidth, Mirror: brand.right > innerWidth / 2 && innerWidth - brand.right < brand.left };
		})()`)
		if got.Wide > 0 || !got.Mirror {
			t.Errorf("%s is %g px too wide; it turns round: %t", path, got.Wide, got.Mirror)
		}
	}
}

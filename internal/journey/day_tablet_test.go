package journey

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// UX-F1: from the door to the register of today in two taps, on a tablet held either way; the head counts.
func TestTwoTaps(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	for _, size := range [][2]int64{{1024, 768}, {768, 1024}} {
		t.Run(fmt.Sprint(size[0]), func(t *testing.T) {
			b := newTab(t, d, desk(size[0], size[1]))
			who := d.account(t, "facilitator", 0)
			b.open("/connexion")
			b.typeIn("email", who.email)
			b.typeIn("password", who.password)
			b.send().says(200)
			b.load(chromedp.Click(chromedp.CSS("main .cards a"))).says(200, "7 inscrits")
			if b.path() != registerAt(1) {
				t.Fatalf("two taps lead to %s", b.path())
			}
			b.ready()
			head := func() string { return plain(eval[string](b, `document.querySelector(".sticky .counts").innerText`)) }
			before := head()
			b.tap(5, "Présent")
			if after := head(); after == before || !strings.Contains(after, "7 inscrits") {
				t.Errorf("the head says %q, and after a tap %q", before, after)
			}
			b.tap(5, "Annuler")
			b.sent()
			if wide := eval[int](b, `document.documentElement.scrollWidth`); int64(wide) > size[0] {
				t.Errorf("the register is %d px wide", wide)
			}
		})
	}
}

// choice picks in the dialog of a departure who takes the child away, by what it says.
func (b *tab) choice(label string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.Search(fmt.Sprintf(`//dialog[@id="more"]//label[contains(., %s)]`, xpathText(label)))))
}

// inDialog presses a button of the dialog that is open.
func (b *tab) inDialog(label string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.Search(fmt.Sprintf(`//dialog[@open]//button[contains(., %s)]`, xpathText(label)))))
}

// details opens the dialog of the nth row.
func (b *tab) details(row int) {
	b.t.Helper()
	eval[chromedp.Void](b, fmt.Sprintf(`document.querySelectorAll(".roster > li")[%d].querySelector(".do > a").click()`, row))
	b.until(`document.getElementById("more").open`)
}

// wrongInDialog is what the dialog objects to.
func (b *tab) wrongInDialog() string {
	b.t.Helper()
	return plain(eval[string](b, `(e => e.hidden ? "" : e.textContent)(document.querySelector("#more p.error"))`))
}

// label is what a row says of its child.
func (b *tab) label(row int) string {
	b.t.Helper()
	return plain(eval[string](b, fmt.Sprintf(`document.querySelectorAll(".roster > li")[%d].querySelector(".marks .badge").textContent`, row)))
}

// UX-F4; domain, On the day 1, 3: each state on a tablet, with its hour; a child leaves with who is on its list in three taps, with
// somebody else after a call, alone where a guardian said so. All of it the same without a network.
func TestStatesOnATablet(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	l := newLine(t, d)
	b := atRegister(t, l.demo, 1, 0, desk(768, 1024))
	b.acceptLeaving()
	alone := eval[int](b, `[...document.querySelectorAll(".roster > li")].findIndex(li => li.querySelector(".flag")?.parentElement.textContent.includes("Part seul"))`)
	if alone < 0 {
		t.Fatal("nobody may leave alone")
	}
	rows := []int{}
	for i := range 7 {
		if i != alone {
			rows = append(rows, i)
		}
	}
	for _, network := range []string{"there", "gone"} {
		if network == "gone" {
			l.is(cut)
			b.tap(rows[4], "Présent")
			b.until(`document.getElementById("sync").textContent.includes("Pas de réseau")`)
			b.tap(rows[4], "Annuler")
		}
		b.tap(rows[0], "Présent")
		b.details(rows[1])
		b.inDialog("En retard")
		b.tap(rows[2], "Absent")
		b.details(rows[3])
		b.inDialog("Excusé")
		for i, want := range []string{"Présent, 14 h 0", "En retard, 14 h 0", "Absent, 14 h 0", "Excusé, 14 h 0", "Attendu"} {
			if got := b.label(rows[i]); !strings.HasPrefix(got, want) {
				t.Errorf("network %s: row %d says %q, want %q", network, i, got, want)
			}
		}
		b.says(200, "2 présents", "1 retard", "1 absent", "1 excusé")
		if network == "there" {
			b.sent()
		}

		// With a guardian: the row, who, done.
		b.details(rows[0])
		b.inDialog("Noter le départ")
		if got := b.wrongInDialog(); !strings.Contains(got, "avec qui") {
			t.Errorf("nobody was chosen: %q", got)
		}
		b.choice("responsable")
		b.inDialog("Noter le départ")
		b.until(`!document.getElementById("more").open`)
		if got := b.label(rows[0]); !strings.HasPrefix(got, "Parti, 14 h 0") || !strings.Contains(got, "avec ") {
			t.Errorf("network %s: after a departure the row says %q", network, got)
		}
		// With somebody who is on no list: a call first.
		b.details(rows[1])
		b.choice("Quelqu")
		b.fill(map[string]string{"name": "Mamie Łucja"})
		b.inDialog("Noter le départ")
		if got := b.wrongInDialog(); got != "Appelez un responsable, puis écrivez sa réponse." {
			t.Errorf("network %s: somebody unlisted: %q", network, got)
		}
		b.fill(map[string]string{"reason": "Sa mère est d'accord"})
		b.inDialog("Noter le départ")
		b.until(`!document.getElementById("more").open`)
		if got := b.label(rows[1]); !strings.HasSuffix(got, "avec Mamie Łucja") {
			t.Errorf("network %s: the row says %q", network, got)
		}
		// Alone.
		b.tap(alone, "Présent")
		if network == "there" {
			b.sent()
		}
		b.details(alone)
		b.choice("Part seul")
		b.inDialog("Noter le départ")
		b.until(`!document.getElementById("more").open`)
		if got := b.label(alone); !strings.HasSuffix(got, ", part seul") {
			t.Errorf("network %s: who leaves alone: %q", network, got)
		}
		b.says(200, "3 partis")
		if network == "there" {
			for _, row := range []int{rows[0], rows[0], rows[1], rows[1], rows[2], rows[3], alone, alone} {
				b.tap(row, "Annuler")
			}
			b.sent()
		}
	}
	before := b.states()
	l.is(nil)
	b.sent()
	other := newTab(t, d, desk(1280, 800))
	other.signIn(d.account(t, "staff", 0))
	other.open(registerAt(1)).says(200, "3 partis")
	if got := other.states(); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("the server has:\n%q\nthe tablet showed:\n%q", got, before)
	}
	d.run(t, "verify")
}

// domain, On the day 3: while the register is open on a tablet, staff bar somebody who is on the list of a child. Who leaves with
// them is asked of the server first, so that it is not done; a quarter of a minute later the page says it too, also without a network.
func TestBarredMeanwhile(t *testing.T) {
	t.Parallel()
	d := onTheDay(t)
	l := newLine(t, d)
	b := atRegister(t, l.demo, 1, 0, desk(768, 1024))
	b.acceptLeaving()
	b.tap(0, "Présent")
	b.sent()
	guardian := eval[string](b, `JSON.parse(document.querySelector(".roster > li").dataset.taken).guardians[0]`)

	// The tablet does not hear of it at first.
	l.is(func(w http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/etat.json") {
			w.WriteHeader(http.StatusBadGateway)
			return true
		}
		return false
	})
	staff := newTab(t, d, desk(1280, 800))
	staff.signIn(d.account(t, "staff", 0))
	staff.open("/equipe/seances/1").says(200)
	first := eval[string](b, `document.querySelector(".roster > li").dataset.first`)
	reference := eval[string](staff, fmt.Sprintf(`[...document.querySelectorAll("main a[href^='/equipe/inscriptions/']")].find(a => a.closest("li, tr").textContent.includes(%s)).pathname`, quoted(first)))
	staff.open(reference + "/ne-pas-remettre").says(200)
	eval[chromedp.Void](staff, fmt.Sprintf(`[...document.querySelectorAll("main label")].find(label => label.textContent.includes(%s)).control.click()`, quoted(first)))
	staff.fill(map[string]string{"name": guardian, "note": "Le juge, par courrier"})
	staff.send().says(200, guardian)

	b.details(0)
	b.choice(guardian)
	b.inDialog("Noter le départ")
	b.until(`!document.querySelector("#more p.error").hidden`)
	if got := b.wrongInDialog(); !strings.Contains(got, "Ne remettez pas l'enfant à") {
		t.Errorf("the dialog says %q", got)
	}
	if got := b.label(0); !strings.HasPrefix(got, "Présent") {
		t.Errorf("the row says %q", got)
	}
	l.is(nil)
	b.until(`document.querySelector(".roster > li .flag.strong")?.parentElement.textContent.includes("Ne pas remettre à")`)
	b.until(`!document.querySelector("#more [data-barred]").hidden`)
	if chosen := eval[string](b, `document.querySelector("#more .answers").textContent`); strings.Contains(chosen, guardian) {
		t.Errorf("who is barred can be chosen: %s", chosen)
	}
	l.is(cut)
	b.alone().says(200, "Ne pas remettre à", guardian)
	b.details(0)
	b.choice("Quelqu")
	b.fill(map[string]string{"name": guardian, "reason": "Il dit que c'est réglé"})
	b.inDialog("Noter le départ")
	if got := b.wrongInDialog(); !strings.Contains(got, "Ne remettez pas l'enfant à") {
		t.Errorf("without a network: %q", got)
	}
}

// The seats that are left on the day, and for whom, are read from marks: the section that tells them follows the taps, and says
// that it is old where it cannot.
func TestStandbyFollows(t *testing.T) {
	t.Parallel()
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	d.moveClock(t, "2027-04-17T14:03:00+02:00")
	l := newLine(t, d)
	b := newTab(t, l.demo, desk(768, 1024))
	b.acceptLeaving()
	b.signIn(d.account(t, "staff", 0)).says(200)
	b.open(registerAt(5)).ready()
	b.do(chromedp.Click(chromedp.CSS("#appels summary")))
	b.says(200, "Aucun enfant n'est noté absent")
	b.tap(0, "Absent")
	b.until(`document.querySelector("#appels [data-room]").textContent.includes("Une place est à donner")`)
	l.is(cut)
	b.tap(1, "Absent")
	b.until(`!document.querySelector("#appels [data-stale]").hidden`)
	l.is(nil)
	b.sent()
	b.until(`document.querySelector("#appels [data-room]").textContent.includes("places sont à donner")`)
	b.until(`document.querySelector("#appels [data-stale]").hidden`)
	b.load(chromedp.Click(chromedp.Search(`(//*[@id="appels"]//button[contains(., "La famille vient")])[1]`))).says(200)
}

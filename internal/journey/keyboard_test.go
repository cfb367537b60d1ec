package journey

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// keys are what a keyboard can do, and nothing else: no test below touches a pointer (ACC-8).
type keys struct{ *tab }

func (k keys) hit(key string) {
	k.t.Helper()
	k.do(chromedp.KeyEvent(key))
}

// enter is the key as a keyboard sends it: what it does to a link keeps its sign from the field that the link leads to.
func enter(ctx context.Context, t *chromedp.Target) (none chromedp.Void, err error) {
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: "Enter", Code: "Enter", WindowsVirtualKeyCode: 13, NativeVirtualKeyCode: 13}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = "\r"
		}
		if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, p); err != nil {
			return none, err
		}
	}
	return none, nil
}

// to goes on with Tab until the element that a selector finds has the focus, and sees that the focus shows.
func (k keys) to(selector string) keys {
	k.t.Helper()
	for range 120 {
		k.hit(kb.Tab)
		if !eval[bool](k.tab, `document.activeElement?.matches(`+quoted(selector)+`)`) {
			continue
		}
		if !eval[bool](k.tab, `(e => {
			const label = e.labels?.[0];
			const rings = [getComputedStyle(e), getComputedStyle(e, "::after")].concat([label, e.closest(".card")].filter(Boolean).map(x => getComputedStyle(x)));
			const ring = rings.some(style => parseFloat(style.outlineWidth) >= 2 && style.outlineStyle !== "none");
			const box = (e.matches("[type=radio], [type=checkbox]") && label || e).getBoundingClientRect();
			const seen = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
			return ring && box.bottom > 0 && box.top < innerHeight && (seen === null || e === seen || e.contains(seen) || !!label?.contains(seen) || seen.contains(e));
		})(document.activeElement)`) {
			k.t.Errorf("%s: the focus on %s does not show", k.path(), selector)
		}
		return k
	}
	k.t.Fatalf("Tab does not lead to %s\n%s", selector, k.where())
	return k
}

// follow presses Enter on what has the focus, and checks where the focus is on the page that comes.
func (k keys) follow() keys {
	k.t.Helper()
	k.load(enter)
	if eval[bool](k.tab, `location.hash === ""`) && !eval[bool](k.tab, `document.activeElement.matches("h1, .error-summary, body")`) {
		k.t.Errorf("%s: the focus is on %s", k.path(), k.focused())
	}
	return k
}

// day types a date into the box that has the focus, in the order of the browser's language.
func (k keys) day(date string) keys {
	k.t.Helper()
	part := strings.Split(date, "-")
	if eval[bool](k.tab, `new Intl.DateTimeFormat().formatToParts().findIndex(p => p.type === "month") === 0`) {
		k.do(chromedp.KeyEvent(part[1] + part[2] + part[0]))
	} else {
		k.do(chromedp.KeyEvent(part[2] + part[1] + part[0]))
	}
	return k.typed(date)
}

// hour types an hour of the afternoon, as 14:00.
func (k keys) hour(clock string) keys {
	k.t.Helper()
	if eval[bool](k.tab, `new Intl.DateTimeFormat(undefined, {hour: "numeric"}).resolvedOptions().hour12`) {
		t, err := time.Parse("15:04", clock)
		if err != nil {
			k.t.Fatal(err)
		}
		k.do(chromedp.KeyEvent(t.Format("0304PM")))
	} else {
		k.do(chromedp.KeyEvent(strings.ReplaceAll(clock, ":", "")))
	}
	return k.typed(clock)
}

func (k keys) typed(want string) keys {
	k.t.Helper()
	if got := eval[string](k.tab, `document.activeElement.value`); got != want {
		k.t.Errorf("%s: %s holds %q, want %q", k.path(), k.focused(), got, want)
	}
	return k
}

// TestKeyboardBooking books, and cancels, with Tab, Enter, Space and arrows.
func TestKeyboardBooking(t *testing.T) {
	t.Parallel()
	k := keys{newTab(t, common, desk(1280, 800))}
	k.open(numbered("/seances/:id", bookSession)).says(200)
	k.to("a.skip")
	k.do(enter)
	if at := k.focused(); at != "main" {
		t.Errorf("the skip link leads to %s", at)
	}
	k.to(`main a.button`).follow().says(200, "Qui participe ?")
	for _, box := range [][2]string{{"first_name_1", "Łucja"}, {"last_name_1", "D'Artagnan"}, {"birth_1_day", "3"}, {"birth_1_month", "9"}, {"birth_1_year", "2017"}} {
		k.to("#" + box[0])
		k.do(chromedp.KeyEvent(box[1]))
	}
	k.to(`main form .button`).follow().says(200, "Santé et sécurité")
	k.to("[name=health_1]")
	k.hit(" ")
	k.to("[name=leaves_1]")
	k.hit(kb.ArrowDown) // to the second answer, which reveals a field
	k.to("#pickup_names_1")
	k.do(chromedp.KeyEvent("Mamie Łucja"))
	k.to(`main form .button`).follow().says(200, "Vos coordonnées")
	k.to(`main form .button`).follow().says(422)
	if at := k.focused(); at != "error-summary" {
		t.Errorf("after mistakes the focus is on %s", at)
	}
	k.to(".error-summary a")
	k.do(enter)
	if at := k.focused(); at != "name" {
		t.Errorf("the first link leads to %s", at)
	}
	k.do(chromedp.KeyEvent("Agnès D'Artagnan"))
	k.to("#email")
	k.do(chromedp.KeyEvent("clavier@exemple.fr"))
	k.to("#phone")
	k.do(chromedp.KeyEvent("06 12 34 56 78"))
	k.to("[name=emergency]")
	k.hit(" ")
	k.to(`main form .button`).follow().says(200, "Vérifiez", "Mamie Łucja")
	k.to(`main form .button`).follow().says(200, "C'est réservé pour Łucja")
	k.to(`a[href$="/annuler"]`).follow().says(200, "Annuler")
	k.to(`main form .button.danger`).follow().says(200, "annulée")
}

// TestKeyboardTeam signs in, marks a child and takes it back with the keyboard, adds a session, and plans a term on a phone's width.
func TestKeyboardTeam(t *testing.T) {
	t.Parallel()
	d := newDemo(t, "2027-03-01T14:00:00+01:00")
	k := keys{newTab(t, d, desk(1280, 800))}
	signIn := func(who account) {
		k.open("/connexion")
		k.to("#email")
		k.do(chromedp.KeyEvent(who.email))
		k.to("#password")
		k.do(chromedp.KeyEvent(who.password))
		k.to(`main form .button`).follow()
	}
	signIn(d.account(t, "facilitator", 0))
	k.to(`main .cards a`).follow().says(200, "0 présent", "10 inscrits")
	k.ready()
	k.to(`.roster li:nth-child(2) .do .button`)
	k.do(enter)
	k.says(200, "1 présent")
	if text := eval[string](k.tab, `document.activeElement.textContent`); !strings.HasPrefix(text, "Annuler") {
		t.Errorf("after the mark the focus is on %q", text)
	}
	k.do(enter)
	k.says(200, "0 présent")
	k.until(`document.querySelector("#sync .badge.done") !== null`)
	k.to(`form.visitor button`).follow()

	signIn(d.account(t, "staff", 0))
	k.open("/equipe/seances/nouvelle").says(200)
	k.to("select[name=workshop]")
	k.hit(kb.ArrowDown)
	k.to("select[name=venue]")
	k.hit(kb.ArrowDown)
	k.to("#date")
	k.do(chromedp.KeyEvent("05052027"))
	k.to("#starts")
	k.do(chromedp.KeyEvent("1430"))
	k.to("#ends")
	k.do(chromedp.KeyEvent("1630"))
	k.to(`main form .button`).follow().says(200, "mercredi 5 mai 2027")
	k.resize(390)
	planByKeys(k)
}

// planByKeys plans « chaque mercredi hors vacances » from the programme on, sees the dates first, leaves one out and publishes the others
// with an opening (issue 7, point 2).
func planByKeys(k keys) {
	k.t.Helper()
	k.open("/equipe/seances").says(200)
	k.to(`main a[href="/equipe/seances/planifier"]`).follow().says(200, "Quels jours ?")
	k.to("select[name=workshop]")
	k.hit(kb.ArrowDown)
	k.to("select[name=venue]")
	for range 20 {
		k.hit(kb.ArrowDown)
		if eval[bool](k.tab, `document.activeElement.selectedOptions[0].textContent.includes("zone A")`) {
			break
		}
	}
	k.to(`[name=weekdays][value="3"]`)
	k.hit(" ")
	k.to("#first_day").day("2027-03-24")
	k.to("#last_day").day("2027-05-12")
	k.to("#starts").hour("14:00")
	k.to("#ends").hour("15:30")
	k.to("[name=pricing]:checked")
	k.hit(kb.ArrowUp) // « Gratuit »
	k.to("main details summary")
	k.hit(" ")
	k.to("main form .button").follow().says(200, "5 séances proposées", "Vacances de printemps, zone A", "Une autre séance a lieu") // the one of above
	k.to(`[name=days][value="2027-05-12"]`)
	k.hit(" ")
	k.to("main form .button").follow().says(200, "Les séances sont prêtes", "4 séances")
	k.to(`main a[href*="/equipe/seances/publier"]`).follow().says(200)
	k.to("#opens_date").day("2027-03-02")
	k.to("#opens").hour("18:00")
	k.to("main form .button").follow().says(200, "Les séances sont publiées", "Pas encore ouverte")
	if text := k.text(); !strings.Contains(text, "28 avr") || strings.Contains(text, "mer. 12 mai") {
		k.t.Errorf("the dates are others than those that were ticked:\n%s", text)
	}
}

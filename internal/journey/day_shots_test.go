package journey

import (
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// atTheDoor is a child whom nobody expected.
var atTheDoor = map[string]string{"first_name": "李", "last_name": "D'Artagnan-N'Guyen", "birth_day": "3", "birth_month": "9", "birth_year": "2017", "phone": "06 12 34 56 78"}

// walkedIn is the page of a child who was let in at the door, and the link that its guardian scans there.
var walkedIn struct {
	once        sync.Once
	child, link string
}

// letIn lets it in, as somebody of the team, and opens its page.
func letIn(b *tab) {
	walkedIn.once.Do(func() {
		sent(numbered("/animation/seances/:id/ajouter", todaySession), atTheDoor)(b)
		if strings.HasSuffix(b.path(), "/ajouter") { // full, too old: whatever is asked is confirmed
			b.press("Oui, ajouter")
		}
		walkedIn.child = b.path()
		walkedIn.link = eval[string](b, `new URL(document.querySelector("a.qr").href).pathname`)
	})
	b.open(walkedIn.child)
}

// dayShots are the pages of the day of a session beside its register.
func dayShots() []shot {
	door := numbered("/animation/seances/:id/ajouter", todaySession)
	infant := merged(atTheDoor, field("birth_year", "2026"))
	completing := func(b *tab) {
		letIn(b)
		b.open(walkedIn.link)
	}
	return []shot{
		{route: "/animation/seances/:id/ajouter", state: "empty", role: "facilitator", show: at(door)},
		{route: "/animation/seances/:id/ajouter", state: "wrong", role: "facilitator", show: sent(door, map[string]string{"birth_day": "31", "birth_month": "2", "birth_year": "2017"}), status: 422},
		{route: "/animation/seances/:id/ajouter", state: "to confirm", role: "facilitator", show: sent(door, infant), status: 409},
		{route: "/animation/seances/:id/enfants/:inscription", state: "to complete", role: "facilitator", show: letIn},
		{route: "/inscriptions/:reference/:signature/completer", state: "empty", role: "facilitator", show: completing},
		{route: "/inscriptions/:reference/:signature/completer", state: "wrong", role: "facilitator", show: func(b *tab) {
			completing(b)
			b.do(chromedp.Click(chromedp.CSS("input[name=emergency][value=other]")))
			b.send()
		}, status: 422},
	}
}

// closingShots are the pages of what ends a session.
func closingShots() []shot {
	note := numbered("/animation/seances/:id/incident", todaySession)
	return []shot{
		{route: "/animation/seances/:id/cloture", state: "to settle", role: "staff", show: func(b *tab) {
			b.open(numbered("/animation/seances/:id", todaySession))
			b.ready()
			eval[chromedp.Void](b, `[...document.querySelectorAll(".roster .do button")].find(button => button.textContent.startsWith("Présent")).click()`)
			b.sent()
			b.open(numbered("/animation/seances/:id/cloture", todaySession))
		}},
		{route: "/animation/seances/:id/cloture", state: "closed", role: "staff", show: at(numbered("/animation/seances/:id/cloture", pastSession))},
		{route: "/animation/seances/:id/cloture", state: "no reason", role: "staff", show: func(b *tab) {
			b.open(numbered("/animation/seances/:id/cloture", pastSession))
			b.press("Rouvrir")
		}, status: 422},
		{route: "/animation/seances/:id/incident", state: "wrong", role: "facilitator", show: sent(note, map[string]string{}), status: 422},
		{route: "/animation/seances/:id/incident", state: "sent", role: "facilitator", show: sent(note, map[string]string{"text": "Łukasz est tombé.\nGlace, appel à sa mère."})},
		{route: "/equipe/seances/:id", state: "incident", role: "staff", show: func(b *tab) {
			sent(note, map[string]string{"text": "محمد a eu de la fièvre.\nSon père est venu."})(b)
			b.open(numbered("/equipe/seances/:id", todaySession))
		}},
	}
}

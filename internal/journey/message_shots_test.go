package journey

import (
	"strconv"
	"strings"

	"github.com/chromedp/chromedp"

	post "github.com/lesbricodeurs/ateliersdada/internal/mail"
)

// messageShots are the pages where the team writes to families, and keeps what it wrote.
func messageShots() []shot {
	const writes = "/equipe/messages/nouveau"
	about := writes + "?seance=" + strconv.Itoa(pastSession)
	letter := map[string]string{"subject": "Rendez-vous samedi, {{enfants}}", "body": "Bonjour {{responsable}},\n\nnous attendons {{enfants}} {{seances}}.\n\n- Apportez une gourde\n- Venez à pied"}
	kept := map[string]string{"name": "Quoi apporter " + strings.Repeat("Wolfeschlegel", 8), "subject": letter["subject"], "body": letter["body"]}
	return []shot{
		{route: "/equipe/messages", role: "staff", state: "one sent", show: func(b *tab) {
			sent(about, letter)(b)
			b.load(chromedp.Click(chromedp.CSS(`button[value="send"]`)))
			b.open("/equipe/messages")
		}},
		{route: "/equipe/messages/:id", role: "staff", state: "sent", show: func(b *tab) {
			sent(about, letter)(b)
			b.load(chromedp.Click(chromedp.CSS(`button[value="send"]`)))
		}},
		{route: "/equipe/messages/:id", role: "staff", state: "arrived, bounced and waiting", show: func(b *tab) {
			newVisitor(b.t, common).book(longSession, family{"李 伟", "li.wei@" + post.Waits, "06 12 34 56 79"}, li)
			sent(writes+"?seance="+strconv.Itoa(longSession), letter)(b)
			b.load(chromedp.Click(chromedp.CSS(`button[value="send"]`)))
			common.mails(b.t, "li.wei@"+post.Waits) // once all that can leave has left
			b.open(b.path()).says(200, "Pas arrivé", "Va partir", "Parti")
		}},
		{route: "/equipe/familles", role: "staff", state: "empty"},
		{route: "/equipe/familles", role: "staff", state: "some", show: at("/equipe/familles?q=le")},
		{route: "/equipe/familles", role: "staff", state: "none", show: at("/equipe/familles?q=zzzz")},
		{route: "/equipe/familles/:id", role: "staff", state: "noted", show: follow("/equipe/familles?q=lefebvre", `.desk-list h2 a`)},
		{route: "/equipe/familles/:id/contact", role: "staff", show: follow("/equipe/familles?q=lefebvre", `.desk-list h2 a`, `a[href$="/contact"]`)},
		{route: "/equipe/familles/:id/notes/:note/retirer", role: "staff", show: follow("/equipe/familles?q=Camille+Lefebvre", `.desk-list li:last-child h2 a`, `a[href$="/retirer"]`)},
		{route: "/equipe/familles/doublons", role: "staff"},
		{route: "/equipe/familles/:id/reunir/:fiche", role: "staff", show: follow("/equipe/familles/doublons", `.desk-list a`)},
		{route: "/equipe/familles/:id/reunir/:fiche", role: "staff", state: "to check", show: follow("/equipe/familles/doublons", `.desk-list a`, `.desk-form .button:not(.secondary)`)},
		{route: "/equipe/inscriptions/a-confirmer", role: "staff"},
		{route: "/equipe/inscriptions/:reference/changer", role: "staff", show: fromList(toWaiting, `a[href$="/changer"]`)},
		{route: writes, role: "staff", state: "empty"},
		{route: writes, role: "staff", state: "wrong", show: sent(about, map[string]string{"subject": "", "body": "{{allergies}}"}), status: 422},
		{route: writes, role: "staff", state: "shown", show: sent(about, letter)},
		{route: writes, role: "staff", state: "tried", show: func(b *tab) {
			sent(about, letter)(b)
			b.load(chromedp.Click(chromedp.CSS(`button[value="try"]`)))
		}},
		{route: "/equipe/messages/modeles", role: "staff", show: func(b *tab) { sent("/equipe/messages/modeles/nouveau", kept)(b) }},
		{route: "/equipe/messages/modeles/nouveau", role: "staff", state: "empty"},
		{route: "/equipe/messages/modeles/nouveau", role: "staff", state: "wrong", show: sent("/equipe/messages/modeles/nouveau", map[string]string{"name": "Gourde"}), status: 422},
		{route: "/equipe/messages/modeles/:id", role: "staff", show: func(b *tab) {
			sent("/equipe/messages/modeles/nouveau", kept)(b)
			b.load(chromedp.Click(chromedp.CSS(".desk-list .acts a:nth-of-type(2)")))
		}},
	}
}

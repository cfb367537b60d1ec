package journey

import "github.com/chromedp/chromedp"

// deskList is the waiting list that the demo begins with: somebody has an offer, and several families wait.
var deskList = numbered("/equipe/seances/:id/attente", fullSession)

// fromList presses what a selector finds, page after page, from a list on.
func fromList(selectors ...string) func(*tab) {
	return func(b *tab) {
		b.open(deskList)
		for _, selector := range selectors {
			b.load(chromedp.Click(chromedp.CSS(selector)))
		}
	}
}

// Ways from the list to what can be done for a family.
const (
	toOffered = `.families a.code`
	toWaiting = `#attente + .families a.code`
)

// deskBookingShots are the pages on which the team looks after waiting lists and bookings.
func deskBookingShots() []shot {
	return []shot{
		{route: "/equipe/seances/:id/attente", state: "lively", role: "staff", show: at(deskList)},
		{route: "/equipe/seances/:id/attente", state: "nobody waits", role: "staff", show: at(numbered("/equipe/seances/:id/attente", quietSession))},
		{route: "/equipe/seances/:id/attente", state: "over", role: "staff", show: at(numbered("/equipe/seances/:id/attente", pastSession))},
		{route: "/equipe/seances/:id/attente", state: "to read", role: "communication", show: at(deskList)},
		{route: "/equipe/seances/:id/inscrire", state: "empty", role: "staff", show: at(numbered("/equipe/seances/:id/inscrire", quietSession))},
		{route: "/equipe/seances/:id/inscrire", state: "wrong", role: "staff", show: sent(numbered("/equipe/seances/:id/inscrire", quietSession), map[string]string{
			"birth_1_day": "31", "birth_1_month": "2", "birth_1_year": "2017", "health_1": "yes", "leaves_1": "other"}), status: 422},
		{route: "/equipe/seances/:id/inscrire", state: "two children, full", role: "staff", show: func(b *tab) {
			b.open(numbered("/equipe/seances/:id/inscrire", fullSession))
			b.fill(zoe.fields(1))
			b.press("Ajouter un")
		}},
		{route: "/equipe/seances/:id/inscrire", state: "over", role: "staff", show: at(numbered("/equipe/seances/:id/inscrire", pastSession)), status: 410},
		{route: "/equipe/seances/:id/inscrire", state: "known family", role: "staff", show: at(numbered("/equipe/seances/:id/inscrire?famille=1", fullSession))},
		{route: "/equipe/familles/:id/inscrire", role: "staff", show: at("/equipe/familles/1/inscrire")},
		{route: "/equipe/inscriptions/:reference", state: "offered", role: "staff", show: fromList(toOffered)},
		{route: "/equipe/inscriptions/:reference", state: "waiting", role: "staff", show: fromList(toWaiting)},
		{route: "/equipe/inscriptions/:reference", state: "to read", role: "communication", show: fromList(toWaiting)},
		{route: "/equipe/inscriptions/:reference", state: "long names", role: "staff", show: func(b *tab) {
			long("/equipe/seances/:id")(b)
			b.load(chromedp.Click(chromedp.CSS(`.listed li:last-child h3 a`)))
		}},
		{route: "/equipe/inscriptions/:reference", state: "missing", role: "staff", show: at("/equipe/inscriptions/ADA-22222222"), status: 404},
		{route: "/equipe/inscriptions/:reference/proposer", role: "staff", show: fromList(`a[href$="/proposer"]`)},
		{route: "/equipe/inscriptions/:reference/proposer", state: "wrong", role: "staff", show: fromList(`a[href$="/proposer"]`, `.desk-form .button:not(.secondary)`), status: 422},
		{route: "/equipe/inscriptions/:reference/donner", role: "staff", show: fromList(`a[href$="/donner"]`)},
		{route: "/equipe/inscriptions/:reference/donner", state: "wrong", role: "staff", show: fromList(`a[href$="/donner"]`, `.desk-form .button:not(.secondary)`), status: 422},
		{route: "/equipe/inscriptions/:reference/refuser", role: "staff", show: fromList(`a[href$="/refuser"]`)},
		{route: "/equipe/inscriptions/:reference/annuler", role: "staff", show: fromList(`a[href$="/annuler"]`)},
		{route: "/equipe/inscriptions/:reference/souhaits", role: "staff", show: fromList(toWaiting, `a[href$="/souhaits"]`)},
		{route: "/equipe/inscriptions/:reference/autre-seance", role: "staff", show: fromList(toWaiting, `a[href$="/autre-seance"]`)},
	}
}

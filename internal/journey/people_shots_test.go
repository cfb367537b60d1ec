package journey

import "strings"

// newcomer is whom the demo has invited into the team, and who has not chosen a password yet.
const newcomer = "salome.benali@example.org"

// choosing opens the link by which the newcomer chooses a password.
func choosing(below string) func(*tab) {
	return func(b *tab) {
		for _, m := range b.demo.mails(b.t, newcomer) {
			if strings.Contains(m.Text, "/connexion/mot-de-passe/") {
				b.open(b.demo.link(b.t, m, "/connexion/mot-de-passe/") + below)
				return
			}
		}
		b.t.Fatalf("no invitation came to %s", newcomer)
	}
}

// peopleShots are the pages of who is in the team, and of one's own access.
func peopleShots() []shot {
	return []shot{
		{route: "/connexion/oubli", state: "empty"},
		{route: "/connexion/oubli", state: "wrong", show: sent("/connexion/oubli", map[string]string{"email": "zoé"}), status: 422},
		{route: "/connexion/oubli", state: "sent", show: sent("/connexion/oubli", map[string]string{"email": "personne@example.org"})},
		{route: "/connexion/mot-de-passe/:acces", state: "empty", show: choosing("")},
		{route: "/connexion/mot-de-passe/:acces", state: "wrong", show: func(b *tab) {
			choosing("")(b)
			b.fill(map[string]string{"password": "court"})
			b.send()
		}, status: 422},
		{route: "/connexion/mot-de-passe/:acces", state: "foreign", show: choosing("x"), status: 404},
		{route: "/animation/compte", role: "facilitator"},
		{route: "/animation/compte/mot-de-passe", state: "empty", role: "staff"},
		{route: "/animation/compte/mot-de-passe", state: "wrong", role: "staff", show: sent("/animation/compte/mot-de-passe", map[string]string{
			"current": "ce n'est pas lui", "password": "girafe parapluie trompette"}), status: 422},
		{route: "/equipe/personnes/:id/corriger", role: "admin", show: at("/equipe/personnes/6/corriger")},
		{route: "/equipe/personnes/:id/corriger", state: "wrong", role: "admin", show: sent("/equipe/personnes/6/corriger", map[string]string{"email": "salomé"}), status: 422},
		{route: "/equipe/journal", role: "admin"},
		{route: "/equipe/journal", state: "read", role: "admin", show: at("/equipe/journal?vue=lectures")},
		{route: "/equipe/journal", state: "wrong", role: "admin", show: at("/equipe/journal?du=hier&fiche=user"), status: 422},
		{route: "/equipe/personnes/:id", state: "invited", role: "admin", show: at("/equipe/personnes/6")},
	}
}

package web

import (
	"net/http"
	"strconv"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// An admin lets somebody in, changes what they may do, and keeps them out again.
func TestPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	const add = "/equipe/personnes/nouvelle"
	form := with(b.get(add).wants(200).form(add), "name", "Łukasz Wiśniewski", "email", "lukasz@exemple.fr", "role", "facilitator", "password", "court")
	a := b.post(add, with(form, "role", "chef")).wants(422).says("2 points", "12 caractères", "Choisissez un rôle").hides("court\"")
	if again := a.form(add); again.Get("name") != "Łukasz Wiśniewski" || again.Get("password") != "" {
		t.Errorf("form %v: the name is kept, the password never sent back", again)
	}
	form = with(a.form(add), "role", "facilitator", "password", housePassword)
	var path string
	for range 2 {
		path = b.post(add, form).wants(http.StatusSeeOther).Header.Get("Location")
	}
	if path != "/equipe/personnes/2?fait=acces" {
		t.Fatalf("leads to %q", path)
	}
	b.get(path).wants(200).says("L'accès est ouvert", "Łukasz Wiśniewski", "Animation", "Peut entrer")
	b.get("/equipe/personnes").wants(200).says("Łukasz Wiśniewski", "lukasz@exemple.fr")
	b.post(add, with(b.get(add).form(add), "name", "Lu", "email", "LUKASZ@exemple.fr", "role", "staff", "password", housePassword)).wants(422).says("déjà cette adresse")

	tablet := h.teamBrowser()
	tablet.signIn("lukasz@exemple.fr")
	tablet.get("/animation").wants(200)
	const page = "/equipe/personnes/2"
	b.post(page+"/role", with(b.get(page).form(page+"/role"), "role", "staff")).leadsTo(page + "?fait=enregistree")
	tablet.get("/animation").wants(http.StatusSeeOther) // SEC-2: signed out by the change
	tablet.signIn("lukasz@exemple.fr")
	tablet.get("/equipe").wants(200)

	b.post(page+"/mot-de-passe", with(b.get(page).form(page+"/mot-de-passe"), "password", "lukasz@exemple.fr")).wants(422).says("serait vite deviné")
	b.post(page+"/mot-de-passe", with(b.get(page).form(page+"/mot-de-passe"), "password", "girafe parapluie trompette")).wants(http.StatusSeeOther)
	tablet.get("/equipe").wants(http.StatusSeeOther)

	b.post(page+"/acces", with(b.get(page).form(page+"/acces"), "open", "no")).wants(http.StatusSeeOther)
	b.get(page).says("Accès fermé", "Rouvrir l'accès")
	door := tablet.get("/connexion").form("/connexion")
	tablet.post("/connexion", with(door, "email", "lukasz@exemple.fr", "password", "girafe parapluie trompette")).wants(422)
	b.post(page+"/acces", with(b.get(page).form(page+"/acces"), "open", "yes")).wants(http.StatusSeeOther)
	door = tablet.get("/connexion").form("/connexion")
	tablet.post("/connexion", with(door, "email", "lukasz@exemple.fr", "password", "girafe parapluie trompette")).leadsTo("/equipe")
}

// The last admin cannot shut themself out, and reads why.
func TestLastAdmin(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Admin)
	page := "/equipe/personnes/" + strconv.FormatInt(h.users["admin@exemple.fr"], 10)
	b.post(page+"/acces", with(b.get(page).form(page+"/acces"), "open", "no")).wants(409).says("dernier compte d'administration")
	b.post(page+"/role", with(b.get(page).form(page+"/role"), "role", "staff")).wants(409).says("dernier compte d'administration")
	b.get("/equipe/personnes").wants(200)
}

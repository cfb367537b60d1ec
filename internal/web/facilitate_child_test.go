package web

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// A child leaves with who is on the list in one choice; with somebody else only after a call; and the register says with whom
// (UX-F4; domain, On the day 3).
func TestDepart(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	nadia := h.as("nadia@exemple.fr")
	path := fmt.Sprintf("%s/enfants/%d", h.path, h.zoe)
	nadia.get(path).wants(200).says("Zoé D'Artagnan-N'Guyen", "En retard", "Excusé").hides("Avec qui part")
	h.tap(nadia, h.zoe, "present")
	page := nadia.get(path).wants(200).says("Avec qui part Zoé ?", "Linh Nguyễn", "Tonton Łukasz", "la famille ne l'a pas permis", "+33 6 12 34 56 78")

	form := page.form(path + "/depart")
	form.Set("taken", "autre")
	form.Set("name", "Mamie Hoa")
	again := nadia.post(path+"/depart", form).wants(http.StatusUnprocessableEntity).says("Appelez un responsable, puis écrivez sa réponse.")
	if got, _ := again.doc.Find(`[name="name"]`).Attr("value"); got != "Mamie Hoa" {
		t.Errorf("the name became %q", got)
	}
	h.clock.Set(h.clock.Now().Add(time.Hour))
	form = again.form(path + "/depart")
	form.Set("taken", "autre")
	form.Set("name", "Mamie Hoa")
	form.Set("reason", "Linh : d'accord, je la préviens")
	old := nadia.get(path).form(path + "/depart")
	for range 2 { // sent twice is done once
		nadia.post(path+"/depart", form).wants(http.StatusSeeOther)
	}
	old.Set("taken", "responsable:Linh Nguyễn")
	nadia.post(path+"/depart", old).wants(http.StatusConflict).says("n'est pas noté dans la salle", "parti, avec Mamie Hoa")
	nadia.get(h.path).wants(200).says("Parti, 15 h 05, avec Mamie Hoa")
	nadia.get(path).wants(200).says("Ce qui a été noté", "parti, avec Mamie Hoa (Linh : d'accord, je la préviens)", "Nadia Łukaszewska").hides("Avec qui part")
}

// Whom staff barred is in sight on the register, cannot be chosen, and stops whoever types the name.
func TestBarredPerson(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	var reference string
	h.scan(&reference, "SELECT reference FROM booking_groups ORDER BY id LIMIT 1")
	desk := h.member(account.Staff)
	page := "/equipe/inscriptions/" + reference + "/ne-pas-remettre"
	form := desk.get(page).wants(200).says("Personne n'est noté.").form(page)
	desk.post(page, form).wants(http.StatusUnprocessableEntity)
	form = desk.get(page).form(page)
	form.Set("name", "Tonton Łukasz")
	form.Set("note", "Sa mère, au téléphone")
	desk.post(page, form).leadsTo(page + "?fait=enregistree")
	desk.get(page).wants(200).says("Tonton Łukasz", "Sa mère, au téléphone")

	nadia := h.as("nadia@exemple.fr")
	h.tap(nadia, h.zoe, "present")
	nadia.get(h.path).wants(200).says("Ne pas remettre à : Tonton Łukasz").hides("Sa mère")
	path := fmt.Sprintf("%s/enfants/%d", h.path, h.zoe)
	choice := nadia.get(path).wants(200).says("Ne pas remettre à : Tonton Łukasz").hides("Sa mère")
	if choice.doc.Find(`[value="personne:Tonton Łukasz"]`).Length() != 0 {
		t.Error("who is barred can be chosen")
	}
	form = choice.form(path + "/depart")
	form.Set("taken", "autre")
	form.Set("name", "tonton lukasz")
	form.Set("reason", "Il dit que c'est réglé")
	nadia.post(path+"/depart", form).wants(http.StatusConflict).says("Ne remettez pas l'enfant à tonton lukasz.")

	lift := desk.get(page).form(page + "/lever")
	desk.post(page+"/lever", lift).leadsTo(page + "?fait=enregistree")
	nadia.get(h.path).hides("Ne pas remettre à")
}

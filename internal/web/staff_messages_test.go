package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// The team writes to the families of a session: it sees the mail first, tries it, sends it once, and sees what became of it
// (UX-A3, UX-A10: nothing here needs JavaScript).
func TestMessages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	session := h.session("Robotique", 12)
	h.book(session, "Nguyễn Thị Hồng", "nguyen@exemple.fr", "06 12 34 56 78", "Zoé")
	staff.get(deskSessionPath(session)).wants(200).says("Écrire aux familles")
	const path, sends = "/equipe/messages/nouveau", "/equipe/messages/envoyer"
	form := staff.get(path + "?seance=" + idText(session)).wants(200).form(path)
	staff.post(path, form).wants(422).says("Écrivez l'objet du mail", "Écrivez le texte du mail")
	form.Set("subject", "À samedi, {{enfants}}")
	form.Set("body", "Bonjour {{responsable}},\n\napportez une {{gourde}}.")
	staff.post(path, form).wants(422).says("gourde", "Ligne 3", "Bonjour {{responsable}}")
	form.Set("body", "Bonjour {{responsable}},\n\napportez une gourde.")
	shown := staff.post(path, form).wants(200).says("À samedi, Zoé", "Bonjour Nguyễn Thị Hồng", "Envoyer à 1 famille")

	try := shown.form(sends)
	try.Set("do", "try")
	staff.post(sends, try).wants(200).says("L'essai part à votre adresse", "Envoyer à 1 famille")
	send := shown.form(sends)
	send.Set("do", "send")
	staff.post(sends, send).wants(409) // that key tried it
	send = staff.post(path, form).form(sends)
	send.Set("do", "send")
	staff.post(sends, send).leadsTo("/equipe/messages/1?fait=envoye")
	staff.post(sends, send).leadsTo("/equipe/messages/1?fait=envoye")
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = 'team_wrote' AND payload ->> '$.test' IS NULL`); n != 1 {
		t.Errorf("%d letters, want 1", n)
	}
	staff.get("/equipe/messages/1?fait=envoye").wants(200).says("C'est envoyé", "nguyen@exemple.fr", "Va partir", "apportez une gourde")
	staff.get("/equipe/messages").wants(200).says("À samedi, {{enfants}}", "1 famille")

	// Somebody books meanwhile: nothing leaves unseen, and nothing typed is lost.
	send = staff.post(path, form).form(sends)
	send.Set("do", "send")
	h.book(session, "李", "li@exemple.fr", "06 12 34 56 79", "محمد")
	staff.post(sends, send).wants(409).says("Depuis l'aperçu", "Envoyer à 2 familles", "apportez une gourde")
}

func TestTexts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	const path = "/equipe/messages/modeles/nouveau"
	form := staff.get(path).wants(200).form(path)
	form.Set("name", "Quoi apporter")
	form.Set("subject", "À {{jour}}")
	form.Set("body", "Une gourde pour {{enfants}}")
	staff.post(path, form).wants(422).says("jour", "Quoi apporter")
	form.Set("subject", "À bientôt")
	staff.post(path, form).leadsTo("/equipe/messages/modeles?fait=enregistree")
	list := staff.get("/equipe/messages/modeles").wants(200).says("Quoi apporter", "À bientôt")
	staff.get("/equipe/messages/nouveau?modele=1").wants(200).says("Une gourde pour {{enfants}}", "Quoi apporter")
	one := staff.get("/equipe/messages/modeles/1").form("/equipe/messages/modeles/1")
	two := merged(one, values("name", "Gourde", "form_key", staff.get("/equipe/messages/modeles/1").form("/equipe/messages/modeles/1").Get("form_key")))
	one.Set("name", "Eau")
	staff.post("/equipe/messages/modeles/1", one).wants(303)
	staff.post("/equipe/messages/modeles/1", two).wants(409).says("Quelqu'un d'autre a changé cette fiche", "Nom « Eau »")
	staff.post("/equipe/messages/modeles/1/retirer", list.form("/equipe/messages/modeles/1/retirer")).leadsTo("/equipe/messages/modeles?fait=texte-retire")
	staff.get("/equipe/messages/modeles").wants(200).says("Aucun texte")
}

// The team finds the family that is on the phone.
func TestFamilies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	reference := h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "nguyen@exemple.fr", "06 12 34 56 78", "Zoé", "Łukasz")
	staff.get("/equipe/familles").wants(200).says("Qui cherchez-vous ?")
	staff.get("/equipe/familles?q=NGUYEN+zoe").wants(200).says("Nguyễn Thị Hồng", "Zoé", "2 places", reference, "adresse pas encore confirmée")
	staff.get("/equipe/familles?q=personne").wants(200).says("Aucune famille ne correspond")
}

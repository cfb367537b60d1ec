package web

import (
	"net/url"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

func TestRequestAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(map[string]any{"message": "Une élève en fauteuil", "accessibility": "Plain-pied"})
	h.write(`INSERT INTO request_events (request_id, at, by, kind, text) VALUES (?, '2026-05-04T12:00:00Z', 'team', 'note', 'Rappeler lundi')`, r.id)
	path := DeskRequestPath(r.id)
	h.member(account.Staff).get(path).wants(200).says("École élémentaire Marie-Curie", r.reference, "Rappeler lundi", "Une élève en fauteuil",
		"Plain-pied", "0350122T", "24 jeunes, CM1", "zoe@ecole.exemple.fr", "Proposer des dates", "Attend depuis aujourd'hui", "Décliner")
	h.member(account.Communication).get(path).wants(200).says("École élémentaire Marie-Curie", "Rappeler lundi").
		hides("Proposer des dates", "/decliner", "/note", "/contact\"")
	h.member(account.Facilitator).get(path).wants(403).hides("Marie-Curie")
}

// Each form of the page does its thing and comes back to the page, or shows what is wrong beside what was typed.
func TestFollowARequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(nil)
	path := DeskRequestPath(r.id)
	colleague := h.user("lukasz@exemple.fr", "Łukasz", account.Admin)
	b := h.member(account.Staff)
	for _, act := range []struct {
		name, field, wrong, right, done, says string
	}{
		{"note", "note", " ", "Rappeler Mme Nguyễn", "note", "Rappeler Mme Nguyễn"},
		{"repondre", "message", "", "Avez-vous un écran ?", "message", "Avez-vous un écran ?"},
		{"confier", "person", "987654", idText(colleague), "confiee", "Confiée à"},
		{"prevoir", "day", "1/1/2020", "5/5/2026", "prevue", "Appeler"},
	} {
		form := b.get(path).form(path + "/" + act.name)
		if act.name == "prevoir" {
			form.Set("action", "Appeler")
		}
		form.Set(act.field, act.wrong)
		again := b.post(path+"/"+act.name, form).wants(422)
		if again.doc.Find(`[aria-invalid=true]`).Length() != 1 {
			t.Errorf("%s: %d fields are marked", act.name, again.doc.Find(`[aria-invalid=true]`).Length())
		}
		form.Set(act.field, act.right)
		b.post(path+"/"+act.name, form).leadsTo(path + "?fait=" + act.done)
		b.get(path + "?fait=" + act.done).wants(200).says(act.says)
	}
	var assigned int64
	h.scan(&assigned, "SELECT assigned_to FROM group_requests WHERE id = ?", r.id)
	if assigned != colleague {
		t.Errorf("assigned to %d, want %d", assigned, colleague)
	}
}

// The acts that ask first: declining, and going on without paper.
func TestRequestActs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	b := h.member(account.Staff)
	r := h.request(nil)
	path := DeskRequestPath(r.id) + "/decliner"
	form := b.get(path).wants(200).says("Décliner cette demande ?").form(path)
	b.post(path, form).wants(422).says("Écrivez la raison")
	form.Set("reason", "Personne n'anime ce jour-là")
	b.post(path, form).leadsTo(DeskRequestPath(r.id) + "?fait=declinee")
	b.get(DeskRequestPath(r.id)).wants(200).says("Déclinée", "Personne n'anime ce jour-là").hides("/decliner")
	b.get(path).wants(409)

	r = h.request(map[string]any{"state": "proposed"})
	path = DeskRequestPath(r.id) + "/sans-devis"
	form = b.get(path).wants(200).form(path)
	form.Set("reason", "Payé par la Métropole")
	b.post(path, form).wants(409).says("Aucune date n'est encore fixée", "Payé par la Métropole")

	r = h.request(map[string]any{"state": "accepted"})
	path = DeskRequestPath(r.id) + "/sans-convention"
	b.post(path, b.get(path).wants(200).form(path)).wants(409).says("Aucune date n'est encore fixée")
}

func TestRequestContact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(nil)
	b := h.member(account.Staff)
	path := DeskRequestPath(r.id) + "/contact"
	form := b.get(path).wants(200).form(path)
	for typed, says := range map[string]string{"": "adresse e-mail", "camille": "semble incomplète"} {
		form.Set("email", typed)
		b.post(path, form).wants(422).says(says)
	}
	form.Set("email", "direction@ecole.exemple.fr")
	form.Set("state", "closed") // SEC-22: nothing but the fields of the form counts
	form.Set("assigned_to", "1")
	b.post(path, form).leadsTo(DeskRequestPath(r.id) + "?fait=contact")
	b.get(r.path()).wants(404)
	var row string
	h.scan(&row, "SELECT contact_email || ' ' || state || ' ' || link_version || ' ' || coalesce(assigned_to, '-') FROM group_requests WHERE id = ?", r.id)
	if row != "direction@ecole.exemple.fr received 2 -" {
		t.Errorf("request = %q", row)
	}
}

func TestInboxPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	old := h.request(map[string]any{"reference": "GRP-22222222", "waiting_since": "2026-04-20T08:00:00Z"})
	h.request(map[string]any{"reference": "GRP-33333333", "waiting_since": "2026-05-03T21:00:00Z", "contact_name": "李"})
	h.request(map[string]any{"reference": "GRP-44444444", "state": "closed", "waiting_since": nil})
	b := h.member(account.Communication)
	page := b.get("/equipe/demandes").wants(200).says("2 demandes", "Attend depuis 14 jours", "Attend depuis 1 jour", "Personne ne la suit").hides("GRP-44444444")
	if first := page.doc.Find(".requests a").First().AttrOr("href", ""); first != DeskRequestPath(old.id) {
		t.Errorf("first comes %q, want what waits longest", first)
	}
	b.get("/equipe/demandes?" + url.Values{"etat": {"closed"}, "q": {"marie curie"}}.Encode()).wants(200).says("1 demande").hides("GRP-22222222")
	b.get("/equipe/demandes?q=zzz").wants(200).says("Aucune demande ici")
	b.get("/equipe/demandes?etat=x&suivi=y&page=-4").wants(200).says("2 demandes")
	b.get("/equipe/demandes/tableau").wants(200).says("Reçue", "École élémentaire Marie-Curie")
	b.get("/equipe").wants(200).says("2 demandes de groupe attendent l'équipe", "2 demandes que personne ne suit")
}

// Two people have one request open: who acts second reads first what the other did, loses nothing typed, and may still send it. One's own acts hinder nobody.
func TestTwoPeopleAtOneRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(nil)
	path := DeskRequestPath(r.id)
	h.user("lukasz@exemple.fr", "Łukasz Nguyễn", account.Staff)
	zoe, lukasz := h.member(account.Staff), h.teamBrowser()
	lukasz.signIn("lukasz@exemple.fr")
	for _, act := range []struct{ name, field, typed, done string }{
		{"note", "note", "Rappeler Mme Nguyễn", "note"},
		{"repondre", "message", "Avez-vous un écran ?", "message"},
		{"prevoir", "action", "Appeler la mairie", "prevue"},
		{"confier", "person", idText(h.users["lukasz@exemple.fr"]), "confiee"},
	} {
		to := path + "/" + act.name
		old := with(zoe.get(path).form(to), act.field, act.typed)
		theirs := path + "/note"
		lukasz.post(theirs, with(lukasz.get(path).form(theirs), "note", "Déjà rappelée avant « "+act.name+" »")).leadsTo(path + "?fait=note")
		again := zoe.post(to, old).wants(409).says("a bougé pendant que vous écriviez", "Déjà rappelée avant « "+act.name+" »", "Łukasz Nguyễn").form(to)
		if again.Get(act.field) != act.typed {
			t.Errorf("%s: typed and lost: %v", act.name, again)
		}
		zoe.post(to, again).leadsTo(path + "?fait=" + act.done)
	}
	note := path + "/note"
	one, two := zoe.get(path).form(note), zoe.get(path).form(note)
	zoe.post(note, with(one, "note", "Une")).wants(303)
	zoe.post(note, with(two, "note", "Deux")).wants(303)
}

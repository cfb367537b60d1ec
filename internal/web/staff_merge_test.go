package web

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// UX-A9: the team finds two records of one family, sees them side by side and what becomes of them before anything changes, and takes it back.
func TestMergeFamilies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	session := h.session("Robotique", 12)
	h.book(session, "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé", "Łukasz")
	h.book(session, "Hồng Nguyễn", "hong.perso@exemple.fr", "+33 6 12 34 56 78", "Zoé")
	h.book(session, "Mohamed محمد", "m@exemple.fr", "06 99 99 99 99", "李")
	list := staff.get("/equipe/familles/doublons").wants(200).says("Hồng Nguyễn", "un enfant de même nom", "le même téléphone")
	list.hides("Mohamed")
	path := mergePath(1, 2)
	staff.get(familyPath(2)).says("Doublons possibles", "Nguyễn Thị Hồng", "Comparer")
	a := staff.get(path).wants(200).says("côte à côte", "hong@exemple.fr", "hong.perso@exemple.fr", "Santé", "C'est le même enfant que", "Deux responsables du même enfant")
	if n := h.count("SELECT count(*) FROM access_log WHERE action = 'family.compare' AND record = 'guardian:1'"); n != 1 {
		t.Errorf("%d lines of who looked", n)
	}
	form := a.form(path)
	if form.Get("pair_3") != "1" {
		t.Fatalf("Zoé and Zoé are not thought to be one: %v", form)
	}
	review := staff.post(path, form).wants(200).says("Rien n'a encore changé", "sont la même personne", "Zoé a deux inscriptions à la même séance", "Reste 14 €", "n'ouvriront plus rien")
	keep := review.form(path)
	keep.Set("do", "again")
	staff.post(path, keep).wants(200).says("côte à côte")
	keep.Set("do", "keep")
	staff.post(path, keep).wants(422).says("Choisissez l'inscription à garder")
	if n := h.count("SELECT count(*) FROM merges"); n != 0 {
		t.Fatal("something was merged")
	}
	for _, name := range []string{"double_1"} {
		keep.Set(name, "1")
	}
	keep.Set("form_key", staff.post(path, form).form(path).Get("form_key"))
	for range 2 {
		staff.post(path, keep).leadsTo(familyPath(1) + "?fait=reunies")
	}
	h.sound()
	one := staff.get(familyPath(1)+"?fait=reunies").says("Les fiches sont réunies", "La fiche de Hồng Nguyễn a rejoint celle-ci", "Séparer de nouveau", "Rendue")
	for _, old := range []string{familyPath(2), familyPath(2) + "/contact", mergePath(2, 1), familyPath(2) + "/notes/9/retirer"} {
		staff.get(old).leadsTo(familyPath(1) + "?fait=deja-reunie")
	}
	staff.get(familyPath(1) + "?fait=deja-reunie").says("a été réunie avec celle-ci")
	staff.get(familyPath(7)).wants(404)
	staff.get("/equipe/familles/doublons").says("Aucun doublon")
	undo := one.form(familyPath(1) + "/separer")
	staff.post(familyPath(1)+"/separer", undo).leadsTo(familyPath(1) + "?fait=separees")
	h.sound()
	staff.get(familyPath(2)).wants(200).says("Hồng Nguyễn", "hong.perso@exemple.fr")
	journal := h.member(account.Admin).get(journalPath+"?genre=families").says("fiche qui l'a rejointe : Responsable n° 2", "fiche qui l'a quittée : Responsable n° 2", "Responsable n° 1").hides("Hồng")
	if n := journal.doc.Find(`main td:last-of-type a[href="` + familyPath(2) + `"]`).Length(); n != 2 {
		t.Errorf("%d links from the journal to the record that joined, want 2", n)
	}
	staff.post(familyPath(1)+"/separer", merged(undo, values("form_key", staff.get(familyPath(1)).form(familyPath(1)+"/notes").Get("form_key")))).wants(403)
	if err := h.web.Bookings.UndoMerge(t.Context(), account.Actor{Kind: account.KindUser, ID: 1, Role: account.Staff}, h.key(), 1, 1); !fault.Is(err, fault.Gone, "merge.over") {
		t.Errorf("undone twice: %v", err)
	}

	// Children of two guardians alone, with nothing chosen: it is asked again.
	form = staff.get(path).form(path)
	form.Set("mode", "children")
	form.Set("pair_3", "0")
	staff.post(path, form).wants(409).says("Choisissez au moins un enfant")
	h.member(account.Communication).get(path).wants(403)
}

// Two records of one name are told apart by what else is known, or nobody knows which of them stays.
func TestMergeNamesakes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ what, email, phone, proof, into, from string }{
		{"addresses", "hong.perso@exemple.fr", "06 12 34 56 78", "", "hong@exemple.fr", "hong.perso@exemple.fr"},
		{"numbers", "hong@exemple.fr", "06 12 34 56 79", "", "06 12 34 56 78", "06 12 34 56 79"},
		{"a proof", "hong@exemple.fr", "06 12 34 56 78", "UPDATE guardians SET proved_at = '2027-05-04T12:00:00Z' WHERE id = 1", "adresse confirmée", "adresse non confirmée"},
		{"nothing", "hong@exemple.fr", "06 12 34 56 78", "", "fiche n° 1", "fiche n° 2"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			staff := h.member(account.Staff)
			session := h.session("Robotique", 12)
			h.book(session, "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
			h.book(session, "Nguyễn Thị Hồng", tt.email, tt.phone, "Łukasz")
			if tt.proof != "" {
				h.sql(tt.proof)
			}
			path, into, from := mergePath(1, 2), "Nguyễn Thị Hồng ("+tt.into+")", "Nguyễn Thị Hồng ("+tt.from+")"
			staff.get(path).wants(200).says("La fiche de "+into+" reste. Celle de "+from+" la rejoint.", "Garder plutôt la fiche de "+from)
			staff.post(path, staff.get(path).form(path)).wants(200).says(from + " et " + into + " sont la même personne")
		})
	}
}

// Notes are for staff; a family gets the one that was released, in what it takes away (domain, Family data 3).
func TestFamilyNotes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	h.write("UPDATE guardians SET proved_at = created_at")
	path := familyPath(1) + "/notes"
	form := staff.get(familyPath(1)).says("Aucune note").form(path)
	staff.post(path, form).wants(422).says("Écrivez la note")
	form.Set("text", "Rappeler après 18 h")
	form.Set("child", "1")
	for range 2 {
		staff.post(path, form).leadsTo(familyPath(1) + "?fait=note-ecrite")
	}
	form = staff.get(familyPath(1)).says("Rappeler après 18 h", "à propos de Zoé", "Zoé D'Artagnan-N'Guyen").form(path)
	form.Set("text", "Payé en retard")
	staff.post(path, form).wants(303)
	release := staff.get(familyPath(1)).doc.Find(`form[action$="/communiquer"]`).Last()
	id, _ := release.Find(`input[name=note]`).Attr("value")
	key, _ := release.Find(`input[name=form_key]`).Attr("value")
	staff.post(path+"/communiquer", values("note", id, "form_key", key)).leadsTo(familyPath(1) + "?fait=note-communiquee")
	staff.get(familyPath(1)).says("Communiquée le")
	d, err := h.web.Privacy.Export(t.Context(), account.Guardian(1))
	h.must(err)
	got := ""
	for _, s := range d.Sections {
		for _, r := range s.Rows {
			for _, cell := range r {
				if s.Table == "family_notes" && cell.Column == "text" {
					got += cell.Value.(string)
				}
			}
		}
	}
	if got != "Rappeler après 18 h" {
		t.Errorf("the family gets %q", got)
	}
	drop := path + "/2/retirer"
	staff.post(drop, staff.get(drop).wants(200).says("Payé en retard", "effacée pour de bon").form(drop)).leadsTo(familyPath(1) + "?fait=note-retiree")
	if n := h.count("SELECT count(*) FROM family_notes"); n != 1 {
		t.Errorf("%d notes", n)
	}
	h.sound()
	h.member(account.Communication).get(familyPath(1)).wants(403)
}

// UX-A9: of two records that look alike the team says that they are of two people: the list empties, whatever a guest of one of the addresses books after that, and
// shows them again where it is taken back. Erasing either forgets it.
func TestTellFamiliesApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	session := h.session("Robotique", 12)
	h.book(session, "Zoé D'Artagnan-N'Guyen", "zoe@exemple.fr", "06 12 34 56 78", "Zoé")
	h.book(session, "Łukasz Nguyễn", "lukasz@exemple.fr", "06 12 34 56 78", "Łukasz")
	page := staff.get(suspectsPath).says("le même téléphone", "Ce ne sont pas les mêmes personnes")
	apart := page.form(suspectsPath + "/ecarter")
	for range 2 {
		staff.post(suspectsPath+"/ecarter", apart).leadsTo(suspectsPath + "?fait=ecartee")
	}
	page = staff.get(suspectsPath+"?fait=ecartee").says("La paire est écartée", "Aucun doublon en vue", "Paires écartées", "Łukasz Nguyễn", "Écartée par")
	staff.get(familyPath(1)).hides("Doublons possibles</h2>")
	if n := h.count("SELECT count(*) FROM audit WHERE action = 'family.different' AND record = 'guardian:1' AND details NOT LIKE '%exemple%' AND details NOT LIKE '%Zo%'"); n != 1 {
		t.Errorf("%d lines of the audit", n)
	}
	h.sound()

	// Each booking of a guest is a record: one line for them all, and none about whom they were told apart from.
	for _, title := range []string{"Lutherie", "Couture", "Radio"} {
		h.book(h.session(title, 12), "Zoé D'Artagnan-N'Guyen", "zoe@exemple.fr", "06 12 34 56 78", "Zoé")
	}
	list := staff.get(suspectsPath).says("la même adresse e-mail")
	if n := strings.Count(list.Body, `name="one"`); n != 2 { // the pair, and the one that can be taken back
		t.Errorf("%d pairs", n)
	}

	fresh, _ := list.doc.Find("form[action='" + suspectsPath + "/ecarter'] input[name=form_key]").Attr("value")
	staff.post(suspectsPath+"/reprendre", page.form(suspectsPath+"/reprendre")).leadsTo(suspectsPath + "?fait=reprise-doublon")
	staff.get(suspectsPath).says("Łukasz Nguyễn").hides("Paires écartées")
	apart.Set("other", "1")
	apart.Set("one", "1")
	apart.Set("form_key", fresh)
	staff.post(suspectsPath+"/ecarter", apart).wants(404)
	h.member(account.Communication).get(suspectsPath).wants(403)
}

// Two children of one guardian who have the same name and birthday are told apart like two families, and that is taken back the same way.
func TestTellChildrenApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé", "Łukasz")
	h.write("UPDATE children SET first_name = 'Zoé', name_folded = (SELECT name_folded FROM children ORDER BY id LIMIT 1), birth_date = (SELECT birth_date FROM children ORDER BY id LIMIT 1)")
	apart := staff.get(suspectsPath).says("Nguyễn Thị Hồng", "Ce sont deux enfants").form(suspectsPath + "/ecarter")
	for range 2 {
		staff.post(suspectsPath+"/ecarter", apart).leadsTo(suspectsPath + "?fait=ecartee")
	}
	page := staff.get(suspectsPath).says("Aucun doublon en vue", "Paires écartées", "deux enfants du même nom")
	staff.get(familyPath(1)).hides("Doublons possibles")
	h.sound()
	staff.post(suspectsPath+"/reprendre", page.form(suspectsPath+"/reprendre")).leadsTo(suspectsPath + "?fait=reprise-doublon")
	staff.get(suspectsPath).says("Ce sont deux enfants").hides("Paires écartées")
}

// merge makes one record of the first two guardians, who have the same child, by the pages of the desk.
func (h *house) merge(staff *teamBrowser) {
	h.t.Helper()
	path := mergePath(1, 2)
	keep := staff.post(path, staff.get(path).form(path)).wants(200).form(path)
	keep.Set("do", "keep")
	staff.post(path, keep).leadsTo(familyPath(1) + "?fait=reunies")
}

// What was being written of a record that a colleague merges meanwhile, or removes, is not lost: a note and a payment stand in the forms of the
// record that stays, one click from being kept there.
func TestTypedWhileMerged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	h.book(h.session("Lutherie", 12), "Hồng Nguyễn", "hong.perso@exemple.fr", "06 12 34 56 78", "Zoé")
	var child int64
	h.scan(&child, "SELECT child_id FROM guardianships WHERE guardian_id = 2")
	notes, money := familyPath(2)+"/notes", payerMoneyPath(2, "")
	note := staff.get(familyPath(2)).form(notes)
	note.Set("text", "Rappeler après 18 h, 李 dort")
	note.Set("child", idText(child))
	contact := familyPath(2) + "/contact"
	corrected := staff.get(contact).form(contact)
	corrected.Set("phone", "06 98 76 54 32")
	typed := staff.get(money).form(money)
	typed = merged(typed, values("for", "all", "cents", "14", "mode", "cheque", "reference", "n° 42"))
	h.merge(staff)

	form := staff.post(notes, note).wants(409).says("vient de réunir la fiche", "Nguyễn Thị Hồng").form(familyPath(1) + "/notes")
	if form.Get("text") != note.Get("text") || form.Get("child") == idText(child) || form.Get("child") == "0" || form.Get("child") == "" {
		t.Errorf("the note comes back as %v", form)
	}
	staff.post(familyPath(1)+"/notes", form).leadsTo(familyPath(1) + "?fait=note-ecrite")
	staff.get(familyPath(1)).says("Rappeler après 18 h, 李 dort", "à propos de Zoé")

	staff.get(money).leadsTo(payerMoneyPath(1, "") + "?fait=deja-reunie")
	staff.get(payerMoneyPath(1, "")+"?fait=deja-reunie").says("a été réunie avec celle-ci", "Reste dû : 28 €")
	form = staff.post(money, typed).wants(409).says("vient de réunir cette fiche", "Reste dû : 28 €").form(payerMoneyPath(1, ""))
	if form.Get("cents") != "14" || form.Get("mode") != "cheque" || form.Get("reference") != "n° 42" || h.count("SELECT count(*) FROM payments") != 0 {
		t.Errorf("the payment comes back as %v", form)
	}
	staff.post(payerMoneyPath(1, ""), form).leadsTo(payerMoneyPath(1, "") + "?fait=encaisse")

	for _, do := range []string{"", "keep"} { // before the page that shows the correction again, and after it
		typed := merged(corrected, values("do", do))
		contact := familyPath(1) + "/contact"
		form = staff.post(familyPath(2)+"/contact", typed).wants(409).says("vient de réunir la fiche", "Rien n'est encore changé").form(contact)
		if form.Get("phone") != "06 98 76 54 32" || form.Get("name") != "Hồng Nguyễn" {
			t.Errorf("the correction comes back as %v", form)
		}
		form.Set("name", "Nguyễn Thị Hồng")
		form.Set("email", "hong@exemple.fr")
		if do == "keep" {
			form = staff.post(contact, form).wants(200).says("06 12 34 56 78 → 06 98 76 54 32").form(contact)
			form.Set("do", "keep")
			staff.post(contact, form).leadsTo(familyPath(1) + "?fait=contact-corrige")
		}
	}
	staff.get(familyPath(1)).says("06 98 76 54 32", "hong@exemple.fr")
	h.sound()
}

// A guest's record joins that of the guardian once the mailbox is proved: its pages lead there, and no family that comes later has its number.
func TestPagesOfAGuestWhoIsKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	first := h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	second := h.book(h.session("Lutherie", 12), "Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	staff.get(familyPath(2)).wants(200)
	for _, reference := range []string{first, second} {
		h.must(h.web.Bookings.Prove(t.Context(), h.key(), h.web.Bookings.Sign(booking.LinkMail, reference, 1)))
	}
	if n := h.count("SELECT count(*) FROM guardians"); n != 1 {
		t.Fatalf("%d guardians", n)
	}
	h.book(h.session("Couture", 12), "Mohamed محمد", "m@exemple.fr", "06 99 99 99 99", "李")
	for _, page := range []string{"", "/contact", "/inscrire"} {
		staff.get(familyPath(2) + page).wants(303)
	}
	staff.get(familyPath(2)).leadsTo(familyPath(1) + "?fait=deja-reunie")
	staff.get(payerMoneyPath(2, "")).leadsTo(payerMoneyPath(1, "") + "?fait=deja-reunie")
	staff.get(familyPath(3)).wants(200).says("Mohamed محمد")
	h.sound()
}

// A note that a colleague has removed meanwhile is told so on the page of its family; one for a family that was erased meanwhile is given back.
func TestNoteThatIsGone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	reference := h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	notes := familyPath(1) + "/notes"
	note := staff.get(familyPath(1)).form(notes)
	note.Set("text", "Rappeler après 18 h")
	staff.post(notes, note).wants(303)
	page := staff.get(familyPath(1))
	drop := notes + "/1/retirer"
	one, two := staff.get(drop).form(drop), staff.get(drop).form(drop)
	staff.post(drop, one).leadsTo(familyPath(1) + "?fait=note-retiree")
	const gone = "Cette note n'est plus là"
	staff.post(drop, two).wants(404).says(gone, "Nguyễn Thị Hồng")
	staff.get(drop).wants(404).says(gone)
	release := page.form(notes + "/communiquer")
	staff.post(notes+"/communiquer", release).wants(404).says(gone)
	note = staff.get(familyPath(1)).form(notes)
	note.Set("text", "Un texte déjà écrit")
	_, err := h.web.Privacy.EraseFamily(t.Context(), account.Command(), h.key(), reference)
	h.must(err)
	staff.post(notes, note).wants(404).says("cette famille est effacée", "Un texte déjà écrit")
	staff.get(drop).wants(404)
}

// Who answers the phone reads on the page of a booking what is left to pay, and that the caller may have a record with a carnet already: once they are one, the carnet pays.
func TestCarnetOfAFamilyOnThePhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	first := h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "", "06 12 34 56 78", "Zoé")
	h.pay(1, "50", "cheque", "carnet")
	staff.get("/equipe/inscriptions/"+first).says("14 € · Place de carnet", "et ce qui reste à payer").hides("Une autre fiche ressemble")
	second := h.book(h.session("Lutherie", 12), "Nguyễn Thị Hồng", "", "0612345678", "Zoé")
	staff.get("/equipe/inscriptions/"+second).says("14 € · Reste 14 €", "Une autre fiche ressemble à celle de cette famille")
	h.merge(staff)
	staff.get("/equipe/inscriptions/" + second).says("14 € · Place de carnet").hides("Une autre fiche ressemble")
	h.member(account.Communication).get("/equipe/inscriptions/" + second).hides("14 € ·")
}

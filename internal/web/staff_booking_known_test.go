package web

import (
	"net/url"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// UX-A10, domain, Waiting list 9: a family without e-mail that calls again is booked for the record that the team has: its child is chosen, another one joins it, its carnet
// pays, and there is no second record.
func TestBookByPhoneForAKnownFamily(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	h.session("Lutherie", 2)
	staff := h.member(account.Staff)
	staff.post(phonePath(1), called(staff.get(phonePath(1)).form(phonePath(1)))).wants(303)
	h.pay(1, "50", "cheque", "carnet")

	// From the family to the session, and from the session to the family.
	staff.get(familyPath(1)).says("Inscrire cette famille à une séance")
	list := staff.get(familyBookPath(1)).wants(200).says("李 伟", "Lutherie")
	if list.doc.Find(`a[href="`+knownPhonePath(2, 1)+`"]`).Length() != 1 {
		t.Error("the list does not lead to the form")
	}
	staff.get(phonePath(2)).says("C'est une famille que nous connaissons")
	search := staff.get(searchForPath(2)+"&q=WEI").wants(200).says("Vous inscrivez à", "Aucune famille")
	if got := search.doc.Find("form.filters input[name=seance]").AttrOr("value", ""); got != "2" {
		t.Errorf("the search forgets the session: %q", got)
	}
	found := staff.get(searchForPath(2) + "&q=李").wants(200)
	if found.doc.Find(`a[href="`+knownPhonePath(2, 1)+`"]`).Length() != 1 {
		t.Error("the search does not lead to the form")
	}

	// Everything that is known is there, the only child is ticked, and health that was not asked is asked.
	page := staff.get(knownPhonePath(2, 1)).wants(200).says("李 伟", "+33 6 12 34 56 79", "3 places de carnet", "娜 李", "9 ans", "娜 : allergie").hides("Prénom et nom de la personne")
	form := page.form(phonePath(2))
	if form.Get(kidsField) != "1" || form.Get(knownField) != "1" || form.Has("name") {
		t.Errorf("the form says %v", form)
	}
	nobody := merged(form)
	nobody.Del(kidsField)
	staff.post(phonePath(2), nobody).wants(422).says("Cochez au moins un enfant")

	// Another child is typed, taken out, and typed again.
	added := staff.post(phonePath(2), with(form, "do", "add")).wants(200).says("Un autre enfant").form(phonePath(2))
	if added.Get(kidsField) != "1" || !added.Has("first_name_1") {
		t.Errorf("with another child the form says %v", added)
	}
	fewer := staff.post(phonePath(2), with(merged(added), "do", "remove-1")).wants(200).form(phonePath(2))
	if fewer.Has("first_name_1") {
		t.Errorf("without it the form says %v", fewer)
	}
	both := with(added, "first_name_1", "Łukasz", "last_name_1", "Nguyễn", "birth_1_day", "3", "birth_1_month", "9", "birth_1_year", "2017", "leaves_1", "me", "health_1", "no",
		"health_k1", "yes", "health_text_k1", "Arachides")
	staff.post(phonePath(2), both).wants(422).says("Demandez l'accord de la famille")
	both.Set("health_consent_k1", "yes")
	booked := ""
	for range 2 {
		booked = staff.post(phonePath(2), both).wants(303).Header.Get("Location")
	}
	staff.get(booked).says("C'est enregistré", "娜 李", "Łukasz Nguyễn", "Place de carnet")
	for what, query := range map[string]string{
		"guardian": "SELECT count(*) FROM guardians", "record of the child": "SELECT count(*) FROM children WHERE first_name = '娜'",
		"new child of theirs":   "SELECT count(*) FROM guardianships x JOIN children c ON c.id = x.child_id WHERE x.guardian_id = 1 AND c.first_name = 'Łukasz'",
		"consent to keep it":    "SELECT count(*) FROM consents WHERE purpose = 'health' AND child_id = 1 AND answer = 'yes'",
		"line of the audit":     "SELECT count(*) FROM audit WHERE action = 'booking.book' AND record = 'session:2'",
		"health that was given": "SELECT count(*) FROM children WHERE id = 1 AND health_text = 'Arachides'",
	} {
		if n := h.count(query); n != 1 {
			t.Errorf("%d times: %s", n, what)
		}
	}
	if n := h.count("SELECT count(*) FROM outbox"); n != 0 {
		t.Errorf("%d messages to nobody", n)
	}
	staff.get(payerMoneyPath(1, "")).says("À jour · 1 place de carnet")

	// Who is in the session already is said, with the way there, and cannot be ticked.
	page = staff.get(knownPhonePath(2, 1)).wants(200).says("娜 est déjà sur cette séance").hides("Arachides")
	if n := page.doc.Find(".desk-form button:not([name])").Length(); n != 0 {
		t.Errorf("%d buttons would book nobody", n)
	}
	if page.doc.Find(`input[name="`+kidsField+`"]`).Length() != 0 {
		t.Error("a child can be ticked twice")
	}
	again := page.form(phonePath(2))
	again.Set(kidsField, "1")
	staff.post(phonePath(2), again).wants(422)
	h.sound()
	h.member(account.Communication).get(familyBookPath(1)).wants(403)
	staff.get(knownPhonePath(2, 987654)).wants(404)
}

// The rules hold for a known family as for a new one: the list where it is full, a reason for an age outside the range, a child of nobody else; who has an address gets
// the mail, and what is known about health is neither asked nor shown.
func TestKnownFamilyKeepsTheRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	full := h.session("Lutherie", 1)
	h.book(1, "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé D'Artagnan", "Ánh D'Artagnan")
	h.book(full, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Élie Żak")
	h.write("UPDATE children SET birth_date = '2003-01-01' WHERE id = 2")
	staff := h.member(account.Staff)
	page := staff.get(knownPhonePath(full, 1)).wants(200).says("Zoé D'Artagnan", "Il n'y a pas assez de places", "hong@exemple.fr").hides("arachides", "allergie")
	form := page.form(phonePath(full))
	if form.Has(kidsField) {
		t.Error("one of two is ticked by nobody")
	}
	form.Set(kidsField, "1")
	staff.post(phonePath(full), form).wants(422).says("choisissez ce que vous faites")
	waits := staff.post(phonePath(full), with(form, "if_full", "wait")).wants(303).Header.Get("Location")
	staff.get(waits).says("1re Zoé D'Artagnan")
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ? AND guardian_id = 1", outbox.WaitingJoined); n != 1 {
		t.Errorf("%d mails say that they wait", n)
	}
	form = staff.get(knownPhonePath(full, 1)).form(phonePath(full))
	form.Set(kidsField, "2")
	form.Set("if_full", "wait")
	page = staff.post(phonePath(full), form).wants(422).says("accueille les jeunes")
	if got := page.form(phonePath(full)).Get(kidsField); got != "2" {
		t.Errorf("the child comes back as %q", got)
	}
	staff.post(phonePath(full), with(page.form(phonePath(full)), "reason", "Vient avec sa sœur")).wants(303)
	stranger := staff.get(knownPhonePath(full, 1)).form(phonePath(full))
	stranger.Set(kidsField, "3")
	stranger.Set("if_full", "wait")
	staff.post(phonePath(full), stranger).wants(409).says("n'est plus sur cette fiche")
	h.sound()
}

// What was typed for a family is not lost where a colleague merges its record meanwhile, or erases it.
func TestBookKnownWhileMerged(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé")
	reference := h.book(h.session("Lutherie", 12), "Hồng Nguyễn", "hong.perso@exemple.fr", "06 12 34 56 78", "Zoé")
	third := h.session("Couture", 12)
	h.write("UPDATE children SET health_state = 'to_ask', health_text = ''")
	staff := h.member(account.Staff)
	path := phonePath(third)
	form := staff.post(path, with(staff.get(knownPhonePath(third, 2)).form(path), "do", "add")).form(path)
	form = with(form, "first_name_1", "Łukasz", "last_name_1", "Nguyễn", "birth_1_day", "3", "birth_1_month", "9", "birth_1_year", "2016", "leaves_1", "me", "health_1", "no", "health_k2", "unsaid")
	h.merge(staff)
	staff.get(knownPhonePath(third, 2)).leadsTo(knownPhonePath(third, 1) + "&fait=deja-reunie")
	staff.get(familyBookPath(2)).leadsTo(familyBookPath(1) + "?fait=deja-reunie")
	again := staff.post(path, form).wants(409).says("vient de réunir cette fiche", "Nguyễn Thị Hồng").form(path)
	if again.Get(knownField) != "1" || again.Get(kidsField) != "1" || again.Get("first_name_1") != "Łukasz" || again.Get("health_k1") != "unsaid" {
		t.Errorf("the form comes back as %v", again)
	}
	if n := h.count("SELECT count(*) FROM bookings WHERE session_id = ?", third); n != 0 {
		t.Errorf("%d bookings", n)
	}
	typed := merged(again)
	staff.post(path, again).wants(303)
	if n := h.count("SELECT count(*) FROM bookings WHERE session_id = ?", third); n != 2 {
		t.Errorf("%d bookings", n)
	}
	h.sound()

	_, err := h.web.Privacy.EraseFamily(t.Context(), account.Command(), h.key(), reference)
	h.must(err)
	fresh := staff.get(path).form(path)
	typed.Set("form_key", fresh.Get("form_key"))
	again = staff.post(path, typed).wants(409).says("ont été effacées").form(path)
	if again.Has(knownField) || again.Has(kidsField) || again.Get("first_name_1") != "Łukasz" || !again.Has("phone") {
		t.Errorf("the form of an erased family comes back as %v", again)
	}
}

// Who corrects how to reach the family on the way finds the form that books it as it was: what was ticked and typed, of which nothing stands in an
// address. No script is needed (UX-A9).
func TestContactCorrectedOnTheWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	second := h.session("Lutherie", 12)
	h.book(1, "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé D'Artagnan", "Ánh D'Artagnan")
	staff := h.member(account.Staff)
	path, contact := phonePath(second), familyPath(1)+"/contact"
	typed := staff.post(path, with(staff.get(knownPhonePath(second, 1)).wants(200).form(path), "do", "add")).wants(200).form(path)
	typed = with(typed, kidsField, "2", "first_name_1", "Łukasz", "health_1", "yes", "health_text_1", "Arachides", "do", "contact")
	kept := func(a *answer) url.Values {
		t.Helper()
		form := a.wants(200).form(path)
		for name, want := range map[string]string{kidsField: "2", knownField: "1", "first_name_1": "Łukasz", "health_1": "yes", "health_text_1": "Arachides"} {
			if form.Get(name) != want {
				t.Errorf("%s: %q comes back, want %q", name, form.Get(name), want)
			}
		}
		return form
	}
	detour := staff.post(path, typed).wants(200).says("Corriger les coordonnées de la famille", "Revenir à l'inscription").form(contact)
	kept(staff.post(contact, with(merged(detour), "phone", "?", "do", "leave")))
	detour = staff.post(contact, with(merged(detour), "phone", "?")).wants(422).form(contact)
	review := staff.post(contact, with(detour, "phone", "07 12 34 56 78")).wants(200).form(contact)
	again := staff.post(contact, with(merged(review), "do", "again")).wants(200).form(contact)
	kept(staff.post(contact, with(again, "do", "leave")).hides("Les coordonnées sont enregistrées"))
	form := kept(staff.post(contact, with(merged(review), "do", "keep")).says("Les coordonnées sont enregistrées", "07 12 34 56 78"))
	if n := h.count("SELECT count(*) FROM guardians WHERE phone = '07 12 34 56 78'"); n != 1 {
		t.Error("the number is not corrected")
	}
	form.Del("first_name_1")
	staff.post(path, form).wants(303)

	// From the page of the family one comes back there.
	staff.get(contact).wants(200).says("Ne rien changer").hides("Revenir à l'inscription")
}

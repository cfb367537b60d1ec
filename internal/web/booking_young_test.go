package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// advanced publishes a session for ages 10 to 18 on 9 May 2026 at 14:00 in Lyon.
func (s *site) advanced(capacity int) int64 {
	s.t.Helper()
	return s.sessionOf(catalog.Workshop{
		Title: "Arduino", Level: "Avancé", Discipline: "robotique", MinAge: 10, MaxAge: 18, Capacity: 12, DurationMinutes: 120,
	}, catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: capacity, PriceCents: 1400})
}

// bornOn is the first screen of Zoé with a birth date.
func bornOn(day, month, year string) url.Values {
	return merged(zoe, values("birth_1_day", day, "birth_1_month", month, "birth_1_year", year))
}

var herself = values("young_email", "zoe.jeune@exemple.fr", "name", "Nguyễn Thị Hồng", "phone", "06 12 34 56 78", "email", "hong@exemple.fr")

// RGPD-6: who is 15 today may book for themselves, and gives seven answers; a guardian is required, told, and asked for the rest by mail. Neither the young
// person's page nor their copy answers for the guardian (domain, Family data 7).
func TestBookForThemselvesAsAGuest(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := "/inscription/" + idText(s.advanced(12))
	b := s.browser()
	page := b.get(session).want(200)
	care := b.post(page.path, page.fill("", bornOn("4", "5", "2011"))).want(200, "Santé et sécurité", "C'est vous, Zoé", "Je m'inscris moi-même")
	who := b.post(care.path, values("do", "self", formKeyField, care.fill("", nil).Get(formKeyField))).want(200, "Vous et une personne responsable", "Son adresse e-mail")
	if who.path != session+"/coordonnees" {
		t.Errorf("asked at %s", who.path)
	}
	who.wantNot("Santé", "En cas d'urgence", "repart")
	if n := who.Find("[required], [aria-required=true]").Length(); n != 4 {
		t.Errorf("%d required answers about the addresses, want 4", n)
	}
	b.post(who.path, who.fill("", merged(herself, values("email", "")))).want(422, "Un point est à corriger")
	b.post(who.path, who.fill("", merged(herself, values("young_email", "")))).want(422, "Un point est à corriger")
	b.post(who.path, who.fill("", merged(herself, values("email", "Zoe.Jeune@exemple.fr")))).want(422, "pas la vôtre")
	check := b.post(who.path, who.fill("", herself)).want(200, "Vérifiez", "zoe.jeune@exemple.fr", "hong@exemple.fr", "santé, départ, photos", "14 €")
	check.wantNot("Allergies", "Urgence")
	// « Modifier » leads back to the check page in one step (UX-P7), and no screen before asks for what was spared.
	b.get(session+"/coordonnees").want(200, "Vous et une personne responsable")
	done := b.post(check.path, check.fill("", nil)).want(200, "C'est réservé pour Zoé", "Une personne responsable de vous a reçu un message")
	done.wantNot("hong@exemple.fr", "Compléter l'inscription", "autre enfant", "Quelques chiffres")
	b.get(done.path + "/completer").want(404)
	b.get(done.path + "/chiffres").want(404)
	for what, n := range map[string]int{
		`SELECT count(*) FROM outbox WHERE recipient = 'hong@exemple.fr'`: 1, `SELECT count(*) FROM outbox WHERE recipient = 'zoe.jeune@exemple.fr'`: 1,
		`SELECT count(*) FROM consents`: 0, `SELECT count(*) FROM children WHERE health_state = 'to_ask'`: 1,
	} {
		if got := s.count(what); got != n {
			t.Errorf("%s = %d, want %d", what, got, n)
		}
	}

	// The guardian, from their mail.
	reference := strings.Split(done.path, "/")[2]
	mailed := bookingPath(s.web.Bookings.Sign("booking-mail", reference, 1))
	parent := s.browser()
	own := parent.get(mailed).want(200, "Il vous reste quelques questions", "Compléter l'inscription", "Ne plus envoyer de copie", "zoe.jeune@exemple.fr")
	stop := values(formKeyField, own.Find(`form[action$="/copies"] input[name=form_key]`).AttrOr("value", ""))
	parent.post(mailed+"/copies", stop).want(200).wantNot("zoe.jeune@exemple.fr", "Ne plus envoyer de copie")
	form := parent.get(mailed+"/completer").want(200, "Zoé a fait cette inscription")
	parent.post(form.path, form.fill("", values("leaves", "alone", "health", "no"))).want(200, "Merci, c'est noté")
	parent.get(mailed).want(200).wantNot("Il vous reste quelques questions")
	if s.count(`SELECT count(*) FROM consents WHERE purpose = 'leave_alone' AND answer = 'yes'`) != 1 {
		t.Error("the guardian's permission is not kept")
	}
	s.sound()
}

// RGPD-6: who is 14 and 364 days is not asked, and a forged form is refused; a parent of somebody older answers no more than before.
func TestTooYoungToBookForThemselves(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := "/inscription/" + idText(s.advanced(12))
	b := s.browser()
	page := b.get(session)
	care := b.post(page.path, page.fill("", bornOn("5", "5", "2011"))).want(200, "Santé et sécurité")
	care.wantNot("moi-même", "C'est vous")
	b.post(care.path, care.fill("", values("do", "self"))).want(422, "à partir de 15 ans")
	b.get(session+"/coordonnees").want(200, "Santé et sécurité")

	// Two children are booked by a parent.
	page = b.get(session)
	two := b.post(page.path, page.fill("", merged(bornOn("4", "5", "2009"), values("do", "add")))).want(200, "Enfant 2")
	care = b.post(two.path, two.fill("", merged(ali, values("birth_2_year", "2013")))).want(200, "Santé et sécurité")
	care.wantNot("moi-même")
	b.post(care.path, care.fill("", values("do", "self"))).want(422, "à partir de 15 ans")

	// A parent of a 15-year-old leaves the offer aside; who took it may hand the form back, and then is asked all.
	other := s.browser()
	page = other.get(session)
	care = other.post(page.path, page.fill("", bornOn("4", "5", "2011")))
	who := other.post(care.path, values("do", "self", formKeyField, care.fill("", nil).Get(formKeyField))).want(200, "Vous et une personne responsable")
	care = other.post(who.path, who.fill("", values("do", "guardian"))).want(200, "Santé et sécurité")
	who = other.post(care.path, care.fill("", values("health_1", "no", "leaves_1", "me"))).want(200, "Vos coordonnées")
	check := other.post(who.path, who.fill("", contact)).want(200, "Vérifiez")
	// The birth date that is made younger on the way back takes the young person's way away, whatever the draft says.
	other.post(check.path, check.fill("", nil)).want(200, "C'est réservé pour Zoé")
	if s.count(`SELECT count(*) FROM booking_groups WHERE young_email IS NOT NULL`) != 0 {
		t.Error("a parent's booking counts as a young person's")
	}

	late := s.browser()
	page = late.get(session)
	care = late.post(page.path, page.fill("", merged(bornOn("4", "5", "2011"), values("first_name_1", "Łukasz"))))
	who = late.post(care.path, values("do", "self", formKeyField, care.fill("", nil).Get(formKeyField)))
	late.post(who.path, who.fill("", herself)).want(200, "Vérifiez")
	page = late.get(session)
	late.post(page.path, page.fill("", values("birth_1_year", "2012"))).want(200, "Santé et sécurité").wantNot("moi-même")
	late.post(check.path, check.fill("", nil)).want(200, "Santé et sécurité")
	s.sound()
}

// young gives Zoé of a household, who is 15, a space of her own and signs her in.
func (h *household) young() *browser {
	h.t.Helper()
	h.sql(`UPDATE children SET birth_date = '2011-05-09' WHERE id = 1`)
	h.edits(h.b, "/compte/enfants/1/espace", "email", "jeune@exemple.fr").want(200, "Fermer son espace")
	b := h.browser()
	h.enter(b, "jeune@exemple.fr")
	return b
}

// A young person with a space of their own books in two screens, sees and gives up what they booked, and nothing else; the guardian is told (RGPD-6; UX-P3).
func TestYoungPersonBooks(t *testing.T) {
	t.Parallel()
	h := newHousehold(t)
	id := h.sessionOf(catalog.Workshop{
		Title: "Arduino", Level: "Avancé", Discipline: "robotique", MinAge: 10, MaxAge: 18, Capacity: 12, DurationMinutes: 120,
	}, catalog.SessionRequest{Date: "2026-05-16", Starts: "14:00", Ends: "16:00", Capacity: 1, PriceCents: 1400})
	zoe := h.young()
	zoe.get("/inscription/"+idText(h.session)).want(200, "Vous êtes déjà sur cette séance", "Mon espace")
	page := zoe.get("/inscription/"+idText(id)).want(200, "Vous inscrire", "Zoé D'Artagnan-N'Guyen", "15 ans", "14 €", "Les personnes responsables de vous sont prévenues")
	if page.path != "/inscription/"+idText(id)+"/moi" || page.Find("[required]").Length() != 0 {
		t.Errorf("asked at %s", page.path)
	}
	// A guest and a guardian have nothing to do there.
	for _, b := range []*browser{h.browser(), h.b} {
		if at := b.get(page.path); at.path == page.path {
			t.Errorf("%s opens to others", page.path)
		}
	}
	sent := page.fill("", nil)
	done := zoe.post(page.path, sent).want(200, "C'est réservé pour Zoé", "samedi 16 mai 2026", "Une personne responsable de vous a reçu un message")
	if again := zoe.post(page.path, sent).want(200); again.path != done.path {
		t.Errorf("sent twice: %s, then %s", done.path, again.path)
	}
	for _, secret := range []string{"Camille", "camille@exemple.fr", "06 12 34 56 78", "Arachides", "Łucja", "passeport"} {
		if strings.Contains(done.body, secret) {
			t.Errorf("the young person's booking shows %q", secret)
		}
	}
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'booking_confirmed' AND recipient = 'camille@exemple.fr' AND payload ->> '$.by_young'`) != 1 {
		t.Error("the guardian was not told")
	}
	h.browser().get(done.path).want(200, "Entrer dans mon espace")
	h.b.get("/compte").want(200, "Arduino")
	zoe.get("/compte/moi").want(200, "Arduino", "Voir, déplacer ou annuler cette inscription")

	give := zoe.get(done.path + "/annuler").want(200)
	zoe.post(give.path, give.fill("", nil)).want(200)
	if h.count(`SELECT count(*) FROM outbox WHERE kind = 'booking_cancelled' AND recipient IN ('camille@exemple.fr', 'jeune@exemple.fr')`) != 2 {
		t.Error("not both learn that the place was given up")
	}

	// Full: the list is asked for, never joined unasked.
	page = zoe.get("/inscription/" + idText(id) + "/moi")
	h.sql(`UPDATE workshops SET min_age = 6`)
	h.booked(id, "autre@exemple.fr", booking.Wishes{}, "李")
	full := zoe.post(page.path, page.fill("", nil)).want(409, "Cette séance vient de se remplir")
	zoe.post(full.path, full.fill("", values("if_full", "wait"))).want(200, "sur la liste d'attente")
	h.soundFamilies()
}

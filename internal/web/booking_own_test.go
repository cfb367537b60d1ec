package web

import (
	"net/url"
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// back is a browser in which a family that booked once has signed in again by its mail.
func (s *site) back(session int64, email string, names ...string) *browser {
	s.t.Helper()
	s.booked(session, email, booking.Wishes{}, names...)
	b := s.browser()
	s.enter(b, email)
	return b
}

// sound fails the test unless all invariants hold that a database can show.
func (s *site) sound() {
	s.t.Helper()
	breaches, err := upkeep.Verify(s.t.Context(), s.db)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, breach := range breaches {
		s.t.Error(breach)
	}
}

// ownChildren are the ids of the children of an address, in the order in which they were booked.
func (s *site) ownChildren(email string) (ids []string) {
	s.t.Helper()
	for i := range s.count(`SELECT count(*) FROM children c JOIN guardianships x ON x.child_id = c.id JOIN guardians g ON g.id = x.guardian_id WHERE g.email = ?`, email) {
		ids = append(ids, idText(int64(s.count(`SELECT c.id FROM children c JOIN guardianships x ON x.child_id = c.id JOIN guardians g ON g.id = x.guardian_id
			WHERE g.email = ? ORDER BY c.id LIMIT 1 OFFSET ?`, email, i))))
	}
	return ids
}

// A family that comes back ticks its children, reads what it said before, and confirms: three screens, nothing typed again, and
// no second record of anybody (UX-P3; issue 6, point 3).
func TestBookAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	next := s.edition(session, "2026-05-16", 6)
	ids := s.ownChildren("zoe@exemple.fr")

	page := b.get("/inscription/"+idText(next)).want(200, "Qui vient cette fois", "Étape 1 sur 2", "Zoé Nguyễn", "Łukasz Nguyễn")
	b.post(page.path, page.fill("", nil)).want(422, "Cochez au moins un enfant")
	check := b.post(page.path, page.fill("", url.Values{"enfant": ids})).want(200, "Vérifiez", "Étape 2 sur 2", "Comme la dernière fois", "06 12 34 56 78", "zoe@exemple.fr", "28 €")
	check.wantNot("finir plus tard")
	sent := check.fill("", nil)
	booked := b.post(check.path, sent).want(200, "C'est réservé pour Zoé et Łukasz", "samedi 16 mai 2026")
	// A double click, Back and a second tab end at the same booking (I4).
	if again := b.post(check.path, sent).want(200, "C'est réservé"); again.path != booked.path {
		t.Errorf("booked at %s, then at %s", booked.path, again.path)
	}
	if again := b.get(check.path); again.path != booked.path {
		t.Errorf("Back leads to %s", again.path)
	}
	for what, n := range map[string]int{`SELECT count(*) FROM guardians`: 1, `SELECT count(*) FROM children`: 2, `SELECT count(*) FROM bookings`: 4} {
		if got := s.count(what); got != n {
			t.Errorf("%s = %d, want %d", what, got, n)
		}
	}
	// It moves from there too: the mailbox is proved.
	third := s.edition(session, "2026-05-23", 6)
	move := b.get(booked.path+"/autre-seance").want(200, "samedi 23 mai 2026")
	b.post(move.path, move.fill("", values("session", idText(third)))).want(200, "samedi 23 mai 2026", "C'est réservé")

	// Who is there already is said by name, with the way to the booking (I3, UX-P17); a stranger on the same phone sees nobody.
	b.get("/inscription/"+idText(third)).want(200, "Zoé est déjà sur cette séance", "Voir l'inscription", "Łukasz est déjà sur cette séance")
	s.browser().get("/inscription/"+idText(third)).want(200, "Qui participe", "Déjà venus").wantNot("Zoé")
	s.sound()
}

// Health that is no more known is asked again, with its consent, and what is changed on the way is the family's from then on;
// a new child joins it. Names, health and addresses of a family are for who is signed in alone (SEC-23; domain, Family data 8).
func TestBookAgainAsksWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé")
	s.sql(`UPDATE children SET health_state = 'to_ask'`)
	next := s.edition(session, "2026-05-16", 6)
	page := b.get("/inscription/" + idText(next))
	page = b.post(page.path, page.fill("", values("do", "add"))).want(200, "Un autre enfant")
	form := page.fill("", merged(values("first_name_1", "Ali", "last_name_1", "Nguyễn", "birth_1_day", "1", "birth_1_month", "2", "birth_1_year", "2018")))
	form["enfant"] = s.ownChildren("zoe@exemple.fr")
	care := b.post(page.path, form).want(200, "Santé et sécurité", "Zoé", "Ali")
	care.wantNot("Comme la dernière fois", "finir plus tard")
	check := b.post(care.path, care.fill("", values("health_1", "yes", "health_2", "no", "leaves_2", "alone"))).want(200, "Vérifiez")

	// The same child once more, under their eyes, is said to be there.
	other := b.get("/inscription/" + idText(s.edition(session, "2026-05-30", 6)))
	other = b.post(other.path, other.fill("", values("do", "add")))
	twice := other.fill("", merged(values("first_name_1", "Zoé", "last_name_1", "Nguyễn", "birth_1_day", "1", "birth_1_month", "3", "birth_1_year", "2017")))
	twice["enfant"] = s.ownChildren("zoe@exemple.fr")
	b.post(other.path, twice).want(422, "Cet enfant est déjà dans la liste")

	// Somebody else who finds the browser after they signed out learns nothing.
	b.post(check.path, check.fill("", values("health_text_1", "arachides", "health_consent_1", "yes"))).want(200, "C'est réservé pour Zoé et Ali")
	if s.count(`SELECT count(*) FROM children WHERE first_name = 'Zoé' AND health_text = 'arachides'`) != 1 || s.count(`SELECT count(*) FROM children`) != 2 {
		t.Error("the answers are not the family's")
	}
	again := b.get("/inscription/" + idText(s.edition(session, "2026-05-23", 6)))
	again = b.post(again.path, again.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr")})).want(200, "Vérifiez")
	leave := b.get("/compte")
	b.post("/compte/deconnexion", leave.fill("/compte/deconnexion", nil))
	for _, path := range []string{again.path, strings.TrimSuffix(again.path, "/verification"), strings.TrimSuffix(again.path, "/verification") + "/coordonnees"} {
		b.get(path).want(200, "Qui participe").wantNot("Zoé", "06 12 34 56 78", "arachides")
	}
}

// What a family changed while a booking was begun holds: a form of before brings back no consent, no person and no number, and an
// answer given on the way stays (issue 6: two tabs, two devices; RGPD-4).
func TestBookAgainKeepsWhatWasChangedMeanwhile(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé")
	s.sql(`UPDATE consents SET answer = 'yes' WHERE purpose = 'image'`)
	s.sql(`INSERT INTO pickup_persons (child_id, guardian_id, name) SELECT child_id, guardian_id, 'Un ancien ami' FROM guardianships`)
	page := b.get("/inscription/" + idText(s.edition(session, "2026-05-16", 6)))
	check := b.post(page.path, page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr")})).want(200, "Vérifiez", "Un ancien ami", "06 12 34 56 78")

	s.sql(`INSERT INTO consents (child_id, guardian_id, purpose, answer, text_version, given_at)
		SELECT child_id, guardian_id, purpose, 'no', text_version, '2026-05-04T09:00:00Z' FROM consents WHERE purpose = 'image'`)
	s.sql(`DELETE FROM pickup_persons`)
	s.sql(`UPDATE guardians SET phone = '07 00 00 00 00'`)
	b.get(check.path).want(200, "07 00 00 00 00").wantNot("Un ancien ami", "06 12 34 56 78")
	b.post(check.path, check.fill("", nil)).want(200, "C'est réservé pour Zoé")
	for what, n := range map[string]int{`SELECT count(*) FROM pickup_persons`: 0, `SELECT count(*) FROM guardians WHERE phone = '07 00 00 00 00'`: 1,
		`SELECT count(*) FROM consents WHERE purpose = 'image'`: 2} {
		if got := s.count(what); got != n {
			t.Errorf("%s = %d, want %d", what, got, n)
		}
	}
}

// What a guest typed on a browser joins no family because somebody signs in on it: it is booked as a guest's (domain, Family data 6).
func TestGuestsAnswersStayAGuests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé")
	next := s.edition(session, "2026-05-16", 6)
	b := s.browser()
	care := b.get("/inscription/" + idText(next))
	care = b.post(care.path, care.fill("", values("first_name_1", "Zoé", "last_name_1", "Nguyễn", "birth_1_day", "3", "birth_1_month", "9", "birth_1_year", "2017"))).want(200, "Santé et sécurité")
	s.enter(b, "zoe@exemple.fr")
	b.post(care.path, care.fill("", values("health_1", "no", "leaves_1", "alone"))).want(200, "Vos coordonnées")
	if n := s.count(`SELECT count(*) FROM drafts WHERE guardian_id IS NOT NULL`); n != 0 {
		t.Error("what a guest typed became the family's")
	}
}

// A series is booked in one go; where a session is full it is asked what then, and never split silently (UX-P2).
func TestBookSeries(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé")
	first, second, third := s.edition(session, "2026-05-16", 6), s.edition(session, "2026-05-23", 6), s.edition(session, "2026-05-30", 1)
	s.booked(third, "autre@exemple.fr", booking.Wishes{}, "李")
	s.sql(`INSERT INTO series (id, title, created_at) VALUES (7, 'Les samedis', '2026-05-01T08:00:00Z')`)
	s.sql(`UPDATE sessions SET series_id = 7 WHERE id IN (?, ?, ?)`, first, second, third)

	page := b.get("/inscription/"+idText(first)).want(200, "autres séances du cycle", "samedi 23 mai", "samedi 30 mai", "Complet")
	form := page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr"), "seance": {idText(second), idText(third)}})
	check := b.post(page.path, form).want(200, "Vérifiez", "Et aussi", "samedi 23 mai 2026", "28 € en tout, pour 2 séances", "pas assez de places samedi 30 mai")
	again := b.post(check.path, check.fill("", nil)).want(422, "Choisissez ce que vous préférez")
	b.post(again.path, again.fill("", values("if_full_"+idText(third), "wait"))).want(200, "samedi 16 mai 2026", "samedi 23 mai 2026", "samedi 30 mai 2026")
	list := func(id int64) string {
		l, err := s.web.Bookings.SessionBookings(t.Context(), account.Command(), id)
		if err != nil {
			t.Fatal(err)
		}
		return l.Bookings[len(l.Bookings)-1].Status
	}
	// Two children and one seat: the same choices as anywhere, and who is there already is counted in none.
	fourth := s.edition(session, "2026-06-06", 2)
	s.booked(fourth, "encore@exemple.fr", booking.Wishes{}, "Nguyễn")
	s.sql(`UPDATE sessions SET series_id = 7 WHERE id = ?`, fourth)
	s.booked(s.edition(session, "2026-06-13", 6), "deux@exemple.fr", booking.Wishes{}, "محمد", "Łukasz")
	two := s.browser()
	s.enter(two, "deux@exemple.fr")
	page = two.get("/inscription/" + idText(second))
	form = page.fill("", url.Values{"enfant": s.ownChildren("deux@exemple.fr"), "seance": {idText(fourth)}})
	check = two.post(page.path, form).want(200, "Prendre la place", "Attendre des places ensemble, ou rien", "Ne pas venir à cette séance")
	two.post(check.path, check.fill("", values("if_full_"+idText(fourth), "split"))).want(200, "samedi 6 juin 2026")
	if n := s.count(`SELECT count(*) FROM bookings WHERE session_id = ? AND status = 'confirmed'`, fourth); n != 2 {
		t.Errorf("%d seats are taken, want both", n)
	}
	if list(first) != "confirmed" || list(second) != "confirmed" || list(third) != "waiting" {
		t.Errorf("the sessions are %s, %s, %s", list(first), list(second), list(third))
	}
	s.sound()
}

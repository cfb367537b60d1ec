package web

import (
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// The team sees a family on one page, with the seats it did not use as facts (issue 7, point 5).
func TestDeskFamily(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	session := h.session("Robotique", 12)
	reference := h.book(session, "Nguyễn Thị Hồng", "nguyen@exemple.fr", "06 12 34 56 78", "Zoé", "Łukasz")
	path := familyPath(1)
	staff.get("/equipe/familles?q=hong").wants(200).says("Nguyễn Thị Hồng")
	if at, _ := staff.get("/equipe/inscriptions/" + reference).doc.Find(`a[href="` + path + `"]`).Attr("href"); at != path {
		t.Error("the booking does not lead to its family")
	}
	staff.get(path).wants(200).says("Nguyễn Thị Hồng", "06 12 34 56 78", "nguyen@exemple.fr", "adresse pas encore confirmée", "Zoé", "Łukasz", reference, "2 places", "Places non utilisées", "Aucune.")

	// One is given up the day before, for the other nobody came.
	var starts string
	h.scan(&starts, "SELECT starts_at FROM sessions WHERE id = ?", session)
	begin, err := time.Parse(time.RFC3339, starts)
	h.must(err)
	h.clock.Set(begin.Add(-26 * time.Hour))
	var first, second int64
	h.scan(&first, "SELECT min(id) FROM bookings")
	h.scan(&second, "SELECT max(id) FROM bookings")
	h.must(h.web.Bookings.CancelFor(t.Context(), account.Command(), h.key(), reference, []int64{first}))
	h.write(`INSERT INTO participants (session_id, booking_id) VALUES (?, ?)`, session, second)
	h.write(`INSERT INTO marks (entry_key, participant_id, action, at, recorded_at, author_id) VALUES ('a', 1, 'absent', ?1, ?1, 1)`, starts)
	h.clock.Set(begin.Add(24 * time.Hour))
	staff = h.member(account.Staff)
	staff.get(path).says("Zoé, Robotique", "place rendue 26 heures avant", "Łukasz, Robotique", "absence sans prévenir")
	staff.get("/equipe/familles?q=hong").says("1 place rendue", "1 absence sans prévenir")
	staff.get(familyPath(99)).wants(404)
	h.member(account.Communication).get(path).wants(403)
}

// Contacts that were typed wrong are corrected after one more look (ACC-6): another address is nobody's proved mailbox, and what went
// to the old one opens nothing.
func TestCorrectContact(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "nguyem@exemple.fr", "06 12 34 56 78", "Zoé")
	path := familyPath(1) + "/contact"
	form := staff.get(path).wants(200).form(path)
	form.Set("phone", "06")
	if got := staff.post(path, form).wants(422).form(path); got.Get("email") != "nguyem@exemple.fr" || got.Get("phone") != "06" {
		t.Errorf("typed and lost: %v", got)
	}
	form.Set("phone", "+33 6 12 34 56 79")
	form.Set("email", "nguyen@exemple.fr")
	review := staff.post(path, form).wants(200).says("Vérifiez avant d'enregistrer", "nguyem@exemple.fr → nguyen@exemple.fr", "n'ouvriront plus rien", "partiront à nguyen@exemple.fr")
	keep := review.form(path)
	again := merged(keep, values("do", "again"))
	if got := staff.post(path, again).wants(200).form(path); got.Get("email") != "nguyen@exemple.fr" || got.Get("phone") != "+33 6 12 34 56 79" {
		t.Errorf("typed and lost: %v", got)
	}
	if n := h.count("SELECT count(*) FROM guardians WHERE email = 'nguyem@exemple.fr'"); n != 1 {
		t.Fatal("changed before it was kept")
	}
	keep.Set("do", "keep")
	for range 2 {
		staff.post(path, keep).leadsTo(familyPath(1) + "?fait=contact-corrige")
	}
	staff.get(familyPath(1)+"?fait=contact-corrige").says("Les coordonnées sont enregistrées", "nguyen@exemple.fr", "+33 6 12 34 56 79")
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ? AND recipient = 'nguyen@exemple.fr' AND payload ->> '$.link_version' = 2", outbox.BookingRepeated); n != 1 {
		t.Errorf("%d mails with the new link", n)
	}
	if n := h.count("SELECT count(*) FROM outbox WHERE recipient = 'nguyem@exemple.fr' AND state <> 'withdrawn'"); n != 0 {
		t.Errorf("%d mails still leave for the old address", n)
	}
	var details string
	h.scan(&details, "SELECT details FROM audit WHERE action = 'family.correct'")
	if !strings.Contains(details, `["phone","email"]`) || strings.Contains(details, "exemple") {
		t.Errorf("the audit says %s", details)
	}
	h.sound()

	// Two correct at once: the second learns of it, and keeps what they typed.
	one, two := staff.get(path).form(path), staff.get(path).form(path)
	one.Set("name", "Nguyễn Hồng")
	one.Set("do", "keep")
	staff.post(path, one).wants(303)
	two.Set("phone", "06 00 00 00 00")
	two.Set("do", "keep")
	if got := staff.post(path, two).wants(409).says("ont changé entre-temps").form(path); got.Get("phone") != "06 00 00 00 00" {
		t.Errorf("typed and lost: %v", got)
	}
}

// The team moves a booking to another session, and gives back what unproved addresses hold, after one more look (issue 7, point 5).
func TestMoveAndReleaseAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	session := h.session("Robotique", 1)
	reference := h.book(session, "Nguyễn Thị Hồng", "", "06 12 34 56 78", "Zoé")
	var other int64
	h.write(`INSERT INTO sessions (workshop_id, venue_id, starts_at, ends_at, capacity, price_cents, status, opens_at, closes_at, created_at, updated_at)
		SELECT workshop_id, venue_id, strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+7 days'), strftime('%Y-%m-%dT%H:%M:%SZ', ends_at, '+7 days'), 5, price_cents, status, opens_at,
		       strftime('%Y-%m-%dT%H:%M:%SZ', starts_at, '+7 days'), created_at, updated_at FROM sessions WHERE id = ?`, session)
	h.scan(&other, "SELECT max(id) FROM sessions")
	path := "/equipe/inscriptions/" + reference + "/changer"
	staff.get("/equipe/inscriptions/" + reference).says("Changer de séance")
	form := staff.get(path).wants(200).says("dites-lui la nouvelle date au téléphone", "Il reste 5 places. 14 €, à régler sur place").form(path)
	staff.post(path, form).wants(422)
	form.Set("session", idText(other))
	for range 2 {
		staff.post(path, form).leadsTo("/equipe/inscriptions/" + reference + "?fait=changee")
	}
	if n := h.count("SELECT count(*) FROM bookings WHERE status = 'confirmed' AND session_id = ?", other); n != 1 {
		t.Errorf("%d seats in the other session", n)
	}
	form.Set("form_key", staff.get(path).form(path).Get("form_key")) // a form of before a colleague moved it
	staff.post(path, form).wants(409).says("a déjà changé de séance")
	staff.get("/equipe/inscriptions/"+reference).says("Inscription faite", "Arrivée de la séance du")

	second := h.book(session, "Łukasz", "lukasz@exemple.fr", "06 12 34 56 79", "Ada")
	list := staff.get(unprovedPath).wants(200).says("lukasz@exemple.fr", "Ada", second, "8 places en même temps", "cette limite ne s'applique pas à l'équipe", "Choisir la séance où inscrire une famille")
	form = list.form(unprovedPath)
	staff.post(unprovedPath, form).wants(422).says("Choisissez au moins une inscription")
	form.Set("reference", second)
	keep := staff.post(unprovedPath, form).wants(200).says("Rien n'a encore changé", "lukasz@exemple.fr").form(unprovedPath)
	keep.Set("do", "keep")
	for range 2 {
		staff.post(unprovedPath, keep).leadsTo(unprovedPath + "?fait=rendues")
	}
	staff.get(unprovedPath+"?fait=rendues").says("Les places sont rendues", "ont une adresse confirmée")
	h.member(account.Communication).get(unprovedPath).wants(403)
}

// UX-A8: what somebody of the team found on the map for a family on the phone counts as looked up; it is audited without what it is, and no address is asked.
func TestLookUpADistrict(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	staff := h.member(account.Staff)
	h.book(h.session("Robotique", 12), "Nguyễn Thị Hồng", "hong@exemple.fr", "06 12 34 56 78", "Zoé", "Łukasz")
	h.book(1, "Mohamed محمد", "m@exemple.fr", "06 99 99 99 99", "李")
	path := familyPath(1) + "/quartier"
	form := staff.get(familyPath(1)).says("Quartier prioritaire cherché au téléphone", "l'adresse n'est gardée nulle part").form(path)
	staff.post(path, form).wants(422).says("Choisissez ce que dit la carte")
	staff.post(path, with(form, "qpv", "yes", "qpv_child", "3")).wants(422).says("Choisissez un enfant de cette famille")
	for range 2 {
		staff.post(path, with(form, "qpv", "yes", "qpv_child", "2")).leadsTo(familyPath(1) + "?fait=quartier")
	}
	staff.get(familyPath(1) + "?fait=quartier").says("La réponse est notée")
	if n := h.count("SELECT count(*) FROM children WHERE qpv = 'yes' AND qpv_method = 'looked_up' AND qpv_zoning = 2024 AND id = 2"); n != 1 {
		t.Error("the answer was not kept")
	}
	if n := h.count("SELECT count(*) FROM audit WHERE action = 'family.look_up_qpv' AND record = 'child:2' AND details NOT LIKE '%yes%'"); n != 1 {
		t.Errorf("%d lines of the audit", n)
	}
	if n := h.count("SELECT count(*) FROM children WHERE qpv IS NOT NULL"); n != 1 {
		t.Errorf("%d children have an answer", n)
	}
	h.sound()
	h.member(account.Communication).post(path, form).wants(403)
}

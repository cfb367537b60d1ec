package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
)

// called is a family on the phone, nine years after the birth of its child.
func called(form url.Values, fields ...string) url.Values {
	return with(form, append([]string{"first_name_1", "娜", "last_name_1", "李", "birth_1_day", "3", "birth_1_month", "9", "birth_1_year", "2016",
		"name", "李 伟", "phone", "+33 6 12 34 56 79"}, fields...)...)
}

// sound fails the test when an invariant is broken.
func (h *house) sound() {
	h.t.Helper()
	breaches, err := upkeep.Verify(h.t.Context(), h.db)
	h.must(err)
	for _, breach := range breaches {
		h.t.Error(breach)
	}
}

// A family without e-mail is booked by phone: nothing is sent, and the page says what to tell it (domain, Waiting list 9).
func TestBookByPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 2)
	b := h.member(account.Staff)
	const path = "/equipe/seances/1/inscrire"
	b.get("/equipe/seances/1").says("Inscrire une famille par téléphone")
	a := b.get(path).wants(200).says("Il reste 2 places.", "À demander plus tard")
	form := called(a.form(path))
	page := ""
	for range 2 {
		page = b.post(path, form).wants(303).Header.Get("Location")
	}
	b.get(page).says("C'est enregistré", "娜 李", "Place réservée", "Cette famille n'a pas d'e-mail", "la référence ADA-", "au téléphone, par Zoé D'Artagnan-N'Guyen")
	if n := h.count("SELECT count(*) FROM bookings"); n != 1 {
		t.Errorf("sent twice it books %d", n)
	}
	if n := h.count("SELECT count(*) FROM outbox"); n != 0 {
		t.Errorf("%d messages to nobody", n)
	}
	if n := h.count("SELECT count(*) FROM children WHERE health_state = 'to_ask'"); n != 1 {
		t.Error("what was not asked is not « à demander »")
	}
	// The same child again is told with its booking.
	b.post(path, called(b.get(path).form(path))).wants(409).says("est déjà inscrit à cette séance", "ADA-")

	// With an address, in English, a mail confirms it; health is kept with the consent that was given.
	form = called(b.get(path).form(path), "first_name_1", "Łukasz", "email", " lukasz@exemple.fr ", "language", "en", "health_1", "yes",
		"health_text_1", "Arachides", "health_consent_1", "yes", "leaves_1", "other", "pickup_names_1", "Mamie Łucja, Paul Nguyễn")
	b.post(path, form).wants(303)
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ? AND language = 'en' AND recipient = 'lukasz@exemple.fr'", outbox.BookingConfirmed); n != 1 {
		t.Errorf("%d mails confirm it", n)
	}
	if n := h.count("SELECT count(*) FROM children c JOIN consents o ON o.child_id = c.id AND o.purpose = 'health' WHERE c.health_text = 'Arachides'"); n != 1 {
		t.Error("health is not kept with its consent")
	}
	if n := h.count("SELECT count(*) FROM pickup_persons"); n != 2 {
		t.Errorf("%d may come for the child", n)
	}
	h.sound()
}

// Every mistake is told beside its box, and nothing typed is lost (UX-P6).
func TestWrongPhoneBooking(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 2)
	b := h.member(account.Staff)
	const path = "/equipe/seances/1/inscrire"
	typed := called(b.get(path).form(path), "birth_1_day", "31", "birth_1_month", "2", "phone", "bientôt", "email", "lukasz@", "health_1", "yes", "leaves_1", "other")
	a := b.post(path, typed).wants(422).says("Écrivez ce que l'équipe doit savoir")
	if got := a.doc.Find("title").Text(); !strings.HasPrefix(got, "Erreur") {
		t.Errorf("title %q", got)
	}
	form := a.form(path)
	for name := range typed {
		if form.Get(name) != typed.Get(name) && name != formKeyField {
			t.Errorf("%s = %q, want %q", name, form.Get(name), typed.Get(name))
		}
	}
	for _, id := range []string{"birth_1_day", "phone", "email", "health_text_1", "pickup_names_1"} {
		if a.doc.Find("#"+id+"[aria-invalid]").Length() != 1 {
			t.Errorf("nothing is said beside %s", id)
		}
	}
	b.post(path, with(form, "health_text_1", "Arachides")).wants(422).says("Demandez l'accord de la famille")

	// A brother is added with what they share, and taken away again, without sending anything.
	form = with(typed, "do", "add")
	a = b.post(path, form).wants(200)
	if got := a.form(path); got.Get("last_name_2") != "李" || got.Get("first_name_1") != "娜" || got.Get("leaves_2") != "other" {
		t.Errorf("after another child the form says %v", got)
	}
	a = b.post(path, with(a.form(path), "first_name_2", "Élie", "health_2", "yes", "health_text_2", "Pollen", "do", "remove-1")).wants(200)
	if got := a.form(path); got.Get("first_name_1") != "Élie" || got.Get("health_text_1") != "Pollen" || got.Has("first_name_2") {
		t.Errorf("without the first child the form says %v", got)
	}
	if n := h.count("SELECT count(*) FROM bookings"); n != 0 {
		t.Errorf("%d bookings", n)
	}
}

// Where seats are too few the team asks: the list, with wishes, or one more with a reason; so is an age outside the range.
func TestBookByPhoneBeyondTheRules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 1)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan")
	b := h.member(account.Staff)
	const path = "/equipe/seances/1/inscrire"
	a := b.get(path).says("Il reste 0 place.", "Donner 1 place en plus", "Inscrire sans redemander")
	b.post(path, called(a.form(path))).wants(422).says("choisissez ce que vous faites")
	waits := b.post(path, called(a.form(path), "if_full", "wait", "unasked", "yes")).wants(303).Header.Get("Location")
	b.get(waits).says("1re 娜 李", "Sans redemander")

	a = b.get(path).says("1 enfant attend")
	form := called(a.form(path), "first_name_1", "Ánh", "if_full", "over")
	a = b.post(path, form).wants(422).says("Dites pourquoi")
	over := b.post(path, with(a.form(path), "reason", "La salle est grande")).wants(303).Header.Get("Location")
	b.get(over).says("Au-delà des règles, par Zoé D'Artagnan-N'Guyen : « La salle est grande ».", "Décision au-delà des règles")

	// Five years old: said beside the reason, which is asked only then.
	open := h.sessionOf(catalog.Workshop{Title: "Musique", Level: "Initiation", Discipline: "musique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 60},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "10:00", Ends: "11:00", Capacity: 4})
	young := phonePath(open)
	a = b.get(young)
	if a.doc.Find("#reason").Length() > 0 {
		t.Error("a reason is asked before one is needed")
	}
	a = b.post(young, called(a.form(young), "birth_1_year", "2020")).wants(422).says("accueille les jeunes de 6 à 12 ans")
	page := b.post(young, with(a.form(young), "reason", "Vient avec sa sœur")).wants(303).Header.Get("Location")
	b.get(page).says("Hors de l'âge", "Vient avec sa sœur")
	h.sound()

	// After the start it is the register's.
	h.clock.Set(time.Date(2026, 5, 9, 12, 30, 0, 0, time.UTC))
	b = h.member(account.Staff)
	b.get(path).wants(410)
}

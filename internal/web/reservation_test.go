package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// Domain, Capacity 8: the public page and the API do not count as free what is kept for a partner, say so, and are made again at the
// instant at which it joins the rest, though nothing was written.
func TestPagesOfReservedSeats(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sessionOf(catalog.Workshop{Title: "Robotique", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 5, ReservedSeats: 3, ReservedFor: "Centre social d'Éléonore & <Łukasz>", ReservedUntil: "2026-05-07"})
	b := s.browser()
	const sentence = "3 places sont réservées à un partenaire, Centre social d'Éléonore & <Łukasz>, jusqu'à la fin du jeudi 7 mai 2026."
	until := time.Date(2026, 5, 7, 22, 0, 0, 0, time.UTC)
	for range 2 {
		s.clock.Set(until.Add(-time.Second))
		b.get("/seances/1").want(200, "Il reste 2 places", sentence)
		b.get("/en/seances/1").want(200, "3 places are kept for a partner, Centre social d'Éléonore & <Łukasz>")
		if body := b.get("/api/v1/sessions/1").want(200).body; !strings.Contains(body, `"places_left":2`) {
			t.Errorf("the API says %s", body)
		}
	}
	b.get("/seances").want(200, "2 places")
	s.clock.Set(until)
	b.get("/seances/1").want(200, "Il reste 5 places").wantNot("réservées")
	if body := b.get("/api/v1/sessions/1").want(200).body; !strings.Contains(body, `"places_left":5`) {
		t.Errorf("the API says %s", body)
	}
}

// Staff keep seats on the form of the session, and book the partner's families on them; what is wrong is told beside the boxes.
func TestKeepSeatsForAPartner(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 3)
	h.book(id, "Camille", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan")
	b := h.member(account.Staff)
	const path, phone = "/equipe/seances/1/modifier", "/equipe/seances/1/inscrire"
	form := b.get(path).wants(200).says("Places réservées à un partenaire").form(path)
	kept := with(form, "reserved_seats", "3", "reserved_for", "Centre social Łukasiewicz", "reserved_until", "2026-05-09")
	a := b.post(path, kept).wants(422).says("Choisissez la veille de la séance")
	a = b.post(path, with(a.form(path), "reserved_until", "2026-05-08")).wants(422).says("Places que personne n'a encore : 2.")
	for name, typed := range map[string]string{"reserved_seats": "3", "reserved_for": "Centre social Łukasiewicz", "reserved_until": "2026-05-08"} {
		if got := a.form(path).Get(name); got != typed {
			t.Errorf("%s = %q, want %q", name, got, typed)
		}
	}
	b.post(path, with(a.form(path), "reserved_seats", "deux")).wants(422).says("Écrivez combien de places sont réservées")
	b.post(path, with(a.form(path), "reserved_seats", "2")).leadsTo("/equipe/seances/1?fait=enregistree")
	b.get("/equipe/seances/1").says("2 pour Centre social Łukasiewicz, jusqu'à la fin du vendredi 8 mai 2026 ; prises : 0, encore gardées : 2")
	if got := b.get(path).form(path).Get("reserved_until"); got != "2026-05-08" {
		t.Errorf("the form shows %q", got)
	}

	// There is no seat for anybody else now; for a family of the partner there is.
	a = b.get(phone).wants(200).says("Il reste 0 place", "Places réservées à Centre social Łukasiewicz", "Il en reste 2")
	b.post(phone, called(a.form(phone))).wants(422).says("Il n'y a pas assez de places")
	b.post(phone, called(a.form(phone), "reserved", "yes")).wants(303)
	b.get("/equipe/seances/1").says("Place réservée à Centre social Łukasiewicz.", "prises : 1, encore gardées : 1")
	if n := h.count("SELECT count(*) FROM bookings WHERE reserved = 1 AND override_by IS NULL AND status = 'confirmed'"); n != 1 {
		t.Errorf("%d on the kept seats", n)
	}
	// More children than kept seats: asked back, everything typed kept.
	two := url.Values{"do": {"add"}}
	for name, values := range called(b.get(phone).form(phone), "reserved", "yes") {
		two[name] = values
	}
	a = b.post(phone, two).wants(200)
	a = b.post(phone, with(a.form(phone), "first_name_1", "Élie", "first_name_2", "Ánh", "birth_2_day", "4", "birth_2_month", "9", "birth_2_year", "2016")).
		wants(422).says("Places réservées qui restent : 1.")
	if got := a.form(phone); got.Get("reserved") != "yes" || got.Get("first_name_2") != "Ánh" {
		t.Errorf("what was typed is lost: %v", got)
	}
	// Fewer than are taken cannot be kept, and the capacity cannot be less than what is taken and kept.
	b.post(path, with(b.get(path).form(path), "reserved_seats", "", "reserved_for", "", "reserved_until", "")).wants(422).
		says("Places réservées que des familles de ce partenaire ont déjà prises : 1.")
	b.post(path, with(b.get(path).form(path), "capacity", "2")).wants(422).says("3 places sont déjà prises ou réservées, dont 1 gardées pour Centre social Łukasiewicz")
	// Fewer kept seats than before go to the list at once.
	h.book(id, "Nguyễn", "anh@exemple.fr", "06 00 00 00 02", "Ánh Nguyễn")
	b.post(path, with(b.get(path).form(path), "reserved_seats", "1")).wants(303)
	if n := h.count("SELECT count(*) FROM outbox WHERE kind = ?", outbox.SeatOffered); n != 1 {
		t.Errorf("%d mails offer the seat, want 1", n)
	}
	h.sound()
}

// Two people change a session at a time: the second sees what became of the kept seats, and loses nothing typed.
func TestStaleEditOfReservedSeats(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.session("Robotique", 12)
	first, second := h.member(account.Staff), h.member(account.Admin)
	const path = "/equipe/seances/1/modifier"
	stale := with(second.get(path).form(path), "reserved_seats", "2", "reserved_for", "École Żółć", "reserved_until", "2026-05-07")
	first.post(path, with(first.get(path).form(path), "reserved_seats", "4", "reserved_for", "Centre social", "reserved_until", "2026-05-08")).wants(303)
	a := second.post(path, stale).wants(409).says("Quelqu'un d'autre a changé cette fiche", "« 4 »", "« Centre social »")
	again := a.form(path)
	for _, name := range []string{"reserved_seats", "reserved_for", "reserved_until"} {
		if again.Get(name) != stale.Get(name) {
			t.Errorf("%s = %q, want what was typed", name, again.Get(name))
		}
	}
	second.post(path, again).wants(303)
	if n := h.count("SELECT reserved_seats FROM sessions"); n != 2 {
		t.Errorf("%d seats are kept", n)
	}
}

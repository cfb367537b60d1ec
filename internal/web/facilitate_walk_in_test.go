package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// typed adds answers to a form.
func typed(form url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return form
}

// atTheDoor is a child as a facilitator types it in.
func atTheDoor(form url.Values, first, last string) url.Values {
	return typed(form, "first_name", first, "last_name", last, "birth_day", "3", "birth_month", "mars", "birth_year", "2017", "phone", "06 12 34 56 78")
}

// UX-F6: a child without a seat is let in from the register, and the guardian completes the rest on their own phone by the
// code on the screen, which opens nothing else.
func TestWalkInToCompletion(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	b.get(h.path).wants(http.StatusOK).says("Ajouter un enfant")
	door := h.path + "/ajouter"
	form := b.get(door).wants(http.StatusOK).form(door)
	if form.Get("arrived") != "14:05" {
		t.Errorf("arrives at %q, want now", form.Get("arrived"))
	}
	b.post(door, atTheDoor(form, "李", "娜"))
	var booking int64
	h.scan(&booking, "SELECT max(id) FROM bookings")
	page := b.get(childPath(h.session, booking)).wants(http.StatusOK).says("李 娜", "Présent, 14 h 05", "À compléter par le responsable", "Responsable de 李")
	link := page.doc.Find("a.qr").AttrOr("href", "")
	path := link[strings.Index(link, "/inscriptions"):]
	if len(page.doc.Find("a.qr path").AttrOr("d", "")) < 500 {
		t.Error("there is no code to scan")
	}

	parent := h.teamBrowser()
	parent.get(strings.TrimSuffix(path, "/completer")).wants(http.StatusNotFound)
	questions := parent.get(path).wants(http.StatusOK).says("Compléter l'inscription de 李", "Qui appeler en cas d'urgence").hides("06 12 34 56 78", "娜")
	answers := typed(questions.form(path), "name", "Łucja D'Artagnan-N'Guyen", "email", "lucja@exemple.fr", "emergency", "other", "leaves", "other",
		"pickup_names", "Tonton محمد", "image", "no", "health", "yes", "health_text", "Asthme", "health_consent", "yes")
	wrong := parent.post(path, answers).wants(http.StatusUnprocessableEntity).says("Asthme")
	if form := wrong.form(path); form.Get("pickup_names") != "Tonton محمد" || form.Get("leaves") != "other" || form.Get("health_consent") != "yes" {
		t.Errorf("kept %v", form)
	}
	if wrong.doc.Find(".error-summary li").Length() != 2 {
		t.Errorf("problems: %s", wrong.text(".error-summary"))
	}
	parent.post(path, typed(wrong.form(path), "emergency_name", "李 Wei", "emergency_phone", "07 11 22 33 44")).leadsTo(path)
	parent.get(path).wants(http.StatusOK).says("Merci, c'est noté").hides("lucja@exemple.fr")
	b.get(h.path).wants(http.StatusOK).says("Asthme", "Tonton محمد", "Łucja D'Artagnan-N'Guyen", "李 Wei", "07 11 22 33 44", "9 ans Présent, 14 h 05 Santé : à lire Pas de photo")
	if got := h.count("SELECT count(*) FROM outbox WHERE kind = 'walked_in' AND recipient = 'lucja@exemple.fr'"); got != 1 {
		t.Errorf("%d mails to the address that was given, want 1 (I9)", got)
	}
	b.get(childPath(h.session, booking)).wants(http.StatusOK).hides("À compléter par le responsable")
	h.clock.Advance(27 * time.Hour)
	parent.get(path).wants(http.StatusGone) // whoever was in the room may have scanned the code
}

// UX-F6, UX-P6: « 4e enfant pour 3 places : confirmer ? » keeps all that was typed, and one tap confirms it. What is wrong is
// said beside its box.
func TestWalkInAsks(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	h.write("UPDATE sessions SET capacity = 3 WHERE id = ?", h.session)
	b := h.as("nadia@exemple.fr")
	door := h.path + "/ajouter"
	wrong := b.post(door, typed(b.get(door).form(door), "first_name", "Zoé", "birth_day", "31", "birth_month", "2", "birth_year", "2017", "arrived", "25:00", "email", "zoe@")).
		wants(http.StatusUnprocessableEntity)
	if n := wrong.doc.Find(".error-summary li").Length(); n != 5 {
		t.Errorf("%d problems: %s", n, wrong.text(".error-summary"))
	}
	if form := wrong.form(door); form.Get("birth_day") != "31" || form.Get("first_name") != "Zoé" || form.Get("arrived") != "25:00" || form.Get("email") != "zoe@" {
		t.Errorf("kept %v", form)
	}
	asked := b.post(door, typed(atTheDoor(wrong.form(door), "Zoé", "D'Artagnan"), "arrived", "14h02", "email", "zoe@exemple.fr", "birth_year", "2024")).
		wants(http.StatusConflict).says("4e enfant pour 3 places : confirmer ?", "2 ans, pour une séance de 6 à 12 ans")
	form := asked.form(door)
	if form.Get("last_name") != "D'Artagnan" || form.Get("birth_month") != "mars" || form.Get("phone") != "06 12 34 56 78" {
		t.Errorf("kept %v", form)
	}
	b.post(door, form)
	var booking int64
	h.scan(&booking, "SELECT max(id) FROM bookings")
	b.get(h.path).wants(http.StatusOK).says("Zoé D'Artagnan", "Présent, 14 h 02", "4 inscrits")
	var reason string
	var by int64
	h.scan(&reason, "SELECT override_reason FROM bookings WHERE id = ?", booking)
	h.scan(&by, "SELECT override_by FROM bookings WHERE id = ?", booking)
	if reason == "" || by != h.nadia {
		t.Errorf("overridden by %d, %q", by, reason)
	}
}

// The day after, the blank lines of the paper sheet are typed in with their hours; then it is too late.
func TestPaperLineTheDayAfter(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	h.clock.Set(time.Date(2026, 5, 10, 19, 0, 0, 0, time.UTC))
	b := h.as("nadia@exemple.fr")
	door := h.path + "/ajouter"
	form := b.get(door).wants(http.StatusOK).form(door)
	if form.Get("arrived") != "14:00" {
		t.Errorf("arrives at %q, want the start", form.Get("arrived"))
	}
	b.post(door, typed(atTheDoor(form, "Łukasz", "Şahin"), "arrived", "14:20"))
	b.get(h.path).says("Łukasz Şahin", "Présent, 14 h 20")
	h.clock.Set(time.Date(2026, 5, 10, 22, 30, 0, 0, time.UTC))
	h.as("nadia@exemple.fr").get(door).wants(http.StatusForbidden)
}

// I3: a child who is on the register already leads to its row.
func TestWalkInWhoIsExpected(t *testing.T) {
	t.Parallel()
	h := newSaturday(t)
	b := h.as("nadia@exemple.fr")
	door := h.path + "/ajouter"
	form := typed(atTheDoor(b.get(door).form(door), "zoe", "d'artagnan-n'guyen"), "birth_day", "9", "birth_month", "5")
	b.post(door, form).leadsTo(h.path + "#" + registerAnchor(h.zoe))
	if got := h.count("SELECT count(*) FROM children"); got != 3 {
		t.Errorf("%d children, want 3", got)
	}
	b.get(h.path).wants(http.StatusOK).says("Présent, 14 h 05")
}

package web

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

func TestRequestPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.request(nil)
	s.write(`INSERT INTO request_events (request_id, at, by, kind, text) VALUES (?, '2026-05-04T12:00:00Z', 'team', 'note', 'Rappeler lundi')`, r.id)
	b := s.browser()
	page := b.get(r.path()).want(200, "École élémentaire Marie-Curie", "Découvrir les robots", r.reference, "Reçue", "Demande reçue",
		"L'équipe cherche qui peut animer", "Reçue : fait", "Dates : en cours", "Devis : à venir")
	page.wantNot("Rappeler lundi", "Donner mon avis", "agenda")
	b.get("/demandes/" + r.reference + "/" + madeUp).want(404).wantNot("Marie-Curie")
	b.get(r.path() + "/agenda.ics").want(404)
}

// Every state shows where it stands; two that are over show no row of steps.
func TestRequestPageInEveryState(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.browser()
	for state, says := range map[string]string{
		"received": "propose des dates", "proposed": "choisissez une date", "quoted": "donnez votre accord", "accepted": "fixer les dates",
		"agreed": "fixer les dates", "done": "Donner mon avis", "closed": "Donner mon avis", "declined": "n'a pas pu répondre", "withdrawn": "Rien n'est engagé",
	} {
		change := map[string]any{"state": state}
		if state == "proposed" || state == "quoted" {
			change["waiting_since"] = nil
		}
		page := b.get(s.request(change).path()).want(200, says)
		if over := state == "declined" || state == "withdrawn"; (page.Find(".way").Length() == 0) != over {
			t.Errorf("%s: %d rows of steps", state, page.Find(".way").Length())
		}
		if may := strings.Contains("received proposed quoted accepted agreed", state); (page.Find(`a[href$="/retirer"]`).Length() == 1) != may {
			t.Errorf("%s: the request can be withdrawn: %v", state, !may)
		}
	}
}

func TestRequestWithdraw(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.request(nil)
	b := s.browser()
	page := b.get(r.path()+"/retirer").want(200, "Retirer cette demande ?")
	form := page.fill("/retirer", url.Values{"reason": {strings.Repeat("é", 2001)}})
	page = b.post(r.path()+"/retirer", form).want(422, "trop long")
	if kept := page.fill("/retirer", nil).Get("reason"); len(kept) < 2001 {
		t.Error("what was typed is lost")
	}
	form = page.fill("/retirer", url.Values{"reason": {"L'école ferme"}})
	for range 2 { // a double click
		b.post(r.path()+"/retirer", form).want(200, "Votre demande est retirée", "Retirée", "L'école ferme")
	}
	b.get(r.path()+"/retirer").want(409, "a changé entre-temps")
	if n := s.count("SELECT count(*) FROM request_events WHERE kind = 'withdrawn'"); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

func TestRequestFeedback(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.request(map[string]any{"state": "done", "waiting_since": nil})
	b := s.browser()
	page := b.get(r.path()+"/avis").want(200, "Que devrions-nous changer ?")
	page = b.post(r.path()+"/avis", page.fill("/avis", url.Values{"comment": {"Plus de robots !"}})).want(422, "Choisissez une réponse")
	form := page.fill("/avis", url.Values{"rating": {"3"}})
	if form.Get("comment") != "Plus de robots !" {
		t.Error("what was typed is lost")
	}
	b.post(r.path()+"/avis", form).want(200, "Merci pour votre avis").wantNot("Plus de robots", "Donner mon avis")
	b.get(r.path()+"/avis").want(409, "déjà arrivé")
	b.get(s.request(nil).path()+"/avis").want(409, "n'a pas encore eu lieu")
	if n := s.count("SELECT rating FROM feedbacks WHERE comment = 'Plus de robots !'"); n != 3 {
		t.Errorf("rating %d, want 3", n)
	}
}

// The dates that are fixed, under names that stay the same, and without the link that opens the request.
func TestRequestCalendar(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.request(map[string]any{"state": "agreed", "waiting_since": nil})
	session := s.session("Robots", 24)
	s.write("UPDATE sessions SET request_id = ? WHERE id = ?", r.id, session)
	b := s.browser()
	b.get(r.path()).want(200, "Mettre les dates dans mon agenda")
	file := b.get(r.path() + "/agenda.ics")
	for _, part := range []string{"UID:demande-" + r.reference + "-" + idText(session) + "@", "SUMMARY:Robots", "DTSTART;TZID=Europe/Paris:20260509T140000"} {
		if !strings.Contains(file.body, part) {
			t.Errorf("the file lacks %q:\n%s", part, file.body)
		}
	}
	if strings.Contains(file.body, r.link.Signature) {
		t.Error("the file opens the request")
	}
	if again := b.get(r.path() + "/agenda.ics"); again.body != file.body {
		t.Error("the same dates give another file")
	}
	// Once it has begun nothing is offered that cannot be done any more.
	b.get(r.path()).want(200, "Demander d'autres dates", "Retirer la demande")
	s.clock.Set(time.Date(2026, 5, 9, 12, 30, 0, 0, time.UTC))
	b.get(r.path()).want(200).wantNot("Demander d'autres dates", "Retirer la demande")
	b.get(r.path()+"/retirer").want(409, "a déjà commencé")
	b.get(r.path() + "/autres-dates").want(200).wantNot("Qu'est-ce qui vous arrangerait")
	s.write("UPDATE sessions SET status = 'cancelled', cancelled_at = ? WHERE id = ?", sqlite.Time(testNow), session)
	b.get(r.path() + "/agenda.ics").want(404)
}

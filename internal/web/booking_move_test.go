package web

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/booking"
	"github.com/lesbricodeurs/ateliersdada/internal/words/wordstest"
)

// A family changes the session in one step: the page names the sessions of the same workshop that have room for all its
// children, with their price; what it has stays its own until then (issue 6, point 4).
func TestMovePage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 4)
	small, large := s.edition(session, "2026-05-16", 1), s.edition(session, "2026-05-23", 2)
	mine := s.booked(session, "zoe@exemple.fr", booking.Wishes{}, "Zoé", "Łukasz")
	b := s.browser()
	b.get(mine).want(200, "Changer de séance")
	page := b.get(mine+"/autre-seance").want(200, "pour Zoé et Łukasz", "samedi 23 mai 2026", "Il reste 2 places", "28 €")
	page.wantNot("samedi 16 mai 2026")

	// No GET moves anything, and a session without room moves nobody.
	b.get(mine).want(200, "samedi 9 mai 2026")
	b.post(page.path, page.fill("", values("session", idText(small)))).want(409, "Il n'y a plus assez de places", "samedi 23 mai 2026")
	sent := page.fill("", values("session", idText(large)))
	b.post(page.path, sent).want(200, "C'est réservé pour Zoé et Łukasz", "samedi 23 mai 2026")
	// Sent twice it is done once (I4).
	b.post(page.path, sent).want(200, "samedi 23 mai 2026")
	b.get(mine).want(200, "samedi 23 mai 2026", "28 €")
	if page.path != mine+"/autre-seance" {
		t.Errorf("the booking moved from %s to %s", mine, page.path)
	}
	s.clock.Set(time.Date(2026, 5, 23, 12, 0, 0, 0, time.UTC))
	b.get(mine+"/autre-seance").want(410, "Il n'y a plus rien à changer ici")
}

// Under 48 hours before the start the page asks why, without insisting, and never for a text; staff see the fact
// (issue 6, point 4; UX-P15).
func TestLateCancellation(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 3)
	early, late, silent := s.booked(session, "a@exemple.fr", booking.Wishes{}, "Zoé"), s.booked(session, "b@exemple.fr", booking.Wishes{}, "Łukasz"),
		s.booked(session, "c@exemple.fr", booking.Wishes{}, "李")
	b := s.browser()
	page := b.get(early + "/annuler").want(200)
	page.wantNot("Qu'est-ce qui vous empêche")
	b.post(page.path, page.fill("", values("reason", "distance"))).want(200, "Cette inscription est annulée")

	s.clock.Set(time.Date(2026, 5, 8, 12, 0, 0, 0, time.UTC))
	page = b.get(late+"/annuler").want(200, "Qu'est-ce qui vous empêche de venir ? (facultatif)", "Un imprévu", "C'est trop loin")
	b.post(page.path, page.fill("", values("reason", "otite"))).want(422)
	page = b.get(late + "/annuler")
	b.post(page.path, page.fill("", values("reason", "unforeseen"))).want(200, "Cette inscription est annulée")
	page = b.get(silent + "/annuler")
	b.post(page.path, page.fill("", nil)).want(200, "Cette inscription est annulée")

	list, err := s.web.Bookings.SessionBookings(t.Context(), account.Command(), session)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"", "Annulée moins de 48 heures avant. Raison donnée : « Un imprévu ».", "Annulée moins de 48 heures avant."} {
		if got := joinSentences(s.web.bookingStory(list.Bookings[i])); wordstest.Plain(got) != want {
			t.Errorf("staff read %q, want %q", got, want)
		}
	}
}

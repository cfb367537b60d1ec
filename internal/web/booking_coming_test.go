package web

import (
	"strings"
	"testing"
	"time"
)

// TestStillComing: the page of the reminder asks, one button says yes, the other leads to giving the seat back; a GET says
// nothing (UX-P14, SEC-15).
func TestStillComing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	id := s.session("Robotique", 12)
	b := s.browser()
	page := toCheck(b, idText(id), zoe)
	booked := b.post(page.path, page.fill("", nil)).want(200, "C'est réservé")
	ask := booked.path + "/toujours-partants"
	page = b.get(ask).want(200, "Toujours partants ?", "Zoé a sa place", "Oui, nous venons", "Non, nous ne venons pas")
	if page.Find(`main a[href="`+booked.path+`/annuler"]`).Length() != 1 {
		t.Error("no way to give the seat back")
	}
	if n := s.count("SELECT count(*) FROM booking_groups WHERE coming_at IS NOT NULL"); n != 0 {
		t.Error("opening the page said yes")
	}
	form := page.fill("/toujours-partants", nil)
	for range 2 {
		said := b.post(ask, form).want(200, "Vous avez confirmé que vous venez")
		if said.path != booked.path {
			t.Errorf("path = %s", said.path)
		}
	}
	b.get(ask).want(200, "Vous avez confirmé que vous venez", "Non, nous ne venons pas").wantNot("Oui, nous venons")
	b.get(strings.Replace(ask, "ADA-", "ADA-x", 1)).want(404)
	s.clock.Set(s.clock.Now().Add(21 * 24 * time.Hour))
	b.get(ask).want(410, "Cette question ne se pose plus")
}

package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
)

// choosing makes session 1, whose families choose what they pay.
func choosing(s *site) {
	s.sessionOf(catalog.Workshop{Title: "Robotique", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 12, PriceCents: 1000,
			Pricing: catalog.Pricing{Way: catalog.Chosen, MinCents: 200, Steps: []int{500, 1000, 1400}}})
}

// TestChooseWhatYouPay: what is suggested is ticked, an amount of one's own is kept where it is wrong, and the page of the booking
// and its mail say what was chosen (issue 7, point 3).
func TestChooseWhatYouPay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	choosing(s)
	b := s.browser()
	b.get("/seances").want(200, "Tarif au choix, dès 2 €")
	b.get("/en/seances").want(200, "Pay what you choose, from €2.00")
	b.get("/seances/1").want(200, "5 €, 10 € ou 14 € par enfant", "à partir de 2 €", "personne ne demande de justificatif")
	page := toCheck(b, "1", zoe, ali)
	if got, _ := page.Find("input[name=tariff][checked]").Attr("value"); got != "1000" {
		t.Errorf("%q is ticked, want what is suggested", got)
	}
	for typed, says := range map[string]string{"1": "sous le minimum", "": "Écrivez un prix de 0", "beaucoup": "Écrivez un prix de 0"} {
		wrong := b.post(page.path, page.fill("", values("tariff", "other", "tariff_other", typed))).want(422, says)
		if got, _ := wrong.Find("input[name=tariff_other]").Attr("value"); got != typed {
			t.Errorf("%q was typed and %q is there", typed, got)
		}
	}
	page = b.post(page.path, page.fill("", values("tariff", "other", "tariff_other", "8,50"))).want(200, "17 €", "Changer de tarif")
	change := b.get(page.path+"/tarif").want(200, "Votre tarif")
	if got, _ := change.Find("input[name=tariff_other]").Attr("value"); got != "8,50" {
		t.Errorf("%q is there to be changed, want 8,50", got)
	}
	b.post(change.path, change.fill("", values("tariff", "500"))).want(200, "10 €, à régler sur place")
	if n := s.count("SELECT count(*) FROM booking_groups WHERE seat_cents = 500"); n != 1 {
		t.Errorf("%d bookings at 5 €, want 1", n)
	}
	change = b.get(change.path)
	b.post(change.path, change.fill("", values("tariff", ""))).want(422, "Écrivez un prix de 0")
}

// TestSeriesPrice: a session that is sold with its series says so wherever it tells a price.
func TestSeriesPrice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.sessionOf(catalog.Workshop{Title: "Robotique", Discipline: "robotique", MinAge: 6, MaxAge: 12, Capacity: 12, DurationMinutes: 120},
		catalog.SessionRequest{Date: "2026-05-09", Starts: "14:00", Ends: "16:00", Capacity: 12, PriceCents: 5000,
			Pricing: catalog.Pricing{Way: catalog.PerSeries}, NewSeries: "Quatre samedis"})
	b := s.browser()
	b.get("/seances").want(200, "50 € le cycle")
	b.get("/seances/1").want(200, "50 € par enfant pour tout le cycle")
	page := toCheck(b, "1", zoe, ali).want(200, "100 € pour tout le cycle et pour 2 enfants, une seule fois")
	if page.Find("input[name=tariff]").Length() != 0 {
		t.Error("there is something to choose")
	}
	b.post(page.path, page.fill("", nil)).want(200, "100 € pour tout le cycle")
}

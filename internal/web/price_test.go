package web

import (
	"net/url"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/booking"
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
	s.clock.Set(time.Date(2026, 5, 9, 15, 0, 0, 0, time.UTC))
	b.get(change.path).want(410, "le tarif ne change plus ici")
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

// TestSeriesPriceOfSeveralSessions: a child pays for the series wherever there is a seat in it, also where the session that was
// looked at has too few.
func TestSeriesPriceOfSeveralSessions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.back(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	full, narrow, wide, wider := s.edition(session, "2026-05-16", 1), s.edition(session, "2026-05-23", 1), s.edition(session, "2026-05-30", 6), s.edition(session, "2026-06-06", 6)
	s.booked(full, "autre@exemple.fr", booking.Wishes{}, "李")
	s.sql(`INSERT INTO series (id, title, price_cents, created_at) VALUES (7, 'Les samedis', 5000, '2026-05-01T08:00:00Z')`)
	s.sql(`UPDATE sessions SET series_id = 7, pricing = 'series' WHERE id IN (?, ?, ?, ?)`, full, narrow, wide, wider)
	for _, tt := range []struct {
		first int64
		also  []string
		says  string
	}{
		{full, []string{idText(wide), idText(wider)}, "100 € pour 2 séances, à régler sur place"},
		{narrow, []string{idText(wide)}, "100 € pour 2 séances, à régler sur place"},
		{wide, []string{idText(full), idText(wider)}, "100 € pour 2 séances, à régler sur place"},
		{full, []string{idText(narrow)}, "Si vos places se libèrent : 100 € pour tout le cycle"},
	} {
		page := b.get("/inscription/" + idText(tt.first))
		b.post(page.path, page.fill("", url.Values{"enfant": s.ownChildren("zoe@exemple.fr"), "seance": tt.also})).want(200, "Vérifiez", tt.says)
	}
}

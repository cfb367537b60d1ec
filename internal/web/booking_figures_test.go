package web

import "testing"

// UX-A8: a family says whether it lives in a priority district, of which map, and whether it looked its address up; the address
// itself is asked for nowhere.
func TestFiguresSayHowADistrictIsKnown(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	session := s.session("Robotique", 6)
	b := s.browser()
	page := toCheck(b, idText(session), zoe, ali)
	done := b.post(page.path, page.fill("", nil)).want(200)
	form := b.get(done.path+"/chiffres").want(200, "sig.ville.gouv.fr", "Nous ne gardons pas votre adresse", "J'ai cherché mon adresse")
	if form.Find(`input[autocomplete="street-address"]`).Length() != 0 {
		t.Error("an address is asked for")
	}
	b.post(form.path, form.fill("", values("qpv_1", "yes", "qpv_how_1", "looked_up", "qpv_2", "no", "postal_code_2", "69001"))).want(200)
	for query, want := range map[string]int{
		`SELECT count(*) FROM children WHERE qpv = 'yes' AND qpv_zoning = 2024 AND qpv_method = 'looked_up'`: 1,
		`SELECT count(*) FROM children WHERE qpv = 'no' AND qpv_zoning = 2024 AND qpv_method = 'declared'`:   1,
	} {
		if n := s.count(query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	b.post(form.path, b.get(form.path).fill("", values("qpv_1", "unknown", "qpv_how_1", "looked_up"))).want(200)
	if n := s.count(`SELECT count(*) FROM children WHERE qpv = 'unknown' AND qpv_zoning IS NULL AND qpv_method IS NULL`); n != 1 {
		t.Errorf("%d children whose district is not known, want 1", n)
	}
}

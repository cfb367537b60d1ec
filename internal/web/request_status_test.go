package web

import (
	"testing"
)

func TestRequestPage(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	r := s.request(nil)
	b := s.browser()
	b.get(r.path()).want(200, "École élémentaire Marie-Curie", "Découvrir les robots", r.reference, "Reçue", "Demande reçue")
	b.get("/demandes/" + r.reference + "/" + madeUp).want(404).wantNot("Marie-Curie")
}

package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

// The demand that was never met stands on the page of a session that is over, and in the figures of its period; it is
// still there when the family is erased.
func TestDemand(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 1)
	h.book(id, "Camille D'Artagnan", "camille@exemple.fr", "06 00 00 00 01", "Zoé D'Artagnan-N'Guyen")
	unmet := h.book(id, "Łukasz Żak", "lukasz@exemple.fr", "06 00 00 00 02", "محمد Nguyễn", "李 Nguyễn")
	desk := h.member(account.Communication)
	desk.get("/equipe/seances/1").wants(200).hides("Restés sans place")
	desk.get("/equipe/bilan/groupes").wants(200).says("Séances tout public : demande non satisfaite", "Aucune séance terminée de cette période n'a eu de liste d'attente.")

	v, err := h.web.Catalog.Session(t.Context(), id)
	h.must(err)
	h.clock.Set(v.EndsAt.AddDate(0, 0, 2))
	desk = h.member(account.Staff) // the other sign-in has had its time
	_, err = h.web.Bookings.RecordLists(t.Context())
	h.must(err)
	for range 2 {
		desk.get("/equipe/seances/1").wants(200).says("Liste d'attente", "2 enfants de 1 famille. Places obtenues : 0. Restés sans place : 2.")
		desk.get("/equipe/bilan/groupes").wants(200).says("2 enfants sur une liste d'attente", "0 place obtenue", "2 enfants restés sans place", "1 famille restée sans place")
		_, err := h.web.Privacy.EraseFamily(t.Context(), account.Command(), h.key(), unmet)
		h.must(err)
	}
	desk.get("/equipe/bilan/groupes?du=2020-01-01&au=2020-12-31").says("Aucune séance terminée de cette période")
}

package web

import (
	"net/http"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/upkeep"
	"github.com/lesbricodeurs/ateliersdada/internal/words"
)

// RGPD-8: the mailed link shows what goes and erases nothing by being opened; the button does, once, and the link says so
// afterwards.
func TestErasurePages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session("Robotique", 1)
	h.book(id, "Camille D'Artagnan", "camille@exemple.fr", "+33 6 12 34 56 78", "Ngọc D'Artagnan-N'Guyen", "Łukasz D'Artagnan")
	me := account.Guardian(1)
	h.must(h.web.Privacy.AskErasure(t.Context(), me, h.key()))
	var token string
	h.scan(&token, `SELECT payload ->> '$.token' FROM outbox WHERE kind = ?`, outbox.ErasureAsked)
	path := ErasurePath(words.French, h.web.Privacy.ErasureLink(token))
	b := h.teamBrowser()
	for range 3 {
		b.get(path).wants(200).says("Tout effacer ?", "Ngọc", "1 inscription à venir est annulée", "Robotique").hides("camille@exemple.fr", "D'Artagnan")
	}
	form := b.get(path).form(path)
	for range 2 {
		b.post(path, form).leadsTo("/effacement/fait")
	}
	b.get("/effacement/fait").wants(200).says("C'est effacé", "Un dernier mail")
	b.get(path).wants(http.StatusGone).says("C'est déjà fait")
	b.get(path + "A").wants(http.StatusNotFound)
	breaches, err := upkeep.Verify(t.Context(), h.db)
	if err != nil || len(breaches) != 0 {
		t.Errorf("%v, %v", breaches, err)
	}
}

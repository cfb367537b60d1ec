package web

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
)

func TestRequestAtTheDesk(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.request(nil)
	h.write(`INSERT INTO request_events (request_id, at, by, kind, text) VALUES (?, '2026-05-04T12:00:00Z', 'team', 'note', 'Rappeler lundi')`, r.id)
	path := DeskRequestPath(r.id)
	for _, role := range []account.Role{account.Staff, account.Communication} {
		h.member(role).get(path).wants(200).says("École élémentaire Marie-Curie", r.reference, "Rappeler lundi")
	}
	h.member(account.Facilitator).get(path).wants(403).hides("Marie-Curie")
}

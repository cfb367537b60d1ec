package booking

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
)

// TestBookingRefusesPrivateSessions: a session of a group takes no bookings, and is changed with its request alone.
func TestBookingRefusesPrivateSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(12)
	h.private(session)
	_, err := h.Book(t.Context(), account.Guest(), newKey(), request(session, "zoe@exemple.fr", "Zoé"))
	if fault.KindOf(err) != fault.NotFound {
		t.Errorf("booking: %v", err)
	}
	if err := h.CancelSession(t.Context(), account.Command(), newKey(), session, ""); !fault.Is(err, fault.Conflict, "catalog.session.is_private") {
		t.Errorf("cancelling: %v", err)
	}
	edit := h.edition(10)
	if err := h.EditSession(t.Context(), account.Command(), newKey(), session, edit); !fault.Is(err, fault.Conflict, "catalog.session.is_private") {
		t.Errorf("editing: %v", err)
	}
	if n := h.count(`SELECT count(*) FROM bookings`) + h.count(`SELECT count(*) FROM sessions WHERE status <> ? OR capacity <> 12`, string(catalog.Published)); n != 0 {
		t.Error("a refusal changed something")
	}
}

// private makes a session that of a group request.
func (h *house) private(session int64) {
	h.t.Helper()
	h.exec(`INSERT INTO organisations (id, kind, name, address, postcode, city, created_at)
		VALUES (1, 'school', 'École Łucja', '1 rue Neuve', '69001', 'Lyon', '2026-05-04T12:00:00Z')`)
	h.exec(`INSERT INTO group_requests (id, reference, organisation_id, contact_name, contact_role, contact_email, contact_phone, wish, level, children,
		adults, place, funding, state, state_since, created_at, updated_at) VALUES (1, 'GRP-22222222', 1, 'Zoé', '', 'zoe@example.org', '', 'x', 'CM1',
		24, 1, 'theirs', 'own', 'proposed', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z', '2026-05-04T12:00:00Z')`)
	h.exec(`UPDATE sessions SET request_id = 1 WHERE id = ?`, session)
}

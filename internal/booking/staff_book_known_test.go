package booking

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Domain, Waiting list 9 and Family data 5: booked by the team for the record that it has, a child stays one; the other guardian learns of the booking and of what was
// said about health, and nobody books children of another family, nor one twice.
func TestBookKnown(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, children := h.signedIn(h.session(4), "kanarienvogel@exemple.fr", "Zoé")
	anh := h.shareChildren(h.text(`SELECT reference FROM booking_groups`), "Ánh Nguyễn", "anh@exemple.fr")
	h.exec(`UPDATE guardians SET proved_at = ?2 WHERE id = ?1`, anh, sqlite.Time(monday))
	h.exec(`UPDATE children SET health_state = 'to_ask', health_text = ''`)
	next := h.nextSaturday(4)
	guardian := int64(h.count(`SELECT min(guardian_id) FROM guardianships WHERE guardian_id <> ?`, anh))
	before := h.count(`SELECT count(*) FROM children`)
	zoe := KnownChild{ID: children[0].ID, New: family.NewChild{Health: family.Health{State: family.HealthDescribed, Text: "Pollen"}}}
	req := KnownRequest{SessionID: next, GuardianID: guardian, Children: []KnownChild{zoe, {New: child("Łukasz", "Żółć-Nguyễn")}}}

	for _, actor := range []account.Actor{account.Guest(), account.Guardian(guardian)} {
		_, err := h.BookKnown(t.Context(), actor, newKey(), req, "")
		wantFault(t, err, fault.Forbidden, "error.forbidden")
	}
	strange := req
	strange.Children = []KnownChild{{ID: 987654}}
	_, err := h.BookKnown(t.Context(), staff, newKey(), strange, "")
	wantFault(t, err, fault.NotFound, "error.not_found")
	strange.Children = []KnownChild{zoe, zoe}
	_, err = h.BookKnown(t.Context(), staff, newKey(), strange, "")
	wantFault(t, err, fault.Conflict, "booking.child_twice")

	key := newKey()
	reference := ""
	for range 2 {
		reference, err = h.BookKnown(t.Context(), staff, key, req, "")
		h.must(err)
	}
	h.wantSeats(reference, "confirmed", "confirmed")
	h.wantLetters(reference, outbox.BookingConfirmed)
	if g := h.group(reference); g.guardianID != guardian {
		t.Errorf("it is a booking of guardian %d, want %d", g.guardianID, guardian)
	}
	if n := h.count(`SELECT count(*) FROM children`); n != before+1 {
		t.Errorf("%d children, there were %d", n, before)
	}
	told := h.text(`SELECT group_concat(payload ->> '$.what' || ' ' || (payload ->> '$.children'), ', ' ORDER BY id) FROM outbox WHERE guardian_id = ? AND kind = ?`, anh, outbox.ChildChanged)
	if told != `health ["Zoé"], booked ["Zoé"]` {
		t.Errorf("the other guardian learns %s", told)
	}
	if text := h.text(`SELECT health_text FROM children WHERE id = ?`, zoe.ID); text != "Pollen" {
		t.Errorf("of health it knows %q", text)
	}
	if lines := h.text(`SELECT group_concat(details) FROM audit WHERE actor = ? AND action IN ('booking.book', 'family.revise_child')`, staff.String()); strings.Contains(lines, "Pollen") || !strings.Contains(lines, reference) {
		t.Errorf("the audit has %s", lines)
	}
	_, err = h.BookKnown(t.Context(), staff, newKey(), req, "")
	wantFault(t, err, fault.Conflict, "booking.child_known")
	h.wantSound()
}

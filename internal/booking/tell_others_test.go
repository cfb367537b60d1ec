package booking

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// Domain, Family data 5: who shares children learns that they were booked, moved, given up, and that the other guardian is gone,
// by one mail each, which says nothing of that guardian; a guest's booking tells nobody.
func TestTheOtherGuardianLearnsOfBookings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.session(4)
	actor, children := h.signedIn(first, "kanarienvogel@exemple.fr", "Zoé", "Łukasz")
	anh := h.shareChildren(h.text(`SELECT reference FROM booking_groups`), "Ánh Nguyễn", "anh@exemple.fr")
	h.exec(`UPDATE guardians SET proved_at = ?2, language = 'en' WHERE id = ?1`, anh, sqlite.Time(monday))
	h.exec(`UPDATE guardians SET name = 'Kanarienvogel' WHERE id = ?`, actor.ID)
	seen := 0
	wants := func(after string, want ...string) {
		t.Helper()
		got := h.text(`SELECT coalesce(group_concat(payload ->> '$.what' || ' ' || (payload ->> '$.children') || ' ' || coalesce(payload ->> '$.session.starts_at', '-'), ', ' ORDER BY id), '')
			FROM outbox WHERE guardian_id = ?1 AND kind = ?2 AND recipient = 'anh@exemple.fr' AND language = 'en' AND id > ?3`, anh, outbox.ChildChanged, seen)
		if got != strings.Join(want, ", ") {
			t.Errorf("after %s she learns %q, want %q", after, got, want)
		}
		seen = h.count(`SELECT max(id) FROM outbox`)
		if n := h.count(`SELECT count(*) FROM outbox WHERE guardian_id = ?1 AND lower(payload) LIKE '%kanari%'`, anh); n != 0 {
			t.Errorf("after %s: a mail says who the other guardian is", after)
		}
	}
	const saturday, next, later = " 2027-05-08T12:00:00Z", " 2027-05-15T12:00:00Z", " 2027-05-22T12:00:00Z"
	full, free := h.nextSaturday(1), h.published(heldOn(h.edition(4), "2027-05-22", "14:00", "16:00"))

	r := own(children, full)
	r.Sessions[0].IfFull = Split
	booked, err := h.BookOwn(t.Context(), actor, newKey(), r)
	h.must(err)
	wants("a booking", `booked ["Zoé"]`+next, `waiting ["Łukasz"]`+next)
	key := newKey()
	for range 2 {
		h.must(h.Move(t.Context(), actor, key, h.mailed(booked[0]), free))
	}
	wants("a move", `moved ["Zoé","Łukasz"]`+later)
	var lukasz int64
	for _, c := range h.group(booked[0]).Children {
		if c.FirstName == "Łukasz" {
			lukasz = c.BookingID
		}
	}
	for range 2 {
		h.must(h.cancel(booked[0], lukasz))
	}
	wants("a cancellation", `cancelled ["Łukasz"]`+later)
	h.book(request(free, "guest@exemple.fr", "李"))
	wants("the booking of a guest")
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
	h.must(h.erase(booked[0]))
	wants("the erasure of who booked", `cancelled ["Zoé","Łukasz"]`+saturday, `cancelled ["Zoé"]`+later, `left ["Zoé","Łukasz"] -`)
	if n := h.count(`SELECT count(*) FROM outbox WHERE guardian_id = ?1 AND recipient = ''`, anh); n != 0 {
		t.Errorf("%d mails to who stays are gone", n)
	}
	h.wantSound()
}

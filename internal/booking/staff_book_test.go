package booking

import (
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// bookFor books by phone with a form of its own.
func (h *house) bookFor(r Request, reason string) (string, error) {
	h.t.Helper()
	return h.BookFor(h.t.Context(), staff, newKey(), r, reason)
}

// aged is a child of so many years on the day of the session.
func aged(first string, years int) family.NewChild {
	c := child(first, "Żółć-Nguyễn")
	c.BirthDate = time.Date(2027-years, 5, 1, 0, 0, 0, 0, time.UTC)
	return c
}

// wantReason fails the test unless err asks for a reason with these words.
func wantReason(t *testing.T, err error, key string) {
	t.Helper()
	if f, ok := fault.As(err); !ok || f.Kind != fault.Invalid || f.Fields["reason"].Key != key {
		t.Fatalf("error = %v, want a message %s beside the reason", err, key)
	}
}

func (h *house) overrides(reference string) int {
	h.t.Helper()
	return h.count(`SELECT count(*) FROM bookings b JOIN booking_groups g ON g.id = b.group_id
		WHERE g.reference = ? AND b.override_by = 99 AND b.override_reason <> ''`, reference)
}

// Waiting list 9: the team books for a family without e-mail, which then gets no message; with one it gets the usual mail.
func TestBookByPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session(2)
	by, err := h.bookFor(request(id, "", "李"), "")
	if err != nil {
		t.Fatal(err)
	}
	h.wantSeats(by, "confirmed")
	if n := len(h.letters(by)); n != 0 {
		t.Errorf("%d messages to a family without e-mail", n)
	}
	if h.count("SELECT created_by FROM booking_groups WHERE reference = ?", by) != 99 || h.overrides(by) != 0 {
		t.Error("the booking does not know who made it, or calls it beyond the rules")
	}
	with, err := h.bookFor(request(id, "zoe@exemple.fr", "Zoé"), "unneeded")
	if err != nil {
		t.Fatal(err)
	}
	h.wantLetters(with, outbox.BookingConfirmed)
	if h.overrides(with) != 0 {
		t.Error("a reason that was not needed is kept")
	}

	// The same child again is told, whoever books it.
	_, err = h.bookFor(request(id, "", "李"), "")
	wantFault(t, err, fault.Conflict, "booking.child_known")
	_, err = h.BookFor(t.Context(), account.Actor{Kind: account.KindUser, ID: 98, Role: account.Communication}, newKey(), request(id, "", "Ali"), "")
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	// Nobody is put on the list, or beyond the capacity, silently.
	_, err = h.bookFor(request(id, "", "Ali"), "parce que")
	wantFault(t, err, fault.Conflict, "booking.full")
	waiting, err := h.bookFor(joining(id, "", "Ali"), "")
	if err != nil {
		t.Fatal(err)
	}
	h.wantSeats(waiting, "waiting")
}

// Sent twice it is done once.
func TestBookByPhoneOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id, key := h.session(2), newKey()
	first, err := h.BookFor(t.Context(), staff, key, request(id, "", "Łukasz"), "")
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.BookFor(t.Context(), staff, key, request(id, "", "Łukasz"), "")
	if err != nil || again != first {
		t.Errorf("the second sending gives %s, %v", again, err)
	}
}

// Capacity 1: one more than there are seats has a reason and a name, in the booking and in the audit (I1); the seats that
// were open need none.
func TestBookOverCapacity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session(1)
	r := request(id, "", "Zoé", "Élie")
	r.IfFull = Over
	_, err := h.bookFor(r, "")
	wantReason(t, err, "booking.give_reason")
	reference, err := h.bookFor(r, "La salle est grande")
	if err != nil {
		t.Fatal(err)
	}
	h.wantSeats(reference, "confirmed", "confirmed")
	if n := h.overrides(reference); n != 1 {
		t.Errorf("%d of the two are beyond the rules, want 1", n)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.override' AND actor = 'user:99' AND details ->> '$.seats' = 1
		AND details ->> '$.capacity' = 1`); n != 1 {
		t.Errorf("the audit has %d lines about it", n)
	}
	if h.count("SELECT count(*) FROM audit WHERE details LIKE '%grande%'") != 0 {
		t.Error("the audit holds the reason, which may name somebody")
	}
	_, err = h.BookFor(t.Context(), account.Command(), newKey(), Request{SessionID: id, Guardian: guardian("Ali", ""),
		Children: []family.NewChild{child("محمد", "علي")}, IfFull: Over}, "parce que")
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	// A guest who sends the choice of the team is asked as anybody.
	guest := request(id, "ali@exemple.fr", "Ali")
	guest.IfFull = Over
	_, err = h.Book(t.Context(), account.Guest(), newKey(), guest)
	wantFault(t, err, fault.Conflict, "booking.full")
}

// A seat that belongs to who waits needs a reason too, though it is free.
func TestBookPastTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session(1)
	seated := h.book(request(id, "a@exemple.fr", "Aoife"))
	h.book(joining(id, "b@exemple.fr", "Björn"))
	h.clock.Set(time.Date(2027, 5, 8, 10, 0, 0, 0, time.UTC)) // two hours before: no offer any more
	if err := h.cancel(seated); err != nil {
		t.Fatal(err)
	}
	r := request(id, "", "Zoé")
	r.IfFull = Over
	_, err := h.bookFor(r, "")
	wantReason(t, err, "booking.give_reason")
	reference, err := h.bookFor(r, "Personne ne répond")
	if err != nil || h.overrides(reference) != 1 {
		t.Errorf("%v, %d overrides", err, h.overrides(reference))
	}
}

// Capacity 6: outside the ages with a reason, on the list as well; the others of the family need none.
func TestBookOutOfAge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session(2)
	r := request(id, "", "Zoé")
	r.Children = append(r.Children, aged("Élie", 5))
	_, err := h.bookFor(r, "")
	wantReason(t, err, "booking.age_reason")
	reference, err := h.bookFor(r, "Vient avec sa sœur")
	if err != nil || h.overrides(reference) != 1 {
		t.Fatalf("%v, %d overrides", err, h.overrides(reference))
	}
	r = joining(id, "")
	r.Children = []family.NewChild{aged("Ánh", 13)}
	waiting, err := h.bookFor(r, "Déjà venue trois fois")
	if err != nil {
		t.Fatal(err)
	}
	h.wantSeats(waiting, "waiting")
	if h.overrides(waiting) != 1 {
		t.Error("why a child outside the ages waits is not known")
	}
}

// The team books before the opening instant and after the closing one, not after the start.
func TestBookOutOfHours(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.edition(12)
	r.OpensDate, r.OpensHour, r.ClosesDate, r.ClosesHour = "2027-05-05", "10:00", "2027-05-07", "18:00"
	id := h.published(r)
	for first, at := range map[string]time.Time{"Zoé": monday, "Élie": time.Date(2027, 5, 8, 11, 59, 0, 0, time.UTC)} {
		h.clock.Set(at)
		if _, err := h.Book(t.Context(), account.Guest(), newKey(), request(id, "a@exemple.fr", first)); err == nil {
			t.Errorf("a guest books at %v", at)
		}
		if _, err := h.bookFor(request(id, "", first), ""); err != nil {
			t.Errorf("the team cannot book at %v: %v", at, err)
		}
	}
	h.clock.Set(time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC))
	_, err := h.bookFor(request(id, "", "Ali"), "")
	wantFault(t, err, fault.Gone, "booking.session_past")
}

// Nobody new joins a closed list by phone either; one more seat is still the team's to give.
func TestBookByPhoneWithClosedList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.session(1)
	h.book(request(id, "a@exemple.fr", "Aoife"))
	if err := h.catalog.CloseList(t.Context(), staff, newKey(), id, true); err != nil {
		t.Fatal(err)
	}
	_, err := h.bookFor(joining(id, "", "Zoé"), "")
	wantFault(t, err, fault.Conflict, "booking.list_closed")
	r := request(id, "", "Zoé")
	r.IfFull = Over
	if _, err := h.bookFor(r, "La salle est grande"); err != nil {
		t.Error(err)
	}
}

// Family data 6: the address of a known family attaches nothing to it.
func TestBookByPhoneForKnownAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.book(request(h.session(4), "zoe@exemple.fr", "Zoé"))
	if err := h.Prove(t.Context(), newKey(), h.mailed(first)); err != nil {
		t.Fatal(err)
	}
	r := h.edition(4)
	r.Date = "2027-05-15"
	if _, err := h.bookFor(request(h.published(r), "zoe@exemple.fr", "Zoé"), ""); err != nil {
		t.Fatal(err)
	}
	if n := h.count("SELECT count(*) FROM guardians"); n != 2 {
		t.Errorf("%d guardians, want 2 until the mailbox is proved", n)
	}
}

package booking

import (
	"strings"
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/family"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// signedIn books a first time as a guest with these children, proves the mailbox, and returns the guardian and the children.
func (h *house) signedIn(session int64, email string, firsts ...string) (account.Actor, []OwnChild) {
	h.t.Helper()
	reference := h.book(request(session, email, firsts...))
	h.must(h.Prove(h.t.Context(), newKey(), h.mailed(reference)))
	g := h.group(reference)
	var children []OwnChild
	for _, c := range g.Children {
		children = append(children, OwnChild{ID: c.ChildID, New: child(c.FirstName, c.LastName), HealthKnown: true})
	}
	return account.Guardian(g.guardianID), children
}

func own(children []OwnChild, sessions ...int64) OwnRequest {
	r := OwnRequest{Guardian: guardian("Nguyễn", ""), Children: children}
	for _, id := range sessions {
		r.Sessions = append(r.Sessions, OwnSession{SessionID: id})
	}
	return r
}

// A guardian who is signed in books their own children: no row of a guest is made, what was answered anew is kept with the
// family, and the same form is done once (UX-P3, I4).
func TestBookOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	actor, children := h.signedIn(h.session(5), "zoe@exemple.fr", "Zoé", "Łukasz")
	to, key := h.nextSaturday(5), newKey()
	r := own(children, to)
	r.Guardian.Phone = "07 00 00 00 00"
	r.Children[1].HealthKnown, r.Children[1].New.Health = false, family.Health{State: family.HealthDescribed, Text: "arachides"}
	r.Children[1].New.LeavesAlone = true
	r.Children = append(r.Children, OwnChild{New: child("李", "Nguyễn")})
	first, err := h.BookOwn(t.Context(), actor, key, r)
	h.must(err)
	again, err := h.BookOwn(t.Context(), actor, key, r)
	h.must(err)
	if len(first) != 1 || !equalLists(again, first) {
		t.Fatalf("booked as %v, then %v", first, again)
	}
	h.wantSeats(first[0], "confirmed", "confirmed", "confirmed")
	h.wantLetters(first[0], outbox.BookingConfirmed)
	for what, n := range map[string]int{
		`SELECT count(*) FROM guardians WHERE phone = '07 00 00 00 00'`: 1, `SELECT count(*) FROM guardians`: 1, `SELECT count(*) FROM children`: 3,
		`SELECT count(*) FROM children WHERE health_text = 'arachides' AND first_name = 'Łukasz'`:              1,
		`SELECT count(*) FROM consents WHERE purpose = 'health'`:                                               1,
		`SELECT count(*) FROM consents WHERE purpose = 'leave_alone' AND answer = 'yes'`:                       1,
		`SELECT count(*) FROM consents WHERE purpose = 'image'`:                                                3,
		`SELECT count(*) FROM bookings b JOIN booking_groups g ON g.id = b.group_id WHERE b.guest_key IS NULL`: 0,
	} {
		if got := h.count(what); got != n {
			t.Errorf("%s = %d, want %d", what, got, n)
		}
	}

	// What is described once more is written below what is known: the box was empty (domain, Family data 2).
	more := own(children, h.published(heldOn(h.edition(5), "2027-06-05", "14:00", "16:00")))
	more.Children[1].HealthKnown, more.Children[1].New.Health = false, family.Health{State: family.HealthDescribed, Text: "asthme"}
	_, err = h.BookOwn(t.Context(), actor, newKey(), more)
	h.must(err)
	if got := h.text(`SELECT health_text FROM children WHERE first_name = 'Łukasz'`); got != "arachides\nasthme" {
		t.Errorf("health = %q", got)
	}

	// Who is there already leads to the first booking, and a guest with the same address learns nothing (I3, UX-P17).
	there, err := h.BookOwn(t.Context(), actor, newKey(), own(children, to))
	h.must(err)
	if !equalLists(there, first) {
		t.Errorf("booked once more as %v", there)
	}
	guest, err := h.Book(t.Context(), account.Guest(), newKey(), request(to, "zoe@exemple.fr", "Zoé"))
	if h.must(err); guest != Repeated {
		t.Errorf("a guest booked the same child as %s", guest)
	}
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
}

// Several sessions are booked in one transaction: where one has too few seats and nobody said what then, none is.
func TestBookOwnSeveral(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	actor, children := h.signedIn(h.session(5), "zoe@exemple.fr", "Zoé", "Łukasz")
	free, full := h.nextSaturday(2), h.published(heldOn(h.edition(1), "2027-05-22", "14:00", "16:00"))
	before := h.count(`SELECT count(*) FROM bookings`)
	_, err := h.BookOwn(t.Context(), actor, newKey(), own(children, free, full))
	wantFault(t, err, fault.Conflict, "booking.some_places")
	if n := h.count(`SELECT count(*) FROM bookings`); n != before {
		t.Errorf("%d bookings of a request that was refused", n-before)
	}
	r := own(children, free, full)
	r.Sessions[1].IfFull = Wait
	references, err := h.BookOwn(t.Context(), actor, newKey(), r)
	h.must(err)
	if len(references) != 2 {
		t.Fatalf("booked as %v", references)
	}
	h.wantSeats(references[0], "confirmed", "confirmed")
	// One message tells both (I9); that a seat of the second is offered is a message of its own.
	told := h.wantLetters(references[0], outbox.BookingsConfirmed)
	if len(told.Others) != 1 || told.Others[0].Reference != references[1] || !equalLists(told.Others[0].Waiting, []string{"Zoé", "Łukasz"}) {
		t.Errorf("it is told: %+v", told)
	}
	h.wantLetters(references[1], outbox.SeatOffered)
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
	h.wantSound()
	h.exec(`UPDATE outbox SET payload = json_remove(payload, '$.others[0]') WHERE kind = ?`, outbox.BookingsConfirmed)
	if got := h.breaches(nil); len(got) != 1 || !strings.HasPrefix(got[0], "I9 ") {
		t.Errorf("a booking that nobody was told of: %v", got)
	}
}

// Nobody books children of others.
func TestBookOwnOfOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(5)
	_, theirs := h.signedIn(session, "li@exemple.fr", "李")
	actor, _ := h.signedIn(session, "zoe@exemple.fr", "Zoé")
	to := h.nextSaturday(5)
	_, err := h.BookOwn(t.Context(), actor, newKey(), own(theirs, to))
	wantFault(t, err, fault.NotFound, "error.not_found")
	_, err = h.BookOwn(t.Context(), account.Guest(), newKey(), own(theirs, to))
	wantFault(t, err, fault.Forbidden, "error.forbidden")
	reference := h.text(`SELECT reference FROM booking_groups ORDER BY id LIMIT 1`)
	for _, link := range []Link{OwnLink(actor, reference), OwnLink(account.Guest(), reference), {Reference: reference, Signature: OwnSignature}} {
		_, err = h.Find(t.Context(), link)
		wantFault(t, err, fault.NotFound, "error.not_found")
	}
	there, err := h.OwnThere(t.Context(), actor, session)
	h.must(err)
	if len(there) != 1 || there[0].Status != "confirmed" || there[0].Link == (Link{}) {
		t.Errorf("of theirs there is %+v", there)
	}
}

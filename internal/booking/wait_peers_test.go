package booking

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// What ticketing programs test of their waiting lists, and where families met their faults (issue 4).

// TestJoiningWhilePlacesExist is a booking like any other: nobody waits for what is there.
func TestJoiningWhilePlacesExist(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	r := together(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	r.Unasked = true
	family := h.book(r)
	h.wantSeats(family, "confirmed", "confirmed")
	h.wantLetters(family, outbox.BookingConfirmed)
	if g := h.group(family); g.Together || g.Unasked || g.Rank() != 0 {
		t.Errorf("who has seats waits for none: %+v", g)
	}
	if n := h.count(`SELECT count(*) FROM offers`); n != 0 {
		t.Errorf("%d offers of seats that were there", n)
	}
}

// TestSameChildOnTheListTwice leads to the first place; a sibling under the same address has one of their own.
func TestSameChildOnTheListTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	if again := h.book(joining(session, "Zoe@Exemple.fr", "Zoé")); again != Repeated {
		t.Errorf("the same child again: %s", again)
	}
	h.wantLetters(first, outbox.WaitingJoined, outbox.BookingRepeated)
	sibling := h.book(joining(session, "zoe@exemple.fr", "Łukasz"))
	if rank := h.group(sibling).Rank(); rank != 2 {
		t.Errorf("the sibling is %d. on the list, want 2.", rank)
	}
	both := h.book(joining(session, "zoe@exemple.fr", "Zoé", "李")) // one of them waits already
	h.wantSeats(both, "waiting")
	h.must(h.cancel(taken[0]))
	if again := h.book(joining(session, "zoe@exemple.fr", "Zoé")); again != Repeated { // with an offer as well
		t.Errorf("the same child again: %s", again)
	}
	h.wantSeats(first, "offered")
	if n := h.count(`SELECT count(*) FROM bookings WHERE session_id = ? AND status IN ('waiting', 'offered')`, session); n != 3 {
		t.Errorf("%d children on the list, want 3", n)
	}
}

// TestFreedAtOnceForSiblings: seats freed at the same instant make as many offers as families of two can use: with those
// who want both or none an odd one is left over for nobody else.
func TestFreedAtOnceForSiblings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(7)
	for i := range 5 {
		h.book(together(session, fmt.Sprintf("paire.%d@exemple.fr", i), "Zoé", "Łukasz"))
	}
	h.atOnce(len(taken), func(i int) error { return h.cancel(taken[i]) })
	if n := h.count(`SELECT count(*) FROM offers WHERE outcome IS NULL`); n != 6 {
		t.Errorf("%d offers for 7 seats and pairs, want 6", n)
	}
	if _, open, err := h.Available(t.Context(), session); err != nil || open != 1 {
		t.Errorf("%d seats are open, %v; want the one that no pair can use", open, err)
	}
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
}

// atOnce does n things at the same instant; each may fail the test.
func (h *house) atOnce(n int, do func(i int) error) {
	h.t.Helper()
	start := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			<-start
			if err := do(i); err != nil {
				h.t.Errorf("%d: %v", i, err)
			}
		})
	}
	close(start)
	all.Wait()
}

// TestGivenAtOnceByTelephone: too late for mails, ten of the team give the freed seats by phone, each to who is first when
// they look. Nobody is given what another gave, and nobody is passed over.
func TestGivenAtOnceByTelephone(t *testing.T) {
	t.Parallel()
	const seats, waiting, team = 6, 20, 10
	h := newHouse(t)
	session, taken := h.full(seats)
	var list []string
	for i := range waiting {
		list = append(list, h.book(joining(session, fmt.Sprintf("liste.%d@exemple.fr", i), "Zoé")))
	}
	h.clock.Set(time.Date(2027, 5, 8, 8, 0, 0, 0, time.UTC)) // two hours until the last deadline
	for _, reference := range taken {
		h.must(h.cancel(reference))
	}
	h.atOnce(team, func(i int) error {
		for _, reference := range list {
			err := h.Give(t.Context(), staff, newKey(), reference, nil, "")
			if err != nil && fault.KindOf(err) != fault.Invalid && !fault.Is(err, fault.Conflict, "booking.give_nobody") {
				return err
			}
		}
		return nil
	})
	for i, reference := range list {
		h.wantSeats(reference, map[bool]string{true: "confirmed", false: "waiting"}[i < seats])
	}
	if n := h.count(`SELECT count(*) FROM offers WHERE outcome = 'given' AND reason = ''`); n != seats {
		t.Errorf("%d seats were given, want %d", n, seats)
	}
	for _, breach := range h.breaches(nil) {
		t.Error(breach)
	}
}

// TestPastSessionNeverOffers, whatever frees a seat, and whenever the worker finds time (Waiting list 7).
func TestPastSessionNeverOffers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken[0]))
	h.wantSeats(first, "offered")
	h.clock.Set(time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC)) // it begins
	wantFault(t, h.accept(first), fault.Gone, "booking.offer_over")
	if n, err := h.ExpireOffers(t.Context()); n != 1 || err != nil {
		t.Errorf("%d expired, %v; want 1", n, err)
	}
	h.wantSeats(second, "waiting")
	wantFault(t, h.SetWishes(t.Context(), account.Guest(), newKey(), h.screen(second), Wishes{Unasked: true}), fault.Gone, "booking.wishes_late")
	_, err := h.Book(t.Context(), account.Guest(), newKey(), joining(session, "nouveau@exemple.fr", "محمد"))
	wantFault(t, err, fault.Gone, "booking.session_past")
	wantFault(t, h.cancel(second), fault.Gone, "booking.cancel_late")
	h.clock.Set(over)
	wantFault(t, h.Give(t.Context(), staff, newKey(), second, nil, "Il restait une chaise"), fault.Gone, "booking.give_late")
	if n := h.count(`SELECT count(*) FROM offers`); n != 1 {
		t.Errorf("%d offers, want the first alone", n)
	}
}

// TestCancelledSessionNeverOffers to who comes later either.
func TestCancelledSessionNeverOffers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, _ := h.full(1)
	waiting := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.CancelSession(t.Context(), staff, newKey(), session, "Grève"))
	_, err := h.Book(t.Context(), account.Guest(), newKey(), joining(session, "li@exemple.fr", "李"))
	wantFault(t, err, fault.Gone, "booking.session_cancelled")
	_, err = h.join(waiting, session, Wishes{})
	wantFault(t, err, fault.Gone, "booking.session_cancelled")
	wantFault(t, h.Give(t.Context(), staff, newKey(), waiting, nil, "Quand même"), fault.Gone, "booking.give_late")
	if n := h.count(`SELECT count(*) FROM offers`); n != 0 {
		t.Errorf("%d offers", n)
	}
}

// TestAgesChangedAfterJoining: who was let onto the list stays, is offered a seat and may take it; newcomers and second
// choices of that age are not let in any more.
func TestAgesChangedAfterJoining(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	later := h.published(h.later(1))
	waiting := h.book(joining(session, "zoe@exemple.fr", "Zoé")) // nine years old
	workshop, err := h.catalog.Workshop(t.Context(), h.workshop)
	h.must(err)
	workshop.MinAge, workshop.MaxAge = 10, 12
	h.must(h.catalog.EditWorkshop(t.Context(), staff, newKey(), workshop, ""))
	h.must(h.cancel(taken[0]))
	h.wantSeats(waiting, "offered")
	h.must(h.accept(waiting))
	h.wantSeats(waiting, "confirmed")

	_, err = h.Book(t.Context(), account.Guest(), newKey(), joining(session, "li@exemple.fr", "李"))
	wantFault(t, err, fault.Conflict, "booking.out_of_age")
	h.must(h.cancel(waiting))
	_, err = h.join(waiting, session, Wishes{})
	wantFault(t, err, fault.Conflict, "booking.out_of_age")
	if choices, err := h.SecondChoices(t.Context(), h.screen(waiting)); err != nil || len(choices) != 0 {
		t.Errorf("choices %v, %v of session %d", choices, err, later)
	}
}

// TestMovedEarlierShortensOffers to two hours before the new start; moved later they keep what they were told.
func TestMovedEarlierShortensOffers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(taken[0]))
	moved := func(date string) { h.must(h.edit(session, func(_ *int, d *string) { *d = date })) }
	moved("2027-05-15")
	if got := h.group(first).OfferUntil(); !got.Equal(firstDeadline) {
		t.Errorf("moved later, the offer lives until %v, want %v", got, firstDeadline)
	}
	moved("2027-05-04") // tomorrow at 14 h
	noon := time.Date(2027, 5, 4, 10, 0, 0, 0, time.UTC)
	if got := h.group(first).OfferUntil(); !got.Equal(noon) {
		t.Errorf("moved earlier, the offer lives until %v, want %v", got, noon)
	}
	last := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.SessionMoved, outbox.SessionMoved)
	if last.OfferUntil != sqlite.Time(noon) {
		t.Errorf("the letter says until %s", last.OfferUntil)
	}
	moved("2027-05-03") // today at 14 h, and it is ten: less than three hours are left
	h.wantSeats(first, "waiting")
	h.wantOutcomes(first, "withdrawn")
	if n := h.count(`SELECT unanswered_offers FROM bookings WHERE status = 'waiting'`); n != 0 {
		t.Errorf("%d offers count as unanswered", n)
	}
	moved("2027-05-15") // and back: there is time again
	h.wantSeats(first, "offered")
}

// TestWorkersAtOnce: several workers after hours of downtime end an offer once, and pass its seat on once.
func TestWorkersAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.edition(1)
	r.Date = "2027-05-29"
	session := h.published(r)
	taken := h.book(request(session, "premiere@exemple.fr", "Nguyễn"))
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken))
	work := func(int) error {
		_, err := h.ExpireOffers(t.Context())
		return err
	}
	h.clock.Set(firstDeadline.Add(5 * time.Hour))
	h.atOnce(8, work)
	h.wantSeats(first, "offered") // three more waking hours, once
	h.clock.Set(firstDeadline.Add(8 * time.Hour))
	h.atOnce(8, work)
	h.wantSeats(first, "waiting")
	h.wantSeats(second, "offered")
	h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferSoon, outbox.OfferExpired)
	h.wantLetters(second, outbox.WaitingJoined, outbox.SeatOffered)
}

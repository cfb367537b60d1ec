package booking

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
	"github.com/lesbricodeurs/ateliersdada/internal/sqlite"
)

// full publishes a session whose seats are all taken, each by a family of its own, and returns their references.
func (h *house) full(capacity int) (session int64, taken []string) {
	h.t.Helper()
	session = h.session(capacity)
	for i := range capacity {
		taken = append(taken, h.book(request(session, fmt.Sprintf("premiere.%d@exemple.fr", i), "Nguyễn")))
	}
	return session, taken
}

// must fails the test for an error.
func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// firstDeadline is that of an offer made on Monday at ten: two days later, in waking hours.
var firstDeadline = monday.Add(48 * time.Hour)

// TestFreedSeatIsOffered: the first of the list gets the seat with a deadline, and while anyone waits a newcomer
// cannot take it (domain, Capacity 3; Waiting list 1, 2).
func TestFreedSeatIsOffered(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	before := h.db.Changes()
	h.must(h.cancel(taken[0]))
	if n := h.db.Changes() - before; n != 1 {
		t.Errorf("cancelling and offering took %d commits, want 1", n)
	}
	h.wantSeats(taken[0], "cancelled")
	h.wantSeats(first, "offered")
	h.wantSeats(second, "waiting")
	mail := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered)
	if !slices.Equal(mail.Offered, []string{"Zoé"}) || mail.OfferUntil != sqlite.Time(firstDeadline) {
		t.Errorf("letter = %+v, want an offer until %v", mail, firstDeadline)
	}
	if got := h.group(first).OfferUntil(); !got.Equal(firstDeadline) {
		t.Errorf("deadline = %v, want %v", got, firstDeadline)
	}
	if got := h.group(second).Rank(); got != 1 {
		t.Errorf("the second is %d. on the list, want 1.", got)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.offer' AND actor = 'system' AND details ->> '$.reference' = ?`, first); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	_, err := h.Book(t.Context(), account.Guest(), newKey(), request(session, "nouveau@exemple.fr", "محمد"))
	wantFault(t, err, fault.Conflict, "booking.full")

	h.must(h.cancel(taken[1]))
	h.wantSeats(second, "offered")
	late := h.book(joining(session, "nouveau@exemple.fr", "محمد"))
	h.wantSeats(late, "waiting")
}

// TestNewcomerBehindCallList: too late for an offer by mail, a freed seat still belongs to who waits: the team calls.
func TestNewcomerBehindCallList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	waiting := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.clock.Set(time.Date(2027, 5, 8, 7, 30, 0, 0, time.UTC)) // 9 h 30: two hours and a half until the last deadline
	h.must(h.cancel(taken[0]))
	h.wantSeats(waiting, "waiting")
	if _, open, err := h.Available(t.Context(), session); err != nil || open != 0 {
		t.Errorf("open = %d, %v; want 0", open, err)
	}
	_, err := h.Book(t.Context(), account.Guest(), newKey(), request(session, "nouveau@exemple.fr", "李"))
	wantFault(t, err, fault.Conflict, "booking.full")
}

// TestSeatNobodyCanUse: one seat is open to everybody while all who wait want two together, who keep their rank
// (domain, Capacity 3; Waiting list 4).
func TestSeatNobodyCanUse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(3)
	pair := h.book(together(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	h.wantSeats(pair, "waiting", "waiting")
	if _, open, err := h.Available(t.Context(), session); err != nil || open != 1 {
		t.Errorf("open = %d, %v; want 1", open, err)
	}
	newcomer := h.book(request(session, "li@exemple.fr", "李"))
	h.wantSeats(newcomer, "confirmed")
	if got := h.group(pair).Rank(); got != 1 {
		t.Errorf("rank = %d, want 1", got)
	}
	h.must(h.cancel(taken[1]))
	h.wantSeats(pair, "waiting", "waiting")
	h.must(h.cancel(taken[2]))
	h.wantSeats(pair, "offered", "offered")
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.SeatOffered); n != 1 {
		t.Errorf("%d offers were mailed, want one for both seats", n)
	}
	h.must(h.accept(pair))
	h.wantSeats(pair, "confirmed", "confirmed")
}

// TestSiblingLeavesTheList: when two wait together for one free seat and one of them leaves, the seat fits and is offered.
func TestSiblingLeavesTheList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	pair := h.book(together(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	h.must(h.cancel(pair, h.group(pair).Children[0].BookingID))
	h.wantSeats(pair, "cancelled", "offered")
	mail := h.wantLetters(pair, outbox.WaitingJoined, outbox.WaitingLeft, outbox.SeatOffered)
	if !slices.Equal(mail.Offered, []string{"Łukasz"}) {
		t.Errorf("letter = %+v", mail)
	}
}

// TestRankDecreases: the rank is counted, and falls when somebody ahead leaves (UX-P16, I7).
func TestRankDecreases(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, _ := h.full(1)
	var list []string
	for i, first := range []string{"Zoé", "李", "محمد", "Łukasz"} {
		list = append(list, h.book(joining(session, fmt.Sprintf("famille.%d@exemple.fr", i), first)))
	}
	wantRanks := func(want ...int) {
		t.Helper()
		for i, reference := range list {
			if got := h.group(reference).Rank(); got != want[i] {
				t.Errorf("rank of the family %d = %d, want %d", i, got, want[i])
			}
		}
	}
	wantRanks(1, 2, 3, 4)
	h.must(h.cancel(list[1]))
	wantRanks(1, 0, 2, 3)
	h.must(h.cancel(list[0]))
	wantRanks(0, 0, 1, 2)
	h.wantLetters(list[0], outbox.WaitingJoined, outbox.WaitingLeft)
}

// TestAcceptTwice gives one seat and one mail (domain, Waiting list 6).
func TestAcceptTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(taken[0]))
	h.must(h.accept(first))
	h.must(h.accept(first))
	h.wantSeats(first, "confirmed")
	mail := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.BookingConfirmed)
	if !slices.Equal(mail.Confirmed, []string{"Zoé"}) || mail.PriceCents != 1400 || mail.OfferUntil != "" {
		t.Errorf("letter = %+v", mail)
	}
	if n := h.count(`SELECT count(*) FROM bookings WHERE session_id = ? AND status IN ('confirmed', 'offered')`, session); n != 1 {
		t.Errorf("%d seats taken, want 1", n)
	}
	h.wantOutcomes(first, "accepted")
}

// TestAcceptAgainAfterOneSiblingGaveUp: the second click still leads to the seat that is left.
func TestAcceptAgainAfterOneSiblingGaveUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	pair := h.book(together(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	h.must(h.cancel(taken[1]))
	h.must(h.accept(pair))
	children := h.group(pair).Children
	h.must(h.cancel(pair, children[1].BookingID))
	h.must(h.accept(pair))
	h.wantSeats(pair, "confirmed", "cancelled")
	h.must(h.cancel(pair, children[0].BookingID))
	wantFault(t, h.accept(pair), fault.Gone, "booking.offer_over")
}

// wantOutcomes fails the test unless the offers ever made to a booking ended so, oldest first; "live" has not ended.
func (h *house) wantOutcomes(reference string, outcomes ...string) {
	h.t.Helper()
	var got []string
	h.read(func(tx *sqlite.Tx) error {
		rows, err := tx.Query(`SELECT coalesce(outcome, 'live') FROM offers o JOIN bookings b ON b.id = o.booking_id
			JOIN booking_groups g ON g.id = b.group_id WHERE g.reference = ? ORDER BY o.id`, reference)
		if err != nil {
			return err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			got = append(got, s)
		}
		return rows.Err()
	})
	if !slices.Equal(got, outcomes) {
		h.t.Errorf("%s: offers are %v, want %v", reference, got, outcomes)
	}
}

// TestAcceptTooLate: an offer that is over is said to be over, also to a family with another child who has a seat.
func TestAcceptTooLate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	other := h.book(request(session, "autre@exemple.fr", "Nguyễn"))
	r := request(session, "zoe@exemple.fr", "Zoé", "Łukasz")
	r.IfFull = Split
	family := h.book(r)
	next := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(other))
	h.wantSeats(family, "confirmed", "offered")
	if n := h.expire(firstDeadline); n != 1 {
		t.Fatalf("%d families lost an offer, want 1", n)
	}
	h.wantSeats(family, "confirmed", "waiting")
	wantFault(t, h.accept(family), fault.Gone, "booking.offer_over")
	h.wantSeats(next, "offered")

	h.must(h.decline(next))
	wantFault(t, h.accept(next), fault.Gone, "booking.offer_over")
	h.wantSeats(family, "confirmed", "offered")
	h.must(h.accept(family))
	h.must(h.accept(family))
	h.wantSeats(family, "confirmed", "confirmed")

	h.clock.Set(time.Date(2027, 5, 8, 12, 0, 0, 0, time.UTC))
	wantFault(t, h.accept(next), fault.Gone, "booking.offer_over")
}

// TestDeclinePassesOn: declining leaves the list and the seat goes to the next in the same commit (Waiting list 5).
func TestDeclinePassesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken[0]))
	h.must(h.decline(first))
	h.wantSeats(first, "declined")
	h.wantSeats(second, "offered")
	mail := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.WaitingLeft)
	if !slices.Equal(mail.Cancelled, []string{"Zoé"}) || len(mail.Offered) != 0 || mail.OfferUntil != "" {
		t.Errorf("letter = %+v", mail)
	}
	h.wantOutcomes(first, "declined")
	h.must(h.decline(first))
	h.wantSeats(second, "offered")
	h.wantOutcomes(second, "live")
}

// TestDeclinePassesToASibling: who declines for one child while another of the same booking is next knows so before, and the
// message about the one says what the other has (Waiting list 1, 4 and 5).
func TestDeclinePassesToASibling(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	family := h.book(joining(session, "zoe@exemple.fr", "Zoé", "李", "محمد"))
	h.must(h.cancel(taken[0]))
	if g := h.group(family); !slices.Equal(g.PassesTo, []string{"李"}) || g.Given {
		t.Errorf("the seat would pass to %v, given: %t", g.PassesTo, g.Given)
	}
	h.must(h.decline(family))
	h.wantSeats(family, "declined", "offered", "waiting")
	h.wantLetters(family, outbox.WaitingJoined, outbox.SeatOffered, outbox.WaitingLeft, outbox.SeatOffered)
	if m := h.letters(family)[2]; !slices.Equal(m.Cancelled, []string{"Zoé"}) || !slices.Equal(m.Offered, []string{"李"}) || m.OfferUntil != "" ||
		!slices.Equal(m.Waiting, []string{"محمد"}) || m.Rank != 1 || len(m.Given) != 0 {
		t.Errorf("letter = %+v", m)
	}

	// Who asked not to be asked, while one offer was on its way, has the next seat at once.
	h.must(h.SetWishes(t.Context(), account.Guest(), newKey(), h.screen(family), Wishes{Unasked: true}))
	if g := h.group(family); !slices.Equal(g.PassesTo, []string{"محمد"}) || !g.Given {
		t.Errorf("the seat would pass to %v, given: %t", g.PassesTo, g.Given)
	}
	h.must(h.decline(family))
	h.wantSeats(family, "declined", "declined", "confirmed")
	h.wantLetters(family, outbox.WaitingJoined, outbox.SeatOffered, outbox.WaitingLeft, outbox.SeatOffered, outbox.WaitingLeft, outbox.SeatGiven)
	if m := h.letters(family)[4]; !slices.Equal(m.Given, []string{"محمد"}) || len(m.Offered)+len(m.Waiting) != 0 {
		t.Errorf("letter = %+v", m)
	}

	// A family before them, which had wanted both its seats or none, is next once any seat will do for it.
	session, taken = h.full(1)
	before := h.book(together(session, "li@exemple.fr", "Anh", "Nguyễn"))
	family = h.book(joining(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	if g := h.group(family); !slices.Equal(g.PassesTo, []string{"Łukasz"}) {
		t.Errorf("the seat would pass to %v", g.PassesTo)
	}
	h.must(h.SetWishes(t.Context(), account.Guest(), newKey(), h.screen(before), Wishes{}))
	if g := h.group(family); len(g.PassesTo) != 0 {
		t.Errorf("the seat would pass to %v, and others come first", g.PassesTo)
	}
	h.must(h.decline(family))
	h.wantSeats(before, "offered", "waiting")
	if m := h.letters(family)[2]; len(m.Offered) != 0 || !slices.Equal(m.Waiting, []string{"Łukasz"}) {
		t.Errorf("letter = %+v", m)
	}
}

// TestExpireOnceAndTwice: the first unanswered offer keeps the rank and passes the seat on; the second leaves the
// list; both are told (Waiting list 5).
func TestExpireOnceAndTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	r := h.edition(1)
	r.Date = "2027-05-29"
	session := h.published(r)
	taken := h.book(request(session, "premiere@exemple.fr", "Nguyễn"))
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken))

	h.clock.Set(firstDeadline.Add(-time.Second))
	if n, err := h.ExpireOffers(t.Context()); n != 0 || err != nil {
		t.Fatalf("a second before the deadline %d expired, %v", n, err)
	}
	if n := h.expire(firstDeadline); n != 1 {
		t.Fatalf("%d expired, want 1", n)
	}
	h.wantSeats(first, "waiting")
	h.wantSeats(second, "offered")
	if got := h.group(first).Rank(); got != 1 {
		t.Errorf("rank = %d, want 1: it is kept", got)
	}
	if mail := h.letters(first)[1]; len(mail.Last) != 0 {
		t.Errorf("the first offer says that it is the last of %v", mail.Last)
	}
	mail := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferExpired)
	if !mail.RankKept || mail.Rank != 1 || !slices.Equal(mail.Offered, []string{"Zoé"}) || mail.OfferUntil != "" {
		t.Errorf("letter = %+v", mail)
	}
	if n, err := h.ExpireOffers(t.Context()); n != 0 || err != nil {
		t.Errorf("running again: %d expired, %v", n, err)
	}

	// The second does not answer either: the first, who kept the rank, is asked once more, then is off the list.
	until := h.group(second).OfferUntil()
	h.expire(until)
	h.wantSeats(first, "offered")
	h.wantSeats(second, "waiting")
	if mail := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferExpired, outbox.SeatOffered); !slices.Equal(mail.Last, []string{"Zoé"}) {
		t.Errorf("the last offer says that it is the last of %v", mail.Last)
	}
	h.clock.Set(usual.lastWaking(h.group(first).OfferUntil().Add(-soonBefore)))
	if n, err := h.RemindOffers(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d told that the last offer ends soon, %v", n, err)
	}
	if mail := h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferExpired, outbox.SeatOffered, outbox.OfferSoon); !slices.Equal(mail.Last, []string{"Zoé"}) {
		t.Errorf("that it ends soon says that it is the last of %v", mail.Last)
	}
	h.expire(h.group(first).OfferUntil())
	h.wantSeats(first, "lapsed")
	h.wantSeats(second, "offered")
	mail = h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferExpired, outbox.SeatOffered, outbox.OfferSoon, outbox.OfferExpired)
	if mail.RankKept || mail.Rank != 0 || !slices.Equal(mail.Offered, []string{"Zoé"}) {
		t.Errorf("letter = %+v", mail)
	}
	h.wantOutcomes(first, "expired", "expired")
}

// TestOffersOfOneFamilyEndApart: two seats offered to one family on two days each keep their own deadline.
func TestOffersOfOneFamilyEndApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	family := h.book(joining(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	h.clock.Advance(26 * time.Hour)
	h.must(h.cancel(taken[1]))
	second := firstDeadline.Add(26 * time.Hour)
	mail := h.wantLetters(family, outbox.WaitingJoined, outbox.SeatOffered, outbox.SeatOffered)
	if !slices.Equal(mail.Offered, []string{"Łukasz"}) || mail.OfferUntil != sqlite.Time(second) {
		t.Errorf("second letter = %+v, want Łukasz until %v", mail, second)
	}
	h.expire(firstDeadline)
	// Nobody else waits, so the seat comes back to Zoé, with a new deadline; Łukasz keeps his.
	h.wantSeats(family, "offered", "offered")
	g := h.group(family)
	if !g.Children[1].OfferUntil.Equal(second) || !g.Children[0].OfferUntil.After(second) || !g.OfferUntil().Equal(second) {
		t.Errorf("offers until %v and %v, the first of them %v", g.Children[0].OfferUntil, g.Children[1].OfferUntil, g.OfferUntil())
	}
	letters := h.letters(family)
	if expired := letters[3]; expired.kind != outbox.OfferExpired || !slices.Equal(expired.Offered, []string{"Zoé"}) || !expired.RankKept {
		t.Errorf("letter = %+v", expired)
	}
	h.must(h.accept(family))
	h.wantSeats(family, "confirmed", "confirmed")
}

// TestExpireSiblingsDifferently: one child's second unanswered offer ends with the other's first; each is told apart.
func TestExpireSiblingsDifferently(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	family := h.book(joining(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	h.must(h.cancel(taken[0]))
	h.clock.Set(firstDeadline.Add(time.Minute))
	h.must(h.cancel(taken[1])) // Łukasz is offered a minute after Zoé's deadline, before the worker has run
	if n, err := h.ExpireOffers(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d expired, %v", n, err)
	}
	h.wantSeats(family, "offered", "offered")
	h.expire(h.group(family).OfferUntil())
	letters := h.letters(family)
	kept, lost := letters[len(letters)-3], letters[len(letters)-2]
	if !kept.RankKept || !slices.Equal(kept.Offered, []string{"Łukasz"}) || lost.RankKept || !slices.Equal(lost.Offered, []string{"Zoé"}) {
		t.Errorf("letters = %+v,\n%+v", kept, lost)
	}
	h.wantSeats(family, "lapsed", "offered") // nobody else waits for his seat
}

// TestExtensionAfterStop: an offer that ran out while the program was stopped gets three more waking hours (Waiting list 2).
func TestExtensionAfterStop(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(taken[0]))
	h.clock.Set(firstDeadline.Add(time.Hour))
	if n, err := h.ExpireOffers(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d expired, %v; want an extension", n, err)
	}
	h.wantSeats(first, "offered")
	until := firstDeadline.Add(4 * time.Hour)
	if got := h.group(first).OfferUntil(); !got.Equal(until) {
		t.Errorf("deadline = %v, want %v", got, until)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.extend_offer'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	h.wantLetters(first, outbox.WaitingJoined, outbox.SeatOffered, outbox.OfferSoon)
	if n := h.expire(until); n != 1 {
		t.Errorf("%d expired at the new deadline, want 1", n)
	}

	// Never past two hours before the start.
	h.must(h.accept(first))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(first))
	h.wantSeats(second, "offered")
	h.clock.Set(time.Date(2027, 5, 8, 11, 0, 0, 0, time.UTC))
	if n, err := h.ExpireOffers(t.Context()); n != 1 || err != nil {
		t.Errorf("an hour before the start %d expired, %v; want 1", n, err)
	}
}

// A deadline that passed while mails were paused is extended, however often they were let go since.
func TestExtensionAfterPausedMails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	mine := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	h.must(h.cancel(taken[0]))
	h.clock.Set(firstDeadline.Add(time.Minute))
	for range 2 {
		h.exec(`INSERT INTO audit (at, actor, action, record, details) VALUES (?, 'user:99', 'outbox.resume', 'outbox', '{}')`, sqlite.Time(firstDeadline.Add(time.Second)))
	}
	if n, err := h.ExpireOffers(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d expired, %v; want an extension", n, err)
	}
	h.wantSeats(mine, "offered")
}

// TestCancelAccepted: cancelling an accepted offer passes the seat on (Waiting list 7).
func TestCancelAccepted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(1)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	third := h.book(joining(session, "mohammed@exemple.fr", "محمد"))
	h.must(h.cancel(taken[0]))
	h.must(h.accept(first))
	h.must(h.cancel(first))
	h.wantSeats(first, "cancelled")
	h.wantSeats(second, "offered")
	h.must(h.cancel(second)) // a live offer too
	h.wantSeats(second, "cancelled")
	h.wantOutcomes(second, "declined")
	h.wantSeats(third, "offered")
	wantFault(t, h.accept(second), fault.Gone, "booking.offer_over")
}

// TestCancelTwice frees one seat, mails once, and gives the same answer (I8, UX-P15).
func TestCancelTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	first := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	second := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken[0]))
	h.must(h.cancel(taken[0]))
	h.must(h.cancel(taken[0], h.group(taken[0]).Children[0].BookingID))
	h.wantSeats(first, "offered")
	h.wantSeats(second, "waiting")
	mail := h.wantLetters(taken[0], outbox.BookingConfirmed, outbox.BookingCancelled)
	if !slices.Equal(mail.Cancelled, []string{"Nguyễn"}) || len(mail.Confirmed) != 0 || mail.PriceCents != 0 {
		t.Errorf("letter = %+v", mail)
	}
	if n := h.count(`SELECT count(*) FROM audit WHERE action = 'booking.cancel'`); n != 1 {
		t.Errorf("%d audit lines, want 1", n)
	}
	if n := h.count(`SELECT ical_sequence FROM bookings WHERE status = 'cancelled'`); n != 1 {
		t.Errorf("iCalendar sequence = %d, want 1", n)
	}
}

// TestCancelOneSibling leaves the other's seat alone.
func TestCancelOneSibling(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	family := h.book(request(session, "zoe@exemple.fr", "Zoé", "Łukasz"))
	waiting := h.book(joining(session, "li@exemple.fr", "李"))
	children := h.group(family).Children
	h.must(h.cancel(family, children[0].BookingID))
	h.wantSeats(family, "cancelled", "confirmed")
	if got := h.group(family); got.Children[0].CancelledBy != "family" || got.PriceCents() != 1400 {
		t.Errorf("booking = %+v", got)
	}
	h.wantSeats(waiting, "offered")
	mail := h.wantLetters(family, outbox.BookingConfirmed, outbox.BookingCancelled)
	if !slices.Equal(mail.Cancelled, []string{"Zoé"}) || !slices.Equal(mail.Confirmed, []string{"Łukasz"}) {
		t.Errorf("letter = %+v", mail)
	}
	foreign := h.group(waiting).Children[0].BookingID
	wantFault(t, h.cancel(family, children[1].BookingID, foreign), fault.Conflict, "booking.cancel_unknown")
	h.wantSeats(family, "cancelled", "confirmed")
	h.wantSeats(waiting, "offered")
}

// TestCancelAfterStart is refused; what was cancelled before still gives the same answer.
func TestCancelAfterStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	early := h.book(request(session, "zoe@exemple.fr", "Zoé"))
	late := h.book(request(session, "li@exemple.fr", "李"))
	h.clock.Set(time.Date(2027, 5, 8, 11, 59, 59, 0, time.UTC))
	h.must(h.cancel(early))
	h.clock.Advance(time.Second)
	wantFault(t, h.cancel(late), fault.Gone, "booking.cancel_late")
	h.wantSeats(late, "confirmed")
	h.must(h.cancel(early))
}

// edit changes a session as staff do.
func (h *house) edit(session int64, change func(capacity *int, date *string)) error {
	r := h.edition(0)
	r.Capacity = h.count(`SELECT capacity FROM sessions WHERE id = ?`, session)
	change(&r.Capacity, &r.Date)
	return h.EditSession(h.t.Context(), staff, newKey(), session, r)
}

// TestCapacity: raising it offers seats in the order of the list; fewer than the seats taken is refused with
// their number (domain, Capacity 5; UX-A5).
func TestCapacity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, _ := h.full(2)
	var list []string
	for i, first := range []string{"Zoé", "李", "محمد"} {
		list = append(list, h.book(joining(session, fmt.Sprintf("famille.%d@exemple.fr", i), first)))
	}
	h.must(h.edit(session, func(capacity *int, _ *string) { *capacity = 4 }))
	h.wantSeats(list[0], "offered")
	h.wantSeats(list[1], "offered")
	h.wantSeats(list[2], "waiting")

	err := h.edit(session, func(capacity *int, _ *string) { *capacity = 3 })
	f, ok := fault.As(err)
	if !ok || f.Kind != fault.Invalid || f.Fields["capacity"].Key != "catalog.session.capacity_taken" || fmt.Sprint(f.Fields["capacity"].Args) != "[4]" {
		t.Fatalf("error = %v, want the 4 seats taken", err)
	}
	if n := h.count(`SELECT capacity FROM sessions WHERE id = ?`, session); n != 4 {
		t.Errorf("capacity = %d, want 4", n)
	}
	h.wantSeats(list[1], "offered")
	h.must(h.decline(list[0]))
	h.must(h.decline(list[1]))
	h.must(h.edit(session, func(capacity *int, _ *string) { *capacity = 3 }))
	h.wantSeats(list[2], "offered")
}

// TestEditForbidden: only staff change a session or cancel it.
func TestEditForbidden(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.session(2)
	facilitator := account.Actor{Kind: account.KindUser, ID: 7, Role: account.Facilitator}
	if err := h.EditSession(t.Context(), facilitator, newKey(), session, h.edition(3)); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("EditSession = %v", err)
	}
	if err := h.CancelSession(t.Context(), account.Guest(), newKey(), session, ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("CancelSession = %v", err)
	}
}

// TestMovedSession: another day tells every family with a live booking, once each, and nobody else.
func TestMovedSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	h.book(request(h.session(12), "autre@exemple.fr", "Łukasz"))
	waiting := h.book(joining(session, "zoe@exemple.fr", "Zoé", "李"))
	gone := h.book(joining(session, "mohammed@exemple.fr", "محمد"))
	h.must(h.cancel(gone))

	h.must(h.edit(session, func(*int, *string) {}))
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.SessionMoved); n != 0 {
		t.Errorf("nothing moved, but %d letters say so", n)
	}
	h.must(h.edit(session, func(_ *int, date *string) { *date = "2027-05-15" }))
	for _, reference := range append(taken, waiting) {
		letters := h.letters(reference)
		mail := letters[len(letters)-1]
		if mail.kind != outbox.SessionMoved || mail.Session.StartsAt != "2027-05-15T12:00:00Z" || mail.Session.Sequence != 1 || mail.sendAfter != sqlite.Time(monday) {
			t.Errorf("letter = %+v", mail)
		}
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.SessionMoved); n != 3 {
		t.Errorf("%d letters, want 3", n)
	}
}

// TestCancelSession: bookings are kept as cancelled by the organiser, offers withdrawn, families told ten minutes
// later, and nothing is ever offered again (UX-A4; Waiting list 7).
func TestCancelSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session, taken := h.full(2)
	offered := h.book(joining(session, "zoe@exemple.fr", "Zoé"))
	waiting := h.book(joining(session, "li@exemple.fr", "李"))
	h.must(h.cancel(taken[0]))
	h.wantSeats(offered, "offered")

	key := newKey()
	h.must(h.CancelSession(t.Context(), staff, key, session, "Łukasz est malade"))
	h.must(h.CancelSession(t.Context(), staff, key, session, "Łukasz est malade"))
	wantFault(t, h.CancelSession(t.Context(), staff, newKey(), session, ""), fault.Conflict, "catalog.session.is_cancelled")

	later := sqlite.Time(monday.Add(10 * time.Minute))
	for reference, had := range map[string]func(letter) []string{
		taken[1]: func(l letter) []string { return l.Confirmed },
		offered:  func(l letter) []string { return l.Offered },
		waiting:  func(l letter) []string { return l.Waiting },
	} {
		h.wantSeats(reference, "cancelled")
		if by := h.group(reference).Children[0].CancelledBy; by != "organiser" {
			t.Errorf("%s was cancelled by %q", reference, by)
		}
		letters := h.letters(reference)
		mail := letters[len(letters)-1]
		if mail.kind != outbox.SessionCancelled || mail.sendAfter != later || mail.Reason != "Łukasz est malade" || len(had(mail)) != 1 || mail.Session.Sequence != 1 {
			t.Errorf("letter = %+v", mail)
		}
	}
	if by := h.group(taken[0]).Children[0].CancelledBy; by != "family" {
		t.Errorf("what the family had cancelled is now cancelled by %q", by)
	}
	if n := h.count(`SELECT count(*) FROM outbox WHERE kind = ?`, outbox.SessionCancelled); n != 3 {
		t.Errorf("%d letters, want 3", n)
	}
	h.wantOutcomes(offered, "withdrawn")
	wantFault(t, h.accept(offered), fault.Gone, "booking.offer_over")
	h.must(h.cancel(taken[1]))
	if n := h.expire(firstDeadline); n != 0 {
		t.Errorf("%d expired, want none", n)
	}
	if n := h.count(`SELECT count(*) FROM offers`); n != 1 {
		t.Errorf("%d offers, want the one that was withdrawn", n)
	}
}

package booking

import (
	"testing"

	"github.com/lesbricodeurs/ateliersdada/internal/account"
	"github.com/lesbricodeurs/ateliersdada/internal/catalog"
	"github.com/lesbricodeurs/ateliersdada/internal/fault"
	"github.com/lesbricodeurs/ateliersdada/internal/outbox"
)

// choosing publishes a session whose families choose what they pay.
func (h *house) choosing() int64 {
	h.t.Helper()
	r := h.edition(4)
	r.PriceCents, r.Pricing = 1000, catalog.Pricing{Way: catalog.Chosen, MinCents: 200, Steps: []int{500, 1000, 1400}}
	return h.published(r)
}

// A family chooses what it pays as it books, and may change it until it begins (issue 7, point 3).
func TestChooseThePrice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	session := h.choosing()
	r := request(session, "zoe@exemple.fr", "Zoé D'Artagnan", "Łukasz")
	five := 500
	r.SeatCents = &five
	reference := h.book(r)
	if g := h.group(reference); g.PriceCents() != 1000 {
		t.Errorf("two seats at 5 € cost %d", g.PriceCents())
	}
	if told := h.wantLetters(reference, outbox.BookingConfirmed); told.PriceCents != 1000 {
		t.Errorf("the mail says %d", told.PriceCents)
	}
	if g := h.group(h.book(request(session, "li@exemple.fr", "李"))); g.PriceCents() != 1000 {
		t.Errorf("who says nothing pays what is suggested, and here %d", g.PriceCents())
	}
	choose := func(cents int) error {
		return h.Choose(t.Context(), account.Guest(), newKey(), h.screen(reference), cents)
	}
	h.must(choose(820))
	if g := h.group(reference); g.PriceCents() != 1640 {
		t.Errorf("changed to 8,20 € it costs %d", g.PriceCents())
	}
	for _, cents := range []int{199, -1, catalog.MaxPriceCents + 1} {
		if err := choose(cents); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d cents: %v", cents, err)
		}
	}
	fixed := h.book(request(h.nextSaturday(2), "ly@exemple.fr", "Ly"))
	wantFault(t, h.Choose(t.Context(), account.Guest(), newKey(), h.screen(fixed), 0), fault.Conflict, "price.choice.none")
	h.clock.Set(h.group(reference).Session.StartsAt)
	wantFault(t, choose(500), fault.Gone, "price.choice.late")
}

// SEC-22: an amount that is sent where nothing is to be chosen changes nothing, and one below the least is refused.
func TestPriceIsNotForEverybodyToChoose(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nothing := 0
	r := request(h.session(2), "zoe@exemple.fr", "Zoé")
	r.SeatCents = &nothing
	reference := h.book(r)
	if g := h.group(reference); g.PriceCents() != 1400 {
		t.Errorf("it costs %d", g.PriceCents())
	}
	other := request(h.choosing(), "li@exemple.fr", "李")
	other.SeatCents = &nothing
	if _, err := h.Book(t.Context(), account.Guest(), newKey(), other); fault.KindOf(err) != fault.Invalid {
		t.Errorf("below the least: %v", err)
	}
}

// What a family chose to pay holds for its second choice and on its way back, as long as the price is the same.
func TestChosenPriceStaysWithWhoJoins(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.choosing()
	r := h.later(4)
	r.PriceCents, r.Pricing = 1000, catalog.Pricing{Way: catalog.Chosen, MinCents: 200, Steps: []int{500, 1000, 1400}}
	same := h.published(r)
	r.Date, r.Pricing.MinCents, r.Pricing.Steps = "2027-05-22", 600, []int{600, 1000, 1400}
	dearer := h.published(r)
	h.book(request(first, "li@exemple.fr", "李", "Ly", "Anh", "محمد"))
	waits := joining(first, "zoe@exemple.fr", "Zoé D'Artagnan")
	five := 500
	waits.SeatCents = &five
	mine := h.book(waits)
	for session, want := range map[int64]int{same: 500, dearer: 1000} {
		also, err := h.join(mine, session, Wishes{})
		h.must(err)
		if told := h.wantLetters(also, outbox.BookingConfirmed); told.PriceCents != want || h.group(also).PriceCents() != want {
			t.Errorf("the second choice costs %d, its mail says %d, want %d", h.group(also).PriceCents(), told.PriceCents, want)
		}
	}
	h.must(h.cancel(mine))
	back, err := h.join(mine, first, Wishes{})
	h.must(err)
	if g := h.group(back); g.SeatCents() != 500 {
		t.Errorf("back on the list, a seat costs %d, want 500", g.SeatCents())
	}
}
